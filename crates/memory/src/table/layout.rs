//! Where everything lies in a table's segment, and the views of it.
//!
//! `header | stripes | bitmap | buckets | rows`, each part on a cache line's boundary.

use std::sync::atomic::{AtomicU32, AtomicU64};

use super::bitmap::Bitmap;
use super::row::{HEADER_BYTES, Row};
use super::{Schema, Table};
use crate::map::MapError;

/// The most rows a table can be asked for.
pub const MAX_ROWS: u64 = 1 << 31;
const MIN_ROWS: u64 = 64;
const LINE: usize = 64;
pub(super) const STRIPES: usize = 16;

/// Why a table could not be made.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The shared memory could not be had.
    #[error(transparent)]
    Map(#[from] MapError),
    /// Its size in bytes is no number.
    #[error("the table's size overflows")]
    Overflow,
}

#[derive(Debug)]
pub(super) struct Layout {
    pub(super) buckets: usize,
    pub(super) capacity: usize,
    stripes_at: usize,
    bitmap_at: usize,
    buckets_at: usize,
    rows_at: usize,
    stride: usize,
    words: usize,
    pub(super) total: usize,
}

#[repr(C)]
pub(super) struct Header {
    pub(super) max_chain: AtomicU32,
}

/// Counters, several of them so that processes do not fight for one line.
#[repr(C, align(64))]
pub(super) struct Stripe {
    pub(super) inserts: AtomicU64,
    pub(super) updates: AtomicU64,
    pub(super) deletes: AtomicU64,
    pub(super) conflicts: AtomicU64,
}

/// The start of a chain of rows, and the lock of whoever changes one of them.
#[repr(C, align(16))]
pub(super) struct Bucket {
    /// Owner token; 0 is free.
    pub(super) lock: AtomicU32,
    /// Bumped after every unlinking and before the slot is used again, so that a reader that was
    /// led astray into another chain notices.
    pub(super) turns: AtomicU32,
    /// Number of the first row plus one; 0 is none.
    pub(super) head: AtomicU32,
}

impl Layout {
    pub(super) fn new(rows: u64, conflict: f64, schema: &Schema) -> Result<Layout, TableError> {
        let buckets = rounded(rows);
        let share = if conflict.is_nan() { 0.2 } else { conflict.clamp(0.2, 1.0) };
        // Row numbers plus one must fit 32 bits.
        let capacity = (buckets + (buckets as f64 * share) as usize).min(u32::MAX as usize - 1);
        let words = schema.words;
        let layout = || {
            let row = words.checked_mul(16)?.checked_add(HEADER_BYTES)?;
            let stride = round(row)?;
            let stripes_at = round(size_of::<Header>())?;
            let bitmap_at = stripes_at.checked_add(STRIPES * size_of::<Stripe>())?;
            let buckets_at = round(bitmap_at.checked_add(capacity.div_ceil(64).checked_mul(8)?)?)?;
            let rows_at = round(buckets_at.checked_add(buckets.checked_mul(size_of::<Bucket>())?)?)?;
            let total = rows_at.checked_add(stride.checked_mul(capacity)?)?;
            Some(Layout { buckets, capacity, stripes_at, bitmap_at, buckets_at, rows_at, stride, words, total })
        };
        layout().ok_or(TableError::Overflow)
    }
}

pub(super) fn rounded(rows: u64) -> usize {
    rows.clamp(MIN_ROWS, MAX_ROWS).next_power_of_two() as usize
}

fn round(n: usize) -> Option<usize> {
    n.checked_add(LINE - 1).map(|n| n & !(LINE - 1))
}

// SAFETY of every view below: the segment is page-aligned and `layout.total` long, each part lies
// within it on its own boundary, consists of atomics only, and all-zero bytes are valid for it.
impl Table {
    #[inline]
    pub(super) fn header(&self) -> &Header {
        // SAFETY: see above; the header is at the start.
        unsafe { &*self.segment.base().cast() }
    }

    #[inline]
    pub(super) fn stripes(&self) -> &[Stripe] {
        // SAFETY: see above; STRIPES of them were laid out.
        unsafe { std::slice::from_raw_parts(self.segment.base().add(self.layout.stripes_at).cast(), STRIPES) }
    }

    #[inline]
    pub(super) fn bitmap(&self) -> Bitmap<'_> {
        let words = self.layout.capacity.div_ceil(64);
        // SAFETY: see above; that many words were laid out.
        let words = unsafe { std::slice::from_raw_parts(self.segment.base().add(self.layout.bitmap_at).cast(), words) };
        Bitmap { words, bits: self.layout.capacity }
    }

    #[inline]
    pub(super) fn bucket(&self, hash: u32) -> &Bucket {
        let index = hash as usize & (self.layout.buckets - 1);
        // SAFETY: see above; buckets is a power of two, so the index is below it.
        unsafe { &*self.segment.base().add(self.layout.buckets_at).cast::<Bucket>().add(index) }
    }

    /// The row of that number, which must be below the capacity.
    #[inline]
    pub(super) fn row(&self, index: usize) -> Row<'_> {
        debug_assert!(index < self.layout.capacity);
        // Row numbers come out of shared memory; one that was scribbled on must not lead outside.
        let index = if index < self.layout.capacity { index } else { 0 };
        // SAFETY: see above; index is below the capacity.
        unsafe { Row::at(self.segment.base().add(self.layout.rows_at + index * self.layout.stride), self.layout.words) }
    }
}
