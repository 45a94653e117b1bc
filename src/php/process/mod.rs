//! Swoole\Process.

pub mod control;
pub mod life;
pub mod manager;
pub mod pool;
pub mod queue;

use std::cell::{Cell, RefCell};
use std::os::fd::{AsRawFd, RawFd};
use std::time::Duration;

use coroutine::engine;

use crate::php::code::{Code, set_last};
use crate::php::error::not_constructed;
use crate::php::{event, fd, fork, lifecycle, report};
use crate::process::pipe::{self, Pipe};
use crate::zend::error::{Builtin, E_WARNING, throw, throw_builtin};
use crate::zend::registration::ce;
use crate::zend::string::StrBuffer;
use crate::zend::{
    Call, ClassEntry, ClassState, GcBuffer, Handlers, ObjectExt, PhpResult, Value, ZendObject, Zval, ZvalExt, class_state,
    state_of,
};

/// `$pipe_type`: without, stream, datagrams.
const STREAM: i64 = 1;
/// Numbers of the declared properties.
const PIPE: u32 = 0;
const QUEUE_ID: u32 = 1;
const QUEUE_KEY: u32 = 2;
const PID: u32 = 3;
const ID: u32 = 4;
const CALLBACK: u32 = 5;

#[derive(Default)]
pub struct State {
    constructed: Cell<bool>,
    id: Cell<i64>,
    /// Of the child, in the parent; of oneself, in the child.
    pid: Cell<i32>,
    in_child: Cell<bool>,
    pipe: RefCell<Option<Pipe>>,
    stream: Cell<bool>,
    redirect: Cell<bool>,
    in_coroutine: Cell<bool>,
    nonblocking: Cell<bool>,
    timeout: Cell<Option<Duration>>,
    queue: RefCell<Option<crate::process::queue::Queue>>,
    queue_mode: Cell<i64>,
    socket: RefCell<Option<Value>>,
}

static HANDLERS: Handlers = Handlers::new();

impl ClassState for State {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }

    fn gc(&self, buffer: &mut GcBuffer) {
        if let Some(socket) = self.socket.borrow().as_ref() {
            buffer.add(socket);
        }
    }
}

impl Drop for State {
    fn drop(&mut self) {
        if let Some(pipe) = self.pipe.take() {
            close_ends(pipe);
        }
    }
}

/// Tells the loop before the descriptors go.
fn close_ends(pipe: Pipe) {
    for end in [pipe.master, pipe.worker].into_iter().flatten() {
        forget_fd(end.as_raw_fd());
    }
}

fn forget_fd(fd: RawFd) {
    event::forget_fd(fd);
    if let Some(engine) = engine() {
        engine.closing(fd);
    }
}

pub fn class_init(class: &mut ClassEntry) {
    class_state::<State>(class);
}

thread_local! {
    static LAST_ID: Cell<i64> = const { Cell::new(0) };
}

fn state_of_this(call: &Call) -> PhpResult<&'static State> {
    // SAFETY: the handlers of this class and its children only.
    let state = unsafe { state_of::<State>(call.this()) };
    if state.constructed.get() { Ok(state) } else { Err(not_constructed("Swoole\\Process")) }
}

/// `__construct(callable $callback, bool $redirect = false, int $pipe_type = SOCK_DGRAM, bool $enable_coroutine = false)`
pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let this = call.this();
    // SAFETY: as above.
    let state = unsafe { state_of::<State>(this) };
    if state.constructed.get() {
        return Err(throw_builtin(Builtin::Error, "Constructor of Swoole\\Process can only be called once"));
    }
    if !lifecycle::is_cli() {
        return Err(throw_builtin(Builtin::Error, "Swoole\\Process can only be used in PHP CLI mode"));
    }
    if !fork::threads_may_end() {
        return Err(throw_builtin(Builtin::Error, "unable to create Swoole\\Process with async-io threads"));
    }
    let mut args = call.args(1, 4)?;
    let callable = args.callable()?;
    let redirect = args.opt_bool()?.unwrap_or(false);
    let kind = args.opt_long()?.unwrap_or(i64::from(libc::SOCK_DGRAM));
    let in_coroutine = args.opt_bool()?.unwrap_or(false);
    let stream = redirect || kind == STREAM;
    if redirect || kind > 0 {
        match Pipe::new(stream) {
            Ok(pipe) => {
                this.slot(PIPE).set_long(pipe.end(false).map_or(-1, i64::from));
                state.pipe.replace(Some(pipe));
            }
            Err(error) => {
                let code = i64::from(error.raw_os_error().unwrap_or(0));
                return Err(throw(ce::exception(), code, "failed to create unix soccket"));
            }
        }
    }
    LAST_ID.set(LAST_ID.get() + 1);
    state.id.set(LAST_ID.get());
    state.stream.set(stream);
    state.redirect.set(redirect);
    state.in_coroutine.set(in_coroutine);
    state.constructed.set(true);
    this.slot(ID).set_long(state.id.get());
    let callable = Value::copy_of(callable.value());
    this.slot(CALLBACK).assign(callable);
    Ok(())
}

pub fn destruct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    call.no_args()
}

/// `set(array $settings): void`: `enable_coroutine`.
pub fn set(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let settings = call.args(1, 1)?.array()?;
    let state = state_of_this(call)?;
    if let Some(on) = settings.setting("enable_coroutine") {
        state.in_coroutine.set(on.to_bool());
    }
    Ok(())
}

/// The object for a pool's worker: `pipe` is the end of its pipe that this process uses, `queue` the
/// pool's message queue. Descriptors are copied: closing them is the pool's business.
pub(crate) fn of_worker(id: i64, pid: i32, pipe: Option<RawFd>, queue: Option<i32>) -> Value {
    let mut value = crate::zend::new_object(ce::process());
    let Some(object) = value.as_mut().obj() else { return value };
    // SAFETY: an object of this class.
    let state = unsafe { state_of::<State>(object) };
    state.constructed.set(true);
    state.id.set(id);
    state.pid.set(pid);
    prop(object, ID, id);
    prop(object, PID, i64::from(pid));
    if let Some(end) = pipe.and_then(pipe::copy) {
        prop(object, PIPE, i64::from(end.as_raw_fd()));
        state.pipe.replace(Some(Pipe { master: Some(end), worker: None }));
    }
    if let Some(queue) = queue {
        state.queue.replace(Some(crate::process::queue::Queue::of_id(queue)));
        state.queue_mode.set(queue::BALANCE);
    }
    value
}

/// A pool has replaced the worker behind `object`.
pub(crate) fn set_pid(object: &mut ZendObject, pid: i32) {
    // SAFETY: an object of this class or a child of it, as the pool made it.
    unsafe { state_of::<State>(object) }.pid.set(pid);
    prop(object, PID, i64::from(pid));
}

/// Our end of the pipe; without one, false and a warning.
fn our_end(state: &State, ret: &mut Zval, what: &str) -> Option<RawFd> {
    let end = state.pipe.borrow().as_ref().and_then(|pipe| pipe.end(state.in_child.get()));
    if end.is_none() {
        ret.set_bool(false);
        report::fatal(E_WARNING, &format!("no pipe, cannot {what}"));
    }
    end
}

/// `read(int $size = 8192): string|false`
pub fn read(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let size = call.args(0, 1)?.opt_long()?.unwrap_or(8192).min(i64::from(i32::MAX));
    let state = state_of_this(call)?;
    let Some(end) = our_end(state, ret, "read from pipe") else { return Ok(()) };
    let Ok(size) = usize::try_from(size) else {
        ret.set_bool(false);
        set_last(Code::INVALID_PARAMS);
        return Ok(());
    };
    let mut buffer = StrBuffer::with_capacity(size);
    // SAFETY: the buffer has that many bytes, which the read only writes.
    let space = unsafe { std::slice::from_raw_parts_mut(buffer.as_mut_ptr(), size) };
    match pipe::read(end, space) {
        Ok(bytes) => ret.set_str(buffer.finish(bytes)),
        Err(error) => {
            let timed_out = error.kind() == std::io::ErrorKind::WouldBlock && state.timeout.get().is_some();
            set_last(if timed_out { Code::SOCKET_POLL_TIMEOUT } else { Code(error.raw_os_error().unwrap_or(0)) });
            ret.set_bool(false);
        }
    }
    Ok(())
}

/// `write(string $data): int|false`
pub fn write(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let data = call.args(1, 1)?.bytes()?;
    if data.is_empty() {
        ret.set_bool(false);
        report::fatal(E_WARNING, "the data to send is empty");
        return Ok(());
    }
    let state = state_of_this(call)?;
    let Some(end) = our_end(state, ret, "write into pipe") else { return Ok(()) };
    let written = if state.nonblocking.get() && lifecycle::is_loop_in_use() {
        event::send(end, data)
    } else {
        match pipe::write_all(end, data, state.timeout.get()) {
            Ok(()) => true,
            Err(error) => {
                // SAFETY: writes this thread's errno, for the warning below.
                unsafe { *libc::__errno_location() = error.raw_os_error().unwrap_or(0) };
                false
            }
        }
    };
    if written {
        ret.set_long(data.len() as i64);
    } else {
        ret.set_bool(false);
        report::system(E_WARNING, "write() failed");
    }
    Ok(())
}

/// `close(int $which = 0): bool`: both ends, `PIPE_MASTER`, `PIPE_WORKER`, `PIPE_READ` or `PIPE_WRITE`.
pub fn close(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let which = call.args(0, 1)?.opt_long()?.unwrap_or(0);
    let state = state_of_this(call)?;
    if state.pipe.borrow().is_none() {
        our_end(state, ret, "close the pipe");
        return Ok(());
    }
    let closed = match which {
        3 | 4 => {
            let Some(end) = our_end(state, ret, "close the pipe") else { return Ok(()) };
            let half = if which == 3 { libc::SHUT_RD } else { libc::SHUT_WR };
            // SAFETY: a socket of ours (shutdown(2)).
            unsafe { libc::shutdown(end, half) == 0 }
        }
        1 | 2 => {
            let one = state
                .pipe
                .borrow_mut()
                .as_mut()
                .and_then(|pipe| if which == 1 { pipe.master.take() } else { pipe.worker.take() });
            if let Some(one) = &one {
                forget_fd(one.as_raw_fd());
            }
            true
        }
        _ => {
            if let Some(pipe) = state.pipe.take() {
                close_ends(pipe);
            }
            true
        }
    };
    ret.set_bool(closed);
    if !closed {
        report::system(E_WARNING, "close() failed");
    }
    Ok(())
}

/// `setTimeout(float $seconds): bool`: of reads and writes.
pub fn set_timeout(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let seconds = call.args(1, 1)?.double()?;
    let state = state_of_this(call)?;
    let Some(end) = our_end(state, ret, "setTimeout the pipe") else { return Ok(()) };
    let timeout = Duration::try_from_secs_f64(seconds).unwrap_or_default();
    state.timeout.set((!timeout.is_zero()).then_some(timeout));
    ret.set_bool(pipe::set_timeout(end, timeout));
    Ok(())
}

/// `setBlocking(bool $blocking): bool`
pub fn set_blocking(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let blocking = call.args(1, 1)?.bool()?;
    let state = state_of_this(call)?;
    let Some(end) = our_end(state, ret, "setBlocking the pipe") else { return Ok(()) };
    state.nonblocking.set(!blocking);
    ret.set_bool(fd::set_nonblocking(end, !blocking));
    Ok(())
}

/// `exportSocket(): Coroutine\Socket|false`
pub fn export_socket(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    // SAFETY: as in `state_of_this`.
    let state = unsafe { state_of::<State>(call.this()) };
    let Some(end) = our_end(state, ret, "export stream") else { return Ok(()) };
    let known = state.socket.borrow().clone();
    if let Some(socket) = known {
        socket.give(ret);
        return Ok(());
    }
    // SAFETY: dup(2) of a descriptor of ours.
    let copy = unsafe { libc::fcntl(end, libc::F_DUPFD_CLOEXEC, 0) };
    if copy < 0 {
        ret.set_bool(false);
        report::system(E_WARNING, "dup() failed");
        return Ok(());
    }
    let kind = if state.stream.get() { libc::SOCK_STREAM } else { libc::SOCK_DGRAM };
    let socket = super::coroutine::socket::export(copy, libc::AF_UNIX, kind);
    state.socket.replace(Some(socket.clone()));
    socket.give(ret);
    Ok(())
}

fn prop(this: &mut ZendObject, slot: u32, number: i64) {
    this.slot(slot).set_long(number);
}
