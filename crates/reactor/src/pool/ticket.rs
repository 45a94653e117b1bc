//! The two ends of an operation: a completion with the thread that runs it, a ticket with who waits.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::AbortHandle;

use crate::Waker;

/// The operation ended without a value: it panicked or was cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operation was cancelled or panicked")]
pub struct Lost;

struct Shared<T> {
    outcome: Mutex<Option<Result<T, Lost>>>,
    cancelled: AtomicBool,
}

/// Claims the outcome of an operation.
pub struct Ticket<T> {
    shared: Arc<Shared<T>>,
    abort: Option<AbortHandle>,
}

impl<T> Ticket<T> {
    /// The outcome, once; `None` while the operation goes on (its token has not been woken yet).
    pub fn take(&self) -> Option<Result<T, Lost>> {
        self.shared.outcome.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Ends a future where it stands, and keeps a blocking job from starting; one that runs cannot be
    /// stopped. Either way the token is still woken.
    pub fn cancel(&self) {
        self.shared.cancelled.store(true, Ordering::Release);
        if let Some(abort) = &self.abort {
            abort.abort();
        }
    }

    pub(super) fn abort_with(&mut self, abort: AbortHandle) {
        self.abort = Some(abort);
    }
}

/// Counts itself while it lives.
pub(super) struct Counted(Arc<AtomicUsize>);

impl Counted {
    pub(super) fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::AcqRel);
        Self(Arc::clone(count))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Dropped without a value (a panic, an abort, a runtime that ends) it reports [`Lost`].
pub(super) struct Completion<T> {
    shared: Arc<Shared<T>>,
    waker: Waker,
    token: u64,
    finished: Option<T>,
    counted: Option<Counted>,
}

impl<T> Completion<T> {
    pub(super) fn new(waker: Waker, token: u64, counted: Option<Counted>) -> (Ticket<T>, Self) {
        let shared = Arc::new(Shared { outcome: Mutex::new(None), cancelled: AtomicBool::new(false) });
        let ticket = Ticket { shared: Arc::clone(&shared), abort: None };
        let completion = Self { shared, waker, token, finished: None, counted };
        (ticket, completion)
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.shared.cancelled.load(Ordering::Acquire)
    }

    pub(super) fn finish(mut self, value: T) {
        self.finished = Some(value);
    }
}

impl<T> Drop for Completion<T> {
    fn drop(&mut self) {
        let outcome = self.finished.take().ok_or(Lost);
        *self.shared.outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
        // Whoever is woken finds it over, in the count as well.
        self.counted = None;
        self.waker.wake(self.token);
    }
}
