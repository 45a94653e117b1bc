//! Swoole\Coroutine\WaitGroup.

use super::channel;
use crate::zend::error::throw;
use crate::zend::{Call, ObjectExt, PhpResult, Thrown, Value, ZendObject, Zval, ZvalExt, sys};

/// Numbers of the declared properties.
const CHANNEL: u32 = 0;
const COUNT: u32 = 1;
const WAITING: u32 = 2;

fn misuse(class: &str, message: &str) -> Thrown {
    // SAFETY: looks a class of spl's up, which is there before ours.
    let class = unsafe { sys::swrs_find_class(class.as_ptr(), class.len()) };
    throw(class, 0, &format!("WaitGroup misuse: {message}"))
}

fn count_of(this: &mut ZendObject) -> i64 {
    this.slot(COUNT).to_long()
}

fn is_waiting(this: &mut ZendObject) -> bool {
    this.slot(WAITING).is_true()
}

fn increase(this: &mut ZendObject, delta: i64) -> PhpResult {
    if is_waiting(this) {
        return Err(misuse("BadMethodCallException", "add called concurrently with wait"));
    }
    let count = count_of(this).saturating_add(delta);
    if count < 0 {
        return Err(misuse("InvalidArgumentException", "negative counter"));
    }
    this.slot(COUNT).set_long(count);
    Ok(())
}

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let delta = call.args(0, 1)?.opt_long()?.unwrap_or(0);
    let this = call.this();
    this.slot(CHANNEL).assign(channel::make(1));
    if delta > 0 { increase(this, delta) } else { Ok(()) }
}

pub fn add(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let delta = call.args(0, 1)?.opt_long()?.unwrap_or(1);
    increase(call.this(), delta)
}

pub fn done(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    let count = count_of(this) - 1;
    if count < 0 {
        return Err(misuse("BadMethodCallException", "negative counter"));
    }
    this.slot(COUNT).set_long(count);
    if count == 0 && is_waiting(this) {
        channel::push_to(this.slot(CHANNEL), Value::bool(true))?;
    }
    Ok(())
}

pub fn wait(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let seconds = call.args(0, 1)?.opt_double()?.unwrap_or(-1.0);
    let this = call.this();
    if is_waiting(this) {
        return Err(misuse("BadMethodCallException", "reused before previous wait has returned"));
    }
    if count_of(this) == 0 {
        ret.set_bool(true);
        return Ok(());
    }
    // Nobody else may hold the group while we wait in it.
    let _keep = Value::object(this);
    this.slot(WAITING).set_bool(true);
    let done = channel::pop_from(this.slot(CHANNEL), seconds);
    this.slot(WAITING).set_bool(false);
    ret.set_bool(done?);
    crate::zend::error::check()
}

pub fn count(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    ret.set_long(count_of(call.this()));
    Ok(())
}
