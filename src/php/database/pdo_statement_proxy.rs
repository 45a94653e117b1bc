//! Swoole\Database\PDOStatementProxy: a statement that is prepared anew when its connection is lost.

use super::detects_lost_connections::is_lost;
use super::proxied::{Attempt, OBJECT, attempt, call as call_method, entries, inner, remember, spread};
use crate::zend::registration::ce;
use crate::zend::{Array, Call, ObjectExt, PhpResult, Value, ZendObject, Zval, ZvalExt, invoke, property};

/// Numbers of the declared properties.
const SET_ATTRIBUTE: u32 = 1;
const SET_FETCH_MODE: u32 = 2;
const BIND_PARAM: u32 = 3;
const BIND_COLUMN: u32 = 4;
const BIND_VALUE: u32 = 5;
const PARENT: u32 = 6;
const PARENT_ROUND: u32 = 7;

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let statement = Value::object(args.object_of(invoke::class(b"PDOStatement")?)?);
    let parent = args.object_of(ce::database_pdo_proxy())?;
    let round = invoke::method(parent, b"getRound", &mut [])?;
    let this = call.this();
    this.slot(OBJECT).assign(statement);
    this.slot(PARENT).assign(Value::object(parent));
    this.slot(PARENT_ROUND).assign(round);
    Ok(())
}

pub fn call(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let (name, arguments) = (args.bytes()?, args.array()?);
    through(call.this(), name, arguments)?.give(ret);
    Ok(())
}

fn through(this: &mut ZendObject, name: &[u8], arguments: Array<'_>) -> PhpResult<Value> {
    let statement = inner(this);
    let exception = match attempt(&statement, name, arguments, invoke::class(b"PDOException")?)? {
        Attempt::Done(value) => return Ok(value),
        Attempt::Threw(exception) => exception,
    };
    let parent = Value::copy_of(this.slot(PARENT));
    let busy = call_method(&parent, b"inTransaction", &mut [])?.as_zval().to_bool();
    let lost = !busy && exception.as_zval().obj().map_or(Ok(false), |object| is_lost(object))?;
    if !lost {
        return Err(invoke::rethrow(exception));
    }
    drop(exception);
    revive(this, &parent, &statement)?;
    drop(statement);
    spread(&inner(this), name, arguments)
}

/// Prepares the statement on the parent's (new) connection, with all that was bound and set.
fn revive(this: &mut ZendObject, parent: &Value, old: &Value) -> PhpResult {
    let round = call_method(parent, b"getRound", &mut [])?;
    if round.as_zval().to_long() == this.slot(PARENT_ROUND).to_long() {
        call_method(parent, b"reconnect", &mut [])?;
    }
    let round = call_method(parent, b"getRound", &mut [])?;
    this.slot(PARENT_ROUND).assign(round);
    let pdo = call_method(parent, b"__getObject", &mut [])?;
    let text = match old.as_zval().obj() {
        Some(old) => property::read(old, b"queryString")?,
        None => Value::string(b""),
    };
    let statement = call_method(&pdo, b"prepare", &mut [text.into_zval()])?;
    this.slot(OBJECT).assign(statement.clone());
    for (attribute, value) in entries(this.slot(SET_ATTRIBUTE)) {
        call_method(&statement, b"setAttribute", &mut [attribute.into_zval(), value.into_zval()])?;
    }
    let mode = Value::copy_of(this.slot(SET_FETCH_MODE));
    if let Some(mode) = mode.as_zval().as_array().filter(|mode| !mode.is_empty()) {
        spread(&statement, b"setFetchMode", mode)?;
    }
    let bound: [(u32, &[u8]); 3] = [(BIND_PARAM, b"bindParam"), (BIND_COLUMN, b"bindColumn"), (BIND_VALUE, b"bindValue")];
    for (property, method) in bound {
        for (_, arguments) in entries(this.slot(property)) {
            if let Some(arguments) = arguments.as_zval().as_array() {
                spread(&statement, method, arguments)?;
            }
        }
    }
    Ok(())
}

pub fn set_attribute(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let (attribute, value) = (args.long()?, Value::copy_of(args.value()?));
    let this = call.this();
    remember(this.slot(SET_ATTRIBUTE), Value::long(attribute).as_zval(), value.clone());
    let mut args = [Value::long(attribute).into_zval(), value.into_zval()];
    call_method(&inner(this), b"setAttribute", &mut args)?.give(ret);
    Ok(())
}

/// The arguments of a call as an array; PHP references stay references.
fn packed(arguments: &[Zval]) -> Value {
    let mut all = Value::array(arguments.len() as u32);
    let mut array = all.array_mut();
    for argument in arguments {
        array.push(Value::share(argument));
    }
    all
}

pub fn set_fetch_mode(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let all = packed(call.args(1, u32::MAX)?.rest());
    let this = call.this();
    this.slot(SET_FETCH_MODE).assign(all.clone());
    if let Some(arguments) = all.as_zval().as_array() {
        spread(&inner(this), b"setFetchMode", arguments)?.give(ret);
    }
    Ok(())
}

/// Binds, and remembers for the time after a reconnect. A variable is remembered by reference: it is its value
/// at execute() that counts.
fn bind(call: &mut Call, ret: &mut Zval, most: u32, property: u32, method: &[u8]) -> PhpResult {
    let mut args = call.args(2, most)?;
    let key = call.raw_arg(0).map_or_else(Value::null, |key| Value::copy_of(key));
    let all = packed(args.rest());
    let this = call.this();
    remember(this.slot(property), key.as_zval(), all.clone());
    if let Some(arguments) = all.as_zval().as_array() {
        spread(&inner(this), method, arguments)?.give(ret);
    }
    Ok(())
}

pub fn bind_param(call: &mut Call, ret: &mut Zval) -> PhpResult {
    bind(call, ret, 5, BIND_PARAM, b"bindParam")
}

pub fn bind_column(call: &mut Call, ret: &mut Zval) -> PhpResult {
    bind(call, ret, 5, BIND_COLUMN, b"bindColumn")
}

pub fn bind_value(call: &mut Call, ret: &mut Zval) -> PhpResult {
    bind(call, ret, 3, BIND_VALUE, b"bindValue")
}
