//! Resources of PHP's inside resources of ours.

use std::ffi::{CStr, c_int};

use super::sys::{self, Zval};

/// Registers the type of our resources, at module start.
pub fn register(name: &'static CStr, module_number: c_int) {
    // SAFETY: a static name, at module start.
    unsafe { sys::swrs_wrapped_register(name.as_ptr(), module_number) }
}

/// Puts a resource into one of ours; any other value is left alone.
pub fn wrap(value: &mut Zval) {
    // SAFETY: a valid zval.
    unsafe { sys::swrs_wrap_resource(value) }
}

pub fn is_wrapped(value: &Zval) -> bool {
    // SAFETY: a valid zval.
    unsafe { sys::swrs_is_wrapped(std::ptr::from_ref(value).cast_mut()) }
}

/// The resource of ours that lay in an argument.
pub struct Wrapping(*mut ext_php_rs::ffi::zend_resource);

/// Puts what is inside in the place of an argument that [`is_wrapped`].
pub fn unwrap_argument(argument: &mut Zval) -> Wrapping {
    // SAFETY: callers have asked whether it is one; the frame's count goes to the caller.
    Wrapping(unsafe { sys::swrs_unwrap_argument(argument) })
}

impl Wrapping {
    /// `close`: what was inside is gone, and so is ours.
    pub fn release(self, close: bool) {
        // SAFETY: the count that came with it.
        unsafe { sys::swrs_release_wrapping(self.0, close) }
    }
}
