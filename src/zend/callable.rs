//! Callables that we keep and call later.

use super::error::PhpResult;
use super::guard::Ended;
use super::string::ZStr;
use super::sys::{self, FciCache, Zval};
use super::value::Value;

/// A PHP callable with its resolved function. Keeps the closure or object alive.
pub struct Callable {
    value: Value,
    cache: FciCache,
}

impl Callable {
    /// None when `value` cannot be called.
    pub fn new(value: &Zval) -> Option<Self> {
        let mut cache = FciCache::EMPTY;
        let value = Value::copy_of(value);
        let raw = std::ptr::from_ref(value.as_zval()).cast_mut();
        // SAFETY: a valid zval; the out slot has the right size (checked at start-up).
        if unsafe { sys::swrs_is_callable(raw, &mut cache) } { Some(Self { value, cache }) } else { None }
    }

    pub(super) fn with_cache(value: &Zval, cache: FciCache) -> Self {
        Self { value: Value::copy_of(value), cache }
    }

    pub fn value(&self) -> &Zval {
        self.value.as_zval()
    }

    /// What stands where a callable should, as PHP prints it: `Foo::bar`, `Closure::__invoke`.
    pub fn name_of(value: &Zval) -> ZStr {
        let raw = std::ptr::from_ref(value).cast_mut();
        // SAFETY: a valid zval; gives a string with one count for us.
        unsafe { ZStr::from_raw(sys::swrs_callable_name(raw)) }
    }

    /// Calls it. The callable itself may be dropped while it runs: we hold what is needed.
    ///
    /// A bailout inside ends here and is told in [`Ended`]; arguments stay the caller's.
    pub fn call(&self, args: &mut [Zval]) -> (Ended, Value) {
        let _keep = self.value.clone();
        let mut cache = self.cache;
        let mut ret = Zval::new();
        let (argc, argv) = (args.len() as u32, args.as_mut_ptr());
        let ended = if cache.function_handler.is_null() {
            // Behind __call(): the function is made anew for each call.
            let value = std::ptr::from_ref(self.value.as_zval()).cast_mut();
            // SAFETY: a live callable; `args` are valid zvals; `ret` is a slot.
            unsafe { sys::swrs_call_zval(value, argc, argv, &mut ret) }
        } else {
            // SAFETY: cache was resolved from the value that we keep; the rest as above.
            unsafe { sys::swrs_call(&mut cache, argc, argv, &mut ret) }
        };
        (ended.into(), Value::from_zval(ret))
    }

    /// As [`Callable::call`], with an exception or bailout as error.
    pub fn invoke(&self, args: &mut [Zval]) -> PhpResult<Value> {
        let (ended, value) = self.call(args);
        ended.result().map(|()| value)
    }

    pub fn cache(&self) -> FciCache {
        self.cache
    }
}

impl Clone for Callable {
    fn clone(&self) -> Self {
        Self { value: self.value.clone(), cache: self.cache }
    }
}
