//! Tasks from a worker's side: task, taskwait, taskWaitMulti, taskCo, and finish from the other.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::fmt::Write;
use std::os::fd::RawFd;
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use coroutine::{CoId, Engine, Source, SourceId, Task as Suspension, Wake, engine, suspend_for};
use reactor::{Interest, Readiness};

use super::send::complain;
use super::{Server, dispatch, pack, started};
use crate::log;
use crate::php::code::{Code, set_last};
use crate::php::{report, settings};
use crate::server::{BusError, Head, Kind, Role, Taker, microtime, worker};
use crate::zend::error::{E_ERROR, E_WARNING};
use crate::zend::{Args, Call, Callable, PhpResult, Value, ZendObject, Zval};

/// Bits of a task's flags, above the tag of its payload.
pub const NO_REPLY: u8 = 0x10;
pub const CALLBACK: u8 = 0x20;
pub const COROUTINE: u8 = 0x40;
pub const SYNC: u8 = 0x80;

/// The flags as a script sees them: the bits of `SWOOLE_TASK_*`.
pub fn script_flags(flags: u8) -> i64 {
    const NON_BLOCK: i64 = 4;
    const SHOWN: [(u8, i64); 3] = [(CALLBACK, 8), (COROUTINE, 32), (NO_REPLY, 128)];
    let non_block = if flags & SYNC == 0 { NON_BLOCK } else { 0 };
    SHOWN.iter().filter(|(bit, _)| flags & bit != 0).fold(non_block, |all, (_, shown)| all | shown)
}

/// Seconds that taskwait and its kind wait when not told otherwise.
const TIMEOUT: f64 = 0.5;
const MAX_TASKS: usize = 1024;

/// What a process knows of its tasks.
#[derive(Default)]
pub struct Tasks {
    next: Cell<i64>,
    callbacks: RefCell<HashMap<i64, Rc<Callable>>>,
    waits: RefCell<HashMap<i64, (Rc<Wait>, usize)>>,
    /// The task that this task process works on.
    pub current: Cell<Option<Head>>,
    /// What came in while we waited for something else.
    postponed: RefCell<VecDeque<(Head, Vec<u8>)>>,
}

/// Somebody who waits for results.
struct Wait {
    waiter: Cell<Option<(CoId, u32)>>,
    results: RefCell<Vec<Option<Value>>>,
    left: Cell<usize>,
}

impl Wait {
    fn new(count: usize) -> Rc<Self> {
        Rc::new(Self {
            waiter: Cell::new(None),
            results: RefCell::new((0..count).map(|_| None).collect()),
            left: Cell::new(count),
        })
    }
}

impl Tasks {
    fn next_id(&self) -> i64 {
        self.next.replace(self.next.get() + 1)
    }

    /// Whether a coroutine waits for results.
    pub fn awaits(&self) -> bool {
        !self.waits.borrow().is_empty()
    }

    fn forget(&self, ids: &[i64]) {
        let mut waits = self.waits.borrow_mut();
        for id in ids {
            waits.remove(id);
        }
    }
}

/// The server, when a task can be sent from here; else none, with the warning.
fn ready(object: &ZendObject, ret: &mut Zval, target: i64) -> PhpResult<Option<Rc<Server>>> {
    let Some(server) = started(object, ret)? else { return Ok(None) };
    let count = server.settings.borrow().task_worker_num;
    let in_task = worker().is_some_and(|worker| worker.role() == Role::Task);
    ret.set_bool(false);
    if count == 0 {
        drop(server);
        report::fatal(E_WARNING, "task method can't be executed without task worker");
        return Ok(None);
    }
    if target > 0 && target >= count as i64 {
        drop(server);
        complain!("worker_id must be less than task_worker_num[{count}]");
        return Ok(None);
    }
    if in_task {
        drop(server);
        report::fatal(E_WARNING, "Server->task() cannot use in the task-worker");
        return Ok(None);
    }
    Ok(Some(server))
}

/// As [`ready`], for what only a worker may do.
fn ready_worker(object: &ZendObject, ret: &mut Zval, target: i64, name: &str) -> PhpResult<Option<Rc<Server>>> {
    let Some(server) = started(object, ret)? else { return Ok(None) };
    drop(server);
    if !worker().is_some_and(|worker| worker.role() == Role::Event) {
        complain!("{name} method can only be used in the worker process");
        ret.set_bool(false);
        return Ok(None);
    }
    ready(object, ret, target)
}

/// Sends a task; the id of its process among all processes. The first idle task process takes it, else the
/// next in turn.
fn submit(server: &Server, value: &Zval, id: i64, flags: u8, target: i64) -> bool {
    let Some(packed) = pack::pack(value) else { return false };
    let (Some(bus), Some(shared)) = (server.bus.get(), server.shared()) else { return false };
    let (first, count) = {
        let settings = server.settings.borrow();
        (settings.worker_num, settings.task_worker_num)
    };
    let head = shared.head();
    let queue = server.task_queue.get();
    let to = if target >= 0 {
        first + target as usize
    } else {
        let start = head.round.fetch_add(1, Ordering::Relaxed) as usize;
        let idle = (0..count).map(|n| first + (start + n) % count).find(|n| {
            shared.worker(*n).is_some_and(|stats| match queue {
                // Others may add to a queue: what we have sent says nothing.
                Some(_) => stats.status.load(Ordering::Relaxed) == 2,
                None => stats.tasks.load(Ordering::Relaxed) <= 0,
            })
        });
        idle.unwrap_or(first + start % count)
    };
    let from = worker().map_or(u16::MAX as usize, |worker| worker.id());
    let waits = flags & (COROUTINE | SYNC) != 0;
    let reply = worker().filter(|_| waits).map_or(0, |worker| worker.inbox_at() as u16);
    let message = Head { flags: flags | packed.tag(), reply, id, time: microtime(), ..Head::new(Kind::Task, from) };
    head.tasking.fetch_add(1, Ordering::Relaxed);
    let sent = match queue {
        Some(queue) => {
            let message = Head { extra: queue.run(), ..message };
            queue.push(to - first, &message, packed.bytes(), pause).map_err(|error| error.to_string())
        }
        None => {
            let count = |by| shared.worker(to).map(|stats| stats.tasks.fetch_add(by, Ordering::Relaxed));
            count(1);
            bus.send(to, &message, packed.bytes()).map_err(|error| {
                count(-1);
                error.to_string()
            })
        }
    };
    match sent {
        Ok(()) => {
            head.task_id.fetch_add(1, Ordering::Relaxed);
            true
        }
        Err(error) => {
            head.tasking.fetch_sub(1, Ordering::Relaxed);
            set_last(Code::TASK_DISPATCH_FAIL);
            log::warning("Server::task", Some(Code::TASK_DISPATCH_FAIL.0), &error);
            false
        }
    }
}

/// The queue is full: others may run, where there are any.
fn pause(time: Duration) {
    if coroutine::in_coroutine() {
        let _ = coroutine::sleep(time);
    } else {
        std::thread::sleep(time);
    }
}

/// `Server::task(mixed $data, int $taskWorkerIndex = -1, ?callable $finishCallback = null): int|false`
pub fn task(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 3)?;
    let data = args.value()?;
    let target = args.opt_long()?.unwrap_or(-1);
    let callback = args.opt_callable_or_null()?;
    let Some(server) = ready(call.this(), ret, target)? else { return Ok(()) };
    let id = server.tasks.next_id();
    let mut flags = 0;
    if !worker().is_some_and(|worker| worker.role() == Role::Event) {
        flags |= NO_REPLY;
    } else if let Some(callback) = callback {
        flags |= CALLBACK;
        server.tasks.callbacks.borrow_mut().insert(id, Rc::new(callback.keep()));
    }
    if submit(&server, data, id, flags, target) {
        ret.set_long(id);
    } else {
        server.tasks.callbacks.borrow_mut().remove(&id);
    }
    dispatch::check()
}

fn seconds(time: f64) -> Option<Duration> {
    if time < 0.0 { None } else { Duration::try_from_secs_f64(time).ok() }
}

/// Sends `values` and waits for their results; which of them came, and whether all were sent.
fn wait_for(server: &Rc<Server>, values: &[Value], timeout: f64, target: i64) -> (Vec<Option<Value>>, usize) {
    let in_coroutine = coroutine::in_coroutine();
    let wait = Wait::new(values.len());
    let mut ids = Vec::with_capacity(values.len());
    let mut sent = 0;
    for (index, value) in values.iter().enumerate() {
        let id = server.tasks.next_id();
        let flags = if in_coroutine { COROUTINE } else { SYNC };
        server.tasks.waits.borrow_mut().insert(id, (Rc::clone(&wait), index));
        if submit(server, value.as_zval(), id, flags, target) {
            sent += 1;
        } else {
            wait.left.set(wait.left.get() - 1);
        }
        ids.push(id);
    }
    if sent > 0 {
        if in_coroutine {
            wait.waiter.set(engine().and_then(|engine| engine.next_wait()));
            if wait.left.get() > 0 && suspend_for(seconds(timeout), Suspension::Wait) != Wake::Resumed {
                set_last(Code(libc::ETIMEDOUT));
            }
        } else {
            wait_blocking(server, &wait, seconds(timeout));
        }
    }
    wait.waiter.set(None);
    server.tasks.forget(&ids);
    (wait.results.take(), sent)
}

/// Reads our own inbox until the results are there; other messages wait their turn.
fn wait_blocking(server: &Rc<Server>, wait: &Rc<Wait>, timeout: Option<Duration>) {
    let (Some(bus), Some(worker)) = (server.bus.get(), worker()) else { return };
    let deadline = timeout.map(|timeout| Instant::now() + timeout);
    let mut postponed = false;
    while wait.left.get() > 0 {
        let left = deadline.map_or(Duration::from_secs(3600), |deadline| deadline.saturating_duration_since(Instant::now()));
        if left.is_zero() {
            set_last(Code(libc::ETIMEDOUT));
            break;
        }
        if !bus.wait(worker.inbox_at(), left) {
            continue;
        }
        bus.receive(worker.inbox_at(), |head, payload| {
            let ours = head.kind == Kind::Finish && server.tasks.waits.borrow().contains_key(&head.id);
            if ours {
                finished(server, head, payload);
            } else {
                server.tasks.postponed.borrow_mut().push_back((*head, payload.to_vec()));
                postponed = true;
            }
        });
    }
    if postponed && let Some(engine) = engine() {
        let server = Rc::clone(server);
        let _ = engine.call_at(Instant::now(), move || {
            loop {
                let next = server.tasks.postponed.borrow_mut().pop_front();
                match next {
                    Some((head, payload)) => worker.deliver(&head, &payload),
                    None => break,
                }
            }
        });
    }
}

/// `Server::taskwait(mixed $data, float $timeout = 0.5, int $taskWorkerIndex = -1): mixed`
pub fn taskwait(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 3)?;
    let data = Value::copy_of(args.value()?);
    let timeout = args.opt_double()?.unwrap_or(TIMEOUT);
    let target = args.opt_long()?.unwrap_or(-1);
    let server = match ready_worker(call.this(), ret, target, "taskwait") {
        Ok(Some(server)) => server,
        other => return other.map(drop),
    };
    let (mut results, _) = wait_for(&server, &[data], timeout, target);
    match results.pop().flatten() {
        Some(value) => value.give(ret),
        None => ret.set_bool(false),
    }
    dispatch::check()
}

fn task_list(args: &mut Args) -> PhpResult<(Vec<Value>, Vec<i64>)> {
    let array = args.array()?;
    let mut values = Vec::with_capacity(array.len());
    let mut keys = Vec::with_capacity(array.len());
    array.each(|key, value| {
        keys.push(match key {
            crate::zend::array::Key::Index(index) => index,
            crate::zend::array::Key::Name(_) => values.len() as i64,
        });
        values.push(Value::copy_of(value));
        true
    });
    Ok((values, keys))
}

fn many(call: &mut Call, ret: &mut Zval, name: &str, fill: bool) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let (values, _) = task_list(&mut args)?;
    let timeout = args.opt_double()?.unwrap_or(TIMEOUT);
    let server = match ready_worker(call.this(), ret, -1, name) {
        Ok(Some(server)) => server,
        other => {
            drop(values);
            return other.map(drop);
        }
    };
    if values.len() >= MAX_TASKS {
        drop((values, server));
        report::fatal(E_WARNING, "too many concurrent tasks");
        return Ok(());
    }
    ret.set_bool(false);
    if values.is_empty() {
        set_last(Code::TASK_DISPATCH_FAIL);
        return Ok(());
    }
    let (results, sent) = wait_for(&server, &values, timeout, -1);
    if sent == 0 {
        set_last(Code::TASK_DISPATCH_FAIL);
        return dispatch::check();
    }
    if !fill && results.iter().all(Option::is_none) {
        return dispatch::check();
    }
    let mut found = Value::array(results.len() as u32);
    {
        let mut array = found.array_mut();
        for (index, result) in results.into_iter().enumerate() {
            match result {
                Some(value) => array.set_index(index as i64, value),
                None if fill => array.set_index(index as i64, Value::bool(false)),
                None => {}
            }
        }
    }
    found.give(ret);
    dispatch::check()
}

/// `Server::taskWaitMulti(array $tasks, float $timeout = 0.5): array|false`: what did not come is left out; false if nothing came.
pub fn task_wait_multi(call: &mut Call, ret: &mut Zval) -> PhpResult {
    many(call, ret, "taskWaitMulti", false)
}

/// `Server::taskCo(array $tasks, float $timeout = 0.5): array|false`: what did not come is false.
pub fn task_co(call: &mut Call, ret: &mut Zval) -> PhpResult {
    if !coroutine::in_coroutine() {
        // Where it could not work anyway, that is the answer.
        let server = match ready_worker(call.this(), ret, -1, "taskCo") {
            Ok(Some(server)) => server,
            other => return other.map(drop),
        };
        drop(server);
        return Err(crate::php::error::fatal_outside_coroutine());
    }
    many(call, ret, "taskCo", true)
}

/// A result has come back.
pub fn finished(server: &Rc<Server>, head: &Head, payload: &[u8]) {
    let waiting = server.tasks.waits.borrow_mut().remove(&head.id);
    if head.flags & (COROUTINE | SYNC) != 0 {
        let Some((wait, index)) = waiting else {
            log::warning("Server::onFinish", Some(Code::TASK_TIMEOUT.0), &format!("task[{}] has expired", head.id));
            return;
        };
        let value = pack::unpack(head.flags, payload);
        wait.results.borrow_mut()[index] = value;
        wait.left.set(wait.left.get().saturating_sub(1));
        if wait.left.get() == 0
            && let (Some((id, seq)), Some(engine)) = (wait.waiter.take(), engine())
        {
            engine.wake_if(id, seq, Wake::Resumed);
        }
        return;
    }
    super::message::finish(server, head, payload);
}

impl Tasks {
    pub fn take_callback(&self, id: i64) -> Option<Rc<Callable>> {
        self.callbacks.borrow_mut().remove(&id)
    }
}

/// Sends a result to where the task came from.
pub fn reply(server: &Server, task: &Head, value: &Zval) -> bool {
    if task.flags & NO_REPLY != 0 {
        log::warning("Server::finish", None, "Server::finish() can only be used in the worker process");
        return false;
    }
    let Some(packed) = pack::pack(value) else { return false };
    let (Some(bus), Some(worker)) = (server.bus.get(), worker()) else { return false };
    let flags = packed.tag() | (task.flags & (CALLBACK | COROUTINE | SYNC));
    let message = Head { flags, id: task.id, time: microtime(), ..Head::new(Kind::Finish, worker.id()) };
    let to = usize::from(if task.reply != 0 { task.reply } else { task.from });
    let sent = if server.settings.borrow().task_enable_coroutine {
        bus.send(to, &message, packed.bytes())
    } else {
        // A process that does one thing after the other can wait for a worker that is slower.
        bus.send_within(to, &message, packed.bytes(), settings::read(|all| all.write_timeout))
    };
    match sent {
        Ok(()) => true,
        Err(BusError::Full) => {
            set_last(Code::SERVER_SEND_TO_WOKER_TIMEOUT);
            log::warning("Server::finish", Some(Code::SERVER_SEND_TO_WOKER_TIMEOUT.0), "send result to worker timed out");
            false
        }
        Err(error) => {
            log::warning("Server::finish", None, &error.to_string());
            false
        }
    }
}

/// `Server::finish(mixed $data): bool`
pub fn finish(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let Some(server) = started(call.this(), ret)? else { return Ok(()) };
    ret.set_bool(false);
    let data = call.args(1, 1)?.value()?;
    if server.settings.borrow().task_enable_coroutine {
        drop(server);
        report::fatal(E_ERROR, "please use Swoole\\Server\\Task->finish instead when task_enable_coroutine is enable");
        return Ok(());
    }
    if server.settings.borrow().task_worker_num == 0 {
        log::warning(
            "Server::finish",
            None,
            "cannot use Server::task()/Server::finish() method, because no set [task_worker_num]",
        );
        return Ok(());
    }
    if let Some(task) = server.tasks.current.get() {
        ret.set_bool(reply(&server, &task, data));
    }
    dispatch::check()
}

/// The message queue in a task worker's loop.
struct FromQueue {
    server: Rc<Server>,
    taker: RefCell<Taker>,
}

impl Source for FromQueue {
    fn ready(&self, _fd: RawFd, _ready: Readiness) {
        let message = self.taker.borrow().message();
        if let Some(message) = message {
            run(&self.server, &message);
        }
        if worker().is_some_and(|worker| worker.is_running()) {
            self.taker.borrow().want();
        }
    }
}

fn run(server: &Rc<Server>, message: &[u8]) {
    let Some(queue) = server.task_queue.get() else { return };
    match queue.decode(message).filter(|(head, _)| head.kind == Kind::Task) {
        Some((head, payload)) => super::message::deliver(server, &head, &payload),
        None => log::warning("Server::on_task", None, &format!("bad task packet of {} bytes", message.len())),
    }
}

/// A task worker's use of the message queue, until [`Taking::end`].
pub struct Taking {
    source: Rc<FromQueue>,
    id: SourceId,
    fd: RawFd,
}

/// Begins to take tasks from the message queue, if there is one.
pub fn take_from_queue(server: &Rc<Server>, engine: &Engine, place: usize) -> Option<Taking> {
    let queue = server.task_queue.get()?;
    let complain = |error: &dyn std::fmt::Display| log::warning("Worker::start", None, &error.to_string());
    let taker = Taker::start(queue, place).inspect_err(|error| complain(error)).ok()?;
    let fd = taker.bell();
    let source = Rc::new(FromQueue { server: Rc::clone(server), taker: RefCell::new(taker) });
    let id =
        engine.add_source(fd, Interest::READ, Rc::clone(&source) as Rc<dyn Source>).inspect_err(|error| complain(error)).ok()?;
    Some(Taking { source, id, fd })
}

impl Taking {
    /// Takes no more; what was taken last is still done.
    pub fn end(self, engine: &Engine) {
        engine.remove_source(self.fd, self.id);
        let late = self.source.taker.borrow_mut().stop();
        if let Some(message) = late {
            run(&self.source.server, &message);
        }
    }
}
