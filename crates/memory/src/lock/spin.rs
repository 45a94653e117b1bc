//! Spinning on a word that names its owner: the spin lock, and the tables' row locks.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use super::{LockError, Patience};
use crate::map::MapError;
use crate::owner::{self, Dead, Kind};
use crate::slab::Cell;

/// Rounds of growing pauses before the processor is given away: the owner may be waiting for it.
const ROUNDS: u32 = 10;
/// The longest run of pauses in one round. Long enough that the owner works on undisturbed cache
/// lines for a while, short against a time slice.
const MAX_PAUSES: u32 = 256;

/// Takes `word` for `token`, spinning, then yielding. Says whose lock it took over, if that one
/// was dead.
#[inline]
pub(crate) fn acquire(word: &AtomicU32, token: u32, patience: Patience) -> Result<Option<Dead>, LockError> {
    if word.compare_exchange(0, token, Ordering::Acquire, Ordering::Relaxed).is_ok() {
        return Ok(None);
    }
    contend(word, token, patience)
}

#[cold]
fn contend(word: &AtomicU32, token: u32, patience: Patience) -> Result<Option<Dead>, LockError> {
    if patience == Patience::Try {
        return match take_from_dead(word, token) {
            Some(dead) => Ok(Some(dead)),
            None => Err(LockError::Busy),
        };
    }
    let mut pauses = 4;
    let mut asked: Option<Instant> = None;
    for round in 0u32.. {
        for _ in 0..pauses {
            std::hint::spin_loop();
        }
        pauses = (pauses * 2).min(MAX_PAUSES);
        if word.load(Ordering::Relaxed) == 0 && word.compare_exchange(0, token, Ordering::Acquire, Ordering::Relaxed).is_ok() {
            return Ok(None);
        }
        if round < ROUNDS {
            continue;
        }
        std::thread::yield_now();
        if round % 16 != 0 {
            continue;
        }
        patience.slice(Duration::MAX)?;
        // Asking costs a system call or two, so once a millisecond.
        if asked.is_none_or(|at| at.elapsed() >= Duration::from_millis(1)) {
            asked = Some(Instant::now());
            if let Some(dead) = take_from_dead(word, token) {
                return Ok(Some(dead));
            }
        }
    }
    Err(LockError::TimedOut)
}

/// Replaces a dead owner's word by ours, in one step.
fn take_from_dead(word: &AtomicU32, token: u32) -> Option<Dead> {
    let held = word.load(Ordering::Relaxed);
    let dead = owner::dead(held)?;
    word.compare_exchange(held, token, Ordering::Acquire, Ordering::Relaxed).is_ok().then_some(dead)
}

/// A lock that burns processor time instead of sleeping. For sections of well under a millisecond.
#[derive(Debug)]
pub struct SpinLock(Cell);

impl SpinLock {
    /// A free lock.
    ///
    /// # Errors
    /// No shared memory.
    pub fn new() -> Result<SpinLock, MapError> {
        Cell::new().map(SpinLock)
    }

    #[inline]
    fn word(&self) -> &AtomicU32 {
        // SAFETY: a cell is 64 mapped, aligned, zero-filled bytes that live as long as self.
        unsafe { &*self.0.as_ptr().cast() }
    }

    /// Takes the lock.
    ///
    /// # Errors
    /// [`LockError::Busy`] or [`LockError::TimedOut`].
    #[inline]
    pub fn lock(&self, patience: Patience) -> Result<(), LockError> {
        if let Some(dead) = acquire(self.word(), owner::current().raw(), patience)? {
            owner::announce(Kind::Spin, dead);
        }
        Ok(())
    }

    /// Frees the lock, whoever holds it.
    #[inline]
    pub fn unlock(&self) {
        self.word().store(0, Ordering::Release);
    }
}
