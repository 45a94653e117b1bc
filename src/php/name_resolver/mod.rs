//! Swoole\NameResolver: services by name, looked up in a registry.

pub mod cluster;
pub mod consul;
pub mod context;
pub mod functions;
pub mod nacos;
pub mod redis;

use std::net::IpAddr;

use crate::zend::error::throw;
use crate::zend::registration::ce;
use crate::zend::{Array, Call, ObjectExt, PhpResult, Thrown, Value, ZStr, ZendObject, Zval, ZvalExt, invoke};

/// Numbers of the declared properties.
const BASE_URL: u32 = 0;
pub(super) const INFO: u32 = 1;
const FILTER: u32 = 2;
const PREFIX: u32 = 3;

const OK: i64 = 200;

pub(super) fn is_ip(host: &[u8]) -> bool {
    str::from_utf8(host).is_ok_and(|host| host.parse::<IpAddr>().is_ok())
}

fn refuse(text: &str) -> Thrown {
    match invoke::class(b"RuntimeException") {
        Ok(class) => throw(class, 0, text),
        Err(thrown) => thrown,
    }
}

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let url = Value::copy_of(args.value()?);
    let prefix = args.opt_value().map_or_else(|| Value::string(b"swoole_service_"), |value| Value::copy_of(value));
    initialize(call.this(), url, prefix)
}

pub(super) fn initialize(this: &mut ZendObject, url: Value, prefix: Value) -> PhpResult {
    this.slot(PREFIX).assign(prefix);
    invoke::own_method(this, "checkServerUrl", &mut [url.into_zval()])?;
    Ok(())
}

pub fn with_filter(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let filter = Value::copy_of(call.args(1, 1)?.callable()?.value());
    let this = call.this();
    this.slot(FILTER).assign(filter);
    Value::object(this).give(ret);
    Ok(())
}

pub fn get_filter(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    Value::copy_of(call.this().slot(FILTER)).give(ret);
    Ok(())
}

pub fn has_filter(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    ret.set_bool(!call.this().slot(FILTER).is_null());
    Ok(())
}

/// Null when the filter leaves the name to others, '' when nobody offers it, its one node, or the cluster.
pub fn lookup(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let name = Value::string(call.args(1, 1)?.bytes()?);
    let this = call.this();
    if invoke::own_method(this, "hasFilter", &mut [])?.as_zval().to_bool() {
        let filter = invoke::own_method(this, "getFilter", &mut [])?;
        let wanted = invoke::callable(filter.as_zval(), &mut [name.clone().into_zval()])?;
        if wanted.as_zval().bool() != Some(true) {
            return Ok(());
        }
    }
    let cluster = invoke::own_method(this, "getCluster", &mut [name.into_zval()])?;
    let Some(object) = cluster.as_zval().obj() else {
        ret.set_bytes(b"");
        return Ok(());
    };
    if invoke::method(object, b"count", &mut [])?.as_zval().to_long() == 1 {
        invoke::method(object, b"pop", &mut [])?.give(ret);
    } else {
        cluster.give(ret);
    }
    Ok(())
}

fn part<'a>(info: Array<'a>, key: &str) -> Option<&'a Zval> {
    info.get(key).filter(|value| value.to_bool())
}

/// Takes the registry's URL apart, and its host to an address.
pub fn check_server_url(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let url = call.args(1, 1)?.bytes()?;
    let mut info = invoke::function(c"parse_url", &mut [Value::string(url).into_zval()])?;
    let found = info.as_zval().as_array().and_then(|info| {
        let text = |key| part(info, key).and_then(ZvalExt::to_zstr);
        Some((text("scheme")?, text("host")?, text("port"), text("path")))
    });
    let Some((scheme, host, port, path)) = found else {
        return Err(refuse(&format!("invalid url parameter '{}'", String::from_utf8_lossy(url))));
    };
    let mut ip = host.clone();
    if !is_ip(&host) {
        let found = invoke::function(c"gethostbyname", &mut [Value::string(&host).into_zval()])?;
        match found.as_zval().bytes().filter(|found| is_ip(found)) {
            Some(found) => ip = ZStr::new(found),
            None => return Err(refuse(&format!("Failed to resolve host '{}'", String::from_utf8_lossy(&host)))),
        }
    }
    let mut base = [&scheme[..], b"://", &ip].concat();
    if let Some(port) = port {
        base.extend([b":", &port[..]].concat());
    }
    if let Some(path) = path {
        let end = path.iter().rposition(|byte| *byte != b'/').map_or(0, |at| at + 1);
        base.extend(&path[..end]);
    }
    info.array_mut().set("ip", Value::string(&ip));
    let this = call.this();
    this.slot(BASE_URL).assign(Value::string(&base));
    this.slot(INFO).assign(info);
    Ok(())
}

/// True for status 200; anything else is an exception with the body.
pub fn check_response(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let response = call.args(1, 1)?.object()?;
    let status = invoke::method(response, b"getStatusCode", &mut [])?.as_zval().to_long();
    if status == OK {
        ret.set_bool(true);
        return Ok(());
    }
    let body = invoke::method(response, b"getBody", &mut [])?;
    let body = body.as_zval().bytes().map_or_else(String::new, |body| String::from_utf8_lossy(body).into_owned());
    let class = ce::name_resolver_exception();
    Err(throw(class, status, &format!("Http Body: {body}")))
}

/// The prefix and a service's name.
pub(super) fn prefixed(this: &mut ZendObject, name: &[u8]) -> PhpResult<Vec<u8>> {
    let prefix = this.slot(PREFIX).to_zstr().ok_or(Thrown::Exception)?;
    Ok([&prefix[..], name].concat())
}

/// The arguments of join(), leave() and their kin: name, address, port, options.
pub(super) fn node(call: &Call, most: u32) -> PhpResult<(&'static [u8], &'static [u8], i64, Option<Array<'static>>)> {
    let mut args = call.args(3, most)?;
    Ok((args.bytes()?, args.bytes()?, args.long()?, args.opt_array()?))
}

/// Asks the registry; gives the response once checkResponse() has let it pass.
pub(super) fn ask(this: &mut ZendObject, method: &str, path: &[u8], body: Option<Value>) -> PhpResult<Value> {
    let base = this.slot(BASE_URL).to_zstr().ok_or(Thrown::Exception)?;
    let mut args = vec![Value::string(&[&base[..], path].concat()).into_zval(), Value::string(method.as_bytes()).into_zval()];
    args.extend(body.map(Value::into_zval));
    let response = invoke::function(c"swoole\\coroutine\\http\\request", &mut args)?;
    invoke::own_method(this, "checkResponse", &mut [response.clone().into_zval()])?;
    Ok(response)
}

/// The body of a response, decoded: objects are arrays.
pub(super) fn decoded(response: &Value) -> PhpResult<Value> {
    let Some(response) = response.as_zval().obj() else { return Ok(Value::null()) };
    let body = invoke::method(response, b"getBody", &mut [])?;
    // JSON_THROW_ON_ERROR
    let mut args =
        [body.into_zval(), Value::bool(true).into_zval(), Value::long(512).into_zval(), Value::long(1 << 22).into_zval()];
    invoke::function(c"json_decode", &mut args)
}

/// A cluster of the nodes that `each` finds in a list; null for an empty one.
pub(super) fn cluster_of(list: Option<Array<'_>>, each: impl Fn(Array<'_>) -> Option<(Value, Value, Value)>) -> PhpResult<Value> {
    let Some(list) = list.filter(|list| !list.is_empty()) else { return Ok(Value::null()) };
    let cluster = invoke::construct(ce::name_resolver_cluster(), &mut [])?;
    let mut nodes = Vec::new();
    list.each(|_, node| {
        nodes.extend(node.as_array().and_then(&each));
        true
    });
    if let Some(object) = cluster.as_zval().obj() {
        for (host, port, weight) in nodes {
            invoke::method(object, b"add", &mut [host.into_zval(), port.into_zval(), weight.into_zval()])?;
        }
    }
    Ok(cluster)
}
