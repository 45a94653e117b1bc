//! Swoole\Database\ObjectProxy: a proxy that cannot be cloned.

use crate::zend::error::{Builtin, throw_builtin};
use crate::zend::{Call, PhpResult, Zval};

pub fn clone(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    Err(throw_builtin(Builtin::Error, "Trying to clone an uncloneable database proxy object"))
}
