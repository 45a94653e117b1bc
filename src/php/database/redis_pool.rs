//! Swoole\Database\RedisPool, on the Redis class of phpredis.

use super::proxied::{call as call_method, entries};
use crate::php::connection_pool::{DEFAULT_SIZE, initialize};
use crate::zend::invoke::{Native, native};
use crate::zend::registration::ce;
use crate::zend::{Call, ObjectExt, PhpResult, Value, Zval, ZvalExt, invoke};

/// Number of `$config`, behind those of ConnectionPool.
const CONFIG: u32 = 5;

static CONNECT: Native = native!(c"{closure}", connect);

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let config = Value::object(args.object_of(ce::database_redis_config())?);
    let size = args.opt_long()?.unwrap_or(DEFAULT_SIZE);
    let this = call.this();
    this.slot(CONFIG).assign(config);
    let constructor = CONNECT.closure(ce::database_redis_pool(), this);
    initialize(this, constructor, size, Value::null())
}

/// The body of the closure that makes a connection.
pub(crate) fn connect(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let config = Value::copy_of(call.this().slot(CONFIG));
    let ask = |method: &[u8]| call_method(&config, method, &mut []);
    let redis = invoke::construct(invoke::class(b"Redis")?, &mut [])?;
    let mut all = Value::array(6);
    let mut arguments = all.array_mut();
    arguments.push(ask(b"getHost")?);
    arguments.push(ask(b"getPort")?);
    let (wait, retry, read) = (ask(b"getTimeout")?, ask(b"getRetryInterval")?, ask(b"getReadTimeout")?);
    // connect(host, port, timeout, persistent id, retry interval, read timeout), as short as it may be.
    let (has_retry, has_read) = (retry.as_zval().to_long() != 0, read.as_zval().to_double() != 0.0);
    if wait.as_zval().to_double() != 0.0 || has_retry || has_read {
        arguments.push(wait);
    }
    if has_retry || has_read {
        arguments.push(Value::null());
        arguments.push(retry);
    }
    if has_read {
        arguments.push(read);
    }
    if let (Some(redis), Some(arguments)) = (redis.as_zval().obj(), all.as_zval().as_array()) {
        invoke::method_spread(redis, b"connect", arguments)?;
    }
    let auth = ask(b"getAuth")?;
    if auth.as_zval().to_bool() {
        call_method(&redis, b"auth", &mut [auth.into_zval()])?;
    }
    let index = ask(b"getDbIndex")?;
    if index.as_zval().to_long() != 0 {
        call_method(&redis, b"select", &mut [index.into_zval()])?;
    }
    for (option, value) in entries(ask(b"getOptions")?.as_zval()) {
        call_method(&redis, b"setOption", &mut [option.into_zval(), value.into_zval()])?;
    }
    redis.give(ret);
    Ok(())
}
