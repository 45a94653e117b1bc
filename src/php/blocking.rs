//! Calls that block the process where they should have suspended a coroutine: `Runtime::enableStrictMode()` and the
//! setting `swoole.blocking_detection`.
//!
//! Two ways to find them. Every call of an internal function is timed: one that took longer than
//! `swoole.blocking_threshold` without a suspension has blocked, or computed. And the hooks tell when a call has to block,
//! however short, because the library it comes from holds a lock.

use std::cell::Cell;
use std::time::Instant;

use crate::log::{self, Level};
use crate::zend::guarded;
use crate::zend::registration::ini;
use crate::zend::watch::{self, Span, Watcher};

thread_local! {
    static STRICT: Cell<bool> = const { Cell::new(false) };
    static REPORTS: Cell<u64> = const { Cell::new(0) };
    static EPOCH: Instant = Instant::now();
}

fn micros() -> u64 {
    EPOCH.with(|epoch| epoch.elapsed().as_micros() as u64)
}

struct Timer;

impl Watcher for Timer {
    fn begin(span: &mut Span) -> bool {
        let Some((coroutine, wait)) = coroutine::engine().and_then(coroutine::Engine::next_wait) else { return false };
        *span = Span { coroutine, wait, reports: REPORTS.get(), began: micros() };
        true
    }

    fn end(span: &Span, name: &str) {
        let took = micros() - span.began;
        let suspended = coroutine::engine().and_then(coroutine::Engine::next_wait) != Some((span.coroutine, span.wait));
        // A caller of the one that blocked has said so already.
        if suspended || REPORTS.get() != span.reports || took < ini(|ini| ini.blocking_threshold).max(0) as u64 {
            return;
        }
        report(&format!("{name}() has blocked coroutine#{} and all others for {took} us", span.coroutine));
    }
}

fn report(what: &str) {
    REPORTS.set(REPORTS.get() + 1);
    let mut trace = None;
    // Arrays for the trace may not fit into memory_limit.
    let ended = guarded(|| trace = Some(crate::php::coroutine::inspect::own_trace_text()));
    if let Err(crate::zend::Thrown::Bailout) = ended.result()
        && let Some(engine) = coroutine::engine()
    {
        engine.abort();
    }
    let trace = trace.unwrap_or_default();
    log::put(Level::Warning as i32, format!("{what}\n{}", trace.trim_end()).as_bytes());
}

/// The request begins: every extension has its functions by now.
pub fn start() {
    if ini(|ini| ini.blocking_detection) {
        watch::start::<Timer>();
    }
}

/// `Runtime::enableStrictMode()`
pub fn be_strict() {
    STRICT.set(true);
    watch::start::<Timer>();
}

/// The request ends.
pub fn forget() {
    if STRICT.replace(false) && !ini(|ini| ini.blocking_detection) {
        watch::stop();
    }
}

/// A hooked call of libc is about to block.
pub fn blocked(call: &'static str) {
    if STRICT.get() || ini(|ini| ini.blocking_detection) {
        let id = coroutine::current().unwrap_or(-1);
        report(&format!("{call}() blocks coroutine#{id} and all others: its library holds a lock"));
    }
}
