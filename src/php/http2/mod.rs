//! `Swoole\Http2`: what the HTTP/2 client sends and gets.

pub mod request;
pub mod response;
