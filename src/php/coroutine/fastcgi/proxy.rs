//! Swoole\Coroutine\FastCGI\Proxy: passes requests of an HTTP server on to a FastCGI responder.

use super::client::{exchange, parsed};
use crate::php::coroutine::require_coroutine;
use crate::php::fastcgi::message::{fluent, give, keep_array, look_up, merge, remove_element, store};
use crate::zend::registration::ce;
use crate::zend::{Call, ObjectExt, PhpResult, Thrown, Value, ZendObject, Zval, ZvalExt, invoke, property};

/// Numbers of the declared properties.
const HOST: u32 = 0;
const PORT: u32 = 1;
const TIMEOUT: u32 = 2;
const DOCUMENT_ROOT: u32 = 3;
const HTTPS: u32 = 4;
const INDEX: u32 = 5;
const PARAMS: u32 = 6;
const FILTER: u32 = 7;

const NOT_FOUND: i64 = 404;

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let (host, port) = parsed(args.bytes()?)?;
    let root = Value::string(args.opt_bytes()?.unwrap_or(b"/"));
    let this = call.this();
    this.slot(HOST).assign(host);
    this.slot(PORT).assign(port);
    this.slot(DOCUMENT_ROOT).assign(root);
    let mut filter = Value::array(2);
    filter.array_mut().push(Value::object(this));
    filter.array_mut().push(Value::string(b"staticFileFiltrate"));
    this.slot(FILTER).assign(filter);
    Ok(())
}

pub fn with_timeout(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let timeout = call.args(1, 1)?.double()?;
    let this = call.this();
    let mut value = Zval::new();
    value.set_double(timeout);
    this.slot(TIMEOUT).assign(Value::from_zval(value));
    fluent(this, ret)
}

pub fn with_https(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let https = call.args(1, 1)?.bool()?;
    let this = call.this();
    this.slot(HTTPS).assign(Value::bool(https));
    fluent(this, ret)
}

pub fn with_index(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let index = Value::string(call.args(1, 1)?.bytes()?);
    let this = call.this();
    this.slot(INDEX).assign(index);
    fluent(this, ret)
}

pub fn get_param(call: &mut Call, ret: &mut Zval) -> PhpResult {
    look_up(call, ret, PARAMS)
}

pub fn with_param(call: &mut Call, ret: &mut Zval) -> PhpResult {
    store(call, ret, PARAMS)
}

pub fn without_param(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let name = call.args(1, 1)?.bytes()?;
    let this = call.this();
    remove_element(this, PARAMS, name);
    fluent(this, ret)
}

pub fn get_params(call: &mut Call, ret: &mut Zval) -> PhpResult {
    give(call, ret, PARAMS)
}

pub fn with_params(call: &mut Call, ret: &mut Zval) -> PhpResult {
    keep_array(call, ret, PARAMS)
}

pub fn with_added_params(call: &mut Call, ret: &mut Zval) -> PhpResult {
    merge(call, ret, PARAMS)
}

/// What decides which requests are for files; null sends all to the responder.
pub fn with_static_file_filter(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let filter = call.args(1, 1)?.opt_callable_or_null()?;
    let filter = filter.map_or_else(Value::null, |filter| Value::copy_of(filter.value()));
    let this = call.this();
    this.slot(FILTER).assign(filter);
    fluent(this, ret)
}

fn text(value: Option<&Zval>) -> Vec<u8> {
    value.and_then(ZvalExt::to_zstr).map_or_else(Vec::new, |text| text.to_vec())
}

fn extension(path: &[u8]) -> Option<&[u8]> {
    let name = path.rsplit(|byte| *byte == b'/').next()?;
    let dot = name.iter().rposition(|byte| *byte == b'.')?;
    Some(&name[dot + 1..]).filter(|extension| !extension.is_empty())
}

/// The parameters of CGI for a request of our server.
pub fn translate_request(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let request = call.args(1, 1)?.object_of(ce::http_request())?;
    translated(call.this(), request)?.give(ret);
    Ok(())
}

fn translated(this: &mut ZendObject, from: &ZendObject) -> PhpResult<Value> {
    let (server, headers) = (property::read(from, b"server")?, property::read(from, b"header")?);
    let of_server = |key: &str| text(server.as_zval().as_array().and_then(|server| server.get(key)));
    let of_headers = |key: &str| text(headers.as_zval().as_array().and_then(|headers| headers.get(key)));
    let info = of_server("path_info");
    let mut path = [b"/", info.trim_ascii_start_matches(b'/')].concat();
    let index = text(Some(this.slot(INDEX)));
    if !index.is_empty() && extension(&path).is_none() {
        while path.last() == Some(&b'/') {
            path.pop();
        }
        path.push(b'/');
        path.extend(index);
    }
    let (uri, query) = (of_server("request_uri"), of_server("query_string"));
    let mut target = uri.clone();
    if !query.is_empty() {
        target.push(b'?');
        target.extend(&query);
    }
    let root = text(Some(this.slot(DOCUMENT_ROOT)));
    let made = invoke::construct(ce::fastcgi_http_request(), &mut [])?;
    let Some(request) = made.as_zval().obj() else { return Err(Thrown::Exception) };
    let with = |method: &[u8], value: &[u8]| invoke::method(request, method, &mut [Value::string(value).into_zval()]);
    with(b"withDocumentRoot", &root)?;
    with(b"withScriptFilename", &[&root[..], &path].concat())?;
    with(b"withScriptName", &uri)?;
    with(b"withDocumentUri", &uri)?;
    with(b"withServerProtocol", &of_server("server_protocol"))?;
    with(b"withServerAddr", b"127.0.0.1")?;
    with(b"withServerPort", &of_server("server_port"))?;
    with(b"withRemoteAddr", &of_server("remote_addr"))?;
    with(b"withRemotePort", &of_server("remote_port"))?;
    with(b"withMethod", &of_server("request_method"))?;
    with(b"withRequestUri", &target)?;
    with(b"withQueryString", &query)?;
    with(b"withContentType", &of_headers("content-type"))?;
    if headers.as_zval().is_array() {
        invoke::method(request, b"withHeaders", &mut [headers.clone().into_zval()])?;
    }
    let body = invoke::method(from, b"rawContent", &mut [])?;
    with(b"withBody", body.as_zval().bytes().unwrap_or_default())?;
    let params = Value::copy_of(this.slot(PARAMS));
    invoke::method(request, b"withAddedParams", &mut [params.into_zval()])?;
    if this.slot(HTTPS).to_bool() {
        let mut args = [Value::string(b"HTTPS").into_zval(), Value::string(b"1").into_zval()];
        invoke::method(request, b"withParam", &mut args)?;
    }
    Ok(made)
}

/// Leading bytes off a path.
trait TrimStart {
    fn trim_ascii_start_matches(&self, byte: u8) -> &[u8];
}

impl TrimStart for Vec<u8> {
    fn trim_ascii_start_matches(&self, byte: u8) -> &[u8] {
        let start = self.iter().position(|other| *other != byte).unwrap_or(self.len());
        &self[start..]
    }
}

pub fn translate_response(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let from = args.object_of(ce::fastcgi_http_response())?;
    let to = args.object_of(ce::http_response())?;
    let ask = |method: &[u8]| invoke::method(from, method, &mut []);
    let mut status = [ask(b"getStatusCode")?.into_zval(), ask(b"getReasonPhrase")?.into_zval()];
    invoke::method(to, b"status", &mut status)?;
    let headers = ask(b"getHeaders")?;
    let mut all = Vec::new();
    if let Some(headers) = headers.as_zval().as_array() {
        headers.each(|key, value| {
            if let crate::zend::array::Key::Name(name) = key {
                all.push((Value::string(name), Value::copy_of(value)));
            }
            true
        });
    }
    let cookies = ask(b"getSetCookieHeaderLines")?;
    if cookies.as_zval().as_array().is_some_and(|lines| !lines.is_empty()) {
        all.push((Value::string(b"Set-Cookie"), cookies));
    }
    for (name, value) in all {
        invoke::method(to, b"header", &mut [name.into_zval(), value.into_zval()])?;
    }
    invoke::method(to, b"end", &mut [ask(b"getBody")?.into_zval()])?;
    Ok(())
}

/// Answers a request with a file, or with what the responder says.
pub fn pass(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let given = args.object()?;
    let response = Value::object(args.object_of(ce::http_response())?);
    require_coroutine()?;
    let this = call.this();
    let request = if given.is_a(ce::fastcgi_http_request()) {
        Value::object(given)
    } else {
        invoke::own_method(this, "translateRequest", &mut [Value::object(given).into_zval()])?
    };
    let filter = Value::copy_of(this.slot(FILTER));
    if filter.as_zval().to_bool() {
        let mut args = [request.clone().into_zval(), response.clone().into_zval()];
        if invoke::callable(filter.as_zval(), &mut args)?.as_zval().to_bool() {
            return Ok(());
        }
    }
    let (host, port) = (Value::copy_of(this.slot(HOST)), Value::copy_of(this.slot(PORT)));
    let client = invoke::construct(ce::coroutine_fastcgi_client(), &mut [host.into_zval(), port.into_zval()])?;
    let (Some(client), Some(request)) = (client.as_zval().obj(), request.as_zval().obj()) else {
        return Err(Thrown::Exception);
    };
    let timeout = this.slot(TIMEOUT).to_double();
    let answer = exchange(client, request, timeout)?;
    invoke::own_method(this, "translateResponse", &mut [answer.into_zval(), response.into_zval()])?;
    Ok(())
}

/// Sends what is no PHP file from the document root; true when the request is answered by that.
pub fn static_file_filtrate(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let request = args.object_of(ce::fastcgi_http_request())?;
    let response = args.object_of(ce::http_response())?;
    let this = call.this();
    let file = invoke::method(request, b"getScriptFilename", &mut [])?;
    let file = text(Some(file.as_zval()));
    if extension(&file) == Some(b"php") {
        ret.set_bool(false);
        return Ok(());
    }
    let real = invoke::function(c"realpath", &mut [Value::string(&file).into_zval()])?;
    let root = text(Some(this.slot(DOCUMENT_ROOT)));
    // `/var/www-private` is not below `/var/www`.
    let below = |real: &[u8]| real.strip_prefix(&root[..]).is_some_and(|rest| root.ends_with(b"/") || rest.starts_with(b"/"));
    let inside = real.as_zval().bytes().is_some_and(below);
    if inside && invoke::function(c"is_file", &mut [real.clone().into_zval()])?.as_zval().to_bool() {
        invoke::method(response, b"sendfile", &mut [real.into_zval()])?;
    } else {
        invoke::method(response, b"status", &mut [Value::long(NOT_FOUND).into_zval()])?;
        invoke::method(response, b"end", &mut [])?;
    }
    ret.set_bool(true);
    Ok(())
}
