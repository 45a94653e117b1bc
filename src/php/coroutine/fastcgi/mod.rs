//! Swoole\Coroutine\FastCGI.

pub mod client;
pub mod proxy;
