//! Swoole\NameResolver\Cluster: the nodes of a service.

use crate::zend::error::throw;
use crate::zend::registration::ce;
use crate::zend::{Array, Call, ObjectExt, PhpResult, Thrown, Value, Zval, ZvalExt, invoke};

/// Number of `$nodes`.
const NODES: u32 = 0;

fn refuse(text: &str) -> Thrown {
    throw(ce::exception(), 0, text)
}

pub fn add(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 3)?;
    let (host, port, weight) = (args.bytes()?, args.long()?, args.opt_long()?.unwrap_or(100));
    if !super::is_ip(host) {
        return Err(refuse(&format!("Bad IP Address [{}]", String::from_utf8_lossy(host))));
    }
    if !(0..=65535).contains(&port) {
        return Err(refuse(&format!("Bad Port [{port}]")));
    }
    if !(0..=100).contains(&weight) {
        return Err(refuse(&format!("Bad Weight [{weight}]")));
    }
    let mut node = Value::array(3);
    let mut array = node.array_mut();
    array.set("host", Value::string(host));
    array.set("port", Value::long(port));
    array.set("weight", Value::long(weight));
    if let Some(mut nodes) = call.this().slot(NODES).as_array_mut() {
        nodes.push(node);
    }
    Ok(())
}

/// Takes a node out, any of them; false when none is left.
pub fn pop(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let nodes = call.this().slot(NODES);
    if nodes.as_array().is_none_or(Array::is_empty) {
        ret.set_bool(false);
        return Ok(());
    }
    let mut args = [Value::copy_of(nodes).into_zval(), Value::long(1).into_zval()];
    let index = invoke::function(c"array_rand", &mut args)?.as_zval().to_long();
    drop(args);
    if let Some(node) = nodes.as_array().and_then(|nodes| nodes.get_index(index)) {
        Value::copy_of(node).give(ret);
    }
    if let Some(mut nodes) = nodes.as_array_mut() {
        nodes.remove_index(index);
    }
    Ok(())
}

pub fn count(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    ret.set_long(call.this().slot(NODES).as_array().map_or(0, Array::len) as i64);
    Ok(())
}
