//! Swoole\Coroutine.

pub mod channel;
pub mod client;
pub mod functions;
pub mod link;
pub mod scheduler;
pub mod server;
pub mod socket;

use std::time::Duration;

use coroutine::{SpawnError, Task, Wake};

use crate::php::lifecycle::loop_engine;
use crate::zend::error::warning;
use crate::zend::{Call, PhpResult, Thrown, Zval, host};

/// A time-out argument in seconds: negative (and absurdly long) means for ever.
pub fn timeout(seconds: f64) -> Option<Duration> {
    if seconds < 0.0 || seconds.is_nan() { None } else { Duration::try_from_secs_f64(seconds).ok() }
}

/// `Coroutine::create(callable, ...args): int|false`
pub fn create(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, u32::MAX)?;
    let mut callable = args.callable()?;
    loop_engine();
    let cache = *callable.cache();
    match host::spawn(callable.value(), cache, args.rest()) {
        Ok(id) => ret.set_long(id),
        Err(SpawnError::Aborted(_)) => return Err(Thrown::Bailout),
        Err(SpawnError::Limit(limit)) => {
            warning(&format!("exceed max number of coroutine {limit}"));
            ret.set_bool(false);
        }
        Err(SpawnError::Stack(error)) => {
            warning(&format!("cannot create a coroutine: {error}"));
            ret.set_bool(false);
        }
    }
    Ok(())
}

/// `Coroutine::yield(): bool`
pub fn r#yield(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let engine = require_coroutine()?;
    let wake = engine.suspend(Task::Yield);
    crate::zend::error::check()?;
    ret.set_bool(wake != Wake::Canceled);
    Ok(())
}

/// `Coroutine::resume(int $cid): bool`
pub fn resume(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let id = call.args(1, 1)?.long()?;
    let resumed = loop_engine().resume_yielding(id)?;
    if !resumed {
        warning("can not resume the coroutine which is in IO operation or non-existent");
    }
    ret.set_bool(resumed);
    Ok(())
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
    ret.set_bool(coroutine::engine().is_some_and(|engine| engine.find(id).is_some()));
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
        warning("Timer must be greater than or equal to 0.001");
        ret.set_bool(false);
        return Ok(());
    }
    require_coroutine()?;
    let wake = coroutine::sleep(timeout(seconds).unwrap_or(Duration::MAX));
    crate::zend::error::check()?;
    ret.set_bool(wake == Wake::Timeout);
    Ok(())
}

/// The engine, when the caller is in a coroutine; else Swoole's fatal error.
///
/// # Errors
/// Outside coroutines.
pub fn require_coroutine() -> PhpResult<&'static coroutine::Engine> {
    let engine = loop_engine();
    if engine.current().is_none() {
        return Err(crate::php::error::fatal_outside_coroutine());
    }
    Ok(engine)
}
