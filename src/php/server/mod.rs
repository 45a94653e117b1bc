//! Swoole\Server: the object, its events, its settings.
//!
//! For protocols above: [`running`] is the server of this process, [`Server::callback`] finds a port's
//! callable, [`dispatch::run`] calls it in a coroutine of its own (or not, with `enable_coroutine` off), and
//! [`start::protocol_of`] is where a port's protocol is chosen.

pub mod admin;
pub mod command;
pub mod dispatch;
pub mod event;
pub mod events;
pub mod helper;
pub mod info;
pub mod life;
pub mod manager;
pub mod master;
pub mod message;
pub mod options;
pub mod pack;
pub mod port;
pub mod send;
pub mod start;
pub mod task;
pub mod tasks;

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use crate::php::code::{Code, set_last};
use crate::php::{report, settings};
use crate::server::{Bus, Lanes, Mode, PortKind, Settings, Shared, TaskQueue, socket};
use crate::zend::error::{E_WARNING, throw, throw_builtin};
use crate::zend::registration::ce;
use crate::zend::{
    Call, Callable, ClassEntry, ClassState, GcBuffer, Handlers, ObjectExt, PhpResult, Value, ZendObject, Zval, ZvalExt,
    class_state, invoke, state_of,
};
use events::{Callbacks, PortEvent, ServerEvent};
use port::Listen;

/// Numbers of the declared properties; the events come first.
pub mod prop {
    pub const SETTING: u32 = 14;
    pub const CONNECTIONS: u32 = 15;
    pub const HOST: u32 = 16;
    pub const PORT: u32 = 17;
    pub const TYPE: u32 = 18;
    pub const SSL: u32 = 19;
    pub const MODE: u32 = 20;
    pub const PORTS: u32 = 21;
    pub const MASTER_PID: u32 = 22;
    pub const MANAGER_PID: u32 = 23;
    pub const WORKER_ID: u32 = 24;
    pub const TASKWORKER: u32 = 25;
    pub const WORKER_PID: u32 = 26;
}

/// Where a server is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Created,
    Started,
    Ended,
}

/// What the first port speaks, by the class of the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavor {
    Plain,
    Http,
    WebSocket,
    Redis,
}

/// The server behind the object.
pub struct Server {
    pub settings: RefCell<Settings>,
    pub ports: RefCell<Vec<Rc<Listen>>>,
    pub callbacks: Callbacks,
    pub shared: OnceCell<Arc<Shared>>,
    /// Between the processes; none in a server of one process.
    pub bus: OnceCell<Rc<Bus>>,
    /// Between gates and workers, in PROCESS mode.
    pub lanes: Cell<Option<&'static Lanes>>,
    pub tasks: tasks::Tasks,
    /// `task_ipc_mode` 2 and 3.
    pub task_queue: OnceCell<TaskQueue>,
    pub commands: command::Commands,
    /// Process objects of `addProcess`.
    pub users: RefCell<Vec<Value>>,
    /// `dispatch_func`.
    pub dispatch_function: RefCell<Option<Rc<Callable>>>,
    pub phase: Cell<Phase>,
    pub flavor: Flavor,
    this: Cell<*mut ZendObject>,
}

#[derive(Default)]
pub struct State(OnceCell<Rc<Server>>);

static HANDLERS: Handlers = Handlers::new();

impl ClassState for State {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }

    fn gc(&self, buffer: &mut GcBuffer) {
        if let Some(server) = self.0.get() {
            server.callbacks.gc(buffer);
            if let Ok(users) = server.users.try_borrow() {
                users.iter().for_each(|user| buffer.add(user));
            }
        }
    }
}

impl Drop for State {
    fn drop(&mut self) {
        if let Some(server) = self.0.take() {
            server.this.set(std::ptr::null_mut());
            RUNNING.with_borrow_mut(|running| {
                if running.as_ref().is_some_and(|running| Rc::ptr_eq(running, &server)) {
                    *running = None;
                }
            });
        }
    }
}

pub fn class_init(class: &mut ClassEntry) {
    class_state::<State>(class);
}

thread_local! {
    static RUNNING: RefCell<Option<Rc<Server>>> = const { RefCell::new(None) };
}

/// The server of this process, from its construction on.
pub fn running() -> Option<Rc<Server>> {
    RUNNING.with_borrow(Clone::clone)
}

/// The server has ended: it is this process's no more.
fn end_running(server: &Rc<Server>) {
    RUNNING.with_borrow_mut(|running| {
        if running.as_ref().is_some_and(|running| Rc::ptr_eq(running, server)) {
            *running = None;
        }
    });
}

/// The server behind `object`.
///
/// # Errors
/// Its constructor never ran.
pub fn of(object: &ZendObject) -> PhpResult<Rc<Server>> {
    // SAFETY: the handlers of this class and its children only.
    let state = unsafe { state_of::<State>(object) };
    match state.0.get() {
        Some(server) => Ok(Rc::clone(server)),
        None => Err(crate::php::error::not_constructed("Swoole\\Server")),
    }
}

/// As [`of`], for methods that need a started server: none, with the warning, when it is not.
pub fn started(object: &ZendObject, ret: &mut Zval) -> PhpResult<Option<Rc<Server>>> {
    let server = of(object)?;
    if server.phase.get() != Phase::Started {
        drop(server);
        report::fatal(E_WARNING, "server is not running");
        ret.set_bool(false);
        return Ok(None);
    }
    Ok(Some(server))
}

impl Server {
    /// The object, as an argument for callbacks.
    #[inline]
    pub fn object(&self) -> Value {
        // SAFETY: the pointer is cleared when the object goes.
        match unsafe { self.this.get().as_mut() } {
            Some(object) => Value::object(object),
            None => Value::null(),
        }
    }

    pub fn this(&self) -> Option<&'static mut ZendObject> {
        // SAFETY: as above; handlers run one at a time.
        unsafe { self.this.get().as_mut() }
    }

    /// Workers, task processes and user processes.
    pub fn process_count(&self) -> usize {
        let settings = self.settings.borrow();
        settings.worker_num + settings.task_worker_num + self.users.borrow().len()
    }

    /// The inbox of PROCESS mode's master, behind those of the gates.
    pub fn master_inbox(&self) -> usize {
        self.process_count() + self.lanes.get().map_or(0, |lanes| lanes.gates)
    }

    /// The manager's, behind that.
    pub fn manager_inbox(&self) -> usize {
        self.master_inbox() + 1
    }

    pub fn port(&self, index: usize) -> Option<Rc<Listen>> {
        self.ports.borrow().get(index).cloned()
    }

    /// A port's callable, or the first port's.
    #[inline]
    pub fn callback(&self, port: usize, event: PortEvent) -> Option<Rc<Callable>> {
        let ports = self.ports.borrow();
        let own = ports.get(port)?.callbacks.find(event as usize);
        own.or_else(|| if port == 0 { None } else { ports.first()?.callbacks.find(event as usize) })
    }

    pub fn own_callback(&self, event: ServerEvent) -> Option<Rc<Callable>> {
        self.callbacks.find(event as usize)
    }

    pub fn shared(&self) -> Option<&Arc<Shared>> {
        self.shared.get()
    }
}

/// Whether `object` is of the class `name` (in lower case) or a child of it; no class is loaded.
fn is_named(object: &ZendObject, name: &str) -> bool {
    // SAFETY: looks up a loaded class by name.
    let class = unsafe { crate::zend::sys::swrs_find_class(name.as_ptr(), name.len()) };
    !class.is_null() && object.is_a(class)
}

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let this = call.this();
    let name = class_name(this);
    // SAFETY: as in `of`.
    let state = unsafe { state_of::<State>(this) };
    if state.0.get().is_some() {
        return Err(throw_builtin(crate::zend::error::Builtin::Error, &format!("Constructor of {name} can only be called once")));
    }
    let exception = ce::exception();
    if !is_cli() {
        return Err(throw(exception, -1, &format!("{name} can only be used in CLI mode")));
    }
    let mut args = call.args(0, 4)?;
    let host = match args.opt_bytes()? {
        Some(host) => String::from_utf8_lossy(host).into_owned(),
        None => "0.0.0.0".to_owned(),
    };
    let number = args.opt_long()?.unwrap_or(0);
    let mode = args.opt_long()?.unwrap_or(1);
    let kind = args.opt_long()?.unwrap_or(1);
    let mode = match mode {
        1 => Mode::Base,
        2 => Mode::Process,
        other => {
            set_last(Code::INVALID_PARAMS);
            return Err(throw_builtin(crate::zend::error::Builtin::Error, &format!("invalid $mode parameters {other}")));
        }
    };
    if running().is_some() {
        set_last(Code::OPERATION_NOT_SUPPORT);
        return Err(throw(exception, -3, &format!("server is running. unable to create {name}")));
    }
    let flavor = if is_named(this, "swoole\\websocket\\server") {
        Flavor::WebSocket
    } else if is_named(this, "swoole\\http\\server") {
        Flavor::Http
    } else if is_named(this, "swoole\\redis\\server") {
        Flavor::Redis
    } else {
        Flavor::Plain
    };
    let server = Rc::new(Server {
        settings: RefCell::new(Settings::new(mode)),
        ports: RefCell::default(),
        callbacks: Callbacks::default(),
        shared: OnceCell::new(),
        bus: OnceCell::new(),
        lanes: Cell::new(None),
        tasks: tasks::Tasks::default(),
        task_queue: OnceCell::new(),
        commands: command::Commands::default(),
        users: RefCell::default(),
        dispatch_function: RefCell::new(None),
        phase: Cell::new(Phase::Created),
        flavor,
        this: Cell::new(this),
    });
    if let Err(code) = server.add_port(&host, number, kind) {
        let text = code.text();
        return Err(throw(
            exception,
            i64::from(code.0),
            &format!("failed to listen server port[{host}:{number}], Error: {text}[{}]", code.0),
        ));
    }
    let _ = state.0.set(Rc::clone(&server));
    RUNNING.with_borrow_mut(|running| *running = Some(Rc::clone(&server)));
    this.slot(prop::MODE).set_long(if mode == Mode::Base { 1 } else { 2 });
    if let Some(first) = server.port(0) {
        this.slot(prop::HOST).assign(Value::string(first.port.host.as_bytes()));
        this.slot(prop::PORT).set_long(i64::from(first.port.number));
        this.slot(prop::TYPE).set_long(first.type_number());
        this.slot(prop::SSL).set_bool(first.port.ssl);
    }
    let iterator = crate::php::connection::iterator::make(None);
    this.slot(prop::CONNECTIONS).assign(iterator);
    Ok(())
}

pub fn destruct(_call: &mut Call, _ret: &mut Zval) -> PhpResult {
    Ok(())
}

pub(crate) fn class_name(object: &ZendObject) -> String {
    // SAFETY: a live object's class has a name.
    unsafe { std::ffi::CStr::from_ptr(crate::zend::sys::swrs_class_name(object.ce)).to_string_lossy().into_owned() }
}

fn is_cli() -> bool {
    // SAFETY: PHP sets the name before it loads modules.
    unsafe { std::ffi::CStr::from_ptr(crate::zend::sys::swrs_sapi_name()) == c"cli" }
}

/// The most ports of one server.
const MAX_PORTS: usize = 60_000;
/// The longest host or path, bytes: what fits into a `sockaddr_un` (unix(7)).
const MAX_HOST: usize = 107;

impl Server {
    /// Binds a port and adds its object to `$ports`.
    ///
    /// # Errors
    /// The code that `swoole_last_error()` then gives.
    pub fn add_port(&self, host: &str, number: i64, kind: i64) -> Result<Rc<Listen>, Code> {
        const SSL: i64 = 512;
        let fail = |code: Code, message: String| {
            set_last(code);
            crate::log::with_code(crate::log::Level::Error as i32, "Server::add_port", Some(code.0), &message);
            Err(code)
        };
        let index = self.ports.borrow().len();
        if index >= MAX_PORTS {
            return fail(Code::SERVER_TOO_MANY_LISTEN_PORT, format!("up to {MAX_PORTS} listening ports are allowed"));
        }
        let ssl = kind & SSL != 0;
        let socket_kind = match kind & !SSL {
            1 => PortKind::Tcp4,
            2 => PortKind::Udp4,
            3 => PortKind::Tcp6,
            4 => PortKind::Udp6,
            5 => PortKind::UnixStream,
            6 => PortKind::UnixDgram,
            _ => {
                crate::log::warning("make_socket", None, &format!("unknown socket type [{kind}]"));
                set_last(Code(libc::ESOCKTNOSUPPORT));
                return Err(Code(libc::ESOCKTNOSUPPORT));
            }
        };
        if !socket_kind.is_unix() && !(0..=65535).contains(&number) {
            return fail(Code::SERVER_INVALID_LISTEN_PORT, format!("invalid port [{number}]"));
        }
        if host.len() > MAX_HOST {
            return fail(Code::NAME_TOO_LONG, format!("address '{host}' exceeds the limit of {MAX_HOST} characters"));
        }
        let number = if socket_kind.is_unix() { 0 } else { number as u16 };
        let fd = match socket::bind(socket_kind, host, number, self.settings.borrow().enable_reuse_port) {
            Ok(fd) => fd,
            Err(error) => {
                let code = Code(error.raw_os_error().unwrap_or(libc::EINVAL));
                set_last(code);
                if code.0 == libc::EINVAL && !socket_kind.is_unix() {
                    let family = if socket_kind.is_v6() { "IPv6" } else { "IPv4" };
                    let text = format!("Invalid {family} address '{host}:{number}'");
                    crate::log::warning("ListenPort::create_socket", None, &text);
                }
                set_last(code);
                return Err(code);
            }
        };
        let number = if number == 0 && !socket_kind.is_unix() { crate::server::Address::local_of(fd).port() } else { number };
        let listen = Listen::add(self, index, socket_kind, host, number, ssl, fd);
        self.ports.borrow_mut().push(Rc::clone(&listen));
        Ok(listen)
    }
}

/// `Server::listen(string $host, int $port, int $sock_type): Port|false`
pub fn listen(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let server = of(call.this())?;
    if server.phase.get() != Phase::Created {
        drop(server);
        report::fatal(E_WARNING, "server is running, cannot add listener");
        ret.set_bool(false);
        return Ok(());
    }
    let mut args = call.args(3, 3)?;
    let host = String::from_utf8_lossy(args.bytes()?).into_owned();
    let number = args.long()?;
    let kind = args.long()?;
    match server.add_port(&host, number, kind) {
        Ok(listen) => listen.object().give(ret),
        Err(_) => ret.set_bool(false),
    }
    Ok(())
}

/// `Server::on(string $event, callable $callback): bool`
pub fn on(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let this = call.this();
    let server = of(this)?;
    if server.phase.get() == Phase::Started {
        drop(server);
        report::fatal(E_WARNING, "server is running, unable to register event callback function");
        ret.set_bool(false);
        return Ok(());
    }
    let mut args = call.args(2, 2)?;
    let name = args.bytes()?;
    match ServerEvent::from_name(name) {
        Some(event) => {
            ret.set_bool(false);
            if let Some(callable) = port::callable(&mut args, "Swoole\\Server::on()")? {
                this.slot(event as u32).assign(Value::copy_of(callable.value()));
                server.callbacks.set(event as usize, callable);
                ret.set_bool(true);
            }
        }
        None => {
            let Some(first) = server.port(0) else { return Ok(()) };
            drop(server);
            let set = port::set_callback(&first, name, &mut args)?;
            drop(first);
            if set.is_none() {
                port::unknown_event(name);
            }
            ret.set_bool(set == Some(true));
        }
    }
    Ok(())
}

/// `Server::getCallback(string $event): Closure|array|string|null`
pub fn get_callback(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let this = call.this();
    let server = of(this)?;
    let name = call.args(1, 1)?.bytes()?;
    if let Some(event) = ServerEvent::from_name(name) {
        Value::copy_of(this.slot(event as u32)).give(ret);
        return Ok(());
    }
    if let (Some(event), Some(first)) = (PortEvent::from_name(name), server.port(0)) {
        first.property(event as u32).give(ret);
    }
    Ok(())
}

/// `Server::set(array $settings): bool`
pub fn set(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let this = call.this();
    let server = of(this)?;
    if server.phase.get() != Phase::Created {
        let name = class_name(this);
        drop(server);
        let mut line = report::Line::<256>::default();
        let _ = std::fmt::Write::write_fmt(&mut line, format_args!("server is running, unable to execute {name}->set"));
        drop(name);
        report::fatal(E_WARNING, line.text());
        ret.set_bool(false);
        return Ok(());
    }
    let mut args = call.args(1, 1)?;
    let given = args.array()?;
    let mut problem = options::misshapen(given);
    if problem.is_none() {
        settings::apply(given);
        options::coroutine(given);
        problem = options::server(&server, given);
    }
    let first = server.port(0).map(|first| first.object());
    drop(server);
    if let Some(problem) = problem {
        drop(first);
        problem.raise();
        ret.set_bool(false);
        return Ok(());
    }
    if let (Some(first), Some(given)) = (first, call.raw_arg(0)) {
        let given = Value::copy_of(given);
        if let Some(port) = first.as_zval().obj() {
            invoke::method(port, b"set", &mut [given.into_zval()])?;
        }
    }
    merge_setting(this.slot(prop::SETTING), given);
    ret.set_bool(true);
    Ok(())
}

/// Adds settings to an object's `$setting` array.
pub(crate) fn merge_setting(slot: &mut Zval, given: crate::zend::Array<'_>) {
    use crate::zend::array::Key;
    if !slot.is_array() {
        slot.assign(Value::array(given.len() as u32));
    }
    let Some(mut array) = slot.as_array_mut() else { return };
    given.each(|key, value| {
        match key {
            Key::Index(index) => array.set_index(index, Value::copy_of(value)),
            Key::Name(name) => array.set_bytes(name, Value::copy_of(value)),
        }
        true
    });
}

/// `Server::addProcess(Process $process): int|false`
pub fn add_process(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let server = of(call.this())?;
    ret.set_bool(false);
    if server.phase.get() != Phase::Created {
        drop(server);
        report::fatal(E_WARNING, "server is running, cannot add process");
        return Ok(());
    }
    let object = call.args(1, 1)?.object_of(ce::process())?;
    let id = server.users.borrow().len();
    object.slot(PROCESS_ID).set_long(id as i64);
    server.users.borrow_mut().push(Value::object(object));
    ret.set_long(id as i64);
    Ok(())
}

/// The number of `Process::$id`.
const PROCESS_ID: u32 = 4;
