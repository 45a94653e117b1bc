//! Swoole\Atomic\Long.

use std::cell::{Cell, OnceCell};
use std::sync::atomic::{AtomicI64, Ordering};

use memory::Atomic64;

use crate::php::error::no_memory;
use crate::zend::{Call, ClassEntry, ClassState, Handlers, PhpResult, Zval, ZvalExt, class_state, state_of};

#[derive(Default)]
pub struct State {
    cell: OnceCell<Atomic64>,
    /// The cell's word; null before there is one.
    word: Cell<Option<&'static AtomicI64>>,
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
fn word(call: &Call) -> PhpResult<&'static AtomicI64> {
    // SAFETY: the handlers of this class and its children only.
    let state = unsafe { state_of::<State>(call.this()) };
    match state.word.get() {
        Some(word) => Ok(word),
        None => make(state),
    }
}

/// In the constructor, or on the spot for an object whose constructor was skipped.
#[cold]
fn make(state: &'static State) -> PhpResult<&'static AtomicI64> {
    let word = match state.cell.get() {
        Some(cell) => cell.word(),
        None => {
            let cell = Atomic64::new(0).map_err(no_memory)?;
            state.cell.get_or_init(|| cell).word()
        }
    };
    state.word.set(Some(word));
    Ok(word)
}

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let value = call.args(0, 1)?.opt_long()?.unwrap_or(0);
    word(call)?.store(value, Ordering::SeqCst);
    Ok(())
}

#[inline]
pub fn add(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let by = call.args(0, 1)?.opt_long()?.unwrap_or(1);
    ret.give_long(word(call)?.fetch_add(by, Ordering::SeqCst).wrapping_add(by));
    Ok(())
}

#[inline]
pub fn sub(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let by = call.args(0, 1)?.opt_long()?.unwrap_or(1);
    ret.give_long(word(call)?.fetch_sub(by, Ordering::SeqCst).wrapping_sub(by));
    Ok(())
}

#[inline]
pub fn get(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    ret.give_long(word(call)?.load(Ordering::SeqCst));
    Ok(())
}

#[inline]
pub fn set(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let value = call.args(1, 1)?.long()?;
    word(call)?.store(value, Ordering::SeqCst);
    Ok(())
}

#[inline]
pub fn cmpset(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let (from, to) = (args.long()?, args.long()?);
    ret.give_bool(word(call)?.compare_exchange(from, to, Ordering::SeqCst, Ordering::SeqCst).is_ok());
    Ok(())
}
