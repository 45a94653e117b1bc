//! `Swoole\Http`.

pub mod compress;
pub mod cookie;
pub mod data;
pub mod files;
pub mod head;
pub mod http2;
pub mod link;
pub mod load;
pub mod names;
pub mod request;
pub mod response;
pub mod server;
pub mod settings;
pub mod socket;
pub mod status;
pub mod stream;
pub mod upgrade;
pub mod upload;
