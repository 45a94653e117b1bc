//! Owned and borrowed zend_strings.

use std::ops::Deref;
use std::ptr::NonNull;

use super::sys::{self, zend_string};

/// A counted reference to a PHP string.
pub struct ZStr(NonNull<zend_string>);

impl ZStr {
    pub fn new(bytes: &[u8]) -> Self {
        // SAFETY: copies the bytes; PHP's allocator bails out rather than give null.
        unsafe { Self::from_raw(sys::swrs_str_init(bytes.as_ptr(), bytes.len())) }
    }

    /// The one string of these bytes that the engine keeps for the request.
    pub fn interned(bytes: &[u8]) -> Self {
        // SAFETY: copies the bytes unless it has them.
        unsafe { Self::from_raw(sys::swrs_str_persistent(bytes.as_ptr(), bytes.len())) }
    }

    /// Takes over one reference.
    ///
    /// # Safety
    /// `raw` is a live string, one count of which is the caller's to give.
    pub unsafe fn from_raw(raw: *mut zend_string) -> Self {
        // SAFETY: live, hence not null.
        Self(unsafe { NonNull::new_unchecked(raw) })
    }

    /// Adds a reference to a borrowed string.
    pub fn share(string: &zend_string) -> Self {
        let raw = std::ptr::from_ref(string).cast_mut();
        // SAFETY: live while borrowed.
        unsafe {
            sys::swrs_str_addref(raw);
            Self::from_raw(raw)
        }
    }

    pub fn as_raw(&self) -> *mut zend_string {
        self.0.as_ptr()
    }

    /// Gives the reference away.
    pub fn into_raw(self) -> *mut zend_string {
        let raw = self.0.as_ptr();
        std::mem::forget(self);
        raw
    }

    pub fn as_bytes(&self) -> &[u8] {
        // SAFETY: live while self is.
        unsafe { bytes_of(self.0.as_ptr()) }
    }
}

impl Deref for ZStr {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl Clone for ZStr {
    fn clone(&self) -> Self {
        // SAFETY: live while self is.
        unsafe {
            sys::swrs_str_addref(self.0.as_ptr());
            Self(self.0)
        }
    }
}

impl Drop for ZStr {
    fn drop(&mut self) {
        // SAFETY: gives back the one count that is ours.
        unsafe { sys::swrs_str_release(self.0.as_ptr()) }
    }
}

/// The bytes of a live zend_string.
///
/// # Safety
/// `raw` is live for `'a` and not written to meanwhile.
pub unsafe fn bytes_of<'a>(raw: *const zend_string) -> &'a [u8] {
    // SAFETY: `val` is the first of `len` bytes.
    unsafe { std::slice::from_raw_parts((&raw const (*raw).val).cast::<u8>(), (*raw).len) }
}

/// A string of `length` bytes to be filled by `fill`, which returns how many it wrote: reads go
/// straight into PHP's memory.
pub struct StrBuffer(NonNull<zend_string>, usize);

impl StrBuffer {
    pub fn with_capacity(length: usize) -> Self {
        // SAFETY: allocates; PHP bails out rather than give null.
        unsafe { Self(NonNull::new_unchecked(sys::swrs_str_alloc(length)), length) }
    }

    pub fn capacity(&self) -> usize {
        self.1
    }

    pub fn as_mut_ptr(&mut self) -> *mut u8 {
        // SAFETY: the string is ours alone.
        unsafe { (&raw mut (*self.0.as_ptr()).val).cast() }
    }

    /// The first `length` bytes as a PHP string.
    pub fn finish(self, length: usize) -> ZStr {
        let raw = self.0.as_ptr();
        let capacity = self.1;
        std::mem::forget(self);
        // SAFETY: ours alone; never longer than allocated.
        unsafe {
            let length = length.min(capacity);
            // A small rest is not worth a move.
            if capacity - length > 64 {
                ZStr::from_raw(sys::swrs_str_truncate(raw, length))
            } else {
                (*raw).len = length;
                (&raw mut (*raw).val).cast::<u8>().add(length).write(0);
                ZStr::from_raw(raw)
            }
        }
    }
}

impl Drop for StrBuffer {
    fn drop(&mut self) {
        // SAFETY: ours alone.
        unsafe { sys::swrs_str_release(self.0.as_ptr()) }
    }
}
