//! Swoole\Database\PDOProxy: a PDO that connects anew when its connection is lost.

use super::detects_lost_connections::is_lost;
use super::proxied::{Attempt, OBJECT, attempt, call as call_method, connect, entries, inner, remember, spread};
use crate::zend::registration::ce;
use crate::zend::{Array, Call, ObjectExt, PhpResult, Thrown, Value, ZendObject, Zval, ZvalExt, invoke};

/// Numbers of the declared properties.
const SET_ATTRIBUTE: u32 = 1;
const CONSTRUCTOR: u32 = 2;
const ROUND: u32 = 3;
const IN_TRANSACTION: u32 = 4;

/// `PDO::ATTR_ERRMODE` and `PDO::ERRMODE_EXCEPTION`
const ERROR_MODE: i64 = 3;
const EXCEPTIONS: i64 = 2;

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let constructor = Value::copy_of(call.args(1, 1)?.callable()?.value());
    let this = call.this();
    connect_pdo(this, &constructor)?;
    this.slot(CONSTRUCTOR).assign(constructor);
    Ok(())
}

fn connect_pdo(this: &mut ZendObject, constructor: &Value) -> PhpResult<Value> {
    let pdo = connect(this, constructor)?;
    let mut mode = [Value::long(ERROR_MODE).into_zval(), Value::long(EXCEPTIONS).into_zval()];
    call_method(&pdo, b"setAttribute", &mut mode)?;
    Ok(pdo)
}

pub fn call(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let (name, arguments) = (args.bytes()?, args.array()?);
    let this = call.this();
    let result = through(this, name, arguments)?;
    let is = |other: &[u8]| name.eq_ignore_ascii_case(other);
    let depth = this.slot(IN_TRANSACTION).to_long();
    if is(b"beginTransaction") {
        this.slot(IN_TRANSACTION).set_long(depth + 1);
    } else if (is(b"commit") || is(b"rollback")) && depth > 0 {
        this.slot(IN_TRANSACTION).set_long(depth - 1);
    }
    if (is(b"prepare") || is(b"query")) && result.as_zval().obj().is_some() {
        let mut args = [result.into_zval(), Value::object(this).into_zval()];
        invoke::construct(ce::database_pdo_statement_proxy(), &mut args)?.give(ret);
    } else {
        result.give(ret);
    }
    Ok(())
}

/// Calls a method of the PDO; once more on a new connection when the old one was lost outside a transaction.
fn through(this: &mut ZendObject, name: &[u8], arguments: Array<'_>) -> PhpResult<Value> {
    let pdo = inner(this);
    // Asked before: on a broken connection drivers give an old answer, or a wrong one.
    let busy = call_method(&pdo, b"inTransaction", &mut [])?.as_zval().to_bool();
    let exception = match attempt(&pdo, name, arguments, invoke::class(b"PDOException")?)? {
        Attempt::Done(value) => return Ok(value),
        Attempt::Threw(exception) => exception,
    };
    let lost = !busy && exception.as_zval().obj().map_or(Ok(false), |object| is_lost(object))?;
    if !lost {
        return Err(invoke::rethrow(exception));
    }
    drop((exception, pdo));
    invoke::own_method(this, "reconnect", &mut [])?;
    spread(&inner(this), name, arguments)
}

pub fn get_round(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    ret.set_long(call.this().slot(ROUND).to_long());
    Ok(())
}

pub fn reconnect(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    let constructor = Value::copy_of(this.slot(CONSTRUCTOR));
    let pdo = connect_pdo(this, &constructor)?;
    let round = this.slot(ROUND).to_long() + 1;
    this.slot(ROUND).set_long(round);
    for (attribute, value) in entries(this.slot(SET_ATTRIBUTE)) {
        call_method(&pdo, b"setAttribute", &mut [attribute.into_zval(), value.into_zval()])?;
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

pub fn in_transaction(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    ret.set_bool(call.this().slot(IN_TRANSACTION).to_long() > 0);
    Ok(())
}

pub fn reset(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    call.this().slot(IN_TRANSACTION).set_long(0);
    Ok(())
}

/// A connection that goes back to its pool in the middle of a transaction is rolled back, and replaced when it
/// turns out to be lost: the next user must not find, nor commit, what somebody else began.
pub(in crate::php) fn settle(connection: &Zval) -> PhpResult {
    let Some(proxy) = connection.obj().filter(|object| object.is_a(ce::database_pdo_proxy())) else {
        return Ok(());
    };
    proxy.slot(IN_TRANSACTION).set_long(0);
    let pdo = Value::copy_of(proxy.slot(OBJECT));
    if pdo.as_zval().obj().is_none() {
        return Ok(());
    }
    let rolled = call_method(&pdo, b"inTransaction", &mut [])
        .and_then(|busy| if busy.as_zval().to_bool() { call_method(&pdo, b"rollBack", &mut []).map(drop) } else { Ok(()) });
    let Err(thrown) = rolled else { return Ok(()) };
    let Some(exception) = quietly(Err(thrown))? else { return Ok(()) };
    if exception.as_zval().obj().map_or(Ok(false), |object| is_lost(object))? {
        // While the server stays away, the next call tries again.
        quietly(invoke::own_method(proxy, "reconnect", &mut []).map(drop))?;
    }
    Ok(())
}

/// Takes an exception out of the way.
fn quietly(result: PhpResult) -> PhpResult<Option<Value>> {
    match result {
        Err(Thrown::Exception) => Ok(invoke::take_exception()),
        other => other.map(|()| None),
    }
}
