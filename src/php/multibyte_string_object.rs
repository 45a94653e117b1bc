//! Swoole\MultibyteStringObject: StringObject with the functions of ext/mbstring.

use std::ffi::CStr;

use super::string_object::{call_first, fresh, listed};
use crate::zend::error::{Builtin, throw_builtin};
use crate::zend::{Call, PhpResult, Zval};

/// The function behind a method.
fn function(method: &str) -> PhpResult<&'static CStr> {
    Ok(match method {
        "length" => c"mb_strlen",
        "indexOf" | "pos" => c"mb_strpos",
        "lastIndexOf" | "rpos" => c"mb_strrpos",
        "ipos" => c"mb_stripos",
        "substr" => c"mb_substr",
        "chunk" => c"mb_str_split",
        other => return Err(throw_builtin(Builtin::Error, &format!("internal error: no function for {other}()"))),
    })
}

pub fn read(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call_first(call, function)?.give(ret);
    Ok(())
}

pub fn substr(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let made = call_first(call, function)?;
    fresh(call.this(), made)?.give(ret);
    Ok(())
}

pub fn chunk(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let array = call_first(call, function)?;
    listed(call, array)?.give(ret);
    Ok(())
}
