//! `Swoole\Coroutine\Http`.

pub mod client;
pub mod client_proxy;
pub mod functions;
pub mod server;
mod streams;
