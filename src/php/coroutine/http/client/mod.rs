//! Swoole\Coroutine\Http\Client.

mod body;
mod exchange;
mod request;
mod response;
mod websocket;

pub(crate) use request::form;

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use net::{Address, Errno, Fault, Kind, Socket};
use protocol::http1::Method;

use super::super::link::{self, Link};
use super::super::socket::{after_wait, busy};
use super::super::{client::hang_up, require_coroutine};
use crate::php::code::{Code, set_last};
use crate::php::lifecycle::loop_engine;
use crate::php::report;
use crate::zend::error::{E_WARNING, throw};
use crate::zend::registration::ce;
use crate::zend::{
    Array, Call, Callable, ClassEntry, ClassState, GcBuffer, Handlers, ObjectExt, PhpResult, Value, ZendObject, Zval, ZvalExt,
    class_state, state_of,
};

/// Numbers of the declared properties.
const SOCKET: u32 = 0;
const ERR_CODE: u32 = 1;
const ERR_MSG: u32 = 2;
const CONNECTED: u32 = 3;
const HOST: u32 = 4;
const PORT: u32 = 5;
const SSL: u32 = 6;
const SETTING: u32 = 7;
const REQUEST_METHOD: u32 = 8;
const REQUEST_HEADERS: u32 = 9;
const REQUEST_BODY: u32 = 10;
const UPLOAD_FILES: u32 = 11;
const DOWNLOAD_FILE: u32 = 12;
const DOWNLOAD_OFFSET: u32 = 13;
const STATUS_CODE: u32 = 14;
const HEADERS: u32 = 15;
const SET_COOKIE_HEADERS: u32 = 16;
const COOKIES: u32 = 17;
const BODY: u32 = 18;

/// `SWOOLE_HTTP_CLIENT_ESTATUS_*`: what `$statusCode` says when there was no answer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Failed {
    Connect = -1,
    Timeout = -2,
    Reset = -3,
    Send = -4,
}

#[derive(Default)]
pub struct State(OnceCell<Box<Client>>);

static HANDLERS: Handlers = Handlers::new();

impl ClassState for State {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }

    fn gc(&self, buffer: &mut GcBuffer) {
        let Some(client) = self.0.get() else { return };
        if let Some(object) = client.exported.borrow().as_ref() {
            buffer.add(object);
        }
        if let Some(function) = client.write_func.borrow().as_ref() {
            buffer.add_zval(function.value());
        }
    }
}

pub fn class_init(class: &mut ClassEntry) {
    class_state::<State>(class);
}

/// What a constructed client owns. Everything is in cells: callbacks and other coroutines call the same object.
struct Client {
    host: Vec<u8>,
    port: i64,
    ssl: bool,
    kind: Kind,
    socket: RefCell<Option<Rc<Socket>>>,
    exported: RefCell<Option<Value>>,
    link: RefCell<Link>,
    /// Seconds; 0 leaves the process's default.
    connect_timeout: Cell<f64>,
    response_timeout: Cell<f64>,
    max_retries: Cell<u8>,
    defer: Cell<bool>,
    lowercase_header: Cell<bool>,
    keep_alive: Cell<bool>,
    http_compression: Cell<bool>,
    body_decompression: Cell<bool>,
    websocket_settings: Cell<websocket::Settings>,
    write_func: RefCell<Option<Callable>>,
    basic_auth: RefCell<Vec<u8>>,
    method: Cell<Option<Method>>,
    /// The last request's bytes, kept for getHeaderOut() and for their allocation.
    output: RefCell<Vec<u8>>,
    incoming: Cell<Option<Box<response::Incoming>>>,
    wait_response: Cell<bool>,
    in_callback: Cell<bool>,
    close_asked: Cell<bool>,
    had_uploads: Cell<bool>,
    /// The download's file was opened.
    downloaded: Cell<bool>,
    websocket: RefCell<Option<Box<websocket::Connection>>>,
}

impl Drop for Client {
    fn drop(&mut self) {
        if let Some(socket) = self.socket.get_mut() {
            socket.close();
        }
    }
}

fn client(object: &ZendObject) -> PhpResult<&'static Client> {
    // SAFETY: handlers of this class and its children only.
    let state = unsafe { state_of::<State>(object) };
    state.0.get().map(|client| &**client).ok_or_else(|| crate::php::error::not_constructed("Swoole\\Coroutine\\Http\\Client"))
}

impl Client {
    /// The open connection, if there is one.
    fn current(&self) -> Option<Rc<Socket>> {
        self.socket.borrow().as_ref().filter(|socket| !socket.is_closed()).map(Rc::clone)
    }

    /// The same; without one, the error is set.
    fn available(&self, this: &mut ZendObject) -> Option<Rc<Socket>> {
        let socket = self.current().filter(|socket| socket.is_connected());
        if socket.is_none() {
            set_error(this, Code::CLIENT_NO_CONNECTION.0);
        }
        socket
    }

    fn apply(&self, options: Array<'_>) {
        let get = |name| options.setting(name);
        let flags: [(&str, &Cell<bool>); 5] = [
            ("defer", &self.defer),
            ("lowercase_header", &self.lowercase_header),
            ("keep_alive", &self.keep_alive),
            ("http_compression", &self.http_compression),
            ("body_decompression", &self.body_decompression),
        ];
        for (name, flag) in flags {
            if let Some(value) = get(name) {
                flag.set(value.to_bool());
            }
        }
        for (name, time) in [("connect_timeout", &self.connect_timeout), ("timeout", &self.response_timeout)] {
            if let Some(value) = get(name) {
                time.set(value.to_double());
            }
        }
        if let Some(value) = get("max_retries") {
            self.max_retries.set(value.to_long().clamp(0, 255) as u8);
        }
        if let Some(value) = get("write_func") {
            let old = self.write_func.replace(Callable::new(value));
            drop(old);
        }
        self.websocket_settings.set(self.websocket_settings.get().apply(options));
    }
}

fn set_error(this: &mut ZendObject, code: i32) {
    link::set_error(this, ERR_CODE, ERR_MSG, code);
}

fn set_failure(this: &mut ZendObject, code: i32, status: Failed) {
    set_error(this, code);
    this.slot(STATUS_CODE).assign(Value::long(status as i64));
}

/// A fault's code; two coroutines at once become an exception.
fn code_of(socket: &Socket, fault: Fault) -> PhpResult<i32> {
    match fault {
        Fault::Errno(Errno(code)) => Ok(code),
        Fault::Busy(interest, holder) => Err(busy(i64::from(socket.fd()), interest, holder)),
    }
}

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 3)?;
    let host = args.bytes()?;
    let port = args.opt_long()?.unwrap_or(0);
    let ssl = args.opt_bool()?.unwrap_or(false);
    let this = call.this();
    this.slot(HOST).assign(Value::string(host));
    this.slot(PORT).assign(Value::long(port));
    this.slot(SSL).assign(Value::bool(ssl));
    if host.is_empty() {
        let class = ce::coroutine_http_client_exception();
        return Err(throw(class, i64::from(libc::EINVAL), "host is empty"));
    }
    let (kind, host) = link::place(host);
    let port = match (port, ssl) {
        (0, true) => 443,
        (0, false) => 80,
        (port, _) => i64::from(port as u16),
    };
    // SAFETY: handlers of this class and its children only.
    let state = unsafe { state_of::<State>(this) };
    let _ = state.0.set(Box::new(Client {
        host,
        port,
        ssl,
        kind,
        socket: RefCell::default(),
        exported: RefCell::default(),
        link: RefCell::default(),
        connect_timeout: Cell::new(0.0),
        response_timeout: Cell::new(0.0),
        max_retries: Cell::new(0),
        defer: Cell::new(false),
        lowercase_header: Cell::new(true),
        keep_alive: Cell::new(true),
        http_compression: Cell::new(true),
        body_decompression: Cell::new(true),
        websocket_settings: Cell::default(),
        write_func: RefCell::default(),
        basic_auth: RefCell::default(),
        method: Cell::new(None),
        output: RefCell::default(),
        incoming: Cell::default(),
        wait_response: Cell::new(false),
        in_callback: Cell::new(false),
        close_asked: Cell::new(false),
        had_uploads: Cell::new(false),
        downloaded: Cell::new(false),
        websocket: RefCell::default(),
    }));
    Ok(())
}

pub fn destruct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    call.no_args()
}

pub fn set(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let more = call.args(1, 1)?.array()?;
    let this = call.this();
    let client = client(this)?;
    if more.is_empty() {
        ret.set_bool(false);
        return Ok(());
    }
    link::merge_setting(this.slot(SETTING), more);
    client.apply(more);
    if let Some(socket) = client.current() {
        link::apply_timeouts(&socket, more);
    }
    ret.set_bool(true);
    Ok(())
}

pub fn get_defer(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    ret.set_bool(client(call.this())?.defer.get());
    Ok(())
}

pub fn set_defer(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let on = call.args(0, 1)?.opt_bool()?.unwrap_or(true);
    client(call.this())?.defer.set(on);
    ret.set_bool(true);
    Ok(())
}

/// Keeps an argument in a property.
fn keep(call: &Call, ret: &mut Zval, slot: u32, value: Value) -> PhpResult {
    call.this().slot(slot).assign(value);
    ret.set_bool(true);
    Ok(())
}

pub fn set_method(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let method = call.args(1, 1)?.bytes()?;
    keep(call, ret, REQUEST_METHOD, Value::string(method))
}

/// An array argument as a value.
fn array_argument(call: &Call) -> PhpResult<Value> {
    call.args(1, 1)?.array()?;
    Ok(call.raw_arg(0).map_or_else(Value::null, |value| Value::copy_of(value)))
}

pub fn set_headers(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let headers = array_argument(call)?;
    keep(call, ret, REQUEST_HEADERS, headers)
}

pub fn set_cookies(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let cookies = array_argument(call)?;
    keep(call, ret, COOKIES, cookies)
}

pub fn set_data(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let data = Value::copy_of(call.args(1, 1)?.value()?);
    keep(call, ret, REQUEST_BODY, data)
}

pub fn set_basic_auth(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    use base64::Engine;
    let mut args = call.args(2, 2)?;
    let (user, password) = (args.bytes()?, args.bytes()?);
    let pair = base64::engine::general_purpose::STANDARD.encode([user, b":", password].concat());
    *client(call.this())?.basic_auth.borrow_mut() = format!("Basic {pair}").into_bytes();
    Ok(())
}

pub fn add_file(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 6)?;
    let (path, name) = (args.bytes()?, args.bytes()?);
    let (kind, filename) = (args.opt_bytes_or_null()?, args.opt_bytes_or_null()?);
    let offset = args.opt_long()?.unwrap_or(0).max(0);
    let mut length = args.opt_long()?.unwrap_or(0).max(0);
    ret.set_bool(false);
    let text = String::from_utf8_lossy(path);
    let size = match std::fs::metadata(&*text) {
        Ok(about) => about.len() as i64,
        Err(_) => {
            report::system(E_WARNING, &format!("stat({text}) failed"));
            return crate::zend::error::check();
        }
    };
    let problem = if size == 0 {
        Some(format!("cannot send empty file[{}]", String::from_utf8_lossy(filename.unwrap_or(path))))
    } else if size <= offset {
        Some(format!("parameter $offset[{offset}] exceeds the file size"))
    } else if length > size - offset {
        Some(format!("parameter $length[{length}] exceeds the file size"))
    } else {
        None
    };
    if let Some(problem) = problem {
        report::notice(E_WARNING, &problem);
        return crate::zend::error::check();
    }
    if length == 0 {
        length = size - offset;
    }
    let guessed;
    let kind = match kind.filter(|kind| !kind.is_empty()) {
        Some(kind) => kind,
        None => {
            guessed = crate::php::mime::type_of(path);
            &guessed
        }
    };
    let base = path.rsplit(|byte| *byte == b'/').next().unwrap_or(path);
    let mut file = upload(name, filename.filter(|name| !name.is_empty()).unwrap_or(base), kind, length);
    let mut array = file.array_mut();
    array.set("path", Value::string(path));
    array.set("offset", Value::long(offset));
    add_upload(call.this(), file);
    ret.set_bool(true);
    Ok(())
}

fn upload(name: &[u8], filename: &[u8], kind: &[u8], size: i64) -> Value {
    let mut file = Value::array(8);
    let mut array = file.array_mut();
    array.set("name", Value::string(name));
    array.set("filename", Value::string(filename));
    array.set("type", Value::string(kind));
    array.set("size", Value::long(size));
    file
}

fn add_upload(this: &mut ZendObject, file: Value) {
    let slot = this.slot(UPLOAD_FILES);
    if !slot.is_array() {
        slot.assign(Value::array(1));
    }
    if let Some(mut files) = slot.as_array_mut() {
        files.push(file);
    }
}

pub fn add_data(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 4)?;
    let (data, name) = (args.bytes()?, args.bytes()?);
    let (kind, filename) = (args.opt_bytes_or_null()?, args.opt_bytes_or_null()?);
    let kind = kind.filter(|kind| !kind.is_empty()).unwrap_or(b"application/octet-stream");
    let mut file = upload(name, filename.filter(|name| !name.is_empty()).unwrap_or(name), kind, data.len() as i64);
    file.array_mut().set("content", Value::string(data));
    add_upload(call.this(), file);
    ret.set_bool(true);
    Ok(())
}

/// One request, and its answer unless that is deferred.
fn run(call: &Call, ret: &mut Zval, path: &[u8]) -> PhpResult {
    require_coroutine()?;
    let this = call.this();
    let done = client(this)?.exec(this, path)?;
    ret.set_bool(done);
    after_wait()
}

pub fn execute(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let path = call.args(1, 1)?.bytes()?;
    run(call, ret, path)
}

pub fn get(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let path = call.args(1, 1)?.bytes()?;
    let slot = call.this().slot(REQUEST_METHOD);
    if slot.bytes() != Some(b"GET") {
        slot.assign(Value::string(b"GET"));
    }
    run(call, ret, path)
}

pub fn post(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let path = args.bytes()?;
    let data = Value::copy_of(args.value()?);
    let this = call.this();
    this.slot(REQUEST_METHOD).assign(Value::string(b"POST"));
    this.slot(REQUEST_BODY).assign(data);
    run(call, ret, path)
}

pub fn download(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 3)?;
    let path = args.bytes()?;
    let file = Value::copy_of(args.value()?);
    let offset = args.opt_long()?.unwrap_or(0);
    let this = call.this();
    this.slot(DOWNLOAD_FILE).assign(file);
    this.slot(DOWNLOAD_OFFSET).assign(Value::long(offset));
    run(call, ret, path)
}

pub fn upgrade(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let path = call.args(1, 1)?.bytes()?;
    require_coroutine()?;
    let this = call.this();
    let done = client(this)?.upgrade(this, path)?;
    ret.set_bool(done);
    after_wait()
}

pub fn push(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let this = call.this();
    let client = client(this)?;
    ret.set_bool(false);
    if client.available(this).is_none() {
        return Ok(());
    }
    let mut args = call.args(1, 3)?;
    let data = args.value()?;
    let opcode = args.opt_long()?.unwrap_or(1);
    let flags = args.opt_value().filter(|flags| !flags.is_null()).map_or(1, |flags| flags.to_long());
    require_coroutine()?;
    let done = client.push(this, data, opcode, flags, 1000)?;
    ret.set_bool(done);
    after_wait()
}

pub fn recv(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let this = call.this();
    let client = client(this)?;
    ret.set_bool(false);
    if client.available(this).is_none() {
        return Ok(());
    }
    let wait = call.args(0, 1)?.opt_double()?.unwrap_or(0.0);
    require_coroutine()?;
    if client.websocket.borrow().is_some() {
        client.recv_frame(this, ret, wait)?;
    } else {
        let done = client.recv_response(this, wait)?;
        ret.set_bool(done);
    }
    after_wait()
}

pub fn close(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    let done = client(this)?.close(this, true)?;
    ret.set_bool(done);
    after_wait()
}

pub fn ping(call: &mut Call, ret: &mut Zval) -> PhpResult {
    control(call, ret, false)
}

pub fn disconnect(call: &mut Call, ret: &mut Zval) -> PhpResult {
    control(call, ret, true)
}

fn control(call: &Call, ret: &mut Zval, closing: bool) -> PhpResult {
    let this = call.this();
    let client = client(this)?;
    ret.set_bool(false);
    if client.available(this).is_none() || client.websocket.borrow().is_none() {
        return Ok(());
    }
    let mut args = call.args(0, if closing { 2 } else { 1 })?;
    let code = if closing { args.opt_long()?.unwrap_or(1000) } else { 1000 };
    let payload = Value::string(args.opt_bytes()?.unwrap_or_default());
    require_coroutine()?;
    let opcode = if closing { 8 } else { 9 };
    let done = client.push(this, payload.as_zval(), opcode, 1, code)?;
    ret.set_bool(done);
    if closing {
        client.close(this, true)?;
    }
    after_wait()
}

fn property(call: &Call, ret: &mut Zval, slot: u32) -> PhpResult {
    call.no_args()?;
    Value::copy_of(call.this().slot(slot)).give(ret);
    Ok(())
}

pub fn get_body(call: &mut Call, ret: &mut Zval) -> PhpResult {
    property(call, ret, BODY)
}

pub fn get_headers(call: &mut Call, ret: &mut Zval) -> PhpResult {
    property(call, ret, HEADERS)
}

pub fn get_cookies(call: &mut Call, ret: &mut Zval) -> PhpResult {
    property(call, ret, COOKIES)
}

pub fn get_status_code(call: &mut Call, ret: &mut Zval) -> PhpResult {
    property(call, ret, STATUS_CODE)
}

pub fn get_header_out(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let client = client(call.this())?;
    let output = client.output.borrow();
    match memchr::memmem::find(&output, b"\r\n\r\n") {
        Some(end) => ret.set_bytes(&output[..end]),
        None => ret.set_bool(false),
    }
    Ok(())
}

fn name(call: &Call, ret: &mut Zval, ask: fn(i32) -> std::io::Result<Address>) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    ret.set_bool(false);
    let Some(socket) = client(this)?.available(this) else { return Ok(()) };
    match link::name_of(ask, &socket, false) {
        Ok(pair) => pair.give(ret),
        Err(code) => set_error(this, code),
    }
    Ok(())
}

pub fn getsockname(call: &mut Call, ret: &mut Zval) -> PhpResult {
    name(call, ret, Address::local)
}

pub fn getpeername(call: &mut Call, ret: &mut Zval) -> PhpResult {
    name(call, ret, Address::peer)
}

pub fn get_peer_cert(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    ret.set_bool(false);
    let Some(socket) = client(this)?.available(this) else { return Ok(()) };
    match socket.session(net::tls::Session::peer_pem).flatten() {
        Some(pem) => ret.set_bytes(&pem),
        None => set_error(this, Code::SSL_EMPTY_PEER_CERTIFICATE.0),
    }
    Ok(())
}
