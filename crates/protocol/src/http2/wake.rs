//! Wakers that note who is to be polled; the session's owner does the polling.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Wake, Waker};

/// The connection has something to do.
#[derive(Debug, Default)]
pub(super) struct Flag(AtomicBool);

impl Flag {
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub fn take(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }
}

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.set();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.set();
    }
}

/// The streams that have something to do: a turn costs what happened, not what is open.
#[derive(Debug, Default)]
pub(super) struct Ready(Mutex<Vec<u32>>);

impl Ready {
    pub fn push(&self, stream: u32) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(stream);
    }

    /// Swaps the list with `into`, which is cleared first.
    pub fn take(&self, into: &mut Vec<u32>) {
        into.clear();
        std::mem::swap(into, &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

#[derive(Debug)]
pub(super) struct StreamWaker {
    stream: u32,
    queued: AtomicBool,
    ready: Arc<Ready>,
}

impl StreamWaker {
    pub fn new(stream: u32, ready: &Arc<Ready>) -> Arc<Self> {
        Arc::new(Self { stream, queued: AtomicBool::new(false), ready: ready.clone() })
    }

    pub fn waker(self: &Arc<Self>) -> Waker {
        self.clone().into()
    }

    /// The stream is about to be polled: wakes count again.
    pub fn rearm(&self) {
        self.queued.store(false, Ordering::Relaxed);
    }
}

impl Wake for StreamWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.queued.swap(true, Ordering::Relaxed) {
            self.ready.push(self.stream);
        }
    }
}
