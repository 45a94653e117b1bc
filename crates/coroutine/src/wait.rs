//! What a coroutine can wait for: an fd, time, a pool operation, a future.

use std::future::Future;
use std::os::fd::RawFd;
use std::time::{Duration, Instant};

use reactor::pool::{Background, Ticket};
use reactor::{Interest, Readiness, WaitError};

use crate::co::{Task, Wake};
use crate::host::CoId;
use crate::scheduler::Engine;
use crate::thread::engine;

/// How a wait for an fd ended.
#[derive(Debug)]
pub enum WaitFd {
    Ready(Readiness),
    Timeout,
    Canceled,
    /// Closed by somebody else while we waited.
    Closed,
    /// Another coroutine waits for the same direction already.
    Busy(CoId),
    /// Regular files and the like: always ready, epoll refuses them.
    NotPollable,
    Error(std::io::Error),
}

/// The coroutine that runs on this thread.
pub fn current() -> Option<CoId> {
    engine()?.current_id()
}

/// Whether the caller may suspend.
pub fn in_coroutine() -> bool {
    engine().is_some_and(Engine::can_suspend)
}

/// A deadline so far away that it needs no timer.
fn is_forever(timeout: Duration) -> bool {
    timeout > Duration::from_secs(86_400 * 365 * 30)
}

/// Suspends until `fd` is ready. Only in a coroutine.
pub fn wait_fd(fd: RawFd, interest: Interest, timeout: Option<Duration>) -> WaitFd {
    let Some((engine, id)) = here() else { return WaitFd::Canceled };
    let reactor = match engine.reactor() {
        Ok(reactor) => reactor,
        Err(error) => return WaitFd::Error(error),
    };
    match reactor.wait(fd, interest, id as u64) {
        Ok(()) => {}
        Err(WaitError::Busy(holder)) => return WaitFd::Busy(holder as CoId),
        Err(WaitError::NotPollable) => return WaitFd::NotPollable,
        Err(WaitError::Os(error)) => return WaitFd::Error(error),
    }
    let timer = arm(engine, id, timeout);
    let wake = engine.suspend(Task::Wait);
    // `Event::exit()` may have put another loop in its place.
    let reactor = engine.loop_made();
    if wake != Wake::Timeout
        && let (Some(timer), Some(reactor)) = (timer, reactor)
    {
        reactor.cancel_timer(timer);
    }
    match wake {
        Wake::Ready(ready) => return WaitFd::Ready(ready),
        Wake::Closed => return WaitFd::Closed,
        Wake::Timeout | Wake::Canceled | Wake::Resumed => {}
    }
    if let Some(reactor) = reactor {
        reactor.unwait(fd, id as u64);
    }
    if wake == Wake::Timeout { WaitFd::Timeout } else { WaitFd::Canceled }
}

/// Suspends for `time`; tells whether the time passed ([`Wake::Timeout`]) or the wait was cancelled.
pub fn sleep(time: Duration) -> Wake {
    suspend_for(Some(time), Task::Wait)
}

/// Suspends until woken by a queue, or for at most `timeout`.
#[inline(always)]
pub fn suspend_for(timeout: Option<Duration>, task: Task) -> Wake {
    let Some((engine, id)) = here() else { return Wake::Canceled };
    let timer = arm(engine, id, timeout);
    let wake = engine.suspend(task);
    if let Some(timer) = timer
        && wake != Wake::Timeout
        && let Some(reactor) = engine.loop_made()
    {
        reactor.cancel_timer(timer);
    }
    wake
}

#[inline]
fn here() -> Option<(&'static Engine, CoId)> {
    let engine = engine()?;
    Some((engine, engine.current_id()?))
}

#[inline]
fn arm(engine: &Engine, id: CoId, timeout: Option<Duration>) -> Option<reactor::TimerId> {
    let timeout = timeout.filter(|timeout| !is_forever(*timeout))?;
    engine.co_timer(id, Instant::now() + timeout)
}

/// Runs `work` on the blocking pool and suspends until it is done. The wait cannot be cancelled, as the
/// work may hold what the caller lent it. None when the work panicked.
pub fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (engine, _) = here()?;
    let waker = engine.reactor().ok()?.waker();
    let ticket = Background::current().run_blocking(&waker, engine.begin_operation()?, work);
    engine.suspend(Task::Fixed);
    ticket.take()?.ok()
}

/// As [`blocking`], but the wait ends at the time-out or a cancel; the work then goes on for nobody, so
/// it must own all that it touches.
///
/// # Errors
/// [`Wake::Timeout`] or [`Wake::Canceled`].
pub fn blocking_for<T: Send + 'static>(timeout: Option<Duration>, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Wake> {
    let (engine, _) = here().ok_or(Wake::Canceled)?;
    let waker = engine.reactor().map_err(|_| Wake::Canceled)?.waker();
    let operation = engine.begin_operation().ok_or(Wake::Canceled)?;
    let ticket = Background::current().run_blocking(&waker, operation, work);
    finish(&ticket, suspend_for(timeout, Task::Wait))
}

/// Runs `future` on the tokio thread and suspends until it is done or the timeout passed; a cancelled or
/// timed-out future is dropped there.
///
/// # Errors
/// [`Wake::Timeout`] or [`Wake::Canceled`].
pub fn await_future<F>(future: F, timeout: Option<Duration>) -> Result<F::Output, Wake>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let (engine, _) = here().ok_or(Wake::Canceled)?;
    let waker = engine.reactor().map_err(|_| Wake::Canceled)?.waker();
    let operation = engine.begin_operation().ok_or(Wake::Canceled)?;
    let Ok(ticket) = Background::current().run(&waker, operation, future) else {
        engine.end_operation(operation);
        return Err(Wake::Canceled);
    };
    finish(&ticket, suspend_for(timeout, Task::Wait))
}

fn finish<T>(ticket: &Ticket<T>, wake: Wake) -> Result<T, Wake> {
    match ticket.take() {
        Some(Ok(value)) => Ok(value),
        Some(Err(_)) => Err(Wake::Canceled),
        None => {
            ticket.cancel();
            Err(wake)
        }
    }
}
