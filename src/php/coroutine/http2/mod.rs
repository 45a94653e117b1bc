//! `Swoole\Coroutine\Http2`.

pub mod client;
