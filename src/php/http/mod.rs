//! `Swoole\Http`.

pub mod status;
