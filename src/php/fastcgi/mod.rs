//! Swoole\FastCGI: requests, responses and their records. (The class itself has constants only.)

pub mod frame_parser;
pub mod http_request;
pub mod http_response;
pub mod message;
pub mod record;
pub mod request;
pub mod response;
