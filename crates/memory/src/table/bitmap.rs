//! Which rows exist: one bit each.

use std::sync::atomic::{AtomicU64, Ordering};

#[derive(Clone, Copy)]
pub(super) struct Bitmap<'a> {
    pub(super) words: &'a [AtomicU64],
    pub(super) bits: usize,
}

impl Bitmap<'_> {
    #[inline]
    pub(super) fn has(self, index: usize) -> bool {
        self.words.get(index / 64).is_some_and(|w| w.load(Ordering::Acquire) >> (index % 64) & 1 == 1)
    }

    #[inline]
    pub(super) fn set(self, index: usize) {
        if let Some(word) = self.words.get(index / 64) {
            word.fetch_or(1 << (index % 64), Ordering::AcqRel);
        }
    }

    #[inline]
    pub(super) fn clear(self, index: usize) {
        if let Some(word) = self.words.get(index / 64) {
            word.fetch_and(!(1 << (index % 64)), Ordering::AcqRel);
        }
    }

    /// The first set bit at or after `from`.
    pub(super) fn next(self, from: usize) -> Option<usize> {
        let mut at = from / 64;
        let mut word = self.words.get(at)?.load(Ordering::Acquire) & u64::MAX << (from % 64);
        loop {
            if word != 0 {
                return Some(at * 64 + word.trailing_zeros() as usize);
            }
            at += 1;
            word = self.words.get(at)?.load(Ordering::Acquire);
        }
    }

    /// The bits of a word that stand for rows and are not set.
    #[inline]
    pub(super) fn unset(self, at: usize) -> u64 {
        let rows = self.bits - at * 64;
        let valid = if rows >= 64 { u64::MAX } else { (1 << rows) - 1 };
        !self.words[at].load(Ordering::Relaxed) & valid
    }

    pub(super) fn count(self) -> usize {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("popcnt") {
            // SAFETY: the processor has the instruction.
            return unsafe { count_popcnt(self.words) };
        }
        count(self.words)
    }
}

#[inline(always)]
fn count(words: &[AtomicU64]) -> usize {
    words.iter().map(|w| w.load(Ordering::Relaxed).count_ones() as usize).sum()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "popcnt")]
fn count_popcnt(words: &[AtomicU64]) -> usize {
    count(words)
}
