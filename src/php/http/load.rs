//! How many requests are under way: `max_concurrency` of the server, `worker_max_concurrency` of a worker.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::atomic::Ordering;

use super::response;
use crate::php::event::defer_native;
use crate::php::server::dispatch;
use crate::server::{Worker, worker};
use crate::zend::{Callable, Value, ZvalExt};

/// One request that counts as under way, until it is answered or its response object is gone.
pub struct Share(());

struct Waiting {
    callable: Rc<Callable>,
    request: Value,
    response: Value,
}

thread_local! {
    /// Past `worker_max_concurrency`, in their order.
    static QUEUE: RefCell<VecDeque<Waiting>> = const { RefCell::new(VecDeque::new()) };
}

/// Whether the server takes no more requests: they are answered with 503.
#[inline]
pub fn is_full(worker: &Worker) -> bool {
    let most = worker.settings().max_concurrency;
    most != u32::MAX && worker.shared().sum(|stats| &stats.concurrency) >= u64::from(most)
}

/// Hands a request to the script, now or when `worker_max_concurrency` allows.
pub fn call(worker: &Worker, callable: &Rc<Callable>, request: Value, response: Value) {
    let counter = &worker.stats().concurrency;
    let under_way = counter.load(Ordering::Relaxed) + 1;
    counter.store(under_way, Ordering::Relaxed);
    if let Some(object) = response.as_zval().obj() {
        response::state(object).share.set(Some(Share(())));
    }
    if under_way > u64::from(worker.settings().worker_max_concurrency) {
        let waiting = Waiting { callable: Rc::clone(callable), request, response };
        QUEUE.with_borrow_mut(|queue| queue.push_back(waiting));
        return;
    }
    run(callable, request, response);
}

fn run(callable: &Callable, request: Value, response: Value) {
    let in_coroutine = worker().is_some_and(|worker| worker.settings().enable_coroutine);
    dispatch::run(callable, &mut [request.into_zval(), response.into_zval()], in_coroutine);
}

impl Drop for Share {
    fn drop(&mut self) {
        let Some(worker) = worker() else { return };
        let counter = &worker.stats().concurrency;
        counter.store(counter.load(Ordering::Relaxed).saturating_sub(1), Ordering::Relaxed);
        if QUEUE.with_borrow(VecDeque::is_empty) {
            return;
        }
        // Not here: the one that ends is still inside its own callback.
        defer_native(next);
    }
}

/// One that waited has its turn; an ending worker begins no more.
fn next() {
    while let Some(Waiting { callable, request, response }) = QUEUE.with_borrow_mut(VecDeque::pop_front) {
        if worker().is_some_and(Worker::is_running) {
            run(&callable, request, response);
            return;
        }
        refuse(&response);
    }
}

fn refuse(response: &Value) {
    let Some(object) = response.as_zval().obj() else { return };
    let state = response::state(object);
    state.status.set(503);
    state.update(|progress| progress.keep_alive = false);
    response::finish(object, state, None);
}

/// The request of PHP ends: what waits goes with its memory.
pub fn forget() {
    let waiting = QUEUE.take();
    drop(waiting);
}
