//! Reading: no lock, no store to shared memory, done again when a writer got in the way.

use std::sync::atomic::{Ordering, fence};

use super::hash::{KEY_WORDS, Probe};
use super::layout::Bucket;
use super::row::Row;
use super::{ColumnType, MAX_KEY, Schema, Table, Value};
use crate::twin::current;

/// Failed tries after which a reader takes the bucket's lock, so that writers cannot starve it.
const TRIES: usize = 64;
/// Steps through a chain after which a reader checks that it is still in it.
const LOST: usize = 64;

/// A row as it was at one moment, in memory of this process. Reused from read to read.
#[derive(Debug, Default)]
pub struct Snapshot {
    words: Vec<u64>,
    key: [u64; KEY_WORDS],
}

impl Snapshot {
    /// Room for nothing yet; a read makes it.
    pub fn new() -> Snapshot {
        Snapshot::default()
    }

    /// A column's value, if the last read was of a table of this schema and included it.
    #[inline]
    pub fn value(&self, schema: &Schema, column: usize) -> Option<Value<'_>> {
        let column = schema.columns().get(column)?;
        let first = *self.words.get(column.offset)?;
        Some(match column.kind {
            ColumnType::Int => Value::Int(first as i64),
            ColumnType::Float => Value::Float(f64::from_bits(first)),
            ColumnType::Str => {
                let len = first.min(column.size as u64) as usize;
                let words = self.words.get(column.offset + 1..column.offset + 1 + len.div_ceil(8))?;
                // SAFETY: `len` initialised bytes of the words just sliced.
                Value::Str(unsafe { std::slice::from_raw_parts(words.as_ptr().cast(), len) })
            }
        })
    }

    /// The key of a row read by [`Table::next_row`].
    pub fn key(&self) -> &[u8] {
        // SAFETY: the array's bytes, all initialised.
        let bytes = unsafe { std::slice::from_raw_parts(self.key.as_ptr().cast::<u8>(), KEY_WORDS * 8) };
        let len = usize::from(bytes[0]).min(MAX_KEY);
        &bytes[1..=len]
    }

    #[inline]
    fn fit(&mut self, schema: &Schema) -> *mut u64 {
        if self.words.len() < schema.words {
            self.words.resize(schema.words, 0);
        }
        self.words.as_mut_ptr()
    }
}

impl Table {
    /// Reads a row, or of it one column. False if there is none of this key.
    #[inline]
    pub fn get(&self, key: &[u8], column: Option<usize>, out: &mut Snapshot) -> bool {
        let to = out.fit(&self.schema);
        self.visit(key, |row, which| {
            match column.and_then(|c| self.schema.columns.get(c)) {
                // SAFETY: `fit` made room for every column of the schema.
                Some(column) => unsafe { row.read(which, column, to) },
                // SAFETY: as above.
                None => self.schema.columns.iter().for_each(|column| unsafe { row.read(which, column, to) }),
            }
        })
    }

    /// Is there a row of this key?
    #[inline]
    pub fn exists(&self, key: &[u8]) -> bool {
        self.visit(key, |_, _| ())
    }

    /// Reads the first row at slot `from` or after it, with its key; the slot to go on from.
    ///
    /// Going through all slots meets every row that is there from beginning to end exactly once,
    /// in time proportional to the rows (and a bit for each slot).
    pub fn next_row(&self, mut from: usize, out: &mut Snapshot) -> Option<usize> {
        let to = out.fit(&self.schema);
        let bitmap = self.bitmap();
        loop {
            let index = bitmap.next(from)?;
            let row = self.row(index);
            let mut tries = 0;
            while bitmap.has(index) {
                let header = row.header();
                let version = header.version.begin();
                for (to, from) in out.key.iter_mut().zip(&header.key) {
                    *to = from.load(Ordering::Relaxed);
                }
                for column in &self.schema.columns {
                    // SAFETY: `fit` made room for every column of the schema.
                    unsafe { row.read(current(version), column, to) };
                }
                if header.version.still(version) && bitmap.has(index) {
                    return Some(index + 1);
                }
                tries += 1;
                if tries > TRIES {
                    std::thread::yield_now();
                }
            }
            from = index + 1;
        }
    }

    /// Runs `read` on the row's current copy, again until nothing changed meanwhile.
    #[inline]
    fn visit(&self, key: &[u8], mut read: impl FnMut(Row<'_>, usize)) -> bool {
        let probe = Probe::new(key);
        let bucket = self.bucket(probe.hash);
        for _ in 0..TRIES {
            if let Some(found) = self.try_visit(bucket, &probe, &mut read) {
                return found;
            }
        }
        let guard = self.lock(bucket);
        match self.find_locked(&guard, &probe).index {
            Some(index) => {
                let row = self.row(index);
                read(row, current(row.header().version.owned()));
                true
            }
            None => false,
        }
    }

    /// None if a writer got in the way.
    #[inline]
    fn try_visit(&self, bucket: &Bucket, probe: &Probe, read: &mut impl FnMut(Row<'_>, usize)) -> Option<bool> {
        let turns = bucket.turns.load(Ordering::Acquire);
        let mut link = bucket.head.load(Ordering::Acquire);
        let mut steps = 0;
        while link != 0 {
            let index = link as usize - 1;
            let row = self.row(index);
            let header = row.header();
            let version = header.version.begin();
            if row.has_key(probe) && self.bitmap().has(index) {
                read(row, current(version));
                return header.version.still(version).then_some(true);
            }
            link = header.next.load(Ordering::Acquire);
            steps += 1;
            if steps % LOST == 0 && bucket.turns.load(Ordering::Acquire) != turns {
                return None;
            }
        }
        // The way ended here: but was it this bucket's all along?
        fence(Ordering::Acquire);
        (bucket.turns.load(Ordering::Relaxed) == turns).then_some(false)
    }
}
