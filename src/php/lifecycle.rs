//! From MINIT to MSHUTDOWN: how the engine starts, how the script's end waits for the loop.

use std::cell::Cell;
use std::time::{Duration, Instant};

use coroutine::{Engine, engine};

use crate::php::{code, coroutine as co, event, exit_exception, signal, timer};
use crate::zend::host::{self, Hooks};
use crate::zend::{Thrown, sys};

thread_local! {
    /// The function that runs the loop at the script's end is registered once a request.
    static AT_SHUTDOWN: Cell<bool> = const { Cell::new(false) };
    static IS_CLI: Cell<bool> = const { Cell::new(false) };
}

const HOOKS: Hooks = Hooks {
    timer: timer::fire,
    posted: |_token| {},
    signal: signal::arrived,
    deferred: event::run_deferred,
    has_deferred: event::has_deferred,
    defer_wake: event::defer_wake,
    cycle: event::run_after,
    before_wait: event::run_before,
    busy: || signal::keeps_loop() || co::wait::keeps_loop() || co::options::not_to_exit(),
    raise: co::raise,
};

pub fn module_start() -> bool {
    crate::runtime::report_by(crate::runtime::Reports {
        // No exception: the caller may be a library that goes on for a while.
        busy: |fd, interest, holder| {
            // SAFETY: reads the running frame of PHP's own thread. PDO makes an exception of the failure.
            if !unsafe { sys::swrs_in_pdo() } {
                crate::zend::error::warning(&co::socket::busy_text(i64::from(fd), interest, holder));
            }
        },
        canceled: || code::set_last(code::Code::CO_CANCELED),
        switched: |flags| {
            crate::php::sockets::hook::switch(flags.any(::runtime::HookFlags::SOCKETS));
            crate::php::process_functions::switch(flags.any(::runtime::HookFlags::PROC));
            crate::php::stream_functions::switch(flags.any(::runtime::HookFlags::STREAM_FUNCTION));
        },
        blocked: crate::php::blocking::blocked,
        // SAFETY: reads the running frame of PHP's own thread.
        rewriting: || usize::try_from(unsafe { sys::swrs_rewriting() }).ok(),
    });
    // SAFETY: module start, on PHP's only thread; static tables.
    unsafe { sys::swrs_register_streams() };
    crate::zend::sockets::register(&crate::runtime::TCP_WAITS);
    if let Err(message) = host::startup(HOOKS) {
        eprintln!("swoole: {message}");
        return false;
    }
    // SAFETY: a static C string of the running SAPI.
    let sapi = unsafe { std::ffi::CStr::from_ptr(sys::swrs_sapi_name()) };
    IS_CLI.set(matches!(sapi.to_bytes(), b"cli" | b"phpdbg" | b"embed" | b"micro"));
    exit_exception::start();
    crate::zend::watch::prepare();
    crate::php::tracer::start();
    true
}

/// How long the module's end waits for pool operations that nobody waits for any more.
pub const LAST_OPERATIONS: Duration = Duration::from_secs(1);

pub fn module_end() -> bool {
    if reactor::pool::Background::started() {
        reactor::pool::Background::shutdown(Instant::now() + LAST_OPERATIONS);
    }
    true
}

/// Whether coroutines, servers and processes may be used: only under the CLI.
pub fn is_cli() -> bool {
    IS_CLI.get()
}

pub fn request_start() -> bool {
    if let Some(engine) = engine() {
        engine.new_request();
    }
    AT_SHUTDOWN.set(false);
    // Here and not at the request's end: objects that are freed last still write to its log.
    crate::php::settings::reset();
    host::activate();
    crate::php::blocking::start();
    crate::php::tracer::request_start();
    true
}

pub fn request_end() -> bool {
    crate::php::tracer::request_end();
    crate::php::name_resolver::functions::forget();
    crate::php::server::life::request_end();
    co::preempt::stop();
    crate::runtime::deactivate();
    crate::php::blocking::forget();
    crate::php::redis::server::forget_handlers();
    crate::php::process::pool::forget();
    if let Some(engine) = engine() {
        // Whatever still waits never runs again: its objects are PHP's to free with the request's memory.
        if engine.live() > 0 {
            engine.abort();
            engine.forget_all();
        }
    }
    timer::forget();
    event::forget();
    signal::forget();
    co::options::forget();
    true
}

/// The engine, with the loop promised for the script's end. Every way into the engine goes through here.
#[inline]
pub fn loop_engine() -> &'static Engine {
    let Some(engine) = engine() else {
        // INVARIANT: module_start installed it on PHP's only thread.
        unreachable!("no engine on this thread")
    };
    if !engine.promise() {
        open_loop();
    }
    engine
}

#[cold]
fn open_loop() {
    if !is_cli() {
        crate::php::report::fatal(crate::zend::error::E_ERROR, "async-io must be used in PHP CLI mode");
        return;
    }
    if let Some(engine) = engine() {
        // A shutdown function after a fatal error may still use coroutines.
        engine.recover();
        engine.watch_overflow();
    }
    if !AT_SHUTDOWN.replace(true) {
        // SAFETY: a function of ours, registered by now; a request is under way.
        unsafe { sys::swrs_at_shutdown(c"swoole_event_rshutdown".as_ptr(), std::ptr::null_mut()) };
    }
    super::fork::watch();
    co::options::loop_opened();
}

/// The function that runs the loop at the script's end has its turn: who uses the loop later registers it again.
pub fn shutdown_ran() {
    AT_SHUTDOWN.set(false);
}

/// Whether something has used the loop since it last ran to its end.
pub fn is_loop_in_use() -> bool {
    engine().is_some_and(Engine::is_promised)
}

/// In a forked child: the loop and everything in it is the parent's.
pub fn after_fork() {
    if let Some(engine) = engine() {
        engine.after_fork();
    }
    reactor::pool::Background::forget();
    timer::after_fork();
    event::after_fork();
    signal::forget();
    co::wait::forget();
    co::preempt::after_fork();
    host::forget_random();
}

/// Runs the loop to its end, and tells of coroutines that nobody can wake any more.
///
/// # Errors
/// When a coroutine aborted the request.
pub fn run_loop() -> Result<(), Thrown> {
    let Some(engine) = engine() else { return Ok(()) };
    if host::is_fatal() || engine.is_aborted() {
        return Ok(());
    }
    engine.run().map_err(Thrown::from)?;
    if engine.is_looping() {
        return Ok(());
    }
    close_loop();
    co::inspect::report_deadlock()
}

/// Whoever ran the loop has done so to its end.
pub fn close_loop() {
    let Some(engine) = engine() else { return };
    engine.end_promise();
    if event::take_exit() {
        // What is left in the loop is given up: nothing may wake it in a later run.
        event::forget();
        engine.end_loop();
    }
    timer::loop_ended();
    event::loop_ended();
    co::options::loop_closed();
}
