//! The loop: registration of descriptors, timers, the run queue, signals, and the turn.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io;
use std::marker::PhantomData;
use std::os::fd::RawFd;
use std::time::{Duration, Instant};

use crate::fds::{Record, Table};
use crate::signal::Signals;
use crate::timer::{TimerHeap, TimerId};
use crate::turn::StaleWatch;
use crate::{Direction, Interest, Sink, WaitError, Waker, sys};

/// Events fetched by one wait. More are fetched by the next; larger only delays timers.
const BATCH: usize = 512;
/// Event data of our own descriptors: no record has such a number.
pub(crate) const WAKER_DATA: u64 = u64::MAX;
pub(crate) const SIGNAL_DATA: u64 = u64::MAX - 1;

/// One epoll loop; belongs to the thread that made it.
///
/// ```compile_fail
/// fn must_be_send<T: Send>(_: T) {}
/// must_be_send(reactor::Reactor::new().unwrap());
/// ```
pub struct Reactor {
    pub(crate) epoll: Cell<RawFd>,
    pub(crate) table: RefCell<Table>,
    pub(crate) batch: Batch,
    pub(crate) stale: Cell<StaleWatch>,
    /// Timer deadlines count from here.
    pub(crate) epoch: Instant,
    pub(crate) timers: RefCell<TimerHeap>,
    pub(crate) posted: RefCell<VecDeque<u64>>,
    /// The loop has made its first turn.
    pub(crate) turned: Cell<bool>,
    /// How many posted tokens were ever taken.
    pub(crate) posted_taken: Cell<u64>,
    pub(crate) waker: RefCell<Waker>,
    pub(crate) woken: RefCell<VecDeque<u64>>,
    pub(crate) signals: RefCell<Signals>,
    pub(crate) arrived: RefCell<VecDeque<libc::signalfd_siginfo>>,
    _thread_bound: PhantomData<*mut ()>,
}

/// The fetched events and how far they are delivered. Shared by nested turns: an inner turn goes on
/// where the outer one stands, so it can wait for what the outer one has already fetched.
pub(crate) struct Batch {
    events: RefCell<Box<[libc::epoll_event]>>,
    len: Cell<usize>,
    next: Cell<usize>,
}

impl Batch {
    fn new() -> Self {
        Self {
            events: RefCell::new(vec![libc::epoll_event { events: 0, u64: 0 }; BATCH].into_boxed_slice()),
            len: Cell::new(0),
            next: Cell::new(0),
        }
    }

    pub(crate) fn is_delivered(&self) -> bool {
        self.next.get() == self.len.get()
    }

    pub(crate) fn pop(&self) -> Option<libc::epoll_event> {
        let next = self.next.get();
        if next == self.len.get() {
            return None;
        }
        self.next.set(next + 1);
        Some(self.events.borrow()[next])
    }

    /// The rest of the event that was popped last, to be looked at again under `data`'s descriptor as
    /// the table knows it now.
    pub(crate) fn put_back(&self, data: u64, events: u32, table: &Table, fd: RawFd) {
        let Some(next) = self.next.get().checked_sub(1) else {
            return;
        };
        let data = table.get(fd).map_or(data, |record| event_data(fd, record.generation));
        self.events.borrow_mut()[next] = libc::epoll_event { events, u64: data };
        self.next.set(next);
    }

    /// Only when all is delivered.
    pub(crate) fn fetch(&self, epoll: RawFd, timeout: Option<Duration>) -> io::Result<()> {
        self.clear();
        let fetched = sys::epoll_wait(epoll, &mut self.events.borrow_mut(), timeout)?;
        self.len.set(fetched);
        Ok(())
    }

    /// Whether our own descriptor `data` is among what is not yet delivered.
    pub(crate) fn contains(&self, data: u64) -> bool {
        let events = self.events.borrow();
        events[self.next.get()..self.len.get()].iter().any(|event| { event.u64 } == data)
    }

    fn clear(&self) {
        self.len.set(0);
        self.next.set(0);
    }
}

fn bad_fd() -> io::Error {
    io::Error::from_raw_os_error(libc::EBADF)
}

fn event_data(fd: RawFd, generation: u32) -> u64 {
    u64::from(generation) << 32 | u64::from(fd as u32)
}

impl Reactor {
    /// Errors: no descriptor left (`EMFILE`, `ENFILE`), no memory.
    pub fn new() -> io::Result<Self> {
        let epoll = sys::epoll_create()?;
        let waker = Waker::new().inspect_err(|_| sys::close(epoll))?;
        let reactor = Self {
            epoll: Cell::new(epoll),
            table: RefCell::default(),
            batch: Batch::new(),
            stale: Cell::default(),
            epoch: Instant::now(),
            timers: RefCell::new(TimerHeap::new()),
            posted: RefCell::default(),
            turned: Cell::new(false),
            posted_taken: Cell::new(0),
            waker: RefCell::new(waker),
            woken: RefCell::default(),
            signals: RefCell::new(Signals::new()),
            arrived: RefCell::default(),
            _thread_bound: PhantomData,
        };
        reactor.register_own(epoll)?;
        Ok(reactor)
    }

    /// Puts our own descriptors into `epoll`.
    fn register_own(&self, epoll: RawFd) -> io::Result<()> {
        // Edge-triggered, so the eventfd is never read: each write is an edge.
        let edge = (libc::EPOLLIN | libc::EPOLLET) as u32;
        sys::epoll_ctl(epoll, libc::EPOLL_CTL_ADD, self.waker.borrow().fd(), edge, WAKER_DATA)?;
        match self.signals.borrow().fd() {
            fd if fd >= 0 => sys::epoll_ctl(epoll, libc::EPOLL_CTL_ADD, fd, libc::EPOLLIN as u32, SIGNAL_DATA),
            _ => Ok(()),
        }
    }

    /// The epoll descriptor: readable when a turn has something to deliver, so that one loop can be a
    /// source of another.
    pub fn epoll_fd(&self) -> RawFd {
        self.epoll.get()
    }

    // ---- descriptors ----

    /// Waits once: [`Sink::ready`] with `waiter` when one of `interest` (or an error) comes. A waiter of
    /// several interests is told once. An empty interest waits for an error or a hang-up.
    ///
    /// Errors: [`WaitError::Busy`] when another waiter holds the same half; [`WaitError::NotPollable`]
    /// for regular files and directories; `EBADF` and the like from epoll_ctl(2).
    pub fn wait(&self, fd: RawFd, interest: Interest, waiter: u64) -> Result<(), WaitError> {
        let mut table = self.table_for(fd)?;
        table
            .update(fd, |record| {
                let before = *record;
                record.claim(interest, waiter).map_err(WaitError::Busy)?;
                self.arm(fd, record).map_err(|error| undo(record, before, error))
            })
            .unwrap_or_else(|| Err(bad_fd().into()))
    }

    /// `waiter` no longer waits for `fd` (time-out, cancel). Costs no system call: the kernel's one shot
    /// is left to fizzle.
    pub fn unwait(&self, fd: RawFd, waiter: u64) {
        self.table.borrow_mut().update(fd, |record| record.release(waiter));
    }

    pub fn waiter(&self, fd: RawFd, direction: Direction) -> Option<u64> {
        self.table.borrow().get(fd)?.waiter(direction)
    }

    /// Registers a source: level-triggered, [`Sink::source_ready`] each turn while something of
    /// `interest`, or an error, is there. While a coroutine waits on the same half, the coroutine is
    /// served first and the source sees what it leaves.
    ///
    /// Errors: as [`wait`](Self::wait); `Busy` when the descriptor has a source.
    pub fn add(&self, fd: RawFd, interest: Interest, source: u64) -> Result<(), WaitError> {
        let mut table = self.table_for(fd)?;
        table
            .update(fd, |record| {
                if let Some((holder, _)) = record.source() {
                    return Err(WaitError::Busy(holder));
                }
                let before = *record;
                record.set_source(Some((source, interest)));
                self.arm(fd, record).map_err(|error| undo(record, before, error))
            })
            .unwrap_or_else(|| Err(bad_fd().into()))
    }

    /// Changes what a source is told of. Errors: `ENOENT` without a source; epoll_ctl(2).
    pub fn modify(&self, fd: RawFd, interest: Interest) -> io::Result<()> {
        self.table
            .borrow_mut()
            .update(fd, |record| {
                let before = *record;
                match record.source() {
                    None => Err(io::Error::from_raw_os_error(libc::ENOENT)),
                    Some((_, same)) if same == interest => Ok(()),
                    Some((source, _)) => {
                        record.set_source(Some((source, interest)));
                        self.arm(fd, record).inspect_err(|_| restore(record, before))
                    }
                }
            })
            .unwrap_or_else(|| Err(io::Error::from_raw_os_error(libc::ENOENT)))
    }

    /// Removes a source; `false` when there is none. Waiters of the descriptor stay.
    /// Errors: epoll_ctl(2), after the source is forgotten.
    pub fn remove(&self, fd: RawFd) -> io::Result<bool> {
        self.table
            .borrow_mut()
            .update(fd, |record| {
                if record.source().is_none() {
                    return Ok(false);
                }
                record.set_source(None);
                if record.has_waiters() {
                    self.arm(fd, record)?;
                } else {
                    self.unregister(fd, record);
                    record.clear();
                }
                Ok(true)
            })
            .unwrap_or(Ok(false))
    }

    pub fn source(&self, fd: RawFd) -> Option<(u64, Interest)> {
        self.table.borrow().get(fd)?.source()
    }

    /// To be called before `fd` is closed or shut down: unregisters it, forgets its source, and tells
    /// each waiter ([`Sink::closed`]). Cheap for a descriptor the loop never saw.
    pub fn closing(&self, fd: RawFd, sink: &dyn Sink) {
        let Some(record) = self.table.borrow().get(fd).copied() else {
            return;
        };
        if record.is_idle() {
            // At most one shot is armed still, which the kernel forgets with the file, or which goes to nobody.
            if record.is_registered() {
                self.table.borrow_mut().update(fd, Record::clear);
            }
            return;
        }
        self.unregister(fd, &record);
        self.table.borrow_mut().update(fd, Record::clear);
        self.tell_closed(fd, &record, sink);
    }

    pub(crate) fn tell_closed(&self, fd: RawFd, record: &Record, sink: &dyn Sink) {
        let reader = record.waiter(Direction::Read);
        let writer = record.waiter(Direction::Write);
        // Who writes first: it knows best that the end is not the peer's doing.
        if let Some(waiter) = writer {
            sink.closed(waiter, fd);
        }
        if let Some(waiter) = reader.filter(|_| writer != reader) {
            sink.closed(waiter, fd);
        }
    }

    /// Descriptors with a waiter or a source; our own do not count.
    pub fn fd_count(&self) -> usize {
        self.table.borrow().counts().fds
    }

    /// Waits: one for each descriptor and direction.
    pub fn wait_count(&self) -> usize {
        self.table.borrow().counts().waits
    }

    pub fn source_count(&self) -> usize {
        self.table.borrow().counts().sources
    }

    fn table_for(&self, fd: RawFd) -> io::Result<std::cell::RefMut<'_, Table>> {
        let mut table = self.table.borrow_mut();
        if table.get(fd).is_none() {
            if !sys::is_open(fd) {
                return Err(bad_fd());
            }
            table.grow(fd);
        }
        Ok(table)
    }

    /// Tells the kernel what `record` now wants, under a new generation.
    pub(crate) fn arm(&self, fd: RawFd, record: &mut Record) -> io::Result<()> {
        let Some(events) = record.events() else {
            return Ok(());
        };
        let epoll = self.epoll.get();
        let generation = record.generation.wrapping_add(1);
        let data = event_data(fd, generation);
        // What we believe can be wrong: a library may have closed the descriptor without our knowing,
        // and its number may have come back as another file.
        let (first, refused, second) = if record.is_registered() {
            (libc::EPOLL_CTL_MOD, libc::ENOENT, libc::EPOLL_CTL_ADD)
        } else {
            (libc::EPOLL_CTL_ADD, libc::EEXIST, libc::EPOLL_CTL_MOD)
        };
        let mut result = sys::epoll_ctl(epoll, first, fd, events, data);
        if matches!(&result, Err(error) if error.raw_os_error() == Some(refused)) {
            result = sys::epoll_ctl(epoll, second, fd, events, data);
        }
        record.set_registered(result.is_ok());
        if result.is_ok() {
            record.generation = generation;
        }
        result
    }

    fn unregister(&self, fd: RawFd, record: &Record) {
        if record.is_registered() {
            // Already closed is as good as removed.
            let _ = sys::epoll_ctl(self.epoll.get(), libc::EPOLL_CTL_DEL, fd, 0, 0);
        }
    }

    /// Starts over with a fresh epoll instance. The way out when a descriptor was closed behind our back
    /// while a copy of it (a forked child's, a `dup`) keeps the kernel's registration alive: such a
    /// registration can no longer be named, and level-triggered it would report for ever.
    pub(crate) fn rebuild(&self, sink: &dyn Sink) -> io::Result<()> {
        for (fd, record) in self.arm_all()? {
            self.tell_closed(fd, &record, sink);
        }
        Ok(())
    }

    /// Everything registered anew, with a fresh epoll instance; what that refuses is forgotten, and given back.
    fn arm_all(&self) -> io::Result<Vec<(RawFd, Record)>> {
        let fresh = sys::epoll_create()?;
        self.register_own(fresh).inspect_err(|_| sys::close(fresh))?;
        sys::close(self.epoll.replace(fresh));
        let len = self.table.borrow().len();
        let mut lost = Vec::new();
        for fd in 0..len as RawFd {
            let refused = self.table.borrow_mut().update(fd, |record| {
                record.set_registered(false);
                let before = *record;
                self.arm(fd, record).is_err().then(|| {
                    record.clear();
                    before
                })
            });
            lost.extend(refused.flatten().map(|record| (fd, record)));
        }
        Ok(lost)
    }

    /// The next turn is the first of a loop.
    pub fn begin(&self) {
        self.turned.set(false);
    }

    // ---- timers ----

    /// One [`Sink::timer`] with `token`, not before `deadline` (and, added during a turn, not in it).
    pub fn add_timer(&self, deadline: Instant, token: u64) -> TimerId {
        self.timers.borrow_mut().add(self.since_epoch(deadline), token)
    }

    /// `false` when it has fired or was cancelled before.
    pub fn cancel_timer(&self, id: TimerId) -> bool {
        self.timers.borrow_mut().cancel(id).is_some()
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        let deadline = self.timers.borrow_mut().peek()?;
        self.epoch.checked_add(Duration::from_nanos(deadline))
    }

    pub fn timer_count(&self) -> usize {
        self.timers.borrow().len()
    }

    /// Nanoseconds; past 584 years a deadline is never.
    pub(crate) fn since_epoch(&self, at: Instant) -> u64 {
        let since = at.saturating_duration_since(self.epoch);
        u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
    }

    // ---- run queue, wakes, signals ----

    /// [`Sink::posted`] with `token`, in the next step of this turn or in the next turn.
    pub fn post(&self, token: u64) {
        self.posted.borrow_mut().push_back(token);
    }

    /// A handle for other threads.
    pub fn waker(&self) -> Waker {
        self.waker.borrow().clone()
    }

    /// From now on `signo` comes to [`Sink::signal`]: it is blocked in this thread and read from a
    /// signalfd. Errors: `EINVAL` for a number that cannot be caught; signalfd(2).
    pub fn watch_signal(&self, signo: i32) -> io::Result<()> {
        let opened = self.signals.borrow_mut().watch(signo)?;
        match opened {
            Some(fd) => sys::epoll_ctl(self.epoll.get(), libc::EPOLL_CTL_ADD, fd, libc::EPOLLIN as u32, SIGNAL_DATA),
            None => Ok(()),
        }
    }

    /// Gives `signo` back to its disposition; nothing happens when it was not watched.
    pub fn unwatch_signal(&self, signo: i32) -> io::Result<()> {
        self.signals.borrow_mut().unwatch(signo)
    }

    pub fn watched(&self, signo: i32) -> bool {
        self.signals.borrow().contains(signo)
    }

    pub fn signal_count(&self) -> usize {
        self.signals.borrow().count()
    }

    // ---- fork ----

    /// For a forked child that goes on with a copy of its parent's loop, outside every turn: descriptors of its own
    /// for what a fork shares. Sources, timers and signals stay; handles of other threads, which a child does not
    /// have, reach nothing any more. Errors: as [`new`](Self::new); the parent's are let go of all the same.
    pub fn renew(&self) -> io::Result<()> {
        let fresh = Waker::new();
        self.waker.borrow().forget();
        self.woken.borrow_mut().clear();
        self.batch.clear();
        let renewed = fresh.and_then(|fresh| {
            drop(self.waker.replace(fresh));
            self.signals.borrow_mut().renew()?;
            self.arm_all()
        });
        if renewed.is_err() {
            // Nothing to wait with: registering answers EBADF, as after `forget`.
            sys::close(self.epoll.replace(-1));
        }
        renewed.map(drop)
    }

    /// For a forked child: lets go of everything inherited without touching what the parent shares
    /// (no `EPOLL_CTL_DEL`, no lock). Nothing is delivered any more, and registering answers `EBADF`.
    pub fn forget(&self) {
        sys::close(self.epoll.replace(-1));
        self.waker.borrow().forget();
        self.signals.borrow_mut().release();
        self.table.borrow_mut().clear();
        self.batch.clear();
        *self.timers.borrow_mut() = TimerHeap::new();
        self.posted.borrow_mut().clear();
        self.woken.borrow_mut().clear();
        self.arrived.borrow_mut().clear();
    }
}

impl Drop for Reactor {
    fn drop(&mut self) {
        sys::close(self.epoll.replace(-1));
        self.signals.borrow_mut().release();
    }
}

fn restore(record: &mut Record, before: Record) {
    let registered = record.is_registered();
    *record = before;
    record.set_registered(registered);
}

fn undo(record: &mut Record, before: Record, error: io::Error) -> WaitError {
    restore(record, before);
    WaitError::from_os(error)
}
