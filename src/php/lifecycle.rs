//! From MINIT to MSHUTDOWN: how the engine starts, how the script's end waits for the loop.

use coroutine::{Engine, engine};

use crate::zend::host::{self, Hooks};
use crate::zend::{Thrown, sys};

const HOOKS: Hooks = Hooks {
    timer: |_token| {},
    posted: |_token| {},
    signal: |signo, _info| {
        crate::php::server::start::signal(signo);
    },
    deferred: || {},
    has_deferred: || false,
    cycle: || {},
    busy: || false,
    raise_canceled: || {},
};

pub fn module_start() -> bool {
    match host::startup(HOOKS) {
        Ok(()) => true,
        Err(message) => {
            eprintln!("swoole: {message}");
            false
        }
    }
}

pub fn request_start() -> bool {
    if let Some(engine) = engine() {
        engine.new_request();
    }
    host::activate();
    true
}

pub fn request_end() -> bool {
    crate::runtime::deactivate();
    if let Some(engine) = engine() {
        // Whatever still waits never runs again: its objects are PHP's to free with the request's memory.
        if engine.live() > 0 {
            engine.abort();
            engine.forget_all();
        }
    }
    true
}

/// The engine, with the loop promised for the script's end. Every way into the engine goes through here.
pub fn loop_engine() -> &'static Engine {
    let Some(engine) = engine() else {
        // INVARIANT: module_start installed it on PHP's only thread.
        unreachable!("no engine on this thread")
    };
    if !engine.promise() {
        crate::runtime::activate();
        // SAFETY: a function of ours, registered by now; a request is under way.
        unsafe { sys::swrs_at_shutdown(c"swoole_event_rshutdown".as_ptr(), std::ptr::null_mut()) };
    }
    engine
}

/// Runs the loop to its end.
///
/// # Errors
/// When a coroutine aborted the request.
pub fn run_loop() -> Result<(), Thrown> {
    loop_engine().run().map_err(Thrown::from)
}
