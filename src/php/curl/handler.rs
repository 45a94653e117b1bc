//! Swoole\Curl\Handler: a handle of ext/curl as an object with methods.

use crate::zend::error::plain;
use crate::zend::{Call, ObjectExt, PhpResult, Value, ZendObject, Zval, ZvalExt, guarded, invoke};

/// Numbers of the declared properties.
const CLIENT: u32 = 0;
const CLOSED: u32 = 1;

const E_USER_WARNING: i32 = 512;

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let url = call.args(0, 1)?.opt_bytes()?.unwrap_or_default();
    let url = if url.is_empty() { Value::null() } else { Value::string(url) };
    let handle = invoke::function(c"curl_init", &mut [url.into_zval()])?;
    call.this().slot(CLIENT).assign(handle);
    Ok(())
}

pub fn to_string(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let id = invoke::function(c"spl_object_id", &mut [Value::object(call.this()).into_zval()])?;
    ret.set_bytes(format!("Object({}) of type (curl)", id.as_zval().to_long()).as_bytes());
    Ok(())
}

/// The handle; None, after a warning, when it is closed.
pub(super) fn handle(this: &mut ZendObject) -> PhpResult<Option<Value>> {
    if !this.slot(CLOSED).to_bool() && this.slot(CLIENT).is_object() {
        return Ok(Some(Value::copy_of(this.slot(CLIENT))));
    }
    let text = "supplied resource is not a valid cURL handle resource";
    guarded(|| plain(E_USER_WARNING, text)).result()?;
    Ok(None)
}

/// Calls a function of ext/curl on the handle; false when that is closed.
pub(super) fn on_handle(this: &mut ZendObject, name: &std::ffi::CStr, more: Vec<Value>) -> PhpResult<Value> {
    let Some(handle) = handle(this)? else { return Ok(Value::bool(false)) };
    let mut args = vec![handle.into_zval()];
    args.extend(more.into_iter().map(Value::into_zval));
    invoke::function(name, &mut args)
}

pub fn is_available(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    ret.set_bool(handle(call.this())?.is_some());
    Ok(())
}

pub fn set_opt(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let (option, value) = (Value::long(args.long()?), Value::copy_of(args.value()?));
    on_handle(call.this(), c"curl_setopt", vec![option, value])?.give(ret);
    Ok(())
}

fn ask(call: &mut Call, ret: &mut Zval, name: &std::ffi::CStr) -> PhpResult {
    call.no_args()?;
    on_handle(call.this(), name, Vec::new())?.give(ret);
    Ok(())
}

pub fn exec(call: &mut Call, ret: &mut Zval) -> PhpResult {
    ask(call, ret, c"curl_exec")
}

pub fn get_info(call: &mut Call, ret: &mut Zval) -> PhpResult {
    ask(call, ret, c"curl_getinfo")
}

pub fn errno(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    ret.set_long(on_handle(call.this(), c"curl_errno", Vec::new())?.as_zval().to_long());
    Ok(())
}

pub fn error(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let text = on_handle(call.this(), c"curl_error", Vec::new())?;
    ret.set_bytes(text.as_zval().bytes().unwrap_or_default());
    Ok(())
}

pub fn reset(call: &mut Call, ret: &mut Zval) -> PhpResult {
    ask(call, ret, c"curl_reset")
}

/// What the last transfer with CURLOPT_RETURNTRANSFER brought.
pub fn get_content(call: &mut Call, ret: &mut Zval) -> PhpResult {
    ask(call, ret, c"curl_multi_getcontent")
}

pub fn close(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    if handle(this)?.is_some() {
        this.slot(CLIENT).assign(Value::null());
        this.slot(CLOSED).assign(Value::bool(true));
    }
    Ok(())
}
