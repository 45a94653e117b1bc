//! Functions of PHP under names of Swoole's: the hooks make PHP's own wait in the coroutine.

use std::ffi::CString;

use crate::zend::error::{Builtin, throw_builtin};
use crate::zend::{Call, PhpResult, Zval, invoke};

/// Calls the function whose name is behind "swoole_".
pub fn forward(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let arguments = call.declared_args()?.rest();
    let name = call.name();
    let Ok(function) = CString::new(name.strip_prefix("swoole_").unwrap_or(name)) else {
        return Err(throw_builtin(Builtin::Error, "internal error: a function's name with a zero byte"));
    };
    invoke::function(&function, arguments)?.give(ret);
    Ok(())
}
