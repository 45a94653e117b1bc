//! Swoole\Event and swoole_event_*.

mod watch;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use coroutine::engine;

use super::code::Code;
use super::error::swoole_exception;
use super::{callback, fd, lifecycle, report};
use crate::php::lifecycle::loop_engine;
use crate::zend::error::{E_DEPRECATED, E_ERROR, E_WARNING};
use crate::zend::{Call, Callable, PhpResult, Thrown, Zval, ZvalExt};
use watch::Watch;

pub use watch::{READ, WRITE, forget_fd, send};

/// What the end of a turn calls.
enum Deferred {
    Script(Callable),
    Native(Box<dyn FnOnce()>),
    /// A coroutine's wait ends.
    Wake((coroutine::CoId, u32)),
}

thread_local! {
    static DEFERRED: RefCell<VecDeque<Deferred>> = RefCell::default();
    /// `Event::cycle()`: before each wait, and after each turn.
    static BEFORE: RefCell<Option<Rc<Callable>>> = const { RefCell::new(None) };
    static AFTER: RefCell<Option<Rc<Callable>>> = const { RefCell::new(None) };
    /// `Event::exit()` was called in the loop.
    static EXIT: Cell<bool> = const { Cell::new(false) };
}

/// Calls `work` at the end of this turn of the loop.
pub(crate) fn defer_native(work: impl FnOnce() + 'static) {
    DEFERRED.with_borrow_mut(|queue| queue.push_back(Deferred::Native(Box::new(work))));
}

/// Ends a coroutine's wait at the end of this turn.
pub fn defer_wake(wait: (coroutine::CoId, u32)) {
    DEFERRED.with_borrow_mut(|queue| queue.push_back(Deferred::Wake(wait)));
}

/// Whether somebody is called back in each turn, and sees how many there are.
pub fn counts_turns() -> bool {
    BEFORE.with_borrow(Option::is_some) || AFTER.with_borrow(Option::is_some)
}

pub fn has_deferred() -> bool {
    DEFERRED.with_borrow(|queue| !queue.is_empty())
}

/// Those that are queued now: who defers again waits for the next turn.
pub fn run_deferred() {
    for _ in 0..DEFERRED.with_borrow(VecDeque::len) {
        let Some(next) = DEFERRED.with_borrow_mut(VecDeque::pop_front) else { return };
        match next {
            Deferred::Native(work) => work(),
            Deferred::Wake((id, seq)) => {
                if let Some(engine) = engine() {
                    engine.wake_if(id, seq, coroutine::Wake::Resumed);
                }
            }
            Deferred::Script(callable) => {
                callback::run(&callable, &mut []);
                callback::discard(callable);
            }
        }
        if engine().is_some_and(coroutine::Engine::is_aborted) {
            return;
        }
    }
}

pub fn run_before() {
    super::timer::next_round();
    let callable = BEFORE.with_borrow(Clone::clone);
    if let Some(callable) = callable {
        callback::run(&callable, &mut []);
    }
}

pub fn run_after() {
    let callable = AFTER.with_borrow(Clone::clone);
    if let Some(callable) = callable {
        callback::run(&callable, &mut []);
    }
}

/// The loop has run to its end: the next one has no cycle functions.
pub fn loop_ended() {
    callback::discard((BEFORE.take(), AFTER.take()));
}

/// Whether the loop ended by `Event::exit()`.
pub fn take_exit() -> bool {
    EXIT.take()
}

/// Drops what the script has put into the loop.
pub fn forget() {
    EXIT.set(false);
    let deferred = DEFERRED.take();
    let cycle = (BEFORE.take(), AFTER.take());
    watch::forget();
    callback::discard((deferred.into_iter().collect::<Vec<_>>(), cycle));
}

/// In a forked child: the parent's callbacks are not its to destroy.
pub fn after_fork() {
    EXIT.set(false);
    std::mem::forget((DEFERRED.take(), BEFORE.take(), AFTER.take()));
    watch::after_fork();
}

// ---- handlers --------------------------------------------------------------------------------------

fn no(ret: &mut Zval, message: &str) -> PhpResult {
    ret.set_bool(false);
    report::fatal(E_WARNING, message);
    Ok(())
}

/// Callbacks of `add` and `set`: null or absent is none.
fn callable(value: Option<&mut Zval>, name: &str) -> PhpResult<Option<Callable>> {
    let Some(value) = value.filter(|value| !value.is_null()) else { return Ok(None) };
    let wanted = callback::wanted(value);
    crate::zend::error::check()?;
    if wanted.is_none() {
        let kind = value.kind();
        let text = format!("{name} must be of type callable, {kind} given");
        return Err(swoole_exception(i64::from(Code::INVALID_PARAMS.0), &text));
    }
    Ok(wanted)
}

struct Request {
    fd: i32,
    read: Option<Callable>,
    write: Option<Callable>,
    events: i64,
}

/// The arguments that `add` and `set` share.
fn request(call: &mut Call, default_events: i64) -> PhpResult<Option<(Request, &'static mut Zval)>> {
    let mut args = call.args(1, 4)?;
    let value = args.value()?;
    let (read, write) = (args.opt_value(), args.opt_value());
    let events = args.opt_long()?.unwrap_or(default_events);
    let Some(fd) = fd::of(value) else { return Ok(None) };
    let read = callable(read, "readable_callback")?;
    let write = callable(write, "writable_callback")?;
    crate::zend::error::check()?;
    Ok(Some((Request { fd, read, write, events }, value)))
}

pub fn add(call: &mut Call, ret: &mut Zval) -> PhpResult {
    loop_engine();
    let Some((wanted, value)) = request(call, READ)? else {
        return no(ret, "unknown fd type");
    };
    let fd = wanted.fd;
    if fd == 0 && wanted.events & WRITE != 0 {
        return no(ret, "invalid socket fd [0]");
    }
    if watch::find(fd).is_some() {
        return no(ret, "already exist");
    }
    if wanted.events & (READ | WRITE) == 0 {
        return no(ret, "invalid events");
    }
    for (event, callable, name) in [(READ, &wanted.read, "readable"), (WRITE, &wanted.write, "writable")] {
        if wanted.events & event != 0 && callable.is_none() {
            return no(ret, &format!("Swoole\\Event: unable to find {name} callback of fd [{fd}]"));
        }
    }
    if Watch::start(fd, value, wanted.read, wanted.write, wanted.events) {
        ret.set_long(i64::from(fd));
        Ok(())
    } else {
        no(ret, "swoole_event_add failed")
    }
}

pub fn set(call: &mut Call, ret: &mut Zval) -> PhpResult {
    if !lifecycle::is_loop_in_use() {
        return no(ret, "reactor is not ready, cannot call swoole_event_set");
    }
    let Some((wanted, _)) = request(call, 0)? else {
        ret.set_bool(false);
        return Ok(());
    };
    let fd = wanted.fd;
    let Some(watch) = watch::find(fd) else {
        return no(ret, &format!("socket[{fd}] is not found in the reactor"));
    };
    watch.replace(wanted.read, wanted.write);
    for (event, name) in [(READ, "readable"), (WRITE, "writable")] {
        if wanted.events & event != 0 && !watch.has_callback(event) {
            return no(ret, &format!("Swoole\\Event: unable to find {name} callback of fd [{fd}]"));
        }
    }
    if watch.set_events(wanted.events) {
        ret.set_bool(true);
        Ok(())
    } else {
        no(ret, "Swoole\\Event::set failed")
    }
}

/// The fd argument of `del`, `write` and `isset`; the warning is out when there is none.
fn fd_argument(value: &Zval, ret: &mut Zval) -> Option<i32> {
    let fd = fd::of(value);
    if fd.is_none() {
        ret.set_bool(false);
        report::fatal(E_WARNING, "unknown type");
    }
    fd
}

pub fn del(call: &mut Call, ret: &mut Zval) -> PhpResult {
    if !lifecycle::is_loop_in_use() {
        return no(ret, "reactor is not ready, cannot call swoole_event_del");
    }
    let value = call.args(1, 1)?.value()?;
    let Some(fd) = fd_argument(value, ret) else { return Ok(()) };
    ret.set_bool(watch::remove(fd));
    Ok(())
}

pub fn write(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let (value, data) = (args.value()?, args.bytes()?);
    if data.is_empty() {
        return no(ret, "data empty");
    }
    let Some(fd) = fd_argument(value, ret) else { return Ok(()) };
    match watch::find(fd) {
        Some(watch) => {
            ret.set_bool(watch.write(data));
            Ok(())
        }
        None => no(ret, &format!("socket[{fd}] is not found in the reactor")),
    }
}

pub fn isset(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let value = args.value()?;
    let events = args.opt_long()?.unwrap_or(READ | WRITE);
    if !lifecycle::is_loop_in_use() {
        ret.set_bool(false);
        return Ok(());
    }
    let Some(fd) = fd_argument(value, ret) else { return Ok(()) };
    ret.set_bool(watch::find(fd).is_some_and(|watch| watch.events() & events != 0));
    Ok(())
}

pub fn defer(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let callable = call.args(1, 1)?.callable()?;
    loop_engine();
    let callable = callable.keep();
    DEFERRED.with_borrow_mut(|queue| queue.push_back(Deferred::Script(callable)));
    ret.set_bool(true);
    Ok(())
}

pub fn cycle(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let callable = args.opt_callable_or_null()?.map(|callable| Rc::new(callable.keep()));
    let before = args.opt_bool()?.unwrap_or(false);
    loop_engine();
    let slot = if before { &BEFORE } else { &AFTER };
    let none = callable.is_none();
    let old = slot.replace(callable);
    ret.set_bool(!(none && old.is_none()));
    // It may be the one that runs: it goes at the end of the turn.
    if old.is_some() {
        defer_native(move || callback::discard(old));
    }
    Ok(())
}

/// `swoole_event_wait()`: runs the loop until nothing is left to wait for.
pub fn wait(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    if !lifecycle::is_loop_in_use() {
        return Ok(());
    }
    refuse_in_coroutine();
    lifecycle::run_loop()
}

/// The loop cannot be waited for from inside: a fatal error, as it is a slip of the program.
pub(crate) fn refuse_in_coroutine() {
    if coroutine::current().is_some() {
        report::fatal(E_ERROR, "Unable to call Event::wait() in coroutine");
    }
}

/// One turn of the loop.
pub fn dispatch(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let Some(engine) = engine().filter(|_| lifecycle::is_loop_in_use()) else {
        ret.set_bool(false);
        return Ok(());
    };
    let at_most = if engine.has_work() { None } else { Some(Duration::ZERO) };
    engine.turn(at_most).map_err(Thrown::from)?;
    ret.set_bool(true);
    Ok(())
}

/// Ends the loop after this turn, whatever still waits in it.
pub fn exit(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    if let Some(engine) = engine().filter(|engine| engine.is_looping()) {
        super::timer::clear_timers();
        EXIT.set(true);
        engine.stop();
    }
    Ok(())
}

/// The last shutdown function of a script that used the loop.
pub fn rshutdown(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    // A later shutdown function that uses the loop has this run once more.
    lifecycle::shutdown_ran();
    if !lifecycle::is_loop_in_use() || engine().is_some_and(coroutine::Engine::is_aborted) || crate::zend::host::is_fatal() {
        return Ok(());
    }
    report::fatal(E_DEPRECATED, "Event::wait() in shutdown function is deprecated");
    crate::zend::error::check()?;
    lifecycle::run_loop()
}
