//! Swoole\Server\Task: a task as an object.

use std::cell::Cell;
use std::path::PathBuf;

use super::{pack, running, tasks};
use crate::log;
use crate::php::report;
use crate::server::task_queue::{self, FOLDER};
use crate::server::{Head, Kind, microtime};
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
    let object = new_object(ce::server_task());
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

thread_local! {
    /// Ids of tasks that were packed here.
    static NEXT: Cell<i64> = const { Cell::new(0) };
}

/// Where the files of long tasks are.
fn folder() -> PathBuf {
    PathBuf::from(running().map_or_else(|| FOLDER.to_owned(), |server| server.settings.borrow().task_tmpdir.clone()))
}

/// `Task::pack(mixed $data): string|false`
pub fn pack(call: &mut Call, ret: &mut Zval) -> PhpResult {
    ret.set_bool(false);
    let data = call.args(1, 1)?.value()?;
    if let Some(packed) = pack::pack(data) {
        let flags = packed.tag() | tasks::NO_REPLY;
        let id = NEXT.replace(NEXT.get() + 1);
        let head = Head { flags, id, time: microtime(), ..Head::new(Kind::Task, usize::from(u16::MAX)) };
        match task_queue::pack(&head, packed.bytes(), &folder()) {
            Ok(bytes) => ret.set_bytes(&bytes),
            Err(error) => log::warning("Task::pack", None, &error.to_string()),
        }
    }
    super::dispatch::check()
}

/// `Task::unpack(string $data): mixed`
pub fn unpack(call: &mut Call, ret: &mut Zval) -> PhpResult {
    ret.set_bool(false);
    let bytes = call.args(1, 1)?.bytes()?;
    if let Some((head, payload)) = task_queue::decode(bytes, &folder())
        && let Some(value) = pack::unpack(head.flags, &payload)
    {
        value.give(ret);
    }
    super::dispatch::check()
}
