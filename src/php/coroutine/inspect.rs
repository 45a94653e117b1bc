//! What a script can learn about coroutines: traces, statistics, lists, and the report of a deadlock.

use coroutine::{Co, engine};
use reactor::pool::Background;

use super::{iterator, options};
use crate::php::callback;
use crate::php::code::{Code, set_last};
use crate::php::signal;
use crate::zend::registration::ce;
use crate::zend::{Call, PhpResult, Thrown, Value, ZStr, Zval, ZvalExt, guarded, host, new_object, sys};

/// `DEBUG_BACKTRACE_PROVIDE_OBJECT` and `DEBUG_BACKTRACE_IGNORE_ARGS`.
const PROVIDE_OBJECT: i64 = 1;
const IGNORE_ARGS: i64 = 2;
/// `SWOOLE_DEFAULT_…`: traces in a deadlock's report, and frames in each.
const REPORT_LIMIT: i64 = 32;

/// A coroutine by id; 0 is the current one.
fn find(id: i64) -> Option<&'static Co> {
    let engine = engine()?;
    if id == 0 { engine.current() } else { engine.find(id) }
}

/// `Coroutine::getPcid(int $cid = 0): int|false`
pub fn get_pcid(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let id = call.args(0, 1)?.opt_long()?.unwrap_or(0);
    match find(id) {
        Some(co) => ret.set_long(co.parent()),
        None => ret.set_bool(false),
    }
    Ok(())
}

/// `Coroutine::getContext(int $cid = 0): ?Context`
pub fn get_context(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let id = call.args(0, 1)?.opt_long()?.unwrap_or(0);
    let Some(co) = find(id) else {
        set_last(Code::CO_NOT_EXISTS);
        return Ok(());
    };
    let slot = host::context_slot(co);
    if slot.is_false() {
        crate::php::report::fatal(crate::zend::error::E_WARNING, "The context of coroutine has been destroyed");
        return Ok(());
    }
    if slot.is_undef() {
        let context = new_object(ce::coroutine_context());
        crate::zend::error::check()?;
        // SAFETY: the slot holds nothing; it owns the object from here on.
        unsafe { std::ptr::write(slot, context.into_zval()) };
    }
    Value::copy_of(slot).give(ret);
    Ok(())
}

/// `Coroutine::getElapsed(int $cid = 0): int`: milliseconds since it was made; -1 for nobody.
pub fn get_elapsed(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let id = call.args(0, 1)?.opt_long()?.unwrap_or(0);
    ret.set_long(find(id).map_or(-1, |co| co.elapsed_ms() as i64));
    Ok(())
}

/// `Coroutine::getStackUsage(int $cid = 0): int|false`: bytes of VM stack.
pub fn get_stack_usage(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let id = call.args(0, 1)?.opt_long()?.unwrap_or(0);
    if id == 0 || coroutine::current() == Some(id) {
        ret.set_long(host::vm_memory(None) as i64);
        return Ok(());
    }
    match find(id) {
        Some(co) => ret.set_long(host::vm_memory(Some(co)) as i64),
        None => {
            set_last(Code::CO_NOT_EXISTS);
            ret.set_bool(false);
        }
    }
    Ok(())
}

/// The trace of a suspended coroutine, or with `None` of the caller.
fn trace(co: Option<&Co>, skip_last: bool, options: i64, limit: i64) -> Value {
    let mut trace = Value::null();
    let frame = co.map_or(std::ptr::null_mut(), host::frame_of);
    // SAFETY: a suspended coroutine's frame lives until it is resumed; `trace` is an empty slot.
    unsafe { sys::swrs_backtrace(frame, trace.as_mut(), i32::from(skip_last), options, limit) };
    trace
}

/// The caller's trace as PHP prints it.
pub(crate) fn own_trace_text() -> String {
    let trace = trace(None, false, IGNORE_ARGS, 0);
    if trace.as_zval().is_array() { String::from_utf8_lossy(&text_of(&trace)).into_owned() } else { String::new() }
}

fn traced(id: i64) -> Result<Option<&'static Co>, ()> {
    if id == 0 || coroutine::current() == Some(id) {
        return Ok(None);
    }
    match find(id) {
        Some(co) => Ok(Some(co)),
        None => {
            set_last(Code::CO_NOT_EXISTS);
            Err(())
        }
    }
}

/// `Coroutine::getBackTrace(int $cid = 0, int $options = …, int $limit = 0): array|false`
pub fn get_back_trace(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(0, 3)?;
    let id = args.opt_long()?.unwrap_or(0);
    let options = args.opt_long()?.unwrap_or(PROVIDE_OBJECT);
    let limit = args.opt_long()?.unwrap_or(0);
    match traced(id) {
        Ok(co) => trace(co, false, options, limit).give(ret),
        Err(()) => ret.set_bool(false),
    }
    Ok(())
}

/// `Coroutine::printBackTrace(int $cid = 0, int $options = 0, int $limit = 0): void`
pub fn print_back_trace(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(0, 3)?;
    let id = args.opt_long()?.unwrap_or(0);
    let options = args.opt_long()?.unwrap_or(0);
    let limit = args.opt_long()?.unwrap_or(0);
    match traced(id) {
        Ok(co) => print(&trace(co, co.is_none(), options, limit)),
        Err(()) => ret.set_bool(false),
    }
    Ok(())
}

fn text_of(trace: &Value) -> ZStr {
    // SAFETY: a trace is an array.
    let table = unsafe { trace.as_zval().value.arr };
    // SAFETY: a live table; the text's reference is ours.
    unsafe { ZStr::from_raw(sys::swrs_trace_to_string(table)) }
}

fn print(trace: &Value) {
    write(&text_of(trace));
}

fn write(text: &[u8]) {
    // SAFETY: the output layer copies the text.
    unsafe { sys::swrs_write(text.as_ptr(), text.len()) };
}

/// `Coroutine::stats(): array`
pub fn stats(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let Some(engine) = engine() else { return Ok(()) };
    let events = if engine.has_reactor() { engine.reactor().map_or(0, reactor::Reactor::fd_count) } else { 0 };
    let pool = Background::started().then(Background::current);
    let (tasks, threads, queued) = pool.map_or((0, 0, 0), |pool| (pool.outstanding(), pool.threads(), pool.queued()));
    let rows = [
        ("event_num", events),
        ("signal_listener_num", signal::count()),
        ("aio_task_num", tasks),
        ("aio_worker_num", threads),
        ("aio_queue_size", queued),
        ("c_stack_size", engine.stacks().stack_size()),
        ("coroutine_num", engine.live()),
        ("coroutine_peak_num", engine.peak()),
        ("coroutine_last_cid", engine.last_id() as usize),
    ];
    let mut stats = Value::array(rows.len() as u32);
    let mut array = stats.array_mut();
    for (name, value) in rows {
        array.set(name, Value::long(value as i64));
    }
    stats.give(ret);
    Ok(())
}

/// Ids of the live coroutines, newest first.
fn ids() -> Vec<i64> {
    let mut ids = engine().map(coroutine::Engine::ids).unwrap_or_default();
    ids.reverse();
    ids
}

/// `Coroutine::list(): Iterator`
pub fn list(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    iterator::make(ce::coroutine_iterator(), &ids())?.give(ret);
    Ok(())
}

/// The loop has ended: tells of coroutines that still wait, with what each waits in.
///
/// # Errors
/// When the output layer ended the request.
pub fn report_deadlock() -> PhpResult {
    let waiting = engine().is_some_and(|engine| engine.live() > 0 && !engine.is_aborted());
    if !waiting || !options::checks_deadlock() {
        return Ok(());
    }
    let ended = guarded(print_deadlock);
    if callback_ended(ended) { Err(Thrown::Bailout) } else { Ok(()) }
}

fn callback_ended(ended: crate::zend::Ended) -> bool {
    callback::finish(ended);
    engine().is_some_and(coroutine::Engine::is_aborted)
}

fn print_deadlock() {
    let count = engine().map_or(0, coroutine::Engine::live);
    let width = 64 + count.to_string().len();
    let (thick, thin) = ("=".repeat(width), "-".repeat(width));
    write(format!("\n {thick}\n  [FATAL ERROR]: all coroutines (count: {count}) are asleep - deadlock!\n {thick}\n").as_bytes());
    if !options::option("deadlock_check_disable_trace").is_some_and(|on| on.as_zval().to_bool()) {
        let number =
            |name| options::option(name).map(|value| value.as_zval().to_long()).filter(|n| *n != 0).unwrap_or(REPORT_LIMIT);
        let (limit, depth) = (number("deadlock_check_limit"), number("deadlock_check_depth"));
        for id in ids().into_iter().take(limit.max(1) as usize) {
            write(format!("\n  [Coroutine-{id}]\n {thin}\n").as_bytes());
            if let Ok(co) = traced(id) {
                print(&trace(co, false, IGNORE_ARGS, depth));
            }
        }
    }
    write(format!("\n {thick}\n").as_bytes());
}

/// `Swoole\Coroutine\deadlock_check()`
pub fn deadlock_check(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    print_deadlock();
    Ok(())
}
