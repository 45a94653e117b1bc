//! The Swoole API for PHP.
//!
//! Here is the order in which the module starts and ends, and nothing else.

mod php;
mod zend;

fn module_start() -> bool {
    true
}

fn module_end() -> bool {
    true
}

fn request_start() -> bool {
    true
}

fn request_end() -> bool {
    true
}
