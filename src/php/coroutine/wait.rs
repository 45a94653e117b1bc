//! Waiting for child processes without blocking the loop.
//!
//! A wait for one child watches its pidfd; a wait for any child needs SIGCHLD. Children that the latter
//! collects for somebody else are kept for whoever asks.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::rc::Rc;
use std::time::{Duration, Instant};

use coroutine::{CoId, Task, WaitFd, Wake, engine};
use reactor::Interest;

use super::{require_coroutine, timeout};
use crate::php::code::{Code, set_last};
use crate::php::signal;
use crate::zend::error::check;
use crate::zend::{Call, PhpResult, Value, Zval};

/// A coroutine in `wait()`.
struct Waiter {
    entry: (CoId, u32),
    result: Rc<Cell<Option<Ended>>>,
}

/// A child that has ended: its pid and wait(2) status.
#[derive(Clone, Copy, Debug)]
pub struct Ended {
    pub pid: i32,
    pub status: i32,
}

thread_local! {
    static ANY: RefCell<VecDeque<Waiter>> = RefCell::default();
    /// Collected on behalf of nobody who waited then.
    static COLLECTED: RefCell<HashMap<i32, i32>> = RefCell::default();
    /// Children that somebody waits for by pid.
    static CLAIMED: RefCell<HashMap<i32, usize>> = RefCell::default();
}

/// Whether a wait for any child keeps the loop alive.
pub fn keeps_loop() -> bool {
    ANY.with_borrow(|any| !any.is_empty())
}

/// In a forked child: it has no children yet.
pub fn forget() {
    ANY.take();
    COLLECTED.take();
    CLAIMED.take();
}

/// waitpid(2) that never blocks: `Ok(None)` while the child lives.
fn poll(pid: i32) -> std::io::Result<Option<Ended>> {
    if let Some(status) = COLLECTED.with_borrow_mut(|collected| collected.remove(&pid)) {
        return Ok(Some(Ended { pid, status }));
    }
    let mut status = 0;
    // SAFETY: writes one int (waitpid(2)).
    match unsafe { libc::waitpid(pid, &mut status, libc::WNOHANG) } {
        0 => Ok(None),
        -1 => Err(std::io::Error::last_os_error()),
        pid => Ok(Some(Ended { pid, status })),
    }
}

fn is_claimed(pid: i32) -> bool {
    CLAIMED.with_borrow(|claimed| claimed.contains_key(&pid))
}

/// As [`poll`], for any child that nobody waits for by its pid.
fn poll_any() -> std::io::Result<Option<Ended>> {
    let stored = COLLECTED.with_borrow(|collected| collected.keys().copied().find(|pid| !is_claimed(*pid)));
    if let Some(pid) = stored {
        return poll(pid);
    }
    loop {
        match poll(-1)? {
            // Its own waiter's pidfd is readable by now.
            Some(ended) if is_claimed(ended.pid) => {
                COLLECTED.with_borrow_mut(|collected| collected.insert(ended.pid, ended.status));
            }
            other => return Ok(other),
        }
    }
}

/// SIGCHLD has come: collects for those who wait for any child.
pub fn child_ended() {
    while keeps_loop() {
        let Ok(Some(ended)) = poll_any() else { return };
        let Some(waiter) = ANY.with_borrow_mut(VecDeque::pop_front) else { return };
        waiter.result.set(Some(ended));
        if let Some(engine) = engine() {
            engine.wake_if(waiter.entry.0, waiter.entry.1, Wake::Resumed);
        }
    }
}

/// A descriptor that becomes readable when the process ends (pidfd_open(2), Linux 5.3).
fn pidfd(pid: i32) -> Option<OwnedFd> {
    // SAFETY: a system call on numbers; a descriptor that it gives is ours (and close-on-exec).
    unsafe {
        let fd = libc::syscall(libc::SYS_pidfd_open, pid, 0) as RawFd;
        (fd >= 0).then(|| OwnedFd::from_raw_fd(fd))
    }
}

/// Waits for one child of ours. Only in a coroutine.
///
/// # Errors
/// The kernel's (`ECHILD`); `ETIMEDOUT`; `ECANCELED`.
pub fn wait_for(pid: i32, limit: Option<Duration>) -> std::io::Result<Ended> {
    if let Some(ended) = poll(pid)? {
        return Ok(ended);
    }
    let os = std::io::Error::from_raw_os_error;
    let deadline = limit.map(|limit| Instant::now() + limit);
    CLAIMED.with_borrow_mut(|claimed| *claimed.entry(pid).or_default() += 1);
    let fd = pidfd(pid);
    let result = loop {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let stop = match &fd {
            Some(fd) => match coroutine::wait_fd(fd.as_raw_fd(), Interest::READ, left) {
                WaitFd::Timeout => Some(libc::ETIMEDOUT),
                WaitFd::Canceled => Some(libc::ECANCELED),
                _ => None,
            },
            // No pidfd (an old kernel, no descriptors left): look again and again.
            None => match coroutine::sleep(left.unwrap_or(Duration::MAX).min(Duration::from_millis(10))) {
                Wake::Timeout if left == Some(Duration::ZERO) => Some(libc::ETIMEDOUT),
                Wake::Timeout => None,
                _ => Some(libc::ECANCELED),
            },
        };
        match poll(pid) {
            Ok(Some(ended)) => break Ok(ended),
            Err(error) => break Err(error),
            Ok(None) => {
                if let Some(errno) = stop {
                    break Err(os(errno));
                }
            }
        }
    };
    if let (Some(fd), Some(engine)) = (&fd, engine()) {
        engine.closing(fd.as_raw_fd());
    }
    CLAIMED.with_borrow_mut(|claimed| {
        if let Some(count) = claimed.get_mut(&pid) {
            *count -= 1;
            if *count == 0 {
                claimed.remove(&pid);
            }
        }
    });
    result
}

/// Waits for any child of ours.
///
/// # Errors
/// As [`wait_for`].
fn wait_any(limit: Option<Duration>) -> std::io::Result<Ended> {
    let os = std::io::Error::from_raw_os_error;
    let engine = engine().ok_or_else(|| os(libc::ENOSYS))?;
    // Watched before we look, or a child that ends in between would be missed.
    signal::watch_children(true)?;
    if let Some(ended) = poll_any().inspect_err(|_| unwatch_when_idle())? {
        unwatch_when_idle();
        return Ok(ended);
    }
    let entry = engine.next_wait().ok_or_else(|| os(libc::EINVAL))?;
    let result = Rc::new(Cell::new(None));
    ANY.with_borrow_mut(|any| any.push_back(Waiter { entry, result: Rc::clone(&result) }));
    let wake = coroutine::suspend_for(limit, Task::Wait);
    ANY.with_borrow_mut(|any| any.retain(|waiter| !Rc::ptr_eq(&waiter.result, &result)));
    unwatch_when_idle();
    result.get().ok_or_else(|| os(if wake == Wake::Timeout { libc::ETIMEDOUT } else { libc::ECANCELED }))
}

fn unwatch_when_idle() {
    if !keeps_loop() {
        let _ = signal::watch_children(false);
    }
}

/// What PHP code is told about a child.
pub fn report(ended: Ended) -> Value {
    let mut result = Value::array(3);
    let mut array = result.array_mut();
    array.set("pid", Value::long(i64::from(ended.pid)));
    array.set("code", Value::long(i64::from(libc::WEXITSTATUS(ended.status))));
    array.set("signal", Value::long(i64::from(libc::WTERMSIG(ended.status))));
    result
}

fn answer(ret: &mut Zval, result: std::io::Result<Ended>) -> PhpResult {
    match result {
        Ok(ended) => report(ended).give(ret),
        Err(error) => {
            let errno = error.raw_os_error().unwrap_or(0);
            set_last(if errno == libc::ECANCELED { Code::CO_CANCELED } else { Code(errno) });
            // SAFETY: writes this thread's errno, which swoole_errno() reads.
            unsafe { *libc::__errno_location() = errno };
            ret.set_bool(false);
        }
    }
    check()
}

/// A time-out of 0 waits for ever, as a negative one does.
fn limit(seconds: f64) -> Option<Duration> {
    timeout(seconds).filter(|time| !time.is_zero())
}

/// `System::wait(float $timeout = -1): array|false`
pub fn wait(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let seconds = call.args(0, 1)?.opt_double()?.unwrap_or(-1.0);
    require_coroutine()?;
    answer(ret, wait_any(limit(seconds)))
}

/// `System::waitPid(int $pid, float $timeout = -1): array|false`
pub fn wait_pid(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let pid = args.long()?;
    let seconds = args.opt_double()?.unwrap_or(-1.0);
    require_coroutine()?;
    let result =
        if pid < 0 { wait_any(limit(seconds)) } else { wait_for(i32::try_from(pid).unwrap_or(i32::MAX), limit(seconds)) };
    answer(ret, result)
}
