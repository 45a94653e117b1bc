//! Errors with Swoole's codes, and the fatal ones.

use std::fmt::Write;

use super::code::Code;
use super::report::Line;
use crate::zend::error::{Builtin, throw, throw_builtin};
use crate::zend::{Call, ObjectExt, Thrown};

/// "API must be called in the coroutine".
pub fn fatal_outside_coroutine() -> Thrown {
    fatal(super::code::Code::CO_OUT_OF_COROUTINE, "API must be called in the coroutine")
}

/// A Swoole\Error as fatal as one that nobody catches: a program that meets it would meet it everywhere.
pub fn fatal(code: super::code::Code, message: &str) -> Thrown {
    let class = crate::zend::registration::ce::error();
    throw(class, i64::from(code.0), message);
    crate::zend::guard::uncaught(crate::zend::Ended::Exception);
    Thrown::Bailout
}

/// A method was called on an object whose constructor never ran.
pub fn not_constructed(_class: &str) -> Thrown {
    let class = crate::zend::registration::ce::error();
    throw(class, i64::from(Code::WRONG_OPERATION.0), "must call constructor first")
}

/// A constructor was called on an object that had its own.
pub fn constructed_twice(call: &Call) -> Thrown {
    let mut text = Line::<128>::default();
    let _ = write!(text, "Constructor of {} can only be called once", call.this().class_name());
    throw_builtin(Builtin::Error, text.text())
}

/// A Swoole\Exception.
pub fn swoole_exception(code: i64, text: &str) -> Thrown {
    throw(crate::zend::registration::ce::exception(), code, text)
}

/// There is not that much shared memory.
pub fn no_memory(error: impl std::fmt::Display) -> Thrown {
    let mut text = Line::<256>::default();
    let _ = write!(text, "unable to allocate memory: {error}");
    swoole_exception(i64::from(Code::MALLOC_FAIL.0), text.text())
}

/// Throws a Swoole\Exception.
pub fn exception(message: &str) -> Thrown {
    throw(crate::zend::registration::ce::exception(), 0, message)
}
