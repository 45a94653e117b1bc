//! Swoole\Coroutine\Channel.

use std::cell::OnceCell;
use std::rc::Rc;

use coroutine::{Channel, ChannelError};

use super::{require_coroutine, timeout};
use crate::zend::{
    Call, ClassEntry, ClassState, GcBuffer, Handlers, ObjectExt, PhpResult, Value, ZendObject, Zval, ZvalExt, class_state,
    state_of,
};

#[derive(Default)]
pub struct State(OnceCell<Rc<Channel<Value>>>);

static HANDLERS: Handlers = Handlers::new();

impl ClassState for State {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }

    fn gc(&self, buffer: &mut GcBuffer) {
        if let Some(channel) = self.0.get() {
            channel.for_each(|value| buffer.add(value));
        }
    }
}

impl Drop for State {
    fn drop(&mut self) {
        let Some(channel) = self.0.get() else { return };
        for (count, who) in [(channel.consumers(), "consumers"), (channel.producers(), "producers")] {
            if count > 0 {
                crate::php::code::set_last(crate::php::code::Code::CO_HAS_BEEN_DISCARDED);
                let text = format!("channel is destroyed, {count} {who} will be discarded");
                crate::log::warning("Channel::~Channel", Some(crate::php::code::Code::CO_HAS_BEEN_DISCARDED.0), &text);
            }
        }
    }
}

pub fn class_init(class: &mut ClassEntry) {
    class_state::<State>(class);
}

/// Numbers of the declared properties.
const CAPACITY: u32 = 0;
const ERR_CODE: u32 = 1;

/// Values of `$errCode` (SWOOLE_CHANNEL_*).
const OK: i64 = 0;
const TIMEOUT: i64 = -1;
const CLOSED: i64 = -2;
const CANCELED: i64 = -3;

/// The channel; its `Rc` keeps it while a coroutine waits in it, whatever becomes of the object.
fn channel(object: &ZendObject) -> PhpResult<Rc<Channel<Value>>> {
    // SAFETY: the handlers of this class and its children only.
    let state = unsafe { state_of::<State>(object) };
    match state.0.get() {
        Some(channel) => Ok(Rc::clone(channel)),
        None => Err(crate::php::error::not_constructed("Swoole\\Coroutine\\Channel")),
    }
}

fn set_error(object: &mut ZendObject, code: i64) {
    object.slot(ERR_CODE).set_long(code);
}

fn code(error: ChannelError) -> i64 {
    match error {
        ChannelError::Timeout => TIMEOUT,
        ChannelError::Closed => CLOSED,
        ChannelError::Canceled => CANCELED,
    }
}

/// A new channel object.
pub(crate) fn make(capacity: usize) -> Value {
    let channel = crate::zend::new_object(crate::zend::registration::ce::coroutine_channel());
    if let Some(object) = channel.as_zval().obj() {
        // SAFETY: an object of this class.
        let _ = unsafe { state_of::<State>(object) }.0.set(Rc::new(Channel::new(capacity)));
        object.slot(CAPACITY).set_long(capacity as i64);
    }
    channel
}

/// The channel in a property of another class.
fn inside(value: &Zval) -> PhpResult<Rc<Channel<Value>>> {
    match value.obj() {
        Some(object) if object.is_a(crate::zend::registration::ce::coroutine_channel()) => channel(object),
        _ => Err(crate::php::error::not_constructed("Swoole\\Coroutine\\Channel")),
    }
}

/// Pushes into the channel that `value` is.
///
/// # Errors
/// When it is none, outside coroutines, or when the woken coroutine ended the request.
pub(crate) fn push_to(value: &Zval, item: Value) -> PhpResult {
    let channel = inside(value)?;
    let _ = channel.push(item, None);
    aborted()
}

/// Pops a truth from the channel that `value` is; false when none came in time.
///
/// # Errors
/// As [`push_to`].
pub(crate) fn pop_from(value: &Zval, seconds: f64) -> PhpResult<bool> {
    let channel = inside(value)?;
    require_coroutine()?;
    let popped = channel.pop(wait_time(seconds));
    aborted()?;
    Ok(popped.is_ok_and(|value| value.as_zval().to_bool()))
}

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let capacity = call.args(0, 1)?.opt_long()?.unwrap_or(1).max(1);
    let this = call.this();
    // SAFETY: as in `channel`.
    let state = unsafe { state_of::<State>(this) };
    let _ = state.0.set(Rc::new(Channel::new(capacity as usize)));
    this.slot(CAPACITY).set_long(capacity);
    Ok(())
}

#[inline(always)]
pub fn push(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let data = Value::copy_of(args.value()?);
    let wait = args.opt_double()?.unwrap_or(-1.0);
    require_coroutine()?;
    let this = call.this();
    let channel = channel(this)?;
    let result = channel.push(data, wait_time(wait));
    finish(this, ret, result.map_err(|(error, _)| error))?;
    Ok(())
}

#[inline(always)]
pub fn pop(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let wait = call.args(0, 1)?.opt_double()?.unwrap_or(-1.0);
    require_coroutine()?;
    let this = call.this();
    let channel = channel(this)?;
    match channel.pop(wait_time(wait)) {
        Ok(value) => {
            set_error(this, OK);
            value.give(ret);
        }
        Err(error) => finish(this, ret, Err(error))?,
    }
    aborted()
}

/// A time of 0 waits for ever, as a negative one does.
fn wait_time(seconds: f64) -> Option<std::time::Duration> {
    if seconds == 0.0 { None } else { timeout(seconds) }
}

#[inline(always)]
fn finish(this: &mut ZendObject, ret: &mut Zval, result: Result<(), ChannelError>) -> PhpResult {
    set_error(this, result.map_or_else(code, |()| OK));
    ret.set_bool(result.is_ok());
    aborted()?;
    crate::zend::error::check()
}

/// A coroutine that we woke may have ended the request.
fn aborted() -> PhpResult {
    if coroutine::engine().is_some_and(coroutine::Engine::is_aborted) {
        return Err(crate::zend::Thrown::Bailout);
    }
    Ok(())
}

pub fn close(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    ret.set_bool(channel(call.this())?.close());
    aborted()
}

pub fn length(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    ret.set_long(channel(call.this())?.len() as i64);
    Ok(())
}

pub fn is_empty(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    ret.set_bool(channel(call.this())?.is_empty());
    Ok(())
}

pub fn is_full(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    ret.set_bool(channel(call.this())?.is_full());
    Ok(())
}

pub fn stats(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let channel = channel(call.this())?;
    let mut stats = Value::array(3);
    let mut array = stats.array_mut();
    array.set("consumer_num", Value::long(channel.consumers() as i64));
    array.set("producer_num", Value::long(channel.producers() as i64));
    array.set("queue_num", Value::long(channel.len() as i64));
    stats.give(ret);
    Ok(())
}
