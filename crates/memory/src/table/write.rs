//! Writing: one bucket locked at a time, every change published by one store.

use std::sync::atomic::{Ordering, fence};

use super::hash::Probe;
use super::layout::{Bucket, STRIPES, Stripe};
use super::row::Row;
use super::{ColumnType, Table, Value};
use crate::lock::{Patience, acquire_word};
use crate::owner::{self, Kind};
use crate::twin::current;

/// What a [`Table::set`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// The row was made by this call.
    pub inserted: bool,
    /// A string was longer than its column and was cut off.
    pub truncated: bool,
}

/// There is no slot left for a new row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the table is full")]
pub struct TableFull;

/// By how much to change a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Amount {
    /// Added with wrap-around to an INT, as a double to a FLOAT.
    Int(i64),
    /// Cut to an integer for an INT column.
    Float(f64),
}

/// Why a number was not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IncrError {
    /// There is no slot left for a new row.
    #[error("the table is full")]
    Full,
    /// No such column, or one of strings.
    #[error("not a number column")]
    NotNumeric,
}

/// A locked bucket.
pub(super) struct Guard<'a> {
    bucket: &'a Bucket,
    token: u32,
}

impl Drop for Guard<'_> {
    #[inline]
    fn drop(&mut self) {
        self.bucket.lock.store(0, Ordering::Release);
    }
}

pub(super) struct Found {
    pub(super) index: Option<usize>,
    /// The row before it in the chain.
    before: Option<usize>,
    /// Rows passed on the way.
    steps: u32,
}

impl Table {
    /// Writes columns of a row, by number, making the row if it is not there; then the other
    /// columns are 0, 0.0 and "". Readers see all of it or nothing.
    ///
    /// # Errors
    /// [`TableFull`] if it is a new row too many.
    pub fn set(&self, key: &[u8], values: &[(usize, Value<'_>)]) -> Result<Stored, TableFull> {
        let probe = Probe::new(key);
        self.upsert(
            &probe,
            |row| {
                let version = row.header().version.owned();
                let (from, to) = (current(version), current(version) ^ 1);
                // What is about to be overwritten need not be copied over; the usual `set`
                // names every column.
                if values.len() != self.schema.columns.len() || !self.covers(values) {
                    row.duplicate(from, to, &self.schema.columns);
                }
                let whole = self.write_all(row, to, values);
                row.header().version.flip(version);
                Stored { inserted: false, truncated: !whole }
            },
            |row| Stored { inserted: true, truncated: !self.write_all(row, 0, values) },
        )
    }

    /// Adds to a number column and returns what it is then; a row that is not there is made.
    ///
    /// # Errors
    /// See [`IncrError`].
    pub fn incr(&self, key: &[u8], column: usize, by: Amount) -> Result<Amount, IncrError> {
        let column = self.schema.columns.get(column).ok_or(IncrError::NotNumeric)?;
        if column.kind == ColumnType::Str {
            return Err(IncrError::NotNumeric);
        }
        let add = |row: Row<'_>, which: usize| {
            let word = row.number(which, column);
            let old = word.load(Ordering::Relaxed);
            let (new, result) = if column.kind == ColumnType::Int {
                let by = match by {
                    Amount::Int(n) => n,
                    Amount::Float(x) => x as i64,
                };
                let sum = (old as i64).wrapping_add(by);
                (sum as u64, Amount::Int(sum))
            } else {
                let by = match by {
                    Amount::Int(n) => n as f64,
                    Amount::Float(x) => x,
                };
                let sum = f64::from_bits(old) + by;
                (sum.to_bits(), Amount::Float(sum))
            };
            word.store(new, Ordering::Relaxed);
            result
        };
        let probe = Probe::new(key);
        let changed = |row: Row<'_>| {
            let version = row.header().version.owned();
            // One word in place is whole at any moment; the version only tells readers that were
            // in the middle of the row.
            let result = add(row, current(version));
            row.header().version.touch(version);
            result
        };
        self.upsert(&probe, changed, |row| add(row, 0)).map_err(|TableFull| IncrError::Full)
    }

    /// Deletes a row; false if there was none.
    pub fn del(&self, key: &[u8]) -> bool {
        let probe = Probe::new(key);
        let bucket = self.bucket(probe.hash);
        let guard = self.lock(bucket);
        let found = self.find_locked(&guard, &probe);
        let Some(index) = found.index else {
            return false;
        };
        let row = self.row(index);
        // From here on the slot is ours to free: should we die, ours is the token to be asked for.
        row.header().owner.store(guard.token, Ordering::Release);
        self.bitmap().clear(index);
        self.unlink(bucket, found.before, index);
        row.header().owner.store(0, Ordering::Release);
        self.stripe(guard.token).deletes.fetch_add(1, Ordering::Relaxed);
        true
    }

    #[inline]
    fn upsert<T>(
        &self,
        probe: &Probe,
        update: impl FnOnce(Row<'_>) -> T,
        fill: impl FnOnce(Row<'_>) -> T,
    ) -> Result<T, TableFull> {
        let bucket = self.bucket(probe.hash);
        let mut swept = false;
        loop {
            let guard = self.lock(bucket);
            let found = self.find_locked(&guard, probe);
            if let Some(index) = found.index {
                let row = self.row(index);
                row.header().version.open();
                let result = update(row);
                self.stripe(guard.token).updates.fetch_add(1, Ordering::Relaxed);
                return Ok(result);
            }
            match self.claim(probe.hash, guard.token) {
                Ok(index) => return Ok(self.insert(&guard, index, probe, found.steps, fill)),
                Err(suspects) => {
                    // Sweeping locks other buckets, and nobody holds two.
                    drop(guard);
                    if swept || !suspects {
                        return Err(TableFull);
                    }
                    self.sweep();
                    swept = true;
                }
            }
        }
    }

    fn insert<T>(&self, guard: &Guard<'_>, index: usize, probe: &Probe, chain: u32, fill: impl FnOnce(Row<'_>) -> T) -> T {
        let row = self.row(index);
        let header = row.header();
        // A reader that still has this slot in mind, from its last life, must see that it ended.
        header.version.renew();
        row.set_key(probe);
        row.zero(0, &self.schema.columns);
        let result = fill(row);
        let bucket = guard.bucket;
        header.next.store(bucket.head.load(Ordering::Relaxed), Ordering::Relaxed);
        bucket.head.store(index as u32 + 1, Ordering::Release);
        self.bitmap().set(index);
        let stripe = self.stripe(guard.token);
        stripe.inserts.fetch_add(1, Ordering::Relaxed);
        if chain != 0 {
            stripe.conflicts.fetch_add(1, Ordering::Relaxed);
            self.header().max_chain.fetch_max(chain, Ordering::Relaxed);
        }
        result
    }

    fn covers(&self, values: &[(usize, Value<'_>)]) -> bool {
        let mut seen = 0u64;
        for (column, _) in values {
            seen |= 1u64.checked_shl(*column as u32).unwrap_or(0);
        }
        let count = self.schema.columns.len();
        count <= 64 && seen == u64::MAX >> (64 - count.max(1))
    }

    #[inline]
    fn write_all(&self, row: Row<'_>, which: usize, values: &[(usize, Value<'_>)]) -> bool {
        let mut whole = true;
        for (column, value) in values {
            if let Some(column) = self.schema.columns.get(*column) {
                whole &= row.write(which, column, *value);
            }
        }
        whole
    }

    #[inline]
    fn stripe(&self, token: u32) -> &Stripe {
        &self.stripes()[(token >> 16) as usize % STRIPES]
    }

    #[inline]
    pub(super) fn lock<'a>(&'a self, bucket: &'a Bucket) -> Guard<'a> {
        let token = owner::current().raw();
        if let Ok(Some(dead)) = acquire_word(&bucket.lock, token, Patience::Forever) {
            self.repair(bucket);
            owner::announce(Kind::Row, dead);
        }
        Guard { bucket, token }
    }

    #[inline]
    pub(super) fn find_locked(&self, guard: &Guard<'_>, probe: &Probe) -> Found {
        let mut link = guard.bucket.head.load(Ordering::Relaxed);
        let mut found = Found { index: None, before: None, steps: 0 };
        while link != 0 {
            let index = link as usize - 1;
            let row = self.row(index);
            if row.has_key(probe) && self.bitmap().has(index) {
                found.index = Some(index);
                return found;
            }
            found.before = Some(index);
            found.steps += 1;
            link = row.header().next.load(Ordering::Relaxed);
        }
        found
    }

    fn unlink(&self, bucket: &Bucket, before: Option<usize>, index: usize) {
        let next = self.row(index).header().next.load(Ordering::Relaxed);
        match before {
            Some(before) => self.row(before).header().next.store(next, Ordering::Release),
            None => bucket.head.store(next, Ordering::Release),
        }
        let turns = bucket.turns.load(Ordering::Relaxed);
        bucket.turns.store(turns.wrapping_add(1), Ordering::Release);
    }

    /// Takes a free slot; or says whether one of a dead process may have been among the taken.
    fn claim(&self, hash: u32, token: u32) -> Result<usize, bool> {
        let bitmap = self.bitmap();
        let words = bitmap.words.len();
        // From a place that depends on the key: processes seldom meet, and a free slot is near.
        let start = ((u64::from(hash.rotate_left(16)) * words as u64) >> 32) as usize;
        let mut suspects = false;
        for step in 0..words {
            let at = if start + step < words { start + step } else { start + step - words };
            let mut unset = bitmap.unset(at);
            while unset != 0 {
                let index = at * 64 + unset.trailing_zeros() as usize;
                let owner = &self.row(index).header().owner;
                if owner.load(Ordering::Relaxed) == 0
                    && owner.compare_exchange(0, token, Ordering::Acquire, Ordering::Relaxed).is_ok()
                {
                    return Ok(index);
                }
                suspects = true;
                unset &= unset - 1;
            }
        }
        Err(suspects)
    }

    /// After the lock was taken over: drops rows that the dead one had linked and not committed,
    /// or deleted and not unlinked.
    #[cold]
    fn repair(&self, bucket: &Bucket) {
        let mut before = None;
        let mut link = bucket.head.load(Ordering::Relaxed);
        while link != 0 {
            let index = link as usize - 1;
            let header = self.row(index).header();
            link = header.next.load(Ordering::Relaxed);
            if self.bitmap().has(index) {
                before = Some(index);
            } else {
                self.unlink(bucket, before, index);
                header.owner.store(0, Ordering::Release);
            }
        }
        // The dead one may have unlinked a row and not said so.
        let turns = bucket.turns.load(Ordering::Relaxed);
        bucket.turns.store(turns.wrapping_add(1), Ordering::Release);
    }

    /// Frees the slots of dead processes that are in no chain.
    #[cold]
    fn sweep(&self) {
        let bitmap = self.bitmap();
        for at in 0..bitmap.words.len() {
            let mut unset = bitmap.unset(at);
            while unset != 0 {
                let index = at * 64 + unset.trailing_zeros() as usize;
                unset &= unset - 1;
                let header = self.row(index).header();
                let held = header.owner.load(Ordering::Acquire);
                if held == 0 || owner::dead(held).is_none() {
                    continue;
                }
                // If the dead one got as far as linking the row, its lock is still in place, and
                // taking it repairs the chain.
                let bucket = self.bucket(header.hash.load(Ordering::Relaxed));
                let _guard = self.lock(bucket);
                fence(Ordering::Acquire);
                if !bitmap.has(index) && !self.linked(bucket, index) {
                    let turns = bucket.turns.load(Ordering::Relaxed);
                    bucket.turns.store(turns.wrapping_add(1), Ordering::Release);
                    let _ = header.owner.compare_exchange(held, 0, Ordering::AcqRel, Ordering::Relaxed);
                }
            }
        }
    }

    fn linked(&self, bucket: &Bucket, index: usize) -> bool {
        let mut link = bucket.head.load(Ordering::Relaxed);
        while link != 0 {
            if link as usize - 1 == index {
                return true;
            }
            link = self.row(link as usize - 1).header().next.load(Ordering::Relaxed);
        }
        false
    }
}
