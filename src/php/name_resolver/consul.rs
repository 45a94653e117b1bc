//! Swoole\NameResolver\Consul: services registered with a Consul agent.

use super::{ask, cluster_of, decoded, node, prefixed};
use crate::zend::{Call, PhpResult, Thrown, Value, ZStr, ZendObject, Zval, ZvalExt, invoke};

fn service_id(this: &ZendObject, name: &[u8], ip: &[u8], port: i64) -> PhpResult<ZStr> {
    let mut args = [Value::string(name).into_zval(), Value::string(ip).into_zval(), Value::long(port).into_zval()];
    invoke::own_method(this, "getServiceId", &mut args)?.as_zval().to_zstr().ok_or(Thrown::Exception)
}

pub fn get_service_id(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let (name, ip, port, _) = node(call, 3)?;
    let name = prefixed(call.this(), name)?;
    ret.set_bytes(&[&name[..], b"_", ip, format!(":{port}").as_bytes()].concat());
    Ok(())
}

pub fn join(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let (name, ip, port, options) = node(call, 4)?;
    let this = call.this();
    let mut weights = Value::array(2);
    let passing = options.and_then(|options| options.setting("weight"));
    weights.array_mut().set("Passing", passing.map_or_else(|| Value::long(100), Value::copy_of));
    weights.array_mut().set("Warning", Value::long(1));
    let mut data = Value::array(6);
    let mut array = data.array_mut();
    array.set("ID", Value::string(&service_id(this, name, ip, port)?));
    array.set("Name", Value::string(&prefixed(this, name)?));
    array.set("Address", Value::string(ip));
    array.set("Port", Value::long(port));
    array.set("EnableTagOverride", Value::bool(false));
    array.set("Weights", weights);
    // JSON_THROW_ON_ERROR
    let body = invoke::function(c"json_encode", &mut [data.into_zval(), Value::long(1 << 22).into_zval()])?;
    ask(this, "PUT", b"/v1/agent/service/register", Some(body))?;
    ret.set_bool(true);
    Ok(())
}

fn tell(call: &mut Call, ret: &mut Zval, path: &[u8]) -> PhpResult {
    let (name, ip, port, _) = node(call, 3)?;
    let this = call.this();
    let id = service_id(this, name, ip, port)?;
    ask(this, "PUT", &[path, &id].concat(), None)?;
    ret.set_bool(true);
    Ok(())
}

pub fn leave(call: &mut Call, ret: &mut Zval) -> PhpResult {
    tell(call, ret, b"/v1/agent/service/deregister/")
}

pub fn enable_maintenance_mode(call: &mut Call, ret: &mut Zval) -> PhpResult {
    tell(call, ret, b"/v1/agent/service/maintenance/")
}

pub fn get_cluster(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let name = call.args(1, 1)?.bytes()?;
    let this = call.this();
    let path = [&b"/v1/catalog/service/"[..], &prefixed(this, name)?].concat();
    let list = decoded(&ask(this, "GET", &path, None)?)?;
    let cluster = cluster_of(list.as_zval().as_array(), |service| {
        let weight = service.get("ServiceWeights").and_then(ZvalExt::as_array).and_then(|weights| weights.get("Passing"));
        Some((
            Value::copy_of(service.get("ServiceAddress")?),
            Value::copy_of(service.get("ServicePort")?),
            weight.map_or_else(|| Value::long(100), Value::copy_of),
        ))
    })?;
    cluster.give(ret);
    Ok(())
}
