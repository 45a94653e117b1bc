//! The Swoole API for PHP.
//!
//! Here is the order in which the module starts and ends, and nothing else.

mod log;
mod php;
mod process;
mod runtime;
mod server;
mod zend;

/// What PHP is told of the module: its version, and the rows of `--ri`.
use php::general::{INFO, VERSION_C as VERSION};

fn module_start() -> bool {
    log::start();
    php::lifecycle::module_start()
}

fn module_end() -> bool {
    php::lifecycle::module_end()
}

fn request_start() -> bool {
    php::lifecycle::request_start()
}

fn request_end() -> bool {
    php::lifecycle::request_end()
}
