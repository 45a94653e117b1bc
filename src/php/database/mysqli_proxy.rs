//! Swoole\Database\MysqliProxy: a mysqli that connects anew when its connection is lost.

use super::mysqli_pool::failed;
use super::proxied::{Attempt, call as call_method, connect, entries, inner, quiet, remember, spread};
use crate::zend::property::class_constant;
use crate::zend::registration::ce;
use crate::zend::{Call, ClassEntry, ObjectExt, PhpResult, Value, ZendObject, Zval, ZvalExt, invoke, property};

/// Numbers of the declared properties.
const CHARSET: u32 = 1;
const SET_OPT: u32 = 2;
const CHANGE_USER: u32 = 3;
const CONSTRUCTOR: u32 = 4;
const ROUND: u32 = 5;

/// How often a call is tried.
pub(super) const TRIES: u32 = 3;

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let constructor = Value::copy_of(call.args(1, 1)?.callable()?.value());
    let this = call.this();
    connect(this, &constructor)?;
    this.slot(CONSTRUCTOR).assign(constructor);
    Ok(())
}

/// What to do with a call that gave `false` or threw.
pub(super) enum Verdict {
    /// Not an I/O method: the result is the result.
    Give(Value),
    /// The connection is lost.
    Reconnect,
}

/// Judges the outcome of a call on a mysqli or mysqli_stmt. `proxy` says which methods do I/O, `errors` which
/// codes mean a lost connection.
pub(super) fn judge(
    proxy: &ZendObject,
    errors: *mut ClassEntry,
    target: &Value,
    name: &[u8],
    outcome: Attempt,
    last: bool,
) -> PhpResult<Verdict> {
    let (code, text, exception) = match outcome {
        Attempt::Done(value) if value.as_zval().bool() != Some(false) => return Ok(Verdict::Give(value)),
        Attempt::Done(value) => {
            let pattern = class_constant(property::class_of(proxy), c"IO_METHOD_REGEX");
            let pattern = pattern.map_or_else(Value::null, Value::copy_of);
            let mut args = [pattern.into_zval(), Value::string(name).into_zval()];
            if !invoke::function(c"preg_match", &mut args)?.as_zval().to_bool() {
                return Ok(Verdict::Give(value));
            }
            let Some(object) = target.as_zval().obj() else { return Ok(Verdict::Give(value)) };
            (property::read(object, b"errno")?, property::read(object, b"error")?, None)
        }
        // PHP 8.1 made exceptions the default.
        Attempt::Threw(exception) => {
            let Some(object) = exception.as_zval().obj() else { return Ok(Verdict::Give(Value::bool(false))) };
            let code = invoke::method(object, b"getCode", &mut [])?;
            (code, Value::null(), Some(exception))
        }
    };
    let code = code.as_zval().to_long();
    let mut lost = false;
    if let Some(codes) = class_constant(errors, c"IO_ERRORS").and_then(ZvalExt::as_array) {
        codes.each(|_, known| {
            lost |= known.to_long() == code;
            true
        });
    }
    if lost && !last {
        return Ok(Verdict::Reconnect);
    }
    Err(match exception {
        Some(exception) => invoke::rethrow(exception),
        None => failed(code, &text),
    })
}

pub fn call(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let (name, arguments) = (args.bytes()?, args.array()?);
    let this = call.this();
    let caught = invoke::class(b"mysqli_sql_exception")?;
    for left in (0..TRIES).rev() {
        let mysqli = inner(this);
        let outcome = quiet(&mysqli, name, arguments, caught)?;
        match judge(this, property::class_of(this), &mysqli, name, outcome, left == 0)? {
            Verdict::Reconnect => {
                drop(mysqli);
                invoke::own_method(this, "reconnect", &mut [])?;
            }
            Verdict::Give(value) => {
                let prepared = name.eq_ignore_ascii_case(b"prepare");
                if value.as_zval().obj().is_some() && (prepared || name.eq_ignore_ascii_case(b"stmt_init")) {
                    let text = arguments.get_index(0).or_else(|| arguments.get("query"));
                    let text = text.filter(|_| prepared).map_or_else(Value::null, Value::copy_of);
                    let mut args = [value.into_zval(), text.into_zval(), Value::object(this).into_zval()];
                    invoke::construct(ce::database_mysqli_statement_proxy(), &mut args)?.give(ret);
                } else {
                    value.give(ret);
                }
                return Ok(());
            }
        }
    }
    Ok(())
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
    let mysqli = connect(this, &constructor)?;
    let round = this.slot(ROUND).to_long() + 1;
    this.slot(ROUND).set_long(round);
    if this.slot(CHARSET).is_string() {
        let charset = Value::copy_of(this.slot(CHARSET));
        call_method(&mysqli, b"set_charset", &mut [charset.into_zval()])?;
    }
    for (option, value) in entries(this.slot(SET_OPT)) {
        call_method(&mysqli, b"options", &mut [option.into_zval(), value.into_zval()])?;
    }
    let user = Value::copy_of(this.slot(CHANGE_USER));
    if let Some(user) = user.as_zval().as_array() {
        spread(&mysqli, b"change_user", user)?;
    }
    Ok(())
}

pub fn options(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let (option, value) = (args.long()?, Value::copy_of(args.value()?));
    let this = call.this();
    remember(this.slot(SET_OPT), Value::long(option).as_zval(), value.clone());
    call_method(&inner(this), b"options", &mut [Value::long(option).into_zval(), value.into_zval()])?.give(ret);
    Ok(())
}

pub fn set_charset(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let charset = Value::string(call.args(1, 1)?.bytes()?);
    let this = call.this();
    this.slot(CHARSET).assign(charset.clone());
    call_method(&inner(this), b"set_charset", &mut [charset.into_zval()])?.give(ret);
    Ok(())
}

pub fn change_user(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(3, 3)?;
    let mut all = Value::array(3);
    let mut array = all.array_mut();
    array.push(Value::string(args.bytes()?));
    array.push(Value::string(args.bytes()?));
    array.push(args.opt_bytes_or_null()?.map_or_else(Value::null, Value::string));
    let this = call.this();
    this.slot(CHANGE_USER).assign(all.clone());
    if let Some(arguments) = all.as_zval().as_array() {
        spread(&inner(this), b"change_user", arguments)?.give(ret);
    }
    Ok(())
}
