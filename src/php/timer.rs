//! Swoole\Timer and swoole_timer_*.

pub mod iterator;
mod table;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use coroutine::engine;
use reactor::TimerId;

use crate::php::lifecycle::loop_engine;
use crate::php::{callback, report};
use crate::zend::error::E_WARNING;
use crate::zend::registration::ce;
use crate::zend::{Call, Callable, PhpResult, Value, Zval};
use table::{Numbered, Table};

struct Node {
    id: i64,
    callable: Callable,
    args: Vec<Value>,
    /// None fires once.
    interval: Option<Duration>,
    /// On the clock of [`Clock::base`].
    due: Cell<Duration>,
    fired: Cell<u64>,
    round: u64,
    /// Cleared by its own callback, which still runs.
    removed: Cell<bool>,
    running: Cell<bool>,
    timer: Cell<Option<TimerId>>,
}

impl Numbered for Node {
    fn id(&self) -> i64 {
        self.id
    }
}

struct Clock {
    base: Instant,
    /// The time of this turn's timers, taken when its first one fires.
    now: Option<Duration>,
    round: u64,
}

thread_local! {
    static TIMERS: RefCell<Table<Node>> = RefCell::default();
    static LAST_ID: Cell<i64> = const { Cell::new(0) };
    /// A timer was made since the loop last ended.
    static IN_USE: Cell<bool> = const { Cell::new(false) };
    static CLOCK: RefCell<Option<Clock>> = const { RefCell::new(None) };
}

fn with_clock<T>(work: impl FnOnce(&mut Clock) -> T) -> T {
    CLOCK.with_borrow_mut(|clock| work(clock.get_or_insert_with(|| Clock { base: Instant::now(), now: None, round: 0 })))
}

/// A turn of the loop begins.
pub fn next_round() {
    CLOCK.with_borrow_mut(|clock| {
        if let Some(clock) = clock
            && clock.now.take().is_some()
        {
            clock.round += 1;
        }
    });
}

fn find(id: i64) -> Option<Rc<Node>> {
    TIMERS.with_borrow(|timers| timers.get(id).cloned())
}

fn take(id: i64) -> Option<Rc<Node>> {
    TIMERS.with_borrow_mut(|timers| timers.remove(id))
}

fn add(call: &mut Call, ret: &mut Zval, repeated: bool) -> PhpResult {
    let mut args = call.args(2, u32::MAX)?;
    let ms = args.long()?;
    let callable = args.callable()?;
    if ms < 1 {
        ret.set_bool(false);
        report::fatal(E_WARNING, "Timer must be greater than or equal to 1");
        return Ok(());
    }
    let time = Duration::from_millis(ms as u64);
    loop_engine();
    let values: Vec<Value> = args.rest().iter().map(Value::copy_of).collect();
    match start(time, repeated, callable.keep(), values) {
        Some(id) => ret.set_long(id),
        None => {
            ret.set_bool(false);
            report::fatal(E_WARNING, "add timer failed");
        }
    }
    Ok(())
}

/// A timer that calls `callable`, at least 1 ms from now; a repeated one with its id before `args`.
pub(crate) fn start(time: Duration, repeated: bool, callable: Callable, args: Vec<Value>) -> Option<i64> {
    let now = Instant::now();
    let (due, round) = with_clock(|clock| (now.saturating_duration_since(clock.base).checked_add(time), clock.round));
    let id = LAST_ID.get() + 1;
    let timer = engine()?.host_timer(now.checked_add(time)?, id as u64).ok()?;
    LAST_ID.set(id);
    IN_USE.set(true);
    let node = Node {
        id,
        callable,
        args,
        interval: repeated.then_some(time),
        due: Cell::new(due?),
        fired: Cell::new(0),
        round,
        removed: Cell::new(false),
        running: Cell::new(false),
        timer: Cell::new(Some(timer)),
    };
    TIMERS.with_borrow_mut(|timers| timers.insert(Rc::new(node)));
    Some(id)
}

/// The loop says that a timer is due.
pub fn fire(token: u64) {
    let id = token as i64;
    let Some(node) = find(id) else { return };
    let counted = super::event::counts_turns();
    let (now, early) = with_clock(|clock| {
        // A timer is never called in the round it was made in: that one has passed, unless the script counts.
        let fresh = node.fired.get() == 0 && node.round == clock.round;
        clock.round += u64::from(fresh && !counted);
        (*clock.now.get_or_insert_with(|| clock.base.elapsed()), fresh && counted)
    });
    if early {
        let base = with_clock(|clock| clock.base);
        node.timer.set(engine().and_then(|engine| engine.host_timer(base + node.due.get(), token).ok()));
        return;
    }
    node.timer.set(None);
    node.running.set(true);
    callback::run_with(&node.callable, node.interval.map(|_| id), &node.args);
    node.running.set(false);
    match node.interval {
        Some(interval) if !node.removed.get() => {
            node.fired.set(node.fired.get() + 1);
            // A late tick keeps its grid; those that were missed are dropped.
            let mut due = node.due.get() + interval;
            if due <= now {
                let behind = (now - due).as_nanos() / interval.as_nanos() + 1;
                due += interval.saturating_mul(u32::try_from(behind).unwrap_or(u32::MAX));
            }
            node.due.set(due);
            let base = with_clock(|clock| clock.base);
            if let Some(engine) = engine().filter(|engine| !engine.is_aborted()) {
                node.timer.set(engine.host_timer(base + due, token).ok());
            }
        }
        _ => {
            let gone = take(id);
            callback::discard((gone, node));
        }
    }
}

fn clear_one(id: i64) -> bool {
    enum Found {
        Running(bool),
        Idle(Option<Rc<Node>>),
    }
    let found = TIMERS.with_borrow_mut(|timers| match timers.get(id) {
        // Its callback has yet to return here: it is only marked.
        Some(node) if node.running.get() => Found::Running(!node.removed.replace(true)),
        _ => Found::Idle(timers.remove(id)),
    });
    let node = match found {
        Found::Running(first) => return first,
        Found::Idle(None) => return false,
        Found::Idle(Some(node)) => node,
    };
    if let (Some(timer), Some(reactor)) = (node.timer.take(), engine().and_then(|engine| engine.reactor().ok())) {
        reactor.cancel_timer(timer);
    }
    // Its closure may be the last holder of objects whose destructors run here.
    drop(node);
    true
}

/// Clears all timers of the script.
pub(crate) fn clear_timers() {
    for id in TIMERS.with_borrow(Table::ids) {
        clear_one(id);
    }
}

/// Whether a timer was made since the loop last ended.
pub fn is_in_use() -> bool {
    IN_USE.get()
}

/// The loop has run to its end.
pub fn loop_ended() {
    IN_USE.set(false);
    CLOCK.with_borrow_mut(|clock| *clock = None);
}

/// The request ends.
pub fn forget() {
    clear_timers();
    TIMERS.take();
    loop_ended();
    LAST_ID.set(0);
}

/// In a forked child: the parent's timers are none of its own, nor is it its place to destroy them.
pub fn after_fork() {
    std::mem::forget(TIMERS.take());
    loop_ended();
}

// ---- handlers --------------------------------------------------------------------------------------

pub fn after(call: &mut Call, ret: &mut Zval) -> PhpResult {
    add(call, ret, false)
}

pub fn tick(call: &mut Call, ret: &mut Zval) -> PhpResult {
    add(call, ret, true)
}

pub fn clear(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let id = call.args(1, 1)?.long()?;
    ret.set_bool(clear_one(id));
    Ok(())
}

pub fn clear_all(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    ret.set_bool(IN_USE.get());
    clear_timers();
    Ok(())
}

pub fn exists(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let id = call.args(1, 1)?.long()?;
    ret.set_bool(find(id).is_some_and(|node| !node.removed.get()));
    Ok(())
}

pub fn info(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let id = call.args(1, 1)?.long()?;
    if !IN_USE.get() {
        ret.set_bool(false);
        return Ok(());
    }
    let Some(node) = find(id) else { return Ok(()) };
    let ms = |time: Duration| Value::long(time.as_millis() as i64);
    let mut info = Value::array(5);
    let mut array = info.array_mut();
    array.set("exec_msec", ms(node.due.get()));
    array.set("exec_count", Value::long(node.fired.get() as i64));
    array.set("interval", ms(node.interval.unwrap_or_default()));
    array.set("round", Value::long(node.round as i64));
    array.set("removed", Value::bool(node.removed.get()));
    info.give(ret);
    Ok(())
}

pub fn stats(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let round = CLOCK.with_borrow(|clock| clock.as_ref().map_or(0, |clock| clock.round));
    let mut stats = Value::array(3);
    let mut array = stats.array_mut();
    array.set("initialized", Value::bool(IN_USE.get()));
    array.set("num", Value::long(TIMERS.with_borrow(Table::len) as i64));
    array.set("round", Value::long(round as i64));
    stats.give(ret);
    Ok(())
}

pub fn list(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let mut ids = TIMERS.with_borrow(Table::ids);
    ids.reverse();
    super::coroutine::iterator::make(ce::timer_iterator(), &ids)?.give(ret);
    Ok(())
}
