//! One turn of the loop. Every queue is taken from one element at a time, and no borrow is held while
//! the sink runs: what it does to the reactor (even a nested turn) is seen by the next step.

use std::io;
use std::os::fd::RawFd;
use std::time::{Duration, Instant};

use crate::fds::{Record, Table};
use crate::reactor::{Reactor, SIGNAL_DATA, WAKER_DATA};
use crate::{Direction, Interest, Readiness, Sink, sys};

const READ_EVENTS: u32 = (libc::EPOLLIN | libc::EPOLLPRI | libc::EPOLLRDHUP) as u32;
const WRITE_EVENTS: u32 = libc::EPOLLOUT as u32;
const FAULTS: u32 = (libc::EPOLLERR | libc::EPOLLHUP) as u32;

/// What one look at an event leads to, decided under the borrow.
enum Step {
    Stale,
    Nothing,
    Waiter(u64, Readiness),
    Source(u64, Readiness),
}

/// Finds a registration that reports for ever under a generation nobody knows.
#[derive(Clone, Copy, Default)]
pub(crate) struct StaleWatch {
    suspect: u64,
    hits: u32,
    misses: u32,
}

impl StaleWatch {
    /// So often one and the same arming may come back: an honest stale event does so once or twice.
    const LIMIT: u32 = 128;
    /// After so many others the suspect is cleared.
    const PATIENCE: u32 = 1024;

    fn sees(&mut self, data: u64) -> bool {
        if self.hits == 0 || self.misses >= Self::PATIENCE {
            *self = Self { suspect: data, hits: 0, misses: 0 };
        }
        if data == self.suspect {
            self.hits += 1;
        } else {
            self.misses += 1;
        }
        let found = self.hits >= Self::LIMIT;
        if found {
            *self = Self::default();
        }
        found
    }
}

impl Reactor {
    /// Waits for at most `max_wait` (`None`: without end) and delivers what happened; returns at once
    /// when something is already there to deliver. The order is that of [`Sink`].
    ///
    /// Errors: epoll_wait(2); `EBADF` after [`forget`](Self::forget). A signal is not an error.
    pub fn turn(&self, max_wait: Option<Duration>, sink: &dyn Sink) -> io::Result<()> {
        sink.before_wait();
        if self.batch.is_delivered() {
            match self.batch.fetch(self.epoll.get(), self.timeout(max_wait, sink)) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => sink.interrupted(),
                result => result?,
            }
        }
        // Timers added from here on wait for the next turn.
        let mark = self.timers.borrow().mark();
        self.deliver_signals(sink);
        self.deliver_events(sink);
        self.deliver_woken(sink);
        self.deliver_posted(sink);
        // In a loop's first turn what was deferred before it began comes before what has become due since.
        let timers_first = self.turned.replace(true) || !sink.has_deferred();
        if self.timer_count() > 0 && timers_first {
            let now = self.since_epoch(Instant::now());
            loop {
                let due = self.timers.borrow_mut().pop_due(now, mark);
                match due {
                    Some(token) => sink.timer(token),
                    None => break,
                }
            }
            self.deliver_posted(sink);
        }
        sink.deferred();
        self.deliver_posted(sink);
        sink.cycle();
        Ok(())
    }

    fn timeout(&self, max_wait: Option<Duration>, sink: &dyn Sink) -> Option<Duration> {
        if max_wait == Some(Duration::ZERO)
            || !self.posted.borrow().is_empty()
            || !self.woken.borrow().is_empty()
            || !self.arrived.borrow().is_empty()
            || sink.has_deferred()
        {
            return Some(Duration::ZERO);
        }
        match self.next_deadline() {
            None => max_wait,
            Some(deadline) => {
                let left = deadline.saturating_duration_since(Instant::now());
                Some(max_wait.map_or(left, |max| max.min(left)))
            }
        }
    }

    fn deliver_signals(&self, sink: &dyn Sink) {
        if self.signal_count() > 0 && self.batch.contains(SIGNAL_DATA) {
            let fd = self.signals.borrow().fd();
            while let Some(info) = sys::read_signal(fd) {
                self.arrived.borrow_mut().push_back(info);
            }
        }
        loop {
            let info = self.arrived.borrow_mut().pop_front();
            match info {
                Some(info) if self.watched(info.ssi_signo as i32) => {
                    sink.signal(info.ssi_signo as i32, &info);
                }
                // A handler before this one has stopped watching it.
                Some(_) => {}
                None => return,
            }
        }
    }

    fn deliver_woken(&self, sink: &dyn Sink) {
        loop {
            let token = self.woken.borrow_mut().pop_front();
            match token {
                Some(token) => sink.woken(token),
                None => return,
            }
        }
    }

    /// Only what is queued now: a token that posts a token must not keep I/O from its turn.
    fn deliver_posted(&self, sink: &dyn Sink) {
        let end = self.posted_taken.get() + self.posted.borrow().len() as u64;
        while self.posted_taken.get() < end {
            let token = self.posted.borrow_mut().pop_front();
            let Some(token) = token else { return };
            self.posted_taken.set(self.posted_taken.get() + 1);
            sink.posted(token);
        }
    }

    fn deliver_events(&self, sink: &dyn Sink) {
        while let Some(event) = self.batch.pop() {
            let data = event.u64;
            if data == WAKER_DATA {
                self.waker.borrow().take(&mut self.woken.borrow_mut());
                continue;
            }
            if data == SIGNAL_DATA {
                continue;
            }
            let fd = data as u32 as RawFd;
            match self.step(fd, data, event.events) {
                Step::Waiter(waiter, ready) => sink.ready(waiter, fd, ready),
                Step::Source(source, ready) => sink.source_ready(source, fd, ready),
                Step::Nothing => {}
                Step::Stale => {
                    let mut watch = self.stale.get();
                    let found = watch.sees(data);
                    self.stale.set(watch);
                    if found {
                        // Out of descriptors: the old instance goes on, and this is tried again later.
                        let _ = self.rebuild(sink);
                    }
                }
            }
        }
    }

    /// Looks at one event. Who is told first is taken out of the table; what is left of the event for
    /// others goes back into the batch, where a nested turn finds it too.
    fn step(&self, fd: RawFd, data: u64, events: u32) -> Step {
        let mut table = self.table.borrow_mut();
        let generation = (data >> 32) as u32;
        let Some(&record) = table.get(fd).filter(|record| record.generation == generation) else {
            return Step::Stale;
        };
        let ready = Readiness::from_epoll(events);
        let reader = record.waiter(Direction::Read).filter(|_| ready.answers(record.waiter_mask(Direction::Read)));
        let writer = record.waiter(Direction::Write).filter(|_| ready.answers(Interest::WRITE));

        let Some(waiter) = reader.or(writer) else {
            return self.step_without_waiter(&mut table, fd, data, events, &record);
        };
        let asked = table.update(fd, |record| record.release(waiter)).flatten();
        let asked = asked.unwrap_or(Interest::EMPTY);
        let rest = if writer.is_some_and(|writer| writer != waiter) {
            events & !READ_EVENTS
        } else if let Some((_, mask)) = record.source() {
            // The source sees what the coroutine leaves; a fault is reported again anyway.
            let read = if reader.is_some() { READ_EVENTS } else { 0 };
            let write = if writer.is_some() { WRITE_EVENTS } else { 0 };
            events & mask.to_epoll() & !(read | write)
        } else {
            self.rearm(&mut table, fd)
        };
        if rest != 0 {
            self.batch.put_back(data, rest, &table, fd);
        }
        Step::Waiter(waiter, ready.restricted(asked))
    }

    fn step_without_waiter(&self, table: &mut Table, fd: RawFd, data: u64, events: u32, record: &Record) -> Step {
        let Some((source, mask)) = record.source() else {
            // The spent shot of a waiter that has left; another half may still be waiting.
            let rest = self.rearm(table, fd);
            if rest != 0 {
                self.batch.put_back(data, rest, table, fd);
            }
            return Step::Nothing;
        };
        if events & !FAULTS & !record.wanted().to_epoll() != 0 {
            // Only a former waiter wanted this; level-triggered it would be reported for ever.
            let rest = self.rearm(table, fd);
            if rest != 0 {
                self.batch.put_back(data, rest, table, fd);
            }
        }
        let news = Readiness::from_epoll(events).restricted(mask);
        if news.is_empty() { Step::Nothing } else { Step::Source(source, news) }
    }

    /// Arms again for who goes on waiting. Returns the events to deliver in place of the kernel when it
    /// refuses: the descriptor was closed behind our back, and its users must find out by themselves.
    fn rearm(&self, table: &mut Table, fd: RawFd) -> u32 {
        let armed = table.update(fd, |record| self.arm(fd, record));
        if matches!(armed, Some(Err(_))) { libc::EPOLLERR as u32 } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_event_again_and_again_is_suspicious() {
        let mut watch = StaleWatch::default();
        assert!((0..100_000u64).all(|data| !watch.sees(data)));
        let mut watch = StaleWatch::default();
        let found = (0..10_000u64).position(|n| watch.sees(n % 3));
        assert!(found.is_some_and(|n| n < 1000), "{found:?}");
    }
}
