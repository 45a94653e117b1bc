//! Swoole\Process\Pool: a master that keeps a number of workers alive, and their loop.
//!
//! The master has no event loop: it waits for signals with sigtimedwait(2), so that none is lost between
//! two system calls. Workers always run on the loop; without coroutines their callbacks run plainly in it.

pub mod ipc;
pub mod master;
pub mod worker;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::os::fd::{AsRawFd, OwnedFd};
use std::rc::Rc;

use crate::php::code::{Code, set_last};
use crate::php::{error, lifecycle, report, settings};
use crate::zend::error::{Builtin, E_ERROR, E_WARNING, throw, throw_builtin};
use crate::zend::registration::ce;
use crate::zend::{
    Call, Callable, ClassEntry, ClassState, GcBuffer, Handlers, ObjectExt, PhpResult, Thrown, Value, ZendObject, Zval, ZvalExt,
    class_state, state_of,
};

use crate::process::queue::Queue;
use ipc::Listener;

/// `SWOOLE_IPC_*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ipc {
    None,
    UnixSocket,
    MessageQueue,
    Socket,
}

impl Ipc {
    fn from_constant(value: i64) -> Self {
        match value {
            1 => Self::UnixSocket,
            2 => Self::MessageQueue,
            3 => Self::Socket,
            _ => Self::None,
        }
    }

    fn number(self) -> i64 {
        self as i64
    }
}

/// Events of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PoolEvent {
    Start,
    WorkerStart,
    WorkerStop,
    WorkerExit,
    Message,
    Shutdown,
}

impl PoolEvent {
    fn parse(name: &[u8]) -> Option<Self> {
        const NAMES: [(&str, PoolEvent); 6] = [
            ("start", PoolEvent::Start),
            ("workerstart", PoolEvent::WorkerStart),
            ("workerstop", PoolEvent::WorkerStop),
            ("workerexit", PoolEvent::WorkerExit),
            ("message", PoolEvent::Message),
            ("shutdown", PoolEvent::Shutdown),
        ];
        NAMES.iter().find(|(text, _)| name.eq_ignore_ascii_case(text.as_bytes())).map(|(_, event)| *event)
    }
}

/// A worker as the master (and its siblings) know it.
pub struct Member {
    pub pid: Cell<i32>,
    /// The master's and the worker's end of the pipe.
    pub pipes: Option<(OwnedFd, OwnedFd)>,
}

/// Everything about one pool.
pub struct Pool {
    pub ipc: Ipc,
    pub members: Vec<Member>,
    pub queue: Option<Queue>,
    /// The queue has no key and goes with the pool.
    pub private_queue: bool,
    pub listener: RefCell<Option<Listener>>,
    pub coroutine: Cell<bool>,
    pub message_bus: Cell<bool>,
    pub max_packet: Cell<usize>,
    /// Seconds that a worker has to end in.
    pub max_wait: Cell<u64>,
    pub started: Cell<bool>,
    pub running: Cell<bool>,
    pub master: Cell<i32>,
    /// The worker that this process is; −1 in the master.
    pub me: Cell<i64>,
    pub callbacks: RefCell<HashMap<PoolEvent, Callable>>,
    /// What `write()` has gathered for the connection being served.
    pub reply: RefCell<Option<Vec<u8>>>,
    /// Tells the master that a worker has detached: its pid goes through here.
    pub detach: (OwnedFd, OwnedFd),
    /// The object, for callbacks; it owns us and outlives the run.
    pub object: Cell<*mut ZendObject>,
}

impl Pool {
    pub fn callback(&self, event: PoolEvent) -> Option<Callable> {
        self.callbacks.borrow().get(&event).cloned()
    }

    /// The pool's object as an argument.
    pub fn this(&self) -> Value {
        // SAFETY: set by the constructor to the object that owns this state; callbacks run only inside its
        // methods, which hold it.
        unsafe { Value::object(&mut *self.object.get()) }
    }

    /// Sets a declared property of the object.
    pub fn set_prop(&self, name: &str, value: Value) {
        // SAFETY: as above.
        unsafe { (*self.object.get()).set_prop(name, value) }
    }
}

#[derive(Default)]
pub struct State(RefCell<Option<Rc<Pool>>>);

static HANDLERS: Handlers = Handlers::new();

impl ClassState for State {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }

    fn gc(&self, buffer: &mut GcBuffer) {
        if let Some(pool) = self.0.borrow().as_ref() {
            for callable in pool.callbacks.borrow().values() {
                buffer.add_zval(callable.value());
            }
        }
    }
}

pub fn class_init(class: &mut ClassEntry) {
    class_state::<State>(class);
}

thread_local! {
    /// The pool that this process runs or is a worker of.
    static CURRENT: RefCell<Option<Rc<Pool>>> = const { RefCell::new(None) };
}

pub fn current() -> Option<Rc<Pool>> {
    CURRENT.with_borrow(Clone::clone)
}

pub(super) fn set_current(pool: Option<Rc<Pool>>) {
    CURRENT.replace(pool);
}

/// The request ends, perhaps by `exit()` in a worker: the callbacks are PHP's to free while it can.
pub fn forget() {
    set_current(None);
}

fn of(object: &ZendObject) -> PhpResult<Rc<Pool>> {
    // SAFETY: handlers of this class and its children only.
    let pool = unsafe { state_of::<State>(object) }.0.borrow().clone();
    pool.ok_or_else(|| error::not_constructed("Swoole\\Process\\Pool"))
}

fn exception(code: i64, text: &str) -> Thrown {
    throw(ce::exception(), code, text)
}

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    if !lifecycle::is_cli() {
        set_last(Code::OPERATION_NOT_SUPPORT);
        return Err(throw_builtin(Builtin::Error, "Swoole\\Process\\Pool can only be used in PHP CLI mode"));
    }
    if current().is_some() {
        set_last(Code::OPERATION_NOT_SUPPORT);
        let text = "A process pool instance has already been created and cannot be created again";
        return Err(throw_builtin(Builtin::Error, text));
    }
    let mut args = call.args(1, 4)?;
    let workers = args.long()?;
    let ipc = Ipc::from_constant(args.opt_long()?.unwrap_or(0));
    let key = args.opt_long()?.unwrap_or(0);
    let coroutine = args.opt_bool()?.unwrap_or(false);
    if workers <= 0 {
        return Err(exception(0, "the parameter $worker_num must be greater than 0"));
    }
    if coroutine && !matches!(ipc, Ipc::None | Ipc::UnixSocket) {
        let text = "the parameter $ipc_type must be SWOOLE_IPC_UNIXSOCK when enable coroutine";
        return Err(throw_builtin(Builtin::Error, text));
    }
    let this = call.this();
    let pool = make(workers as usize, ipc, key as i32, coroutine, this)
        .map_err(|error| exception(i64::from(error.raw_os_error().unwrap_or(0)), "failed to create process pool"))?;
    // SAFETY: as in `of`.
    *unsafe { state_of::<State>(this) }.0.borrow_mut() = Some(Rc::new(pool));
    Ok(())
}

fn make(workers: usize, ipc: Ipc, key: i32, coroutine: bool, object: &mut ZendObject) -> std::io::Result<Pool> {
    let mut members = Vec::with_capacity(workers);
    for _ in 0..workers {
        let pipes = if ipc == Ipc::UnixSocket { Some(ipc::socket_pair(libc::SOCK_DGRAM)?) } else { None };
        members.push(Member { pid: Cell::new(-1), pipes });
    }
    Ok(Pool {
        ipc,
        members,
        queue: if ipc == Ipc::MessageQueue { Some(Queue::open(key, true)?) } else { None },
        private_queue: key == libc::IPC_PRIVATE,
        listener: RefCell::new(None),
        coroutine: Cell::new(coroutine),
        message_bus: Cell::new(false),
        max_packet: Cell::new(2 * 1024 * 1024),
        max_wait: Cell::new(3),
        started: Cell::new(false),
        running: Cell::new(false),
        master: Cell::new(-1),
        me: Cell::new(-1),
        callbacks: RefCell::default(),
        reply: RefCell::new(None),
        detach: ipc::socket_pair(libc::SOCK_DGRAM)?,
        object: Cell::new(std::ptr::from_mut(object)),
    })
}

pub fn destruct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    call.no_args()
}

pub fn set(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let options = call.args(1, 1)?.array()?;
    let pool = of(call.this())?;
    settings::apply(options);
    if let Some(on) = options.setting("enable_coroutine") {
        pool.coroutine.set(on.to_bool());
    }
    if let Some(on) = options.setting("enable_message_bus") {
        pool.message_bus.set(on.to_bool());
    }
    if let Some(size) = options.setting("max_package_size") {
        pool.max_packet.set(usize::try_from(settings::size(size)).unwrap_or(0));
    }
    if let Some(seconds) = options.setting("max_wait_time") {
        pool.max_wait.set(seconds.to_long().clamp(0, i64::from(u32::MAX)) as u64);
    }
    Ok(())
}

pub fn on(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let pool = of(call.this())?;
    ret.set_bool(false);
    if pool.started.get() {
        drop(pool);
        report::fatal(E_WARNING, "process pool is started. unable to register event callback function");
        return Ok(());
    }
    let mut args = call.args(2, 2)?;
    let name = args.bytes()?;
    let callable = args.callable()?;
    let Some(event) = PoolEvent::parse(name) else {
        let text = format!("unknown event type[{}]", String::from_utf8_lossy(name));
        report::notice(E_WARNING, &text);
        return Ok(());
    };
    if event == PoolEvent::Message && pool.ipc == Ipc::None {
        let code = i64::from(Code::INVALID_PARAMS.0);
        return Err(exception(code, "cannot set `onMessage` event with ipc_type=0"));
    }
    let old = pool.callbacks.borrow_mut().insert(event, callable.keep());
    drop(old);
    ret.set_bool(true);
    Ok(())
}

pub fn listen(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let pool = of(call.this())?;
    let mut args = call.args(1, 3)?;
    let host = args.bytes()?;
    let port = args.opt_long()?.unwrap_or(0);
    let backlog = args.opt_long()?.unwrap_or(2048);
    ret.set_bool(false);
    let refused = if pool.started.get() {
        Some("process pool is started. unable to listen".to_owned())
    } else if pool.ipc != Ipc::Socket {
        Some(format!("unsupported ipc type[{}]", pool.ipc.number()))
    } else {
        None
    };
    if let Some(text) = refused {
        report::fatal(E_WARNING, &text);
        return Ok(());
    }
    match Listener::bind(&String::from_utf8_lossy(host), port as u16, backlog as i32) {
        Ok(listener) => {
            *pool.listener.borrow_mut() = Some(listener);
            ret.set_bool(true);
        }
        Err(problem) => {
            set_last(Code(problem.raw_os_error().unwrap_or(0)));
            let text = format!("listen({}:{port}) failed", String::from_utf8_lossy(host));
            crate::log::warning("Pool::listen", problem.raw_os_error(), &text);
        }
    }
    Ok(())
}

pub fn write(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let data = call.args(1, 1)?.bytes()?;
    let pool = of(call.this())?;
    ret.set_bool(false);
    if pool.ipc != Ipc::Socket {
        report::fatal(E_WARNING, &format!("unsupported ipc type[{}]", pool.ipc.number()));
        return Ok(());
    }
    let mut reply = pool.reply.borrow_mut();
    match reply.as_mut() {
        Some(reply) if !data.is_empty() => {
            reply.extend_from_slice(data);
            ret.set_bool(true);
        }
        _ => set_last(Code::INVALID_PARAMS),
    }
    Ok(())
}

pub fn send_message(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let (data, to) = (args.bytes()?, args.long()?);
    let pool = of(call.this())?;
    ret.set_bool(false);
    let refused = if !pool.started.get() {
        Some("process pool is not started.".to_owned())
    } else if pool.ipc != Ipc::UnixSocket {
        Some(format!("unsupported ipc type[{}]", pool.ipc.number()))
    } else {
        None
    };
    if let Some(text) = refused {
        report::fatal(E_WARNING, &text);
        return Ok(());
    }
    let target = usize::try_from(to).ok().and_then(|to| pool.members.get(to)).and_then(|member| member.pipes.as_ref());
    let Some((master_end, _)) = target else {
        set_last(Code::INVALID_PARAMS);
        return Ok(());
    };
    match ipc::send_message(master_end.as_raw_fd(), data, pool.message_bus.get()) {
        Ok(()) => ret.set_bool(true),
        Err(problem) => set_last(Code(problem.raw_os_error().unwrap_or(0))),
    }
    Ok(())
}

pub fn start(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    let pool = of(this)?;
    if pool.started.get() {
        report::fatal(E_WARNING, "process pool is started");
        ret.set_bool(false);
        return Ok(());
    }
    let has = |event| pool.callbacks.borrow().contains_key(&event);
    if !has(PoolEvent::WorkerStart) && !has(PoolEvent::Message) {
        let lacking = if pool.coroutine.get() {
            Some("require 'onWorkerStart' callback")
        } else if pool.ipc != Ipc::None {
            Some("require 'onMessage' callback")
        } else {
            None
        };
        if let Some(text) = lacking {
            report::fatal(E_ERROR, text);
            ret.set_bool(false);
            return Ok(());
        }
    }
    if has(PoolEvent::WorkerExit) && !pool.coroutine.get() {
        let code = i64::from(Code::INVALID_PARAMS.0);
        return Err(exception(code, "cannot set `onWorkerExit` without enable_coroutine"));
    }
    if pool.ipc == Ipc::Socket && pool.listener.borrow().is_none() {
        set_last(Code::WRONG_OPERATION);
        crate::log::warning("Pool::start", Some(Code::WRONG_OPERATION.0), "must first listen to an tcp port");
        ret.set_bool(false);
        return Ok(());
    }
    if pool.message_bus.get() && pool.ipc != Ipc::UnixSocket {
        set_last(Code::OPERATION_NOT_SUPPORT);
        crate::log::warning("Pool::start", Some(Code::OPERATION_NOT_SUPPORT.0), "not support, ipc_mode must be SW_IPC_UNIXSOCK");
        ret.set_bool(false);
        return Ok(());
    }
    super::life::check_fork()?;
    pool.object.set(std::ptr::from_mut(this));
    master::run(&pool)
}

pub fn stop(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    if let Some(pool) = current() {
        pool.running.set(false);
        if pool.me.get() >= 0 {
            worker::leave(&pool);
        }
    }
    Ok(())
}

pub fn shutdown(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let Some(pool) = current() else {
        return Err(exception(i64::from(Code::INVALID_PARAMS.0), "The process pool is not started"));
    };
    if pool.me.get() < 0 {
        pool.running.set(false);
        ret.set_bool(true);
    } else {
        // SAFETY: no pointers.
        ret.set_bool(unsafe { libc::kill(pool.master.get(), libc::SIGTERM) } == 0);
    }
    Ok(())
}

pub fn detach(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    ret.set_bool(current().is_some_and(|pool| pool.running.get() && pool.me.get() >= 0 && worker::detach(&pool)));
    Ok(())
}

pub fn get_process(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let id = call.args(0, 1)?.opt_long()?.unwrap_or(-1);
    ret.set_bool(false);
    let Some(pool) = current() else { return Ok(()) };
    let id = if id < 0 { pool.me.get() } else { id };
    let Some(member) = usize::try_from(id).ok().and_then(|id| pool.members.get(id)) else {
        report::notice(E_WARNING, &format!("invalid worker_id[{id}]"));
        return Ok(());
    };
    let this = call.this();
    let mut known = this.prop("workers");
    if let Some(process) = known.as_zval().as_array().and_then(|known| known.get_index(id))
        && let Some(object) = process.obj()
    {
        object.set_prop("pid", Value::long(i64::from(member.pid.get())));
        crate::php::process::set_pid(object, member.pid.get());
        Value::copy_of(process).give(ret);
        return Ok(());
    }
    let mine = id == pool.me.get();
    let pipe = match &member.pipes {
        Some((master_end, worker_end)) if !pool.message_bus.get() => {
            Some(if mine { worker_end.as_raw_fd() } else { master_end.as_raw_fd() })
        }
        _ => None,
    };
    let queue = if pool.callbacks.borrow().contains_key(&PoolEvent::Message) { None } else { pool.queue.as_ref().map(Queue::id) };
    let process = crate::php::process::of_worker(id, member.pid.get(), pipe, queue);
    known.array_mut().set_index(id, process.clone());
    this.set_prop("workers", known);
    process.give(ret);
    Ok(())
}
