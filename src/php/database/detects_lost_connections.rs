//! Swoole\Database\DetectsLostConnections: knows a lost connection by the text of its exception.

use crate::zend::invoke;
use crate::zend::property::class_constant;
use crate::zend::registration::ce;
use crate::zend::{Call, PhpResult, ZendObject, Zval, ZvalExt};

pub fn caused_by_lost_connection(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let exception = call.args(1, 1)?.object_of(invoke::class(b"Throwable")?)?;
    ret.set_bool(is_lost(exception)?);
    Ok(())
}

/// Whether the exception's message is one of those that drivers give when the server has gone.
pub(super) fn is_lost(exception: &ZendObject) -> PhpResult<bool> {
    let message = invoke::method(exception, b"getMessage", &mut [])?;
    let Some(message) = message.as_zval().bytes() else { return Ok(false) };
    let texts = class_constant(ce::database_detects_lost_connections(), c"ERROR_MESSAGES");
    let mut found = false;
    if let Some(texts) = texts.and_then(ZvalExt::as_array) {
        texts.each(|_, text| {
            found = text.bytes().is_some_and(|text| memchr::memmem::find(message, text).is_some());
            !found
        });
    }
    Ok(found)
}
