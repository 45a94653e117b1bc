//! Swoole\Database\PDOConfig: where a PDOPool connects.

use super::config::{get, with_array, with_long, with_string, with_string_or_null};
use crate::zend::{Call, ObjectExt, PhpResult, Value, Zval, ZvalExt};

/// Numbers of the declared properties.
const DRIVER: u32 = 0;
const HOST: u32 = 1;
const PORT: u32 = 2;
const UNIX_SOCKET: u32 = 3;
const DBNAME: u32 = 4;
const CHARSET: u32 = 5;
const USERNAME: u32 = 6;
const PASSWORD: u32 = 7;
const OPTIONS: u32 = 8;

pub fn get_driver(call: &mut Call, ret: &mut Zval) -> PhpResult {
    get(call, ret, DRIVER)
}

pub fn with_driver(call: &mut Call, ret: &mut Zval) -> PhpResult {
    with_string(call, ret, DRIVER)
}

pub fn get_host(call: &mut Call, ret: &mut Zval) -> PhpResult {
    get(call, ret, HOST)
}

pub fn with_host(call: &mut Call, ret: &mut Zval) -> PhpResult {
    with_string(call, ret, HOST)
}

pub fn get_port(call: &mut Call, ret: &mut Zval) -> PhpResult {
    get(call, ret, PORT)
}

pub fn get_unix_socket(call: &mut Call, ret: &mut Zval) -> PhpResult {
    get(call, ret, UNIX_SOCKET)
}

pub fn with_unix_socket(call: &mut Call, ret: &mut Zval) -> PhpResult {
    with_string_or_null(call, ret, UNIX_SOCKET)
}

pub fn with_port(call: &mut Call, ret: &mut Zval) -> PhpResult {
    with_long(call, ret, PORT)
}

pub fn get_dbname(call: &mut Call, ret: &mut Zval) -> PhpResult {
    get(call, ret, DBNAME)
}

pub fn with_dbname(call: &mut Call, ret: &mut Zval) -> PhpResult {
    with_string(call, ret, DBNAME)
}

pub fn get_charset(call: &mut Call, ret: &mut Zval) -> PhpResult {
    get(call, ret, CHARSET)
}

pub fn with_charset(call: &mut Call, ret: &mut Zval) -> PhpResult {
    with_string(call, ret, CHARSET)
}

pub fn get_username(call: &mut Call, ret: &mut Zval) -> PhpResult {
    get(call, ret, USERNAME)
}

pub fn with_username(call: &mut Call, ret: &mut Zval) -> PhpResult {
    with_string(call, ret, USERNAME)
}

pub fn get_password(call: &mut Call, ret: &mut Zval) -> PhpResult {
    get(call, ret, PASSWORD)
}

pub fn with_password(call: &mut Call, ret: &mut Zval) -> PhpResult {
    with_string(call, ret, PASSWORD)
}

pub fn get_options(call: &mut Call, ret: &mut Zval) -> PhpResult {
    get(call, ret, OPTIONS)
}

pub fn with_options(call: &mut Call, ret: &mut Zval) -> PhpResult {
    with_array(call, ret, OPTIONS)
}

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
