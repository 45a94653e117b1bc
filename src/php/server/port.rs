//! Swoole\Server\Port.

use std::cell::{Cell, OnceCell};
use std::os::fd::RawFd;
use std::rc::Rc;

use super::events::{Callbacks, PortEvent};
use super::{Phase, Server, merge_setting, options, prop, running};
use crate::php::code::{Code, set_last};
use crate::php::report;
use crate::server::{Port, PortKind};
use crate::zend::error::{Builtin, E_ERROR, E_WARNING, throw_builtin};
use crate::zend::registration::ce;
use crate::zend::{
    Args, Call, Callable, ClassEntry, ClassState, GcBuffer, Handlers, ObjectExt, PhpResult, Value, ZendObject, Zval, ZvalExt,
    class_state, new_object, state_of,
};

const HOST: u32 = 12;
const PORT: u32 = 13;
const TYPE: u32 = 14;
const SOCK: u32 = 15;
const SSL: u32 = 16;
pub(super) const SETTING: u32 = 17;
const CONNECTIONS: u32 = 18;

/// A port with what the script knows of it.
pub struct Listen {
    pub port: Rc<Port>,
    pub callbacks: Callbacks,
    /// `package_length_func`.
    pub length_function: Cell<Option<Rc<Callable>>>,
    object: Value,
}

#[derive(Default)]
pub struct State(OnceCell<Rc<ListenState>>);

/// What the object knows; the callbacks live in [`Listen`], which holds the object.
pub struct ListenState {
    index: usize,
}

static HANDLERS: Handlers = Handlers::new();

impl ClassState for State {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }

    fn gc(&self, _buffer: &mut GcBuffer) {}
}

pub fn class_init(class: &mut ClassEntry) {
    class_state::<State>(class);
}

impl Listen {
    pub(super) fn add(server: &Server, index: usize, kind: PortKind, host: &str, number: u16, ssl: bool, fd: RawFd) -> Rc<Self> {
        let object = new_object(ce::server_port());
        let port = Rc::new(Port::new(index, kind, host.to_owned(), number, ssl, fd));
        if let Some(this) = object.as_zval().obj() {
            // SAFETY: made just above.
            let state = unsafe { state_of::<State>(this) };
            let _ = state.0.set(Rc::new(ListenState { index }));
            this.slot(HOST).assign(Value::string(host.as_bytes()));
            this.slot(PORT).set_long(i64::from(number));
            this.slot(TYPE).set_long(type_number(kind));
            this.slot(SOCK).set_long(i64::from(fd));
            this.slot(SSL).set_bool(ssl);
            this.slot(CONNECTIONS).assign(crate::php::connection::iterator::make(Some(index)));
        }
        if let Some(this) = server.this() {
            let ports = this.slot(prop::PORTS);
            if !ports.is_array() {
                ports.assign(Value::array(1));
            }
            if let Some(mut ports) = ports.as_array_mut() {
                ports.push(object.clone());
            }
        }
        Rc::new(Self { port, callbacks: Callbacks::default(), length_function: Cell::new(None), object })
    }

    pub fn object(&self) -> Value {
        self.object.clone()
    }

    pub fn type_number(&self) -> i64 {
        type_number(self.port.kind)
    }

    pub fn property(&self, slot: u32) -> Value {
        match self.object.as_zval().obj() {
            Some(object) => Value::copy_of(object.slot(slot)),
            None => Value::null(),
        }
    }

    /// Whether `set()` was called on the port's own object.
    pub fn has_own_settings(&self) -> bool {
        self.object.as_zval().obj().is_some_and(|object| object.slot(SETTING).is_array())
    }

    /// The array that `set()` has gathered; null without one.
    pub fn setting(&self) -> Value {
        self.property(SETTING)
    }

    pub fn set_setting(&self, given: crate::zend::Array<'_>) {
        if let Some(object) = self.object.as_zval().obj() {
            merge_setting(object.slot(SETTING), given);
        }
    }

    pub fn length_function(&self) -> Option<Rc<Callable>> {
        let function = self.length_function.take();
        self.length_function.set(function.clone());
        function
    }
}

pub fn type_number(kind: PortKind) -> i64 {
    match kind {
        PortKind::Tcp4 => 1,
        PortKind::Tcp6 => 3,
        PortKind::Udp4 => 2,
        PortKind::Udp6 => 4,
        PortKind::UnixStream => 5,
        PortKind::UnixDgram => 6,
    }
}

/// The port behind an object, with its server.
fn of(object: &ZendObject) -> Option<(Rc<Server>, Rc<Listen>)> {
    // SAFETY: the handlers of this class only.
    let state = unsafe { state_of::<State>(object) };
    let index = state.0.get()?.index;
    let server = running()?;
    let listen = server.port(index)?;
    Some((server, listen))
}

pub fn construct(_call: &mut Call, _ret: &mut Zval) -> PhpResult {
    Err(throw_builtin(Builtin::Error, "please use the Swoole\\Server->listen method"))
}

pub fn destruct(_call: &mut Call, _ret: &mut Zval) -> PhpResult {
    Ok(())
}

pub fn set(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let this = call.this();
    let given = call.args(1, 1)?.array()?;
    let Some((server, listen)) = of(this) else {
        report::fatal(E_ERROR, "please use the swoole_server->listen method");
        return Ok(());
    };
    let problem = options::misshapen(given).or_else(|| options::port(&server, &listen, given));
    drop((server, listen));
    if let Some(problem) = problem {
        problem.raise();
        return Ok(());
    }
    super::helper::check(call.raw_arg(0))?;
    merge_setting(this.slot(SETTING), given);
    Ok(())
}

/// Sets a port's callable, and tells whether it is one. None: no such event.
pub(super) fn set_callback(listen: &Listen, name: &[u8], args: &mut Args) -> PhpResult<Option<bool>> {
    let Some(event) = PortEvent::from_name(name) else { return Ok(None) };
    let Some(callable) = callable(args, "Swoole\\Server\\Port::on()")? else { return Ok(Some(false)) };
    if let Some(object) = listen.object.as_zval().obj() {
        object.slot(event as u32).assign(Value::copy_of(callable.value()));
    }
    listen.callbacks.set(event as usize, callable);
    Ok(Some(true))
}

/// The next argument as what `method` may call; none, with a warning, when it is not callable.
pub(super) fn callable(args: &mut Args, method: &str) -> PhpResult<Option<Callable>> {
    let value = args.value()?;
    let mut line = report::Line::<512>::default();
    if !value.to_bool() {
        let _ = std::fmt::Write::write_fmt(&mut line, format_args!("{method}: illegal callback function"));
    } else if let Some(callable) = Callable::new(value) {
        return Ok(Some(callable));
    } else {
        let name = Callable::name_of(value);
        let shown = str::from_utf8(&name).unwrap_or_default();
        let _ = std::fmt::Write::write_fmt(&mut line, format_args!("{method}: function '{shown}' is not callable"));
    }
    set_last(Code::PHP_FATAL_ERROR);
    crate::zend::error::plain(E_WARNING, line.text());
    crate::zend::error::check()?;
    Ok(None)
}

pub(super) fn unknown_event(name: &[u8]) {
    let mut line = report::Line::<256>::default();
    let _ = std::fmt::Write::write_fmt(
        &mut line,
        format_args!("Swoole\\Server\\Port::on(): unknown event types[{}]", str::from_utf8(name).unwrap_or_default()),
    );
    set_last(Code::PHP_RUNTIME_NOTICE);
    if crate::zend::registration::ini(|ini| ini.display_errors) {
        crate::zend::error::plain(E_WARNING, line.text());
    }
}

pub fn on(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let Some((server, listen)) = of(call.this()) else {
        ret.set_bool(false);
        return Ok(());
    };
    if server.phase.get() == Phase::Started {
        drop((server, listen));
        report::fatal(E_WARNING, "can't register event callback function after server started");
        ret.set_bool(false);
        return Ok(());
    }
    let mut args = call.args(2, 2)?;
    let name = args.bytes()?;
    let set = set_callback(&listen, name, &mut args)?;
    drop((server, listen));
    if set.is_none() {
        unknown_event(name);
    }
    ret.set_bool(set == Some(true));
    Ok(())
}

/// The listening socket for ext/sockets: a descriptor of its own of the same socket.
pub(super) fn socket_of(listen: &Listen) -> Option<Value> {
    use crate::server::PortKind::{Tcp4, Tcp6, Udp4, Udp6, UnixDgram, UnixStream};
    let domain = match listen.port.kind {
        Tcp4 | Udp4 => libc::AF_INET,
        Tcp6 | Udp6 => libc::AF_INET6,
        UnixStream | UnixDgram => libc::AF_UNIX,
    };
    crate::zend::stream::socket_of(listen.port.fd(), domain)
}

/// `Port::getSocket(): Socket|false`
pub fn get_socket(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    ret.set_bool(false);
    if let Some(socket) = of(call.this()).and_then(|(_, listen)| socket_of(&listen)) {
        socket.give(ret);
    }
    Ok(())
}

pub fn get_callback(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let name = call.args(1, 1)?.bytes()?;
    if let Some(event) = PortEvent::from_name(name) {
        Value::copy_of(call.this().slot(event as u32)).give(ret);
    }
    Ok(())
}
