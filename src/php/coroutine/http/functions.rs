//! Swoole\Coroutine\Http\request() and its kin: one request, by one of three clients.

use super::client_proxy::response;
use crate::zend::array::Key;
use crate::zend::error::throw;
use crate::zend::registration::ce;
use crate::zend::{Array, Call, PhpResult, Thrown, Value, ZStr, Zval, ZvalExt, invoke, property};

/// The arguments of a request.
struct Request {
    url: Value,
    method: Vec<u8>,
    data: Value,
    options: Value,
    headers: Value,
    cookies: Value,
}

impl Request {
    fn parse(call: &Call, method: Option<&[u8]>, with_data: bool) -> PhpResult<Self> {
        let most = 4 + u32::from(method.is_none()) + u32::from(with_data);
        let least = if with_data && method.is_some() { 2 } else { 1 + u32::from(method.is_none()) };
        let mut args = call.args(least, most)?;
        let url = Value::string(args.bytes()?);
        let method = match method {
            Some(method) => method.to_vec(),
            None => args.bytes()?.to_vec(),
        };
        let copy = |value: Option<&'static mut Zval>| value.map_or_else(Value::null, |value| Value::copy_of(value));
        let data = if with_data { copy(args.opt_value()) } else { Value::null() };
        let mut list = || -> PhpResult<Value> {
            let at = args.position();
            args.opt_array_or_null()?;
            Ok(call.raw_arg(at).map_or_else(Value::null, |value| Value::copy_of(value)))
        };
        Ok(Self { url, method, data, options: list()?, headers: list()?, cookies: list()? })
    }

    fn option(&self, name: &str) -> Option<&Zval> {
        self.options.as_zval().as_array().and_then(|options| options.setting(name))
    }

    /// Headers, or cookies, as `(name, value)`; a header without a name is a whole line.
    fn pairs(list: &Value) -> Vec<(Option<Vec<u8>>, ZStr)> {
        let mut pairs = Vec::new();
        if let Some(list) = list.as_zval().as_array() {
            list.each(|key, value| {
                let name = match key {
                    Key::Name(name) => Some(name.to_vec()),
                    Key::Index(_) => None,
                };
                pairs.extend(value.to_zstr().map(|value| (name, value)));
                true
            });
        }
        pairs
    }

    fn header_lines(&self) -> Vec<Vec<u8>> {
        let line = |(name, value): (Option<Vec<u8>>, ZStr)| match name {
            Some(name) => [&name[..], b": ", &value].concat(),
            None => value.to_vec(),
        };
        Self::pairs(&self.headers).into_iter().map(line).collect()
    }

    fn cookie_line(&self) -> Vec<u8> {
        let pair = |(name, value): (Option<Vec<u8>>, ZStr)| [&name.unwrap_or_default()[..], b"=", &value].concat();
        let all: Vec<Vec<u8>> = Self::pairs(&self.cookies).into_iter().map(pair).collect();
        all.join(&b"; "[..])
    }
}

fn failed(code: i64, text: &str) -> Thrown {
    throw(ce::coroutine_http_client_exception(), code, text)
}

fn text_of(value: &Value) -> String {
    value.as_zval().bytes().map_or_else(String::new, |text| String::from_utf8_lossy(text).into_owned())
}

fn send(request: &Request) -> PhpResult<Value> {
    let driver = Value::string(b"http_client_driver");
    let driver = invoke::function(c"swoole_library_get_option", &mut [driver.into_zval()])?;
    match driver.as_zval().bytes() {
        Some(b"curl") => by_curl(request),
        Some(b"stream") => by_stream(request),
        _ => by_client(request),
    }
}

pub fn request(call: &mut Call, ret: &mut Zval) -> PhpResult {
    send(&Request::parse(call, None, true)?)?.give(ret);
    Ok(())
}

pub fn get(call: &mut Call, ret: &mut Zval) -> PhpResult {
    send(&Request::parse(call, Some(b"GET"), false)?)?.give(ret);
    Ok(())
}

pub fn post(call: &mut Call, ret: &mut Zval) -> PhpResult {
    send(&Request::parse(call, Some(b"POST"), true)?)?.give(ret);
    Ok(())
}

pub fn request_with_http_client(call: &mut Call, ret: &mut Zval) -> PhpResult {
    by_client(&Request::parse(call, None, true)?)?.give(ret);
    Ok(())
}

pub fn request_with_curl(call: &mut Call, ret: &mut Zval) -> PhpResult {
    by_curl(&Request::parse(call, None, true)?)?.give(ret);
    Ok(())
}

pub fn request_with_stream(call: &mut Call, ret: &mut Zval) -> PhpResult {
    by_stream(&Request::parse(call, None, true)?)?.give(ret);
    Ok(())
}

fn or_empty(value: &Value) -> Value {
    if value.as_zval().is_array() { value.clone() } else { Value::array(0) }
}

/// Coroutine\Http\Client.
fn by_client(request: &Request) -> PhpResult<Value> {
    let info = invoke::function(c"parse_url", &mut [request.url.clone().into_zval()])?;
    let info = info.as_zval().as_array();
    let part = |name: &str| info.and_then(|info: Array<'_>| info.setting(name));
    let scheme = part("scheme").and_then(ZvalExt::bytes).unwrap_or_default();
    let secure = match scheme {
        b"http" => false,
        b"https" => true,
        b"" => return Err(failed(0, "The URL given is illegal [no scheme]")),
        other => return Err(failed(0, &format!("unknown scheme \"{}\"", String::from_utf8_lossy(other)))),
    };
    let port = part("port").map_or(if secure { 443 } else { 80 }, ZvalExt::to_long);
    let host = part("host").map_or_else(|| Value::string(b""), Value::copy_of);
    let class = invoke::class(b"Swoole\\Coroutine\\Http\\Client")?;
    let mut args = [host.into_zval(), Value::long(port).into_zval(), Value::bool(secure).into_zval()];
    let client = invoke::construct(class, &mut args)?;
    let Some(client) = client.as_zval().obj() else { return Err(Thrown::Exception) };
    let call = |name: &[u8], value: Value| invoke::method(client, name, &mut [value.into_zval()]);
    call(b"setMethod", Value::string(&request.method))?;
    if request.data.as_zval().to_bool() {
        call(b"setData", request.data.clone())?;
    }
    call(b"set", or_empty(&request.options))?;
    call(b"setHeaders", or_empty(&request.headers))?;
    call(b"setCookies", or_empty(&request.cookies))?;
    let mut path = part("path").and_then(ZvalExt::bytes).unwrap_or(b"/").to_vec();
    if let Some(query) = part("query").and_then(ZvalExt::bytes) {
        path.push(b'?');
        path.extend(query);
    }
    let ask = |name: &[u8]| invoke::method(client, name, &mut []);
    if !call(b"execute", Value::string(&path))?.as_zval().to_bool() {
        let code = property::read(client, b"errCode")?.as_zval().to_long();
        return Err(failed(code, &text_of(&property::read(client, b"errMsg")?)));
    }
    let status = ask(b"getStatusCode")?.as_zval().to_long();
    response(ask(b"getBody")?, status, or_empty(&ask(b"getHeaders")?), or_empty(&ask(b"getCookies")?))
}

/// The head of a response: its status, headers as lists by lower-case name, cookies by name.
fn head(lines: &[Vec<u8>]) -> (i64, Value, Value) {
    let (mut status, mut headers, mut cookies) = (0, Value::array(8), Value::array(0));
    for line in lines {
        if line.starts_with(b"HTTP/") {
            let code = line.split(|byte| *byte == b' ').nth(1).and_then(|code| str::from_utf8(code).ok());
            status = code.and_then(|code| code.trim().parse().ok()).unwrap_or(0);
            // Only the last response counts: those before were redirects.
            (headers, cookies) = (Value::array(8), Value::array(0));
            continue;
        }
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let name = line[..colon].trim_ascii().to_ascii_lowercase();
        let value = line[colon + 1..].trim_ascii();
        if name == b"set-cookie" {
            let pair = value.split(|byte| *byte == b';').next().unwrap_or_default();
            if let Some(equals) = pair.iter().position(|byte| *byte == b'=') {
                cookies.array_mut().set_symbol(pair[..equals].trim_ascii(), Value::string(&pair[equals + 1..]));
            }
            continue;
        }
        let mut all = headers.as_zval().as_array().and_then(|headers| headers.get_bytes(&name)).map(Value::copy_of);
        let list = all.get_or_insert_with(|| Value::array(1));
        list.array_mut().push(Value::string(value));
        if let Some(list) = all {
            headers.array_mut().set_symbol(&name, list);
        }
    }
    (status, headers, cookies)
}

/// Numbers of curl's options and informations (curl/curl.h).
mod curl {
    pub const HEADER: i64 = 42;
    pub const TIMEOUT_MS: i64 = 155;
    pub const CONNECT_TIMEOUT_MS: i64 = 156;
    pub const POST_FIELDS: i64 = 10_015;
    pub const COOKIE: i64 = 10_022;
    pub const HTTP_HEADER: i64 = 10_023;
    pub const CUSTOM_REQUEST: i64 = 10_036;
    /// PHP's own CURLOPT_RETURNTRANSFER.
    pub const RETURN_TRANSFER: i64 = 19_913;
    pub const INFO_HEADER_SIZE: i64 = 0x20_0000 + 11;
}

/// ext/curl, which our hooks make wait in the coroutine.
fn by_curl(request: &Request) -> PhpResult<Value> {
    let handle = invoke::function(c"curl_init", &mut [request.url.clone().into_zval()])?;
    if handle.as_zval().obj().is_none() {
        return Err(failed(0, "failed to curl_init"));
    }
    let with = |name: &std::ffi::CStr, mut args: Vec<Zval>| {
        args.insert(0, handle.clone().into_zval());
        invoke::function(name, &mut args)
    };
    let set = |option: i64, value: Value| with(c"curl_setopt", vec![Value::long(option).into_zval(), value.into_zval()]);
    set(curl::RETURN_TRANSFER, Value::bool(true))?;
    set(curl::HEADER, Value::bool(true))?;
    set(curl::CUSTOM_REQUEST, Value::string(&request.method.to_ascii_uppercase()))?;
    if request.data.as_zval().to_bool() {
        set(curl::POST_FIELDS, request.data.clone())?;
    }
    let lines = request.header_lines();
    if !lines.is_empty() {
        let mut list = Value::array(lines.len() as u32);
        for line in lines {
            list.array_mut().push(Value::string(&line));
        }
        set(curl::HTTP_HEADER, list)?;
    }
    let cookies = request.cookie_line();
    if !cookies.is_empty() {
        set(curl::COOKIE, Value::string(&cookies))?;
    }
    let milliseconds = |value: &Zval| Value::long((value.to_double() * 1000.0) as i64);
    if let Some(time) = request.option("timeout") {
        set(curl::TIMEOUT_MS, milliseconds(time))?;
        set(curl::CONNECT_TIMEOUT_MS, milliseconds(time))?;
    }
    if let Some(time) = request.option("connect_timeout") {
        set(curl::CONNECT_TIMEOUT_MS, milliseconds(time))?;
    }
    let answer = with(c"curl_exec", Vec::new())?;
    let Some(answer) = answer.as_zval().bytes() else {
        let code = with(c"curl_errno", Vec::new())?.as_zval().to_long();
        return Err(failed(code, &text_of(&with(c"curl_error", Vec::new())?)));
    };
    let size = with(c"curl_getinfo", vec![Value::long(curl::INFO_HEADER_SIZE).into_zval()])?.as_zval().to_long();
    let (top, body) = answer.split_at(usize::try_from(size).unwrap_or(0).min(answer.len()));
    let lines: Vec<Vec<u8>> = top.split(|byte| *byte == b'\n').map(|line| line.trim_ascii().to_vec()).collect();
    let (status, headers, cookies) = head(&lines);
    response(Value::string(body), status, headers, cookies)
}

fn set_in(array: &mut Value, key: &str, value: Value) {
    array.array_mut().set(key, value);
}

/// PHP's http stream.
fn by_stream(request: &Request) -> PhpResult<Value> {
    let mut http = Value::array(4);
    set_in(&mut http, "method", Value::string(&request.method));
    let mut lines = request.header_lines();
    let cookies = request.cookie_line();
    if !cookies.is_empty() {
        lines.push([&b"Cookie: "[..], &cookies].concat());
    }
    if let Some(time) = request.option("timeout") {
        set_in(&mut http, "timeout", Value::copy_of(time));
    }
    if request.data.as_zval().is_array() {
        lines.push(b"Content-Type: application/x-www-form-urlencoded".to_vec());
        let content = invoke::function(c"http_build_query", &mut [request.data.clone().into_zval()])?;
        set_in(&mut http, "content", content);
    } else if request.data.as_zval().to_bool() {
        set_in(&mut http, "content", request.data.clone());
    }
    if !lines.is_empty() {
        set_in(&mut http, "header", Value::string(&lines.join(&b"\r\n"[..])));
    }
    let mut options = Value::array(1);
    set_in(&mut options, "http", http);
    let context = invoke::function(c"stream_context_create", &mut [options.into_zval()])?;
    let mut args =
        [request.url.clone().into_zval(), Value::string(b"r").into_zval(), Value::bool(false).into_zval(), context.into_zval()];
    let stream = property::silenced(|| invoke::function(c"fopen", &mut args))?;
    if !stream.as_zval().is_resource() {
        let error = invoke::function(c"error_get_last", &mut [])?;
        let text = error.as_zval().as_array().and_then(|error| error.get("message")).map(Value::copy_of);
        return Err(failed(0, &text.map_or_else(String::new, |text| text_of(&text))));
    }
    let meta = invoke::function(c"stream_get_meta_data", &mut [stream.clone().into_zval()])?;
    let mut lines = Vec::new();
    if let Some(list) = meta.as_zval().as_array().and_then(|meta| meta.get("wrapper_data")).and_then(ZvalExt::as_array) {
        list.each(|_, line| {
            lines.extend(line.bytes().map(<[u8]>::to_vec));
            true
        });
    }
    let body = invoke::function(c"stream_get_contents", &mut [stream.clone().into_zval()])?;
    invoke::function(c"fclose", &mut [stream.into_zval()])?;
    let (status, headers, cookies) = head(&lines);
    response(body, status, headers, cookies)
}
