//! Calls of PHP functions, methods and constructors by name, and functions of ours that PHP cannot name.

use std::cell::Cell;
use std::ffi::{CStr, c_int, c_void};
use std::ptr;

use ext_php_rs::zend::ExecuteData;

use super::array::Array;
use super::error::{PhpResult, Thrown};
use super::guard::Ended;
use super::string::ZStr;
use super::sys::{self, FciCache, Zval, zend_class_entry, zend_function, zend_object};
use super::value::{Value, ZvalExt};
use super::{Call, registration};

fn raw(object: &zend_object) -> *mut zend_object {
    ptr::from_ref(object).cast_mut()
}

fn result(ended: c_int, ret: Zval) -> PhpResult<Value> {
    let value = Value::from_zval(ret);
    Ended::from(ended).result().map(|()| value)
}

/// Calls a PHP function by its name in lower case. A parameter taken by reference needs [`reference`].
///
/// # Errors
/// Its exception, a bailout; an Error when there is no such function.
pub fn function(name: &CStr, args: &mut [Zval]) -> PhpResult<Value> {
    let mut ret = Zval::new();
    // SAFETY: valid zvals and a return slot; the call is guarded in C.
    let ended =
        unsafe { sys::swrs_call_function(name.as_ptr(), name.count_bytes(), args.len() as u32, args.as_mut_ptr(), &mut ret) };
    result(ended, ret)
}

/// Calls a PHP function on the n-th declared property of `object`, which it takes by reference as its first
/// argument: `args[0]` is a free place for it.
///
/// # Errors
/// As [`function`].
pub fn on_property(object: &mut zend_object, n: u32, name: &CStr, args: &mut [Zval]) -> PhpResult<Value> {
    let mut ret = Zval::new();
    // SAFETY: as in `function`; callers count the declared properties of their own class.
    let ended = unsafe {
        let (argc, argv) = (args.len() as u32, args.as_mut_ptr());
        sys::swrs_call_on_property(object, n, name.as_ptr(), name.count_bytes(), argc, argv, &mut ret)
    };
    result(ended, ret)
}

/// Calls a static method of a class of ours (or a child's in its place), its name in lower case.
///
/// # Errors
/// As [`method`].
pub fn static_method(class: *mut zend_class_entry, lower: &CStr, args: &mut [Zval]) -> PhpResult<Value> {
    let mut ret = Zval::new();
    // SAFETY: a registered class, valid zvals; the call is guarded in C.
    let ended = unsafe {
        let (argc, argv) = (args.len() as u32, args.as_mut_ptr());
        sys::swrs_call_static(class, lower.as_ptr(), lower.count_bytes(), argc, argv, &mut ret)
    };
    result(ended, ret)
}

pub fn function_exists(name: &str) -> bool {
    // SAFETY: reads a table.
    unsafe { sys::swrs_function_exists(name.as_ptr(), name.len()) }
}

/// Calls a method that the running function may call, `__call()` included.
///
/// # Errors
/// Its exception, a bailout; an Error when there is no such method.
pub fn method(object: &zend_object, name: &[u8], args: &mut [Zval]) -> PhpResult<Value> {
    let (name, mut ret) = (ZStr::new(name), Zval::new());
    // SAFETY: a live object, valid zvals; the call is guarded in C.
    let ended = unsafe {
        let argv = args.as_mut_ptr();
        sys::swrs_call_method(raw(object), name.as_raw(), false, ptr::null(), args.len() as u32, argv, &mut ret)
    };
    result(ended, ret)
}

/// As [`method`], for a method of our own class (or what a child put in its place), even a protected one.
///
/// # Errors
/// As [`method`].
pub fn own_method(object: &zend_object, name: &str, args: &mut [Zval]) -> PhpResult<Value> {
    let (name, mut ret) = (ZStr::new(name.as_bytes()), Zval::new());
    // SAFETY: as in `method`.
    let ended = unsafe {
        let argv = args.as_mut_ptr();
        sys::swrs_call_method(raw(object), name.as_raw(), true, ptr::null(), args.len() as u32, argv, &mut ret)
    };
    result(ended, ret)
}

/// As [`method`], with the arguments in an array; string keys are parameter names.
///
/// # Errors
/// As [`method`].
pub fn method_spread(object: &zend_object, name: &[u8], args: Array<'_>) -> PhpResult<Value> {
    let (name, mut ret) = (ZStr::new(name), Zval::new());
    // SAFETY: as in `method`.
    let ended = unsafe { sys::swrs_call_method(raw(object), name.as_raw(), false, args.raw(), 0, ptr::null_mut(), &mut ret) };
    result(ended, ret)
}

/// Calls any callable with the arguments of an array.
///
/// # Errors
/// Its exception, a bailout; an Error when it cannot be called.
pub fn callable_spread(callable: &Zval, args: Array<'_>) -> PhpResult<Value> {
    let mut ret = Zval::new();
    // SAFETY: valid zvals; the call is guarded in C.
    let ended = unsafe { sys::swrs_call_array(ptr::from_ref(callable).cast_mut(), args.raw(), &mut ret) };
    if ended < 0 {
        return Err(super::error::throw_builtin(super::error::Builtin::Error, "Value not callable"));
    }
    result(ended, ret)
}

/// Calls any callable.
///
/// # Errors
/// As [`callable_spread`].
pub fn callable(callable: &Zval, args: &mut [Zval]) -> PhpResult<Value> {
    let mut ret = Zval::new();
    let raw = ptr::from_ref(callable).cast_mut();
    // SAFETY: as above.
    let ended = unsafe { sys::swrs_call_zval(raw, args.len() as u32, args.as_mut_ptr(), &mut ret) };
    if ended < 0 {
        return Err(super::error::throw_builtin(super::error::Builtin::Error, "Value not callable"));
    }
    result(ended, ret)
}

/// `new Class(…)`.
///
/// # Errors
/// What the constructor throws.
pub fn construct(class: *mut zend_class_entry, args: &mut [Zval]) -> PhpResult<Value> {
    let mut object = Zval::new();
    // SAFETY: a registered class, valid zvals; the constructor's call is guarded in C.
    let ended = unsafe { sys::swrs_construct(class, ptr::null(), args.len() as u32, args.as_mut_ptr(), &mut object) };
    result(ended, object)
}

/// `new Class(...$args)`; string keys are parameter names.
///
/// # Errors
/// As [`construct`].
pub fn construct_spread(class: *mut zend_class_entry, args: Array<'_>) -> PhpResult<Value> {
    let mut object = Zval::new();
    // SAFETY: as in `construct`; a live array.
    let ended = unsafe { sys::swrs_construct(class, args.raw(), 0, ptr::null_mut(), &mut object) };
    result(ended, object)
}

/// A class by name, autoloaded if need be.
///
/// # Errors
/// What the autoloader throws; an Error when there is no such class.
pub fn class(name: &[u8]) -> PhpResult<*mut zend_class_entry> {
    let text = ZStr::new(name);
    let mut found = ptr::null_mut();
    let slot = &raw mut found;
    let raw = text.as_raw();
    // SAFETY: the name is live; the slot outlives the call.
    super::guarded(|| unsafe { *slot = sys::swrs_load_class(raw) }).result()?;
    if found.is_null() {
        let message = format!("Class \"{}\" not found", String::from_utf8_lossy(name));
        return Err(super::error::throw_builtin(super::error::Builtin::Error, &message));
    }
    Ok(found)
}

/// Makes `value` a PHP reference, for parameters that functions write to; read the result from it
/// afterwards with [`ZvalExt`]'s methods, which follow references.
pub fn reference(value: Value) -> Zval {
    let mut value = value.into_zval();
    // SAFETY: a valid zval.
    unsafe { sys::swrs_make_ref(&mut value) };
    value
}

/// The pending exception, taken out of Zend: the caller rethrows or drops it.
pub fn take_exception() -> Option<Value> {
    // SAFETY: gives null or an object with one count for us.
    unsafe {
        let object = sys::swrs_take_exception().as_mut()?;
        let value = Value::object(object);
        sys::swrs_obj_release(object);
        Some(value)
    }
}

/// Throws an exception object.
pub fn rethrow(exception: Value) -> Thrown {
    if let Some(object) = exception.as_zval().obj() {
        let object: *mut zend_object = object;
        std::mem::forget(exception);
        // SAFETY: Zend takes over the reference.
        unsafe { sys::swrs_throw_object(object) };
    }
    Thrown::Exception
}

/// A function of ours that stands in no function table: the body of a closure or of a coroutine.
pub struct Native {
    name: &'static CStr,
    handler: unsafe extern "C" fn(*mut ExecuteData, *mut Zval),
    made: Cell<*mut c_void>,
}

// SAFETY: written once, by PHP's only thread.
unsafe impl Sync for Native {}

impl Native {
    pub const fn new(name: &'static CStr, handler: unsafe extern "C" fn(*mut ExecuteData, *mut Zval)) -> Self {
        Self { name, handler, made: Cell::new(ptr::null_mut()) }
    }

    fn function(&self, scope: *mut zend_class_entry) -> *mut zend_function {
        if self.made.get().is_null() {
            // SAFETY: room for Zend's own struct, which lives as long as the process.
            unsafe {
                let words = sys::swrs_native_size().div_ceil(16);
                let memory: *mut c_void = Box::leak(vec![0u128; words].into_boxed_slice()).as_mut_ptr().cast();
                sys::swrs_native_init(memory, self.name.as_ptr(), self.name.count_bytes(), self.handler, scope);
                self.made.set(memory);
            }
        }
        self.made.get().cast()
    }

    /// For [`super::host::spawn`]. A function is used with one scope only.
    pub fn cache(&self) -> FciCache {
        FciCache { function_handler: self.function(ptr::null_mut()), ..FciCache::EMPTY }
    }

    /// A Closure object bound to `this`, in the scope of `class`.
    pub fn closure(&self, class: *mut zend_class_entry, this: &mut zend_object) -> Value {
        let mut value = Zval::new();
        // SAFETY: a function that stays; the closure counts its own reference to the object.
        unsafe { sys::swrs_native_closure(&mut value, self.function(class), this) };
        Value::from_zval(value)
    }
}

/// What [`native!`] wraps a handler in.
///
/// # Safety
/// Called by Zend, with a frame and a return slot.
pub unsafe fn enter(ex: *mut ExecuteData, ret: *mut Zval, handler: fn(&mut Call, &mut Zval) -> PhpResult) {
    // SAFETY: by the contract.
    unsafe { registration::enter(Call::new(ex), ret, handler) }
}

/// `native!("name", handler)`: a [`Native`] for a `static`.
macro_rules! native {
    ($name:literal, $handler:path) => {{
        unsafe extern "C" fn entry(ex: *mut ext_php_rs::zend::ExecuteData, ret: *mut $crate::zend::Zval) {
            // SAFETY: called by Zend only, with a frame and a return slot.
            unsafe { $crate::zend::invoke::enter(ex, ret, $handler) }
        }
        $crate::zend::invoke::Native::new($name, entry)
    }};
}
pub(crate) use native;
