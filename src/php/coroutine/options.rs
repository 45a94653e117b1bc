//! Coroutine::set() and what it sets.

use std::cell::{Cell, RefCell};

use coroutine::engine;

use super::preempt;
use crate::php::{callback, settings};
use crate::zend::array::Key;
use crate::zend::error::check;
use crate::zend::registration::ini;
use crate::zend::{Array, Call, Callable, PhpResult, Value, Zval, ZvalExt};

/// `max_coroutine` where nothing else is set.
const DEFAULT_MAX: usize = 100_000;
/// Bytes.
const LARGEST_STACK: usize = 16 * 1024 * 1024;

thread_local! {
    /// All that was ever set in this request, for getOptions().
    static OPTIONS: RefCell<Option<Value>> = const { RefCell::new(None) };
    static EXIT_CONDITION: RefCell<Option<Callable>> = const { RefCell::new(None) };
    static OPEN: Cell<bool> = const { Cell::new(false) };
    static DEADLOCK_CHECK: Cell<bool> = const { Cell::new(true) };
    static PREEMPTIVE: Cell<bool> = const { Cell::new(false) };
}

pub fn checks_deadlock() -> bool {
    DEADLOCK_CHECK.get()
}

/// One option as the script gave it.
pub fn option(name: &str) -> Option<Value> {
    OPTIONS.with_borrow(|options| {
        let array = options.as_ref()?.as_zval().as_array()?;
        array.setting(name).map(Value::copy_of)
    })
}

/// Applies options of coroutines, and keeps all for getOptions(). `Server::set()` shares it.
pub(crate) fn apply(options: Array<'_>) {
    let get = |key: &str| options.setting(key);
    let Some(engine) = engine() else { return };
    if let Some(most) = get("max_coro_num").or_else(|| get("max_coroutine")) {
        let most = most.to_long();
        engine.set_limit(if most <= 0 { DEFAULT_MAX } else { most as usize });
    }
    for key in ["enable_deadlock_check", "deadlock_check"] {
        if let Some(on) = get(key) {
            DEADLOCK_CHECK.set(on.to_bool());
        }
    }
    if let Some(resolvers) = get("name_resolver") {
        match resolvers.as_array() {
            Some(list) => crate::php::name_resolver::functions::replace(list),
            None => crate::php::report::fatal(crate::zend::error::E_WARNING, "name_resolver must be an array"),
        }
    }
    if let Some(flags) = get("hook_flags") {
        crate::runtime::configure(flags.to_long() as u32);
    }
    if let Some(on) = get("enable_preemptive_scheduler") {
        PREEMPTIVE.set(on.to_bool());
        if OPEN.get() && on.to_bool() {
            preempt::start();
        }
    }
    if let Some(size) = get("stack_size").or_else(|| get("c_stack_size")) {
        // Below zero is as much as there may be.
        let size = usize::try_from(settings::size(size)).unwrap_or(LARGEST_STACK);
        engine.stacks().set_stack_size(size.min(LARGEST_STACK));
    }
    keep(options);
}

fn keep(options: Array<'_>) {
    let mut all = OPTIONS.take().unwrap_or_else(|| Value::array(options.len() as u32));
    let mut array = all.array_mut();
    options.each(|key, value| {
        let value = Value::copy_of(value);
        match key {
            Key::Index(index) => array.set_index(index, value),
            Key::Name(name) => array.set_bytes(name, value),
        }
        true
    });
    OPTIONS.set(Some(all));
}

/// `Coroutine\run()` hooks everything, unless the script has said what it wants.
pub fn hook_all_by_default() {
    if option("hook_flags").is_none() {
        crate::runtime::configure_default();
        let mut options = Value::array(1);
        options.array_mut().set("hook_flags", Value::long(i64::from(crate::runtime::flags())));
        if let Some(array) = options.as_zval().as_array() {
            keep(array);
        }
    }
}

/// The first use of the loop since it last ended.
pub fn loop_opened() {
    OPEN.set(true);
    if PREEMPTIVE.get() || ini(|ini| ini.enable_preemptive_scheduler) {
        preempt::start();
    }
    crate::runtime::activate();
}

pub fn loop_closed() {
    OPEN.set(false);
    preempt::stop();
}

/// Asks `exit_condition`: whether the loop has to go on though nothing is left in it.
pub fn not_to_exit() -> bool {
    let callable = EXIT_CONDITION.with_borrow(Clone::clone);
    let Some(callable) = callable else { return false };
    let (ended, value) = callable.call(&mut []);
    callback::finish(ended);
    // INVARIANT: only a plain false keeps the loop.
    let stay = value.as_zval().is_false();
    callback::discard((value, callable));
    stay && !engine().is_some_and(coroutine::Engine::is_aborted)
}

/// The request ends.
pub fn forget() {
    if OPEN.get() {
        loop_closed();
    }
    DEADLOCK_CHECK.set(true);
    PREEMPTIVE.set(false);
    callback::discard((OPTIONS.take(), EXIT_CONDITION.take()));
    if let Some(engine) = engine() {
        engine.set_limit(DEFAULT_MAX);
        engine.stacks().set_stack_size(crate::zend::host::STACK_SIZE);
    }
}

/// `Coroutine::set(array $options)`, and `Scheduler::set`.
pub fn set(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let options = call.args(1, 1)?.array()?;
    for key in ["stack_size", "c_stack_size"] {
        if let Some(size) = options.setting(key) {
            settings::require_size(size);
        }
    }
    settings::apply(options);
    apply(options);
    if let Some(expire) = options.setting("dns_cache_expire") {
        super::dns::set_expiry(expire.to_double());
    }
    if let Some(capacity) = options.setting("dns_cache_capacity") {
        super::dns::set_capacity(capacity.to_long().max(0) as usize);
    }
    if let Some(condition) = options.get("exit_condition") {
        let old = EXIT_CONDITION.replace(callback::wanted(condition));
        drop(old);
    }
    check()
}

/// `Coroutine::getOptions(): ?array`
pub fn get_options(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    if let Some(options) = OPTIONS.with_borrow(Clone::clone) {
        options.give(ret);
    }
    Ok(())
}
