//! Swoole\RemoteObject\Context: a request to a server of objects.

use super::refuse;
use crate::zend::registration::ce;
use crate::zend::{Call, ObjectExt, PhpResult, Value, ZStr, ZendObject, Zval, ZvalExt, inspect, invoke, property};

/// Numbers of the declared properties.
const CLIENT_ID: u32 = 0;
const COROUTINE_ID: u32 = 1;
const REQUEST: u32 = 2;
const RESPONSE: u32 = 3;

/// An element of one of the request's arrays.
fn part(request: &ZendObject, list: &[u8], name: &[u8]) -> PhpResult<Option<ZStr>> {
    let list = property::read(request, list)?;
    let found = list.as_zval().as_array().and_then(|list| list.get_symbol(name));
    Ok(found.filter(|value| !value.is_null() && !value.is_array()).and_then(ZvalExt::to_zstr))
}

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let request = Value::object(args.object_of(ce::http_request())?);
    let response = Value::object(args.object_of(ce::http_response())?);
    let this = call.this();
    if let Some(request) = request.as_zval().obj() {
        let client = part(request, b"header", b"client-id")?;
        let coroutine = part(request, b"header", b"coroutine-id")?;
        this.slot(CLIENT_ID).assign(Value::string(client.as_ref().map_or(b"", |id| id.as_bytes())));
        this.slot(COROUTINE_ID).assign(Value::long(coroutine.map_or(0, |id| number(&id))));
    }
    this.slot(REQUEST).assign(request);
    this.slot(RESPONSE).assign(response);
    Ok(())
}

fn number(text: &[u8]) -> i64 {
    str::from_utf8(text).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

fn behind(call: &Call, slot: u32) -> PhpResult<Value> {
    let value = Value::copy_of(call.this().slot(slot));
    if value.as_zval().is_object() { Ok(value) } else { Err(crate::php::error::not_constructed("Swoole\\RemoteObject\\Context")) }
}

/// An element of the request: a header, or a field of its body.
fn asked(call: &Call, list: &[u8], name: &[u8]) -> PhpResult<Option<ZStr>> {
    match behind(call, REQUEST)?.as_zval().obj() {
        Some(request) => part(request, list, name),
        None => Ok(None),
    }
}

pub fn end(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    call.args(1, 1)?.array()?;
    let body = super::serialized(super::arguments(call, 0).as_zval())?;
    let response = behind(call, RESPONSE)?;
    if let Some(response) = response.as_zval().obj() {
        let header = ["Content-Type", "application/octet-stream"].map(|text| Value::string(text.as_bytes()).into_zval());
        invoke::method(response, b"header", &mut { header })?;
        invoke::method(response, b"end", &mut [body.into_zval()])?;
    }
    Ok(())
}

/// `/call_method` is `_call_method`.
pub fn get_handler(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let path = asked(call, b"server", b"request_uri")?;
    let name: Vec<u8> = path.as_deref().unwrap_or_default().iter().map(|byte| if *byte == b'/' { b'_' } else { *byte }).collect();
    ret.set_bytes(&name);
    Ok(())
}

fn param(call: &Call) -> PhpResult<ZStr> {
    let name = call.args(1, 1)?.bytes()?;
    asked(call, b"post", name)?.ok_or_else(|| refuse(0, &format!("param[{}] is empty", String::from_utf8_lossy(name))))
}

pub fn get_param(call: &mut Call, ret: &mut Zval) -> PhpResult {
    ret.set_str(param(call)?);
    Ok(())
}

pub fn get_data_param(call: &mut Call, ret: &mut Zval) -> PhpResult {
    inspect::unserialize(ret, &param(call)?, None)
}

pub fn get_coroutine_id(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    match asked(call, b"header", b"coroutine-id")?.filter(|id| !id.is_empty() && id.as_bytes() != b"0") {
        Some(id) => ret.set_long(number(&id)),
        None => return Err(refuse(0, "coroutine-id is empty")),
    }
    Ok(())
}

pub fn get_client_id(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    match asked(call, b"header", b"client-id")?.filter(|id| !id.is_empty()) {
        Some(id) => ret.set_str(id),
        None => return Err(refuse(0, "client-id is empty")),
    }
    Ok(())
}
