//! poll, ppoll, select, pselect, epoll_wait: waits for many fds.

use std::os::fd::RawFd;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::time::Duration;

use libc::{c_int, epoll_event, fd_set, nfds_t, pollfd, sigset_t, timespec, timeval};

use crate::engine::{self, Deadline, Engine, Interest, Next, current};
use crate::sys;

/// The next select of the engine's thread suspends even when something is ready already.
static SUSPEND_FIRST: AtomicBool = AtomicBool::new(false);

/// Has the `select` that `call` makes suspend once in any case, so that a loop around it lets others run.
pub fn suspending_first<T>(call: impl FnOnce() -> T) -> T {
    SUSPEND_FIRST.store(true, Ordering::Relaxed);
    let result = call();
    SUSPEND_FIRST.store(false, Ordering::Relaxed);
    result
}

/// A fd of which it is known that nothing is there to read; -1 for none.
static EMPTY: AtomicI32 = AtomicI32::new(-1);

/// The caller has just found nothing to read at `fd`: a poll of it that follows at once need not look again.
pub fn expect_wait(fd: RawFd) {
    EMPTY.store(fd, Ordering::Relaxed);
}

/// Sleeps that are spelled as a poll of nothing.
fn poll_nothing(engine: &dyn Engine, name: &'static str, deadline: Deadline) -> Option<c_int> {
    // An hour at a time: "for ever" has no number.
    let hour = Duration::from_secs(3600);
    loop {
        match engine::pause(engine, name, hour, deadline) {
            Next::Retry if deadline.expired() => return Some(0),
            Next::Retry => {}
            Next::Timeout => return Some(0),
            Next::Canceled => return Some(sys::fail(libc::ECANCELED)),
            Next::Closed | Next::Denied | Next::Block => return None,
        }
    }
}

/// Polls with `now` (which must not block) until it finds something; `None`: make the real call.
/// `trust`: what the engine writes into `revents` is an answer.
fn poll_loop(
    engine: &dyn Engine,
    name: &'static str,
    fds: &mut [pollfd],
    deadline: Deadline,
    trust: bool,
    mut now: impl FnMut(&mut [pollfd]) -> c_int,
) -> Option<c_int> {
    let known = EMPTY.swap(-1, Ordering::Relaxed);
    let empty = matches!(fds, [only] if only.fd == known && only.events & libc::POLLOUT == 0);
    let mut look = !SUSPEND_FIRST.swap(false, Ordering::Relaxed) && !empty;
    loop {
        if look {
            let r = now(fds);
            if r != 0 || deadline.expired() {
                return Some(r);
            }
        }
        look = true;
        match engine::wait_fds(engine, name, fds, deadline) {
            // The engine may know what is ready, and then need not be asked again.
            Next::Retry if trust => {
                let ready = fds.iter().filter(|f| f.revents != 0).count();
                if ready > 0 {
                    return Some(ready as c_int);
                }
            }
            Next::Retry => {}
            Next::Timeout => return Some(now(fds)),
            // Not EINTR: on that, most callers try again.
            Next::Canceled => {
                fds.iter_mut().for_each(|f| f.revents = 0);
                return Some(sys::fail(libc::ECANCELED));
            }
            Next::Denied => {
                fds.iter_mut().for_each(|f| f.revents = 0);
                return Some(sys::fail(libc::EBUSY));
            }
            Next::Closed => {
                // The kernel calls a closed fd POLLNVAL; ours is about to be.
                let r = now(fds);
                return Some(if r != 0 { r } else { sys::fail(libc::EBADF) });
            }
            Next::Block => return None,
        }
    }
}

fn zero_poll(fds: &mut [pollfd]) -> c_int {
    // SAFETY: a slice of pollfds that lives across the call.
    unsafe { libc::poll(fds.as_mut_ptr(), fds.len() as nfds_t, 0) }
}

pub unsafe extern "C" fn poll(fds: *mut pollfd, count: nfds_t, timeout: c_int) -> c_int {
    // SAFETY: the caller's arguments, unchanged.
    let real = || unsafe { libc::poll(fds, count, timeout) };
    let Some(e) = current().filter(|_| timeout != 0) else { return real() };
    let deadline = Deadline::millis(timeout);
    if count == 0 {
        return poll_nothing(e, "poll", deadline).unwrap_or_else(real);
    }
    if fds.is_null() || count > 1 << 20 {
        return real();
    }
    // SAFETY: an array of `count` pollfds, by poll's contract.
    let list = unsafe { std::slice::from_raw_parts_mut(fds, count as usize) };
    poll_loop(e, "poll", list, deadline, count == 1, zero_poll).unwrap_or_else(real)
}

pub unsafe extern "C" fn poll_chk(fds: *mut pollfd, count: nfds_t, timeout: c_int, room: usize) -> c_int {
    super::rw::check((count as usize).saturating_mul(size_of::<pollfd>()), room);
    // SAFETY: as poll.
    unsafe { poll(fds, count, timeout) }
}

pub unsafe extern "C" fn ppoll(fds: *mut pollfd, count: nfds_t, timeout: *const timespec, mask: *const sigset_t) -> c_int {
    // SAFETY: the caller's arguments, unchanged.
    let real = || unsafe { libc::ppoll(fds, count, timeout, mask) };
    let Some(e) = current() else { return real() };
    // SAFETY: a valid timespec or null, by contract.
    let deadline = match unsafe { timeout.as_ref() } {
        None => Deadline::NEVER,
        Some(ts) => match sys::duration(ts) {
            Some(d) if !d.is_zero() => Deadline::after(Some(d)),
            _ => return real(),
        },
    };
    if count == 0 {
        return poll_nothing(e, "ppoll", deadline).unwrap_or_else(real);
    }
    if fds.is_null() || count > 1 << 20 {
        return real();
    }
    // SAFETY: an array of `count` pollfds, by contract.
    let list = unsafe { std::slice::from_raw_parts_mut(fds, count as usize) };
    let zero = timespec { tv_sec: 0, tv_nsec: 0 };
    poll_loop(e, "ppoll", list, deadline, false, |fds| {
        // With the caller's mask: a signal it lets through only here must find its way.
        // SAFETY: a slice and a timespec that live across the call; the caller's mask.
        unsafe { libc::ppoll(fds.as_mut_ptr(), fds.len() as nfds_t, &zero, mask) }
    })
    .unwrap_or_else(real)
}

pub unsafe extern "C" fn ppoll_chk(
    fds: *mut pollfd,
    count: nfds_t,
    timeout: *const timespec,
    mask: *const sigset_t,
    room: usize,
) -> c_int {
    super::rw::check((count as usize).saturating_mul(size_of::<pollfd>()), room);
    // SAFETY: as ppoll.
    unsafe { ppoll(fds, count, timeout, mask) }
}

/// The words of one fd_set that `count` fds need; sets larger than FD_SETSIZE are the caller's
/// right, if it made them so.
struct Set {
    at: *mut u64,
    saved: Vec<u64>,
}

impl Set {
    /// # Safety
    /// `set` is null or holds at least `count` bits.
    unsafe fn save(set: *mut fd_set, count: c_int) -> Self {
        let words = (count as usize).div_ceil(64);
        let at = set.cast::<u64>();
        let saved = if at.is_null() {
            Vec::new()
        } else {
            // SAFETY: the caller's promise.
            unsafe { std::slice::from_raw_parts(at, words) }.to_vec()
        };
        Set { at, saved }
    }

    fn has(&self, fd: usize) -> bool {
        self.saved.get(fd / 64).is_some_and(|w| w >> (fd % 64) & 1 == 1)
    }

    fn restore(&self) {
        if !self.saved.is_empty() {
            // SAFETY: as many words as were read from there.
            unsafe { std::ptr::copy_nonoverlapping(self.saved.as_ptr(), self.at, self.saved.len()) };
        }
    }
}

/// `now` is select with a time-out of zero on the caller's own sets.
unsafe fn select_with(
    engine: &dyn Engine,
    name: &'static str,
    count: c_int,
    sets: [*mut fd_set; 3],
    deadline: Deadline,
    now: impl Fn() -> c_int,
) -> Option<c_int> {
    // SAFETY: each set has room for `count` bits, by select's contract.
    let sets = sets.map(|s| unsafe { Set::save(s, count) });
    let mut fds = Vec::new();
    for fd in 0..count as usize {
        let mut events = 0;
        for (set, event) in sets.iter().zip([libc::POLLIN, libc::POLLOUT, libc::POLLPRI]) {
            if set.has(fd) {
                events |= event;
            }
        }
        if events != 0 {
            fds.push(pollfd { fd: fd as c_int, events, revents: 0 });
        }
    }
    let again = || {
        sets.iter().for_each(Set::restore);
        now()
    };
    if fds.is_empty() {
        let r = poll_nothing(engine, name, deadline)?;
        return Some(if r == 0 { again() } else { r });
    }
    let r = poll_loop(engine, name, &mut fds, deadline, false, |_| again());
    if r.is_none() {
        sets.iter().for_each(Set::restore);
    }
    r
}

pub unsafe extern "C" fn select(
    count: c_int,
    read: *mut fd_set,
    write: *mut fd_set,
    except: *mut fd_set,
    timeout: *mut timeval,
) -> c_int {
    // SAFETY: the caller's arguments, unchanged.
    let real = || unsafe { libc::select(count, read, write, except, timeout) };
    let Some(e) = current().filter(|_| (0..=1 << 20).contains(&count)) else { return real() };
    // SAFETY: a valid timeval or null, by contract.
    let deadline = match unsafe { timeout.as_ref() } {
        None => Deadline::NEVER,
        Some(tv) if tv.tv_sec < 0 || tv.tv_usec < 0 => return real(),
        Some(tv) if tv.tv_sec == 0 && tv.tv_usec == 0 => return real(),
        Some(tv) => Deadline::after(Some(Duration::from_secs(tv.tv_sec as u64) + Duration::from_micros(tv.tv_usec as u64))),
    };
    // SAFETY: the caller's sets; a zero time-out of our own.
    let r = unsafe {
        select_with(e, "select", count, [read, write, except], deadline, || {
            let mut zero = timeval { tv_sec: 0, tv_usec: 0 };
            libc::select(count, read, write, except, &mut zero)
        })
    };
    let code = sys::errno();
    let Some(r) = r else { return real() };
    // Linux tells how much of the time was left.
    // SAFETY: as above.
    if let (Some(tv), Some(left)) = (unsafe { timeout.as_mut() }, deadline.remaining()) {
        tv.tv_sec = left.as_secs() as libc::time_t;
        tv.tv_usec = left.subsec_micros().into();
    }
    sys::set_errno(code);
    r
}

pub unsafe extern "C" fn pselect(
    count: c_int,
    read: *mut fd_set,
    write: *mut fd_set,
    except: *mut fd_set,
    timeout: *const timespec,
    mask: *const sigset_t,
) -> c_int {
    // SAFETY: the caller's arguments, unchanged.
    let real = || unsafe { libc::pselect(count, read, write, except, timeout, mask) };
    let Some(e) = current().filter(|_| (0..=1 << 20).contains(&count)) else { return real() };
    // SAFETY: a valid timespec or null, by contract.
    let deadline = match unsafe { timeout.as_ref() } {
        None => Deadline::NEVER,
        Some(ts) => match sys::duration(ts) {
            Some(d) if !d.is_zero() => Deadline::after(Some(d)),
            _ => return real(),
        },
    };
    let zero = timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the caller's sets and mask; a zero time-out of our own.
    unsafe {
        select_with(e, "pselect", count, [read, write, except], deadline, || {
            libc::pselect(count, read, write, except, &zero, mask)
        })
    }
    .unwrap_or_else(real)
}

/// An epoll instance is itself pollable: wait for it, then collect.
fn epoll_with(epoll: c_int, name: &'static str, timeout: c_int, real: impl Fn(c_int) -> c_int) -> c_int {
    let Some(e) = current().filter(|_| timeout != 0) else { return real(timeout) };
    let deadline = Deadline::millis(timeout);
    loop {
        let r = real(0);
        if r != 0 || deadline.expired() {
            return r;
        }
        match engine::wait_fd(e, name, epoll, Interest::Read, deadline) {
            Next::Retry => {}
            Next::Timeout => return real(0),
            Next::Canceled => return sys::fail(libc::ECANCELED),
            Next::Closed => return sys::fail(libc::EBADF),
            Next::Denied => return sys::fail(libc::EBUSY),
            Next::Block => return real(timeout),
        }
    }
}

pub unsafe extern "C" fn epoll_wait(epoll: c_int, events: *mut epoll_event, max: c_int, timeout: c_int) -> c_int {
    // SAFETY: the caller's arguments, but for the time-out.
    epoll_with(epoll, "epoll_wait", timeout, |t| unsafe { libc::epoll_wait(epoll, events, max, t) })
}

pub unsafe extern "C" fn epoll_pwait(
    epoll: c_int,
    events: *mut epoll_event,
    max: c_int,
    timeout: c_int,
    mask: *const sigset_t,
) -> c_int {
    // SAFETY: the caller's arguments, but for the time-out.
    epoll_with(epoll, "epoll_pwait", timeout, |t| unsafe { libc::epoll_pwait(epoll, events, max, t, mask) })
}
