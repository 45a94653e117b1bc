//! Wakes from other threads: a list of tokens and one eventfd, written only when the list was empty.

use std::collections::VecDeque;
use std::io;
use std::os::fd::RawFd;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::sys;

/// Reaches the loop from any thread; lives as long as it likes.
#[derive(Clone)]
pub struct Waker(Arc<Shared>);

struct Shared {
    tokens: Mutex<Vec<u64>>,
    /// -1 once the loop was forgotten (in a forked child).
    eventfd: AtomicI32,
}

impl Drop for Shared {
    fn drop(&mut self) {
        sys::close(*self.eventfd.get_mut());
    }
}

impl Waker {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self(Arc::new(Shared { tokens: Mutex::new(Vec::new()), eventfd: AtomicI32::new(sys::eventfd()?) })))
    }

    /// Delivers `token` to [`Sink::woken`](crate::Sink::woken) on the loop's thread, in the order of
    /// the calls. Goes nowhere once the loop is gone.
    pub fn wake(&self, token: u64) {
        // First of all: in a forked child the lock may be held by a thread that does not exist there.
        let eventfd = self.0.eventfd.load(Ordering::Acquire);
        if eventfd < 0 {
            return;
        }
        let mut tokens = self.0.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let first = tokens.is_empty();
        tokens.push(token);
        drop(tokens);
        if first {
            sys::eventfd_notify(eventfd);
        }
    }

    pub(crate) fn fd(&self) -> RawFd {
        self.0.eventfd.load(Ordering::Relaxed)
    }

    /// Moves what has arrived to the end of `to`; the emptied list keeps its room.
    pub(crate) fn take(&self, to: &mut VecDeque<u64>) {
        let mut tokens = self.0.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        to.extend(tokens.drain(..));
    }

    /// For a forked child: every clone lets go of the descriptor, without touching the lock.
    pub(crate) fn forget(&self) {
        sys::close(self.0.eventfd.swap(-1, Ordering::AcqRel));
    }
}

impl std::fmt::Debug for Waker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Waker").field(&self.fd()).finish()
    }
}
