//! PHP values: owned ones, and what handlers do with a zval.

use ext_php_rs::ffi::{IS_DOUBLE, IS_FALSE, IS_LONG, IS_TRUE};

use super::array::{Array, ArrayMut};
use super::string::{ZStr, bytes_of};
use super::sys::{self, Zval, zend_object, zend_string};

/// An owned PHP value; dropping it gives up its reference (and may run a destructor).
#[repr(transparent)]
pub struct Value(Zval);

impl Value {
    pub fn null() -> Self {
        let mut value = Zval::new();
        value.set_null();
        Self(value)
    }

    /// A new reference to what `value` holds, never a PHP reference.
    pub fn copy_of(value: &Zval) -> Self {
        let mut copy = Zval::new();
        // SAFETY: both are valid zvals.
        unsafe { sys::swrs_copy_deref(&mut copy, std::ptr::from_ref(value).cast_mut()) };
        Self(copy)
    }

    /// A new reference to exactly what `value` holds: a PHP reference stays one.
    pub fn share(value: &Zval) -> Self {
        let mut copy = Zval::new();
        // SAFETY: both are valid zvals.
        unsafe { sys::swrs_copy(&mut copy, value) };
        Self(copy)
    }

    pub fn string(bytes: &[u8]) -> Self {
        let mut value = Zval::new();
        value.set_bytes(bytes);
        Self(value)
    }

    pub fn long(number: i64) -> Self {
        let mut value = Zval::new();
        value.set_long(number);
        Self(value)
    }

    pub fn double(number: f64) -> Self {
        let mut value = Zval::new();
        value.set_double(number);
        Self(value)
    }

    pub fn bool(on: bool) -> Self {
        let mut value = Zval::new();
        value.set_bool(on);
        Self(value)
    }

    /// An empty array with room for `size` elements.
    pub fn array(size: u32) -> Self {
        let mut value = Zval::new();
        value.set_new_array(size);
        Self(value)
    }

    pub fn object(object: &mut zend_object) -> Self {
        let mut value = Zval::new();
        // SAFETY: a live object; adds a reference.
        unsafe { sys::swrs_set_obj(&mut value, object) };
        Self(value)
    }

    /// Takes over the zval's reference.
    pub fn from_zval(value: Zval) -> Self {
        Self(value)
    }

    pub fn as_zval(&self) -> &Zval {
        &self.0
    }

    pub fn as_mut(&mut self) -> &mut Zval {
        &mut self.0
    }

    pub fn is_undef(&self) -> bool {
        self.0.is_undef()
    }

    /// Gives the reference away.
    pub fn into_zval(self) -> Zval {
        self.0
    }

    /// Moves the value into a handler's return slot.
    pub fn give(self, to: &mut Zval) {
        // SAFETY: the slot holds nothing that counts (Zend hands it over as null).
        unsafe { std::ptr::write(to, self.into_zval()) };
    }
}

impl Clone for Value {
    fn clone(&self) -> Self {
        Self::copy_of(&self.0)
    }
}

/// What handlers do with zvals, beside ext-php-rs's own methods.
pub trait ZvalExt {
    fn is_undef(&self) -> bool;
    /// The name of its type, as PHP's messages have it.
    fn kind(&self) -> &'static str;
    /// For a slot that holds nothing that counts, such as a handler's return slot.
    fn give_long(&mut self, number: i64);
    fn give_double(&mut self, number: f64);
    fn give_bool(&mut self, on: bool);
    fn set_bytes(&mut self, bytes: &[u8]);
    fn set_str(&mut self, string: ZStr);
    fn set_new_array(&mut self, size: u32);
    fn bytes(&self) -> Option<&[u8]>;
    fn zstr(&self) -> Option<&zend_string>;
    fn as_array(&self) -> Option<Array<'_>>;
    fn as_array_mut(&mut self) -> Option<ArrayMut<'_>>;
    #[allow(clippy::mut_from_ref)] // Zend shares its values by count, not by borrow: as everywhere in this folder.
    fn obj(&self) -> Option<&mut zend_object>;
    /// PHP's conversions.
    fn to_long(&self) -> i64;
    fn to_double(&self) -> f64;
    fn to_bool(&self) -> bool;
    /// The value as a string; none when the conversion threw.
    fn to_zstr(&self) -> Option<ZStr>;
    /// Frees what it holds and leaves null.
    fn clear(&mut self);
    /// Puts `value` in place of what it holds.
    fn assign(&mut self, value: Value);
}

fn raw(value: &Zval) -> *mut Zval {
    std::ptr::from_ref(value).cast_mut()
}

impl ZvalExt for Zval {
    fn kind(&self) -> &'static str {
        // SAFETY: a live value; Zend's names are static C strings.
        unsafe { std::ffi::CStr::from_ptr(sys::swrs_type_name(self)) }.to_str().unwrap_or_default()
    }

    fn is_undef(&self) -> bool {
        // SAFETY: every zval has a type.
        unsafe { self.u1.v.type_ == 0 }
    }

    #[inline]
    fn give_long(&mut self, number: i64) {
        self.value.lval = number;
        self.u1.type_info = IS_LONG;
    }

    #[inline]
    fn give_double(&mut self, number: f64) {
        self.value.dval = number;
        self.u1.type_info = IS_DOUBLE;
    }

    #[inline]
    fn give_bool(&mut self, on: bool) {
        self.u1.type_info = if on { IS_TRUE } else { IS_FALSE };
    }

    fn set_bytes(&mut self, bytes: &[u8]) {
        // SAFETY: copies the bytes.
        unsafe { sys::swrs_set_strl(self, bytes.as_ptr(), bytes.len()) }
    }

    fn set_str(&mut self, string: ZStr) {
        // SAFETY: the string's count goes to the zval.
        unsafe { sys::swrs_set_str(self, string.into_raw()) }
    }

    fn set_new_array(&mut self, size: u32) {
        // SAFETY: writes the slot.
        unsafe { sys::swrs_array_init(self, size) }
    }

    fn bytes(&self) -> Option<&[u8]> {
        // SAFETY: a string zval holds a live string while it is borrowed.
        self.zstr().map(|string| unsafe { bytes_of(string) })
    }

    fn zstr(&self) -> Option<&zend_string> {
        let this = self.dereference();
        // SAFETY: the type says which field of the union is set.
        if this.is_string() { unsafe { this.value.str_.as_ref() } } else { None }
    }

    fn as_array(&self) -> Option<Array<'_>> {
        let this = self.dereference();
        // SAFETY: as above.
        if this.is_array() { unsafe { this.value.arr.as_ref() }.map(Array::new) } else { None }
    }

    fn as_array_mut(&mut self) -> Option<ArrayMut<'_>> {
        let this = self.dereference_mut();
        if !this.is_array() {
            return None;
        }
        // SAFETY: as above; a shared array is copied before it is written.
        unsafe {
            sys::swrs_separate_array(this);
            this.value.arr.as_mut().map(ArrayMut::new)
        }
    }

    fn obj(&self) -> Option<&mut zend_object> {
        let this = self.dereference();
        // SAFETY: as above; objects are shared and mutable in PHP, handlers run one at a time.
        if this.is_object() { unsafe { this.value.obj.as_mut() } } else { None }
    }

    fn to_long(&self) -> i64 {
        // SAFETY: a valid zval.
        unsafe { sys::swrs_to_long(raw(self)) }
    }

    fn to_double(&self) -> f64 {
        // SAFETY: a valid zval.
        unsafe { sys::swrs_to_double(raw(self)) }
    }

    fn to_bool(&self) -> bool {
        // SAFETY: a valid zval.
        unsafe { sys::swrs_to_bool(raw(self)) }
    }

    fn to_zstr(&self) -> Option<ZStr> {
        // SAFETY: a valid zval; null means that an exception is pending.
        unsafe {
            let string = sys::swrs_to_str(raw(self));
            if string.is_null() { None } else { Some(ZStr::from_raw(string)) }
        }
    }

    fn clear(&mut self) {
        let mut old = Zval::new();
        std::mem::swap(self, &mut old);
        self.set_null();
        drop(Value::from_zval(old));
    }

    fn assign(&mut self, value: Value) {
        let mut value = value.into_zval();
        let this = self.dereference_mut();
        std::mem::swap(this, &mut value);
        drop(Value::from_zval(value));
    }
}
