//! How the loop calls a script's functions: in a coroutine of their own, or plainly.

use std::cell::Cell;

use coroutine::{CoId, SpawnError, engine};

use super::report::Line;
use super::{report, settings};
use crate::zend::error::E_WARNING;
use crate::zend::guard::uncaught;
use crate::zend::{Callable, Ended, Value, Zval, guarded, host};

/// Calls `callable` from the loop: in a new coroutine unless `enable_coroutine` is off. False when it
/// could not run; an abort of the request is left in the engine.
pub fn run(callable: &Callable, args: &mut [Zval]) -> bool {
    let in_coroutine = match super::server::running() {
        Some(server) => super::server::message::in_coroutine(&server),
        None => settings::read(|settings| settings.enable_coroutine),
    };
    run_in(in_coroutine, callable, args)
}

thread_local! {
    /// The coroutine in which a plain callback runs, because it is the loop's own business that it carries on.
    static CARRIER: Cell<Option<CoId>> = const { Cell::new(None) };
}

/// Whether PHP code runs in a coroutine that the script knows as one.
pub fn in_own_coroutine() -> bool {
    let current = coroutine::current();
    current.is_some() && current != CARRIER.get()
}

pub fn run_in(in_coroutine: bool, callable: &Callable, args: &mut [Zval]) -> bool {
    if !in_coroutine {
        let before = CARRIER.replace(coroutine::current());
        let (ended, value) = callable.call(args);
        CARRIER.set(before);
        finish(ended);
        discard(value);
        return ended == Ended::Ok;
    }
    match host::spawn(callable.value(), callable.cache(), args) {
        Ok(_) | Err(SpawnError::Aborted(_)) => true,
        Err(error) => {
            refused(&error);
            false
        }
    }
}

/// What an option or argument says is to be called; none, with a warning, when it cannot be.
pub fn wanted(value: &Zval) -> Option<Callable> {
    use std::fmt::Write;
    let value = value.dereference();
    let mut line = Line::<512>::default();
    if value.is_null() {
        let _ = line.write_str("illegal callback function");
    } else {
        let callable = Callable::new(value);
        if callable.is_some() {
            return callable;
        }
        let name = Callable::name_of(value);
        let _ = write!(line, "function '{}' is not callable", str::from_utf8(&name).unwrap_or_default());
    }
    report::fatal(E_WARNING, line.text());
    None
}

/// Deals with how a plain call from the loop ended: the request may be over.
pub fn finish(ended: Ended) {
    if uncaught(ended)
        && let Some(engine) = engine()
    {
        engine.abort();
    }
}

/// Drops a value whose destructor may run code.
pub fn discard<T>(value: T) {
    let mut value = Some(value);
    // The closure owns nothing while the destructor runs: a bailout skips no frame of ours but its own.
    finish(guarded(|| drop(value.take())));
}

/// Tells that a coroutine could not be made. Runs Zend's error machinery: a bailout ends here.
pub fn refused(error: &SpawnError) {
    use std::fmt::Write;
    let mut line = Line::<256>::default();
    let _ = match error {
        SpawnError::Limit(limit) => write!(line, "exceed max number of coroutine {limit}"),
        other => write!(line, "{other}"),
    };
    finish(guarded(|| report::fatal(E_WARNING, line.text())));
}

/// Calls `callable` from the loop with the given number, if any, and copies of `values`.
pub fn run_with(callable: &Callable, first: Option<i64>, values: &[Value]) -> bool {
    if values.is_empty() {
        return match first {
            None => run(callable, &mut []),
            Some(number) => run(callable, &mut [Value::long(number).into_zval()]),
        };
    }
    let mut args: Vec<Zval> = Vec::with_capacity(values.len() + 1);
    args.extend(first.map(|number| Value::long(number).into_zval()));
    args.extend(values.iter().map(|value| value.clone().into_zval()));
    let done = run(callable, &mut args);
    discard(args);
    done
}
