//! A worker of a pool: its loop, its messages, its end.

use std::cell::{Cell, RefCell};
use std::os::fd::{AsRawFd, RawFd};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use coroutine::{Source, SourceId, engine};
use reactor::{Interest, Readiness};

use super::ipc::{self, Assembler};
use super::master::plain_call;
use super::{Ipc, Pool, PoolEvent};
use crate::php::{callback, lifecycle, settings, signal};
use crate::process::queue::MESSAGE_MAX;
use crate::zend::guard::uncaught;
use crate::zend::{Callable, Ended, PhpResult, Thrown, Value, Zval};

/// SIGTERM has come to a worker that waits in msgrcv(2).
static TERMINATED: AtomicBool = AtomicBool::new(false);

extern "C" fn on_terminate(_signo: i32) {
    TERMINATED.store(true, Ordering::Relaxed);
}

/// Messages for the running worker.
struct Inbox {
    pool: Rc<Pool>,
    parts: RefCell<Assembler>,
    buffer: RefCell<Vec<u8>>,
}

thread_local! {
    /// What keeps the worker's loop alive: taken out when it is to end.
    static INBOX: Cell<Option<(RawFd, SourceId)>> = const { Cell::new(None) };
    static LEAVING: Cell<bool> = const { Cell::new(false) };
}

/// The life of a worker; ends the process.
pub fn run(pool: &Rc<Pool>, id: usize) -> PhpResult {
    TERMINATED.store(false, Ordering::Relaxed);
    LEAVING.set(false);
    let pid = std::process::id() as i32;
    pool.me.set(id as i64);
    pool.members[id].pid.set(pid);
    crate::log::set_identity(crate::log::Role::Worker, id as u32);
    for (name, value) in [
        ("running", Value::bool(true)),
        ("workerRunning", Value::bool(true)),
        ("workerPid", Value::long(i64::from(pid))),
        ("workerId", Value::long(id as i64)),
    ] {
        pool.set_prop(name, value);
    }
    let result = live(pool, id);
    // A fatal error: PHP's own way out, with its exit code, and the master makes a successor.
    result?;
    // The script goes on in the master only: no shutdown function, no destructor runs here.
    exit(0)
}

fn exit(code: i32) -> ! {
    crate::zend::host::flush_output();
    // SAFETY: ends the process; what PHP holds goes with it.
    unsafe { libc::_exit(code) }
}

fn live(pool: &Rc<Pool>, id: usize) -> PhpResult {
    let in_coroutine = pool.coroutine.get();
    let messages = pool.callback(PoolEvent::Message).is_some();
    settings::set_enable_coroutine(in_coroutine);
    if let Some(callable) = pool.callback(PoolEvent::WorkerStart) {
        let mut args = [pool.this().into_zval(), Value::long(id as i64).into_zval()];
        if in_coroutine {
            lifecycle::loop_engine();
        }
        call(in_coroutine, &callable, &mut args);
        callback::discard((callable, args));
        check()?;
    }
    if in_coroutine || messages {
        signal::set_native(libc::SIGTERM, |_| {
            if let Some(pool) = super::current() {
                pool.running.set(false);
                leave(&pool);
            }
        });
    }
    signal::set_native(libc::SIGWINCH, |_| crate::log::reopen());
    if messages && !LEAVING.get() {
        if pool.ipc == Ipc::MessageQueue {
            serve_queue(pool)?;
        } else {
            open_inbox(pool);
        }
    }
    if in_coroutine || messages {
        run_loop(pool, id)?;
    }
    pool.set_prop("running", Value::bool(false));
    pool.set_prop("workerRunning", Value::bool(false));
    plain_call(pool, PoolEvent::WorkerStop, &[id as i64])
}

/// Without coroutines a worker outlives an uncaught exception, which is reported, and `exit()`: it goes on to its
/// messages, or to its end with `WorkerStop`. A fatal error ends it.
fn call(in_coroutine: bool, callable: &Callable, args: &mut [Zval]) {
    if in_coroutine {
        callback::run_in(true, callable, args);
        return;
    }
    let (ended, value) = callable.call(args);
    if ended == Ended::Exception {
        // The request's end, which this reports, is only its caller's advice.
        let _ = uncaught(ended);
        // It is not what this script dies of: the next callback may run loops again.
        crate::zend::host::forget_error();
    } else {
        callback::finish(ended);
    }
    callback::discard(value);
}

fn check() -> PhpResult {
    if engine().is_some_and(coroutine::Engine::is_aborted) { Err(Thrown::Bailout) } else { Ok(()) }
}

/// Turns the loop until it is empty; while it is to end, `WorkerExit` is asked to clear what is left.
fn run_loop(pool: &Rc<Pool>, id: usize) -> PhpResult {
    let engine = lifecycle::loop_engine();
    loop {
        check()?;
        if !engine.has_work() {
            break;
        }
        if LEAVING.get() {
            plain_call(pool, PoolEvent::WorkerExit, &[id as i64])?;
            if !engine.has_work() {
                break;
            }
        }
        engine.turn(LEAVING.get().then_some(Duration::from_millis(500)))?;
    }
    Ok(())
}

/// The worker takes no more messages and ends when its loop is empty.
pub fn leave(_pool: &Rc<Pool>) {
    LEAVING.set(true);
    if let (Some((fd, id)), Some(engine)) = (INBOX.take(), engine()) {
        engine.remove_source(fd, id);
    }
}

/// The worker leaves the pool and goes on; the master makes another in its place.
pub fn detach(pool: &Rc<Pool>) -> bool {
    leave(pool);
    pool.running.set(false);
    let pid = std::process::id().to_ne_bytes();
    // SAFETY: four bytes; the signal wakes the master.
    unsafe {
        libc::send(pool.detach.1.as_raw_fd(), pid.as_ptr().cast(), pid.len(), libc::MSG_DONTWAIT) == 4
            && libc::kill(pool.master.get(), libc::SIGCHLD) == 0
    }
}

fn open_inbox(pool: &Rc<Pool>) {
    let fd = match pool.ipc {
        Ipc::UnixSocket => pool.members[pool.me.get() as usize].pipes.as_ref().map(|(_, worker_end)| worker_end.as_raw_fd()),
        Ipc::Socket => pool.listener.borrow().as_ref().map(ipc::Listener::fd),
        Ipc::None | Ipc::MessageQueue => None,
    };
    let Some(fd) = fd else { return };
    let inbox = Rc::new(Inbox { pool: Rc::clone(pool), parts: RefCell::default(), buffer: RefCell::default() });
    if let Ok(id) = lifecycle::loop_engine().add_source(fd, Interest::READ, inbox) {
        INBOX.set(Some((fd, id)));
    }
}

impl Source for Inbox {
    fn ready(&self, fd: RawFd, _ready: Readiness) {
        if self.pool.ipc == Ipc::Socket {
            self.serve_connection();
            return;
        }
        let mut buffer = self.buffer.take();
        buffer.resize(self.pool.max_packet.get().max(ipc::HEAD + 64 * 1024), 0);
        // SAFETY: the buffer is as long as it says.
        let n = unsafe { libc::recv(fd, buffer.as_mut_ptr().cast(), buffer.len(), libc::MSG_DONTWAIT) };
        if n >= 0 {
            let datagram = &buffer[..n as usize];
            if self.pool.message_bus.get() {
                let whole = self.parts.borrow_mut().take(datagram);
                if let Some(message) = whole {
                    deliver(&self.pool, &message);
                }
            } else {
                deliver(&self.pool, datagram);
            }
        }
        *self.buffer.borrow_mut() = buffer;
    }
}

impl Inbox {
    /// One request of a client: four bytes of length, the data; `write()` answers in the same form.
    fn serve_connection(&self) {
        let Some(connection) = self.pool.listener.borrow().as_ref().and_then(ipc::Listener::accept) else { return };
        let fd = connection.as_raw_fd();
        let mut length = [0; 4];
        if !ipc::read_exactly(fd, &mut length) {
            return;
        }
        let length = u32::from_be_bytes(length) as usize;
        if length == 0 || length > self.pool.max_packet.get() {
            return;
        }
        let mut data = vec![0; length];
        if !ipc::read_exactly(fd, &mut data) {
            return;
        }
        *self.pool.reply.borrow_mut() = Some(Vec::new());
        deliver(&self.pool, &data);
        if let Some(reply) = self.pool.reply.borrow_mut().take().filter(|reply| !reply.is_empty()) {
            let length = (reply.len() as u32).to_be_bytes();
            let _ = ipc::write_all(fd, &length) && ipc::write_all(fd, &reply);
        }
    }
}

fn deliver(pool: &Rc<Pool>, message: &[u8]) {
    let Some(callable) = pool.callback(PoolEvent::Message) else { return };
    let mut args = [pool.this().into_zval(), Value::string(message).into_zval()];
    call(pool.coroutine.get(), &callable, &mut args);
    callback::discard((callable, args));
}

/// Takes messages off the System V queue, which no loop can watch: SIGTERM interrupts the wait.
fn serve_queue(pool: &Rc<Pool>) -> PhpResult {
    let Some(queue) = pool.queue.as_ref() else { return Ok(()) };
    signal::unset_native(libc::SIGTERM);
    // SAFETY: a handler that only stores a flag; without SA_RESTART msgrcv returns EINTR.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = on_terminate as *const () as usize;
        libc::sigemptyset(&mut action.sa_mask);
        libc::sigaction(libc::SIGTERM, &action, std::ptr::null_mut());
    }
    while !LEAVING.get() && !TERMINATED.load(Ordering::Relaxed) {
        match queue.pop(0, MESSAGE_MAX) {
            Ok(message) => {
                deliver(pool, &message);
                check()?;
            }
            Err(problem) if problem.raw_os_error() == Some(libc::EINTR) => {}
            Err(problem) => {
                let text = format!("[Worker#{}] msgrcv({}) failed", pool.me.get(), queue.id());
                crate::log::warning("Pool::serve_queue", problem.raw_os_error(), &text);
                // The queue is gone for the successor, too: the master shall not spin.
                std::thread::sleep(Duration::from_millis(100));
                break;
            }
        }
        if let Some(engine) = engine().filter(|engine| engine.has_reactor()) {
            engine.turn(Some(Duration::ZERO))?;
        }
    }
    leave(pool);
    Ok(())
}
