//! Swoole\Coroutine\Http\ClientProxy: the response that request(), get() and post() give.

use crate::zend::registration::ce;
use crate::zend::{Call, ObjectExt, PhpResult, Value, Zval, ZvalExt, invoke};

/// Numbers of the declared properties.
const HEADERS: u32 = 0;
const COOKIES: u32 = 1;
const BODY: u32 = 2;
const STATUS: u32 = 3;

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(4, 4)?;
    let (body, status) = (Value::string(args.bytes()?), Value::long(args.long()?));
    args.opt_array_or_null()?;
    args.opt_array_or_null()?;
    let list = |n: u32| match call.raw_arg(n).map(|value| Value::copy_of(value)) {
        Some(value) if value.as_zval().is_array() => value,
        _ => Value::array(0),
    };
    let this = call.this();
    this.slot(HEADERS).assign(list(2));
    this.slot(COOKIES).assign(list(3));
    this.slot(BODY).assign(body);
    this.slot(STATUS).assign(status);
    Ok(())
}

/// A new response.
pub(super) fn response(body: Value, status: i64, headers: Value, cookies: Value) -> PhpResult<Value> {
    let class = ce::coroutine_http_client_proxy();
    let mut args = [body.into_zval(), Value::long(status).into_zval(), headers.into_zval(), cookies.into_zval()];
    invoke::construct(class, &mut args)
}

fn give(call: &mut Call, ret: &mut Zval, property: u32) -> PhpResult {
    call.no_args()?;
    Value::copy_of(call.this().slot(property)).give(ret);
    Ok(())
}

pub fn get_body(call: &mut Call, ret: &mut Zval) -> PhpResult {
    give(call, ret, BODY)
}

pub fn get_status_code(call: &mut Call, ret: &mut Zval) -> PhpResult {
    give(call, ret, STATUS)
}

pub fn get_headers(call: &mut Call, ret: &mut Zval) -> PhpResult {
    give(call, ret, HEADERS)
}

pub fn get_cookies(call: &mut Call, ret: &mut Zval) -> PhpResult {
    give(call, ret, COOKIES)
}
