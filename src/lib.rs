//! The Swoole API for PHP.
