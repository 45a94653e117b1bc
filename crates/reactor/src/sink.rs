//! Where a turn of the loop delivers what happened.

use std::os::fd::RawFd;

use crate::Readiness;

/// The owner's side of the loop. No borrow of the reactor is held during a call: an implementation
/// may call any of its methods, a nested [`turn`](crate::Reactor::turn) too.
///
/// Order inside one turn: `before_wait`, the wait, signals, I/O (`ready`, `source_ready`), `woken`,
/// `timer`, `deferred`, `cycle`; `posted` tokens run after I/O, after timers and after `deferred`.
pub trait Sink {
    /// A coroutine's wait is over; it is no longer registered.
    fn ready(&self, waiter: u64, fd: RawFd, ready: Readiness);

    /// A persistent source has something; reported again each turn until that is consumed.
    fn source_ready(&self, source: u64, fd: RawFd, ready: Readiness);

    /// The descriptor goes away under a waiter; the wait is no longer registered.
    fn closed(&self, waiter: u64, fd: RawFd);

    /// A timer is due; it is no longer registered.
    fn timer(&self, token: u64);

    /// A token of [`post`](crate::Reactor::post).
    fn posted(&self, token: u64);

    /// A token of [`Waker::wake`](crate::Waker::wake).
    fn woken(&self, token: u64);

    /// A watched signal arrived.
    fn signal(&self, signo: i32, info: &libc::signalfd_siginfo);

    /// A signal that is not watched interrupted the wait.
    fn interrupted(&self) {}

    /// Run the tasks that were deferred to the end of the turn.
    fn deferred(&self) {}

    /// Deferred tasks are pending: the turn must not sleep.
    fn has_deferred(&self) -> bool {
        false
    }

    /// Once at the end of each turn.
    fn cycle(&self) {}

    /// Once at the start of each turn, before the wait.
    fn before_wait(&self) {}
}
