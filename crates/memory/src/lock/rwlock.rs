//! The read-write lock: the writer is one word, and every reading process has an entry of its
//! own, so that the share of a killed reader can be told from the others' and struck out.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering, fence};
use std::time::Duration;

use super::{LIVENESS, LockError, Mode, Patience};
use crate::futex;
use crate::map::{MapError, Segment};
use crate::owner::{self, Kind, WAITERS as DRAINING};

/// Processes that can read at once; more than that wait for one of them.
const READERS: usize = 480;
/// Entries looked at before the search goes over all of them.
const NEAR: usize = 4;
const SPINS: u32 = 200;

#[repr(C)]
struct Shared {
    /// The token of the process that writes; 0 if none. With [`DRAINING`] while it waits for the
    /// last readers.
    writer: AtomicU32,
    /// Bumped at every release: what sleepers sleep on.
    turns: AtomicU32,
    /// Sleepers, so that a release without any costs no system call.
    sleepers: AtomicU32,
    /// Entries below this one may be in use.
    used_to: AtomicU32,
    /// Not 0 once an entry was claimed far from its start.
    spilled: AtomicU32,
    _pad: [u32; 11],
    /// Owner token in the upper half, its number of shared holds in the lower; 0 is free.
    readers: [AtomicU64; READERS],
}

/// A read-write lock in shared memory, in a page of its own.
///
/// Shared holds are counted by process and nest, also while a writer waits for them to end.
#[derive(Debug)]
pub struct RwLock(Segment);

impl RwLock {
    /// A free lock.
    ///
    /// # Errors
    /// No shared memory.
    pub fn new() -> Result<RwLock, MapError> {
        owner::init()?;
        Segment::new(size_of::<Shared>()).map(RwLock)
    }

    #[inline]
    fn shared(&self) -> &Shared {
        // SAFETY: the segment is page-aligned, as long as a Shared, and zero-filled at first,
        // which is a free lock.
        unsafe { &*self.0.base().cast() }
    }

    /// Takes the lock.
    ///
    /// # Errors
    /// [`LockError::Busy`], [`LockError::TimedOut`], or [`LockError::Deadlock`] when this process
    /// is the writer already.
    pub fn lock(&self, mode: Mode, patience: Patience) -> Result<(), LockError> {
        let token = owner::current();
        match mode {
            Mode::Shared => self.lock_shared(token.raw(), token.slot() as usize, patience),
            Mode::Exclusive => self.lock_exclusive(token.raw(), patience),
        }
    }

    fn lock_shared(&self, token: u32, start: usize, patience: Patience) -> Result<(), LockError> {
        let lock = self.shared();
        let mut wait = Wait::new(lock, patience);
        loop {
            let turn = lock.turns.load(Ordering::Acquire);
            let writer = lock.writer.load(Ordering::Acquire);
            if let Some(entry) = lock.entry_of(token, start) {
                // While we read nobody writes, and a writer that waits for us must not keep us
                // from nesting.
                entry.fetch_add(1, Ordering::AcqRel);
                return Ok(());
            }
            if writer & !DRAINING == token {
                return Err(if patience == Patience::Try { LockError::Busy } else { LockError::Deadlock });
            }
            if writer == 0 || self.strike_writer(writer) {
                match lock.claim_entry(token, start) {
                    Some(entry) => {
                        // Pairs with the fence of a writer: either it sees our entry, or we see it.
                        fence(Ordering::SeqCst);
                        if lock.writer.load(Ordering::Relaxed) == 0 {
                            return Ok(());
                        }
                        entry.store(0, Ordering::Release);
                        lock.release_turn();
                    }
                    None => self.strike_readers(),
                }
            }
            wait.pause(turn)?;
        }
    }

    fn lock_exclusive(&self, token: u32, patience: Patience) -> Result<(), LockError> {
        let lock = self.shared();
        let mut wait = Wait::new(lock, patience);
        loop {
            let turn = lock.turns.load(Ordering::Acquire);
            let writer = lock.writer.load(Ordering::Acquire);
            if writer & !DRAINING == token {
                return Err(if patience == Patience::Try { LockError::Busy } else { LockError::Deadlock });
            }
            if (writer == 0 || self.strike_writer(writer))
                && lock.writer.compare_exchange(0, token | DRAINING, Ordering::SeqCst, Ordering::Relaxed).is_ok()
            {
                break;
            }
            wait.pause(turn)?;
        }
        fence(Ordering::SeqCst);
        loop {
            let turn = lock.turns.load(Ordering::Acquire);
            if !lock.unread() {
                self.strike_readers();
            }
            if lock.unread() {
                lock.writer.store(token, Ordering::Release);
                return Ok(());
            }
            if let Err(error) = wait.pause(turn) {
                lock.writer.store(0, Ordering::Release);
                lock.release_turn();
                return Err(error);
            }
        }
    }

    /// Frees one hold: the writer's if there is one, else a shared one of this process, else
    /// anybody's.
    pub fn unlock(&self) {
        let lock = self.shared();
        let token = owner::current();
        let writer = lock.writer.load(Ordering::Acquire);
        if writer != 0 && writer & DRAINING == 0 {
            // Entries there may be now are of readers that are about to see the writer.
            lock.writer.store(0, Ordering::Release);
        } else if let Some(entry) = lock.entry_of(token.raw(), token.slot() as usize) {
            Shared::leave(entry);
        } else if let Some(entry) = lock.entries().iter().find(|r| r.load(Ordering::Acquire) != 0) {
            Shared::leave(entry);
        } else {
            return;
        }
        lock.release_turn();
    }

    fn strike_writer(&self, writer: u32) -> bool {
        let Some(dead) = owner::dead(writer) else {
            return false;
        };
        let struck = self.shared().writer.compare_exchange(writer, 0, Ordering::AcqRel, Ordering::Relaxed).is_ok();
        if struck {
            owner::announce(Kind::RwLock, dead);
        }
        struck
    }

    fn strike_readers(&self) {
        for entry in self.shared().entries() {
            let held = entry.load(Ordering::Acquire);
            if held != 0
                && let Some(dead) = owner::dead((held >> 32) as u32)
                && entry.compare_exchange(held, 0, Ordering::AcqRel, Ordering::Relaxed).is_ok()
            {
                owner::announce(Kind::RwLock, dead);
            }
        }
    }
}

impl Shared {
    /// The entry in which `token` holds the lock shared.
    #[inline]
    fn entry_of(&self, token: u32, start: usize) -> Option<&AtomicU64> {
        let mine = |entry: &&AtomicU64| (entry.load(Ordering::Acquire) >> 32) as u32 == token;
        let start = start % READERS;
        let near = &self.readers[start..(start + NEAR).min(READERS)];
        near.iter().find(mine).or_else(|| {
            // Entries lie near their start unless so many read at once that one had to go far.
            let spilled = self.spilled.load(Ordering::Acquire) != 0;
            if spilled { self.readers.iter().find(mine) } else { None }
        })
    }

    fn claim_entry(&self, token: u32, start: usize) -> Option<&AtomicU64> {
        let hold = u64::from(token) << 32 | 1;
        let start = start % READERS;
        for step in 0..READERS {
            let at = (start + step) % READERS;
            let entry = &self.readers[at];
            if entry.load(Ordering::Relaxed) != 0 {
                continue;
            }
            if start + step >= (start + NEAR).min(READERS) {
                self.spilled.store(1, Ordering::SeqCst);
            }
            self.used_to.fetch_max(at as u32 + 1, Ordering::SeqCst);
            if entry.compare_exchange(0, hold, Ordering::SeqCst, Ordering::Relaxed).is_ok() {
                return Some(entry);
            }
        }
        None
    }

    /// The entries that have ever been used.
    #[inline]
    fn entries(&self) -> &[AtomicU64] {
        &self.readers[..(self.used_to.load(Ordering::SeqCst) as usize).min(READERS)]
    }

    #[inline]
    fn unread(&self) -> bool {
        self.entries().iter().all(|r| r.load(Ordering::Acquire) == 0)
    }

    fn leave(entry: &AtomicU64) {
        // A hold that is the last one frees the entry, all 64 bits at once.
        let _ = entry.fetch_update(Ordering::AcqRel, Ordering::Acquire, |held| match held as u32 {
            _ if held == 0 => None,
            0 | 1 => Some(0),
            _ => Some(held - 1),
        });
    }

    fn release_turn(&self) {
        self.turns.fetch_add(1, Ordering::SeqCst);
        if self.sleepers.load(Ordering::SeqCst) != 0 {
            futex::wake(&self.turns, u32::MAX);
        }
    }
}

struct Wait<'a> {
    lock: &'a Shared,
    patience: Patience,
    spins: u32,
}

impl<'a> Wait<'a> {
    fn new(lock: &'a Shared, patience: Patience) -> Self {
        Wait { lock, patience, spins: 0 }
    }

    /// Waits for a release after `turn`: spinning at first, then asleep, in slices.
    fn pause(&mut self, turn: u32) -> Result<(), LockError> {
        // Also who does not want to wait gives a drain that is about to end a moment.
        if self.spins < SPINS && (self.patience != Patience::Try || self.spins < 8) {
            self.spins += 1;
            std::hint::spin_loop();
            return Ok(());
        }
        let slice: Duration = self.patience.slice(LIVENESS)?;
        // A sleeper killed here leaves the count high: a release then makes one call too many.
        self.lock.sleepers.fetch_add(1, Ordering::SeqCst);
        futex::wait(&self.lock.turns, turn, Some(slice));
        self.lock.sleepers.fetch_sub(1, Ordering::SeqCst);
        Ok(())
    }
}
