//! Swoole\Coroutine.

pub mod barrier;
pub mod channel;
pub mod client;
pub mod dns;
pub mod fastcgi;
pub mod files;
pub mod functions;
pub mod http;
pub mod http2;
pub mod inspect;
pub mod iterator;
pub mod link;
pub mod lock;
pub mod mysql;
pub mod options;
pub mod postgresql;
pub mod postgresql_statement;
pub mod preempt;
pub mod redis;
pub mod scheduler;
pub mod server;
pub mod socket;
pub mod system;
pub mod wait;
pub mod wait_group;

use std::time::{Duration, Instant};

use coroutine::{Cancel, Raise, SpawnError, Task, Wake, engine};

use crate::php::code::{Code, set_last};
use crate::php::lifecycle::{is_loop_in_use, loop_engine};
use crate::php::report;
use crate::zend::error::{E_ERROR, E_WARNING, check, throw};
use crate::zend::registration::ce;
use crate::zend::{Call, PhpResult, Thrown, Zval, ZvalExt, host};

/// A time-out argument in seconds: negative (and absurdly long) means for ever.
pub fn timeout(seconds: f64) -> Option<Duration> {
    if seconds < 0.0 || seconds.is_nan() { None } else { Duration::try_from_secs_f64(seconds).ok() }
}

/// `Coroutine::create(callable, ...args): int|false`
pub fn create(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, u32::MAX)?;
    let mut callable = args.callable()?;
    if !is_loop_in_use() && host::in_destructor_at_end() {
        report::fatal(E_ERROR, "can not use coroutine in __destruct after php_request_shutdown");
    }
    loop_engine();
    let spawned = match call.raw_arg(0) {
        Some(slot) if slot.is_object() => host::spawn_argument(slot, callable.cache(), args.rest()),
        _ => {
            let cache = *callable.cache();
            host::spawn(callable.value(), cache, args.rest())
        }
    };
    match spawned {
        Ok(id) => ret.set_long(id),
        Err(error) => {
            ret.set_bool(false);
            return not_spawned(&error);
        }
    }
    Ok(())
}

/// Warns that a coroutine could not be made, or goes on aborting.
#[cold]
pub(crate) fn not_spawned(error: &SpawnError) -> PhpResult {
    match error {
        SpawnError::Aborted(_) => return Err(Thrown::Bailout),
        error => crate::php::callback::refused(error),
    }
    if engine().is_some_and(coroutine::Engine::is_aborted) { Err(Thrown::Bailout) } else { check() }
}

/// `Coroutine::yield(): bool`
#[inline(always)]
pub fn r#yield(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let engine = require_coroutine()?;
    let wake = engine.suspend(Task::Yield);
    if wake == Wake::Canceled {
        set_last(Code::CO_CANCELED);
        ret.set_bool(false);
        return check();
    }
    ret.set_bool(true);
    check()
}

/// The engine; the loop is promised only when there is somebody to go on with.
#[inline(always)]
fn engine_of(id: i64) -> &'static coroutine::Engine {
    match engine() {
        Some(engine) if engine.is_promised() || engine.find(id).is_none() => engine,
        _ => loop_engine(),
    }
}

/// `Coroutine::resume(int $cid): bool`
#[inline(always)]
pub fn resume(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let id = call.args(1, 1)?.long()?;
    let resumed = engine_of(id).resume_yielding(id)?;
    if !resumed {
        ret.set_bool(false);
        report::fatal(E_WARNING, "can not resume the coroutine which is in IO operation or non-existent");
    }
    ret.set_bool(resumed);
    Ok(())
}

/// `Coroutine::cancel(int $cid, bool $throw_exception = false): bool`
pub fn cancel(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let id = args.long()?;
    let raise = args.opt_bool()?.unwrap_or(false).then_some(Raise::Canceled);
    let result = engine_of(id).end_wait(id, raise)?;
    match result {
        Cancel::Done | Cancel::Later => {}
        Cancel::Refused => set_last(Code::CO_CANNOT_CANCEL),
        Cancel::Twice => set_last(Code::CO_CANCELED),
        Cancel::NotFound => set_last(Code::CO_NOT_EXISTS),
    }
    ret.set_bool(matches!(result, Cancel::Done | Cancel::Later));
    check()
}

/// A wait has ended that is to go on with an exception.
pub fn raise(what: Raise) {
    if crate::zend::error::pending() {
        return;
    }
    let class = match what {
        Raise::Canceled => {
            set_last(Code::CO_CANCELED);
            ce::coroutine_canceled_exception()
        }
        Raise::TimedOut => ce::coroutine_timeout_exception(),
    };
    throw(class, 0, "");
}

/// `Coroutine::isCanceled(): bool`: whether the last wait ended by a cancel.
pub fn is_canceled(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    ret.set_bool(require_coroutine()?.current().is_some_and(coroutine::Co::is_canceled));
    Ok(())
}

/// `Coroutine::setTimeLimit(float $timeout): bool`
pub fn set_time_limit(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let seconds = call.args(1, 1)?.double()?;
    let engine = require_coroutine()?;
    let (Some(id), true) = (engine.current_id(), seconds > 0.0) else {
        ret.set_bool(false);
        return Ok(());
    };
    let deadline = Instant::now() + timeout(seconds).unwrap_or(Duration::from_secs(86_400 * 365));
    let made = engine.call_at(deadline, move || {
        if let Some(engine) = coroutine::engine() {
            // An abort is left in the engine.
            let _ = engine.end_wait(id, Some(Raise::TimedOut));
        }
    });
    ret.set_bool(made.is_ok());
    Ok(())
}

/// `Coroutine::join(array $cid_array, float $timeout = -1): bool`
pub fn join(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let list = args.array()?;
    let limit = args.opt_double()?.unwrap_or(-1.0);
    let engine = require_coroutine()?;
    ret.set_bool(false);
    let mut ids = Vec::with_capacity(list.len());
    list.each(|_, value| {
        ids.push(value.to_long());
        true
    });
    if ids.contains(&engine.current_id().unwrap_or(-1)) {
        report::with_code(E_WARNING, Code::WRONG_OPERATION, "can not join self");
        return Ok(());
    }
    ids.retain(|id| engine.find(*id).is_some());
    if ids.is_empty() {
        set_last(Code::INVALID_PARAMS);
        return Ok(());
    }
    let mut sorted = ids.clone();
    sorted.sort_unstable();
    let twice = sorted.windows(2).any(|pair| pair[0] == pair[1]);
    if twice || ids.iter().any(|id| engine.find(*id).is_some_and(coroutine::Co::is_joined)) {
        set_last(Code::WRONG_OPERATION);
        return Ok(());
    }
    let deadline = timeout(limit).filter(|limit| !limit.is_zero()).map(|limit| Instant::now() + limit);
    for id in ids {
        let Some(wait) = engine.next_wait().filter(|_| engine.join(id)) else { continue };
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let wake = coroutine::suspend_for(left, Task::Wait);
        if wake != Wake::Resumed {
            engine.unjoin(id, wait);
            set_last(if wake == Wake::Timeout { Code::CO_TIMEDOUT } else { Code::CO_CANCELED });
            return check();
        }
    }
    ret.set_bool(true);
    check()
}

/// `Coroutine::getCid(): int`
pub fn get_cid(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    ret.set_long(coroutine::current().unwrap_or(-1));
    Ok(())
}

/// `Coroutine::exists(int $cid): bool`
pub fn exists(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let id = call.args(1, 1)?.long()?;
    ret.set_bool(engine().is_some_and(|engine| engine.find(id).is_some()));
    Ok(())
}

/// `Coroutine::defer(callable $callback): void`
pub fn defer(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let callable = call.args(1, 1)?.callable()?;
    require_coroutine()?;
    host::defer(callable.keep());
    Ok(())
}

/// `Coroutine::sleep(float $seconds): bool`
pub fn sleep(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let seconds = call.args(1, 1)?.double()?;
    if seconds < 0.001 {
        ret.set_bool(false);
        report::fatal(E_WARNING, "Timer must be greater than or equal to 0.001");
        return Ok(());
    }
    require_coroutine()?;
    let wake = coroutine::sleep(timeout(seconds).unwrap_or(Duration::MAX));
    check()?;
    if wake != Wake::Timeout {
        set_last(Code::CO_CANCELED);
    }
    ret.set_bool(wake == Wake::Timeout);
    Ok(())
}

/// The engine, when the caller is in a coroutine; else Swoole's fatal error.
///
/// # Errors
/// Outside coroutines.
pub fn require_coroutine() -> PhpResult<&'static coroutine::Engine> {
    match engine() {
        Some(engine) if engine.current().is_some() => Ok(engine),
        _ => Err(crate::php::error::fatal_outside_coroutine()),
    }
}
