//! What the configurations share: a property's getter, and setters that give the object back.

use crate::zend::{Call, ObjectExt, PhpResult, Value, Zval, ZvalExt};

/// A property; null while it has no value.
pub(super) fn get(call: &mut Call, ret: &mut Zval, property: u32) -> PhpResult {
    call.no_args()?;
    let slot = call.this().slot(property);
    if slot.is_undef() {
        ret.set_null();
    } else {
        Value::copy_of(slot).give(ret);
    }
    Ok(())
}

fn with(call: &mut Call, ret: &mut Zval, property: u32, value: Value) -> PhpResult {
    let this = call.this();
    this.slot(property).assign(value);
    Value::object(this).give(ret);
    Ok(())
}

pub(super) fn with_string(call: &mut Call, ret: &mut Zval, property: u32) -> PhpResult {
    let value = Value::string(call.args(1, 1)?.bytes()?);
    with(call, ret, property, value)
}

pub(super) fn with_string_or_null(call: &mut Call, ret: &mut Zval, property: u32) -> PhpResult {
    let value = call.args(1, 1)?.opt_bytes_or_null()?.map_or_else(Value::null, Value::string);
    with(call, ret, property, value)
}

pub(super) fn with_long(call: &mut Call, ret: &mut Zval, property: u32) -> PhpResult {
    let value = Value::long(call.args(1, 1)?.long()?);
    with(call, ret, property, value)
}

pub(super) fn with_float(call: &mut Call, ret: &mut Zval, property: u32) -> PhpResult {
    let number = call.args(1, 1)?.double()?;
    let mut value = Zval::new();
    value.set_double(number);
    with(call, ret, property, Value::from_zval(value))
}

pub(super) fn with_array(call: &mut Call, ret: &mut Zval, property: u32) -> PhpResult {
    let mut args = call.args(1, 1)?;
    args.array()?;
    let value = call.raw_arg(0).map_or_else(Value::null, |value| Value::copy_of(value));
    with(call, ret, property, value)
}
