//! `Swoole\Coroutine\Http`.

pub mod client;
pub mod server;
pub mod client_proxy;
pub mod functions;
mod streams;
