//! Swoole\NameResolver\Redis: services kept as sets of "address:port" (phpredis).

use super::{INFO, cluster_of, initialize, node, prefixed};
use crate::zend::{Call, ObjectExt, PhpResult, Value, ZendObject, Zval, ZvalExt, invoke};

/// Numbers of the declared properties, behind those of NameResolver.
const SERVER_HOST: u32 = 4;
const SERVER_PORT: u32 = 5;

const DEFAULT_PORT: i64 = 6379;

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let url = Value::copy_of(args.value()?);
    let prefix = args.opt_value().map_or_else(|| Value::string(b"swoole:service:"), |value| Value::copy_of(value));
    let this = call.this();
    initialize(this, url, prefix)?;
    let info = Value::copy_of(this.slot(INFO));
    let part = |key: &str| info.as_zval().as_array().and_then(|info| info.setting(key)).map(Value::copy_of);
    this.slot(SERVER_HOST).assign(part("ip").unwrap_or_else(Value::null));
    this.slot(SERVER_PORT).assign(part("port").unwrap_or_else(|| Value::long(DEFAULT_PORT)));
    Ok(())
}

/// A connected Redis, or false.
pub fn connect(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    let redis = invoke::construct(invoke::class(b"Redis")?, &mut [])?;
    let mut args = [Value::copy_of(this.slot(SERVER_HOST)).into_zval(), Value::copy_of(this.slot(SERVER_PORT)).into_zval()];
    let connected = match redis.as_zval().obj() {
        Some(object) => invoke::method(object, b"connect", &mut args)?.as_zval().to_bool(),
        None => false,
    };
    if connected {
        redis.give(ret);
    } else {
        ret.set_bool(false);
    }
    Ok(())
}

/// A command on the set of a service; None without a connection.
fn command(this: &mut ZendObject, command: &[u8], name: &[u8], member: Option<Vec<u8>>) -> PhpResult<Option<Value>> {
    let key = prefixed(this, name)?;
    let redis = invoke::own_method(this, "connect", &mut [])?;
    let Some(redis) = redis.as_zval().obj() else { return Ok(None) };
    let mut args = vec![Value::string(&key).into_zval()];
    args.extend(member.map(|member| Value::string(&member).into_zval()));
    invoke::method(redis, command, &mut args).map(Some)
}

fn change(call: &mut Call, ret: &mut Zval, most: u32, name: &[u8]) -> PhpResult {
    let (service, ip, port, _) = node(call, most)?;
    let member = [ip, format!(":{port}").as_bytes()].concat();
    let answer = command(call.this(), name, service, Some(member))?;
    ret.set_bool(answer.is_some_and(|answer| answer.as_zval().bool() != Some(false)));
    Ok(())
}

pub fn join(call: &mut Call, ret: &mut Zval) -> PhpResult {
    change(call, ret, 4, b"sAdd")
}

pub fn leave(call: &mut Call, ret: &mut Zval) -> PhpResult {
    change(call, ret, 3, b"sRem")
}

pub fn get_cluster(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let name = call.args(1, 1)?.bytes()?;
    let Some(members) = command(call.this(), b"sMembers", name, None)? else { return Ok(()) };
    // Each member as a list of one, so that it looks like a registry's entry.
    let mut list = Value::array(4);
    if let Some(members) = members.as_zval().as_array() {
        members.each(|_, member| {
            let mut entry = Value::array(1);
            entry.array_mut().push(Value::copy_of(member));
            list.array_mut().push(entry);
            true
        });
    }
    let cluster = cluster_of(list.as_zval().as_array(), |entry| {
        let member = entry.get_index(0)?.bytes()?;
        // IPv6 addresses have colons of their own.
        let at = member.iter().rposition(|byte| *byte == b':')?;
        let port = str::from_utf8(&member[at + 1..]).ok()?.parse::<i64>().ok()?;
        Some((Value::string(&member[..at]), Value::long(port), Value::long(100)))
    })?;
    cluster.give(ret);
    Ok(())
}
