//! Swoole\Client: a connection that blocks, in coroutines too.

mod keep;
pub mod select;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use net::{Address, Deadline, Errno, Fault, Kind, Socket, deadline};
use reactor::Interest;

use crate::php::async_client::{self, Async};
use crate::php::code::{Code, set_last};
use crate::php::coroutine::client::send_datagram;
use crate::php::coroutine::link::{self, Link};
use crate::php::coroutine::socket::io::send_named_file;
use crate::php::coroutine::socket::{address, options};
use crate::php::report;
use crate::zend::error::{Builtin, E_WARNING, throw, throw_builtin};
use crate::zend::object::borrow_methods;
use crate::zend::registration::ce;
use crate::zend::string::StrBuffer;
use crate::zend::{
    Array, Call, ClassEntry, ClassState, GcBuffer, Handlers, ObjectExt, PhpResult, Value, ZendObject, Zval, ZvalExt, class_state,
    guarded, state_of,
};

/// Numbers of the declared properties.
const ERR_CODE: u32 = 0;
const SOCK: u32 = 1;
const REUSE: u32 = 2;
const REUSE_COUNT: u32 = 3;
const TYPE: u32 = 4;
const ID: u32 = 5;
const SETTING: u32 = 6;

/// Most bytes that one recv() gives, unless it waits for all.
const RECV: usize = 65535;
/// Seconds that connecting may take, and then each read and write.
const TIMEOUT: f64 = 0.5;

/// What a client object owns.
#[derive(Default)]
pub struct State {
    pub(super) connection: RefCell<Option<Rc<Connection>>>,
    /// Of an asynchronous client: Async\Client, or one made with SWOOLE_SOCK_ASYNC as the tutorial does.
    pub(super) asynchronous: RefCell<Option<Rc<Async>>>,
}

static HANDLERS: Handlers = Handlers::new();

impl ClassState for State {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }

    fn gc(&self, buffer: &mut GcBuffer) {
        if let Some(own) = self.asynchronous.borrow().as_ref() {
            own.gc(buffer);
        }
    }
}

pub fn class_init(class: &mut ClassEntry) {
    class_state::<State>(class);
    borrow_methods(&HANDLERS, c"swoole\\async\\client", |object| state(object).asynchronous.borrow().is_some());
}

/// A connection, which with SWOOLE_KEEP outlives its object.
pub(super) struct Connection {
    pub socket: Socket,
    pub link: Link,
    pub kind: Kind,
    /// Under which name it is kept; None when it is not.
    keep: Option<Vec<u8>>,
    pub active: Cell<bool>,
    /// The last operation found the connection broken.
    broken: Cell<bool>,
    reused: Cell<i64>,
    /// Who sent the last datagram.
    pub from: Cell<Option<Address>>,
}

/// While it lives, waits block instead of suspending: this client is not one for coroutines.
struct Blocking;

impl Blocking {
    fn begin() -> Self {
        if let Some(engine) = coroutine::engine() {
            engine.no_suspend(1);
        }
        Self
    }
}

impl Drop for Blocking {
    fn drop(&mut self) {
        if let Some(engine) = coroutine::engine() {
            engine.no_suspend(-1);
        }
    }
}

fn blocking<T>(work: impl FnOnce() -> T) -> T {
    let _section = Blocking::begin();
    work()
}

pub(super) fn state(object: &ZendObject) -> &'static State {
    // SAFETY: handlers of this class and its children only.
    unsafe { state_of::<State>(object) }
}

/// Bytes that an object's connection has read ahead, for select().
pub(crate) fn read_ahead(value: &Zval) -> usize {
    let class = ce::client();
    let Some(object) = value.obj().filter(|object| object.is_a(class)) else { return 0 };
    state(object).connection.borrow().as_ref().map_or(0, |connection| connection.socket.buffered())
}

pub(super) fn set_error(this: &mut ZendObject, code: i32) {
    set_last(Code(code));
    this.slot(ERR_CODE).assign(Value::long(i64::from(code)));
}

/// A warning that is silenced with `swoole.display_errors`, with an error's text.
fn warn_error(text: &str, code: i32) -> PhpResult {
    let text = format!("{text}, Error: {}[{code}]", Code(code).text());
    link::settle(guarded(|| report::with_code(E_WARNING, Code(code), &text)))?;
    crate::zend::error::check()
}

/// A blocking call tells a time-out as the kernel does for SO_RCVTIMEO.
fn code_of(fault: Fault) -> i32 {
    match fault.code() {
        libc::ETIMEDOUT => libc::EAGAIN,
        code => code,
    }
}

fn is_fatal(code: i32) -> bool {
    matches!(
        code,
        libc::ECONNRESET | libc::EPIPE | libc::ENOTCONN | libc::ETIMEDOUT | libc::ECONNREFUSED | libc::ECONNABORTED | libc::EBADF
    )
}

/// The connection; without one, after a warning, false is returned.
pub(super) fn connected(this: &mut ZendObject, ret: &mut Zval) -> PhpResult<Option<Rc<Connection>>> {
    let connection = state(this).connection.borrow().clone();
    if connection.as_ref().is_none_or(|connection| !connection.active.get()) {
        drop(connection);
        set_error(this, Code::CLIENT_NO_CONNECTION.0);
        ret.set_bool(false);
        link::settle(guarded(|| report::notice(E_WARNING, "client is not connected to server")))?;
        crate::zend::error::check()?;
        return Ok(None);
    }
    Ok(connection)
}

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 3)?;
    let kind = args.long()?;
    let is_async = args.opt_bool()?.unwrap_or(false);
    let id = args.opt_bytes()?;
    if link::kind_of(kind).is_none() {
        let text = format!("Swoole\\Client::__construct() expects parameter 1 to be client type, unknown type {kind} given");
        return Err(throw_builtin(Builtin::TypeError, &text));
    }
    let this = call.this();
    if is_async {
        async_client::begin(this, kind);
        return Ok(());
    }
    this.slot(TYPE).assign(Value::long(kind));
    if let Some(id) = id {
        this.slot(ID).assign(Value::string(id));
    }
    Ok(())
}

pub fn destruct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    if state(this).connection.borrow().is_some() && !is_async(this) {
        shut(this, false);
    }
    Ok(())
}

pub fn set(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let more = call.args(1, 1)?.array()?;
    link::merge_setting(call.this().slot(SETTING), more);
    ret.set_bool(true);
    Ok(())
}

pub(super) fn settings(this: &mut ZendObject) -> Value {
    Value::copy_of(this.slot(SETTING))
}

fn options_of(setting: &Value) -> Option<Array<'_>> {
    setting.as_zval().as_array().filter(|options| !options.is_empty())
}

/// Whether the object calls back instead of blocking.
fn is_async(this: &ZendObject) -> bool {
    state(this).asynchronous.borrow().is_some()
}

/// The name that a connection is kept under.
fn key(this: &mut ZendObject, host: &[u8], port: i64) -> Vec<u8> {
    match this.slot(ID).bytes() {
        Some(id) if !id.is_empty() => id.to_vec(),
        _ => [host, b":", port.to_string().as_bytes()].concat(),
    }
}

/// A connection that was kept, or a new socket; None when false is to be returned.
pub(super) fn create(this: &mut ZendObject, host: &[u8], port: i64) -> PhpResult<Option<Rc<Connection>>> {
    let number = this.slot(TYPE).to_long();
    let Some(kind) = link::kind_of(number) else { return Ok(None) };
    let least = i64::from(is_async(this));
    if matches!(kind, Kind::Tcp | Kind::Tcp6) && !(least..65536).contains(&port) {
        link::warn("The port is invalid")?;
        set_last(Code::INVALID_PARAMS);
        return Ok(None);
    }
    let setting = settings(this);
    let kept_as = (number & link::KEEP != 0).then(|| key(this, host, port));
    if let Some(connection) = kept_as.as_deref().and_then(keep::take) {
        connection.reused.set(connection.reused.get() + 1);
        this.slot(REUSE_COUNT).assign(Value::long(connection.reused.get()));
        this.slot(SOCK).assign(Value::long(i64::from(connection.socket.fd())));
        return Ok(Some(connection));
    }
    let kind = link::kind_for(kind, options_of(&setting));
    let socket = match link::open(kind) {
        Ok(socket) => socket,
        Err(fault) => {
            let code = code_of(fault);
            set_error(this, code);
            warn_error("Client_create() failed", code)?;
            return Ok(None);
        }
    };
    let mut link = Link { tls: (number & link::SSL != 0).then(Default::default), ..Link::default() };
    if let Some(options) = options_of(&setting) {
        set_last(Code(0));
        if !link::apply(&socket, &mut link, options)? {
            let code = crate::php::code::last().0;
            set_error(this, code);
            return Ok(None);
        }
    }
    this.slot(SOCK).assign(Value::long(i64::from(socket.fd())));
    Ok(Some(Rc::new(Connection {
        socket,
        link,
        kind,
        keep: kept_as,
        active: Cell::new(false),
        broken: Cell::new(false),
        reused: Cell::new(0),
        from: Cell::new(None),
    })))
}

/// Where connect() is to go.
pub(super) struct Target<'a> {
    pub host: &'a [u8],
    pub port: i64,
    pub timeout: Option<Duration>,
    /// The program waits for the connection itself.
    pub later: bool,
}

/// The arguments of connect(), of both kinds of client; None, and a warning, where it cannot be.
pub(super) fn target(call: &mut Call, ret: &mut Zval) -> PhpResult<Option<Target<'static>>> {
    let mut args = call.args(1, 4)?;
    let host = args.bytes()?;
    let port = args.opt_long()?.unwrap_or(0);
    let seconds = args.opt_double()?.unwrap_or(TIMEOUT);
    let later = args.opt_long()?.unwrap_or(0) == 1;
    ret.set_bool(false);
    let problem = if host.is_empty() {
        "The host is empty"
    } else if state(call.this()).connection.borrow().is_some() {
        "connection to the server has already been established"
    } else {
        let timeout = (seconds > 0.0).then(|| Duration::try_from_secs_f64(seconds).ok()).flatten();
        return Ok(Some(Target { host, port, timeout, later }));
    };
    link::warn(problem)?;
    Ok(None)
}

pub fn connect(call: &mut Call, ret: &mut Zval) -> PhpResult {
    if is_async(call.this()) {
        return async_client::connect(call, ret);
    }
    let Some(Target { host, port, timeout: time, later }) = target(call, ret)? else { return Ok(()) };
    let this = call.this();
    let Some(connection) = create(this, host, port)? else { return Ok(()) };
    *state(this).connection.borrow_mut() = Some(Rc::clone(&connection));
    if connection.active.get() {
        this.slot(REUSE).assign(Value::bool(true));
        ret.set_bool(true);
        return Ok(());
    }
    let mut timeouts = connection.socket.timeouts.get();
    (timeouts.connect, timeouts.read, timeouts.write) = (time, time, time);
    connection.socket.timeouts.set(timeouts);
    name_datagram(&connection);
    if later && connection.kind.is_stream() {
        return connect_later(this, ret, &connection, host, port);
    }
    let result = blocking(|| link::connect(&connection.socket, &connection.link, host, port));
    match result {
        Ok(()) => {
            connection.active.set(true);
            ret.set_bool(true);
            Ok(())
        }
        Err(fault) => {
            let code = fault.code();
            shut(this, true);
            set_error(this, code);
            let text = format!(
                "connect to server[{}:{port}] failed. Error: {}[{code}]",
                String::from_utf8_lossy(host),
                Code(code).text()
            );
            link::settle(guarded(|| report::with_code(E_WARNING, Code(code), &text)))?;
            crate::zend::error::check()
        }
    }
}

/// A unix datagram socket gets an address, or the server could not answer it; `shut` removes its file.
fn name_datagram(connection: &Connection) {
    let socket = &connection.socket;
    let unnamed = |address: Address| address.path().is_empty();
    if connection.kind != Kind::UnixDgram || !Address::local(socket.fd()).is_ok_and(unnamed) {
        return;
    }
    let path = std::env::temp_dir().join(format!("swoole-client.{}.{}.sock", std::process::id(), socket.fd()));
    let _ = std::fs::remove_file(&path);
    let bound = Address::unix(path.as_os_str().as_encoded_bytes()).map(|address| socket.bind(&address));
    if !matches!(bound, Some(Ok(()))) {
        crate::log::warning("Client::connect", None, &format!("{} cannot be bound", path.display()));
    }
}

/// Begins to connect; the socket is writable once that is done.
fn connect_later(this: &mut ZendObject, ret: &mut Zval, connection: &Connection, host: &[u8], port: i64) -> PhpResult {
    let found = match address(&connection.socket, host, port) {
        Some(address) => Some(address),
        None => blocking(|| {
            let name = String::from_utf8_lossy(host);
            net::resolve(&name, connection.socket.domain(), connection.socket.timeouts.get().dns).ok()
        })
        .map(|ip| Address::inet(ip, port as u16)),
    };
    let code = match found.map(|address| connection.socket.connect(&address, Some(Instant::now()))) {
        Some(Ok(())) => 0,
        // There was no time to wait in.
        Some(Err(Fault::Errno(Errno(libc::ETIMEDOUT)))) => libc::EINPROGRESS,
        Some(Err(fault)) => code_of(fault),
        None => Code::DNSLOOKUP_RESOLVE_FAILED.0,
    };
    if code == 0 || code == libc::EINPROGRESS {
        connection.active.set(true);
        set_error(this, code);
        ret.set_bool(true);
        return Ok(());
    }
    drop(state(this).connection.take());
    set_error(this, code);
    Ok(())
}

pub fn send(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let data = args.bytes()?;
    args.opt_long()?;
    ret.set_bool(false);
    if data.is_empty() {
        return link::warn("data to send is empty");
    }
    let this = call.this();
    let Some(connection) = connected(this, ret)? else { return Ok(()) };
    if is_async(this) {
        return async_client::send(this, ret, &connection, data);
    }
    set_last(Code(0));
    let end = deadline(connection.socket.timeouts.get().write);
    let result = blocking(|| {
        if connection.kind.is_stream() || connection.socket.is_tls() {
            connection.socket.send_all(data, end).map_err(|(_, fault)| fault)
        } else {
            connection.socket.send(data, end)
        }
    });
    match result {
        Ok(n) => {
            ret.set_long(n as i64);
            Ok(())
        }
        Err(fault) => {
            let code = code_of(fault);
            connection.broken.set(is_fatal(code));
            let text = format!("failed to send({}) {} bytes", connection.socket.fd(), data.len());
            drop(connection);
            set_error(this, code);
            warn_error(&text, code)
        }
    }
}

pub fn sendto(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(3, 3)?;
    let (host, port, data) = (args.bytes()?, args.long()?, args.bytes()?);
    ret.set_bool(false);
    if data.is_empty() {
        link::settle(guarded(|| report::notice(E_WARNING, "data to send is empty")))?;
        return crate::zend::error::check();
    }
    let this = call.this();
    let own = state(this).connection.borrow().clone();
    let connection = match own {
        Some(connection) => connection,
        None => {
            let Some(connection) = create(this, host, port)? else { return Ok(()) };
            let time = Duration::try_from_secs_f64(TIMEOUT).ok();
            let mut timeouts = connection.socket.timeouts.get();
            (timeouts.read, timeouts.write) = (time, time);
            connection.socket.timeouts.set(timeouts);
            connection.active.set(true);
            *state(this).connection.borrow_mut() = Some(Rc::clone(&connection));
            connection
        }
    };
    if connection.kind.is_stream() {
        set_error(this, Code::OPERATION_NOT_SUPPORT.0);
        return Ok(());
    }
    let end = deadline(connection.socket.timeouts.get().write);
    match blocking(|| send_datagram(&connection.socket, host, port, data, end)) {
        Ok(_) => ret.set_bool(true),
        Err(fault) => set_error(this, code_of(fault)),
    }
    Ok(())
}

pub fn sendfile(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 3)?;
    let file = args.bytes()?;
    let (offset, length) = (args.opt_long()?.unwrap_or(0), args.opt_long()?.unwrap_or(0));
    ret.set_bool(false);
    if file.is_empty() {
        return link::warn("file to send is empty");
    }
    let this = call.this();
    let Some(connection) = connected(this, ret)? else { return Ok(()) };
    if !connection.kind.is_stream() {
        drop(connection);
        link::settle(guarded(|| report::notice(E_WARNING, "dgram socket cannot use sendfile")))?;
        return crate::zend::error::check();
    }
    if is_async(this) {
        return async_client::send_file(this, ret, &connection, file, offset, length);
    }
    let end = deadline(connection.socket.timeouts.get().write);
    match blocking(|| send_named_file(&connection.socket, file, offset, length, end)) {
        Ok(()) => {
            ret.set_bool(true);
            Ok(())
        }
        Err(fault) => {
            let code = code_of(fault);
            connection.broken.set(is_fatal(code));
            drop(connection);
            set_error(this, code);
            link::warn(&format!("sendfile() failed. Error: {} [{code}]", Code(code).text()))
        }
    }
}

/// Reads as recv(2) with those flags does.
fn read(connection: &Connection, bytes: &mut [u8], flags: i64, end: Deadline) -> Result<usize, Fault> {
    let has = |flag: i32| flags & i64::from(flag) != 0;
    let socket = &connection.socket;
    let end = if has(libc::MSG_DONTWAIT) { Some(Instant::now()) } else { end };
    if has(libc::MSG_PEEK) {
        if socket.buffered() == 0 && !has(libc::MSG_DONTWAIT) {
            socket.wait(Interest::READ, end)?;
        }
        return socket.peek(bytes);
    }
    if has(libc::MSG_WAITALL) {
        return socket.recv_all(bytes, end).or_else(|(n, fault)| if n > 0 { Ok(n) } else { Err(fault) });
    }
    if !connection.kind.is_stream() && !socket.is_tls() {
        let (n, from) = socket.recv_from(bytes, end)?;
        connection.from.set(Some(from));
        return Ok(n);
    }
    socket.recv(bytes, end)
}

pub fn recv(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(0, 2)?;
    let size = args.opt_long()?.unwrap_or(65536).clamp(1, 1 << 30) as usize;
    let flags = match args.opt_long()?.unwrap_or(0) {
        // "Wait for all" under its old name.
        1 => i64::from(libc::MSG_WAITALL),
        flags => flags,
    };
    let this = call.this();
    let Some(connection) = connected(this, ret)? else { return Ok(()) };
    set_last(Code(0));
    let end = deadline(connection.socket.timeouts.get().read);
    let result = if connection.socket.has_framer() {
        match blocking(|| connection.socket.recv_packet(end)) {
            Ok(packet) => {
                ret.set_bytes(&packet);
                Ok(())
            }
            // A length that makes no sense, or is too large, ends the stream as a close does.
            Err(Fault::Errno(Errno(
                code @ (net::ERROR_PACKAGE_MALFORMED | net::ERROR_PACKAGE_NOT_FOUND | net::ERROR_PACKAGE_TOO_LARGE),
            ))) => {
                set_last(Code(code));
                ret.set_bytes(b"");
                Ok(())
            }
            Err(fault) => Err(fault),
        }
    } else {
        let size = if flags & i64::from(libc::MSG_WAITALL) != 0 { size } else { size.min(RECV) };
        let mut buffer = StrBuffer::with_capacity(size);
        // SAFETY: `size` bytes of a fresh string that is ours alone; they are only written to.
        let bytes = unsafe { std::slice::from_raw_parts_mut(buffer.as_mut_ptr(), size) };
        blocking(|| read(&connection, bytes, flags, end)).map(|n| ret.set_str(buffer.finish(n)))
    };
    match result {
        Ok(()) => crate::zend::error::check(),
        Err(fault) => {
            let code = code_of(fault);
            connection.broken.set(is_fatal(code));
            drop(connection);
            set_error(this, code);
            ret.set_bool(false);
            warn_error("recv() failed", code)
        }
    }
}

pub fn shutdown(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let how = call.args(1, 1)?.long()?;
    let this = call.this();
    let Some(connection) = connected(this, ret)? else { return Ok(()) };
    match connection.socket.shutdown(how as i32) {
        Ok(()) => ret.set_bool(true),
        Err(fault) => {
            set_error(this, code_of(fault));
            ret.set_bool(false);
        }
    }
    Ok(())
}

pub fn enable_ssl(call: &mut Call, ret: &mut Zval) -> PhpResult {
    if is_async(call.this()) {
        return async_client::enable_ssl(call, ret);
    }
    if call.args(0, 1)?.opt_callable_or_null()?.is_some() {
        let class = ce::exception();
        return Err(throw(class, i64::from(Code::INVALID_PARAMS.0), "sync client does not support `onSslReady` callback"));
    }
    let this = call.this();
    let Some(connection) = connected(this, ret)? else { return Ok(()) };
    ret.set_bool(false);
    if !matches!(connection.kind, Kind::Tcp | Kind::Tcp6) {
        drop(connection);
        return link::warn("cannot use enableSSL");
    }
    if connection.socket.is_tls() {
        drop(connection);
        return link::warn("SSL has been enabled");
    }
    let mut link = connection.link.clone();
    link.tls = Some(net::tls::Settings::default());
    let setting = settings(this);
    if let Some(options) = options_of(&setting) {
        link::apply_tls(&mut link, options)?;
    }
    match blocking(|| link::handshake(&connection.socket, &link, b"")) {
        Ok(()) => ret.set_bool(true),
        Err(fault) => set_error(this, code_of(fault)),
    }
    Ok(())
}

/// The connection when it speaks TLS; else false is returned after a warning.
fn secured(this: &mut ZendObject, ret: &mut Zval) -> PhpResult<Option<Rc<Connection>>> {
    let Some(connection) = connected(this, ret)? else { return Ok(None) };
    if connection.socket.is_tls() {
        return Ok(Some(connection));
    }
    drop(connection);
    ret.set_bool(false);
    link::warn("SSL is not ready")?;
    Ok(None)
}

pub fn get_peer_cert(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let Some(connection) = secured(call.this(), ret)? else { return Ok(()) };
    match connection.socket.session(net::tls::Session::peer_pem).flatten() {
        Some(pem) => ret.set_bytes(&pem),
        None => ret.set_bool(false),
    }
    Ok(())
}

pub fn verify_peer_cert(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let allow_self_signed = call.args(0, 1)?.opt_bool()?.unwrap_or(false);
    let Some(connection) = secured(call.this(), ret)? else { return Ok(()) };
    let good = link::verify(&connection.socket, allow_self_signed, connection.link.host_name.as_deref());
    if !good {
        set_last(Code::SSL_VERIFY_FAILED);
    }
    ret.set_bool(good);
    Ok(())
}

pub fn is_connected(call: &mut Call, ret: &mut Zval) -> PhpResult {
    tell_connected(call, ret)
}

pub(super) fn tell_connected(call: &Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let connection = state(call.this()).connection.borrow();
    ret.set_bool(connection.as_ref().is_some_and(|connection| connection.active.get()));
    Ok(())
}

fn give_name(ret: &mut Zval, address: &Address) {
    let (host, port) = address.host_port();
    let mut pair = Value::array(2);
    let mut array = pair.array_mut();
    array.set("port", Value::long(i64::from(port)));
    array.set("host", Value::string(&host));
    pair.give(ret);
}

fn name(call: &Call, ret: &mut Zval, what: &str, ask: impl Fn(&Connection) -> std::io::Result<Address>) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    let Some(connection) = connected(this, ret)? else { return Ok(()) };
    match ask(&connection) {
        Ok(address) => {
            give_name(ret, &address);
            Ok(())
        }
        Err(error) => {
            let code = error.raw_os_error().unwrap_or(libc::EIO);
            drop(connection);
            set_error(this, code);
            ret.set_bool(false);
            warn_error(&format!("{what}() failed"), code)
        }
    }
}

pub fn getsockname(call: &mut Call, ret: &mut Zval) -> PhpResult {
    name(call, ret, "getsockname", |connection| Address::local(connection.socket.fd()))
}

/// Of a datagram socket, who sent the last one.
pub fn getpeername(call: &mut Call, ret: &mut Zval) -> PhpResult {
    name(call, ret, "getpeername", |connection| match connection.from.get() {
        Some(from) => Ok(from),
        None => Address::peer(connection.socket.fd()),
    })
}

/// Lets go of the connection: it is kept for the next client, or closed.
fn shut(this: &mut ZendObject, force: bool) {
    let Some(connection) = state(this).connection.take() else { return };
    match &connection.keep {
        Some(key) if !force && connection.active.get() && !connection.broken.get() => keep::put(key.clone(), connection),
        _ => {
            connection.active.set(false);
            let path = (connection.kind == Kind::UnixDgram).then(|| Address::local(connection.socket.fd()).ok()).flatten();
            connection.socket.close();
            // A datagram client's own address is a file that nobody else removes.
            if let Some(path) = path.as_ref().map(Address::path).filter(|path| path.first().is_some_and(|first| *first != 0)) {
                let _ = std::fs::remove_file(&*String::from_utf8_lossy(path));
            }
        }
    }
}

pub fn close(call: &mut Call, ret: &mut Zval) -> PhpResult {
    if is_async(call.this()) {
        return async_client::close(call, ret);
    }
    let force = call.args(0, 1)?.opt_bool()?.unwrap_or(false);
    let this = call.this();
    if state(this).connection.borrow().is_none() {
        ret.set_bool(false);
        return link::warn("client is not connected to the server");
    }
    shut(this, force);
    ret.set_bool(true);
    Ok(())
}

/// A copy of the connection for ext/sockets.
pub fn get_socket(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    let Some(connection) = connected(this, ret)? else { return Ok(()) };
    ret.set_bool(false);
    if connection.keep.is_some() {
        drop(connection);
        return link::warn("the 'getSocket' method can't be used on persistent connection");
    }
    let kind = options::get_int(connection.socket.fd(), libc::SOL_SOCKET, libc::SO_DOMAIN).unwrap_or(libc::AF_INET);
    if let Some(socket) = crate::zend::stream::socket_of(connection.socket.fd(), kind) {
        socket.give(ret);
    }
    Ok(())
}
