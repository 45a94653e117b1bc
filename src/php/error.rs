//! Errors with Swoole's codes, and the fatal ones.

use crate::zend::Thrown;
use crate::zend::error::throw;

/// "API must be called in the coroutine", as an Error.
pub fn fatal_outside_coroutine() -> Thrown {
    let class = std::ptr::from_ref(crate::zend::registration::ce::error()).cast_mut();
    throw(class, i64::from(super::code::Code::CO_OUT_OF_COROUTINE.0), "API must be called in the coroutine")
}


/// A method was called on an object whose constructor never ran.
pub fn not_constructed(class: &str) -> Thrown {
    throw(std::ptr::from_ref(crate::zend::registration::ce::error()).cast_mut(), 0, &format!("must call constructor of {class} first"))
}
