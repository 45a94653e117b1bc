//! Swoole\FastCGI\FrameParser: records out of a buffer.

use protocol::framing::Step;

use super::record::not_unpacked;
use crate::zend::error::throw;
use crate::zend::registration::ce;
use crate::zend::{Call, PhpResult, Value, Zval, ZvalExt, inspect, invoke};

const HEADER: usize = protocol::fastcgi::HEADER;

/// Bytes of the record at the start of `buffer`, padding included; None when they are not all there.
fn frame(buffer: &[u8]) -> Option<usize> {
    match protocol::fastcgi::next(buffer) {
        Ok(Step::Frame(range)) => Some(range.end),
        _ => None,
    }
}

pub fn has_frame(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let buffer = call.args(1, 1)?.bytes()?;
    ret.set_bool(frame(buffer).is_some());
    Ok(())
}

/// Takes the first record out of the buffer.
pub fn parse_frame(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 1)?;
    let Some(reference) = args.by_ref() else { return Ok(()) };
    let buffer = Value::copy_of(reference);
    let bytes = buffer.as_zval().bytes().unwrap_or_default();
    if bytes.len() < HEADER {
        let class = invoke::class(b"RuntimeException")?;
        return Err(throw(class, 0, "Not enough data in the buffer to parse"));
    }
    let kind = i64::from(bytes[1]);
    let parser = ce::fastcgi_frame_parser();
    let classes = inspect::static_prop(parser, "classMapping").map(|classes| Value::copy_of(classes));
    let class = classes.as_ref().and_then(|classes| classes.as_zval().as_array()).and_then(|all| all.get_index(kind));
    let Some(class) = class.and_then(ZvalExt::bytes) else {
        let text = format!("Invalid FastCGI record type {kind} received");
        return Err(throw(invoke::class(b"DomainException")?, 0, &text));
    };
    let Some(end) = frame(bytes) else { return Err(not_unpacked()) };
    let class = invoke::class(class)?;
    let record = invoke::static_method(class, c"unpack", &mut [buffer.clone().into_zval()])?;
    reference.assign(Value::string(&bytes[end..]));
    record.give(ret);
    Ok(())
}
