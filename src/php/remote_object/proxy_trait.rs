//! Swoole\RemoteObject\ProxyTrait: everything goes on to what getObject() gives.

use crate::zend::error::{Builtin, throw_builtin};
use crate::zend::{Call, ObjectExt, PhpResult, Value, Zval, ZvalExt, invoke, property};

/// Works on the object, kept alive meanwhile.
fn with<T>(call: &Call, work: impl FnOnce(&crate::zend::ZendObject) -> PhpResult<T>) -> PhpResult<T> {
    let behind = invoke::own_method(call.this(), "getObject", &mut [])?;
    match behind.as_zval().obj() {
        Some(object) => work(object),
        None => {
            let text = format!("{}::getObject() must give an object", call.this().class_name());
            Err(throw_builtin(Builtin::TypeError, &text))
        }
    }
}

/// A method with the same arguments. (The function's own name is no guide: a class may import it under another.)
fn same(call: &Call, method: &[u8], most: u32) -> PhpResult<Value> {
    let args: Vec<Value> = call.args(most, most)?.rest().iter().map(Value::copy_of).collect();
    let mut args: Vec<Zval> = args.into_iter().map(Value::into_zval).collect();
    with(call, |object| invoke::method(object, method, &mut args))
}

pub fn call(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let (name, list) = (args.bytes()?, args.array()?);
    with(call, |object| invoke::method_spread(object, name, list))?.give(ret);
    Ok(())
}

pub fn get(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let name = call.args(1, 1)?.bytes()?;
    with(call, |object| property::read(object, name))?.give(ret);
    Ok(())
}

pub fn set(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let (name, value) = (args.bytes()?, args.value()?);
    with(call, |object| property::write(object, name, value))
}

pub fn to_string(call: &mut Call, ret: &mut Zval) -> PhpResult {
    same(call, b"__toString", 0)?.give(ret);
    Ok(())
}

pub fn invoke(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let list = call.variadic(0)?;
    let list = list.as_zval().as_array();
    with(call, |object| match list {
        Some(list) => invoke::method_spread(object, b"__invoke", list),
        None => Ok(Value::null()),
    })?
    .give(ret);
    Ok(())
}

pub fn offset_get(call: &mut Call, ret: &mut Zval) -> PhpResult {
    same(call, b"offsetGet", 1)?.give(ret);
    Ok(())
}

pub fn offset_set(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    same(call, b"offsetSet", 2).map(drop)
}

pub fn offset_unset(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    same(call, b"offsetUnset", 1).map(drop)
}

pub fn offset_exists(call: &mut Call, ret: &mut Zval) -> PhpResult {
    same(call, b"offsetExists", 1)?.give(ret);
    Ok(())
}

pub fn current(call: &mut Call, ret: &mut Zval) -> PhpResult {
    same(call, b"current", 0)?.give(ret);
    Ok(())
}

pub fn next(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    same(call, b"next", 0).map(drop)
}

pub fn key(call: &mut Call, ret: &mut Zval) -> PhpResult {
    same(call, b"key", 0)?.give(ret);
    Ok(())
}

pub fn valid(call: &mut Call, ret: &mut Zval) -> PhpResult {
    same(call, b"valid", 0)?.give(ret);
    Ok(())
}

pub fn rewind(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    same(call, b"rewind", 0).map(drop)
}

pub fn count(call: &mut Call, ret: &mut Zval) -> PhpResult {
    same(call, b"count", 0)?.give(ret);
    Ok(())
}
