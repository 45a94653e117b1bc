//! Swoole\Coroutine\Scheduler.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use crate::php::lifecycle::{loop_engine, run_loop};
use crate::php::{event, report};
use crate::zend::error::{E_WARNING, check};
use crate::zend::{
    Args, Call, Callable, ClassEntry, ClassState, GcBuffer, Handlers, PhpResult, Value, Zval, class_state, host, state_of,
};

struct Job {
    count: i64,
    callable: Callable,
    args: Vec<Value>,
}

#[derive(Default)]
pub struct State {
    jobs: RefCell<VecDeque<Job>>,
    /// Something was ever added since the last start.
    filled: Cell<bool>,
    started: Cell<bool>,
}

static HANDLERS: Handlers = Handlers::new();

impl ClassState for State {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }

    fn gc(&self, buffer: &mut GcBuffer) {
        if let Ok(jobs) = self.jobs.try_borrow() {
            for job in jobs.iter() {
                buffer.add_zval(job.callable.value());
                job.args.iter().for_each(|value| buffer.add(value));
            }
        }
    }
}

pub fn class_init(class: &mut ClassEntry) {
    class_state::<State>(class);
}

fn state(call: &Call) -> &'static State {
    // SAFETY: methods of this final class only.
    unsafe { state_of::<State>(call.this()) }
}

/// Whether the scheduler still takes jobs; else the warning is out.
fn is_open(state: &State, ret: &mut Zval, name: &str) -> bool {
    if state.started.get() {
        ret.set_bool(false);
        report::fatal(E_WARNING, &format!("scheduler is running, unable to execute Swoole\\Coroutine\\Scheduler->{name}"));
        return false;
    }
    true
}

fn push(state: &State, count: i64, args: &mut Args) -> PhpResult {
    let callable = args.callable()?.keep();
    let args = args.rest().iter().map(Value::copy_of).collect();
    state.jobs.borrow_mut().push_back(Job { count, callable, args });
    state.filled.set(true);
    Ok(())
}

/// `add(callable $func, ...$params): void`
pub fn add(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let state = state(call);
    if !is_open(state, ret, "add") {
        return Ok(());
    }
    push(state, 1, &mut call.args(1, u32::MAX)?)
}

/// `parallel(int $n, callable $func, ...$params): void`
pub fn parallel(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let state = state(call);
    if !is_open(state, ret, "parallel") {
        return Ok(());
    }
    let mut args = call.args(2, u32::MAX)?;
    let count = args.long()?;
    push(state, count, &mut args)
}

/// `start(): bool`
pub fn start(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let state = state(call);
    ret.set_bool(false);
    if state.started.get() {
        report::fatal(E_WARNING, "scheduler is started, unable to execute Swoole\\Coroutine\\Scheduler->start");
        return Ok(());
    }
    loop_engine();
    state.started.set(true);
    if !state.filled.get() {
        report::fatal(E_WARNING, "no coroutine task");
        return Ok(());
    }
    // The object must outlive its coroutines.
    let _keep = Value::object(call.this());
    let next = || state.jobs.borrow_mut().pop_front();
    while let Some(job) = next() {
        for _ in 0..job.count {
            let mut args: Vec<Zval> = job.args.iter().map(|value| value.clone().into_zval()).collect();
            if let Err(error) = host::spawn(job.callable.value(), job.callable.cache(), &mut args) {
                super::not_spawned(&error)?;
            }
        }
    }
    event::refuse_in_coroutine();
    run_loop()?;
    state.filled.set(false);
    state.started.set(false);
    ret.set_bool(true);
    check()
}
