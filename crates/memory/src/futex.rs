//! futex(2) on words that several processes share (so never `FUTEX_PRIVATE_FLAG`).

use std::sync::atomic::AtomicU32;
use std::time::Duration;

/// How a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Woken {
    /// Another process called [`wake`] (or the kernel woke us for no reason).
    Woken,
    /// The word did not hold the expected value.
    Changed,
    /// The time was up.
    TimedOut,
    /// A signal handler ran.
    Interrupted,
}

/// Sleeps while `word` holds `expected`, for `timeout` at most (`None`: for ever).
pub fn wait(word: &AtomicU32, expected: u32, timeout: Option<Duration>) -> Woken {
    let spec = timeout.map(|t| libc::timespec {
        tv_sec: libc::time_t::try_from(t.as_secs()).unwrap_or(libc::time_t::MAX),
        tv_nsec: libc::c_long::from(t.subsec_nanos() as i32),
    });
    let spec_ptr = spec.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    // SAFETY: FUTEX_WAIT reads the word, which lives as long as the reference, and the timespec,
    // which lives until the call returns.
    let ret = unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), libc::FUTEX_WAIT, expected, spec_ptr, 0usize, 0) };
    if ret == 0 {
        return Woken::Woken;
    }
    // SAFETY: errno of this thread, set by the failed call.
    match unsafe { *libc::__errno_location() } {
        libc::EAGAIN => Woken::Changed,
        libc::ETIMEDOUT => Woken::TimedOut,
        _ => Woken::Interrupted,
    }
}

/// Wakes up to `count` sleepers of `word`; how many were woken.
pub fn wake(word: &AtomicU32, count: u32) -> usize {
    let count = libc::c_int::try_from(count).unwrap_or(libc::c_int::MAX);
    // SAFETY: FUTEX_WAKE only uses the address as a key.
    let ret = unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), libc::FUTEX_WAKE, count, 0usize, 0usize, 0) };
    usize::try_from(ret).unwrap_or(0)
}
