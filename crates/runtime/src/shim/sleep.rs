//! sleep, usleep, nanosleep, clock_nanosleep.

use std::time::{Duration, Instant};

use libc::{c_int, c_uint, clockid_t, timespec};

use crate::engine::{self, Engine, Wait, current};
use crate::sys;

/// Sleeps in the engine; what is left if somebody cut it short, `None` where it cannot.
fn suspend(engine: &dyn Engine, name: &'static str, duration: Duration) -> Option<Duration> {
    if duration.is_zero() || !engine::may_wait(engine, name) {
        return None;
    }
    let begin = Instant::now();
    loop {
        let left = duration.saturating_sub(begin.elapsed());
        if left.is_zero() {
            return Some(Duration::ZERO);
        }
        // A timer may be a grain early; a sleep never is.
        if engine.sleep(left) == Wait::Canceled {
            return Some(duration.saturating_sub(begin.elapsed()));
        }
    }
}

pub unsafe extern "C" fn sleep(seconds: c_uint) -> c_uint {
    let left = current().and_then(|e| suspend(e, "sleep", Duration::from_secs(seconds.into())));
    match left {
        Some(left) if left.is_zero() => 0,
        // Whole seconds, rounded up: what is left is not nothing.
        Some(left) => {
            let up = left.as_secs() + u64::from(left.subsec_nanos() > 0);
            c_uint::try_from(up).unwrap_or(seconds)
        }
        // SAFETY: no memory involved.
        None => unsafe { libc::sleep(seconds) },
    }
}

pub unsafe extern "C" fn usleep(micros: c_uint) -> c_int {
    match current().and_then(|e| suspend(e, "usleep", Duration::from_micros(micros.into()))) {
        Some(left) if left.is_zero() => 0,
        Some(_) => sys::fail(libc::EINTR),
        // SAFETY: no memory involved.
        None => unsafe { libc::usleep(micros) },
    }
}

pub unsafe extern "C" fn nanosleep(request: *const timespec, left: *mut timespec) -> c_int {
    // SAFETY: a valid timespec or null, by nanosleep's contract.
    let wanted = unsafe { request.as_ref() }.and_then(sys::duration);
    let end = current().zip(wanted).and_then(|(e, d)| suspend(e, "nanosleep", d));
    match end {
        Some(rest) if rest.is_zero() => 0,
        Some(rest) => {
            // SAFETY: as above.
            if let Some(left) = unsafe { left.as_mut() } {
                *left = sys::timespec(rest);
            }
            sys::fail(libc::EINTR)
        }
        // SAFETY: the caller's arguments, unchanged.
        None => unsafe { libc::nanosleep(request, left) },
    }
}

pub unsafe extern "C" fn clock_nanosleep(clock: clockid_t, flags: c_int, request: *const timespec, left: *mut timespec) -> c_int {
    // SAFETY: the caller's arguments, unchanged.
    let real = || unsafe { libc::clock_nanosleep(clock, flags, request, left) };
    let Some(e) = current() else { return real() };
    // CPU-time clocks stand still while we are suspended.
    if !matches!(clock, libc::CLOCK_REALTIME | libc::CLOCK_MONOTONIC | libc::CLOCK_BOOTTIME) {
        return real();
    }
    // SAFETY: a valid timespec or null, by contract.
    let Some(wanted) = unsafe { request.as_ref() }.and_then(sys::duration) else { return real() };
    let absolute = flags & libc::TIMER_ABSTIME != 0;
    let span = if absolute { wanted.saturating_sub(sys::now(clock)) } else { wanted };
    match suspend(e, "clock_nanosleep", span) {
        // The clock may have been set while we slept.
        Some(rest) if rest.is_zero() => {
            if absolute {
                real()
            } else {
                0
            }
        }
        Some(rest) => {
            // SAFETY: as above.
            if let Some(left) = unsafe { left.as_mut() }.filter(|_| !absolute) {
                *left = sys::timespec(rest);
            }
            // Unlike the others, it returns its error.
            libc::EINTR
        }
        None => real(),
    }
}
