//! Swoole\Coroutine\Socket.

pub mod io;
pub mod options;
pub mod vector;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use coroutine::Engine;
use net::{Address, Deadline, Errno, Fault, Socket, Timeouts, deadline};
use reactor::Interest;

use super::require_coroutine;
use crate::php::code::{Code, set_last};
use crate::php::lifecycle::loop_engine;
use crate::php::{error, report, settings, stream_settings};
use crate::zend::error::{E_WARNING, throw};
use crate::zend::registration::ce;
use crate::zend::{
    Array, Call, ClassEntry, ClassState, GcBuffer, Handlers, ObjectExt, PhpResult, Thrown, Value, ZendObject, Zval, ZvalExt,
    class_state, new_object, state_of,
};

/// What a Socket object owns.
#[derive(Default)]
pub struct State {
    socket: RefCell<Option<Rc<Socket>>>,
    tls: RefCell<Option<net::tls::Settings>>,
    /// Made of the settings at the first handshake; a listener's connections share it.
    context: RefCell<Rc<RefCell<Option<net::tls::Context>>>>,
    server_side: std::cell::Cell<bool>,
    host_name: RefCell<Option<String>>,
    /// The settings of setProtocol(), which connections accepted here take over.
    protocol: RefCell<Option<Value>>,
    /// The stream that the fd was taken from: it closes the fd.
    stream: RefCell<Option<Value>>,
}

static HANDLERS: Handlers = Handlers::new();

impl ClassState for State {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }

    fn gc(&self, buffer: &mut GcBuffer) {
        for value in [&self.protocol, &self.stream] {
            if let Some(value) = value.borrow().as_ref() {
                buffer.add(value);
            }
        }
    }
}

pub fn class_init(class: &mut ClassEntry) {
    class_state::<State>(class);
}

/// Numbers of the declared properties.
const FD: u32 = 0;
const DOMAIN: u32 = 1;
const TYPE: u32 = 2;
const PROTOCOL: u32 = 3;
const ERR_CODE: u32 = 4;
const ERR_MSG: u32 = 5;

pub(crate) fn state(object: &ZendObject) -> &'static State {
    // SAFETY: handlers of this class and its children only.
    unsafe { state_of::<State>(object) }
}

/// The socket of an object.
pub(crate) fn socket(object: &ZendObject) -> PhpResult<Rc<Socket>> {
    let socket = state(object).socket.borrow().clone();
    socket.ok_or_else(|| error::not_constructed("Swoole\\Coroutine\\Socket"))
}

/// Leaves success in `$errCode` and `$errMsg`.
pub(crate) fn clear_error(object: &mut ZendObject) {
    object.slot(ERR_CODE).set_long(0);
    object.slot(ERR_MSG).assign(Value::string(b""));
}

/// Leaves an error in `$errCode`, `$errMsg` and swoole_last_error().
pub(crate) fn set_error(object: &mut ZendObject, code: i32) {
    let code = Code(code);
    set_last(code);
    object.slot(ERR_CODE).set_long(i64::from(code.0));
    object.slot(ERR_MSG).assign(Value::string(code.text().as_bytes()));
}

/// Turns a fault into what the method returns: false, or an exception for a misuse.
pub(crate) fn fail<T>(object: &mut ZendObject, ret: &mut Zval, fault: Fault) -> PhpResult<Option<T>> {
    match fault {
        Fault::Errno(Errno(code)) => {
            set_error(object, code);
            ret.set_bool(false);
            after_wait()?;
            Ok(None)
        }
        Fault::Busy(interest, holder) => Err(busy(object.slot(FD).to_long(), interest, holder)),
    }
}

/// What a coroutine is told that reads (or writes) a socket while another one does.
pub(crate) fn busy_text(fd: i64, interest: Interest, holder: i64) -> String {
    let what = if interest.contains(Interest::READ) { "reading" } else { "writing" };
    let me = coroutine::current().unwrap_or(-1);
    format!(
        "Socket#{fd} has already been bound to another coroutine#{holder}, {what} of the same socket in coroutine#{me} \
         at the same time is not allowed"
    )
}

/// Swoole's fatal error for two coroutines that read (or write) one socket at once.
pub(crate) fn busy(fd: i64, interest: Interest, holder: i64) -> Thrown {
    let text = busy_text(fd, interest, holder);
    throw(ce::error(), i64::from(Code::CO_HAS_BEEN_BOUND.0), &text)
}

/// After a suspension: the request may be over, or an exception may have been thrown into us.
pub(crate) fn after_wait() -> PhpResult {
    if coroutine::engine().is_some_and(Engine::is_aborted) {
        return Err(Thrown::Bailout);
    }
    crate::zend::error::check()
}

/// The result of an operation, with the properties set.
pub(crate) fn outcome<T>(object: &mut ZendObject, ret: &mut Zval, result: Result<T, Fault>) -> PhpResult<Option<T>> {
    match result {
        Ok(value) => {
            clear_error(object);
            after_wait()?;
            Ok(Some(value))
        }
        Err(fault) => fail(object, ret, fault),
    }
}

/// A method's time-out argument: 0 stands for the socket's own, below 0 for ever.
pub(crate) fn until(argument: f64, own: Option<Duration>) -> Deadline {
    deadline(if argument == 0.0 { own } else { super::timeout(argument) })
}

/// The time-outs that `Coroutine::set` and `swoole_async_set` have given new sockets.
pub(crate) fn default_timeouts() -> Timeouts {
    settings::read(|settings| Timeouts {
        dns: settings.dns_timeout,
        connect: settings.connect_timeout,
        read: settings.read_timeout,
        write: settings.write_timeout,
    })
}

/// A PHP object for a socket.
pub fn wrap(socket: Socket) -> Value {
    let mut object = new_object(ce::coroutine_socket());
    if let Some(object) = object.as_mut().obj() {
        adopt(object, socket);
    }
    object
}

/// As [`wrap`], for a descriptor that we give away, with the time-outs of new sockets.
pub(crate) fn export(fd: std::os::fd::RawFd, domain: i32, kind: i32) -> Value {
    let socket = Socket::from_fd(fd, domain, kind, 0);
    socket.timeouts.set(default_timeouts());
    wrap(socket)
}

fn adopt(object: &mut ZendObject, socket: Socket) {
    object.slot(FD).set_long(i64::from(socket.fd()));
    object.slot(DOMAIN).set_long(i64::from(socket.domain()));
    object.slot(TYPE).set_long(i64::from(socket.kind()));
    object.slot(PROTOCOL).set_long(i64::from(socket.protocol()));
    *state(object).socket.borrow_mut() = Some(Rc::new(socket));
}

/// As [`wrap`], for a socket that others share.
pub fn wrap_shared(socket: Rc<Socket>) -> Value {
    let mut object = new_object(ce::coroutine_socket());
    if let Some(object) = object.as_mut().obj() {
        object.slot(FD).set_long(i64::from(socket.fd()));
        object.slot(DOMAIN).set_long(i64::from(socket.domain()));
        object.slot(TYPE).set_long(i64::from(socket.kind()));
        object.slot(PROTOCOL).set_long(i64::from(socket.protocol()));
        *state(object).socket.borrow_mut() = Some(socket);
    }
    object
}

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 3)?;
    let (domain, kind) = (args.long()?, args.long()?);
    let protocol = args.opt_long()?.unwrap_or(0);
    let this = call.this();
    if state(this).socket.borrow().is_some() {
        let text = "Constructor of Swoole\\Coroutine\\Socket can only be called once";
        return Err(crate::zend::error::throw_builtin(crate::zend::error::Builtin::Error, text));
    }
    loop_engine();
    match Socket::new(domain as i32, kind as i32, protocol as i32) {
        Ok(socket) => {
            socket.timeouts.set(default_timeouts());
            adopt(this, socket);
            Ok(())
        }
        Err(Errno(code)) => {
            let text = format!("new Socket() failed. Error: {} [{code}]", Code(code).text());
            Err(throw(ce::coroutine_socket_exception(), i64::from(code), &text))
        }
    }
}

/// An address for this socket's domain; None when host or path cannot be one.
pub(crate) fn address(socket: &Socket, host: &[u8], port: i64) -> Option<Address> {
    if socket.domain() == libc::AF_UNIX {
        return Address::unix(host);
    }
    let text = std::str::from_utf8(host).ok()?;
    let ip: std::net::IpAddr = text.parse().ok()?;
    let fits = match ip {
        std::net::IpAddr::V4(_) => socket.domain() == libc::AF_INET,
        std::net::IpAddr::V6(_) => socket.domain() == libc::AF_INET6,
    };
    fits.then(|| Address::inet(ip, port as u16))
}

/// Binds to a host and port, or to a path.
pub(crate) fn bind_to(socket: &Socket, host: &[u8], port: i64) -> Result<(), Fault> {
    let inet = socket.domain() != libc::AF_UNIX;
    match address(socket, host, port) {
        _ if inet && !(0..65536).contains(&port) => Err(Fault::Errno(Errno(Code::BAD_PORT.0))),
        Some(address) => socket.bind(&address),
        None if inet => Err(Fault::Errno(Errno(Code::BAD_HOST_ADDR.0))),
        None => Err(Fault::Errno(Errno(libc::EINVAL))),
    }
}

pub fn bind(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let host = args.bytes()?;
    let port = args.opt_long()?.unwrap_or(0);
    let this = call.this();
    let socket = socket(this)?;
    options::set_int(&socket, libc::SOL_SOCKET, libc::SO_REUSEADDR, 1);
    let result = bind_to(&socket, host, port);
    let bound = outcome(this, ret, result)?;
    if bound.is_some() {
        ret.set_bool(true);
    }
    Ok(())
}

pub fn listen(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let backlog = call.args(0, 1)?.opt_long()?.unwrap_or(512);
    let this = call.this();
    let socket = socket(this)?;
    let tls = state(this).tls.borrow().is_some();
    if tls {
        state(this).server_side.set(true);
    }
    if outcome(this, ret, socket.listen(backlog as i32))?.is_some() {
        ret.set_bool(true);
    }
    Ok(())
}

pub fn accept(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let wait = call.args(0, 1)?.opt_double()?.unwrap_or(0.0);
    require_coroutine()?;
    let this = call.this();
    let listener = socket(this)?;
    let result = listener.accept(until(wait, listener.timeouts.get().read));
    if let Some(connection) = outcome(this, ret, result)? {
        accepted(this, connection).give(ret);
    }
    Ok(())
}

/// A Socket object for a connection that `listener` has accepted.
pub(crate) fn accepted(listener: &ZendObject, connection: Socket) -> Value {
    let value = wrap(connection);
    if let Some(object) = value.as_zval().obj() {
        let (ours, theirs) = (state(listener), state(object));
        theirs.tls.borrow_mut().clone_from(&ours.tls.borrow());
        theirs.context.borrow_mut().clone_from(&ours.context.borrow());
        theirs.server_side.set(true);
        let options = ours.protocol.borrow().clone();
        let options = options.as_ref().and_then(|options| options.as_zval().as_array());
        if let (Some(options), Some(connection)) = (options, theirs.socket.borrow().as_ref())
            && let Ok(framer) = stream_settings::client_framer(options)
        {
            connection.set_framer(framer);
        }
    }
    value
}

pub fn connect(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 3)?;
    let host = args.bytes()?;
    let port = args.opt_long()?;
    let wait = args.opt_double()?.unwrap_or(0.0);
    require_coroutine()?;
    let this = call.this();
    let socket = socket(this)?;
    if socket.domain() != libc::AF_UNIX && socket.kind() != libc::SOCK_RAW {
        match port {
            None => {
                report::notice(E_WARNING, "Socket of type AF_INET/AF_INET6 requires port argument");
                ret.set_bool(false);
                return Ok(());
            }
            Some(port) if !(1..65536).contains(&port) => {
                report::notice(E_WARNING, &format!("Invalid port argument[{port}]"));
                ret.set_bool(false);
                return Ok(());
            }
            Some(_) => {}
        }
    }
    let end = until(wait, socket.timeouts.get().connect);
    let result = connect_to(&socket, host, port.unwrap_or(0), end);
    if outcome(this, ret, result)?.is_some() {
        let tls = state(this).tls.borrow().is_some();
        if tls && !handshake(this, &socket, end, ret)? {
            return Ok(());
        }
        ret.set_bool(true);
    }
    Ok(())
}

/// Resolves and connects. `host` may be a name, an address or a path.
pub(crate) fn connect_to(socket: &Socket, host: &[u8], port: i64, until: Deadline) -> Result<(), Fault> {
    if let Some(address) = address(socket, host, port) {
        return socket.connect(&address, until);
    }
    if socket.domain() == libc::AF_UNIX {
        return Err(Fault::Errno(Errno(libc::EINVAL)));
    }
    match crate::php::name_resolver::functions::host_address(host, socket.domain()) {
        Ok(None) => {}
        Ok(Some(found)) => {
            return match address(socket, &found, port) {
                Some(address) => socket.connect(&address, until),
                None => Err(Fault::Errno(Errno(Code::DNSLOOKUP_RESOLVE_FAILED.0))),
            };
        }
        // The exception that a resolver threw comes out of the call.
        Err(_) => return Err(Fault::Errno(Errno(Code::DNSLOOKUP_RESOLVE_FAILED.0))),
    }
    let name = String::from_utf8_lossy(host);
    match net::resolve(&name, socket.domain(), socket.timeouts.get().dns) {
        Ok(ip) => socket.connect(&Address::inet(ip, port as u16), until),
        Err(error) => Err(Fault::Errno(Errno(match error {
            net::ResolveError::Timeout => Code::DNSLOOKUP_RESOLVE_TIMEOUT.0,
            net::ResolveError::Canceled => libc::ECANCELED,
            net::ResolveError::Failed(_) => Code::DNSLOOKUP_RESOLVE_FAILED.0,
        }))),
    }
}

/// The context of a listener's connections: reading keys and certificates takes long.
fn server_context(state: &State, settings: &net::tls::Settings) -> Result<net::tls::Context, net::tls::TlsError> {
    let shared = Rc::clone(&state.context.borrow());
    let made = shared.borrow().clone();
    match made {
        Some(context) => Ok(context),
        None => {
            let context = net::tls::Context::server(settings)?;
            *shared.borrow_mut() = Some(context.clone());
            Ok(context)
        }
    }
}

/// Shakes hands as the settings say; false (and the error set) when it failed.
fn handshake(this: &mut ZendObject, socket: &Socket, until: Deadline, ret: &mut Zval) -> PhpResult<bool> {
    let state = state(this);
    let settings = state.tls.borrow().clone().unwrap_or_default();
    let name = state.host_name.borrow().clone();
    let server = state.server_side.get();
    let made = if server {
        server_context(state, &settings).and_then(|context| net::tls::Session::server(&context))
    } else {
        net::tls::Context::client(&settings).and_then(|context| net::tls::Session::client(&context, name.as_deref()))
    };
    let session = match made {
        Ok(session) => session,
        Err(problem) => {
            report::fatal(E_WARNING, &problem.to_string());
            set_error(this, net::ERROR_SSL_BAD_PROTOCOL);
            ret.set_bool(false);
            return Ok(false);
        }
    };
    if outcome(this, ret, socket.handshake(session, until))?.is_none() {
        return Ok(false);
    }
    if !server && settings.verify_peer && !super::link::verify(socket, settings.allow_self_signed, name.as_deref()) {
        socket.close();
        set_error(this, Code::SSL_VERIFY_FAILED.0);
        ret.set_bool(false);
        return Ok(false);
    }
    Ok(true)
}

pub fn ssl_handshake(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    require_coroutine()?;
    ret.set_bool(handshake_as_set(call.this())?);
    Ok(())
}

/// Shakes hands as setProtocol() has asked for; false when it failed or was not asked for.
pub(crate) fn handshake_as_set(object: &mut ZendObject) -> PhpResult<bool> {
    let socket = socket(object)?;
    if state(object).tls.borrow().is_none() || socket.is_tls() {
        return Ok(false);
    }
    let end = deadline(socket.timeouts.get().read);
    handshake(object, &socket, end, &mut Zval::new())
}

/// What a TLS listener offers its clients by ALPN (RFC 7301).
pub(crate) fn offer_alpn(state: &State, names: &[&str]) {
    if let Some(tls) = state.tls.borrow_mut().as_mut() {
        tls.alpn = names.iter().map(|name| (*name).to_owned()).collect();
    }
    *state.context.borrow_mut() = Rc::default();
}

pub fn set_protocol(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let options = call.args(1, 1)?.array()?;
    let this = call.this();
    let socket = socket(this)?;
    if options.is_empty() {
        ret.set_bool(false);
        return Ok(());
    }
    let kept = call.raw_arg(0).map(|options| Value::copy_of(options));
    drop(state(this).protocol.replace(kept));
    ret.set_bool(apply_protocol(state(this), &socket, options));
    Ok(())
}

pub(crate) fn apply_protocol(state: &State, socket: &Socket, options: Array<'_>) -> bool {
    let mut good = true;
    if options.setting("open_ssl").is_some_and(ZvalExt::to_bool) {
        match stream_settings::tls(options) {
            Ok(tls) => {
                *state.host_name.borrow_mut() = options
                    .setting("ssl_host_name")
                    .and_then(ZvalExt::to_zstr)
                    .map(|name| String::from_utf8_lossy(&name).into_owned());
                *state.tls.borrow_mut() = Some(tls);
                *state.context.borrow_mut() = Rc::default();
            }
            Err(()) => good = false,
        }
    }
    match stream_settings::client_framer(options) {
        Ok(framer) => socket.set_framer(framer),
        Err(()) => good = false,
    }
    good
}

pub fn check_liveness(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    let socket = socket(this)?;
    if outcome(this, ret, socket.check_liveness())?.is_some() {
        ret.set_bool(true);
    }
    Ok(())
}

/// `SWOOLE_EVENT_READ` and `SWOOLE_EVENT_WRITE`.
fn interest(event: i64) -> Interest {
    if event & 512 != 0 { Interest::READ } else { Interest::WRITE }
}

pub fn get_bound_cid(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let event = call.args(1, 1)?.long()?;
    let socket = socket(call.this())?;
    let reads = if event & 512 != 0 { socket.bound(Interest::READ) } else { 0 };
    let writes = if event & 1024 != 0 { socket.bound(Interest::WRITE) } else { 0 };
    ret.set_long(if reads != 0 { reads } else { writes });
    Ok(())
}

pub fn cancel(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let event = call.args(0, 1)?.opt_long()?.unwrap_or(512);
    let this = call.this();
    let socket = socket(this)?;
    let holder = socket.bound(interest(event));
    if holder == 0 {
        set_error(this, Code::CO_CANNOT_CANCEL.0);
        ret.set_bool(false);
        return Ok(());
    }
    ret.set_bool(loop_engine().cancel(holder, false)?);
    Ok(())
}

pub fn shutdown(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let how = call.args(0, 1)?.opt_long()?.unwrap_or(2);
    let this = call.this();
    let socket = socket(this)?;
    if outcome(this, ret, socket.shutdown(how as i32))?.is_some() {
        ret.set_bool(true);
    }
    Ok(())
}

pub fn close(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    let socket = socket(this)?;
    let stream = state(this).stream.borrow_mut().take();
    if let Some(stream) = stream {
        crate::zend::stream::close(&stream);
    }
    if super::client::hang_up(&socket)? {
        // It is closed with the object, or by the next close().
        set_error(this, Code::CO_SOCKET_CLOSE_WAIT.0);
        ret.set_bool(true);
        return after_wait();
    }
    if socket.close() {
        ret.set_bool(true);
    } else {
        set_error(this, libc::EBADF);
        ret.set_bool(false);
    }
    after_wait()
}

pub fn is_closed(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    ret.set_bool(socket(call.this())?.is_closed());
    Ok(())
}

fn name(call: &mut Call, ret: &mut Zval, ask: fn(i32) -> std::io::Result<Address>) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    let socket = socket(this)?;
    match ask(socket.fd()) {
        Ok(address) => {
            host_port(&address).give(ret);
            Ok(())
        }
        Err(error) => fail::<()>(this, ret, Fault::Errno(Errno(error.raw_os_error().unwrap_or(0)))).map(drop),
    }
}

/// `['address' => …, 'port' => …]`
pub(crate) fn host_port(address: &Address) -> Value {
    let (host, port) = address.host_port();
    let mut pair = Value::array(2);
    let mut array = pair.array_mut();
    array.set("address", Value::string(&host));
    array.set("port", Value::long(i64::from(port)));
    pair
}

pub fn getpeername(call: &mut Call, ret: &mut Zval) -> PhpResult {
    name(call, ret, Address::peer)
}

pub fn getsockname(call: &mut Call, ret: &mut Zval) -> PhpResult {
    name(call, ret, Address::local)
}

/// What a function of PHP says about `value`.
fn ask_php(function: &str, value: &Zval) -> PhpResult<Value> {
    let name = Value::string(function.as_bytes());
    let Some(callable) = crate::zend::Callable::new(name.as_zval()) else { return Ok(Value::null()) };
    let mut args = [Value::copy_of(value).into_zval()];
    let result = callable.invoke(&mut args);
    args.into_iter().for_each(|argument| drop(Value::from_zval(argument)));
    result
}

/// `Socket::import($stream)`: takes over a stream's fd.
pub fn import(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let stream: &Zval = call.args(1, 1)?.resource()?;
    let resource = ask_php("get_resource_type", stream)?;
    if !matches!(resource.as_zval().bytes(), Some(b"stream" | b"persistent stream")) {
        let text = "Swoole\\Coroutine\\Socket::import(): supplied resource is not a valid stream resource";
        return Err(crate::zend::error::throw_builtin(crate::zend::error::Builtin::TypeError, text));
    }
    let fd = crate::zend::stream::fd_of(stream);
    let option = |fd, name| options::get_int(fd, libc::SOL_SOCKET, name);
    let socket = fd.and_then(|fd| Some((fd, option(fd, libc::SO_DOMAIN)?, option(fd, libc::SO_TYPE)?)));
    let Some((fd, domain, kind)) = socket else {
        let about = ask_php("stream_get_meta_data", stream)?;
        let kind =
            about.as_zval().as_array().and_then(|about| about.get("stream_type")).and_then(ZvalExt::bytes).unwrap_or_default();
        let text = format!("Cannot represent a stream of type {} as a Socket Descriptor", String::from_utf8_lossy(kind));
        ret.set_bool(false);
        return super::link::settle(crate::zend::guarded(|| crate::zend::error::warning(&text)));
    };
    // A descriptor of its own for the same socket: either may be closed first.
    // SAFETY: no pointers (fcntl(2)).
    let own = unsafe { libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0) };
    if own < 0 {
        report::system(E_WARNING, "cannot duplicate the stream's descriptor");
        ret.set_bool(false);
        return Ok(());
    }
    let value = wrap(Socket::from_fd(own, domain, kind, 0));
    if let Some(object) = value.as_zval().obj() {
        *state(object).stream.borrow_mut() = Some(Value::copy_of(stream));
        if let Some(socket) = state(object).socket.borrow().as_ref() {
            socket.timeouts.set(default_timeouts());
        }
    }
    value.give(ret);
    Ok(())
}

/// `swoole_coroutine_socketpair(domain, type, protocol): array|false`
pub fn pair(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(3, 3)?;
    let (domain, kind, protocol) = (args.long()? as i32, args.long()? as i32, args.long()? as i32);
    let mut fds = [0; 2];
    // SAFETY: room for two fds.
    if unsafe { libc::socketpair(domain, kind | libc::SOCK_CLOEXEC, protocol, fds.as_mut_ptr()) } != 0 {
        report::system(E_WARNING, "failed to create socket");
        ret.set_bool(false);
        return Ok(());
    }
    loop_engine();
    let mut both = Value::array(2);
    let mut array = both.array_mut();
    for fd in fds {
        let socket = Socket::from_fd(fd, domain, kind, protocol);
        socket.timeouts.set(default_timeouts());
        array.push(wrap(socket));
    }
    both.give(ret);
    Ok(())
}

/// Joins or leaves a multicast group: `['group' => ip, 'interface' => index or name]`.
fn multicast(_call: &Call, ret: &mut Zval, fd: i32, name: i32, value: &Zval) -> PhpResult {
    let Some(options) = value.as_array() else {
        report::fatal(E_WARNING, "the option's value must be an array with the key \"group\"");
        return Ok(());
    };
    let group = options.get("group").and_then(ZvalExt::to_zstr);
    let ip = group.and_then(|group| String::from_utf8_lossy(&group).parse::<std::net::Ipv4Addr>().ok());
    let Some(ip) = ip else {
        report::fatal(E_WARNING, "no key \"group\" passed in optval");
        return Ok(());
    };
    let index = match options.get("interface") {
        Some(interface) if interface.is_string() => {
            let name = interface.to_zstr().and_then(|name| std::ffi::CString::new(&*name).ok());
            // SAFETY: a C string.
            name.map_or(0, |name| unsafe { libc::if_nametoindex(name.as_ptr()) })
        }
        Some(interface) => interface.to_long() as u32,
        None => 0,
    };
    let request = libc::ip_mreqn {
        imr_multiaddr: libc::in_addr { s_addr: u32::from_ne_bytes(ip.octets()) },
        imr_address: libc::in_addr { s_addr: 0 },
        imr_ifindex: index as i32,
    };
    // SAFETY: a struct with its own size.
    let done = unsafe {
        libc::setsockopt(fd, libc::IPPROTO_IP, name, (&raw const request).cast(), size_of::<libc::ip_mreqn>() as libc::socklen_t)
            == 0
    };
    if !done {
        report::system(E_WARNING, &format!("setsockopt({fd}) failed"));
    }
    ret.set_bool(done);
    Ok(())
}
