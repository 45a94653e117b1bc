//! Swoole\Atomic.

pub mod long;

use std::cell::{Cell, OnceCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use memory::Atomic32;

use crate::php::error::no_memory;
use crate::zend::{Call, ClassEntry, ClassState, Handlers, PhpResult, Zval, ZvalExt, class_state, state_of};

/// How soon a thread that waits for a coroutine notices that the coroutine does so no longer.
const SLICE: Duration = Duration::from_millis(50);

#[derive(Default)]
pub struct State {
    cell: OnceCell<Arc<Atomic32>>,
    /// The cell's word; null before there is one.
    word: Cell<Option<&'static AtomicU32>>,
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

#[inline]
fn state(call: &Call) -> &'static State {
    // SAFETY: the handlers of this class and its children only.
    unsafe { state_of::<State>(call.this()) }
}

#[inline]
fn word(call: &Call) -> PhpResult<&'static AtomicU32> {
    let state = state(call);
    match state.word.get() {
        Some(word) => Ok(word),
        None => make(state).map(|cell| cell.word()),
    }
}

/// In the constructor, or on the spot for an object whose constructor was skipped.
#[cold]
fn make(state: &'static State) -> PhpResult<&'static Arc<Atomic32>> {
    let cell = match state.cell.get() {
        Some(cell) => cell,
        None => {
            let cell = Arc::new(Atomic32::new(0).map_err(no_memory)?);
            state.cell.get_or_init(|| cell)
        }
    };
    state.word.set(Some(cell.word()));
    Ok(cell)
}

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let value = call.args(0, 1)?.opt_long()?.unwrap_or(0);
    word(call)?.store(value as u32, Ordering::SeqCst);
    Ok(())
}

#[inline]
pub fn add(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let by = call.args(0, 1)?.opt_long()?.unwrap_or(1) as u32;
    let sum = word(call)?.fetch_add(by, Ordering::SeqCst).wrapping_add(by);
    ret.give_long(i64::from(sum));
    Ok(())
}

#[inline]
pub fn sub(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let by = call.args(0, 1)?.opt_long()?.unwrap_or(1) as u32;
    let rest = word(call)?.fetch_sub(by, Ordering::SeqCst).wrapping_sub(by);
    ret.give_long(i64::from(rest));
    Ok(())
}

#[inline]
pub fn get(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    ret.give_long(i64::from(word(call)?.load(Ordering::SeqCst)));
    Ok(())
}

#[inline]
pub fn set(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let value = call.args(1, 1)?.long()?;
    word(call)?.store(value as u32, Ordering::SeqCst);
    Ok(())
}

#[inline]
pub fn cmpset(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let (from, to) = (args.long()? as u32, args.long()? as u32);
    ret.give_bool(word(call)?.compare_exchange(from, to, Ordering::SeqCst, Ordering::SeqCst).is_ok());
    Ok(())
}

pub fn wait(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let seconds = call.args(0, 1)?.opt_double()?.unwrap_or(1.0);
    let timeout = if seconds > 0.0 { crate::php::coroutine::timeout(seconds) } else { None };
    let cell = make(state(call))?;
    if coroutine::engine().is_some_and(|engine| engine.current().is_some() && engine.can_suspend()) {
        // Nothing to wait for is answered without a switch.
        let passed = match cell.word().load(Ordering::SeqCst) {
            0 => wait_suspended(Arc::clone(cell), timeout),
            _ => cell.wait(Some(Duration::ZERO)),
        };
        ret.give_bool(passed);
        if coroutine::engine().is_some_and(coroutine::Engine::is_aborted) {
            return Err(crate::zend::Thrown::Bailout);
        }
        return crate::zend::error::check();
    }
    ret.give_bool(cell.wait(timeout));
    Ok(())
}

/// A thread of the pool sits in the futex while the coroutine is suspended: the wake-up may come from any
/// process.
fn wait_suspended(cell: Arc<Atomic32>, timeout: Option<Duration>) -> bool {
    let gone = Arc::new(AtomicBool::new(false));
    let work = {
        let gone = Arc::clone(&gone);
        move || {
            let end = timeout.and_then(|time| std::time::Instant::now().checked_add(time));
            loop {
                let left = end.map(|end| end.saturating_duration_since(std::time::Instant::now()));
                if gone.load(Ordering::Acquire) || left.is_some_and(|left| left.is_zero()) {
                    return false;
                }
                // Woken, whether or not another waiter was faster: the wait is over.
                let slice = left.map_or(SLICE, |left| left.min(SLICE));
                if let Some(passed) = memory::gate_look(cell.word(), Some(slice)) {
                    return passed;
                }
            }
        }
    };
    let result = coroutine::blocking_for(timeout.map(|time| time.saturating_add(SLICE)), work);
    gone.store(true, Ordering::Release);
    result.unwrap_or(false)
}

#[inline]
pub fn wakeup(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let count = call.args(0, 1)?.opt_long()?.unwrap_or(1);
    // A negative count is a large one to the kernel.
    make(state(call))?.wakeup(count as u32);
    ret.give_bool(true);
    Ok(())
}
