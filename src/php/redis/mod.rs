//! `Swoole\Redis`.

pub mod server;
