//! Swoole\Database\RedisConfig: where a RedisPool connects.

use super::config::{get, with_array, with_float, with_long, with_string};
use crate::zend::{Call, ObjectExt, PhpResult, Value, Zval, ZvalExt};

/// Numbers of the declared properties.
const HOST: u32 = 0;
const PORT: u32 = 1;
const TIMEOUT: u32 = 2;
const RESERVED: u32 = 3;
const RETRY_INTERVAL: u32 = 4;
const READ_TIMEOUT: u32 = 5;
const AUTH: u32 = 6;
const DB_INDEX: u32 = 7;
const OPTIONS: u32 = 8;

pub fn get_host(call: &mut Call, ret: &mut Zval) -> PhpResult {
    get(call, ret, HOST)
}

pub fn with_host(call: &mut Call, ret: &mut Zval) -> PhpResult {
    with_string(call, ret, HOST)
}

pub fn get_port(call: &mut Call, ret: &mut Zval) -> PhpResult {
    get(call, ret, PORT)
}

pub fn with_port(call: &mut Call, ret: &mut Zval) -> PhpResult {
    with_long(call, ret, PORT)
}

pub fn get_timeout(call: &mut Call, ret: &mut Zval) -> PhpResult {
    get(call, ret, TIMEOUT)
}

pub fn with_timeout(call: &mut Call, ret: &mut Zval) -> PhpResult {
    with_float(call, ret, TIMEOUT)
}

pub fn get_reserved(call: &mut Call, ret: &mut Zval) -> PhpResult {
    get(call, ret, RESERVED)
}

pub fn with_reserved(call: &mut Call, ret: &mut Zval) -> PhpResult {
    with_string(call, ret, RESERVED)
}

pub fn get_retry_interval(call: &mut Call, ret: &mut Zval) -> PhpResult {
    get(call, ret, RETRY_INTERVAL)
}

pub fn with_retry_interval(call: &mut Call, ret: &mut Zval) -> PhpResult {
    with_long(call, ret, RETRY_INTERVAL)
}

pub fn get_read_timeout(call: &mut Call, ret: &mut Zval) -> PhpResult {
    get(call, ret, READ_TIMEOUT)
}

pub fn with_read_timeout(call: &mut Call, ret: &mut Zval) -> PhpResult {
    with_float(call, ret, READ_TIMEOUT)
}

pub fn get_auth(call: &mut Call, ret: &mut Zval) -> PhpResult {
    get(call, ret, AUTH)
}

pub fn with_auth(call: &mut Call, ret: &mut Zval) -> PhpResult {
    with_string(call, ret, AUTH)
}

pub fn get_db_index(call: &mut Call, ret: &mut Zval) -> PhpResult {
    get(call, ret, DB_INDEX)
}

pub fn with_db_index(call: &mut Call, ret: &mut Zval) -> PhpResult {
    with_long(call, ret, DB_INDEX)
}

pub fn set_options(call: &mut Call, ret: &mut Zval) -> PhpResult {
    with_array(call, ret, OPTIONS)
}

pub fn get_options(call: &mut Call, ret: &mut Zval) -> PhpResult {
    get(call, ret, OPTIONS)
}

/// One option more, for `Redis::setOption()`.
pub fn with_option(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let (option, value) = (args.long()?, Value::copy_of(args.value()?));
    let this = call.this();
    if let Some(mut options) = this.slot(OPTIONS).as_array_mut() {
        options.set_index(option, value);
    }
    Value::object(this).give(ret);
    Ok(())
}
