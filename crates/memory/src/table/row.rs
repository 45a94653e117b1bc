//! One row slot: a header with the key, and two copies of the data.

use std::marker::PhantomData;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use super::hash::{KEY_WORDS, Probe};
use super::{Column, ColumnType, Value};
use crate::twin::Version;

#[repr(C)]
pub(super) struct RowHeader {
    pub(super) version: Version,
    /// Number of the next row of the bucket plus one; 0 is none.
    pub(super) next: AtomicU32,
    pub(super) hash: AtomicU32,
    /// Token of the process that took or frees the slot; 0 is a free slot.
    pub(super) owner: AtomicU32,
    pub(super) key: [AtomicU64; KEY_WORDS],
}

pub(super) const HEADER_BYTES: usize = size_of::<RowHeader>();

#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    at: *mut u8,
    words: usize,
    _table: PhantomData<&'a RowHeader>,
}

impl<'a> Row<'a> {
    /// # Safety
    /// `at` is an aligned slot with two copies of `words` words after the header, which lives for
    /// `'a` and is only accessed through atomics.
    #[inline]
    pub(super) unsafe fn at(at: *mut u8, words: usize) -> Row<'a> {
        Row { at, words, _table: PhantomData }
    }

    #[inline]
    pub(super) fn header(self) -> &'a RowHeader {
        // SAFETY: the slot begins with its header (see `at`).
        unsafe { &*self.at.cast() }
    }

    /// First word of a copy of the data.
    #[inline]
    pub(super) fn copy(self, which: usize) -> *const AtomicU64 {
        // SAFETY: two copies follow the header (see `at`), and which is 0 or 1.
        unsafe { self.at.add(HEADER_BYTES).cast::<AtomicU64>().add((which & 1) * self.words) }
    }

    #[inline]
    fn word(self, which: usize, index: usize) -> &'a AtomicU64 {
        debug_assert!(index < self.words);
        // SAFETY: the callers take indexes from the schema the table was laid out with.
        unsafe { &*self.copy(which).add(index) }
    }

    #[inline]
    pub(super) fn has_key(self, probe: &Probe) -> bool {
        let header = self.header();
        if header.hash.load(Ordering::Relaxed) != probe.hash {
            return false;
        }
        (0..probe.used).all(|i| header.key[i].load(Ordering::Relaxed) == probe.words[i])
    }

    pub(super) fn set_key(self, probe: &Probe) {
        let header = self.header();
        header.hash.store(probe.hash, Ordering::Relaxed);
        for (to, from) in header.key.iter().zip(&probe.words[..probe.used]) {
            to.store(*from, Ordering::Relaxed);
        }
    }

    /// All columns 0, 0.0, "".
    pub(super) fn zero(self, which: usize, columns: &[Column]) {
        for column in columns {
            self.word(which, column.offset).store(0, Ordering::Relaxed);
        }
    }

    /// Copies every column's value from one copy to the other; not the unused rest of strings.
    #[inline]
    pub(super) fn duplicate(self, from: usize, to: usize, columns: &[Column]) {
        for column in columns {
            let first = self.word(from, column.offset).load(Ordering::Relaxed);
            self.word(to, column.offset).store(first, Ordering::Relaxed);
            if column.kind == ColumnType::Str {
                for i in 1..=string_words(first, column) {
                    let word = self.word(from, column.offset + i).load(Ordering::Relaxed);
                    self.word(to, column.offset + i).store(word, Ordering::Relaxed);
                }
            }
        }
    }

    /// Writes one column; false if a string was cut off. A value of another type than the
    /// column's is converted as a number, or ignored.
    #[inline]
    pub(super) fn write(self, which: usize, column: &Column, value: Value<'_>) -> bool {
        let word = match (column.kind, value) {
            (ColumnType::Int, Value::Int(n)) => n as u64,
            (ColumnType::Int, Value::Float(x)) => x as i64 as u64,
            (ColumnType::Float, Value::Float(x)) => x.to_bits(),
            (ColumnType::Float, Value::Int(n)) => (n as f64).to_bits(),
            (ColumnType::Str, Value::Str(bytes)) => {
                let len = bytes.len().min(column.size);
                self.write_bytes(which, column.offset + 1, &bytes[..len]);
                self.word(which, column.offset).store(len as u64, Ordering::Relaxed);
                return len == bytes.len();
            }
            _ => return true,
        };
        self.word(which, column.offset).store(word, Ordering::Relaxed);
        true
    }

    fn write_bytes(self, which: usize, offset: usize, bytes: &[u8]) {
        let mut chunks = bytes.chunks_exact(8);
        let mut at = offset;
        for chunk in &mut chunks {
            // INVARIANT: chunks_exact(8) yields arrays of 8.
            let word = u64::from_ne_bytes(chunk.try_into().unwrap_or_default());
            self.word(which, at).store(word, Ordering::Relaxed);
            at += 1;
        }
        let rest = chunks.remainder();
        if !rest.is_empty() {
            let mut last = [0; 8];
            last[..rest.len()].copy_from_slice(rest);
            self.word(which, at).store(u64::from_ne_bytes(last), Ordering::Relaxed);
        }
    }

    /// A number column in place, for `incr`.
    #[inline]
    pub(super) fn number(self, which: usize, column: &Column) -> &'a AtomicU64 {
        self.word(which, column.offset)
    }

    /// Copies one column out, as it is laid out in the row.
    ///
    /// # Safety
    /// `to` points to as many words as a copy of the row's data has.
    #[inline]
    pub(super) unsafe fn read(self, which: usize, column: &Column, to: *mut u64) {
        let first = self.word(which, column.offset).load(Ordering::Relaxed);
        // SAFETY: offsets and lengths come from the schema, and string lengths, which another
        // process wrote, are held to the column's.
        unsafe {
            let to = to.add(column.offset);
            to.write(first);
            if column.kind == ColumnType::Str {
                load_words(self.copy(which).add(column.offset + 1), to.add(1), string_words(first, column));
            }
        }
    }
}

/// Words of a string of that length, which may have been read in the middle of a write.
#[inline]
fn string_words(len: u64, column: &Column) -> usize {
    (len.min(column.size as u64) as usize).div_ceil(8)
}

/// Copies `words` words out of memory that others may be writing.
///
/// # Safety
/// `from` is valid for `words` reads as atomics, `to` for as many plain writes.
#[inline]
unsafe fn load_words(from: *const AtomicU64, to: *mut u64, words: usize) {
    for i in 0..words {
        // SAFETY: both ranges are valid by the caller's word.
        unsafe { to.add(i).write((*from.add(i)).load(Ordering::Relaxed)) };
    }
}
