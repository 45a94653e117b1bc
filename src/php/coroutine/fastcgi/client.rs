//! Swoole\Coroutine\FastCGI\Client: requests to a FastCGI responder such as php-fpm.

use net::Kind;

use crate::php::code::Code;
use crate::php::coroutine::link;
use crate::php::coroutine::require_coroutine;
use crate::zend::error::throw;
use crate::zend::registration::ce;
use crate::zend::{Call, ObjectExt, PhpResult, Thrown, Value, ZendObject, Zval, ZvalExt, invoke, property};

/// Numbers of the declared properties.
const AF: u32 = 0;
const HOST: u32 = 1;
const PORT: u32 = 2;
const SSL: u32 = 3;
const SOCKET: u32 = 4;

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 3)?;
    let host = args.bytes()?;
    let (port, ssl) = (args.opt_long()?.unwrap_or(0), args.opt_bool()?.unwrap_or(false));
    let (kind, host) = link::place(host);
    let port = if kind == Kind::UnixStream { 0 } else { port };
    let this = call.this();
    this.slot(AF).assign(Value::long(i64::from(kind.domain())));
    this.slot(HOST).assign(Value::string(&host));
    this.slot(PORT).assign(Value::long(port));
    this.slot(SSL).assign(Value::bool(ssl));
    Ok(())
}

fn on_socket(socket: &Value, method: &[u8], args: &mut [Zval]) -> PhpResult<Value> {
    match socket.as_zval().obj() {
        Some(object) => invoke::method(object, method, args),
        None => Err(Thrown::Exception),
    }
}

fn float(number: f64) -> Zval {
    let mut value = Zval::new();
    value.set_double(number);
    value
}

/// Closes the connection and throws what went wrong with it.
fn broken(this: &ZendObject, code: Option<i32>) -> Thrown {
    let mut args = [code.map_or_else(Value::null, |code| Value::long(i64::from(code))).into_zval()];
    match invoke::own_method(this, "ioException", &mut args) {
        Ok(_) => Thrown::Exception,
        Err(thrown) => thrown,
    }
}

fn connected(this: &mut ZendObject, timeout: f64) -> PhpResult<Value> {
    if this.slot(SOCKET).is_object() {
        return Ok(Value::copy_of(this.slot(SOCKET)));
    }
    let family = Value::copy_of(this.slot(AF));
    let mut args = [family.into_zval(), Value::long(i64::from(libc::SOCK_STREAM)).into_zval()];
    let socket = invoke::construct(ce::coroutine_socket(), &mut args)?;
    this.slot(SOCKET).assign(socket.clone());
    let mut protocol = Value::array(2);
    protocol.array_mut().set("open_ssl", Value::copy_of(this.slot(SSL)));
    protocol.array_mut().set("open_fastcgi_protocol", Value::bool(true));
    on_socket(&socket, b"setProtocol", &mut [protocol.into_zval()])?;
    let (host, port) = (Value::copy_of(this.slot(HOST)), Value::copy_of(this.slot(PORT)));
    let mut args = [host.into_zval(), port.into_zval(), float(timeout)];
    if !on_socket(&socket, b"connect", &mut args)?.as_zval().to_bool() {
        return Err(broken(this, None));
    }
    Ok(socket)
}

/// Sends a request and gathers the records of the answer. The connection is kept when the request says so.
pub fn execute(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let request = args.object_of(ce::fastcgi_request())?;
    let timeout = args.opt_double()?.unwrap_or(-1.0);
    require_coroutine()?;
    exchange(call.this(), request, timeout)?.give(ret);
    Ok(())
}

pub(super) fn exchange(this: &mut ZendObject, request: &ZendObject, timeout: f64) -> PhpResult<Value> {
    let socket = connected(this, timeout)?;
    let data = invoke::method(request, b"__toString", &mut [])?;
    let length = data.as_zval().bytes().map_or(0, <[u8]>::len) as i64;
    if on_socket(&socket, b"sendAll", &mut [data.into_zval()])?.as_zval().long() != Some(length) {
        return Err(broken(this, None));
    }
    let parser = ce::fastcgi_frame_parser();
    let end = ce::fastcgi_record_end_request();
    let mut records = Value::array(4);
    loop {
        let packet = on_socket(&socket, b"recvPacket", &mut [float(timeout)])?;
        match packet.as_zval().bytes() {
            None => return Err(broken(this, None)),
            Some(b"") => return Err(broken(this, Some(libc::ECONNRESET))),
            Some(_) => {}
        }
        let mut buffer = [invoke::reference(packet)];
        let mut ended = false;
        while buffer[0].bytes().is_some_and(|left| !left.is_empty()) {
            let record = match invoke::static_method(parser, c"parseframe", &mut buffer) {
                Err(Thrown::Exception) => {
                    drop(invoke::take_exception());
                    return Err(broken(this, Some(libc::EPROTO)));
                }
                other => other?,
            };
            ended = record.as_zval().obj().is_some_and(|record| record.is_a(end));
            records.array_mut().push(record);
        }
        if ended {
            break;
        }
    }
    if !invoke::method(request, b"getKeepConn", &mut [])?.as_zval().to_bool() {
        on_socket(&socket, b"close", &mut [])?;
        this.slot(SOCKET).assign(Value::null());
    }
    let http = request.is_a(ce::fastcgi_http_request());
    let response = if http { ce::fastcgi_http_response() } else { ce::fastcgi_response() };
    invoke::construct(response, &mut [records.into_zval()])
}

/// `Client::ioException(?int $errno = null)`: throws the socket's error, or this one.
pub fn io_exception(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let code = call.args(0, 1)?.opt_long_or_null()?;
    let this = call.this();
    let socket = Value::copy_of(this.slot(SOCKET));
    let (mut number, mut text) = (code.unwrap_or(0), code.map_or_else(String::new, |code| Code(code as i32).text().to_string()));
    if let Some(socket) = socket.as_zval().obj() {
        if code.is_none() {
            number = property::read(socket, b"errCode")?.as_zval().to_long();
            let message = property::read(socket, b"errMsg")?;
            text = message.as_zval().bytes().map_or_else(String::new, |text| String::from_utf8_lossy(text).into_owned());
        }
        invoke::method(socket, b"close", &mut [])?;
    }
    this.slot(SOCKET).assign(Value::null());
    Err(throw(ce::coroutine_fastcgi_client_exception(), number, &text))
}

/// `['host', port]` of "tcp://host:port", or of a socket's path.
pub fn parse_url(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let url = call.args(1, 1)?.bytes()?;
    let (host, port) = parsed(url)?;
    let mut pair = Value::array(2);
    pair.array_mut().push(host);
    pair.array_mut().push(port);
    pair.give(ret);
    Ok(())
}

pub(super) fn parsed(url: &[u8]) -> PhpResult<(Value, Value)> {
    let info = invoke::function(c"parse_url", &mut [Value::string(url).into_zval()])?;
    let part = |name: &str| info.as_zval().as_array().and_then(|info| info.setting(name)).map(Value::copy_of);
    let port = part("port").unwrap_or_else(|| Value::long(0));
    let filled = |value: Option<Value>| value.filter(|value| value.as_zval().to_bool());
    if let Some(host) = filled(part("host")) {
        return Ok((host, port));
    }
    let Some(path) = filled(part("path")) else {
        return Err(throw(invoke::class(b"InvalidArgumentException")?, 0, "Invalid url"));
    };
    let path = path.as_zval().to_zstr().ok_or(Thrown::Exception)?;
    Ok((Value::string(&[b"unix:/", &path[..]].concat()), port))
}

/// One request for a script: the body of the answer.
pub fn call(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 4)?;
    let (url, path) = (args.bytes()?, args.bytes()?);
    let data = args.opt_value().map_or_else(|| Value::string(b""), |data| Value::copy_of(data));
    let timeout = args.opt_double()?.unwrap_or(-1.0);
    require_coroutine()?;
    let (host, port) = parsed(url)?;
    let client = invoke::construct(ce::coroutine_fastcgi_client(), &mut [host.into_zval(), port.into_zval()])?;
    let info = invoke::function(c"parse_url", &mut [Value::string(path).into_zval()])?;
    let part = |name: &str| {
        let value = info.as_zval().as_array().and_then(|info| info.get(name)).and_then(ZvalExt::bytes);
        value.unwrap_or_default().to_vec()
    };
    let (file, query) = (part("path"), part("query"));
    let root = invoke::function(c"dirname", &mut [Value::string(&file).into_zval()])?;
    let name = invoke::function(c"basename", &mut [Value::string(&file).into_zval()])?;
    let document = [b"/", name.as_zval().bytes().unwrap_or_default()].concat();
    let mut target = document.clone();
    if !query.is_empty() {
        target.push(b'?');
        target.extend(&query);
    }
    let request = invoke::construct(ce::fastcgi_http_request(), &mut [])?;
    let Some(request) = request.as_zval().obj() else { return Err(Thrown::Exception) };
    let with = |method: &[u8], value: Value| invoke::method(request, method, &mut [value.into_zval()]);
    with(b"withDocumentRoot", root)?;
    with(b"withScriptFilename", Value::string(&file))?;
    with(b"withScriptName", Value::string(&document))?;
    with(b"withDocumentUri", Value::string(&document))?;
    with(b"withRequestUri", Value::string(&target))?;
    with(b"withQueryString", Value::string(&query))?;
    with(b"withBody", data)?;
    let length = invoke::method(request, b"getContentLength", &mut [])?.as_zval().to_long();
    with(b"withMethod", Value::string(if length == 0 { b"GET" } else { b"POST" }))?;
    let Some(client) = client.as_zval().obj() else { return Err(Thrown::Exception) };
    let response = exchange(client, request, timeout)?;
    on_socket(&response, b"getBody", &mut [])?.give(ret);
    Ok(())
}
