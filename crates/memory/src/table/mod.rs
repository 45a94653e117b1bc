//! A hash table of fixed-width rows in shared memory.
//!
//! Readers take no lock and write nothing: a row is kept in two copies ([`crate::twin`]), and a
//! read that a writer got in the way of is done again. Writers lock the row's bucket, by a word
//! that names its owner.
//!
//! What a writer killed at any instruction leaves behind:
//!
//! * **A row exists if and only if its bit in the occupancy bitmap is set.** That one store is
//!   the commit of an insert and of a delete; count is the number of bits, iteration walks them.
//! * An update is committed by the row's version word; an `incr` is one 8-byte store.
//! * A slot belongs to whoever's token is in its `owner` word, 0 being free. A slot without its
//!   bit whose owner is dead goes back to the free ones, when a bucket is taken over or a search
//!   for a free slot finds none.

mod bitmap;
mod hash;
mod layout;
mod read;
mod row;
mod schema;
mod write;

pub use layout::{MAX_ROWS, TableError};
pub use read::Snapshot;
pub use schema::{Column, ColumnType, Schema, SchemaError};
pub use write::{Amount, IncrError, Stored, TableFull};

use std::sync::atomic::Ordering;

use layout::Layout;

use crate::map::Segment;

/// The longest key in bytes.
pub const MAX_KEY: usize = 63;

/// One column's value, for writing or as read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// For an INT column.
    Int(i64),
    /// For a FLOAT column.
    Float(f64),
    /// For a STRING column; what is longer than the column is cut off.
    Str(&'a [u8]),
}

/// A table, as this process sees it. Children forked later share its rows.
#[derive(Debug)]
pub struct Table {
    segment: Segment,
    schema: Schema,
    layout: Layout,
}

/// Counters of a table since it was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Rows there are.
    pub rows: usize,
    /// Rows that came to a bucket that had one already.
    pub conflicts: u64,
    /// The longest way to the end of a bucket that an insert went.
    pub max_chain: u32,
    /// Rows made, changed, deleted.
    pub inserts: u64,
    /// Calls that changed a row that was there.
    pub updates: u64,
    /// Rows deleted.
    pub deletes: u64,
    /// Rows that can be had beyond [`Table::size`].
    pub spare_total: usize,
    /// Of those, how many are still to be had.
    pub spare_free: usize,
}

impl Table {
    /// Maps a table for at least `rows` rows of this schema, whatever their keys.
    ///
    /// `rows` is rounded up to a power of two of at least 64; `conflict` (0.2 to 1.0) is the
    /// share of rows to be had beyond that.
    ///
    /// # Errors
    /// [`TableError`]: too large for the machine, or for row numbers of 32 bits.
    pub fn new(rows: u64, conflict: f64, schema: Schema) -> Result<Table, TableError> {
        crate::owner::init().map_err(crate::MapError::from)?;
        let layout = Layout::new(rows, conflict, &schema)?;
        let segment = Segment::new(layout.total)?;
        Ok(Table { segment, schema, layout })
    }

    /// The columns.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The rows it was asked for, rounded up.
    pub fn size(&self) -> usize {
        self.layout.buckets
    }

    /// What [`Table::size`] will be of a table asked for so many rows.
    pub fn rounded(rows: u64) -> usize {
        layout::rounded(rows)
    }

    /// The rows it can hold.
    pub fn capacity(&self) -> usize {
        self.layout.capacity
    }

    /// Shared memory in bytes, of which pages never written take none.
    pub fn memory_size(&self) -> usize {
        self.segment.len()
    }

    /// The rows there are; exact at every moment, whoever was killed.
    pub fn count(&self) -> usize {
        self.bitmap().count()
    }

    /// A snapshot of the counters.
    pub fn stats(&self) -> Stats {
        let rows = self.count();
        let mut stats = Stats {
            rows,
            max_chain: self.header().max_chain.load(Ordering::Relaxed),
            spare_total: self.layout.capacity - self.layout.buckets,
            ..Stats::default()
        };
        stats.spare_free = stats.spare_total.min(self.layout.capacity - rows.min(self.layout.capacity));
        for stripe in self.stripes() {
            stats.conflicts += stripe.conflicts.load(Ordering::Relaxed);
            stats.inserts += stripe.inserts.load(Ordering::Relaxed);
            stats.updates += stripe.updates.load(Ordering::Relaxed);
            stats.deletes += stripe.deletes.load(Ordering::Relaxed);
        }
        stats
    }
}
