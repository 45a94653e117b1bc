//! What the loop knows of each descriptor, indexed by its number: a wait allocates and hashes nothing.

use std::os::fd::RawFd;

use crate::{Direction, Interest};

const READ: u8 = 1;
const WRITE: u8 = 2;
const SOURCE: u8 = 4;
const REGISTERED: u8 = 8;

#[derive(Clone, Copy, Default)]
pub(crate) struct Record {
    read: u64,
    write: u64,
    source: u64,
    /// Goes out with each arming and comes back with its events: an event of an earlier arming, or of
    /// an earlier file with this number, shows an older generation.
    pub(crate) generation: u32,
    flags: u8,
    read_mask: Interest,
    source_mask: Interest,
}

impl Record {
    fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    pub(crate) fn is_registered(&self) -> bool {
        self.has(REGISTERED)
    }

    pub(crate) fn set_registered(&mut self, registered: bool) {
        self.flags = self.flags & !REGISTERED | if registered { REGISTERED } else { 0 };
    }

    pub(crate) fn is_idle(&self) -> bool {
        !self.has(READ | WRITE | SOURCE)
    }

    pub(crate) fn has_waiters(&self) -> bool {
        self.has(READ | WRITE)
    }

    pub(crate) fn waits(&self) -> usize {
        usize::from(self.has(READ)) + usize::from(self.has(WRITE))
    }

    pub(crate) fn source(&self) -> Option<(u64, Interest)> {
        self.has(SOURCE).then_some((self.source, self.source_mask))
    }

    pub(crate) fn set_source(&mut self, source: Option<(u64, Interest)>) {
        match source {
            Some((source, mask)) => {
                self.flags |= SOURCE;
                self.source = source;
                self.source_mask = mask;
            }
            None => {
                self.flags &= !SOURCE;
                self.source_mask = Interest::EMPTY;
            }
        }
    }

    pub(crate) fn waiter(&self, direction: Direction) -> Option<u64> {
        match direction {
            Direction::Read => self.has(READ).then_some(self.read),
            Direction::Write => self.has(WRITE).then_some(self.write),
        }
    }

    /// What the waiter of `direction` asked for; empty without a waiter.
    pub(crate) fn waiter_mask(&self, direction: Direction) -> Interest {
        match direction {
            Direction::Read if self.has(READ) => self.read_mask,
            Direction::Write if self.has(WRITE) => Interest::WRITE,
            _ => Interest::EMPTY,
        }
    }

    /// Takes the halves that `interest` names. An interest in nothing but errors takes the read half.
    ///
    /// Errors: the waiter that holds one of them.
    pub(crate) fn claim(&mut self, interest: Interest, waiter: u64) -> Result<(), u64> {
        let write = interest.intersects(Interest::WRITE);
        let read = !interest.read_half().is_empty() || !write;
        for (wanted, direction) in [(read, Direction::Read), (write, Direction::Write)] {
            match self.waiter(direction) {
                Some(holder) if wanted && holder != waiter => return Err(holder),
                _ => {}
            }
        }
        if read {
            self.read_mask = self.waiter_mask(Direction::Read) | interest.read_half();
            self.read = waiter;
            self.flags |= READ;
        }
        if write {
            self.write = waiter;
            self.flags |= WRITE;
        }
        Ok(())
    }

    /// Frees every half that `waiter` holds; returns what it had asked for, or `None` if nothing.
    pub(crate) fn release(&mut self, waiter: u64) -> Option<Interest> {
        let mut asked = None;
        for (direction, flag) in [(Direction::Read, READ), (Direction::Write, WRITE)] {
            if self.waiter(direction) == Some(waiter) {
                asked = Some(asked.unwrap_or(Interest::EMPTY) | self.waiter_mask(direction));
                self.flags &= !flag;
            }
        }
        asked
    }

    /// Everything anybody asked for.
    pub(crate) fn wanted(&self) -> Interest {
        self.source_mask | self.waiter_mask(Direction::Read) | self.waiter_mask(Direction::Write)
    }

    /// The events to register, or `None` when nobody is interested. A source keeps the registration
    /// level-triggered; without one each arming is good for one event.
    pub(crate) fn events(&self) -> Option<u32> {
        if self.is_idle() {
            return None;
        }
        let once = if self.has(SOURCE) { 0 } else { libc::EPOLLONESHOT as u32 };
        Some(self.wanted().to_epoll() | once)
    }

    /// Nobody is interested any more; the generation moves on.
    pub(crate) fn clear(&mut self) {
        *self = Self { generation: self.generation.wrapping_add(1), ..Self::default() };
    }
}

/// Totals over the table.
#[derive(Clone, Copy, Default)]
pub(crate) struct Counts {
    /// Descriptors with a waiter or a source.
    pub(crate) fds: usize,
    /// Held halves.
    pub(crate) waits: usize,
    pub(crate) sources: usize,
}

#[derive(Default)]
pub(crate) struct Table {
    records: Vec<Record>,
    counts: Counts,
}

impl Table {
    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }

    pub(crate) fn get(&self, fd: RawFd) -> Option<&Record> {
        self.records.get(usize::try_from(fd).ok()?)
    }

    /// Room for `fd`. The caller has made sure that it is an open descriptor: a number made up by a
    /// script must not size the table.
    pub(crate) fn grow(&mut self, fd: RawFd) {
        let needed = usize::try_from(fd).map_or(0, |fd| fd + 1);
        if needed > self.records.len() {
            self.records.resize(needed.next_power_of_two().max(64), Record::default());
        }
    }

    /// Changes one record and keeps the totals.
    pub(crate) fn update<T>(&mut self, fd: RawFd, change: impl FnOnce(&mut Record) -> T) -> Option<T> {
        let record = self.records.get_mut(usize::try_from(fd).ok()?)?;
        let before = *record;
        let result = change(record);
        let after = record;
        let counts = &mut self.counts;
        counts.fds = counts.fds + usize::from(!after.is_idle()) - usize::from(!before.is_idle());
        counts.waits = counts.waits + after.waits() - before.waits();
        counts.sources = counts.sources + usize::from(after.has(SOURCE)) - usize::from(before.has(SOURCE));
        Some(result)
    }

    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    pub(crate) fn clear(&mut self) {
        for record in &mut self.records {
            record.clear();
        }
        self.counts = Counts::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_waiter_a_half() {
        let mut record = Record::default();
        assert_eq!(record.claim(Interest::READ, 1), Ok(()));
        assert_eq!(record.claim(Interest::READ, 2), Err(1));
        assert_eq!(record.claim(Interest::PRIORITY, 2), Err(1));
        assert_eq!(record.claim(Interest::BOTH, 2), Err(1));
        assert_eq!(record.waiter(Direction::Write), None);
        assert_eq!(record.claim(Interest::WRITE, 2), Ok(()));
        assert_eq!(record.waits(), 2);
        assert_eq!(record.release(1), Some(Interest::READ));
        assert_eq!(record.release(1), None);
        assert_eq!(record.claim(Interest::READ | Interest::READ_HANGUP, 2), Ok(()));
        assert_eq!(record.release(2), Some(Interest::BOTH | Interest::READ_HANGUP));
        assert!(record.is_idle());
    }

    #[test]
    fn only_a_source_is_level_triggered() {
        let once = libc::EPOLLONESHOT as u32;
        let mut record = Record::default();
        assert_eq!(record.events(), None);
        assert_eq!(record.claim(Interest::EMPTY, 1), Ok(()));
        assert_eq!(record.events(), Some(once));
        record.set_source(Some((9, Interest::WRITE)));
        assert_eq!(record.events(), Some(libc::EPOLLOUT as u32));
        record.set_source(None);
        assert_eq!(record.events(), Some(once));
    }

    #[test]
    fn totals_follow() {
        let mut table = Table::default();
        table.grow(5);
        table.update(5, |record| record.claim(Interest::BOTH, 1));
        table.update(5, |record| record.set_source(Some((2, Interest::READ))));
        let counts = table.counts();
        assert_eq!((counts.fds, counts.waits, counts.sources), (1, 2, 1));
        table.update(5, Record::clear);
        let counts = table.counts();
        assert_eq!((counts.fds, counts.waits, counts.sources), (0, 0, 0));
        assert!(table.update(-1, |_| ()).is_none() && table.update(1 << 30, |_| ()).is_none());
    }
}
