//! `Swoole\Coroutine\Http`.

pub mod client;
