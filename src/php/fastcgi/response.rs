//! Swoole\FastCGI\Response: what the records of an answer carry.

use super::message::{BODY, ERROR};
use super::record::CONTENT_DATA;
use crate::zend::error::throw;
use crate::zend::registration::ce;
use crate::zend::{Array, Call, ObjectExt, PhpResult, Value, ZendObject, Zval, ZvalExt, invoke, property};

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let records = call.args(1, 1)?.array()?;
    let all = call.raw_arg(0).map_or_else(Value::null, |value| Value::copy_of(value));
    take(call.this(), records, all)
}

/// Joins what went to the standard output and to the standard error.
pub(super) fn take(this: &mut ZendObject, records: Array<'_>, all: Value) -> PhpResult {
    let class = property::class_of(this);
    if !invoke::static_method(class, c"verify", &mut [all.into_zval()])?.as_zval().to_bool() {
        return Err(throw(invoke::class(b"InvalidArgumentException")?, 0, "Bad records"));
    }
    let (mut body, mut error) = (Vec::new(), Vec::new());
    let stdout = ce::fastcgi_record_stdout();
    let stderr = ce::fastcgi_record_stderr();
    records.each(|_, record| {
        if let Some(record) = record.obj() {
            let to = if record.is_a(stdout) {
                &mut body
            } else if record.is_a(stderr) {
                &mut error
            } else {
                return true;
            };
            to.extend_from_slice(record.slot(CONTENT_DATA).bytes().unwrap_or_default());
        }
        true
    });
    this.slot(BODY).assign(Value::string(&body));
    this.slot(ERROR).assign(Value::string(&error));
    Ok(())
}

/// Whether the last record ends the request.
pub fn verify(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let records = call.args(1, 1)?.array()?;
    let end = ce::fastcgi_record_end_request();
    let mut ended = false;
    records.each(|_, record| {
        ended = record.obj().is_some_and(|record| record.is_a(end));
        true
    });
    ret.set_bool(ended);
    Ok(())
}
