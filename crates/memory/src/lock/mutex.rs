//! The mutex: one word (owner, and whether anybody sleeps), futex(2) below it.

use std::time::Duration;

use super::{LIVENESS, LockError, Patience};
#[cfg(not(loom))]
use crate::map::MapError;
#[cfg(not(loom))]
use crate::owner::{self, Kind};
use crate::owner::{Dead, WAITERS};
#[cfg(not(loom))]
use crate::slab::Cell;
use crate::sync::{AtomicU32, Ordering, spin};

/// How many looks a contender takes before it sleeps. A futex round trip costs some 5-20 µs of
/// both processors; a section under a PHP lock is usually far shorter.
const SPINS: u32 = if cfg!(loom) { 1 } else { 100 };

/// What a mutex needs from its surroundings; the kernel and the registry outside of tests.
pub trait Parking {
    /// This contender's token.
    fn token(&self) -> u32;
    /// Sleeps while the word holds `expected`, for `time` at most.
    fn park(&self, word: &AtomicU32, expected: u32, time: Duration);
    /// Wakes one sleeper.
    fn unpark(&self, word: &AtomicU32);
    /// Is the owner in this word certainly dead?
    fn dead(&self, word: u32) -> Option<Dead>;
}

/// The lock word and its protocol.
#[derive(Debug, Default)]
#[repr(transparent)]
pub struct RawMutex(AtomicU32);

impl RawMutex {
    /// A free mutex.
    pub fn new() -> RawMutex {
        RawMutex(AtomicU32::new(0))
    }

    /// Takes the mutex; says whose it was if that one died holding it.
    ///
    /// # Errors
    /// [`LockError::Busy`] or [`LockError::TimedOut`].
    #[inline]
    pub fn lock(&self, patience: Patience, os: &impl Parking) -> Result<Option<Dead>, LockError> {
        if self.0.compare_exchange(0, os.token(), Ordering::Acquire, Ordering::Relaxed).is_ok() {
            return Ok(None);
        }
        self.contend(patience, os)
    }

    #[cold]
    fn contend(&self, patience: Patience, os: &impl Parking) -> Result<Option<Dead>, LockError> {
        let mut token = os.token();
        if patience != Patience::Try {
            let mut pauses = 1;
            for _ in 0..SPINS {
                for _ in 0..pauses {
                    spin();
                }
                pauses = (pauses * 2).min(64);
                let held = self.0.load(Ordering::Relaxed);
                if held == 0 && self.take(0, token) {
                    return Ok(None);
                }
                if held & WAITERS != 0 {
                    break;
                }
            }
        }
        loop {
            let held = self.0.load(Ordering::Relaxed);
            if held & !WAITERS == 0 {
                if self.take(held, token | held) {
                    return Ok(None);
                }
                continue;
            }
            if let Some(dead) = os.dead(held) {
                if self.take(held, token | held & WAITERS) {
                    return Ok(Some(dead));
                }
                continue;
            }
            let slice = patience.slice(LIVENESS)?;
            if held & WAITERS == 0 && self.0.compare_exchange(held, held | WAITERS, Ordering::Relaxed, Ordering::Relaxed).is_err()
            {
                continue;
            }
            os.park(&self.0, held | WAITERS, slice);
            // There may be more sleepers than the one that was woken, so whoever has slept takes
            // the lock with the mark set and wakes the next when it leaves.
            token |= WAITERS;
        }
    }

    fn take(&self, held: u32, token: u32) -> bool {
        self.0.compare_exchange(held, token, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    /// Frees the mutex, whoever holds it; nothing happens when nobody does.
    #[inline]
    pub fn unlock(&self, os: &impl Parking) {
        if self.0.swap(0, Ordering::Release) & WAITERS != 0 {
            os.unpark(&self.0);
        }
    }
}

#[cfg(not(loom))]
struct Kernel;

#[cfg(not(loom))]
impl Parking for Kernel {
    #[inline]
    fn token(&self) -> u32 {
        owner::current().raw()
    }
    fn park(&self, word: &AtomicU32, expected: u32, time: Duration) {
        crate::futex::wait(word, expected, Some(time));
    }
    fn unpark(&self, word: &AtomicU32) {
        crate::futex::wake(word, 1);
    }
    fn dead(&self, word: u32) -> Option<Dead> {
        owner::dead(word)
    }
}

/// A mutex in shared memory, on a cache line of its own.
#[cfg(not(loom))]
#[derive(Debug)]
pub struct Mutex(Cell);

#[cfg(not(loom))]
impl Mutex {
    /// A free mutex.
    ///
    /// # Errors
    /// No shared memory.
    pub fn new() -> Result<Mutex, MapError> {
        Cell::new().map(Mutex)
    }

    #[inline]
    fn raw(&self) -> &RawMutex {
        // SAFETY: a cell is 64 mapped, aligned, zero-filled bytes that live as long as self, and
        // zero is a free mutex.
        unsafe { &*self.0.as_ptr().cast() }
    }

    /// Takes the mutex. It is not reentrant.
    ///
    /// # Errors
    /// [`LockError::Busy`] or [`LockError::TimedOut`].
    #[inline]
    pub fn lock(&self, patience: Patience) -> Result<(), LockError> {
        if let Some(dead) = self.raw().lock(patience, &Kernel)? {
            owner::announce(Kind::Mutex, dead);
        }
        Ok(())
    }

    /// Frees the mutex, whoever holds it.
    #[inline]
    pub fn unlock(&self) {
        self.raw().unlock(&Kernel);
    }
}
