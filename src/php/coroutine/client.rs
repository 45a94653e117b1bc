//! Swoole\Coroutine\Client.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use net::{Address, Deadline, Errno, Fault, Kind, Socket, deadline};
use reactor::Interest;

use super::link::{self, Link};
use super::socket::{self, after_wait, busy, io::send_named_file, until, wrap_shared};
use super::{require_coroutine, timeout};
use crate::php::code::Code;
use crate::php::lifecycle::loop_engine;
use crate::zend::error::{Builtin, throw_builtin};
use crate::zend::string::StrBuffer;
use crate::zend::{
    Array, Call, ClassEntry, ClassState, GcBuffer, Handlers, ObjectExt, PhpResult, Value, ZendObject, Zval, ZvalExt, class_state,
    state_of,
};

/// Numbers of the declared properties.
const ERR_CODE: u32 = 0;
const ERR_MSG: u32 = 1;
const FD: u32 = 2;
const SOCKET: u32 = 3;
const TYPE: u32 = 4;
const SETTING: u32 = 5;
const CONNECTED: u32 = 6;

/// Most bytes that one recv() gives.
const RECV: usize = 65536 - 24;

#[derive(Default)]
pub struct State {
    socket: RefCell<Option<Rc<Socket>>>,
    /// The same as a PHP object, for exportSocket().
    exported: RefCell<Option<Value>>,
    link: RefCell<Link>,
    kind: Cell<Option<Kind>>,
}

static HANDLERS: Handlers = Handlers::new();

impl ClassState for State {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }

    fn gc(&self, buffer: &mut GcBuffer) {
        if let Some(object) = self.exported.borrow().as_ref() {
            buffer.add(object);
        }
    }
}

impl Drop for State {
    /// The client owns the connection, whoever else has its socket.
    fn drop(&mut self) {
        if let Some(socket) = self.socket.get_mut() {
            socket.close();
        }
    }
}

pub fn class_init(class: &mut ClassEntry) {
    class_state::<State>(class);
}

fn state(object: &ZendObject) -> &'static State {
    // SAFETY: handlers of this class and its children only.
    unsafe { state_of::<State>(object) }
}

fn set_error(this: &mut ZendObject, code: i32) {
    link::set_error(this, ERR_CODE, ERR_MSG, code);
}

/// Leaves the fault in the properties; a misuse becomes an exception.
fn fail(this: &mut ZendObject, ret: &mut Zval, fault: Fault) -> PhpResult {
    match fault {
        Fault::Errno(Errno(code)) => {
            set_error(this, code);
            ret.set_bool(false);
            after_wait()
        }
        Fault::Busy(interest, holder) => Err(busy(this.slot(FD).to_long(), interest, holder)),
    }
}

/// The open socket, if there is one.
fn current(this: &ZendObject) -> Option<Rc<Socket>> {
    state(this).socket.borrow().as_ref().filter(|socket| !socket.is_closed()).map(Rc::clone)
}

/// The open socket; without one false is returned, and the error set.
fn socket_or_fail(this: &mut ZendObject, ret: &mut Zval) -> Option<Rc<Socket>> {
    let socket = current(this);
    if socket.is_none() {
        forget(this);
        set_error(this, Code::CLIENT_NO_CONNECTION.0);
        ret.set_bool(false);
    }
    socket
}

/// Lets go of a socket that is closed.
fn forget(this: &mut ZendObject) {
    let state = state(this);
    drop(state.socket.take());
    let exported = state.exported.take();
    this.slot(CONNECTED).assign(Value::bool(false));
    this.slot(SOCKET).assign(Value::null());
    drop(exported);
}

/// Closes as the end of a failed operation.
fn close_now(this: &mut ZendObject) {
    if let Some(socket) = current(this) {
        socket.close();
    }
    forget(this);
}

fn settings(this: &mut ZendObject) -> Option<Array<'static>> {
    let setting = this.slot(SETTING);
    // SAFETY: the property holds the array while the handler runs; it is read before anything else runs.
    let setting: &'static Zval = unsafe { &*std::ptr::from_ref(setting) };
    setting.as_array().filter(|array| !array.is_empty())
}

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let kind = call.args(1, 1)?.long()?;
    if link::kind_of(kind).is_none() {
        let text =
            format!("Swoole\\Coroutine\\Client::__construct() expects parameter 1 to be client type, unknown type {kind} given");
        return Err(throw_builtin(Builtin::TypeError, &text));
    }
    loop_engine();
    call.this().slot(TYPE).assign(Value::long(kind));
    Ok(())
}

pub fn destruct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    call.no_args()
}

pub fn set(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let more = call.args(1, 1)?.array()?;
    if more.is_empty() {
        ret.set_bool(false);
        return Ok(());
    }
    let this = call.this();
    link::merge_setting(this.slot(SETTING), more);
    let mut good = true;
    if let (Some(socket), Some(options)) = (current(this), settings(this)) {
        let mut link = state(this).link.take();
        let result = link::apply(&socket, &mut link, options);
        state(this).link.replace(link);
        good = result?;
    }
    ret.set_bool(good);
    Ok(())
}

/// A new socket, as type and settings say. None when false is to be returned.
fn create(this: &mut ZendObject, ret: &mut Zval, port: i64) -> PhpResult<Option<Rc<Socket>>> {
    ret.set_bool(false);
    if current(this).is_some() {
        set_error(this, libc::EISCONN);
        return Ok(None);
    }
    let kind_number = this.slot(TYPE).to_long();
    let Some(kind) = link::kind_of(kind_number) else { return Ok(None) };
    if matches!(kind, Kind::Tcp | Kind::Tcp6) && !(1..65536).contains(&port) {
        link::warn("The port is invalid")?;
        return Ok(None);
    }
    let kind = link::kind_for(kind, settings(this));
    let socket = match link::open(kind) {
        Ok(socket) => Rc::new(socket),
        Err(fault) => {
            fail(this, ret, fault)?;
            return Ok(None);
        }
    };
    let state = state(this);
    state.kind.set(Some(kind));
    *state.socket.borrow_mut() = Some(Rc::clone(&socket));
    let exported = wrap_shared(Rc::clone(&socket));
    this.slot(FD).assign(Value::long(i64::from(socket.fd())));
    this.slot(SOCKET).assign(exported.clone());
    *state.exported.borrow_mut() = Some(exported);
    let mut link = Link { tls: (kind_number & link::SSL != 0).then(Default::default), ..Link::default() };
    if let Some(options) = settings(this) {
        let applied = link::apply(&socket, &mut link, options);
        if applied.is_err() {
            close_now(this);
        }
        applied?;
    }
    state.link.replace(link);
    Ok(Some(socket))
}

/// Changes what is not 0.
fn set_timeouts(socket: &Socket, seconds: f64, connecting: bool) {
    if seconds == 0.0 {
        return;
    }
    let mut timeouts = socket.timeouts.get();
    let time = timeout(seconds);
    if connecting {
        timeouts.connect = time;
    } else {
        (timeouts.read, timeouts.write) = (time, time);
    }
    socket.timeouts.set(timeouts);
}

pub fn connect(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 4)?;
    let host = args.bytes()?;
    let port = args.opt_long()?.unwrap_or(0);
    let wait = args.opt_double()?.unwrap_or(0.0);
    args.opt_long()?;
    if host.is_empty() {
        ret.set_bool(false);
        return link::warn("The host is empty");
    }
    require_coroutine()?;
    let this = call.this();
    let Some(socket) = create(this, ret, port)? else { return Ok(()) };
    set_timeouts(&socket, wait, true);
    let link = state(this).link.borrow().clone();
    if let Err(fault) = link::connect(&socket, &link, host, port) {
        // Whoever closed it meanwhile left its mark: the attempt was aborted.
        let fault = if socket.is_closed() { Fault::Errno(Errno(libc::ECONNABORTED)) } else { fault };
        close_now(this);
        return fail(this, ret, fault);
    }
    set_timeouts(&socket, wait, false);
    this.slot(CONNECTED).assign(Value::bool(true));
    ret.set_bool(true);
    after_wait()
}

pub fn send(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let data = args.bytes()?;
    let wait = args.opt_double()?.unwrap_or(0.0);
    if data.is_empty() {
        ret.set_bool(false);
        return link::warn("data to send is empty");
    }
    require_coroutine()?;
    let this = call.this();
    let Some(socket) = socket_or_fail(this, ret) else { return Ok(()) };
    match socket.send_all(data, until(wait, socket.timeouts.get().write)) {
        Ok(n) => ret.set_long(n as i64),
        Err((n, Fault::Errno(Errno(code)))) if n > 0 => {
            set_error(this, code);
            ret.set_long(n as i64);
        }
        Err((_, fault)) => return fail(this, ret, fault),
    }
    after_wait()
}

pub fn sendto(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(3, 3)?;
    let (host, port, data) = (args.bytes()?, args.long()?, args.bytes()?);
    ret.set_bool(false);
    if data.is_empty() {
        return Ok(());
    }
    require_coroutine()?;
    let this = call.this();
    let socket = match current(this) {
        Some(socket) => socket,
        None => match create(this, ret, 0)? {
            Some(socket) => socket,
            None => return Ok(()),
        },
    };
    if socket.kind() != libc::SOCK_DGRAM {
        return fail(this, ret, Fault::Errno(Errno(libc::EPROTONOSUPPORT)));
    }
    let end = deadline(socket.timeouts.get().write);
    match send_datagram(&socket, host, port, data, end) {
        Ok(_) => ret.set_bool(true),
        Err(fault) => return fail(this, ret, fault),
    }
    after_wait()
}

pub(crate) fn send_datagram(socket: &Socket, host: &[u8], port: i64, data: &[u8], end: Deadline) -> Result<usize, Fault> {
    let to = match socket::address(socket, host, port) {
        Some(address) => address,
        None if socket.domain() == libc::AF_UNIX => return Err(Fault::Errno(Errno(libc::ENAMETOOLONG))),
        None => {
            let name = String::from_utf8_lossy(host);
            let ip = net::resolve(&name, socket.domain(), socket.timeouts.get().dns)
                .map_err(|_| Fault::Errno(Errno(Code::DNSLOOKUP_RESOLVE_FAILED.0)))?;
            Address::inet(ip, port as u16)
        }
    };
    socket.send_to(data, &to, end)
}

pub fn recvfrom(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 3)?;
    let length = args.long()?;
    let Some(address) = args.by_ref() else { return Ok(()) };
    let port = args.by_ref();
    ret.set_bool(false);
    if length <= 0 {
        return Ok(());
    }
    require_coroutine()?;
    let this = call.this();
    let socket = match current(this) {
        Some(socket) => socket,
        None => match create(this, ret, 0)? {
            Some(socket) => socket,
            None => return Ok(()),
        },
    };
    let mut buffer = StrBuffer::with_capacity(length as usize);
    // SAFETY: `length` bytes of a fresh string that is ours alone; the kernel only writes to it.
    let bytes = unsafe { std::slice::from_raw_parts_mut(buffer.as_mut_ptr(), length as usize) };
    match socket.recv_from(bytes, deadline(socket.timeouts.get().read)) {
        Ok((n, from)) => {
            let (host, number) = from.host_port();
            address.assign(Value::string(&host));
            if let Some(port) = port {
                port.assign(Value::long(i64::from(number)));
            }
            ret.set_str(buffer.finish(n));
            after_wait()
        }
        Err(fault) => fail(this, ret, fault),
    }
}

pub fn sendfile(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 3)?;
    let file = args.bytes()?;
    let (offset, length) = (args.opt_long()?.unwrap_or(0), args.opt_long()?.unwrap_or(0));
    if file.is_empty() {
        ret.set_bool(false);
        return link::warn("file to send is empty");
    }
    require_coroutine()?;
    let this = call.this();
    let Some(socket) = socket_or_fail(this, ret) else { return Ok(()) };
    if socket.kind() != libc::SOCK_STREAM {
        this.slot(ERR_CODE).assign(Value::long(i64::from(libc::EINVAL)));
        this.slot(ERR_MSG).assign(Value::string(b"dgram socket cannot use sendfile"));
        ret.set_bool(false);
        return Ok(());
    }
    match send_named_file(&socket, file, offset, length, deadline(socket.timeouts.get().write)) {
        Ok(()) => ret.set_bool(true),
        Err(fault) => return fail(this, ret, fault),
    }
    after_wait()
}

pub fn recv(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let wait = call.args(0, 1)?.opt_double()?.unwrap_or(0.0);
    require_coroutine()?;
    let this = call.this();
    let Some(socket) = socket_or_fail(this, ret) else { return Ok(()) };
    let end = until(wait, socket.timeouts.get().read);
    if socket.has_framer() {
        match socket.recv_packet(end) {
            Ok(packet) => ret.set_bytes(&packet),
            // A length that makes no sense ends the stream, as a close does.
            Err(Fault::Errno(Errno(net::ERROR_PACKAGE_MALFORMED | net::ERROR_PACKAGE_NOT_FOUND))) => ret.set_bytes(b""),
            Err(fault) => return fail(this, ret, fault),
        }
        return after_wait();
    }
    let mut buffer = StrBuffer::with_capacity(RECV);
    // SAFETY: `RECV` bytes of a fresh string that is ours alone; they are only written to.
    let bytes = unsafe { std::slice::from_raw_parts_mut(buffer.as_mut_ptr(), RECV) };
    match socket.recv(bytes, end) {
        Ok(n) => {
            ret.set_str(buffer.finish(n));
            after_wait()
        }
        Err(fault) => fail(this, ret, fault),
    }
}

pub fn peek(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let length = call.args(0, 1)?.opt_long()?.unwrap_or(65535).clamp(0, 1 << 30);
    let this = call.this();
    let Some(socket) = socket_or_fail(this, ret) else { return Ok(()) };
    let mut bytes = vec![0u8; length as usize];
    match socket.peek(&mut bytes) {
        Ok(n) => {
            ret.set_bytes(&bytes[..n]);
            Ok(())
        }
        Err(fault) => fail(this, ret, fault),
    }
}

pub fn is_connected(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    ret.set_bool(current(call.this()).is_some_and(|socket| socket.is_connected()));
    Ok(())
}

fn name(call: &mut Call, ret: &mut Zval, ask: fn(i32) -> std::io::Result<Address>) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    let Some(socket) = socket_or_fail(this, ret) else { return Ok(()) };
    match link::name_of(ask, &socket, true) {
        Ok(pair) => {
            pair.give(ret);
            Ok(())
        }
        Err(code) => fail(this, ret, Fault::Errno(Errno(code))),
    }
}

pub fn getsockname(call: &mut Call, ret: &mut Zval) -> PhpResult {
    name(call, ret, Address::local)
}

pub fn getpeername(call: &mut Call, ret: &mut Zval) -> PhpResult {
    name(call, ret, Address::peer)
}

pub fn export_socket(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    if let Some(object) = state(call.this()).exported.borrow().as_ref() {
        object.clone().give(ret);
    }
    Ok(())
}

/// Ends a connection that others wait for, and wakes them with ECANCELED; false when nobody does, and it may be closed.
pub(crate) fn hang_up(socket: &Socket) -> PhpResult<bool> {
    let mut any = false;
    for interest in [Interest::WRITE, Interest::READ] {
        let holder = socket.bound(interest);
        if holder != 0 {
            any = true;
            socket.hang_up();
            loop_engine().cancel(holder, false)?;
        }
    }
    Ok(any)
}

pub fn close(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    let Some(socket) = socket_or_fail(this, ret) else { return Ok(()) };
    this.slot(CONNECTED).assign(Value::bool(false));
    if hang_up(&socket)? {
        set_error(this, Code::CO_SOCKET_CLOSE_WAIT.0);
        ret.set_bool(false);
        return after_wait();
    }
    ret.set_bool(socket.close());
    forget(this);
    after_wait()
}

pub fn enable_ssl(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    require_coroutine()?;
    let this = call.this();
    let Some(socket) = socket_or_fail(this, ret) else { return Ok(()) };
    if socket.kind() != libc::SOCK_STREAM || socket.domain() == libc::AF_UNIX {
        return fail(this, ret, Fault::Errno(Errno(libc::ESOCKTNOSUPPORT)));
    }
    if socket.is_tls() || state(this).link.borrow().tls.is_some() {
        return fail(this, ret, Fault::Errno(Errno(libc::EISCONN)));
    }
    let mut link = state(this).link.borrow().clone();
    link.tls = Some(net::tls::Settings::default());
    if let Some(options) = settings(this) {
        link::apply_tls(&mut link, options)?;
    }
    let result = link::handshake(&socket, &link, b"");
    state(this).link.replace(link);
    match result {
        Ok(()) => ret.set_bool(true),
        Err(fault) => return fail(this, ret, fault),
    }
    after_wait()
}

pub fn get_peer_cert(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    let Some(socket) = socket_or_fail(this, ret) else { return Ok(()) };
    if !socket.is_tls() {
        return fail(this, ret, Fault::Errno(Errno(libc::EISCONN)));
    }
    match socket.session(net::tls::Session::peer_pem).flatten() {
        Some(pem) => ret.set_bytes(&pem),
        None => ret.set_bool(false),
    }
    Ok(())
}

pub fn verify_peer_cert(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let allow_self_signed = call.args(0, 1)?.opt_bool()?.unwrap_or(false);
    let this = call.this();
    let Some(socket) = socket_or_fail(this, ret) else { return Ok(()) };
    if !socket.is_tls() {
        return fail(this, ret, Fault::Errno(Errno(libc::ENOTCONN)));
    }
    let name = state(this).link.borrow().host_name.clone();
    let good = link::verify(&socket, allow_self_signed, name.as_deref());
    if !good {
        crate::php::code::set_last(Code::SSL_VERIFY_FAILED);
    }
    ret.set_bool(good);
    Ok(())
}
