//! Exceptions, warnings, and how a handler tells that it has failed.

use std::any::Any;
use std::ffi::c_int;

use super::sys::{self, zend_class_entry};

/// Why a handler stops early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thrown {
    /// An exception is pending in Zend.
    Exception,
    /// The request has been aborted; the trampoline bails out once all Rust frames are gone.
    Bailout,
}

pub type PhpResult<T = ()> = Result<T, Thrown>;

impl From<coroutine::Aborted> for Thrown {
    fn from(_: coroutine::Aborted) -> Self {
        Thrown::Bailout
    }
}

/// PHP's error levels, as php_error_docref() takes them.
pub const E_ERROR: c_int = 1;
pub const E_WARNING: c_int = 2;
pub const E_DEPRECATED: c_int = 8192;

/// PHP's own exception classes.
#[derive(Clone, Copy, Debug)]
pub enum Builtin {
    Exception = 0,
    Error = 1,
    TypeError = 2,
    ValueError = 3,
    ArgumentCountError = 4,
    RuntimeException = 7,
}

impl Builtin {
    pub fn class(self) -> *mut zend_class_entry {
        // SAFETY: reads a class pointer that PHP set at its start.
        unsafe { sys::swrs_ce_of(self as c_int) }
    }
}

/// Throws `class` with a code; gives the error to return.
pub fn throw(class: *mut zend_class_entry, code: i64, message: &str) -> Thrown {
    // SAFETY: a registered class; the text is copied before the call returns.
    unsafe { sys::swrs_throw(class, code, message.as_ptr(), message.len()) };
    Thrown::Exception
}

pub fn throw_builtin(class: Builtin, message: &str) -> Thrown {
    throw(class.class(), 0, message)
}

/// A PHP message that names the running function: `Warning: Foo::bar(): message`.
///
/// A user's error handler may run inside, and bail out: the caller owns nothing that needs dropping, or
/// calls within [`super::guarded`].
pub fn docref(level: c_int, message: &str) {
    // SAFETY: the text is copied by the formatter.
    unsafe { sys::swrs_warning(level, message.as_ptr(), message.len()) };
}

/// As [`docref`], at warning level.
pub fn warning(message: &str) {
    docref(E_WARNING, message);
}

/// A PHP message without a function's name.
pub fn plain(level: c_int, message: &str) {
    // SAFETY: as above.
    unsafe { sys::swrs_error(level, message.as_ptr(), message.len()) };
}

/// `E_USER_WARNING`
pub const E_USER_WARNING: c_int = 512;

/// A PHP message as if it were raised at a line of a file.
///
/// # Errors
/// What a user's error handler threw; a bailout.
pub fn at(level: c_int, file: &str, line: u32, message: &str) -> PhpResult {
    let (file, length, text, size) = (file.as_ptr(), file.len(), message.as_ptr(), message.len());
    // SAFETY: live texts, which the formatter copies.
    super::guarded(|| unsafe { sys::swrs_error_at(level, file, length, line, text, size) }).result()
}

/// Whether an exception is pending.
#[inline]
pub fn pending() -> bool {
    // SAFETY: reads a global of this thread.
    unsafe { !ext_php_rs::ffi::executor_globals.exception.is_null() }
}

/// Ok, or the exception that a Zend call has left behind.
pub fn check() -> PhpResult {
    if pending() { Err(Thrown::Exception) } else { Ok(()) }
}

/// A panic stopped at a handler's edge becomes a PHP error.
#[cold]
pub fn panicked(payload: Box<dyn Any + Send>) -> Thrown {
    let text = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "unknown".to_owned());
    drop(payload);
    throw_builtin(Builtin::Error, &format!("internal error in swoole: {text}"))
}
