//! A running call of one of our functions: its arguments, parsed as Zend's own functions parse them.

use std::ffi::c_int;

use super::array::{Array, Key};
use super::callable::Callable;
use super::error::{PhpResult, Thrown};
use super::string::bytes_of;
use super::sys::{self, FciCache, Zval, zend_class_entry, zend_execute_data, zend_object, zend_string};
use super::value::{Value, ZvalExt};

/// The call that a handler serves.
pub struct Call {
    frame: *mut zend_execute_data,
    /// See [`Call::userland`].
    userland: bool,
}

#[derive(Clone, Copy)]
enum Expected {
    Long = 0,
    Bool = 1,
    Double = 2,
    String = 3,
    Array = 4,
    Object = 5,
    LongOrNull = 6,
    StringOrNull = 8,
    ArrayOrNull = 9,
    BoolOrNull = 10,
    Resource = 11,
}

impl Call {
    /// # Safety
    /// `frame` is the frame of the running internal function.
    #[inline]
    pub unsafe fn new(frame: *mut zend_execute_data) -> Self {
        Self { frame, userland: false }
    }

    /// A function that Swoole has in PHP code: as any of those it takes more arguments than it declares, and no null
    /// for a scalar.
    ///
    /// # Safety
    /// As for [`Call::new`].
    #[inline]
    pub unsafe fn userland(frame: *mut zend_execute_data) -> Self {
        Self { frame, userland: true }
    }

    pub(super) fn frame(&self) -> *mut zend_execute_data {
        self.frame
    }

    #[inline]
    pub fn count(&self) -> u32 {
        // SAFETY: a live frame; Zend keeps the count there (ZEND_CALL_NUM_ARGS).
        unsafe { (*self.frame).This.u2.num_args }
    }

    /// The n-th argument (from 0), references not followed.
    #[inline]
    #[allow(clippy::mut_from_ref)] // Zend shares its values by count, not by borrow: as everywhere in this folder.
    pub fn raw_arg(&self, n: u32) -> Option<&mut Zval> {
        if n >= self.count() {
            return None;
        }
        // SAFETY: below the argument count of a live frame.
        unsafe { slot(self.frame, n).as_mut() }
    }

    /// `$this`; the object outlives the call.
    #[inline]
    #[allow(clippy::mut_from_ref)] // Zend shares its values by count, not by borrow: as everywhere in this folder.
    pub fn this(&self) -> &mut zend_object {
        // SAFETY: methods that are not static have an object; only they ask.
        unsafe { &mut *(*self.frame).This.value.obj }
    }

    /// The name of the running function, as it was declared.
    #[inline]
    pub fn function_name(&self) -> &'static [u8] {
        // SAFETY: a live frame of an internal function, whose name outlives the request.
        unsafe { bytes_of((*(*self.frame).func).common.function_name) }
    }

    /// The class named in a static call (late static binding).
    pub fn called_class(&self) -> *mut zend_class_entry {
        // SAFETY: a live frame.
        unsafe { sys::swrs_called_class(self.frame) }
    }

    /// Starts parsing `min` to `max` arguments.
    ///
    /// # Errors
    /// An ArgumentCountError is thrown.
    #[inline]
    pub fn args(&self, min: u32, max: u32) -> PhpResult<Args> {
        if max == u32::MAX && self.extra_named().is_some() {
            // SAFETY: throws.
            unsafe { sys::swrs_named_error() };
            return Err(Thrown::Exception);
        }
        let count = self.count();
        // Where nothing is declared nothing is counted, as in Swoole: such methods serve as callbacks of any kind.
        if count < min || count > max && max > 0 && !self.userland {
            // SAFETY: throws.
            unsafe { sys::swrs_count_error(min, max) };
            return Err(Thrown::Exception);
        }
        Ok(Args { frame: self.frame, next: 0, count: count.min(max), userland: self.userland })
    }

    /// `min` arguments or more, of which some may have names: see [`Call::extra_named`].
    ///
    /// # Errors
    /// An ArgumentCountError is thrown.
    pub fn named_args(&self, min: u32) -> PhpResult<Args> {
        self.args(min, u32::MAX - 1)
    }

    /// The running function's name as it was declared: for handlers that serve several.
    pub fn name(&self) -> &'static str {
        let (mut least, mut most) = (0, 0);
        // SAFETY: a live frame of an internal function, whose name lives as long as the process.
        let name = unsafe { bytes_of(sys::swrs_declared(self.frame, &mut least, &mut most)) };
        str::from_utf8(name).unwrap_or_default()
    }

    /// What a variadic function was given by names that it does not declare.
    #[inline]
    pub fn extra_named(&self) -> Option<Array<'_>> {
        /// `ZEND_CALL_HAS_EXTRA_NAMED_PARAMS`; parameter.c has C compare it.
        const HAS_EXTRA_NAMED: u32 = 1 << 27;
        // SAFETY: a live frame; Zend keeps the call's flags there (ZEND_CALL_INFO).
        if unsafe { (*self.frame).This.u1.type_info } & HAS_EXTRA_NAMED == 0 {
            return None;
        }
        // SAFETY: the frame is live; the array belongs to it.
        unsafe { sys::swrs_extra_named(self.frame).as_ref() }.map(Array::new)
    }

    /// The arguments from the n-th on as an array, those with names behind them under their names.
    ///
    /// # Errors
    /// As [`Call::named_args`].
    pub fn variadic(&self, n: u32) -> PhpResult<Value> {
        let mut args = self.named_args(n)?;
        for _ in 0..n {
            args.value()?;
        }
        let rest = args.rest();
        let mut list = Value::array(rest.len() as u32);
        let mut array = list.array_mut();
        for value in rest {
            array.push(Value::copy_of(value));
        }
        if let Some(named) = self.extra_named() {
            named.each(|key, value| {
                if let Key::Name(name) = key {
                    array.set_bytes(name, Value::copy_of(value));
                }
                true
            });
        }
        Ok(list)
    }

    /// As [`Call::args`], for as many as the stub declares.
    ///
    /// # Errors
    /// An ArgumentCountError is thrown.
    pub fn declared_args(&self) -> PhpResult<Args> {
        let (mut least, mut most) = (0, 0);
        // SAFETY: a live frame.
        unsafe { sys::swrs_declared(self.frame, &mut least, &mut most) };
        self.args(least, most)
    }

    /// For handlers without arguments; those that are passed all the same are not looked at.
    ///
    /// # Errors
    /// None today.
    #[inline]
    pub fn no_args(&self) -> PhpResult {
        self.args(0, 0).map(drop)
    }
}

/// The n-th argument's place: behind the frame's header (ZEND_CALL_VAR_NUM).
///
/// # Safety
/// `frame` is live and has more than `n` slots.
#[inline]
unsafe fn slot(frame: *mut zend_execute_data, n: u32) -> *mut Zval {
    const HEADER: usize = size_of::<zend_execute_data>().div_ceil(size_of::<Zval>());
    // SAFETY: by the contract.
    unsafe { frame.cast::<Zval>().add(HEADER + n as usize) }
}

/// Arguments still to be parsed. Each method takes the next one; past the last given, the `opt_` ones
/// give `None`. A wrong type throws the TypeError that PHP's own functions throw.
pub struct Args {
    frame: *mut zend_execute_data,
    next: u32,
    count: u32,
    userland: bool,
}

impl Args {
    #[inline]
    fn take(&mut self) -> Option<(&'static mut Zval, u32)> {
        if self.next >= self.count {
            return None;
        }
        let n = self.next;
        self.next += 1;
        // SAFETY: below the count; the frame, and with it the argument, lives until the handler returns.
        unsafe { Some(((*slot(self.frame, n)).dereference_mut(), n + 1)) }
    }

    #[inline]
    fn required(&mut self) -> PhpResult<(&'static mut Zval, u32)> {
        // `Call::args` has counted; asking for more than `min` required ones is a slip of ours.
        self.take().ok_or_else(|| super::error::throw_builtin(super::error::Builtin::Error, "internal error: too few arguments"))
    }

    /// The next argument, as a scalar to be parsed.
    #[inline]
    fn scalar(&mut self, expected: Expected) -> PhpResult<(&'static mut Zval, u32)> {
        let (arg, num) = self.required()?;
        self.refuse_null(expected, arg, num)?;
        Ok((arg, num))
    }

    #[inline]
    fn refuse_null(&self, expected: Expected, arg: &mut Zval, num: u32) -> PhpResult {
        if self.userland && arg.is_null() { Err(Self::wrong(num, expected, arg)) } else { Ok(()) }
    }

    #[cold]
    fn wrong(num: u32, expected: Expected, arg: &mut Zval) -> Thrown {
        // SAFETY: throws; the argument is live.
        unsafe { sys::swrs_type_error(num, expected as c_int, arg) };
        Thrown::Exception
    }

    /// How many are left.
    pub fn left(&self) -> u32 {
        self.count - self.next
    }

    /// The number of the argument taken last, from 1, for error messages.
    pub fn position(&self) -> u32 {
        self.next
    }

    /// Any value.
    #[inline]
    pub fn value(&mut self) -> PhpResult<&'static mut Zval> {
        Ok(self.required()?.0)
    }

    #[inline]
    pub fn opt_value(&mut self) -> Option<&'static mut Zval> {
        self.take().map(|(value, _)| value)
    }

    /// The argument itself, a reference when it was passed as one.
    pub fn by_ref(&mut self) -> Option<&'static mut Zval> {
        if self.next >= self.count {
            return None;
        }
        let n = self.next;
        self.next += 1;
        // SAFETY: as in `take`.
        unsafe { Some(&mut *slot(self.frame, n)) }
    }

    #[inline(always)]
    pub fn long(&mut self) -> PhpResult<i64> {
        let (arg, num) = self.required()?;
        if arg.is_long() {
            // SAFETY: the type says so.
            return Ok(unsafe { arg.value.lval });
        }
        self.convert_long(arg, num)
    }

    #[cold]
    fn convert_long(&self, arg: &mut Zval, num: u32) -> PhpResult<i64> {
        self.refuse_null(Expected::Long, arg, num)?;
        let (mut value, mut null) = (0, false);
        // SAFETY: live argument, two out slots.
        if unsafe { sys::swrs_parse_long(arg, &mut value, &mut null, false, num) } {
            Ok(value)
        } else {
            Err(Self::wrong(num, Expected::Long, arg))
        }
    }

    /// An int, when given.
    #[inline]
    pub fn opt_long(&mut self) -> PhpResult<Option<i64>> {
        if self.left() == 0 { Ok(None) } else { self.long().map(Some) }
    }

    /// An int or null, when given.
    pub fn opt_long_or_null(&mut self) -> PhpResult<Option<i64>> {
        let Some((arg, num)) = self.take() else { return Ok(None) };
        let (mut value, mut null) = (0, false);
        // SAFETY: live argument, two out slots.
        if unsafe { sys::swrs_parse_long(arg, &mut value, &mut null, true, num) } {
            Ok((!null).then_some(value))
        } else {
            Err(Self::wrong(num, Expected::LongOrNull, arg))
        }
    }

    #[inline(always)]
    pub fn double(&mut self) -> PhpResult<f64> {
        let (arg, num) = self.required()?;
        if arg.is_double() {
            // SAFETY: the type says so.
            return Ok(unsafe { arg.value.dval });
        }
        self.convert_double(arg, num)
    }

    #[cold]
    fn convert_double(&self, arg: &mut Zval, num: u32) -> PhpResult<f64> {
        self.refuse_null(Expected::Double, arg, num)?;
        let (mut value, mut null) = (0.0, false);
        // SAFETY: live argument, two out slots.
        if unsafe { sys::swrs_parse_double(arg, &mut value, &mut null, false, num) } {
            Ok(value)
        } else {
            Err(Self::wrong(num, Expected::Double, arg))
        }
    }

    #[inline]
    pub fn opt_double(&mut self) -> PhpResult<Option<f64>> {
        if self.left() == 0 { Ok(None) } else { self.double().map(Some) }
    }

    #[inline]
    pub fn bool(&mut self) -> PhpResult<bool> {
        let (arg, num) = self.scalar(Expected::Bool)?;
        let (mut value, mut null) = (false, false);
        // SAFETY: live argument, two out slots.
        if unsafe { sys::swrs_parse_bool(arg, &mut value, &mut null, false, num) } {
            Ok(value)
        } else {
            Err(Self::wrong(num, Expected::Bool, arg))
        }
    }

    #[inline]
    pub fn opt_bool(&mut self) -> PhpResult<Option<bool>> {
        if self.left() == 0 { Ok(None) } else { self.bool().map(Some) }
    }

    pub fn opt_bool_or_null(&mut self) -> PhpResult<Option<bool>> {
        let Some((arg, num)) = self.take() else { return Ok(None) };
        let (mut value, mut null) = (false, false);
        // SAFETY: live argument, two out slots.
        if unsafe { sys::swrs_parse_bool(arg, &mut value, &mut null, true, num) } {
            Ok((!null).then_some(value))
        } else {
            Err(Self::wrong(num, Expected::BoolOrNull, arg))
        }
    }

    /// A string; the argument keeps it alive until the handler returns.
    #[inline]
    pub fn zstr(&mut self) -> PhpResult<&'static zend_string> {
        let (arg, num) = self.scalar(Expected::String)?;
        let mut string = std::ptr::null_mut();
        // SAFETY: live argument; on success the string is that of the argument (converted in place).
        unsafe {
            if sys::swrs_parse_str(arg, &mut string, false, num) {
                Ok(&*string)
            } else {
                Err(Self::wrong(num, Expected::String, arg))
            }
        }
    }

    /// The bytes of a string argument.
    #[inline]
    pub fn bytes(&mut self) -> PhpResult<&'static [u8]> {
        // SAFETY: the argument keeps the string until the handler returns.
        self.zstr().map(|string| unsafe { bytes_of(string) })
    }

    #[inline]
    pub fn opt_bytes(&mut self) -> PhpResult<Option<&'static [u8]>> {
        if self.left() == 0 { Ok(None) } else { self.bytes().map(Some) }
    }

    /// A string or null, when given.
    #[inline]
    pub fn opt_bytes_or_null(&mut self) -> PhpResult<Option<&'static [u8]>> {
        let Some((arg, num)) = self.take() else { return Ok(None) };
        let mut string = std::ptr::null_mut();
        // SAFETY: as in `zstr`.
        unsafe {
            if sys::swrs_parse_str(arg, &mut string, true, num) {
                Ok(string.as_ref().map(|string| bytes_of(string)))
            } else {
                Err(Self::wrong(num, Expected::StringOrNull, arg))
            }
        }
    }

    #[inline]
    pub fn array(&mut self) -> PhpResult<Array<'static>> {
        let (arg, num) = self.required()?;
        let arg: &'static Zval = arg;
        match arg.as_array() {
            Some(array) => Ok(array),
            None => {
                // SAFETY: throws only; the argument stays as it is.
                let arg = unsafe { &mut *std::ptr::from_ref(arg).cast_mut() };
                Err(Self::wrong(num, Expected::Array, arg))
            }
        }
    }

    pub fn opt_array(&mut self) -> PhpResult<Option<Array<'static>>> {
        if self.left() == 0 { Ok(None) } else { self.array().map(Some) }
    }

    pub fn opt_array_or_null(&mut self) -> PhpResult<Option<Array<'static>>> {
        let Some((arg, num)) = self.take() else { return Ok(None) };
        if arg.is_null() {
            return Ok(None);
        }
        if !arg.is_array() {
            return Err(Self::wrong(num, Expected::ArrayOrNull, arg));
        }
        let arg: &'static Zval = arg;
        Ok(arg.as_array())
    }

    pub fn object(&mut self) -> PhpResult<&'static mut zend_object> {
        let (arg, num) = self.required()?;
        if !arg.is_object() {
            return Err(Self::wrong(num, Expected::Object, arg));
        }
        // SAFETY: the type says so; the argument keeps it alive.
        Ok(unsafe { &mut *arg.value.obj })
    }

    /// An object of `class` or of a child of it.
    pub fn object_of(&mut self, class: *mut zend_class_entry) -> PhpResult<&'static mut zend_object> {
        let (arg, num) = self.required()?;
        // SAFETY: a registered class; the argument is live.
        unsafe {
            if arg.is_object() && sys::swrs_instanceof(arg.value.obj, class) {
                return Ok(&mut *arg.value.obj);
            }
            sys::swrs_class_error(num, sys::swrs_class_name(class), arg);
        }
        Err(Thrown::Exception)
    }

    pub fn resource(&mut self) -> PhpResult<&'static mut Zval> {
        let (arg, num) = self.required()?;
        if arg.is_resource() { Ok(arg) } else { Err(Self::wrong(num, Expected::Resource, arg)) }
    }

    /// A callable, borrowed: [`Callable::new`] keeps one.
    pub fn callable(&mut self) -> PhpResult<BorrowedCallable> {
        let (arg, num) = self.required()?;
        let mut cache = FciCache::EMPTY;
        // SAFETY: live argument, out slot of the right size (checked at start-up).
        if unsafe { sys::swrs_parse_callable(arg, &mut cache, false, num) } {
            Ok(BorrowedCallable { value: arg, cache })
        } else {
            Err(Thrown::Exception)
        }
    }

    /// A callable or null, when given.
    pub fn opt_callable_or_null(&mut self) -> PhpResult<Option<BorrowedCallable>> {
        if self.left() == 0 {
            return Ok(None);
        }
        let (arg, num) = self.required()?;
        if arg.is_null() {
            return Ok(None);
        }
        let mut cache = FciCache::EMPTY;
        // SAFETY: as above.
        if unsafe { sys::swrs_parse_callable(arg, &mut cache, true, num) } {
            Ok(Some(BorrowedCallable { value: arg, cache }))
        } else {
            Err(Thrown::Exception)
        }
    }

    /// All that are left, as a slice of the frame.
    pub fn rest(&mut self) -> &'static mut [Zval] {
        let n = self.next;
        let left = self.left();
        self.next = self.count;
        if left == 0 {
            return &mut [];
        }
        // SAFETY: arguments lie side by side in the frame. (A function that declares fewer parameters
        // than it was given keeps the rest behind its own slots; internal functions have no such slots.)
        unsafe { std::slice::from_raw_parts_mut(slot(self.frame, n), left as usize) }
    }

    /// Throws the TypeError for an argument, the one taken last, that is no object of the class.
    pub fn wrong_class(&self, name: &std::ffi::CStr, arg: &Zval) -> Thrown {
        // SAFETY: a C string, a live argument, which is only looked at.
        unsafe { sys::swrs_class_error(self.next, name.as_ptr(), std::ptr::from_ref(arg).cast_mut()) };
        Thrown::Exception
    }

    /// Throws an ArgumentValueError-like error about the argument taken last: `…(): Argument #n text`.
    pub fn reject(&self, class: *mut zend_class_entry, text: &std::ffi::CStr) -> Thrown {
        // SAFETY: a registered class, a C string.
        unsafe { sys::swrs_argument_error(class, self.next, text.as_ptr()) };
        Thrown::Exception
    }
}

/// A callable that lives in the caller's frame.
pub struct BorrowedCallable {
    value: &'static mut Zval,
    cache: FciCache,
}

impl BorrowedCallable {
    pub fn value(&self) -> &Zval {
        self.value
    }

    pub fn cache(&mut self) -> &mut FciCache {
        &mut self.cache
    }

    /// One that outlives the call.
    pub fn keep(&self) -> Callable {
        Callable::with_cache(self.value, self.cache)
    }
}
