//! Swoole\NameResolver\Nacos: services registered with a Nacos server.

use super::{ask, cluster_of, decoded, node, prefixed};
use crate::zend::{Call, PhpResult, Value, Zval, ZvalExt, invoke};

const INSTANCE: &[u8] = b"/nacos/v1/ns/instance?";
const LIST: &[u8] = b"/nacos/v1/ns/instance/list?";

fn query(path: &[u8], parameters: Value) -> PhpResult<Vec<u8>> {
    let query = invoke::function(c"http_build_query", &mut [parameters.into_zval()])?;
    Ok([path, query.as_zval().bytes().unwrap_or_default()].concat())
}

pub fn join(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let (name, ip, port, options) = node(call, 4)?;
    let this = call.this();
    let option = |key: &str, default: Value| options.and_then(|options| options.setting(key)).map_or(default, Value::copy_of);
    let mut parameters = Value::array(7);
    let mut array = parameters.array_mut();
    array.set("port", Value::long(port));
    array.set("ip", Value::string(ip));
    array.set("healthy", Value::string(b"true"));
    array.set("weight", option("weight", Value::long(100)));
    array.set("encoding", option("encoding", Value::string(b"utf-8")));
    array.set("namespaceId", option("namespaceId", Value::string(b"public")));
    array.set("serviceName", Value::string(&prefixed(this, name)?));
    ask(this, "POST", &query(INSTANCE, parameters)?, Some(Value::array(0)))?;
    ret.set_bool(true);
    Ok(())
}

pub fn leave(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let (name, ip, port, _) = node(call, 3)?;
    let this = call.this();
    let mut parameters = Value::array(3);
    let mut array = parameters.array_mut();
    array.set("port", Value::long(port));
    array.set("ip", Value::string(ip));
    array.set("serviceName", Value::string(&prefixed(this, name)?));
    ask(this, "DELETE", &query(INSTANCE, parameters)?, None)?;
    ret.set_bool(true);
    Ok(())
}

pub fn get_cluster(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let name = call.args(1, 1)?.bytes()?;
    let this = call.this();
    let mut parameters = Value::array(1);
    parameters.array_mut().set("serviceName", Value::string(&prefixed(this, name)?));
    let answer = decoded(&ask(this, "GET", &query(LIST, parameters)?, None)?)?;
    let hosts = answer.as_zval().as_array().and_then(|answer| answer.get("hosts")).and_then(ZvalExt::as_array);
    let cluster = cluster_of(hosts, |host| {
        let weight = host.get("weight").map_or(100, ZvalExt::to_long);
        Some((Value::copy_of(host.get("ip")?), Value::copy_of(host.get("port")?), Value::long(weight)))
    })?;
    cluster.give(ret);
    Ok(())
}
