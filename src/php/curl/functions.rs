//! swoole_curl_*: the methods of Swoole\Curl\Handler as functions.

use super::handler::on_handle;
use crate::zend::registration::ce;
use crate::zend::{Call, ClassEntry, PhpResult, Value, Zval, invoke};

fn class() -> *mut ClassEntry {
    ce::curl_handler()
}

/// `swoole_curl_init(string $url = ''): Handler`
pub fn init(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let url = Value::string(call.args(0, 1)?.opt_bytes()?.unwrap_or_default());
    invoke::construct(class(), &mut [url.into_zval()])?.give(ret);
    Ok(())
}

/// A function with no argument but the handler: calls its method of the same name.
pub fn forward(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let object = call.args(1, 1)?.object_of(class())?;
    let name = call.name();
    let method = match name.strip_prefix("swoole_curl_").unwrap_or(name) {
        "multi_getcontent" => "getContent",
        other => other,
    };
    invoke::method(object, method.as_bytes(), &mut [])?.give(ret);
    Ok(())
}

pub fn setopt(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(3, 3)?;
    let object = args.object_of(class())?;
    let (option, value) = (Value::long(args.long()?), Value::copy_of(args.value()?));
    invoke::method(object, b"setOpt", &mut [option.into_zval(), value.into_zval()])?.give(ret);
    Ok(())
}

pub fn setopt_array(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let object = args.object_of(class())?;
    args.array()?;
    let options = call.raw_arg(1).map_or_else(Value::null, |value| Value::copy_of(value));
    on_handle(object, c"curl_setopt_array", vec![options])?.give(ret);
    Ok(())
}

/// All informations, or the one that `$opt` (CURLINFO_*) names.
pub fn getinfo(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let object = args.object_of(class())?;
    let option = args.opt_long()?.filter(|option| *option != 0);
    on_handle(object, c"curl_getinfo", option.map(Value::long).into_iter().collect())?.give(ret);
    Ok(())
}
