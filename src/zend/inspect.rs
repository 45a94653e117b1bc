//! The objects of the running request, static properties, and PHP's decoders on part of a string.

use std::ffi::c_char;
use std::ptr::NonNull;

use super::sys::{HashTable, zend_class_entry, zend_object};
use super::{PhpResult, Value, Zval, error};

unsafe extern "C" {
    fn swrs_objects_top() -> u32;
    fn swrs_resource_count() -> u32;
    fn swrs_object_of(handle: u32) -> *mut zend_object;
    fn swrs_read_static_prop(ce: *mut zend_class_entry, name: *const c_char, length: usize) -> *mut Zval;
    fn swrs_json_decode(ret: *mut Zval, text: *const u8, length: usize, options: i64, depth: i64);
    fn swrs_unserialize(ret: *mut Zval, text: *const u8, length: usize, options: *mut HashTable);
    fn swrs_globals(to: *mut Zval);
    fn swrs_hash(text: *const u8, length: usize) -> u64;
}

/// One past the highest handle in use.
pub fn objects_top() -> u32 {
    // SAFETY: reads a global of PHP's thread.
    unsafe { swrs_objects_top() }
}

/// How many resources the request holds.
pub fn resource_count() -> u32 {
    // SAFETY: as above.
    unsafe { swrs_resource_count() }
}

/// The object behind a handle (`spl_object_id`), if it is alive.
pub fn object_of(handle: u32) -> Option<Value> {
    // SAFETY: gives a counted reference or null; the zval takes it over.
    let object = NonNull::new(unsafe { swrs_object_of(handle) })?;
    let mut value = Zval::new();
    value.u1.type_info = OBJECT_EX;
    value.value.obj = object.as_ptr();
    Some(Value::from_zval(value))
}

/// `IS_OBJECT_EX`: an object that is counted and seen by the cycle collector.
const OBJECT_EX: u32 = 8 | (3 << 8);

/// A static property, references followed; none when the class has no such property.
pub fn static_prop(class: *mut zend_class_entry, name: &str) -> Option<&'static mut Zval> {
    // SAFETY: a registered class; its static members live until the request's end.
    unsafe { swrs_read_static_prop(class, name.as_ptr().cast(), name.len()).as_mut() }
}

/// `json_decode`; an error gives null, or throws when `options` ask for that. `text` is part of a PHP string:
/// the byte behind it is read.
pub fn json_decode(ret: &mut Zval, text: &[u8], options: i64, depth: i64) -> PhpResult {
    // SAFETY: a live slice of a zend_string, behind which stands at least the final zero; `ret` is a slot.
    unsafe { swrs_json_decode(ret, text.as_ptr(), text.len(), options, depth) };
    error::check()
}

/// `unserialize`; a malformed text gives false, with PHP's notice.
pub fn unserialize(ret: &mut Zval, text: &[u8], options: Option<&Zval>) -> PhpResult {
    let options = options.map_or(std::ptr::null_mut(), |options| {
        // SAFETY: the caller has checked that it is an array.
        unsafe { options.value.arr }
    });
    // SAFETY: a live slice; null or a live array; `ret` is a slot.
    unsafe { swrs_unserialize(ret, text.as_ptr(), text.len(), options) };
    error::check()
}

/// Zend's own hash of a string.
pub fn hash(text: &[u8]) -> u64 {
    // SAFETY: a live slice.
    unsafe { swrs_hash(text.as_ptr(), text.len()) }
}

/// The script's global variables, as a copy.
pub fn globals() -> Value {
    let mut list = Zval::new();
    // SAFETY: fills the slot with an array of its own.
    unsafe { swrs_globals(&mut list) };
    Value::from_zval(list)
}
