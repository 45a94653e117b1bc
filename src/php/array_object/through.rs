//! Methods of Swoole\ArrayObject that are functions of PHP: one handler for each way to pass the array on, and
//! a table of which function a method is.

use std::ffi::CStr;

use super::{ARRAY, contents, fluent, fresh, string_object, wrapped};
use crate::zend::error::{Builtin, throw_builtin};
use crate::zend::{Array, Call, PhpResult, Value, Zval, ZvalExt, invoke, property};

/// The function behind a method.
fn function(method: &str) -> PhpResult<&'static CStr> {
    Ok(match method {
        "current" => c"current",
        "key" => c"key",
        "rewind" => c"reset",
        "next" => c"next",
        "firstKey" => c"array_key_first",
        "lastKey" => c"array_key_last",
        "contains" => c"in_array",
        "search" | "indexOf" => c"array_search",
        "serialize" => c"serialize",
        "sum" => c"array_sum",
        "product" => c"array_product",
        "pushFront" => c"array_unshift",
        "push" | "pushBack" | "append" => c"array_push",
        "popFront" => c"array_shift",
        "pop" | "popBack" => c"array_pop",
        "slice" => c"array_slice",
        "each" => c"array_walk",
        "reduce" => c"array_reduce",
        "keys" => c"array_keys",
        "values" => c"array_values",
        "column" => c"array_column",
        "unique" => c"array_unique",
        "reverse" => c"array_reverse",
        "chunk" => c"array_chunk",
        "flip" => c"array_flip",
        "filter" => c"array_filter",
        "asort" => c"asort",
        "arsort" => c"arsort",
        "krsort" => c"krsort",
        "ksort" => c"ksort",
        "natcasesort" => c"natcasesort",
        "natsort" => c"natsort",
        "rsort" => c"rsort",
        "shuffle" => c"shuffle",
        "sort" => c"sort",
        "uasort" => c"uasort",
        "uksort" => c"uksort",
        "usort" => c"usort",
        other => return Err(throw_builtin(Builtin::Error, &format!("internal error: no function for {other}()"))),
    })
}

/// `function($array, ...$arguments)`
fn call_first(call: &mut Call) -> PhpResult<Value> {
    let rest = call.declared_args()?.rest();
    let name = function(call.name())?;
    let mut args = vec![contents(call.this()).into_zval()];
    args.extend(rest.iter().map(|value| Value::copy_of(value).into_zval()));
    invoke::function(name, &mut args)
}

/// The result as it is: key(), sum(), reduce() …
pub fn read(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call_first(call)?.give(ret);
    Ok(())
}

/// The result as a new object: keys(), slice(), filter() …
pub fn derive(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let made = call_first(call)?;
    fresh(call.this(), made)?.give(ret);
    Ok(())
}

/// `function(&$array, ...$arguments)`
fn change_array(call: &mut Call) -> PhpResult<Value> {
    let rest = call.declared_args()?.rest();
    let name = function(call.name())?;
    let mut args = vec![Zval::new()];
    args.extend(rest.iter().map(|value| Value::copy_of(value).into_zval()));
    invoke::on_property(call.this(), ARRAY, name, &mut args)
}

/// Changes the array and gives the function's result: push(), pop(), next() …
pub fn change(call: &mut Call, ret: &mut Zval) -> PhpResult {
    change_array(call)?.give(ret);
    Ok(())
}

/// Changes the array and gives the object: sort() and its kin, each(), append().
pub fn arrange(call: &mut Call, ret: &mut Zval) -> PhpResult {
    if call.name() != "append" || call.count() > 0 {
        change_array(call)?;
    }
    fluent(call.this(), ret);
    Ok(())
}

/// `function($needle, $array, $strict)`: contains(), search(), indexOf().
pub fn look_up(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let needle = Value::copy_of(args.value()?);
    let strict = Value::bool(args.opt_bool()?.unwrap_or(true));
    let name = function(call.name())?;
    let mut args = [needle.into_zval(), contents(call.this()).into_zval(), strict.into_zval()];
    invoke::function(name, &mut args)?.give(ret);
    Ok(())
}

pub fn map(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut given = call.args(1, u32::MAX)?;
    let callable = given.callable()?;
    let mut args = vec![Value::copy_of(callable.value()).into_zval(), contents(call.this()).into_zval()];
    args.extend(given.rest().iter().map(|value| Value::copy_of(value).into_zval()));
    let made = invoke::function(c"array_map", &mut args)?;
    fresh(call.this(), made)?.give(ret);
    Ok(())
}

pub fn join(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let glue = Value::string(call.args(0, 1)?.opt_bytes()?.unwrap_or_default());
    let mut args = [glue.into_zval(), contents(call.this()).into_zval()];
    string_object(invoke::function(c"implode", &mut args)?)?.give(ret);
    Ok(())
}

/// Replaces the array by the one in a serialized string; a scalar becomes an array of one.
pub fn unserialize(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let text = Value::string(call.args(1, 1)?.bytes()?);
    let mut value = invoke::function(c"unserialize", &mut [text.into_zval()])?;
    if value.as_zval().obj().is_some() {
        value = invoke::function(c"get_mangled_object_vars", &mut [value.into_zval()])?;
    } else if !value.as_zval().is_array() {
        let mut array = Value::array(1);
        if !value.as_zval().is_null() {
            array.array_mut().push(value);
        }
        value = array;
    }
    let this = call.this();
    crate::zend::ObjectExt::slot(this, ARRAY).assign(value);
    fluent(this, ret);
    Ok(())
}

/// Inserts one value, or the elements of an array as one element, before position `offset`.
pub fn insert(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let offset = Value::long(args.long()?);
    let mut inserted = Value::array(1);
    inserted.array_mut().push(Value::copy_of(args.value()?));
    let mut args = [Zval::new(), offset.into_zval(), Value::long(0).into_zval(), inserted.into_zval()];
    invoke::on_property(call.this(), ARRAY, c"array_splice", &mut args)?;
    fluent(call.this(), ret);
    Ok(())
}

pub fn random_get(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    let all = contents(this);
    let mut args = [all.clone().into_zval(), Value::long(1).into_zval()];
    let key = invoke::function(c"array_rand", &mut args)?;
    let value = all.as_zval().as_array().and_then(|array: Array<'_>| match key.as_zval().bytes() {
        Some(name) => array.get_bytes(name).map(Value::copy_of),
        None => array.get_index(key.as_zval().to_long()).map(Value::copy_of),
    });
    wrapped(property::class_of(this), value.unwrap_or_else(Value::null))?.give(ret);
    Ok(())
}
