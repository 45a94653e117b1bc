//! Swoole\Database\MysqliConfig: where a MysqliPool connects.

use super::config::{get, with_array, with_long, with_string, with_string_or_null};
use crate::zend::{Call, PhpResult, Zval};

/// Numbers of the declared properties.
const HOST: u32 = 0;
const PORT: u32 = 1;
const UNIX_SOCKET: u32 = 2;
const DBNAME: u32 = 3;
const CHARSET: u32 = 4;
const USERNAME: u32 = 5;
const PASSWORD: u32 = 6;
const OPTIONS: u32 = 7;

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
