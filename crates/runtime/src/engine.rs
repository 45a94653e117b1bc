//! What the shims need of the coroutine engine, and the gate in front of every shim.

use std::os::fd::RawFd;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::{flags, shim::lock};

/// The direction a coroutine waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interest {
    Read,
    Write,
}

/// How a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// The fd may be ready (spurious wakes are allowed: the shim tries again).
    Ready,
    /// The time is up; the normal end of a sleep.
    Timeout,
    /// Somebody cancelled the coroutine.
    Canceled,
    /// The fd was closed while we waited.
    Closed,
    /// Another coroutine waits for the same direction of the same fd, and taking turns is fine.
    Busy,
    /// As `Busy`, but these two must not share it; the script has been told.
    Denied,
    /// epoll does not take this fd (a regular file, /dev/null).
    NotPollable,
}

/// The coroutine engine as the hook layer sees it. All methods but `can_suspend` and `current_id`
/// are called on the engine's thread only.
pub trait Engine: Sync {
    /// On the engine's thread, a coroutine is current, and suspending it is allowed just now.
    fn can_suspend(&self) -> bool;
    /// Suspends until `fd` is ready; `None` waits for ever.
    fn wait_fd(&self, fd: RawFd, interest: Interest, timeout: Option<Duration>) -> Wait;
    /// Suspends until one of `fds` is ready. For a single fd `revents` may say what is ready, else
    /// they stay zero.
    fn wait_fds(&self, fds: &mut [libc::pollfd], timeout: Option<Duration>) -> Wait;
    /// Suspends for `duration`.
    fn sleep(&self, duration: Duration) -> Wait;
    /// Runs `job` on the blocking pool and suspends until it is done. False: it was not run and
    /// never will be. The job owns its buffers.
    fn blocking(&self, job: Box<dyn FnOnce() + Send>) -> bool;
    /// `fd` is about to be closed or replaced: wake its waiters, forget it.
    fn closing(&self, fd: RawFd);
    /// The current coroutine's id, 0 or less outside one.
    fn current_id(&self) -> i64;
    /// The running function gives a file a new content of so many bytes, by one small write between an open and a
    /// close of its own.
    fn rewriting(&self) -> Option<usize> {
        None
    }
    /// A call that could not suspend is about to block the thread.
    fn blocked(&self, _call: &'static str) {}
}

static ENGINE: OnceLock<&'static dyn Engine> = OnceLock::new();
/// `pthread_self()` of the thread that runs coroutines; 0: no hooks for anybody.
static OWNER: AtomicUsize = AtomicUsize::new(0);

/// Names the engine (the first one given stays) and makes the calling thread its thread.
pub fn attach(engine: &'static dyn Engine) {
    let _ = ENGINE.set(engine);
    OWNER.store(this_thread(), Ordering::Release);
}

/// Every shim passes through from now on, until [`attach`].
pub fn detach() {
    OWNER.store(0, Ordering::Release);
}

/// For a child that is about to exec: no shim may touch the parent's epoll.
pub fn pass_through() {
    detach();
}

#[inline]
fn this_thread() -> usize {
    // SAFETY: pthread_self has no preconditions.
    unsafe { libc::pthread_self() as usize }
}

/// The engine, if the caller is on its thread.
#[inline]
pub fn on_engine_thread() -> Option<&'static dyn Engine> {
    if OWNER.load(Ordering::Relaxed) == this_thread() { ENGINE.get().copied() } else { None }
}

/// The engine, if the caller may suspend. The first line of every shim.
#[inline]
pub fn current() -> Option<&'static dyn Engine> {
    on_engine_thread().filter(|e| e.can_suspend())
}

/// The end of a call's patience; `None` is for ever.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline(Option<Instant>);

impl Deadline {
    pub const NEVER: Deadline = Deadline(None);

    pub fn after(timeout: Option<Duration>) -> Self {
        Deadline(timeout.and_then(|t| Instant::now().checked_add(t)))
    }

    /// poll(2)'s milliseconds: negative is for ever.
    pub fn millis(ms: libc::c_int) -> Self {
        Self::after(u64::try_from(ms).ok().map(Duration::from_millis))
    }

    pub fn remaining(self) -> Option<Duration> {
        self.0.map(|at| at.saturating_duration_since(Instant::now()))
    }

    pub fn expired(self) -> bool {
        self.remaining().is_some_and(|d| d.is_zero())
    }
}

/// What a shim does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    Retry,
    Timeout,
    Canceled,
    Closed,
    Denied,
    /// Suspending is not possible here: make the real, blocking call.
    Block,
}

/// Between two tries of a wait that epoll cannot do: long enough to cost nothing, short enough
/// not to be felt.
const BUSY_PAUSE: Duration = Duration::from_millis(2);

/// May the current coroutine suspend, as far as locks go? A library that suspends inside a
/// pthread mutex would lock out every other coroutine of this thread.
pub(crate) fn may_wait(engine: &dyn Engine, call: &'static str) -> bool {
    if lock::holds(engine.current_id()) {
        engine.blocked(call);
        return false;
    }
    true
}

/// Waits for one fd, for a call on it that just said EAGAIN.
pub(crate) fn wait_fd(engine: &dyn Engine, call: &'static str, fd: RawFd, interest: Interest, deadline: Deadline) -> Next {
    if !may_wait(engine, call) {
        return Next::Block;
    }
    if deadline.expired() {
        return Next::Timeout;
    }
    settle(engine, engine.wait_fd(fd, interest, deadline.remaining()), call, deadline)
}

/// Waits for any of several fds.
pub(crate) fn wait_fds(engine: &dyn Engine, call: &'static str, fds: &mut [libc::pollfd], deadline: Deadline) -> Next {
    if !may_wait(engine, call) {
        return Next::Block;
    }
    if deadline.expired() {
        return Next::Timeout;
    }
    settle(engine, engine.wait_fds(fds, deadline.remaining()), call, deadline)
}

/// Waits for a condition that has no fd, one step.
pub(crate) fn pause(engine: &dyn Engine, call: &'static str, step: Duration, deadline: Deadline) -> Next {
    if !may_wait(engine, call) {
        return Next::Block;
    }
    let step = match deadline.remaining() {
        Some(left) if left.is_zero() => return Next::Timeout,
        Some(left) => step.min(left),
        None => step,
    };
    match engine.sleep(step) {
        Wait::Canceled => Next::Canceled,
        _ => Next::Retry,
    }
}

/// The coroutine whose wait somebody cancelled last.
static CANCELED: AtomicI64 = AtomicI64::new(0);

/// Forgets any cancel so far.
pub(crate) fn forget_cancel() {
    CANCELED.store(0, Ordering::Relaxed);
}

/// Was the current coroutine the last whose wait was cancelled?
pub(crate) fn was_canceled(engine: &dyn Engine) -> bool {
    CANCELED.load(Ordering::Relaxed) == engine.current_id()
}

fn settle(engine: &dyn Engine, wait: Wait, call: &'static str, deadline: Deadline) -> Next {
    match wait {
        Wait::Ready => Next::Retry,
        Wait::Timeout => Next::Timeout,
        Wait::Canceled => {
            CANCELED.store(engine.current_id(), Ordering::Relaxed);
            Next::Canceled
        }
        Wait::Closed => Next::Closed,
        // Two coroutines read one fd: the kernel would let two threads do so, thus so do we.
        Wait::Busy => pause(engine, call, BUSY_PAUSE, deadline),
        Wait::Denied => Next::Denied,
        // A regular file, a directory: these are always ready.
        Wait::NotPollable => Next::Block,
    }
}

/// Runs `job` on the pool and returns its result; `None`: it did not run, do it here.
pub(crate) fn pooled<T, F>(engine: &dyn Engine, call: &'static str, job: F) -> Option<T>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    if !may_wait(engine, call) {
        return None;
    }
    let slot = std::sync::Arc::new(std::sync::Mutex::new(None));
    let theirs = slot.clone();
    let ran = engine.blocking(Box::new(move || {
        let value = job();
        if let Ok(mut slot) = theirs.lock() {
            *slot = Some(value);
        }
    }));
    if !ran {
        return None;
    }
    slot.lock().ok().and_then(|mut v| v.take())
}

/// Do the active flags ask for this socket? Only looked at before a wait, never on the fast path.
pub(crate) fn wants_socket(fd: RawFd) -> bool {
    flags::active().wants_socket(fd)
}
