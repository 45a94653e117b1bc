//! The functions of the Swoole\Coroutine namespace: run, go, defer, batch, parallel, map.

use coroutine::SpawnError;

use crate::php::lifecycle::{loop_engine, run_loop};
use crate::zend::error::warning;
use crate::zend::{Call, PhpResult, Thrown, Zval, host};

/// `Swoole\Coroutine\run(callable, ...args)`: a scheduler with one task.
pub fn run(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, u32::MAX)?;
    let mut callable = args.callable()?;
    crate::runtime::configure_default();
    let engine = loop_engine();
    if engine.current().is_some() || engine.is_looping() {
        warning("eventLoop has already been created, unable to start Swoole\\Coroutine\\Scheduler");
        ret.set_bool(false);
        return Ok(());
    }
    let cache = *callable.cache();
    match host::spawn(callable.value(), cache, args.rest()) {
        Ok(_) => {}
        Err(SpawnError::Aborted(_)) => return Err(Thrown::Bailout),
        Err(error) => {
            warning(&error.to_string());
            ret.set_bool(false);
            return Ok(());
        }
    }
    run_loop()?;
    ret.set_bool(true);
    Ok(())
}
