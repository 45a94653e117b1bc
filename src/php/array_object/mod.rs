//! Swoole\ArrayObject: PHP's array functions as methods. This file: elements; `through`: what PHP's own
//! functions do.

pub mod through;

use crate::zend::error::{Builtin, throw, throw_builtin};
use crate::zend::registration::ce;
use crate::zend::{Array, Call, ClassEntry, ObjectExt, PhpResult, Thrown, Value, ZendObject, Zval, ZvalExt, invoke, property};

/// Number of `$array`.
pub(super) const ARRAY: u32 = 0;

/// The array, shared: cheap, and safe from what callbacks do to the object.
pub(super) fn contents(this: &mut ZendObject) -> Value {
    let slot = this.slot(ARRAY);
    if slot.is_array() { Value::copy_of(slot) } else { Value::array(0) }
}

/// Puts `$this` into the return value.
pub(super) fn fluent(this: &mut ZendObject, ret: &mut Zval) {
    Value::object(this).give(ret);
}

/// `new static($array)`
pub(super) fn fresh(this: &ZendObject, array: Value) -> PhpResult<Value> {
    invoke::construct(property::class_of(this), &mut [array.into_zval()])
}

/// A key as PHP's `$array[$key]` takes it.
enum Offset {
    Index(i64),
    Name(crate::zend::ZStr),
}

fn offset(key: &Zval) -> PhpResult<Offset> {
    if key.is_string() || key.is_null() {
        return key.to_zstr().map(Offset::Name).ok_or(Thrown::Exception);
    }
    if key.is_array() || key.is_object() {
        return Err(throw_builtin(Builtin::TypeError, "Illegal offset type"));
    }
    Ok(Offset::Index(key.to_long()))
}

fn find<'a>(array: Array<'a>, key: &Zval) -> PhpResult<Option<&'a Zval>> {
    Ok(match offset(key)? {
        Offset::Index(index) => array.get_index(index),
        Offset::Name(name) => array.get_symbol(&name),
    })
}

/// The element under `key`.
fn element(this: &mut ZendObject, key: &Zval) -> PhpResult<Option<Value>> {
    match this.slot(ARRAY).as_array() {
        Some(array) => Ok(find(array, key)?.map(Value::copy_of)),
        None => Ok(None),
    }
}

pub(super) fn put(this: &mut ZendObject, key: &Zval, value: Value) -> PhpResult {
    let offset = offset(key)?;
    let slot = this.slot(ARRAY);
    if !slot.is_array() {
        slot.assign(Value::array(4));
    }
    if let Some(mut array) = slot.as_array_mut() {
        match offset {
            Offset::Index(index) => array.set_index(index, value),
            Offset::Name(name) => array.set_symbol(&name, value),
        }
    }
    Ok(())
}

pub(super) fn take(this: &mut ZendObject, key: &Zval) -> PhpResult {
    let offset = offset(key)?;
    if let Some(mut array) = this.slot(ARRAY).as_array_mut() {
        match offset {
            Offset::Index(index) => array.remove_index(index),
            Offset::Name(name) => array.remove_symbol(&name),
        }
    }
    Ok(())
}

/// Strings become StringObjects, arrays ArrayObjects: `static::detectType()`.
pub(super) fn wrapped(class: *mut ClassEntry, value: Value) -> PhpResult<Value> {
    if !value.as_zval().is_string() && !value.as_zval().is_array() {
        return Ok(value);
    }
    invoke::static_method(class, c"detecttype", &mut [value.into_zval()])
}

fn first_argument(call: &Call) -> Value {
    call.raw_arg(0).map_or_else(|| Value::array(0), |value| Value::copy_of(value))
}

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    call.args(0, 1)?.opt_array()?;
    let array = first_argument(call);
    call.this().slot(ARRAY).assign(array);
    Ok(())
}

/// `__unserialize(array $data): void`
pub fn restore(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    call.args(1, 1)?.array()?;
    let array = first_argument(call);
    call.this().slot(ARRAY).assign(array);
    Ok(())
}

pub fn from(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.args(0, 1)?.opt_array()?;
    let array = first_argument(call);
    invoke::construct(call.called_class(), &mut [array.into_zval()])?.give(ret);
    Ok(())
}

pub fn to_array(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    contents(call.this()).give(ret);
    Ok(())
}

fn length(this: &mut ZendObject) -> usize {
    this.slot(ARRAY).as_array().map_or(0, Array::len)
}

pub fn is_empty(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    ret.set_bool(length(call.this()) == 0);
    Ok(())
}

pub fn count(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    ret.set_long(length(call.this()) as i64);
    Ok(())
}

/// Whether the iteration has an element left.
pub fn valid(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let key = invoke::function(c"key", &mut [contents(call.this()).into_zval()])?;
    ret.set_bool(!key.as_zval().is_null());
    Ok(())
}

pub fn get(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let key = call.args(1, 1)?.value()?;
    let this = call.this();
    let Some(value) = element(this, key)? else {
        let name = key.to_zstr().ok_or(Thrown::Exception)?;
        let class = ce::exception_array_key_not_exists();
        return Err(throw(class, 0, &String::from_utf8_lossy(&name)));
    };
    wrapped(property::class_of(this), value)?.give(ret);
    Ok(())
}

pub fn get_or(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let (key, default) = (args.value()?, args.opt_value());
    let this = call.this();
    match element(this, key)? {
        Some(value) => wrapped(property::class_of(this), value)?.give(ret),
        None => default.map_or_else(Value::null, |value| Value::copy_of(value)).give(ret),
    }
    Ok(())
}

/// The first or last element, as get() gives it; null when there is none.
fn at_end(call: &mut Call, ret: &mut Zval, key: &std::ffi::CStr) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    let key = invoke::function(key, &mut [contents(this).into_zval()])?;
    if !key.as_zval().is_null() {
        invoke::own_method(this, "get", &mut [key.into_zval()])?.give(ret);
    }
    Ok(())
}

pub fn first(call: &mut Call, ret: &mut Zval) -> PhpResult {
    at_end(call, ret, c"array_key_first")
}

pub fn last(call: &mut Call, ret: &mut Zval) -> PhpResult {
    at_end(call, ret, c"array_key_last")
}

pub fn set(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let (key, value) = (args.value()?, Value::copy_of(args.value()?));
    let this = call.this();
    put(this, key, value)?;
    fluent(this, ret);
    Ok(())
}

pub fn delete(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let key = call.args(1, 1)?.value()?;
    let this = call.this();
    take(this, key)?;
    fluent(this, ret);
    Ok(())
}

pub fn clear(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    this.slot(ARRAY).assign(Value::array(0));
    fluent(this, ret);
    Ok(())
}

/// Null for a key that is not there.
pub fn offset_get(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let key = call.args(1, 1)?.value()?;
    if let Some(value) = element(call.this(), key)? {
        value.give(ret);
    }
    Ok(())
}

pub fn offset_set(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let (key, value) = (args.value()?, Value::copy_of(args.value()?));
    put(call.this(), key, value)
}

pub fn offset_unset(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let key = call.args(1, 1)?.value()?;
    take(call.this(), key)
}

pub fn offset_exists(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let key = call.args(1, 1)?.value()?;
    let found = element(call.this(), key)?;
    ret.set_bool(found.is_some_and(|value| !value.as_zval().is_null()));
    Ok(())
}

/// A key whose value is null exists, too.
pub fn exists(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let key = call.args(1, 1)?.value()?;
    ret.set_bool(element(call.this(), key)?.is_some());
    Ok(())
}

/// The last key whose value equals the one asked for; null when there is none.
pub fn last_index_of(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let needle = Value::copy_of(args.value()?);
    let strict = Value::bool(args.opt_bool()?.unwrap_or(true));
    let all = contents(call.this());
    let mut args = [all.into_zval(), needle.into_zval(), strict.into_zval()];
    let keys = invoke::function(c"array_keys", &mut args)?;
    let mut last = Value::null();
    if let Some(keys) = keys.as_zval().as_array() {
        let index = keys.len() as i64 - 1;
        last = keys.get_index(index).map_or_else(Value::null, Value::copy_of);
    }
    last.give(ret);
    Ok(())
}

/// Removes the first element with this value, or all of them.
pub fn remove(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 3)?;
    let needle = Value::copy_of(args.value()?);
    let strict = args.opt_bool()?.unwrap_or(true);
    let all = args.opt_bool()?.unwrap_or(false);
    let this = call.this();
    let mut args = [contents(this).into_zval(), needle.into_zval(), Value::bool(strict).into_zval()];
    let keys = invoke::function(c"array_keys", &mut args)?;
    drop(args);
    let mut found = Vec::new();
    if let Some(keys) = keys.as_zval().as_array() {
        keys.each(|_, key| {
            found.push(Value::copy_of(key));
            all
        });
    }
    for key in found {
        take(this, key.as_zval())?;
    }
    fluent(this, ret);
    Ok(())
}

/// `detectType(mixed $value)`
pub fn detect_type(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let value = Value::copy_of(call.args(1, 1)?.value()?);
    let class = call.called_class();
    let result = if value.as_zval().is_string() {
        invoke::static_method(class, c"detectstringtype", &mut [value.into_zval()])?
    } else if value.as_zval().is_array() {
        invoke::static_method(class, c"detectarraytype", &mut [value.into_zval()])?
    } else {
        value
    };
    result.give(ret);
    Ok(())
}

pub(super) fn string_object(text: Value) -> PhpResult<Value> {
    invoke::construct(ce::string_object(), &mut [text.into_zval()])
}

pub fn detect_string_type(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let text = Value::string(call.args(1, 1)?.bytes()?);
    string_object(text)?.give(ret);
    Ok(())
}

pub fn detect_array_type(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.args(1, 1)?.array()?;
    let array = first_argument(call);
    invoke::construct(call.called_class(), &mut [array.into_zval()])?.give(ret);
    Ok(())
}

/// An ArrayObject of `array`: `swoole_array()`, `_array()`.
pub(super) fn wrap(array: Value) -> PhpResult<Value> {
    invoke::construct(ce::array_object(), &mut [array.into_zval()])
}

/// `swoole_array(array $array = []): ArrayObject`
pub fn make(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.args(0, 1)?.opt_array()?;
    wrap(first_argument(call))?.give(ret);
    Ok(())
}

/// `swoole_array_list(...$array): ArrayObject`
pub fn make_list(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut all = Value::array(call.count());
    let mut array = all.array_mut();
    for value in call.args(0, u32::MAX)?.rest() {
        array.push(Value::copy_of(value));
    }
    wrap(all)?.give(ret);
    Ok(())
}

/// `swoole_array_default_value(array $array, $key, $default_value = null)`
pub fn default_value(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 3)?;
    let (array, key, default) = (args.array()?, args.value()?, args.opt_value());
    let value = match find(array, key)? {
        Some(value) => Value::copy_of(value),
        None => default.map_or_else(Value::null, |value| Value::copy_of(value)),
    };
    value.give(ret);
    Ok(())
}
