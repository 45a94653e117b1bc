//! Swoole\ObjectProxy: passes everything on to another object.

use crate::zend::error::{Builtin, throw_builtin};
use crate::zend::{Array, Call, Callable, ObjectExt, PhpResult, Value, ZendObject, Zval, ZvalExt, error, invoke, property};

/// Number of `$__object`.
const OBJECT: u32 = 0;

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let object = call.args(1, 1)?.object()?;
    let value = Value::object(object);
    call.this().slot(OBJECT).assign(value);
    Ok(())
}

pub fn get_object(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    Value::copy_of(call.this().slot(OBJECT)).give(ret);
    Ok(())
}

/// The object behind, kept alive while it is used.
fn target(call: &Call) -> PhpResult<Value> {
    let value = Value::copy_of(call.this().slot(OBJECT));
    if value.as_zval().obj().is_some() {
        Ok(value)
    } else {
        Err(error::throw_builtin(error::Builtin::Error, "the proxy has no object"))
    }
}

fn with<T>(value: &Value, work: impl FnOnce(&ZendObject) -> PhpResult<T>) -> PhpResult<T> {
    match value.as_zval().obj() {
        Some(object) => work(object),
        None => Err(crate::zend::Thrown::Exception),
    }
}

pub fn get(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let name = call.args(1, 1)?.bytes()?;
    with(&target(call)?, |object| property::read(object, name))?.give(ret);
    Ok(())
}

pub fn set(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let (name, value) = (args.bytes()?, args.value()?);
    with(&target(call)?, |object| property::write(object, name, value))
}

pub fn isset(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let name = call.args(1, 1)?.bytes()?;
    ret.set_bool(with(&target(call)?, |object| property::is_set(object, name))?);
    Ok(())
}

pub fn unset(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let name = call.args(1, 1)?.bytes()?;
    with(&target(call)?, |object| property::unset(object, name))
}

pub fn call(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let (name, arguments): (_, Array<'_>) = (args.bytes()?, args.array()?);
    with(&target(call)?, |object| invoke::method_spread(object, name, arguments))?.give(ret);
    Ok(())
}

pub fn invoke(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let target = target(call)?;
    if let Some(object) = target.as_zval().obj().filter(|_| Callable::new(target.as_zval()).is_none()) {
        let text = format!("Object of type {} is not callable", object.class_name());
        return Err(throw_builtin(Builtin::Error, &text));
    }
    let all = call.variadic(0)?;
    let Some(all) = all.as_zval().as_array() else { return Ok(()) };
    invoke::callable_spread(target.as_zval(), all)?.give(ret);
    Ok(())
}
