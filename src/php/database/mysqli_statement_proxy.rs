//! Swoole\Database\MysqliStatementProxy: a statement that is prepared anew when its connection is lost.

use super::mysqli_pool::failed;
use super::mysqli_proxy::{TRIES, Verdict, judge};
use super::proxied::{OBJECT, call as call_method, entries, inner, quiet, remember, spread};
use crate::zend::property::silenced;
use crate::zend::registration::ce;
use crate::zend::{Call, ObjectExt, PhpResult, Value, ZendObject, Zval, ZvalExt, invoke, property};

/// Numbers of the declared properties.
const QUERY: u32 = 1;
const ATTR_SET: u32 = 2;
const BIND_PARAM: u32 = 3;
const BIND_RESULT: u32 = 4;
const PARENT: u32 = 5;
const PARENT_ROUND: u32 = 6;

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(3, 3)?;
    let statement = Value::object(args.object_of(invoke::class(b"mysqli_stmt")?)?);
    let query = args.opt_bytes_or_null()?.map_or_else(Value::null, Value::string);
    let parent = args.object_of(ce::database_mysqli_proxy())?;
    let round = invoke::method(parent, b"getRound", &mut [])?;
    let this = call.this();
    this.slot(OBJECT).assign(statement);
    this.slot(QUERY).assign(query);
    this.slot(PARENT).assign(Value::object(parent));
    this.slot(PARENT_ROUND).assign(round);
    Ok(())
}

pub fn call(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let (name, arguments) = (args.bytes()?, args.array()?);
    let this = call.this();
    let caught = invoke::class(b"mysqli_sql_exception")?;
    let parent = Value::copy_of(this.slot(PARENT));
    let Some(parent_object) = parent.as_zval().obj() else { return Ok(()) };
    for left in (0..TRIES).rev() {
        let statement = inner(this);
        let outcome = quiet(&statement, name, arguments, caught)?;
        match judge(this, property::class_of(parent_object), &statement, name, outcome, left == 0)? {
            Verdict::Reconnect => {
                drop(statement);
                revive(this, &parent)?;
            }
            Verdict::Give(value) => {
                if name.eq_ignore_ascii_case(b"prepare") && value.as_zval().bool() != Some(false) {
                    let text = arguments.get_index(0).or_else(|| arguments.get("query"));
                    this.slot(QUERY).assign(text.map_or_else(Value::null, Value::copy_of));
                }
                value.give(ret);
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Prepares the statement on the parent's (new) connection, with all that was bound and set.
fn revive(this: &mut ZendObject, parent: &Value) -> PhpResult {
    let round = call_method(parent, b"getRound", &mut [])?;
    if round.as_zval().to_long() == this.slot(PARENT_ROUND).to_long() {
        call_method(parent, b"reconnect", &mut [])?;
    }
    let round = call_method(parent, b"getRound", &mut [])?;
    this.slot(PARENT_ROUND).assign(round);
    let mysqli = call_method(parent, b"__getObject", &mut [])?;
    let query = Value::copy_of(this.slot(QUERY));
    let statement = silenced(|| {
        if query.as_zval().to_bool() {
            call_method(&mysqli, b"prepare", &mut [query.into_zval()])
        } else {
            call_method(&mysqli, b"stmt_init", &mut [])
        }
    })?;
    if statement.as_zval().obj().is_none() {
        let Some(mysqli) = mysqli.as_zval().obj() else { return Ok(()) };
        let code = property::read(mysqli, b"errno")?.as_zval().to_long();
        return Err(failed(code, &property::read(mysqli, b"error")?));
    }
    this.slot(OBJECT).assign(statement.clone());
    for (bound, method) in [(BIND_PARAM, &b"bind_param"[..]), (BIND_RESULT, b"bind_result")] {
        let arguments = Value::copy_of(this.slot(bound));
        if let Some(arguments) = arguments.as_zval().as_array() {
            spread(&statement, method, arguments)?;
        }
    }
    for (attribute, value) in entries(this.slot(ATTR_SET)) {
        call_method(&statement, b"attr_set", &mut [attribute.into_zval(), value.into_zval()])?;
    }
    Ok(())
}

pub fn attr_set(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let (attribute, mode) = (Value::copy_of(args.value()?), Value::copy_of(args.value()?));
    let this = call.this();
    remember(this.slot(ATTR_SET), attribute.as_zval(), mode.clone());
    call_method(&inner(this), b"attr_set", &mut [attribute.into_zval(), mode.into_zval()])?.give(ret);
    Ok(())
}

/// Binds variables, and remembers them by reference for the time after a reconnect.
fn bind(call: &mut Call, ret: &mut Zval, least: u32, property: u32, method: &[u8]) -> PhpResult {
    let mut all = Value::array(call.count());
    let mut array = all.array_mut();
    for argument in call.args(least, u32::MAX)?.rest() {
        array.push(Value::share(argument));
    }
    let this = call.this();
    this.slot(property).assign(all.clone());
    if let Some(arguments) = all.as_zval().as_array() {
        spread(&inner(this), method, arguments)?.give(ret);
    }
    Ok(())
}

pub fn bind_param(call: &mut Call, ret: &mut Zval) -> PhpResult {
    bind(call, ret, 1, BIND_PARAM, b"bind_param")
}

pub fn bind_result(call: &mut Call, ret: &mut Zval) -> PhpResult {
    bind(call, ret, 0, BIND_RESULT, b"bind_result")
}
