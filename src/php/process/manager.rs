//! Swoole\Process\Manager: a pool whose processes each run a function of their own.

use crate::zend::array::Key;
use crate::zend::error::{Builtin, throw_builtin};
use crate::zend::invoke::{Native, native};
use crate::zend::registration::ce;
use crate::zend::{Call, ObjectExt, PhpResult, Value, ZendObject, Zval, ZvalExt, invoke};

/// Numbers of the declared properties.
const POOL: u32 = 0;
const IPC: u32 = 1;
const QUEUE: u32 = 2;
const FUNCTIONS: u32 = 3;

static STARTED: Native = native!(c"{closure}", started);

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(0, 2)?;
    let (ipc, queue) = (args.opt_long()?.unwrap_or(0), args.opt_long()?.unwrap_or(0));
    let this = call.this();
    invoke::own_method(this, "setIPCType", &mut [Value::long(ipc).into_zval()])?;
    invoke::own_method(this, "setMsgQueueKey", &mut [Value::long(queue).into_zval()])?;
    Ok(())
}

pub fn add(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let function = Value::copy_of(args.callable()?.value());
    let coroutine = args.opt_bool()?.unwrap_or(false);
    let this = call.this();
    let mut args = [Value::long(1), function, Value::bool(coroutine)].map(Value::into_zval);
    invoke::own_method(this, "addBatch", &mut args)?;
    Value::object(this).give(ret);
    Ok(())
}

pub fn add_batch(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 3)?;
    let number = args.long()?;
    let function = Value::copy_of(args.callable()?.value());
    let coroutine = args.opt_bool()?.unwrap_or(false);
    let mut pair = Value::array(2);
    pair.array_mut().push(function);
    pair.array_mut().push(Value::bool(coroutine));
    let this = call.this();
    if let Some(mut functions) = this.slot(FUNCTIONS).as_array_mut() {
        for _ in 0..number {
            functions.push(pair.clone());
        }
    }
    Value::object(this).give(ret);
    Ok(())
}

pub fn start(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    let number = this.slot(FUNCTIONS).as_array().map_or(0, |functions| functions.len());
    let (ipc, queue) = (Value::copy_of(this.slot(IPC)), Value::copy_of(this.slot(QUEUE)));
    let mut args = [Value::long(number as i64), ipc, queue, Value::bool(false)].map(Value::into_zval);
    let pool = invoke::construct(ce::process_pool(), &mut args)?;
    this.slot(POOL).assign(pool.clone());
    let started = STARTED.closure(ce::process_manager(), this);
    if let Some(pool) = pool.as_zval().obj() {
        invoke::method(pool, b"on", &mut [Value::string(b"workerStart").into_zval(), started.into_zval()])?;
        invoke::method(pool, b"start", &mut [])?;
    }
    Ok(())
}

/// A process of the pool has started: runs its function.
pub(crate) fn started(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let (pool, worker) = (Value::copy_of(args.value()?), args.long()?);
    let Some((function, in_coroutine)) = function(call.this(), worker) else {
        return Err(throw_builtin(Builtin::Error, "the pool has a process that the manager does not know"));
    };
    let mut args = [function.clone(), pool, Value::long(worker)].map(Value::into_zval);
    if in_coroutine {
        invoke::function(c"swoole\\coroutine\\run", &mut args)?;
    } else {
        invoke::callable(function.as_zval(), &mut args[1..])?;
    }
    Ok(())
}

/// The function of the n-th process, and whether it runs in a coroutine.
fn function(this: &mut ZendObject, n: i64) -> Option<(Value, bool)> {
    let mut found = None;
    let mut at = 0;
    this.slot(FUNCTIONS).as_array()?.each(|_: Key<'_>, pair| {
        if at == n {
            found = pair
                .as_array()
                .and_then(|pair| Some((Value::copy_of(pair.get_index(0)?), pair.get_index(1).is_some_and(ZvalExt::to_bool))));
        }
        at += 1;
        at <= n
    });
    found
}

fn chain(call: &mut Call, ret: &mut Zval, slot: u32) -> PhpResult {
    let number = call.args(1, 1)?.long()?;
    let this = call.this();
    this.slot(slot).assign(Value::long(number));
    Value::object(this).give(ret);
    Ok(())
}

pub fn set_ipc_type(call: &mut Call, ret: &mut Zval) -> PhpResult {
    chain(call, ret, IPC)
}

pub fn get_ipc_type(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    ret.set_long(call.this().slot(IPC).to_long());
    Ok(())
}

pub fn set_msg_queue_key(call: &mut Call, ret: &mut Zval) -> PhpResult {
    chain(call, ret, QUEUE)
}

pub fn get_msg_queue_key(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    ret.set_long(call.this().slot(QUEUE).to_long());
    Ok(())
}
