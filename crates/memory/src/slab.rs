//! Cells of one cache line each, in shared pages, for objects too small for a mapping of their own.

use std::collections::BTreeMap;
use std::ptr::NonNull;
use std::sync::{Mutex, PoisonError};

use crate::map::{MapError, Segment, page_size};
use crate::owner;

const CELL: usize = 64;

/// One zero-filled cache line of shared memory.
#[derive(Debug)]
pub(crate) struct Cell(NonNull<u8>);

// SAFETY: a Cell is an address that stays mapped while the value lives; its user accesses it
// through atomics only.
unsafe impl Send for Cell {}
// SAFETY: as above.
unsafe impl Sync for Cell {}

struct Chunk {
    /// Kept for its Drop.
    _segment: Segment,
    /// Cells that may be handed out.
    free: Vec<u16>,
    /// Cells in use by this process.
    live: usize,
    /// The fork count when the chunk was made. A relative forked later has the same pages and its own idea
    /// of which cells are free, so that neither may hand out any of them again.
    epoch: usize,
}

#[derive(Default)]
struct Slab {
    chunks: BTreeMap<usize, Chunk>,
    /// Bases of chunks that (probably) have free cells.
    open: Vec<usize>,
}

static SLAB: Mutex<Option<Slab>> = Mutex::new(None);

impl Cell {
    /// A new cell.
    ///
    /// # Errors
    /// No memory, or no registry of owners.
    pub(crate) fn new() -> Result<Cell, MapError> {
        owner::init()?;
        let mut guard = SLAB.lock().unwrap_or_else(PoisonError::into_inner);
        let slab = guard.get_or_insert_with(Slab::default);
        loop {
            let Some(&base) = slab.open.last() else {
                slab.grow()?;
                continue;
            };
            let taken = slab.chunks.get_mut(&base).filter(|c| c.epoch == owner::forks()).and_then(|chunk| {
                let index = chunk.free.pop()?;
                chunk.live += 1;
                Some(base + usize::from(index) * CELL)
            });
            match taken.and_then(|at| NonNull::new(at as *mut u8)) {
                Some(cell) => {
                    // SAFETY: a whole cell of a live chunk that nobody else has.
                    unsafe { cell.write_bytes(0, CELL) };
                    return Ok(Cell(cell));
                }
                None => {
                    slab.open.pop();
                    if slab.chunks.get(&base).is_some_and(|chunk| chunk.live == 0) {
                        slab.chunks.remove(&base);
                    }
                }
            }
        }
    }

    #[inline]
    pub(crate) fn as_ptr(&self) -> *mut u8 {
        self.0.as_ptr()
    }
}

impl Slab {
    fn grow(&mut self) -> Result<(), MapError> {
        let segment = Segment::new(page_size())?;
        let base = segment.base() as usize;
        let cells = (segment.len() / CELL) as u16;
        let chunk = Chunk { _segment: segment, free: (0..cells).rev().collect(), live: 0, epoch: owner::forks() };
        self.chunks.insert(base, chunk);
        self.open.push(base);
        Ok(())
    }
}

impl Drop for Cell {
    fn drop(&mut self) {
        let mut guard = SLAB.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(slab) = guard.as_mut() else { return };
        let at = self.0.as_ptr() as usize;
        let base = at & !(page_size() - 1);
        let Some(chunk) = slab.chunks.get_mut(&base) else {
            return;
        };
        chunk.live -= 1;
        let index = (at - base) / CELL;
        // A relative that was forked meanwhile may still use the cell: then it rests until the whole chunk
        // can go.
        let ours = chunk.epoch == owner::forks();
        if ours {
            if chunk.free.is_empty() {
                slab.open.push(base);
            }
            chunk.free.push(index as u16);
        }
        // One empty chunk is kept, for the next cell.
        if chunk.live == 0 && (!ours || slab.open.len() > 1) {
            slab.chunks.remove(&base);
            slab.open.retain(|&b| b != base);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn cells_made_on_both_sides_of_a_fork_are_not_the_same() {
        let before = Cell::new().unwrap();
        // SAFETY: our own cell; the child leaves at once.
        unsafe {
            let pid = libc::fork();
            let after = Cell::new();
            if pid == 0 {
                let Ok(cell) = after else { libc::_exit(1) };
                cell.as_ptr().write_volatile(7);
                before.as_ptr().write_volatile(8);
                libc::_exit(0);
            }
            let after = after.unwrap();
            let mut status = 1;
            libc::waitpid(pid, &mut status, 0);
            assert_eq!(status, 0);
            assert_eq!(after.as_ptr().read_volatile(), 0, "the child's cell is ours");
            assert_eq!(before.as_ptr().read_volatile(), 8, "a cell from before the fork is shared");
        }
    }

    #[test]
    fn cells_are_distinct_lines_zeroed_and_reused() {
        let cells: Vec<Cell> = (0..200).map(|_| Cell::new().unwrap()).collect();
        let mut at: Vec<usize> = cells.iter().map(|c| c.as_ptr() as usize).collect();
        at.sort_unstable();
        at.dedup();
        assert_eq!(at.len(), 200);
        assert!(at.iter().all(|a| a % CELL == 0));
        for c in &cells {
            // SAFETY: our own cell.
            unsafe { c.as_ptr().write_bytes(7, CELL) };
        }
        drop(cells);
        let again = Cell::new().unwrap();
        // SAFETY: our own cell.
        assert_eq!(unsafe { *again.as_ptr() }, 0);
    }
}
