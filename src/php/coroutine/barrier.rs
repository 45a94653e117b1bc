//! Swoole\Coroutine\Barrier: `wait()` goes on when nobody holds the barrier any more.

use std::cell::Cell;
use std::time::Instant;

use coroutine::{CallId, CoId, Task, Wake, engine};

use super::{require_coroutine, timeout};
use crate::php::error::exception;
use crate::zend::error::check;
use crate::zend::registration::ce;
use crate::zend::{
    Call, ClassEntry, ClassState, Handlers, ObjectExt, PhpResult, Thrown, Value, Zval, ZvalExt, class_state, new_object, state_of,
};

#[derive(Default)]
pub struct State {
    /// Who waits, by its wait.
    waiter: Cell<Option<(CoId, u32)>>,
    timer: Cell<Option<CallId>>,
    gone: Cell<bool>,
}

static HANDLERS: Handlers = Handlers::new();

impl ClassState for State {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }
}

pub fn class_init(class: &mut ClassEntry) {
    class_state::<State>(class);
}

/// Number of the declared property.
const CID: u32 = 0;

/// `Barrier::make(): self`
pub fn make(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    new_object(ce::coroutine_barrier()).give(ret);
    Ok(())
}

/// The last holder is gone: the waiter goes on.
pub fn destruct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    // SAFETY: a method of this class.
    let state = unsafe { state_of::<State>(call.this()) };
    state.gone.set(true);
    let Some(engine) = engine() else { return Ok(()) };
    if let Some(timer) = state.timer.take() {
        engine.cancel_call(timer);
    }
    if let Some((id, seq)) = state.waiter.take() {
        engine.wake_if(id, seq, Wake::Resumed);
        if engine.is_aborted() {
            return Err(Thrown::Bailout);
        }
    }
    Ok(())
}

/// `Barrier::wait(Barrier &$barrier, float $timeout = -1): void`
pub fn wait(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let Some(reference) = args.by_ref() else { return Ok(()) };
    let class = ce::coroutine_barrier();
    let Some(object) = reference.obj().filter(|object| object.is_a(class)) else {
        return Err(args.wrong_class(c"Swoole\\Coroutine\\Barrier", reference));
    };
    let seconds = args.opt_double()?.unwrap_or(-1.0);
    // SAFETY: checked above.
    let state = unsafe { state_of::<State>(object) };
    if coroutine::current().is_none() && object.gc.refcount == 1 {
        // Nobody to wait for: that needs no coroutine.
        reference.assign(Value::null());
        return check();
    }
    let engine = require_coroutine()?;
    if state.waiter.get().is_some() {
        return Err(exception("The barrier is waiting, cannot wait again."));
    }
    let Some(wait) = engine.next_wait() else { return Ok(()) };
    object.slot(CID).set_long(wait.0);
    // While our own reference goes, the destructor must not find a wait that has not begun.
    let keep = Value::object(object);
    reference.assign(Value::null());
    if keep_is_last(&keep) {
        drop(keep);
        return check();
    }
    state.waiter.set(Some(wait));
    if let Some(limit) = timeout(seconds).filter(|limit| limit.as_millis() > 0) {
        let timer = engine.call_at(Instant::now() + limit, move || {
            if let Some(engine) = coroutine::engine() {
                engine.wake_if(wait.0, wait.1, Wake::Timeout);
            }
        });
        state.timer.set(timer.ok());
    }
    drop(keep);
    engine.suspend(Task::Yield);
    if engine.is_aborted() {
        return Err(Thrown::Bailout);
    }
    check()
}

/// Whether ours is the only reference.
fn keep_is_last(keep: &Value) -> bool {
    keep.as_zval().obj().is_some_and(|object| object.gc.refcount == 1)
}
