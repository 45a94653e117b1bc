//! The process's other threads: a pool for calls that block, and one thread with a tokio runtime.
//!
//! Both are started by their first use, and every thread blocks all signals. None survives a fork: a
//! child calls [`Background::forget`] and starts its own.

mod blocking;
mod runtime;
mod ticket;

use std::future::Future;
use std::io;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

pub use blocking::PoolSettings;
pub use ticket::{Lost, Ticket};

use crate::Waker;
use blocking::Pool;
use runtime::TokioThread;
use ticket::Completion;

static CURRENT: AtomicPtr<Background> = AtomicPtr::new(ptr::null_mut());
/// A thread of ours was started in this process since the last `forget`.
static STARTED: AtomicBool = AtomicBool::new(false);

fn note_start() {
    STARTED.store(true, Ordering::Release);
    // Forks that nobody tells us about: pcntl_fork(), a library's.
    static WATCH: std::sync::Once = std::sync::Once::new();
    // SAFETY: the handler only stores to two atomics, which is allowed between fork and anything else, and this code
    // is never unmapped while it is registered (the module is linked with nodelete).
    WATCH.call_once(|| unsafe {
        libc::pthread_atfork(None, None, Some(forked));
    });
}

extern "C" fn forked() {
    Background::forget();
}

/// One per process.
pub struct Background {
    pool: Pool,
    tokio: Mutex<Option<TokioThread>>,
    futures: Arc<AtomicUsize>,
}

impl Background {
    /// The process's own. Starts no thread; that does the first operation.
    pub fn current() -> &'static Self {
        let current = CURRENT.load(Ordering::Acquire);
        // SAFETY: a non-null pointer came from `Box::into_raw` below and is never freed.
        if let Some(current) = unsafe { current.as_ref() } {
            return current;
        }
        let fresh = Box::into_raw(Box::new(Self { pool: Pool::new(), tokio: Mutex::new(None), futures: Arc::default() }));
        match CURRENT.compare_exchange(ptr::null_mut(), fresh, Ordering::AcqRel, Ordering::Acquire) {
            // SAFETY: just leaked, and never freed from here on.
            Ok(_) => unsafe { &*fresh },
            Err(winner) => {
                // SAFETY: `fresh` was not published; `winner` is non-null and never freed.
                unsafe {
                    drop(Box::from_raw(fresh));
                    &*winner
                }
            }
        }
    }

    /// Whether a thread of ours was started in this process: from then on a fork is not safe.
    pub fn started() -> bool {
        STARTED.load(Ordering::Acquire)
    }

    /// Runs `job` on a pool thread. A panic ends the job only. Should no thread start at all, it runs
    /// here and now.
    pub fn spawn_blocking(&self, job: impl FnOnce() + Send + 'static) {
        self.pool.submit(Box::new(job));
    }

    /// Runs `job` on a pool thread; when it is over, however it ended, `token` is woken exactly once and
    /// the ticket has the outcome. A job that owns its buffers may be abandoned by dropping the ticket.
    pub fn run_blocking<T: Send + 'static>(
        &self,
        waker: &Waker,
        token: u64,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Ticket<T> {
        let (ticket, completion) = Completion::new(waker.clone(), token, None);
        self.spawn_blocking(move || {
            if !completion.is_cancelled() {
                let value = job();
                completion.finish(value);
            }
        });
        ticket
    }

    /// Runs `future` on the tokio thread, to no one's notice. Errors: the runtime could not be started.
    pub fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
        let counted = ticket::Counted::new(&self.futures);
        self.handle()?.spawn(async move {
            let _counted = counted;
            future.await;
        });
        Ok(())
    }

    /// Runs `future` on the tokio thread; `token` is woken exactly once when it is over, cancelled
    /// ([`Ticket::cancel`]) or panicked. Errors: the runtime could not be started.
    pub fn run<F>(&self, waker: &Waker, token: u64, future: F) -> io::Result<Ticket<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let handle = self.handle()?;
        let counted = ticket::Counted::new(&self.futures);
        let (mut ticket, completion) = Completion::new(waker.clone(), token, Some(counted));
        let task = handle.spawn(async move { completion.finish(future.await) });
        ticket.abort_with(task.abort_handle());
        Ok(ticket)
    }

    /// The runtime, for crates that spawn by themselves. Errors: it could not be started.
    pub fn handle(&self) -> io::Result<tokio::runtime::Handle> {
        let mut tokio = self.tokio.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tokio) = &*tokio {
            return Ok(tokio.handle());
        }
        let started = TokioThread::start()?;
        let handle = started.handle();
        *tokio = Some(started);
        Ok(handle)
    }

    /// Whether the tokio thread was started: connections of async crates may live there.
    pub fn has_runtime(&self) -> bool {
        self.tokio.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Applies to threads started and going idle from now on.
    pub fn configure(&self, settings: PoolSettings) {
        self.pool.configure(settings);
    }

    pub fn settings(&self) -> PoolSettings {
        self.pool.settings()
    }

    /// Blocking operations, queued or running.
    pub fn outstanding(&self) -> usize {
        self.pool.outstanding()
    }

    /// Blocking operations no thread has taken up yet.
    pub fn queued(&self) -> usize {
        self.pool.queued()
    }

    /// Threads of the blocking pool.
    pub fn threads(&self) -> usize {
        self.pool.threads()
    }

    /// Futures of [`run`](Self::run) and [`spawn`](Self::spawn) that are not over.
    pub fn futures(&self) -> usize {
        self.futures.load(Ordering::Acquire)
    }

    /// Blocks until every blocking operation is over, at most until `deadline`; whether it is so.
    pub fn drain(&self, deadline: Instant) -> bool {
        self.pool.drain(deadline)
    }

    /// For the end of the process: runs what is queued, cancels futures, and joins all threads, at most
    /// until `deadline`. `false` when a thread is still stuck in a call: this code must stay mapped.
    /// A later [`current`](Self::current) starts anew.
    pub fn shutdown(deadline: Instant) -> bool {
        let current = CURRENT.swap(ptr::null_mut(), Ordering::AcqRel);
        // SAFETY: see `current`; it stays leaked, for whoever still holds the reference.
        let Some(current) = (unsafe { current.as_ref() }) else {
            return true;
        };
        let tokio = current.tokio.lock().unwrap_or_else(PoisonError::into_inner).take();
        let stopped = tokio.is_none_or(|tokio| tokio.stop(deadline));
        let joined = current.pool.shutdown(deadline);
        if stopped && joined {
            STARTED.store(false, Ordering::Release);
        }
        stopped && joined
    }

    /// For a forked child: the parent's pool and runtime are left alone, undropped. Their threads do not
    /// exist here, and their locks may be held by one of them.
    pub fn forget() {
        CURRENT.store(ptr::null_mut(), Ordering::Release);
        STARTED.store(false, Ordering::Release);
    }
}
