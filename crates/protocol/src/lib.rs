//! Sans-IO protocols: bytes and time in, events and bytes out. No PHP, no sockets, no clock.
#![forbid(unsafe_code)]

pub mod fastcgi;
pub mod framing;
pub mod http1;
pub mod mqtt;
pub mod proxy;
pub mod resp;
pub mod websocket;
