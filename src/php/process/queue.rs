//! Message queues of a process.

use std::ffi::CString;

use super::{QUEUE_ID, QUEUE_KEY, State, prop, state_of_this};
use crate::php::code::{Code, set_last};
use crate::php::report;
use crate::process::queue::{MESSAGE_MAX, Queue};
use crate::zend::error::E_WARNING;
use crate::zend::{Call, PhpResult, Value, Zval, ZvalExt, host};

/// `SWOOLE_MSGQUEUE_BALANCE`: whoever comes first takes a message; else each process has its own.
pub(super) const BALANCE: i64 = 2;
/// `Process::IPC_NOWAIT`.
const NO_WAIT: i64 = 256;

fn failed(ret: &mut Zval, error: &std::io::Error) {
    set_last(Code(error.raw_os_error().unwrap_or(0)));
    ret.set_bool(false);
}

/// The script's own key (ftok(3)).
fn key_of_script() -> i32 {
    let path = CString::new(host::executed_file()).unwrap_or_default();
    // SAFETY: a C string.
    unsafe { libc::ftok(path.as_ptr(), 1) }
}

/// `useQueue(int $key = 0, int $mode = SWOOLE_MSGQUEUE_BALANCE, int $capacity = -1): bool`
pub fn use_queue(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(0, 3)?;
    let key = args.opt_long()?.unwrap_or(0);
    let mode = args.opt_long()?.unwrap_or(BALANCE);
    let capacity = args.opt_long()?.unwrap_or(-1);
    let state = state_of_this(call)?;
    let key = if key <= 0 { key_of_script() } else { key as i32 };
    match Queue::open(key, mode & NO_WAIT == 0) {
        Ok(queue) => {
            if capacity > 0 {
                // More than the system allows: it stays as large as it is.
                let _ = queue.set_capacity(capacity as u64);
            }
            prop(call.this(), QUEUE_ID, i64::from(queue.id()));
            prop(call.this(), QUEUE_KEY, i64::from(key));
            state.queue.replace(Some(queue));
            state.queue_mode.set(mode & !NO_WAIT);
            ret.set_bool(true);
        }
        Err(error) => failed(ret, &error),
    }
    Ok(())
}

/// Works on the queue; without one, false and a warning.
fn with_queue(state: &State, ret: &mut Zval, missing: &str, work: impl FnOnce(&Queue, &mut Zval)) {
    match state.queue.borrow().as_ref() {
        Some(queue) => return work(queue, ret),
        None => ret.set_bool(false),
    }
    report::fatal(E_WARNING, missing);
}

/// `statQueue(): array|false`
pub fn stat_queue(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    with_queue(state_of_this(call)?, ret, "no queue, can't get stats of the queue", |queue, ret| match queue.stat() {
        Ok(stat) => {
            let mut result = Value::array(2);
            let mut array = result.array_mut();
            array.set("queue_num", Value::long(stat.messages as i64));
            array.set("queue_bytes", Value::long(stat.bytes as i64));
            result.give(ret);
        }
        Err(error) => failed(ret, &error),
    });
    Ok(())
}

/// `freeQueue(): bool`: removes it from the system.
pub fn free_queue(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let state = state_of_this(call)?;
    let done = state.queue.borrow().as_ref().is_some_and(|queue| queue.destroy().is_ok());
    if done {
        state.queue.take();
    }
    ret.set_bool(done);
    Ok(())
}

/// `push(string $data): bool`
pub fn push(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let data = call.args(1, 1)?.bytes()?;
    let problem = match data.len() {
        0 => Some("the data to push is empty"),
        MESSAGE_MAX.. => Some("the data to push is too big"),
        _ => None,
    };
    if let Some(problem) = problem {
        ret.set_bool(false);
        report::fatal(E_WARNING, problem);
        return Ok(());
    }
    let state = state_of_this(call)?;
    let kind = state.id.get() + 1;
    with_queue(state, ret, "no msgqueue, cannot use push()", |queue, ret| match queue.push(kind, data) {
        Ok(()) => ret.set_bool(true),
        Err(error) => failed(ret, &error),
    });
    Ok(())
}

/// `pop(int $size = 65536): string|false`
pub fn pop(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let size = call.args(0, 1)?.opt_long()?.unwrap_or(0);
    let size = if size <= 0 { MESSAGE_MAX } else { size as usize };
    let state = state_of_this(call)?;
    let kind = if state.queue_mode.get() == BALANCE { 0 } else { state.id.get() + 1 };
    with_queue(state, ret, "no msgqueue, cannot use pop()", |queue, ret| match queue.pop(kind, size) {
        Ok(message) => ret.set_bytes(&message),
        Err(error) => failed(ret, &error),
    });
    Ok(())
}
