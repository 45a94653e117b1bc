//! Swoole\NameResolver\Context: what one caller of the resolvers asks for, and the nodes it has not tried yet.

use std::cell::{Cell, RefCell};

use crate::zend::{Call, ClassEntry, ClassState, GcBuffer, Handlers, PhpResult, Value, ZendObject, Zval, class_state, state_of};

pub struct State {
    pub(super) family: Cell<i32>,
    pub(super) with_port: Cell<bool>,
    pub(super) cluster: RefCell<Option<Value>>,
}

impl Default for State {
    fn default() -> Self {
        Self { family: Cell::new(libc::AF_INET), with_port: Cell::new(false), cluster: RefCell::new(None) }
    }
}

static HANDLERS: Handlers = Handlers::new();

impl ClassState for State {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }

    fn gc(&self, buffer: &mut GcBuffer) {
        if let Some(cluster) = self.cluster.borrow().as_ref() {
            buffer.add(cluster);
        }
    }
}

pub fn class_init(class: &mut ClassEntry) {
    class_state::<State>(class);
}

pub(super) fn state(object: &ZendObject) -> &'static State {
    // SAFETY: objects of this class and its children only.
    unsafe { state_of::<State>(object) }
}

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(0, 2)?;
    let family = args.opt_long()?.unwrap_or(i64::from(libc::AF_INET));
    let with_port = args.opt_bool()?.unwrap_or(false);
    let state = state(call.this());
    state.family.set(family as i32);
    state.with_port.set(with_port);
    Ok(())
}
