//! PHP arrays, read and written by string or number.

use std::ffi::c_void;

use super::string::{ZStr, bytes_of};
use super::sys::{self, HashTable, Zval, zend_string};
use super::value::{Value, ZvalExt};

/// A borrowed array.
#[derive(Clone, Copy)]
pub struct Array<'a>(&'a HashTable);

/// An array's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key<'a> {
    Index(i64),
    Name(&'a [u8]),
}

impl<'a> Array<'a> {
    pub fn new(table: &'a HashTable) -> Self {
        Self(table)
    }

    pub(super) fn raw(self) -> *const HashTable {
        self.0
    }

    pub fn len(self) -> usize {
        // SAFETY: a live table.
        unsafe { sys::swrs_array_count(self.0) as usize }
    }

    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The value under a name, references followed.
    pub fn get(self, key: &str) -> Option<&'a Zval> {
        self.get_bytes(key.as_bytes())
    }

    pub fn get_bytes(self, key: &[u8]) -> Option<&'a Zval> {
        // SAFETY: a live table; the value lives as long as the table is not written to.
        unsafe { sys::swrs_array_find(self.0, key.as_ptr(), key.len()).as_ref() }
    }

    /// By a key whose hash is known (an interned one, see [`ZStr::interned`]).
    #[inline]
    pub fn get_known(self, key: &ZStr) -> Option<&'a Zval> {
        // SAFETY: as above.
        unsafe { sys::swrs_array_find_known(self.0, key.as_raw()).as_ref() }
    }

    /// By a ready-made key.
    #[inline]
    pub fn get_interned(self, key: super::lazy::Interned) -> Option<&'a Zval> {
        // SAFETY: as above; the key is permanent and its hash known.
        unsafe { sys::swrs_array_find_known(self.0, key.as_raw()).as_ref() }
    }

    /// As PHP code would index it: "12" finds 12.
    pub fn get_symbol(self, key: &[u8]) -> Option<&'a Zval> {
        // SAFETY: as above.
        unsafe { sys::swrs_array_find_sym(self.0, key.as_ptr(), key.len()).as_ref() }
    }

    pub fn get_index(self, index: i64) -> Option<&'a Zval> {
        // SAFETY: as above.
        unsafe { sys::swrs_array_index(self.0, index as u64).as_ref() }
    }

    /// A setting that is there and not null.
    pub fn setting(self, key: &str) -> Option<&'a Zval> {
        self.get(key).filter(|value| !value.is_null())
    }

    /// Keys and values in order, until `each` returns false. `each` must not write to the array.
    pub fn each(self, mut each: impl FnMut(Key<'_>, &Zval) -> bool) {
        unsafe extern "C" fn step<F: FnMut(Key<'_>, &Zval) -> bool>(
            context: *mut c_void,
            key: *mut zend_string,
            index: u64,
            value: *mut Zval,
        ) -> bool {
            // SAFETY: `context` is the closure below; key and value are live elements.
            unsafe {
                let each = &mut *context.cast::<F>();
                let key = if key.is_null() { Key::Index(index as i64) } else { Key::Name(bytes_of(key)) };
                each(key, &*value)
            }
        }
        fn go<F: FnMut(Key<'_>, &Zval) -> bool>(table: &HashTable, each: &mut F) {
            // SAFETY: the closure outlives the walk.
            unsafe { sys::swrs_array_each(table, step::<F>, std::ptr::from_mut(each).cast()) }
        }
        go(self.0, &mut each);
    }
}

/// An array that is ours to write to.
pub struct ArrayMut<'a>(&'a mut HashTable);

impl<'a> ArrayMut<'a> {
    pub fn new(table: &'a mut HashTable) -> Self {
        Self(table)
    }

    pub fn read(&self) -> Array<'_> {
        Array(self.0)
    }

    pub fn set(&mut self, key: &str, value: Value) {
        self.set_bytes(key.as_bytes(), value);
    }

    pub fn set_bytes(&mut self, key: &[u8], value: Value) {
        let mut value = std::mem::ManuallyDrop::new(value.into_zval());
        // SAFETY: the table takes over the value's reference.
        unsafe { sys::swrs_array_set(self.0, key.as_ptr(), key.len(), &mut *value) }
    }

    /// With a key string that may be shared.
    pub fn set_zstr(&mut self, key: &ZStr, value: Value) {
        let mut value = std::mem::ManuallyDrop::new(value.into_zval());
        // SAFETY: as above; the table counts its own reference to the key.
        unsafe { sys::swrs_array_set_zstr(self.0, key.as_raw(), &mut *value) }
    }

    /// With a ready-made key.
    pub fn set_interned(&mut self, key: super::lazy::Interned, value: Value) {
        let mut value = std::mem::ManuallyDrop::new(value.into_zval());
        // SAFETY: as above; the key is permanent.
        unsafe { sys::swrs_array_set_zstr(self.0, key.as_raw(), &mut *value) }
    }

    /// As PHP code would: "12" becomes 12.
    pub fn set_symbol(&mut self, key: &[u8], value: Value) {
        let mut value = std::mem::ManuallyDrop::new(value.into_zval());
        // SAFETY: as above.
        unsafe { sys::swrs_array_set_sym(self.0, key.as_ptr(), key.len(), &mut *value) }
    }

    pub fn set_index(&mut self, index: i64, value: Value) {
        let mut value = std::mem::ManuallyDrop::new(value.into_zval());
        // SAFETY: as above.
        unsafe { sys::swrs_array_set_index(self.0, index as u64, &mut *value) }
    }

    pub fn push(&mut self, value: Value) {
        let mut value = std::mem::ManuallyDrop::new(value.into_zval());
        // SAFETY: as above.
        unsafe { sys::swrs_array_push(self.0, &mut *value) }
    }

    /// As PHP code would: "12" removes 12.
    pub fn remove_symbol(&mut self, key: &[u8]) {
        // SAFETY: as above.
        unsafe { sys::swrs_array_del_sym(self.0, key.as_ptr(), key.len()) }
    }

    pub fn remove_index(&mut self, index: i64) {
        // SAFETY: as above.
        unsafe { sys::swrs_array_del_index(self.0, index as u64) }
    }
}

impl Value {
    /// The array in this value, which is made one if it is not.
    pub fn array_mut(&mut self) -> ArrayMut<'_> {
        if !self.as_zval().is_array() {
            *self = Value::array(0);
        }
        let zval = self.as_mut();
        // INVARIANT: an array by the lines above.
        match zval.as_array_mut() {
            Some(array) => array,
            None => unreachable!("just made an array"),
        }
    }
}

/// The keys of arrays that all look alike, such as a table's rows.
pub struct Pattern {
    array: Value,
    size: usize,
}

impl Pattern {
    /// `keys` are distinct and interned.
    pub fn new(keys: &[ZStr]) -> Self {
        let mut array = Zval::new();
        // SAFETY: makes an array in the slot, then adds the keys, which the array counts or knows as interned.
        unsafe {
            sys::swrs_pattern_init(&mut array, keys.len() as u32);
            for key in keys {
                sys::swrs_pattern_add(array.value.arr, key.as_raw());
            }
        }
        Self { array: Value::from_zval(array), size: keys.len() }
    }

    /// Makes `to` an array of these keys; the n-th value is what `fill` writes for n. `fill` may allocate
    /// and must not run PHP code.
    #[inline]
    pub fn build(&self, to: &mut Zval, mut fill: impl FnMut(usize, &mut Zval)) {
        // SAFETY: the pattern is an array of `size` elements that lie one 32-byte bucket apart, and so is its
        // copy, whose values are nulls.
        unsafe {
            let first = sys::swrs_pattern_copy(to, self.array.as_zval().value.arr);
            for n in 0..self.size {
                fill(n, &mut *first.byte_add(n * 32));
            }
        }
    }
}
