//! Swoole\StringObject: PHP's string functions as methods.

use std::ffi::CStr;

use crate::zend::error::{Builtin, throw_builtin};
use crate::zend::registration::ce;
use crate::zend::{Call, ClassEntry, ObjectExt, PhpResult, Thrown, Value, ZendObject, Zval, ZvalExt, invoke, property};

/// Number of `$string`.
pub(super) const STRING: u32 = 0;

/// The string; '' before the constructor ran.
pub(super) fn text(this: &mut ZendObject) -> Value {
    let slot = this.slot(STRING);
    if slot.is_string() { Value::copy_of(slot) } else { Value::string(b"") }
}

/// `new static($string)`
pub(super) fn fresh(this: &ZendObject, string: Value) -> PhpResult<Value> {
    invoke::construct(property::class_of(this), &mut [string.into_zval()])
}

/// The function behind a method.
fn function(method: &str) -> PhpResult<&'static CStr> {
    Ok(match method {
        "length" => c"strlen",
        "indexOf" | "pos" => c"strpos",
        "lastIndexOf" | "rpos" => c"strrpos",
        "ipos" => c"stripos",
        "startsWith" => c"str_starts_with",
        "endsWith" => c"str_ends_with",
        "contains" => c"str_contains",
        "reverse" => c"strrev",
        "lower" => c"strtolower",
        "upper" => c"strtoupper",
        "ltrim" => c"ltrim",
        "rtrim" => c"rtrim",
        "substr" => c"substr",
        "repeat" => c"str_repeat",
        "chunkSplit" => c"chunk_split",
        "chunk" => c"str_split",
        other => return Err(throw_builtin(Builtin::Error, &format!("internal error: no function for {other}()"))),
    })
}

/// `function($string, ...$arguments)`
pub(super) fn call_first(call: &mut Call, function: fn(&str) -> PhpResult<&'static CStr>) -> PhpResult<Value> {
    let rest = call.declared_args()?.rest();
    let name = function(call.name())?;
    let mut args = vec![text(call.this()).into_zval()];
    args.extend(rest.iter().map(|value| Value::copy_of(value).into_zval()));
    invoke::function(name, &mut args)
}

/// The result as it is: length(), indexOf() …
pub fn read(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call_first(call, function)?.give(ret);
    Ok(())
}

/// The result as a new object: lower(), substr() …
pub fn derive(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let made = call_first(call, function)?;
    fresh(call.this(), made)?.give(ret);
    Ok(())
}

/// The result as an ArrayObject, by `static::detectArrayType()`.
pub(super) fn listed(call: &mut Call, array: Value) -> PhpResult<Value> {
    invoke::static_method(property::class_of(call.this()), c"detectarraytype", &mut [array.into_zval()])
}

pub fn chunk(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let array = call_first(call, function)?;
    listed(call, array)?.give(ret);
    Ok(())
}

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let string = Value::string(call.args(0, 1)?.opt_bytes()?.unwrap_or_default());
    call.this().slot(STRING).assign(string);
    Ok(())
}

pub fn to_string(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    text(call.this()).give(ret);
    Ok(())
}

fn made_of(call: &mut Call, class: *mut ClassEntry) -> PhpResult<Value> {
    let string = Value::string(call.args(0, 1)?.opt_bytes()?.unwrap_or_default());
    invoke::construct(class, &mut [string.into_zval()])
}

pub fn from(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let class = call.called_class();
    made_of(call, class)?.give(ret);
    Ok(())
}

/// `swoole_string(string $string = ''): StringObject`
pub fn make(call: &mut Call, ret: &mut Zval) -> PhpResult {
    made_of(call, ce::string_object())?.give(ret);
    Ok(())
}

/// `swoole_mbstring(string $string = ''): MultibyteStringObject`
pub fn make_multibyte(call: &mut Call, ret: &mut Zval) -> PhpResult {
    made_of(call, ce::multibyte_string_object())?.give(ret);
    Ok(())
}

/// Without characters (or with '' or '0', which PHP takes for false), white space.
pub fn trim(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let characters = call.args(0, 1)?.opt_bytes()?.unwrap_or_default();
    let this = call.this();
    let made = if matches!(characters, b"" | b"0") {
        invoke::function(c"trim", &mut [text(this).into_zval()])?
    } else {
        invoke::function(c"trim", &mut [text(this).into_zval(), Value::string(characters).into_zval()])?
    };
    fresh(this, made)?.give(ret);
    Ok(())
}

/// Appends to this very string, and gives a new object with the result.
pub fn append(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let more = call.args(1, 1)?.value()?.to_zstr().ok_or(Thrown::Exception)?;
    let this = call.this();
    let all = [text(this).as_zval().bytes().unwrap_or_default(), &more].concat();
    let all = Value::string(&all);
    this.slot(STRING).assign(all.clone());
    fresh(this, all)?.give(ret);
    Ok(())
}

pub fn replace(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 3)?;
    let (search, replace) = (Value::string(args.bytes()?), Value::string(args.bytes()?));
    let count = args.by_ref();
    let this = call.this();
    let number = invoke::reference(Value::long(0));
    let mut args = [search.into_zval(), replace.into_zval(), text(this).into_zval(), number];
    let made = invoke::function(c"str_replace", &mut args)?;
    if let Some(count) = count {
        count.assign(Value::copy_of(&args[3]));
    }
    fresh(this, made)?.give(ret);
    Ok(())
}

pub fn equals(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let (other, strict) = (args.value()?, args.opt_bool()?.unwrap_or(false));
    let class = ce::string_object();
    let other = match other.obj() {
        Some(object) if object.is_a(class) => invoke::own_method(object, "__toString", &mut [])?,
        _ => Value::copy_of(other),
    };
    let mine = text(call.this());
    // A list of one, searched: PHP's own comparison, == or ===.
    let mut list = Value::array(1);
    list.array_mut().push(other);
    let mut args = [mine.into_zval(), list.into_zval(), Value::bool(strict).into_zval()];
    invoke::function(c"in_array", &mut args)?.give(ret);
    Ok(())
}

pub fn split(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let (delimiter, limit) = (Value::string(args.bytes()?), args.opt_long()?.unwrap_or(i64::MAX));
    let mut args = [delimiter.into_zval(), text(call.this()).into_zval(), Value::long(limit).into_zval()];
    let array = invoke::function(c"explode", &mut args)?;
    listed(call, array)?.give(ret);
    Ok(())
}

/// One byte, counted from the end when `index` is negative; '' past the ends.
pub fn char(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let index = call.args(1, 1)?.long()?;
    let string = text(call.this());
    let bytes = string.as_zval().bytes().unwrap_or_default();
    let at = if index < 0 { bytes.len() as i64 + index } else { index };
    let byte = usize::try_from(at).ok().and_then(|at| bytes.get(at..=at));
    ret.set_bytes(byte.unwrap_or_default());
    Ok(())
}

pub fn detect_array_type(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.args(1, 1)?.array()?;
    let array = call.raw_arg(0).map_or_else(|| Value::array(0), |value| Value::copy_of(value));
    super::array_object::wrap(array)?.give(ret);
    Ok(())
}
