//! A value in two copies, one of which is current: what a killed writer leaves is never seen.
//!
//! The version's lowest bit says which copy is current. A writer (one at a time, under a lock)
//! fills the other copy and publishes it by the next version; a reader copies out and keeps what
//! it copied only if the version is still the same. Nobody ever waits for a writer.

use crate::sync::{AtomicU32, Ordering, fence};

/// The version word of a value kept twice.
#[repr(transparent)]
#[derive(Debug)]
pub struct Version(AtomicU32);

impl Version {
    /// Version 0: copy 0 is current.
    pub fn new() -> Version {
        Version(AtomicU32::new(0))
    }

    /// What a reader starts from.
    #[inline]
    pub fn begin(&self) -> u32 {
        self.0.load(Ordering::Acquire)
    }

    /// May what was read since [`Version::begin`] be kept?
    #[inline]
    pub fn still(&self, seen: u32) -> bool {
        // Orders the data loads before the second look at the version.
        fence(Ordering::Acquire);
        self.0.load(Ordering::Relaxed) == seen
    }

    /// The version, for the one writer.
    #[inline]
    pub fn owned(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }

    /// Must come between taking the writer's lock and the first store to a copy: a reader that
    /// sees such a store must also see the version that made that copy the spare one.
    #[inline]
    pub fn open(&self) {
        fence(Ordering::Release);
    }

    /// Makes the spare copy the current one.
    #[inline]
    pub fn flip(&self, from: u32) {
        self.0.store(from.wrapping_add(1), Ordering::Release);
    }

    /// Says that one word of the current copy was changed in place.
    #[inline]
    pub fn touch(&self, from: u32) {
        self.0.store(from.wrapping_add(2), Ordering::Release);
    }

    /// Begins a new life with copy 0 current, and makes every reader of the old one try again.
    #[inline]
    pub fn renew(&self) {
        let next = (self.0.load(Ordering::Relaxed) | 1).wrapping_add(1);
        self.0.store(next, Ordering::Relaxed);
        fence(Ordering::Release);
    }
}

impl Default for Version {
    fn default() -> Self {
        Version::new()
    }
}

/// Which copy is current at a version.
#[inline]
pub fn current(version: u32) -> usize {
    (version & 1) as usize
}
