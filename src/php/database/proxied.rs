//! What the proxies share: the object behind, its replacement, and the calls through to it.

use crate::zend::invoke::{self, take_exception};
use crate::zend::property::silenced;
use crate::zend::{Array, ClassEntry, ObjectExt, PhpResult, Thrown, Value, ZendObject, Zval, ZvalExt};

/// `$__object` of every proxy.
pub(super) const OBJECT: u32 = 0;

/// The object behind the proxy, kept alive while it is used.
pub(super) fn inner(this: &mut ZendObject) -> Value {
    Value::copy_of(this.slot(OBJECT))
}

/// Calls a method of a value that should be an object.
pub(super) fn call(target: &Value, name: &[u8], args: &mut [Zval]) -> PhpResult<Value> {
    match target.as_zval().obj() {
        Some(object) => invoke::method(object, name, args),
        None => Err(not_an_object(name)),
    }
}

pub(super) fn spread(target: &Value, name: &[u8], args: Array<'_>) -> PhpResult<Value> {
    match target.as_zval().obj() {
        Some(object) => invoke::method_spread(object, name, args),
        None => Err(not_an_object(name)),
    }
}

fn not_an_object(name: &[u8]) -> Thrown {
    let text = format!("Call to a member function {}() on null", String::from_utf8_lossy(name));
    crate::zend::error::throw_builtin(crate::zend::error::Builtin::Error, &text)
}

/// How a call through the proxy ended, with an exception of the driver's class caught.
pub(super) enum Attempt {
    Done(Value),
    Threw(Value),
}

/// Calls a method, and catches exceptions of `caught`.
pub(super) fn attempt(target: &Value, name: &[u8], args: Array<'_>, caught: *mut ClassEntry) -> PhpResult<Attempt> {
    match spread(target, name, args) {
        Ok(value) => Ok(Attempt::Done(value)),
        Err(Thrown::Bailout) => Err(Thrown::Bailout),
        Err(Thrown::Exception) => {
            let Some(exception) = take_exception() else { return Err(Thrown::Exception) };
            if exception.as_zval().obj().is_some_and(|object| object.is_a(caught)) {
                Ok(Attempt::Threw(exception))
            } else {
                Err(invoke::rethrow(exception))
            }
        }
    }
}

/// As [`attempt`], without warnings.
pub(super) fn quiet(target: &Value, name: &[u8], args: Array<'_>, caught: *mut ClassEntry) -> PhpResult<Attempt> {
    silenced(|| attempt(target, name, args, caught))
}

/// Makes a new connection the object behind the proxy.
pub(super) fn connect(this: &mut ZendObject, constructor: &Value) -> PhpResult<Value> {
    let made = invoke::callable(constructor.as_zval(), &mut [])?;
    if made.as_zval().obj().is_none() {
        let text = "the constructor of a connection must give an object";
        return Err(crate::zend::error::throw_builtin(crate::zend::error::Builtin::TypeError, text));
    }
    this.slot(OBJECT).assign(made.clone());
    Ok(made)
}

/// Each element of an array property, as `(key, element)` values to call methods with.
pub(super) fn entries(property: &Zval) -> Vec<(Value, Value)> {
    let mut entries = Vec::new();
    if let Some(array) = property.as_array() {
        array.each(|key, value| {
            let key = match key {
                crate::zend::array::Key::Index(index) => Value::long(index),
                crate::zend::array::Key::Name(name) => Value::string(name),
            };
            entries.push((key, Value::copy_of(value)));
            true
        });
    }
    entries
}

/// Sets an element under a key as PHP code would: ints and strings.
pub(super) fn remember(property: &mut Zval, key: &Zval, value: Value) {
    if !property.is_array() {
        property.assign(Value::array(4));
    }
    let Some(mut array) = property.as_array_mut() else { return };
    match key.long() {
        Some(index) if key.is_long() => array.set_index(index, value),
        _ => {
            if let Some(name) = key.to_zstr() {
                array.set_symbol(&name, value);
            }
        }
    }
}
