//! Swoole\Server\Task: a task as an object.

use std::cell::Cell;

use super::{pack, running, tasks};
use crate::php::report;
use crate::server::{HEAD, Head, Kind, microtime};
use crate::zend::error::E_WARNING;
use crate::zend::registration::ce;
use crate::zend::{
    Call, ClassEntry, ClassState, Handlers, ObjectExt, PhpResult, Value, Zval, ZvalExt, class_state, new_object, state_of,
};

#[derive(Default)]
pub struct State(Cell<Option<Head>>);

static HANDLERS: Handlers = Handlers::new();

impl ClassState for State {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }
}

pub fn class_init(class: &mut ClassEntry) {
    class_state::<State>(class);
}

/// The object of a task that has come in.
pub fn make(head: &Head, data: Value) -> Value {
    let object = new_object(std::ptr::from_ref(ce::server_task()).cast_mut());
    if let Some(this) = object.as_zval().obj() {
        // SAFETY: made just above.
        unsafe { state_of::<State>(this) }.0.set(Some(*head));
        this.slot(0).assign(data);
        this.slot(1).set_double(head.time);
        this.slot(2).set_long(head.id);
        // A task of the manager or the master has no worker to go back to.
        this.slot(3).set_long(if head.from == u16::MAX { 0 } else { i64::from(head.from) });
        this.slot(4).set_long(tasks::script_flags(head.flags));
    }
    object
}

/// `Task::finish(mixed $data): bool`
pub fn finish(call: &mut Call, ret: &mut Zval) -> PhpResult {
    ret.set_bool(false);
    let data = call.args(1, 1)?.value()?;
    // SAFETY: the handlers of this class only.
    let head = unsafe { state_of::<State>(call.this()) }.0.get();
    match (running(), head) {
        (Some(server), Some(head)) => {
            ret.set_bool(tasks::reply(&server, &head, data));
        }
        _ => report::fatal(E_WARNING, "Invalid instance of Swoole\\Server\\Task"),
    }
    super::dispatch::check()
}

/// `Task::pack(mixed $data): string|false`
pub fn pack(call: &mut Call, ret: &mut Zval) -> PhpResult {
    ret.set_bool(false);
    let data = call.args(1, 1)?.value()?;
    if let Some(packed) = pack::pack(data) {
        let head =
            Head { flags: packed.tag() | tasks::NO_REPLY, time: microtime(), ..Head::new(Kind::Task, usize::from(u16::MAX)) };
        let mut bytes = head.encode(0, packed.bytes().len()).to_vec();
        bytes.extend_from_slice(packed.bytes());
        ret.set_bytes(&bytes);
    }
    super::dispatch::check()
}

/// `Task::unpack(string $data): mixed`
pub fn unpack(call: &mut Call, ret: &mut Zval) -> PhpResult {
    ret.set_bool(false);
    let bytes = call.args(1, 1)?.bytes()?;
    if let Some((head, _, length)) = Head::decode(bytes)
        && let Some(payload) = bytes.get(HEAD..).and_then(|rest| rest.get(..length))
        && let Some(value) = pack::unpack(head.flags, payload)
    {
        value.give(ret);
    }
    super::dispatch::check()
}
