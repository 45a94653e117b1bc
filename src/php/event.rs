//! Swoole\Event and swoole_event_*.

use crate::php::lifecycle;
use crate::zend::{Call, PhpResult, Zval};

/// `swoole_event_wait()`: runs the loop until nothing is left to wait for.
pub fn wait(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    lifecycle::run_loop()
}

/// The last shutdown function of a script that used the loop.
pub fn rshutdown(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    if coroutine::engine().is_some_and(coroutine::Engine::is_aborted) {
        return Ok(());
    }
    lifecycle::run_loop()
}
