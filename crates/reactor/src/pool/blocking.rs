//! Threads for calls that block: started on demand, ended when idle.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::sys;

type Job = Box<dyn FnOnce() + Send>;

/// How many threads the pool has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolSettings {
    /// So many, once started, stay when idle.
    pub min_threads: usize,
    /// At least one. Generous, for a job may block until another one runs (a contended lock).
    pub max_threads: usize,
    /// How long the others stay when idle.
    pub idle: Duration,
}

impl Default for PoolSettings {
    fn default() -> Self {
        let cpus = std::thread::available_parallelism().map_or(1, usize::from);
        Self { min_threads: 1, max_threads: (cpus * 8).max(64), idle: Duration::from_secs(1) }
    }
}

#[derive(Default)]
struct State {
    queue: VecDeque<Job>,
    /// Queued and running.
    outstanding: usize,
    threads: usize,
    idle: usize,
    settings: Option<PoolSettings>,
    stopping: bool,
    handles: Vec<JoinHandle<()>>,
}

impl State {
    fn settings(&mut self) -> PoolSettings {
        *self.settings.get_or_insert_with(PoolSettings::default)
    }
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    work: Condvar,
    /// A job is over, or a thread.
    progress: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) struct Pool(Arc<Shared>);

impl Pool {
    pub(super) fn new() -> Self {
        Self(Arc::default())
    }

    pub(super) fn submit(&self, job: Job) {
        let mut state = self.0.lock();
        state.queue.push_back(job);
        state.outstanding += 1;
        if state.idle >= state.queue.len() {
            drop(state);
            self.0.work.notify_one();
            return;
        }
        if state.threads >= state.settings().max_threads {
            return;
        }
        state.threads += 1;
        drop(state);
        self.start_thread();
    }

    fn start_thread(&self) {
        let shared = Arc::clone(&self.0);
        let started =
            sys::with_signals_blocked(|| std::thread::Builder::new().name("swoole-pool".into()).spawn(move || work(&shared)));
        let mut state = self.0.lock();
        match started {
            Ok(handle) => {
                super::note_start();
                state.handles.retain(|handle| !handle.is_finished());
                state.handles.push(handle);
            }
            Err(_) => {
                state.threads -= 1;
                // Nobody else will: better slowly here than never.
                while state.threads == 0 {
                    let Some(job) = state.queue.pop_front() else { return };
                    drop(state);
                    state = run(&self.0, job);
                }
            }
        }
    }

    pub(super) fn configure(&self, settings: PoolSettings) {
        let max_threads = settings.max_threads.max(1);
        self.0.lock().settings =
            Some(PoolSettings { max_threads, min_threads: settings.min_threads.min(max_threads), idle: settings.idle });
        self.0.work.notify_all();
    }

    pub(super) fn settings(&self) -> PoolSettings {
        self.0.lock().settings()
    }

    pub(super) fn outstanding(&self) -> usize {
        self.0.lock().outstanding
    }

    pub(super) fn queued(&self) -> usize {
        self.0.lock().queue.len()
    }

    pub(super) fn threads(&self) -> usize {
        self.0.lock().threads
    }

    pub(super) fn drain(&self, deadline: Instant) -> bool {
        self.wait_until(deadline, |state| state.outstanding == 0).is_some()
    }

    pub(super) fn shutdown(&self, deadline: Instant) -> bool {
        self.0.lock().stopping = true;
        self.0.work.notify_all();
        let Some(mut state) = self.wait_until(deadline, |state| state.threads == 0) else {
            return false;
        };
        let handles = std::mem::take(&mut state.handles);
        drop(state);
        // They have left their loop; joining makes sure that they have left our code.
        handles.into_iter().for_each(|handle| drop(handle.join()));
        true
    }

    fn wait_until(&self, deadline: Instant, done: impl Fn(&State) -> bool) -> Option<MutexGuard<'_, State>> {
        let mut state = self.0.lock();
        while !done(&state) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            state = self.0.progress.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        Some(state)
    }
}

/// Runs one job without the lock, and comes back with it.
fn run(shared: &Shared, job: Job) -> MutexGuard<'_, State> {
    // The job has told its waiter by the time it is counted out, even if it panicked.
    let _ = catch_unwind(AssertUnwindSafe(job));
    let mut state = shared.lock();
    state.outstanding -= 1;
    if state.outstanding == 0 {
        shared.progress.notify_all();
    }
    state
}

fn work(shared: &Shared) {
    let mut state = shared.lock();
    loop {
        if let Some(job) = state.queue.pop_front() {
            drop(state);
            state = run(shared, job);
            continue;
        }
        let settings = state.settings();
        if state.stopping || state.threads > settings.max_threads {
            break;
        }
        state.idle += 1;
        let mut expired = false;
        if state.threads > settings.min_threads {
            let (guard, timeout) = shared.work.wait_timeout(state, settings.idle).unwrap_or_else(PoisonError::into_inner);
            state = guard;
            expired = timeout.timed_out();
        } else {
            state = shared.work.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.idle -= 1;
        if expired && state.queue.is_empty() && state.threads > state.settings().min_threads {
            break;
        }
    }
    state.threads -= 1;
    drop(state);
    shared.progress.notify_all();
}
