//! The system calls of the loop; each wrapper owns what it opens.

use std::io;
use std::os::fd::RawFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

fn check(result: libc::c_int) -> io::Result<libc::c_int> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

/// Closes a descriptor number; errors say nothing we could act on.
pub(crate) fn close(fd: RawFd) {
    if fd >= 0 {
        // SAFETY: close(2) takes a number; the callers own it and forget it afterwards.
        unsafe { libc::close(fd) };
    }
}

pub(crate) fn is_open(fd: RawFd) -> bool {
    // SAFETY: fcntl(2) takes a number; F_GETFD has no pointer argument.
    unsafe { libc::fcntl(fd, libc::F_GETFD) >= 0 }
}

pub(crate) fn epoll_create() -> io::Result<RawFd> {
    // SAFETY: no pointers.
    check(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) })
}

pub(crate) fn epoll_ctl(epoll: RawFd, op: libc::c_int, fd: RawFd, events: u32, data: u64) -> io::Result<()> {
    let mut event = libc::epoll_event { events, u64: data };
    // SAFETY: `event` outlives the call, which copies it.
    check(unsafe { libc::epoll_ctl(epoll, op, fd, &mut event) }).map(drop)
}

/// Kernels before 5.11, and some sandboxes, have no `epoll_pwait2`.
static NO_PWAIT2: AtomicBool = AtomicBool::new(false);

/// Waits for events; `None` waits without end. Returns how many entries of `events` were filled.
pub(crate) fn epoll_wait(epoll: RawFd, events: &mut [libc::epoll_event], timeout: Option<Duration>) -> io::Result<usize> {
    let capacity = events.len().min(i32::MAX as usize) as libc::c_int;
    if let Some(timeout) = timeout {
        // Whole milliseconds gain nothing from the newer call; zero is the hot one.
        if !timeout.is_zero() && !NO_PWAIT2.load(Ordering::Relaxed) {
            let spec = libc::timespec {
                tv_sec: timeout.as_secs().min(i32::MAX as u64) as libc::time_t,
                tv_nsec: timeout.subsec_nanos() as libc::c_long,
            };
            // SAFETY: `events` is valid for `capacity` entries and `spec` for the call; the null
            // signal mask leaves the mask as it is.
            let result = unsafe {
                libc::syscall(
                    libc::SYS_epoll_pwait2,
                    epoll,
                    events.as_mut_ptr(),
                    capacity,
                    &spec as *const libc::timespec,
                    std::ptr::null::<libc::sigset_t>(),
                    0usize,
                )
            };
            if result >= 0 {
                return Ok(result as usize);
            }
            let error = io::Error::last_os_error();
            if !matches!(error.raw_os_error(), Some(libc::ENOSYS | libc::EPERM)) {
                return Err(error);
            }
            NO_PWAIT2.store(true, Ordering::Relaxed);
        }
    }
    // SAFETY: `events` is valid for `capacity` entries.
    let result = unsafe { libc::epoll_wait(epoll, events.as_mut_ptr(), capacity, millis(timeout)) };
    check(result).map(|n| n as usize)
}

/// Milliseconds for epoll_wait(2), rounded up: a timer must not spin through its last millisecond.
fn millis(timeout: Option<Duration>) -> libc::c_int {
    match timeout {
        None => -1,
        Some(timeout) => timeout.as_nanos().div_ceil(1_000_000).min(i32::MAX as u128) as libc::c_int,
    }
}

pub(crate) fn eventfd() -> io::Result<RawFd> {
    // SAFETY: no pointers.
    check(unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) })
}

/// Adds one to the counter. Never blocks: the counter cannot overflow before 2^64 - 2 wakes.
pub(crate) fn eventfd_notify(fd: RawFd) {
    let one = 1u64;
    loop {
        // SAFETY: eight bytes are readable at `one`.
        let written = unsafe { libc::write(fd, (&one as *const u64).cast(), 8) };
        if written >= 0 || io::Error::last_os_error().kind() != io::ErrorKind::Interrupted {
            return;
        }
    }
}

pub(crate) fn signalfd(fd: RawFd, set: &libc::sigset_t) -> io::Result<RawFd> {
    // SAFETY: `set` is an initialised signal set; `fd` is -1 or a signalfd of ours.
    check(unsafe { libc::signalfd(fd, set, libc::SFD_CLOEXEC | libc::SFD_NONBLOCK) })
}

/// The next queued signal, or `None` once the queue is empty.
pub(crate) fn read_signal(fd: RawFd) -> Option<libc::signalfd_siginfo> {
    const SIZE: usize = std::mem::size_of::<libc::signalfd_siginfo>();
    let mut info = std::mem::MaybeUninit::<libc::signalfd_siginfo>::zeroed();
    loop {
        // SAFETY: `info` has room for SIZE bytes.
        let n = unsafe { libc::read(fd, info.as_mut_ptr().cast(), SIZE) };
        if n == SIZE as isize {
            // SAFETY: plain integers, zeroed before and filled by the kernel.
            return Some(unsafe { info.assume_init() });
        }
        if n < 0 && io::Error::last_os_error().kind() == io::ErrorKind::Interrupted {
            continue;
        }
        return None;
    }
}

pub(crate) fn empty_set() -> libc::sigset_t {
    let mut set = std::mem::MaybeUninit::uninit();
    // SAFETY: sigemptyset initialises the set.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        set.assume_init()
    }
}

pub(crate) fn set_with(mut set: libc::sigset_t, signo: i32, member: bool) -> io::Result<libc::sigset_t> {
    // SAFETY: `set` is initialised; a bad number is refused with EINVAL.
    check(unsafe { if member { libc::sigaddset(&mut set, signo) } else { libc::sigdelset(&mut set, signo) } })?;
    Ok(set)
}

pub(crate) fn set_contains(set: &libc::sigset_t, signo: i32) -> bool {
    // SAFETY: `set` is initialised; a bad number answers -1.
    unsafe { libc::sigismember(set, signo) == 1 }
}

/// Changes this thread's signal mask; returns the one before.
pub(crate) fn thread_mask(how: libc::c_int, set: &libc::sigset_t) -> io::Result<libc::sigset_t> {
    let mut old = empty_set();
    // SAFETY: both sets are initialised.
    match unsafe { libc::pthread_sigmask(how, set, &mut old) } {
        0 => Ok(old),
        errno => Err(io::Error::from_raw_os_error(errno)),
    }
}

/// Runs `f` (which starts a thread) with every signal blocked, so that the thread inherits that mask
/// and no signal meant for the PHP thread is ever delivered elsewhere.
pub(crate) fn with_signals_blocked<T>(f: impl FnOnce() -> T) -> T {
    let mut all = empty_set();
    // SAFETY: sigfillset initialises the set.
    unsafe { libc::sigfillset(&mut all) };
    let old = thread_mask(libc::SIG_BLOCK, &all);
    let result = f();
    if let Ok(old) = old {
        let _ = thread_mask(libc::SIG_SETMASK, &old);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_round_up_and_saturate() {
        assert_eq!(millis(None), -1);
        assert_eq!(millis(Some(Duration::ZERO)), 0);
        assert_eq!(millis(Some(Duration::from_nanos(1))), 1);
        assert_eq!(millis(Some(Duration::from_millis(7))), 7);
        assert_eq!(millis(Some(Duration::MAX)), i32::MAX);
    }

    #[test]
    fn a_bad_signal_number_is_an_error() {
        assert!(set_with(empty_set(), 0, true).is_err());
        assert!(set_with(empty_set(), 4096, true).is_err());
        let set = set_with(empty_set(), libc::SIGUSR2, true).unwrap();
        assert!(set_contains(&set, libc::SIGUSR2) && !set_contains(&set, libc::SIGUSR1));
    }
}
