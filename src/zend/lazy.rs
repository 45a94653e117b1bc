//! Properties made when they are read, interned names, and what else requests are quick by.

use std::ffi::{CStr, c_char};
use std::ptr::NonNull;
use std::sync::OnceLock;

use super::object::{ClassState, ObjectExt};
use super::sys::{self, HashTable, Zval, zend_object, zend_object_handlers, zend_string};
use super::value::{Value, ZvalExt};

unsafe extern "C" {
    fn swrs_lazy_handlers(handlers: *mut zend_object_handlers);
    fn swrs_set_undef(slot: *mut Zval);
    fn swrs_map(to: *mut Zval, size: u32) -> *mut HashTable;
    fn swrs_map_add(table: *mut HashTable, key: *mut zend_string, value: *mut Zval);
    fn swrs_map_add_str(table: *mut HashTable, key: *mut zend_string, text: *const u8, length: usize);
    fn swrs_map_merge(table: *mut HashTable, name: *const u8, name_length: usize, text: *const u8, length: usize);
    fn swrs_upload_add(path: *const u8, length: usize);
    fn swrs_upload_remove(path: *const u8, length: usize);
    fn swrs_input_limits(vars: *mut i64, nesting: *mut i64, separators: *mut *const c_char);
}

/// A class whose properties are made when they are first looked at.
pub trait LazyState: ClassState {
    /// Makes the property of that name, if it is one and still to be made.
    fn fill(object: &mut zend_object, name: &[u8]);
    /// Makes all that are still to be made.
    fn fill_all(object: &mut zend_object);
}

struct Fillers {
    one: fn(&mut zend_object, &[u8]),
    all: fn(&mut zend_object),
}

/// Of the one class hierarchy that is lazy.
static FILLERS: OnceLock<Fillers> = OnceLock::new();

/// Makes properties of `T`'s class lazy. To be called in `class_init`, after `class_state`, and for one class only.
pub fn lazy_properties<T: LazyState>() {
    let first = FILLERS.set(Fillers { one: T::fill, all: T::fill_all }).is_ok();
    debug_assert!(first, "a second lazy class needs fillers of its own");
    // SAFETY: start-up; `class_state` has just written these handlers.
    unsafe { swrs_lazy_handlers(T::handlers().as_ptr()) }
}

/// Marks declared properties as still to be made.
pub fn make_lazy(object: &mut zend_object, slots: std::ops::RangeInclusive<u32>) {
    for n in slots {
        let slot = object.slot(n);
        slot.clear();
        // SAFETY: a slot that holds null.
        unsafe { swrs_set_undef(slot) }
    }
}

#[unsafe(no_mangle)]
extern "C" fn swrs_lazy_fill(object: *mut zend_object, name: *const u8, length: usize) {
    if let Some(fillers) = FILLERS.get() {
        // SAFETY: a live object of a lazy class and the name that is looked for.
        unsafe { (fillers.one)(&mut *object, std::slice::from_raw_parts(name, length)) }
    }
}

#[unsafe(no_mangle)]
extern "C" fn swrs_lazy_fill_all(object: *mut zend_object) {
    if let Some(fillers) = FILLERS.get() {
        // SAFETY: as above.
        unsafe { (fillers.all)(&mut *object) }
    }
}

/// A string that lives as long as the process, with its hash known. Made at module start only.
#[derive(Clone, Copy)]
pub struct Interned(NonNull<zend_string>);

// SAFETY: never written after the start, not counted.
unsafe impl Send for Interned {}
// SAFETY: as above.
unsafe impl Sync for Interned {}

impl Interned {
    pub fn new(text: &[u8]) -> Self {
        // SAFETY: module start; the string is permanent.
        unsafe { Self(NonNull::new_unchecked(sys::swrs_str_persistent(text.as_ptr(), text.len()))) }
    }

    pub(super) fn as_raw(self) -> *mut zend_string {
        self.0.as_ptr()
    }

    pub fn value(self) -> Value {
        let mut value = Zval::new();
        // SAFETY: an interned string has no count to give.
        unsafe { sys::swrs_set_str(&mut value, self.0.as_ptr()) };
        Value::from_zval(value)
    }
}

/// An array under construction.
pub struct Map {
    value: Value,
    table: *mut HashTable,
}

impl Map {
    pub fn new(size: u32) -> Self {
        let mut value = Zval::new();
        // SAFETY: writes the slot; the table lives as long as the value.
        let table = unsafe { swrs_map(&mut value, size.max(8)) };
        Self { value: Value::from_zval(value), table }
    }

    /// Adds a key that is not there yet.
    pub fn add(&mut self, key: Interned, value: Value) {
        let mut value = std::mem::ManuallyDrop::new(value.into_zval());
        // SAFETY: a table of ours; it takes over the value.
        unsafe { swrs_map_add(self.table, key.0.as_ptr(), &mut *value) }
    }

    pub fn put_text(&mut self, key: Interned, text: &[u8]) {
        // SAFETY: as above; copies the text.
        unsafe { swrs_map_add_str(self.table, key.0.as_ptr(), text.as_ptr(), text.len()) }
    }

    /// Under the lower-case name; a name that is there already gets a list.
    pub fn merge_text(&mut self, name: &[u8], text: &[u8]) {
        // SAFETY: as above.
        unsafe { swrs_map_merge(self.table, name.as_ptr(), name.len(), text.as_ptr(), text.len()) }
    }

    pub fn finish(self) -> Value {
        self.value
    }
}

/// Makes `is_uploaded_file()` know a file.
pub fn upload_add(path: &[u8]) {
    // SAFETY: copies the path.
    unsafe { swrs_upload_add(path.as_ptr(), path.len()) }
}

pub fn upload_remove(path: &[u8]) {
    // SAFETY: reads the path.
    unsafe { swrs_upload_remove(path.as_ptr(), path.len()) }
}

/// `max_input_vars`, `max_input_nesting_level`, `arg_separator.input`.
pub fn input_limits() -> (usize, usize, &'static [u8]) {
    let (mut vars, mut nesting, mut separators) = (0, 0, std::ptr::null());
    // SAFETY: three out slots; the text is php.ini's and outlives the call that uses it.
    unsafe {
        swrs_input_limits(&mut vars, &mut nesting, &mut separators);
        let separators = if separators.is_null() { &b"&"[..] } else { CStr::from_ptr(separators).to_bytes() };
        (usize::try_from(vars).unwrap_or(0), usize::try_from(nesting).unwrap_or(0), separators)
    }
}
