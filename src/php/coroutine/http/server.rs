//! Swoole\Coroutine\Http\Server: HTTP on accepted sockets, a coroutine for each of them.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use net::{Errno, Fault, Socket, deadline};
use protocol::http1::{BodyDecoder, BodyKind, Parser, Progress, Reject, Upgrade, response};
use reactor::Interest;

use super::streams;
use crate::log;
use crate::php::code::Code;
use crate::php::coroutine::link;
use crate::php::coroutine::socket::{self, options};
use crate::php::coroutine::{self, require_coroutine};
use crate::php::http::data::{Origin, RequestData, form_limits};
use crate::php::http::link::{Link, SocketLink};
use crate::php::http::settings::HttpSettings;
use crate::php::http::socket::CoLink;
use crate::php::http::upload::{Spool, boundary};
use crate::php::http::{request, response as php_response, upgrade};
use crate::php::lifecycle::loop_engine;
use crate::php::server::dispatch;
use crate::php::{error, report};
use crate::server::{Address, bad_client};
use crate::zend::error::{E_WARNING, throw};
use crate::zend::invoke::{Native, native};
use crate::zend::registration::ce;
use crate::zend::{
    Call, Callable, ClassEntry, ClassState, GcBuffer, Handlers, ObjectExt, PhpResult, Thrown, Value, ZStr, ZendObject, Zval,
    ZvalExt, class_state, host, state_of,
};

/// Numbers of the declared properties.
const FD: u32 = 0;
const HOST: u32 = 1;
const PORT: u32 = 2;
const SSL: u32 = 3;
const SETTINGS: u32 = 4;
const ERR_CODE: u32 = 5;
const ERR_MSG: u32 = 6;

/// How long accepting rests when no descriptor or no coroutine can be had.
const REST: Duration = Duration::from_secs(1);
/// How long a WebSocket that the handler has left may still say what nobody reads.
const LINGER: Duration = Duration::from_millis(500);

static SERVE: Native = native!(c"{closure}", serve_connection);

#[derive(Default)]
pub struct State {
    listener: OnceCell<Value>,
    handlers: RefCell<BTreeMap<Vec<u8>, Rc<Callable>>>,
    running: Cell<bool>,
    settings: RefCell<Option<Rc<HttpSettings>>>,
    /// Sockets between two requests, by coroutine: shutdown() wakes them.
    idle: RefCell<Vec<(i64, Rc<Socket>)>>,
}

static HANDLERS: Handlers = Handlers::new();

impl ClassState for State {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }

    fn gc(&self, buffer: &mut GcBuffer) {
        if let Ok(handlers) = self.handlers.try_borrow() {
            for handler in handlers.values() {
                buffer.add_zval(handler.value());
            }
        }
    }
}

pub fn class_init(class: &mut ClassEntry) {
    class_state::<State>(class);
}

impl State {
    pub(super) fn is_running(&self) -> bool {
        self.running.get()
    }

    /// Does something that waits for the peer, and that shutdown() may cancel.
    pub(super) fn while_idle<T>(&self, socket: &Rc<Socket>, work: impl FnOnce() -> T) -> T {
        let me = coroutine_id();
        self.idle.borrow_mut().push((me, Rc::clone(socket)));
        let result = work();
        self.idle.borrow_mut().retain(|(id, _)| *id != me);
        result
    }
}

fn state(object: &ZendObject) -> &'static State {
    // SAFETY: the handlers of this final class only.
    unsafe { state_of::<State>(object) }
}

/// The listening Socket object and its socket.
fn listener(object: &ZendObject) -> PhpResult<(Value, Rc<Socket>)> {
    let Some(value) = state(object).listener.get() else {
        return Err(error::not_constructed("Swoole\\Coroutine\\Http\\Server"));
    };
    let Some(inner) = value.as_zval().obj() else { return Err(Thrown::Exception) };
    Ok((value.clone(), socket::socket(inner)?))
}

fn set_error(this: &mut ZendObject, code: i32) {
    this.slot(ERR_CODE).set_long(i64::from(code));
    this.slot(ERR_MSG).assign(Value::string(Code(code).text().as_bytes()));
    crate::php::code::set_last(Code(code));
}

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 4)?;
    let host = args.bytes()?;
    let port = args.opt_long()?.unwrap_or(0);
    let ssl = args.opt_bool()?.unwrap_or(false);
    let reuse_port = args.opt_bool()?.unwrap_or(false);
    let this = call.this();
    this.slot(HOST).assign(Value::string(host));
    this.slot(SSL).set_bool(ssl);
    let exception = ce::exception();
    if host.is_empty() {
        return Err(throw(exception, i64::from(libc::EINVAL), "host is empty"));
    }
    let (kind, place) = link::place(host);
    loop_engine();
    let refused = |this: &mut ZendObject, code: i32, text: String| {
        set_error(this, code);
        throw(exception, i64::from(code), &text)
    };
    let listener = match Socket::new(kind.domain(), kind.socket_type(), 0) {
        Ok(listener) => listener,
        Err(Errno(code)) => return Err(refused(this, code, "new Socket() failed".to_owned())),
    };
    options::set_int(&listener, libc::SOL_SOCKET, libc::SO_REUSEADDR, 1);
    if reuse_port {
        options::set_int(&listener, libc::SOL_SOCKET, libc::SO_REUSEPORT, 1);
    }
    let bound = socket::bind_to(&listener, &place, port).map_err(Fault::code);
    if let Err(code) = bound {
        return Err(refused(this, code, format!("bind({}:{port}) failed", String::from_utf8_lossy(host))));
    }
    if let Err(fault) = listener.listen(512) {
        return Err(refused(this, fault.code(), "listen() failed".to_owned()));
    }
    let local = Address::local_of(listener.fd());
    this.slot(FD).set_long(i64::from(listener.fd()));
    this.slot(PORT).set_long(i64::from(local.port()));
    if ssl {
        settings_array(this).as_array_mut().into_iter().for_each(|mut array| array.set("open_ssl", Value::bool(true)));
    }
    let _ = state(this).listener.set(socket::wrap(listener));
    Ok(())
}

fn settings_array(this: &mut ZendObject) -> &mut Zval {
    let slot = this.slot(SETTINGS);
    if !slot.is_array() {
        slot.assign(Value::array(4));
    }
    slot
}

/// `Server::set(array $settings): bool`
pub fn set(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let given = call.args(1, 1)?.array()?;
    let this = call.this();
    if given.is_empty() {
        ret.set_bool(false);
        return Ok(());
    }
    crate::php::server::merge_setting(settings_array(this), given);
    ret.set_bool(true);
    Ok(())
}

/// `Server::handle(string $pattern, callable $callback): bool`
pub fn handle(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let pattern = args.bytes()?;
    let callable = args.callable()?.keep();
    let this = call.this();
    listener(this)?;
    let old = state(this).handlers.borrow_mut().insert(pattern.to_vec(), Rc::new(callable));
    drop(old);
    ret.set_bool(true);
    Ok(())
}

/// The callback of a server for a path.
pub(super) fn handler_for(server: &ZendObject, path: &[u8]) -> Option<Rc<Callable>> {
    handler(state(server), path)
}

/// The callback for a path: the first pattern that it starts with, `/` last.
fn handler(state: &State, path: &[u8]) -> Option<Rc<Callable>> {
    let handlers = state.handlers.borrow();
    let fits = |pattern: &[u8]| path.get(..pattern.len()).is_some_and(|start| start.eq_ignore_ascii_case(pattern));
    // Of two that fit, the more exact one; the map is ordered, so the longer comes later.
    let found = handlers.iter().rev().find(|(pattern, _)| pattern.as_slice() != b"/" && fits(pattern));
    found.map(|(_, callable)| callable).or_else(|| handlers.get(&b"/"[..])).cloned()
}

/// `Server::start(): bool`: accepts until shutdown().
pub fn start(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    let (object, listener) = listener(this)?;
    require_coroutine()?;
    let state = state(this);
    let setting = Value::copy_of(settings_array(this));
    let mut settings = HttpSettings::default();
    if let (Some(options), Some(inner)) = (setting.as_zval().as_array(), object.as_zval().obj()) {
        settings.apply(options);
        if !options.is_empty() && !socket::apply_protocol(socket::state(inner), &listener, options) {
            ret.set_bool(false);
            return Ok(());
        }
        if options.setting("open_http2_protocol").is_none_or(ZvalExt::to_bool) {
            socket::offer_alpn(socket::state(inner), &["h2", "http/1.1"]);
        }
        if options.setting("upload_tmp_dir").is_some() {
            let _ = std::fs::create_dir_all(&settings.upload_tmp_dir);
        }
    }
    *state.settings.borrow_mut() = Some(Rc::new(settings));
    state.running.set(true);
    while state.running.get() {
        match listener.accept(deadline(listener.timeouts.get().read)) {
            Ok(connection) => {
                dispatch::check()?;
                let Some(inner) = object.as_zval().obj() else { break };
                let made = socket::accepted(inner, connection);
                let me = Value::object(this);
                match host::spawn(me.as_zval(), SERVE.cache(), &mut [me.clone().into_zval(), made.into_zval()]) {
                    Ok(_) => {}
                    Err(::coroutine::SpawnError::Aborted(_)) => return Err(Thrown::Bailout),
                    Err(_) => {
                        ::coroutine::sleep(REST);
                        dispatch::check()?;
                    }
                }
            }
            Err(Fault::Errno(Errno(code))) => {
                dispatch::check()?;
                match code {
                    libc::EMFILE | libc::ENFILE => {
                        ::coroutine::sleep(REST);
                        dispatch::check()?;
                    }
                    libc::ETIMEDOUT => {}
                    libc::ECANCELED => {
                        set_error(this, code);
                        break;
                    }
                    _ => {
                        set_error(this, code);
                        let mut line = report::Line::<256>::default();
                        let _ = std::fmt::Write::write_fmt(
                            &mut line,
                            format_args!("accept failed, Error: {}[{code}]", Code(code).text()),
                        );
                        report::fatal(E_WARNING, line.text());
                        break;
                    }
                }
            }
            Err(Fault::Busy(interest, holder)) => return Err(socket::busy(i64::from(listener.fd()), interest, holder)),
        }
    }
    ret.set_bool(true);
    dispatch::check()
}

/// `Server::shutdown(): void`: no more connections, and none of those that wait for a request.
pub fn shutdown(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    let state = state(this);
    state.running.set(false);
    let (_, listener) = listener(this)?;
    let engine = loop_engine();
    let holder = listener.bound(Interest::READ);
    if holder > 0 {
        engine.cancel(holder, false)?;
    }
    let idle = state.idle.borrow().clone();
    for (_, socket) in idle {
        let holder = socket.bound(Interest::READ);
        if holder > 0 {
            engine.cancel(holder, false)?;
        }
    }
    Ok(())
}

struct Ends {
    remote: Address,
    local: Address,
}

impl Origin for Ends {
    fn remote(&self) -> Address {
        self.remote
    }

    fn local(&self) -> Address {
        self.local
    }

    fn received_at(&self) -> i64 {
        (crate::server::now_us() / 1_000_000) as i64
    }
}

/// `Server::onAccept(Socket $conn): void`
pub fn on_accept(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let object = call.args(1, 1)?.object_of(ce::coroutine_socket())?;
    connection(call.this(), object)
}

/// The body of a connection's coroutine: `(Server, Socket)`.
pub(crate) fn serve_connection(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let this = args.object()?;
    let object = args.object()?;
    connection(this, object)
}

/// The life of a connection.
fn connection(this: &mut ZendObject, object: &mut ZendObject) -> PhpResult {
    let keep = Value::object(this);
    let connection = Value::object(object);
    let state = state(this);
    let secure = this.slot(SETTINGS).as_array().and_then(|array| array.setting("open_ssl")).is_some_and(|value| value.to_bool());
    let socket = socket::socket(object)?;
    if secure && !socket::handshake_as_set(object)? {
        let text = socket.tls_error();
        if !text.is_empty() {
            let line = bad_client(&Address::peer_of(socket.fd()), &text);
            log::put(log::Level::Warning as i32, line.as_bytes());
        }
        return Ok(());
    }
    let settings = state.settings.borrow().clone().unwrap_or_default();
    let ends: Rc<dyn Origin> = Rc::new(Ends { remote: Address::peer_of(socket.fd()), local: Address::local_of(socket.fd()) });
    let link = CoLink::new(&socket);
    let mut parser = Parser::new(settings.limits());
    let outcome = loop {
        let received = state.while_idle(&socket, || receive(&link, &mut parser, &settings));
        if dispatch::check().is_err() {
            return Err(Thrown::Bailout);
        }
        let mut data = match received {
            Ok(Next::Request(data)) => data,
            Ok(Next::End) => break Ok(()),
            Ok(Next::Http2) => break streams::serve(state, &keep, &connection, &link, &ends, &settings),
            Err(reject) => {
                let mut out = Vec::with_capacity(128);
                response::push_error(&mut out, reject.status);
                crate::php::http::socket::write(&socket, &[&out]);
                socket.close();
                break Ok(());
            }
        };
        data.origin = Some(Rc::clone(&ends));
        data.settings = Some(Rc::clone(&settings));
        let keep_alive = data.head.keep_alive && data.head.upgrade != Upgrade::WebSocket;
        let result = serve(state, &link, &connection, data, &settings);
        if result.is_err() {
            break result;
        }
        if !state.running.get() || !keep_alive || socket.is_closed() {
            break Ok(());
        }
    };
    dispatch::check()?;
    if link.is_websocket() && !socket.is_closed() {
        // Closing with bytes unread would reset the connection, and what was pushed last could be lost.
        let _ = socket.shutdown(libc::SHUT_WR);
        let until = deadline(Some(LINGER));
        let mut rest = [0u8; 4096];
        while socket.recv(&mut rest, until).is_ok_and(|got| got > 0) {}
        dispatch::check()?;
    }
    outcome
}

fn coroutine_id() -> i64 {
    ::coroutine::current().unwrap_or(-1)
}

/// Calls the handler with one request.
fn serve(state: &State, link: &Rc<CoLink>, connection: &Value, data: Box<RequestData>, settings: &Rc<HttpSettings>) -> PhpResult {
    let callable = handler(state, data.path());
    let upgrading = (data.head.upgrade == Upgrade::WebSocket).then(|| upgrade::upgrading(&data));
    let fd = i64::from(link.socket.fd());
    let response = php_response::make(&data, settings, Link::Socket(Rc::clone(link) as _), fd);
    if let Some(this) = response.as_zval().obj() {
        this.slot(php_response::SOCKET).assign(connection.clone());
        *php_response::state(this).upgrading.borrow_mut() = upgrading;
        if callable.is_none() {
            php_response::state(this).status.set(404);
        }
    }
    let request = request::make(data, fd, 0);
    let Some(callable) = callable else { return Ok(()) };
    let mut args = [request.into_zval(), response.into_zval()];
    let (ended, value) = callable.call(&mut args);
    drop(value);
    ended.result()
}

/// What a connection's client comes with.
enum Next {
    Request(Box<RequestData>),
    /// The preface of HTTP/2 (RFC 9113, 3.4), left in the link's input.
    Http2,
    End,
}

/// Reads one request.
fn receive(link: &CoLink, parser: &mut Parser, settings: &HttpSettings) -> Result<Next, Reject> {
    loop {
        {
            let buffer = link.input.borrow();
            if !buffer.is_empty() {
                match parser.parse_head(&buffer) {
                    Progress::Head | Progress::Complete { .. } => break,
                    Progress::Incomplete { .. } => {}
                    Progress::Http2Preface => return Ok(Next::Http2),
                    Progress::Reject(reject) => return Err(reject),
                }
            }
        }
        if !link.more() {
            return Ok(Next::End);
        }
    }
    let mut data = RequestData::take();
    parser.swap_head(&mut data.head);
    data.time = (crate::server::microtime() * 1e6) as u64;
    let head_len = data.head.head_len as usize;
    {
        let mut buffer = link.input.borrow_mut();
        data.raw.extend_from_slice(&buffer[..head_len]);
        buffer.drain(..head_len);
    }
    let body = read_body(link, &data, settings)?;
    let Some(body) = body else { return Ok(Next::End) };
    if let Some(parameters) = data.multipart_parameters() {
        let parsed = boundary(parameters).and_then(|boundary| {
            let mut spool = Spool::new(boundary, &settings.upload_tmp_dir, settings.parse_files, &form_limits()).ok()?;
            spool.push(&body).ok()?;
            spool.finish().ok()
        });
        match parsed {
            Some(upload) => data.upload = Some(Box::new(upload)),
            None => return Err(Reject { status: 400, reason: "bad multipart body" }),
        }
    }
    if !body.is_empty() {
        data.body = Some(ZStr::new(&body));
    }
    Ok(Next::Request(data))
}

fn read_body(link: &CoLink, data: &RequestData, settings: &HttpSettings) -> Result<Option<Vec<u8>>, Reject> {
    let limit = settings.package_max_length.saturating_sub(data.raw.len()) as u64;
    let mut body = Vec::new();
    if let BodyKind::Length(length) = data.head.body
        && length > limit
    {
        return Err(Reject { status: 413, reason: "request exceeds the limit" });
    }
    let mut decoder = BodyDecoder::new(data.head.body, limit);
    if data.head.expect_continue && link.input.borrow().is_empty() {
        crate::php::http::socket::write(&link.socket, &[response::CONTINUE]);
    }
    while !decoder.is_done() {
        let progress = {
            let mut buffer = link.input.borrow_mut();
            let step = decoder.decode(&buffer)?;
            body.extend_from_slice(&buffer[step.data.clone()]);
            buffer.drain(..step.consumed);
            step.done || step.consumed > 0
        };
        if !progress && !link.more() {
            return Ok(None);
        }
    }
    Ok(Some(body))
}

/// Whether a time-out argument means for ever; see [`coroutine::timeout`].
pub(crate) fn wait(seconds: f64, own: Option<Duration>) -> net::Deadline {
    deadline(if seconds == 0.0 { own } else { coroutine::timeout(seconds) })
}
