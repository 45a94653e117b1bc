//! Warnings to PHP code, in Swoole's conventions: which error code is left, and when nothing is said.
//!
//! A user's error handler may run inside and bail out: callers own nothing that needs dropping.

use std::ffi::{CStr, c_int};
use std::fmt::{self, Write};

use super::code::{Code, set_last, set_last_errno};
use crate::zend::error::{E_ERROR, docref};
use crate::zend::registration::ini;

/// A misuse that is always told: leaves `PHP_FATAL_ERROR`.
pub fn fatal(level: c_int, message: &str) {
    set_last(Code::PHP_FATAL_ERROR);
    docref(level, message);
}

/// A warning that `swoole.display_errors` silences: leaves `PHP_RUNTIME_NOTICE`.
pub fn notice(level: c_int, message: &str) {
    with_code(level, Code::PHP_RUNTIME_NOTICE, message);
}

/// As [`notice`], with a code of its own.
pub fn with_code(level: c_int, code: Code, message: &str) {
    set_last(code);
    if ini(|ini| ini.display_errors) || level == E_ERROR {
        docref(level, message);
    }
}

/// As [`notice`], for a failed system call: leaves errno, and says `message, Error: text[errno]`.
pub fn system(level: c_int, message: &str) {
    let code = set_last_errno();
    if ini(|ini| ini.display_errors) || level == E_ERROR {
        // On the stack: a bailout out of the warning must find nothing to drop.
        let mut line = Line::<1024>::default();
        let _ = write!(line, "{message}, Error: ");
        line.push_system_text(code.0);
        let _ = write!(line, "[{}]", code.0);
        docref(level, line.text());
    }
}

/// A text of bounded length on the stack, for messages: `write!` cuts what does not fit.
pub struct Line<const N: usize> {
    bytes: [u8; N],
    length: usize,
}

impl<const N: usize> Default for Line<N> {
    fn default() -> Self {
        Self { bytes: [0; N], length: 0 }
    }
}

impl<const N: usize> Line<N> {
    pub fn text(&self) -> &str {
        str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }

    /// Appends `strerror(3)`.
    pub fn push_system_text(&mut self, errno: c_int) {
        let mut buffer = [0u8; 256];
        // SAFETY: XSI strerror_r writes at most `len` bytes, with the final zero.
        unsafe { libc::strerror_r(errno, buffer.as_mut_ptr().cast(), buffer.len()) };
        if let Some(text) = CStr::from_bytes_until_nul(&buffer).ok().and_then(|text| text.to_str().ok()) {
            let _ = self.write_str(text);
        }
    }
}

impl<const N: usize> Write for Line<N> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut fits = text.len().min(N - self.length);
        while !text.is_char_boundary(fits) {
            fits -= 1;
        }
        self.bytes[self.length..self.length + fits].copy_from_slice(&text.as_bytes()[..fits]);
        self.length += fits;
        Ok(())
    }
}
