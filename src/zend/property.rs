//! Properties of foreign objects as PHP code sees them (`__get()` and its kin included), and class constants.

use std::ffi::CStr;

use super::error::PhpResult;
use super::guard::guarded;
use super::string::ZStr;
use super::sys::{self, Zval, zend_class_entry, zend_object};
use super::value::Value;

fn raw(object: &zend_object) -> *mut zend_object {
    std::ptr::from_ref(object).cast_mut()
}

/// `$object->name`
///
/// # Errors
/// What a getter threw; a bailout.
pub fn read(object: &zend_object, name: &[u8]) -> PhpResult<Value> {
    let (name, mut value) = (ZStr::new(name), Zval::new());
    let (object, key, to) = (raw(object), name.as_raw(), &raw mut value);
    // SAFETY: live object and name, a slot that outlives the call.
    guarded(|| unsafe { sys::swrs_get_public(object, key, to) }).result()?;
    Ok(Value::from_zval(value))
}

/// `$object->name = $value`
///
/// # Errors
/// As [`read`], and a TypeError.
pub fn write(object: &zend_object, name: &[u8], value: &Zval) -> PhpResult {
    let name = ZStr::new(name);
    let (object, key, value) = (raw(object), name.as_raw(), std::ptr::from_ref(value).cast_mut());
    // SAFETY: live object, name and value.
    guarded(|| unsafe { sys::swrs_set_public(object, key, value) }).result()
}

/// `isset($object->name)`
///
/// # Errors
/// As [`read`].
pub fn is_set(object: &zend_object, name: &[u8]) -> PhpResult<bool> {
    let (name, mut found) = (ZStr::new(name), false);
    let (object, key, to) = (raw(object), name.as_raw(), &raw mut found);
    // SAFETY: live object and name, a slot that outlives the call.
    guarded(|| unsafe { *to = sys::swrs_has_public(object, key) }).result()?;
    Ok(found)
}

/// `unset($object->name)`
///
/// # Errors
/// As [`read`].
pub fn unset(object: &zend_object, name: &[u8]) -> PhpResult {
    let name = ZStr::new(name);
    let (object, key) = (raw(object), name.as_raw());
    // SAFETY: live object and name.
    guarded(|| unsafe { sys::swrs_unset_public(object, key) }).result()
}

/// The class of an object.
pub fn class_of(object: &zend_object) -> *mut zend_class_entry {
    object.ce
}

/// A constant of a class or its parents.
pub fn class_constant(class: *mut zend_class_entry, name: &CStr) -> Option<&'static Zval> {
    // SAFETY: a live class; constants live as long as it does.
    unsafe { sys::swrs_class_constant(class, name.as_ptr(), name.count_bytes()).as_ref() }
}

/// Runs `work` as behind PHP's `@`.
pub fn silenced<T>(work: impl FnOnce() -> T) -> T {
    // SAFETY: reads and writes a global of the running coroutine.
    let level = unsafe { sys::swrs_silence() };
    let result = work();
    // SAFETY: as above.
    unsafe { sys::swrs_loud(level) };
    result
}
