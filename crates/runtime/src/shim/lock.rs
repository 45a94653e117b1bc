//! pthread locks, which know threads and not coroutines.
//!
//! Two coroutines of one thread that meet at a mutex would lock the thread out of itself. For most
//! libraries we count: a coroutine that holds a lock does not suspend (it blocks, for once). For
//! libraries known to wait for I/O inside their own locks, the lock belongs to the coroutine: who
//! finds it taken by another coroutine waits in the engine.
//!
//! Condition variables and semaphores stay as they are.

use std::cell::RefCell;
use std::time::Duration;

use libc::{c_int, pthread_mutex_t, pthread_rwlock_t, timespec};

use crate::engine::{Deadline, Engine, Wait, current, on_engine_thread};
use crate::sys;

/// A lock that was never released (its library ended, or was unlocked by somebody we do not see)
/// must not fill the table for ever.
const MOST_HELD: usize = 4096;

struct Held {
    lock: usize,
    owner: i64,
    /// Held by an interposed library: its owner may suspend.
    owned: bool,
    exclusive: bool,
}

thread_local! {
    static HELD: RefCell<Vec<Held>> = const { RefCell::new(Vec::new()) };
}

/// Does this coroutine hold a lock that forbids it to suspend?
pub(crate) fn holds(owner: i64) -> bool {
    HELD.try_with(|h| h.borrow().iter().any(|h| h.owner == owner && !h.owned)).unwrap_or(false)
}

/// The coroutine that takes a lock on the engine's thread, if any.
#[inline]
fn owner() -> Option<i64> {
    on_engine_thread().map(Engine::current_id).filter(|id| *id > 0)
}

fn took(lock: usize, owner: i64, owned: bool, exclusive: bool) {
    let _ = HELD.try_with(|h| {
        let mut h = h.borrow_mut();
        if h.len() >= MOST_HELD {
            h.drain(..MOST_HELD / 2);
        }
        h.push(Held { lock, owner, owned, exclusive });
    });
}

/// Forgets one hold of `lock`: the caller's own rather than another's.
fn gave(lock: usize) {
    if let Some(e) = on_engine_thread() {
        let id = e.current_id();
        let _ = HELD.try_with(|h| {
            let mut h = h.borrow_mut();
            let at = h.iter().rposition(|x| x.lock == lock && x.owner == id).or_else(|| h.iter().rposition(|x| x.lock == lock));
            if let Some(at) = at {
                h.swap_remove(at);
            }
        });
    }
}

fn forget(lock: usize) {
    if on_engine_thread().is_some() {
        let _ = HELD.try_with(|h| h.borrow_mut().retain(|x| x.lock != lock));
    }
}

/// Is `lock` held by another coroutine, in a way that excludes what we want?
fn foreign(lock: usize, me: i64, exclusive: bool) -> bool {
    HELD.try_with(|h| h.borrow().iter().any(|x| x.lock == lock && x.owner != me && (exclusive || x.exclusive))).unwrap_or(false)
}

fn counted(lock: usize, exclusive: bool, real: impl FnOnce() -> c_int) -> c_int {
    let r = real();
    if r == 0
        && let Some(id) = owner()
    {
        took(lock, id, false, exclusive);
    }
    r
}

fn released(lock: usize, real: impl FnOnce() -> c_int) -> c_int {
    let r = real();
    if r == 0 {
        gave(lock);
    }
    r
}

/// Takes an interposed lock: waits while another coroutine has it, then asks the kernel's.
fn take(lock: usize, exclusive: bool, deadline: Deadline, attempt: impl Fn() -> c_int, real: impl FnOnce() -> c_int) -> c_int {
    let Some(me) = owner() else { return real() };
    let mut step = Duration::from_micros(200);
    loop {
        // Asked first: a recursive mutex would let in any coroutine of its thread.
        if !foreign(lock, me, exclusive) {
            let r = match attempt() {
                // Another thread has it, and will let go whatever we do.
                libc::EBUSY => real(),
                r => r,
            };
            if r == 0 {
                took(lock, me, true, exclusive);
            }
            return r;
        }
        if deadline.expired() {
            return libc::ETIMEDOUT;
        }
        let Some(e) = current() else { return real() };
        // A cancelled coroutine cannot get out of a lock half-taken, so it waits on.
        if e.sleep(step) == Wait::Canceled {
            step = Duration::from_millis(1);
        }
        step = (step * 2).min(Duration::from_millis(5));
    }
}

fn attempt_owned(lock: usize, exclusive: bool, real: impl FnOnce() -> c_int) -> c_int {
    let Some(me) = owner() else { return real() };
    if foreign(lock, me, exclusive) {
        return libc::EBUSY;
    }
    let r = real();
    if r == 0 {
        took(lock, me, true, exclusive);
    }
    r
}

unsafe extern "C" {
    fn pthread_mutex_timedlock(m: *mut pthread_mutex_t, until: *const timespec) -> c_int;
}

macro_rules! takers {
    ($($name:ident, $owned:ident: $kind:ty, $exclusive:literal, $real:path, $attempt:path;)*) => {$(
        pub unsafe extern "C" fn $name(lock: *mut $kind) -> c_int {
            // SAFETY: the caller's argument, unchanged.
            counted(lock as usize, $exclusive, || unsafe { $real(lock) })
        }

        pub unsafe extern "C" fn $owned(lock: *mut $kind) -> c_int {
            // SAFETY: the caller's argument, unchanged.
            let (attempt, real) = (|| unsafe { $attempt(lock) }, || unsafe { $real(lock) });
            take(lock as usize, $exclusive, Deadline::NEVER, attempt, real)
        }
    )*};
}

macro_rules! triers {
    ($($name:ident, $owned:ident: $kind:ty, $exclusive:literal, $real:path;)*) => {$(
        pub unsafe extern "C" fn $name(lock: *mut $kind) -> c_int {
            // SAFETY: the caller's argument, unchanged.
            counted(lock as usize, $exclusive, || unsafe { $real(lock) })
        }

        pub unsafe extern "C" fn $owned(lock: *mut $kind) -> c_int {
            // SAFETY: the caller's argument, unchanged.
            attempt_owned(lock as usize, $exclusive, || unsafe { $real(lock) })
        }
    )*};
}

macro_rules! enders {
    ($($name:ident, $owned:ident: $kind:ty, $end:ident, $real:path;)*) => {$(
        pub unsafe extern "C" fn $name(lock: *mut $kind) -> c_int {
            // SAFETY: the caller's argument, unchanged.
            $end(lock as usize, || unsafe { $real(lock) })
        }

        pub unsafe extern "C" fn $owned(lock: *mut $kind) -> c_int {
            // SAFETY: as the plain shim.
            unsafe { $name(lock) }
        }
    )*};
}

fn destroyed(lock: usize, real: impl FnOnce() -> c_int) -> c_int {
    forget(lock);
    real()
}

takers! {
    mutex_lock, owned_mutex_lock: pthread_mutex_t, true,
        libc::pthread_mutex_lock, libc::pthread_mutex_trylock;
    rwlock_rdlock, owned_rwlock_rdlock: pthread_rwlock_t, false,
        libc::pthread_rwlock_rdlock, libc::pthread_rwlock_tryrdlock;
    rwlock_wrlock, owned_rwlock_wrlock: pthread_rwlock_t, true,
        libc::pthread_rwlock_wrlock, libc::pthread_rwlock_trywrlock;
}

triers! {
    mutex_trylock, owned_mutex_trylock: pthread_mutex_t, true, libc::pthread_mutex_trylock;
    rwlock_tryrdlock, owned_rwlock_tryrdlock: pthread_rwlock_t, false,
        libc::pthread_rwlock_tryrdlock;
    rwlock_trywrlock, owned_rwlock_trywrlock: pthread_rwlock_t, true,
        libc::pthread_rwlock_trywrlock;
}

enders! {
    mutex_unlock, owned_mutex_unlock: pthread_mutex_t, released, libc::pthread_mutex_unlock;
    mutex_destroy, owned_mutex_destroy: pthread_mutex_t, destroyed, libc::pthread_mutex_destroy;
    rwlock_unlock, owned_rwlock_unlock: pthread_rwlock_t, released, libc::pthread_rwlock_unlock;
    rwlock_destroy, owned_rwlock_destroy: pthread_rwlock_t, destroyed,
        libc::pthread_rwlock_destroy;
}

pub unsafe extern "C" fn mutex_timedlock(lock: *mut pthread_mutex_t, until: *const timespec) -> c_int {
    // SAFETY: the caller's arguments, unchanged.
    counted(lock as usize, true, || unsafe { pthread_mutex_timedlock(lock, until) })
}

pub unsafe extern "C" fn owned_mutex_timedlock(lock: *mut pthread_mutex_t, until: *const timespec) -> c_int {
    // SAFETY: a valid timespec or null, by contract.
    let at = unsafe { until.as_ref() }.and_then(sys::duration);
    let left = at.map(|at| at.saturating_sub(sys::now(libc::CLOCK_REALTIME)));
    // SAFETY: the caller's arguments, unchanged.
    let (attempt, real) = (|| unsafe { libc::pthread_mutex_trylock(lock) }, || unsafe { pthread_mutex_timedlock(lock, until) });
    take(lock as usize, true, Deadline::after(left), attempt, real)
}
