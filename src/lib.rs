//! The Swoole API for PHP.
//!
//! Here is the order in which the module starts and ends, and nothing else.

mod log;
mod php;
mod process;
mod runtime;
mod server;
mod zend;

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
