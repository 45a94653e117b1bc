//! Swoole\Database: pools of PDO, mysqli and Redis connections, and proxies that reconnect.

pub mod config;
pub mod detects_lost_connections;
pub mod mysqli_pool;
pub mod mysqli_proxy;
pub mod mysqli_statement_proxy;
pub mod object_proxy;
pub mod pdo_config;
pub mod pdo_pool;
pub mod pdo_proxy;
pub mod pdo_statement_proxy;
mod proxied;
pub mod redis_config;
pub mod redis_pool;
