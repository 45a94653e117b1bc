//! Swoole\Database\PDOConfig: where a PDOPool connects.

use crate::zend::{Call, ObjectExt, PhpResult, Value, Zval, ZvalExt};

/// Number of `$unixSocket` among the declared properties.
const UNIX_SOCKET: u32 = 3;

pub fn has_unix_socket(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let socket = call.this().slot(UNIX_SOCKET);
    ret.set_bool(!socket.is_undef() && socket.to_bool());
    Ok(())
}

/// `PDOConfig::getAvailableDrivers(): list<string>`
pub fn get_available_drivers(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let mut drivers = Value::array(1);
    drivers.array_mut().push(Value::string(b"mysql"));
    drivers.give(ret);
    Ok(())
}
