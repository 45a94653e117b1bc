//! Swoole\Connection\Iterator: `$server->connections`.

use std::cell::Cell;

use crate::php::server::{info, running};
use crate::server::flag;
use crate::zend::error::{Builtin, throw_builtin};
use crate::zend::registration::ce;
use crate::zend::{Call, ClassEntry, ClassState, Handlers, PhpResult, Value, Zval, ZvalExt, class_state, new_object, state_of};

/// A walk over the connections of a server or of one port.
#[derive(Default)]
pub struct State {
    made: Cell<bool>,
    port: Cell<Option<usize>>,
    /// The connection the walk stands at; 0 before the first.
    at: Cell<i64>,
    /// [`State::at`] is behind us: the next look goes on after it.
    passed: Cell<bool>,
    index: Cell<i64>,
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

/// The iterator of all connections, or of one port's.
pub fn make(port: Option<usize>) -> Value {
    let object = new_object(ce::connection_iterator());
    if let Some(this) = object.as_zval().obj() {
        // SAFETY: made just above.
        let state = unsafe { state_of::<State>(this) };
        state.made.set(true);
        state.port.set(port);
    }
    object
}

fn state(call: &Call) -> &'static State {
    // SAFETY: the handlers of this class only.
    unsafe { state_of::<State>(call.this()) }
}

pub fn construct(_call: &mut Call, _ret: &mut Zval) -> PhpResult {
    Err(throw_builtin(Builtin::Error, "please use the Swoole\\Server->connections"))
}

pub fn destruct(_call: &mut Call, _ret: &mut Zval) -> PhpResult {
    Ok(())
}

pub fn rewind(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let state = state(call);
    state.at.set(0);
    state.passed.set(true);
    state.index.set(0);
    Ok(())
}

pub fn valid(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let state = state(call);
    let Some(server) = running() else {
        ret.set_bool(false);
        return Ok(());
    };
    let standing = !state.passed.get() && server.shared().is_some_and(|shared| shared.find(state.at.get()).is_some());
    if !standing {
        match info::list(&server, state.at.get(), 1, state.port.get()).first() {
            Some(id) => {
                state.at.set(*id);
                state.passed.set(false);
                state.index.set(state.index.get() + 1);
            }
            None => {
                ret.set_bool(false);
                return Ok(());
            }
        }
    }
    ret.set_bool(true);
    Ok(())
}

pub fn current(call: &mut Call, ret: &mut Zval) -> PhpResult {
    ret.set_long(state(call).at.get());
    Ok(())
}

pub fn next(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    state(call).passed.set(true);
    Ok(())
}

pub fn key(call: &mut Call, ret: &mut Zval) -> PhpResult {
    ret.set_long(state(call).index.get());
    Ok(())
}

pub fn count(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let state = state(call);
    let count = running().map_or(0, |server| match (state.port.get(), server.shared()) {
        (None, Some(shared)) => shared.connection_count(),
        (Some(port), Some(_)) => info::list(&server, 0, usize::MAX, Some(port)).len() as i64,
        _ => 0,
    });
    ret.set_long(count);
    Ok(())
}

pub fn offset_exists(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let id = call.args(1, 1)?.value()?.to_long();
    let found = running()
        .is_some_and(|server| server.shared().and_then(|shared| shared.find(id)).is_some_and(|slot| !slot.has(flag::CLOSING)));
    ret.set_bool(found);
    Ok(())
}

pub fn offset_get(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let id = call.args(1, 1)?.value()?.to_long();
    ret.set_bool(false);
    if let Some(info) = running().and_then(|server| info::client_info(&server, id)) {
        info.give(ret);
    }
    Ok(())
}

pub fn offset_set(_call: &mut Call, _ret: &mut Zval) -> PhpResult {
    Ok(())
}

pub fn offset_unset(_call: &mut Call, _ret: &mut Zval) -> PhpResult {
    Ok(())
}
