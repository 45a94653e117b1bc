//! Forks that are not ours: `pcntl_fork()`, a library's. What a child inherits of the loop becomes its own, and where
//! none of it could, the fork is refused.

use std::sync::Once;
use std::time::Instant;

use coroutine::engine;
use reactor::pool::Background;

use super::coroutine::preempt;
use super::lifecycle::LAST_OPERATIONS;
use super::report;
use crate::zend::error::{self, E_WARNING};
use crate::zend::replace::{self, Replacement};
use crate::zend::{Call, PhpResult, Zval};

/// A copy of what runs would run twice, and what blocks for a signal would stop every coroutine.
static REFUSED: &[Replacement] = &[
    Replacement { name: c"pcntl_fork", takes: |_| true, handler: fork },
    Replacement { name: c"pcntl_rfork", takes: |_| true, handler: fork },
    Replacement { name: c"pcntl_sigtimedwait", takes: |_| in_use(), handler: refuse },
    Replacement { name: c"pcntl_sigwaitinfo", takes: |_| in_use(), handler: refuse },
];

/// From the first use of the loop on.
pub fn watch() {
    static ONCE: Once = Once::new();
    // SAFETY: the handler touches this thread's plain data and makes system calls; the module is linked with nodelete.
    ONCE.call_once(|| unsafe {
        libc::pthread_atfork(None, None, Some(in_child));
    });
    replace::put(REFUSED);
}

extern "C" fn in_child() {
    if let Some(engine) = engine() {
        engine.renew_after_fork();
    }
    preempt::after_fork();
}

/// Whether coroutines or the loop are under way, which no child can go on with.
fn in_use() -> bool {
    engine().is_some_and(|engine| engine.is_looping() || engine.live() > 0)
}

/// Whether there are no threads of ours, or only such as nobody uses any more.
pub fn threads_may_end() -> bool {
    !Background::started() || !in_use() && !Background::current().has_runtime()
}

/// Ends the threads of ours that nobody uses any more; false when some are in use, or stuck in a call.
pub fn end_threads() -> bool {
    !Background::started() || threads_may_end() && Background::shutdown(Instant::now() + LAST_OPERATIONS)
}

fn refuse(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut line = report::Line::<128>::default();
    let _ = std::fmt::Write::write_fmt(&mut line, format_args!("{}() has been disabled for security reasons", call.name()));
    error::plain(E_WARNING, line.text());
    Ok(())
}

fn fork(call: &mut Call, ret: &mut Zval) -> PhpResult {
    if in_use() {
        return refuse(call, ret);
    }
    // A thread may hold a lock of libc's or of a library's just now, which nobody would release in the child.
    end_threads();
    let preempts = preempt::stop();
    replace::original(call, ret)?;
    if preempts {
        preempt::start();
    }
    Ok(())
}
