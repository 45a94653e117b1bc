//! Signals as events of the loop: for `Process::signal()`, and for coroutines that wait for one.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io;

use coroutine::{CoId, Wake, engine};

use super::{callback, settings};
use crate::zend::{Callable, Value};

/// Numbers from here on are refused, as Swoole does.
pub const LIMIT: i64 = 128;

/// What `Process::signal()` has set for a signal.
#[derive(Clone)]
enum Handler {
    Call(Callable),
    /// The process machine's own, where the script has set none.
    Native(fn(i32)),
    Ignore,
}

/// A coroutine in `waitSignal()`: its wait, and the signal that ended it.
type Waiter = ((CoId, u32), std::rc::Rc<Cell<i32>>);

thread_local! {
    static HANDLERS: RefCell<HashMap<i32, Handler>> = RefCell::default();
    static WAITERS: RefCell<HashMap<i32, Waiter>> = RefCell::default();
    /// Coroutines in `waitSignal()`.
    static WAITING: Cell<usize> = const { Cell::new(0) };
}

/// The loop has read a signal.
pub fn arrived(signo: i32, _info: &libc::signalfd_siginfo) {
    if super::server::life::signal(signo) {
        return;
    }
    if signo == libc::SIGCHLD {
        super::coroutine::wait::child_ended();
    }
    let waiter = WAITERS.with_borrow_mut(|waiters| waiters.remove(&signo));
    if let (Some(((id, seq), which)), Some(engine)) = (waiter, engine()) {
        which.set(signo);
        engine.wake_if(id, seq, Wake::Resumed);
        return;
    }
    let handler = HANDLERS.with_borrow(|handlers| handlers.get(&signo).cloned());
    match handler {
        Some(Handler::Call(callable)) => {
            callback::run(&callable, &mut [Value::long(i64::from(signo)).into_zval()]);
            callback::discard(callable);
        }
        Some(Handler::Native(handle)) => handle(signo),
        Some(Handler::Ignore) | None => {}
    }
}

/// Sets a handler of the process machine, unless the script has one.
pub fn set_native(signo: i32, handle: fn(i32)) {
    if HANDLERS.with_borrow(|handlers| handlers.contains_key(&signo)) || watch(signo).is_err() {
        return;
    }
    HANDLERS.with_borrow_mut(|handlers| handlers.insert(signo, Handler::Native(handle)));
}

/// Takes back what [`set_native`] has set.
pub fn unset_native(signo: i32) {
    if HANDLERS.with_borrow(|handlers| matches!(handlers.get(&signo), Some(Handler::Native(_)))) {
        HANDLERS.with_borrow_mut(|handlers| handlers.remove(&signo));
        unwatch(signo);
    }
}

/// Whether a wait for a signal keeps the loop alive; handlers do so only with `wait_signal`.
pub fn keeps_loop() -> bool {
    WAITING.get() > 0 || (listeners() > 0 && settings::read(|settings| settings.wait_signal))
}

/// Signals with a handler of the script.
pub fn listeners() -> usize {
    HANDLERS.with_borrow(|handlers| handlers.values().filter(|handler| !matches!(handler, Handler::Native(_))).count())
}

/// Handlers and waits, as statistics count them.
pub fn count() -> usize {
    listeners() + WAITING.get()
}

fn watch(signo: i32) -> io::Result<()> {
    engine().ok_or_else(|| io::Error::from_raw_os_error(libc::ENOSYS))?.reactor()?.watch_signal(signo)
}

fn unwatch(signo: i32) {
    if HANDLERS.with_borrow(|handlers| handlers.contains_key(&signo)) || super::server::life::watches(signo) {
        return;
    }
    if let Some(reactor) = engine().filter(|engine| engine.has_reactor()).and_then(|engine| engine.reactor().ok()) {
        let _ = reactor.unwatch_signal(signo);
    }
}

/// Whether the process's own machinery uses the signal.
pub fn is_taken(signo: i32) -> bool {
    // A server's own use of SIGINT gives way to the script's.
    let ours = has_handler(signo) || signo == libc::SIGINT;
    !ours
        && engine()
            .filter(|engine| engine.has_reactor())
            .and_then(|engine| engine.reactor().ok())
            .is_some_and(|reactor| reactor.watched(signo))
}

/// Whether the script has asked for the signal: by a handler, or in a coroutine that waits for it.
pub fn is_claimed(signo: i32) -> bool {
    WAITERS.with_borrow(|waiters| waiters.contains_key(&signo))
        || HANDLERS.with_borrow(|handlers| matches!(handlers.get(&signo), Some(Handler::Call(_) | Handler::Ignore)))
}

/// Whether the script has set something for the signal.
pub fn has_handler(signo: i32) -> bool {
    HANDLERS.with_borrow(|handlers| handlers.contains_key(&signo))
}

/// Calls `callable` when the signal comes; none ignores it.
///
/// # Errors
/// The kernel's, for a number that cannot be caught.
pub fn set_handler(signo: i32, callable: Option<Callable>) -> io::Result<()> {
    watch(signo)?;
    let handler = callable.map_or(Handler::Ignore, Handler::Call);
    let old = HANDLERS.with_borrow_mut(|handlers| handlers.insert(signo, handler));
    if old.is_some() {
        super::event::defer_native(move || callback::discard(old));
    }
    Ok(())
}

/// Takes a handler back; false when there is none.
pub fn clear_handler(signo: i32) -> bool {
    let Some(old) = HANDLERS.with_borrow_mut(|handlers| handlers.remove(&signo)) else { return false };
    unwatch(signo);
    super::event::defer_native(move || callback::discard(old));
    true
}

/// SIGCHLD is watched as long as somebody waits for children.
pub fn watch_children(on: bool) -> io::Result<()> {
    if on {
        watch(libc::SIGCHLD)
    } else {
        unwatch(libc::SIGCHLD);
        Ok(())
    }
}

/// Registers the current coroutine's next wait for the first of some signals.
///
/// # Errors
/// The kernel's.
pub fn begin_wait(signals: &[i32]) -> io::Result<std::rc::Rc<Cell<i32>>> {
    let which = std::rc::Rc::new(Cell::new(-1));
    let Some(entry) = engine().and_then(coroutine::Engine::next_wait) else {
        return Err(io::Error::from_raw_os_error(libc::EINVAL));
    };
    for signo in signals {
        watch(*signo)?;
        WAITERS.with_borrow_mut(|waiters| waiters.insert(*signo, (entry, std::rc::Rc::clone(&which))));
    }
    WAITING.set(WAITING.get() + 1);
    Ok(which)
}

/// Ends [`begin_wait`].
pub fn end_wait(signals: &[i32], which: &std::rc::Rc<Cell<i32>>) {
    WAITING.set(WAITING.get().saturating_sub(1));
    for signo in signals {
        let ours = WAITERS.with_borrow_mut(|waiters| match waiters.get(signo) {
            Some((_, cell)) if std::rc::Rc::ptr_eq(cell, which) => waiters.remove(signo),
            _ => None,
        });
        let unwaited = || !WAITERS.with_borrow(|waiters| waiters.contains_key(signo));
        if ours.is_some() || which.get() == *signo || unwaited() {
            unwatch(*signo);
        }
    }
}

/// At the request's end, and in a forked child: nothing is handled any more.
pub fn forget() {
    let handlers = HANDLERS.take();
    for signo in handlers.keys() {
        unwatch(*signo);
    }
    WAITERS.take();
    WAITING.set(0);
    callback::discard(handlers);
}
