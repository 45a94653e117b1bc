//! Classes of the namespace Swoole\MongoDB.

pub mod client;
