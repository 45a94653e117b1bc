//! Swoole\MongoDB\Client: the library's MongoDB\Client as a remote object, since its driver's threads and sockets
//! cannot wait as a coroutine does.

use crate::php::general::library_option;
use crate::zend::error::{Builtin, throw_builtin};
use crate::zend::{Call, ObjectExt, PhpResult, Value, Zval, ZvalExt, invoke};

/// Number of `$client`.
const CLIENT: u32 = 0;

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(0, 3)?;
    let uri = match args.left() {
        0 => Value::string(b"mongodb://127.0.0.1/"),
        _ => args.opt_bytes_or_null()?.map_or_else(Value::null, Value::string),
    };
    args.opt_array()?;
    args.opt_array()?;
    let list = |n: u32| call.raw_arg(n).map_or_else(|| Value::array(0), |value| Value::copy_of(value));
    let (options, driver) = (list(1), list(2));
    let client = match library_option(b"mongodb_remote_object_client") {
        Some(client) => client,
        None => invoke::function(c"swoole_get_default_remote_object_client", &mut [])?,
    };
    let Some(client) = client.as_zval().obj() else {
        let text = "the option mongodb_remote_object_client must be a Swoole\\RemoteObject\\Client";
        return Err(throw_builtin(Builtin::TypeError, text));
    };
    let mut args = [Value::string(b"MongoDB\\Client"), uri, options, driver].map(Value::into_zval);
    let made = invoke::method(client, b"create", &mut args)?;
    call.this().slot(CLIENT).assign(made);
    Ok(())
}

pub fn get_object(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let slot = call.this().slot(CLIENT);
    if slot.is_undef() {
        return Err(crate::php::error::not_constructed("Swoole\\MongoDB\\Client"));
    }
    Value::copy_of(slot).give(ret);
    Ok(())
}
