//! Swoole\ConnectionPool: connections made on demand, up to a size, and waited for beyond it.

use crate::php::error::not_constructed;
use crate::zend::error::{Builtin, throw, throw_builtin};
use crate::zend::registration::ce;
use crate::zend::{Call, ObjectExt, PhpResult, Thrown, Value, ZendObject, Zval, ZvalExt, invoke};

/// Numbers of the declared properties.
const POOL: u32 = 0;
const CONSTRUCTOR: u32 = 1;
const SIZE: u32 = 2;
const NUM: u32 = 3;
const PROXY: u32 = 4;

/// `ConnectionPool::DEFAULT_SIZE`
pub(super) const DEFAULT_SIZE: i64 = 64;

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 3)?;
    let constructor = Value::copy_of(args.callable()?.value());
    let size = args.opt_long()?.unwrap_or(DEFAULT_SIZE);
    let proxy = args.opt_bytes_or_null()?;
    initialize(call.this(), constructor, size, proxy.map_or_else(Value::null, Value::string))
}

/// What the constructor does; the pools of databases call it with functions of their own.
pub(super) fn initialize(this: &mut ZendObject, constructor: Value, size: i64, proxy: Value) -> PhpResult {
    let channel = ce::coroutine_channel();
    let pool = invoke::construct(channel, &mut [Value::long(size).into_zval()])?;
    this.slot(POOL).assign(pool);
    this.slot(CONSTRUCTOR).assign(constructor);
    this.slot(SIZE).assign(Value::long(size));
    this.slot(PROXY).assign(proxy);
    Ok(())
}

/// The channel; None once the pool is closed.
fn pool(this: &mut ZendObject) -> PhpResult<Option<Value>> {
    let slot = this.slot(POOL);
    if slot.is_undef() {
        return Err(not_constructed("Swoole\\ConnectionPool"));
    }
    Ok(slot.is_object().then(|| Value::copy_of(slot)))
}

fn channel(pool: &Value, method: &[u8], args: &mut [Zval]) -> PhpResult<Value> {
    match pool.as_zval().obj() {
        Some(object) => invoke::method(object, method, args),
        None => Err(Thrown::Exception),
    }
}

fn has_room(this: &mut ZendObject) -> bool {
    this.slot(NUM).to_long() < this.slot(SIZE).to_long()
}

fn count(this: &mut ZendObject, step: i64) {
    let number = this.slot(NUM).to_long() + step;
    this.slot(NUM).set_long(number);
}

pub fn fill(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    pool(this)?;
    while has_room(this) {
        invoke::own_method(this, "make", &mut [])?;
    }
    Ok(())
}

pub fn get(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let timeout = call.args(0, 1)?.opt_double()?.unwrap_or(-1.0);
    take(call.this(), timeout)?.give(ret);
    Ok(())
}

/// A connection, or false when none came back within `timeout` seconds.
pub(super) fn take(this: &mut ZendObject, timeout: f64) -> PhpResult<Value> {
    let Some(pool) = pool(this)? else {
        return Err(throw(invoke::class(b"RuntimeException")?, 0, "Pool has been closed"));
    };
    if has_room(this) && channel(&pool, b"isEmpty", &mut [])?.as_zval().to_bool() {
        invoke::own_method(this, "make", &mut [])?;
    }
    let mut wait = Zval::new();
    wait.set_double(timeout);
    channel(&pool, b"pop", &mut [wait])
}

pub fn put(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let connection = call.args(1, 1)?.value()?;
    let this = call.this();
    let Some(pool) = pool(this)? else { return Ok(()) };
    if connection.is_null() {
        // The caller has found it broken and threw it away.
        count(this, -1);
        invoke::own_method(this, "make", &mut [])?;
        return Ok(());
    }
    super::database::pdo_proxy::settle(connection)?;
    channel(&pool, b"push", &mut [Value::copy_of(connection).into_zval()])?;
    Ok(())
}

pub fn close(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    let Some(pool) = pool(this)? else {
        return Err(throw_builtin(Builtin::Error, "Call to a member function close() on null"));
    };
    // Those who wait run at once, and must find the pool closed.
    this.slot(POOL).assign(Value::null());
    this.slot(NUM).set_long(0);
    channel(&pool, b"close", &mut [])?;
    Ok(())
}

/// `ConnectionPool::make()`: one connection more, put into the pool.
pub fn make(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    count(this, 1);
    match connection(this) {
        Ok(connection) => {
            invoke::own_method(this, "put", &mut [connection.into_zval()])?;
            Ok(())
        }
        Err(thrown) => {
            count(this, -1);
            Err(thrown)
        }
    }
}

fn connection(this: &mut ZendObject) -> PhpResult<Value> {
    let constructor = Value::copy_of(this.slot(CONSTRUCTOR));
    let made = match this.slot(PROXY).zstr().map(crate::zend::ZStr::share) {
        Some(proxy) if !proxy.is_empty() => {
            let class = invoke::class(&proxy)?;
            invoke::construct(class, &mut [constructor.into_zval()])?
        }
        _ => invoke::callable(constructor.as_zval(), &mut [])?,
    };
    if made.as_zval().is_null() {
        // put(null) would ask for another one, and so on without end.
        let text = "the constructor of a connection pool gave null";
        return Err(throw(invoke::class(b"RuntimeException")?, 0, text));
    }
    Ok(made)
}
