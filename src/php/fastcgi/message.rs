//! Swoole\FastCGI\Message: parameters, a body, errors.

use crate::zend::array::Key;
use crate::zend::{Array, Call, ObjectExt, PhpResult, Thrown, Value, ZendObject, Zval, ZvalExt};

/// Numbers of the declared properties; the children's follow.
pub(super) const PARAMS: u32 = 0;
pub(super) const BODY: u32 = 1;
pub(super) const ERROR: u32 = 2;

pub(in crate::php) fn fluent(this: &mut ZendObject, ret: &mut Zval) -> PhpResult {
    Value::object(this).give(ret);
    Ok(())
}

/// An element of an array property, as PHP would find it.
pub(in crate::php) fn element(this: &mut ZendObject, property: u32, name: &[u8]) -> Option<Value> {
    this.slot(property).as_array().and_then(|array| array.get_symbol(name)).map(Value::copy_of)
}

pub(in crate::php) fn set_element(this: &mut ZendObject, property: u32, name: &[u8], value: Value) {
    if let Some(mut array) = this.slot(property).as_array_mut() {
        array.set_symbol(name, value);
    }
}

pub(in crate::php) fn remove_element(this: &mut ZendObject, property: u32, name: &[u8]) {
    if let Some(mut array) = this.slot(property).as_array_mut() {
        array.remove_symbol(name);
    }
}

/// A property as it is.
pub(in crate::php) fn give(call: &mut Call, ret: &mut Zval, property: u32) -> PhpResult {
    call.no_args()?;
    Value::copy_of(call.this().slot(property)).give(ret);
    Ok(())
}

/// Takes an array argument into a property.
pub(in crate::php) fn keep_array(call: &mut Call, ret: &mut Zval, property: u32) -> PhpResult {
    call.args(1, 1)?.array()?;
    let value = call.raw_arg(0).map_or_else(Value::null, |value| Value::copy_of(value));
    let this = call.this();
    this.slot(property).assign(value);
    fluent(this, ret)
}

/// Puts the elements of an argument over those of a property.
pub(in crate::php) fn merge(call: &mut Call, ret: &mut Zval, property: u32) -> PhpResult {
    let added: Array<'_> = call.args(1, 1)?.array()?;
    let this = call.this();
    let mut merged = Value::array(added.len() as u32);
    let mut array = merged.array_mut();
    let mut each = |key: Key<'_>, value: &Zval| {
        match key {
            Key::Index(index) => array.set_index(index, Value::copy_of(value)),
            Key::Name(name) => array.set_bytes(name, Value::copy_of(value)),
        }
        true
    };
    if let Some(old) = this.slot(property).as_array() {
        old.each(&mut each);
    }
    added.each(&mut each);
    this.slot(property).assign(merged);
    fluent(this, ret)
}

/// `string $name` → its element, or null.
pub(in crate::php) fn look_up(call: &mut Call, ret: &mut Zval, property: u32) -> PhpResult {
    let name = call.args(1, 1)?.bytes()?;
    if let Some(value) = element(call.this(), property, name) {
        value.give(ret);
    }
    Ok(())
}

/// `string $name, string $value`
pub(in crate::php) fn store(call: &mut Call, ret: &mut Zval, property: u32) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let (name, value) = (args.bytes()?, Value::string(args.bytes()?));
    let this = call.this();
    set_element(this, property, name, value);
    fluent(this, ret)
}

/// A string argument into a property.
pub(in crate::php) fn keep_string(call: &mut Call, ret: &mut Zval, property: u32) -> PhpResult {
    let value = Value::string(call.args(1, 1)?.bytes()?);
    let this = call.this();
    this.slot(property).assign(value);
    fluent(this, ret)
}

pub(in crate::php) fn text(value: &Value) -> PhpResult<crate::zend::ZStr> {
    value.as_zval().to_zstr().ok_or(Thrown::Exception)
}

pub fn get_param(call: &mut Call, ret: &mut Zval) -> PhpResult {
    look_up(call, ret, PARAMS)
}

pub fn with_param(call: &mut Call, ret: &mut Zval) -> PhpResult {
    store(call, ret, PARAMS)
}

pub fn without_param(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let name = call.args(1, 1)?.bytes()?;
    let this = call.this();
    remove_element(this, PARAMS, name);
    fluent(this, ret)
}

pub fn get_params(call: &mut Call, ret: &mut Zval) -> PhpResult {
    give(call, ret, PARAMS)
}

pub fn with_params(call: &mut Call, ret: &mut Zval) -> PhpResult {
    keep_array(call, ret, PARAMS)
}

pub fn with_added_params(call: &mut Call, ret: &mut Zval) -> PhpResult {
    merge(call, ret, PARAMS)
}

pub fn get_body(call: &mut Call, ret: &mut Zval) -> PhpResult {
    give(call, ret, BODY)
}

pub fn with_body(call: &mut Call, ret: &mut Zval) -> PhpResult {
    keep_string(call, ret, BODY)
}

pub fn get_error(call: &mut Call, ret: &mut Zval) -> PhpResult {
    give(call, ret, ERROR)
}

pub fn with_error(call: &mut Call, ret: &mut Zval) -> PhpResult {
    keep_string(call, ret, ERROR)
}
