//! Sans-IO protocols: bytes and time in, events and bytes out. No PHP, no sockets, no clock.
#![forbid(unsafe_code)]

pub mod accept_encoding;
pub mod cookie;
pub mod fastcgi;
pub mod form;
pub mod framing;
pub mod http1;
pub mod http2;
pub mod mime;
pub mod mqtt;
pub mod multipart;
pub mod percent;
pub mod proxy;
pub mod range;
pub mod resp;
pub mod static_file;
pub mod websocket;
