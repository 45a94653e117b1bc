//! `swoole_real_getmxrr()` and `swoole_real_dns_get_record()`: what PHP's functions write to their arguments, as a
//! result that can be sent.

use super::named;
use crate::zend::invoke::{self, reference};
use crate::zend::{Call, PhpResult, Value, Zval};

fn given(call: &Call, n: u32) -> Value {
    call.raw_arg(n).map_or_else(Value::null, |value| Value::copy_of(value))
}

pub fn mx(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 3)?;
    let host = Value::string(args.bytes()?);
    args.opt_array_or_null()?;
    args.opt_array_or_null()?;
    let mut list = [host.into_zval(), reference(given(call, 1)), reference(given(call, 2))];
    let with_weights = call.count() != 2;
    let found = invoke::function(c"getmxrr", &mut list[..if with_weights { 3 } else { 2 }])?;
    let mut answer = named([("result", found), ("host", Value::copy_of(&list[1]))]);
    if with_weights {
        answer.array_mut().set("weight", Value::copy_of(&list[2]));
    }
    answer.give(ret);
    Ok(())
}

pub fn record(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 5)?;
    let (host, kind) = (Value::string(args.bytes()?), Value::long(args.long()?));
    args.opt_array_or_null()?;
    args.opt_array_or_null()?;
    let raw = args.opt_bool()?.unwrap_or(false);
    let (servers, more) = (given(call, 2), given(call, 3));
    // PHP asks for what it gets a variable for: that costs queries of its own.
    let wanted = match (servers.as_zval().is_null(), more.as_zval().is_null()) {
        _ if raw => 5,
        (true, true) => 2,
        (_, true) => 3,
        _ => 4,
    };
    let (servers, more) = (reference(servers), reference(more));
    let mut list = [host.into_zval(), kind.into_zval(), servers, more, Value::bool(raw).into_zval()];
    let found = invoke::function(c"dns_get_record", &mut list[..wanted])?;
    let (servers, more) = (Value::copy_of(&list[2]), Value::copy_of(&list[3]));
    named([("result", found), ("authoritative_name_servers", servers), ("additional_records", more)]).give(ret);
    Ok(())
}
