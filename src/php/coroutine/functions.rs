//! The functions of the Swoole\Coroutine namespace: run, batch, parallel, map.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use coroutine::{CoId, Outcome, Task, Wake, engine};

use super::{options, require_coroutine, timeout};
use crate::php::event;
use crate::php::lifecycle::{loop_engine, run_loop};
use crate::zend::array::Key;
use crate::zend::error::{Builtin, check, throw_builtin};
use crate::zend::guard::uncaught;
use crate::zend::{Array, Call, Callable, Ended, PhpResult, Thrown, Value, Zval, ZvalExt, guarded, host};

/// `Swoole\Coroutine\run(callable, ...args)`: a scheduler with one task.
pub fn run(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, u32::MAX)?;
    let mut callable = args.callable()?;
    options::hook_all_by_default();
    loop_engine();
    let cache = *callable.cache();
    if let Err(error) = host::spawn(callable.value(), cache, args.rest()) {
        ret.set_bool(false);
        return super::not_spawned(&error);
    }
    event::refuse_in_coroutine();
    run_loop()?;
    ret.set_bool(true);
    check()
}

/// An array's key, kept.
#[derive(Clone)]
enum OwnKey {
    Index(i64),
    Name(Vec<u8>),
}

impl From<Key<'_>> for OwnKey {
    fn from(key: Key<'_>) -> Self {
        match key {
            Key::Index(index) => Self::Index(index),
            Key::Name(name) => Self::Name(name.to_vec()),
        }
    }
}

impl OwnKey {
    fn value(&self) -> Value {
        match self {
            Self::Index(index) => Value::long(*index),
            Self::Name(name) => Value::string(name),
        }
    }

    fn set(&self, array: &mut Value, value: Value) {
        match self {
            Self::Index(index) => array.array_mut().set_index(*index, value),
            Self::Name(name) => array.array_mut().set_bytes(name, value),
        }
    }
}

/// Coroutines under way together, and who waits for the last of them.
struct Group {
    left: Cell<usize>,
    waiter: Cell<Option<(CoId, u32)>>,
    results: RefCell<Value>,
}

impl Group {
    fn new(count: usize, results: Value) -> Rc<Self> {
        Rc::new(Self { left: Cell::new(count), waiter: Cell::new(None), results: RefCell::new(results) })
    }

    fn set(&self, key: &OwnKey, value: Value) {
        // Taken out meanwhile: the old element's destructor may come back here.
        let mut results = self.results.replace(Value::null());
        if results.as_zval().is_array() {
            key.set(&mut results, value);
            self.results.replace(results);
        }
    }

    fn done(&self) {
        self.left.set(self.left.get().saturating_sub(1));
        if let (0, Some((id, seq)), Some(engine)) = (self.left.get(), self.waiter.get(), engine()) {
            engine.wake_if(id, seq, Wake::Resumed);
        }
    }

    /// Runs `callable` in a new coroutine, its result going under `key`.
    fn spawn(self: &Rc<Self>, key: OwnKey, callable: Callable, args: Vec<Value>) -> PhpResult {
        let group = Rc::clone(self);
        let spawned = host::spawn_native(move || {
            group.set(&key, Value::null());
            let mut args: Vec<Zval> = args.into_iter().map(Value::into_zval).collect();
            let (ended, value) = callable.call(&mut args);
            if ended != Ended::Ok {
                // As for any coroutine's exception: told here, and the request is over.
                return if uncaught(ended) { Outcome::Abort } else { Outcome::Done };
            }
            group.set(&key, value);
            group.done();
            let mut rest = Some((args, callable, group));
            if uncaught(guarded(|| drop(rest.take()))) { Outcome::Abort } else { Outcome::Done }
        });
        match spawned {
            Ok(_) => Ok(()),
            Err(error) => {
                self.done();
                super::not_spawned(&error)
            }
        }
    }

    /// Waits for the last one, or as long as the time-out says.
    fn wait(&self, seconds: f64) -> PhpResult {
        if self.left.get() == 0 {
            return check();
        }
        let engine = require_coroutine()?;
        self.waiter.set(engine.next_wait());
        coroutine::suspend_for(timeout(seconds).filter(|time| !time.is_zero()), Task::Wait);
        self.waiter.set(None);
        if engine.is_aborted() { Err(Thrown::Bailout) } else { check() }
    }

    fn results(&self) -> Value {
        self.results.borrow().clone()
    }
}

fn elements(array: Array<'_>) -> Vec<(OwnKey, Value)> {
    let mut elements = Vec::with_capacity(array.len());
    array.each(|key, value| {
        elements.push((OwnKey::from(key), Value::copy_of(value)));
        true
    });
    elements
}

/// `batch(array $tasks, float $timeout = -1): array`: calls all at the same time.
pub fn batch(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let tasks = args.value()?;
    let Some(array) = tasks.as_array() else {
        return Err(args.reject(Builtin::TypeError.class(), c"must be of type array"));
    };
    let seconds = args.opt_double()?.unwrap_or(-1.0);
    loop_engine();
    let group = Group::new(array.len(), Value::copy_of(tasks));
    for (key, task) in elements(array) {
        let Some(callable) = Callable::new(task.as_zval()) else {
            return Err(throw_builtin(Builtin::Error, "batch(): a task is not callable"));
        };
        group.spawn(key, callable, Vec::new())?;
    }
    group.wait(seconds)?;
    group.results().give(ret);
    Ok(())
}

/// `map(array $list, callable $fn, float $timeout = -1): array`: `$fn($element, $key)` at the same time.
pub fn map(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 3)?;
    let list = args.value()?;
    let Some(array) = list.as_array() else {
        return Err(args.reject(Builtin::TypeError.class(), c"must be of type array"));
    };
    let callable = args.callable()?;
    let seconds = args.opt_double()?.unwrap_or(-1.0);
    loop_engine();
    let group = Group::new(array.len(), Value::copy_of(list));
    for (key, element) in elements(array) {
        let args = vec![element, key.value()];
        group.spawn(key, callable.keep(), args)?;
    }
    group.wait(seconds)?;
    group.results().give(ret);
    Ok(())
}

/// `parallel(int $n, callable $fn): void`: `$n` coroutines of one body; returns when all are through.
pub fn parallel(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let count = args.long()?.max(0) as usize;
    let callable = args.callable()?;
    loop_engine();
    let group = Group::new(count, Value::null());
    for _ in 0..count {
        group.spawn(OwnKey::Index(0), callable.keep(), Vec::new())?;
    }
    group.wait(-1.0)
}

/// `swoole_test_kernel_coroutine(int $count = 100, float $sleep_time = 1.0): void`
pub fn test_kernel(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(0, 2)?;
    let count = args.opt_long()?.unwrap_or(100);
    let time = timeout(args.opt_double()?.unwrap_or(1.0)).unwrap_or_default();
    loop_engine();
    let spawned = host::spawn_native(move || {
        for _ in 0..count {
            coroutine::sleep(time);
        }
        Outcome::Done
    });
    spawned.map(drop).or_else(|error| super::not_spawned(&error))
}
