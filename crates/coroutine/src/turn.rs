//! The loop: timers, sources and calls from other threads, and what one turn does with them.

use std::io;
use std::os::fd::RawFd;
use std::ptr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use reactor::{Interest, Readiness, Sink, TimerId, WaitError};

use crate::co::Wake;
use crate::host::{Aborted, CoId, Source, SourceId};
use crate::scheduler::Engine;

pub(crate) const TAG_CO: u64 = 0;
pub(crate) const TAG_HOST: u64 = 1;
pub(crate) const TAG_CALL: u64 = 2;
pub(crate) const TAG_OPERATION: u64 = 3;
pub(crate) const TAG_BITS: u32 = 2;

/// See [`Engine::call_at`].
#[derive(Clone, Copy, Debug)]
pub struct CallId {
    timer: TimerId,
    slot: usize,
}

impl Engine {
    pub(crate) fn co_timer(&self, id: CoId, deadline: Instant) -> Option<TimerId> {
        Some(self.reactor().ok()?.add_timer(deadline, (id as u64) << TAG_BITS | TAG_CO))
    }

    /// A timer that calls [`Host::timer`] with `token` (62 bits).
    pub fn host_timer(&self, deadline: Instant, token: u64) -> io::Result<TimerId> {
        Ok(self.reactor()?.add_timer(deadline, token << TAG_BITS | TAG_HOST))
    }

    /// Calls [`Host::posted`] from the run queue.
    pub fn host_post(&self, token: u64) -> io::Result<()> {
        self.reactor()?.post(token << TAG_BITS | TAG_HOST);
        self.posted.set(self.posted.get() + 1);
        Ok(())
    }

    /// The token with which another thread's `Waker` reaches [`Host::posted`].
    pub fn host_token(token: u64) -> u64 {
        token << TAG_BITS | TAG_HOST
    }

    /// A token for another thread to wake the current coroutine's next wait with. It must be woken, or
    /// ended, in any case: until then it keeps the loop alive.
    pub fn begin_operation(&self) -> Option<u64> {
        self.next_wait().map(|wait| self.add_operation(wait))
    }

    pub(crate) fn add_operation(&self, wait: (CoId, u32)) -> u64 {
        let number = self.last_operation.get() + 1;
        self.last_operation.set(number);
        self.operations.borrow_mut().insert(number, wait);
        number << TAG_BITS | TAG_OPERATION
    }

    /// Takes back a token that nobody will wake.
    pub fn end_operation(&self, token: u64) {
        self.operations.borrow_mut().remove(&(token >> TAG_BITS));
    }

    /// Calls `call` once at `deadline`, unless [`Engine::cancel_call`] comes before.
    pub fn call_at(&self, deadline: Instant, call: impl FnOnce() + 'static) -> io::Result<CallId> {
        let slot = {
            let mut calls = self.calls.borrow_mut();
            match self.free_calls.borrow_mut().pop() {
                Some(slot) => {
                    calls[slot] = Some(Box::new(call));
                    slot
                }
                None => {
                    calls.push(Some(Box::new(call)));
                    calls.len() - 1
                }
            }
        };
        let timer = self.reactor()?.add_timer(deadline, (slot as u64) << TAG_BITS | TAG_CALL);
        Ok(CallId { timer, slot })
    }

    /// Takes a call back; one that was made already is none of it.
    pub fn cancel_call(&self, id: CallId) {
        if !self.loop_made().is_some_and(|reactor| reactor.cancel_timer(id.timer)) {
            return;
        }
        let call = self.calls.borrow_mut().get_mut(id.slot).and_then(Option::take);
        if call.is_some() {
            self.free_calls.borrow_mut().push(id.slot);
        }
    }

    /// Registers a level-triggered source.
    ///
    /// # Errors
    /// As [`Reactor::add`].
    pub fn add_source(&self, fd: RawFd, interest: Interest, source: Rc<dyn Source>) -> Result<SourceId, WaitError> {
        let reactor = self.reactor().map_err(WaitError::Os)?;
        let slot = match self.free_sources.borrow_mut().pop() {
            Some(slot) => slot,
            None => {
                self.sources.borrow_mut().push(None);
                self.sources.borrow().len() - 1
            }
        };
        match reactor.add(fd, interest, slot as u64) {
            Ok(()) => {
                self.sources.borrow_mut()[slot] = Some(source);
                Ok(SourceId(slot as u64))
            }
            Err(error) => {
                self.free_sources.borrow_mut().push(slot);
                Err(error)
            }
        }
    }

    /// Takes a source out of the loop; its object is dropped.
    pub fn remove_source(&self, fd: RawFd, id: SourceId) {
        if let Some(reactor) = self.loop_made() {
            let _ = reactor.remove(fd);
        }
        let source = self.sources.borrow_mut().get_mut(id.0 as usize).and_then(Option::take);
        if source.is_some() {
            self.free_sources.borrow_mut().push(id.0 as usize);
        }
    }

    /// To be called before an fd is closed: its waiters wake with [`Wake::Closed`].
    pub fn closing(&self, fd: RawFd) {
        if let Some(reactor) = self.loop_made() {
            reactor.closing(fd, self);
        }
    }

    // ---- the loop -----------------------------------------------------------------------------

    /// Whether anything is under way that can still wake a coroutine or call back.
    pub fn has_work(&self) -> bool {
        self.has_work_besides_timers() || self.loop_made().is_some_and(|reactor| reactor.timer_count() > 0)
    }

    /// As [`Self::has_work`], but for what only waits for a time to come.
    pub fn has_work_besides_timers(&self) -> bool {
        if !self.late.borrow().is_empty() {
            return true;
        }
        let Some(reactor) = self.loop_made() else { return self.host.has_deferred() || self.host.busy() };
        reactor.wait_count() > 0
            || reactor.source_count() > 0
            || !self.operations.borrow().is_empty()
            || self.posted.get() > 0
            || self.host.has_deferred()
            || self.host.busy()
    }

    pub fn is_looping(&self) -> bool {
        self.looping.get()
    }

    /// Makes [`Engine::run`] return after this turn.
    pub fn stop(&self) {
        self.stop.set(true);
    }

    /// Turns the loop until nothing is left that could happen, or until [`Engine::stop`].
    ///
    /// # Errors
    /// When a coroutine or a callback aborted the request.
    pub fn run(&self) -> Result<(), Aborted> {
        self.stop.set(false);
        let outer = self.looping.replace(true);
        if let (false, Some(reactor)) = (outer, self.loop_made()) {
            reactor.begin();
        }
        let result = loop {
            if self.aborted.get() {
                break Err(Aborted);
            }
            if self.stop.get() || !self.has_work() {
                break Ok(());
            }
            if let Err(aborted) = self.turn(None) {
                break Err(aborted);
            }
        };
        self.looping.set(outer);
        result
    }

    /// One turn: waits for at most `max_wait` (`None`: until something happens).
    ///
    /// # Errors
    /// As [`Engine::run`].
    pub fn turn(&self, max_wait: Option<Duration>) -> Result<(), Aborted> {
        if let Ok(reactor) = self.reactor() {
            // A failed epoll_wait (EBADF after a script closed our fd) must not spin: it ends the loop.
            if reactor.turn(max_wait, self).is_err() {
                self.stop.set(true);
            }
        }
        if self.aborted.get() { Err(Aborted) } else { Ok(()) }
    }

    /// In a forked child: forgets coroutines, loop and pool, touching nothing the parent still uses.
    pub fn after_fork(&self) {
        if let Some(reactor) = self.loop_made() {
            // The box stays behind: callers further up may still look at the inert loop.
            self.reactor.set(ptr::null_mut());
            reactor.forget();
        }
        self.forget_all();
        self.forget_calls();
        self.looping.set(false);
        self.stop.set(false);
    }

    /// In a child that something else has forked (pcntl_fork(), a library): a loop that is not in use becomes its own,
    /// with what was registered before. Children of a coroutine or of the loop exec, or are the host's to refuse.
    /// Made for pthread_atfork(3): everything here is plain data and system calls.
    pub fn renew_after_fork(&self) {
        if self.looping.get() || self.live.get() > 0 {
            return;
        }
        // Threads that would end them are not here.
        self.operations.borrow_mut().clear();
        if let Some(reactor) = self.loop_made() {
            // A loop without descriptors ends its first turn, as after an EBADF.
            let _ = reactor.renew();
        }
    }

    /// Throws the loop away with all that waits in it; whoever is suspended stays so. False from within
    /// the loop.
    pub fn end_loop(&self) -> bool {
        if self.looping.get() || self.current().is_some() {
            return false;
        }
        let reactor = self.reactor.replace(ptr::null_mut());
        if !reactor.is_null() {
            // SAFETY: a box of ours; nobody is inside the loop, and no one keeps a reference to it outside.
            drop(unsafe { Box::from_raw(reactor) });
        }
        self.forget_calls();
        true
    }

    fn forget_calls(&self) {
        self.promised.set(false);
        self.late.borrow_mut().clear();
        self.operations.borrow_mut().clear();
        self.posted.set(0);
        // What they own (PHP values, descriptors) is not ours to end here.
        std::mem::forget(std::mem::take(&mut *self.calls.borrow_mut()));
        self.free_calls.borrow_mut().clear();
        std::mem::forget(std::mem::take(&mut *self.sources.borrow_mut()));
        self.free_sources.borrow_mut().clear();
    }
}

impl Sink for Engine {
    #[inline]
    fn ready(&self, waiter: u64, _fd: RawFd, ready: Readiness) {
        if !self.aborted.get() {
            let _ = self.resume(waiter as CoId, Wake::Ready(ready));
        }
    }

    #[inline]
    fn source_ready(&self, source: u64, fd: RawFd, ready: Readiness) {
        if self.aborted.get() {
            return;
        }
        let source = self.sources.borrow().get(source as usize).and_then(Clone::clone);
        if let Some(source) = source {
            source.ready(fd, ready);
        }
    }

    fn closed(&self, waiter: u64, _fd: RawFd) {
        if !self.aborted.get() {
            let _ = self.resume(waiter as CoId, Wake::Closed);
        }
    }

    #[inline]
    fn timer(&self, token: u64) {
        if self.aborted.get() {
            return;
        }
        let value = token >> TAG_BITS;
        match token & ((1 << TAG_BITS) - 1) {
            TAG_CO => {
                let _ = self.resume(value as CoId, Wake::Timeout);
            }
            TAG_HOST => self.host.timer(value),
            _ => {
                let call = self.calls.borrow_mut().get_mut(value as usize).and_then(Option::take);
                if let Some(call) = call {
                    self.free_calls.borrow_mut().push(value as usize);
                    call();
                }
            }
        }
    }

    fn posted(&self, token: u64) {
        self.posted.set(self.posted.get() - 1);
        self.woken(token);
    }

    fn woken(&self, token: u64) {
        if self.aborted.get() {
            return;
        }
        let value = token >> TAG_BITS;
        match token & ((1 << TAG_BITS) - 1) {
            TAG_HOST => self.host.posted(value),
            TAG_OPERATION => {
                // A wait that ended early (time-out, cancel) is not this one any more.
                let wait = self.operations.borrow_mut().remove(&value);
                if let Some((id, seq)) = wait {
                    self.wake_if(id, seq, Wake::Resumed);
                }
            }
            _ => {
                let _ = self.resume(value as CoId, Wake::Resumed);
            }
        }
    }

    fn signal(&self, signo: i32, info: &libc::signalfd_siginfo) {
        if !self.aborted.get() {
            self.host.signal(signo, info);
        }
    }

    fn interrupted(&self) {
        self.host.interrupted();
    }

    fn deferred(&self) {
        if !self.aborted.get() {
            self.wake_late();
        }
        if !self.aborted.get() {
            self.host.deferred();
        }
    }

    fn has_deferred(&self) -> bool {
        !self.late.borrow().is_empty() || self.host.has_deferred()
    }

    fn cycle(&self) {
        if !self.aborted.get() {
            self.host.cycle();
        }
    }

    fn before_wait(&self) {
        if !self.aborted.get() {
            self.host.before_wait();
        }
    }
}
