//! Swoole\WebSocket\Frame.

use super::{FLAG_FIN, Outgoing};
use crate::php::code::{Code, set_last};
use crate::zend::{Call, PhpResult, Value, Zval, ZvalExt};

fn give(ret: &mut Zval, data: &Zval, opcode: i64, flags: i64) -> PhpResult {
    let Some(frame) = Outgoing::new(data, opcode, flags, 1000)? else {
        set_last(Code::WEBSOCKET_PACK_FAILED);
        ret.set_bytes(b"");
        return Ok(());
    };
    let mut out = Vec::new();
    frame.encode(&mut out);
    ret.set_bytes(&out);
    Ok(())
}

/// A frame's bytes.
pub fn pack(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 3)?;
    let data = args.value()?;
    let opcode = args.opt_long()?.unwrap_or(1);
    let flags = args.opt_long()?.unwrap_or(FLAG_FIN);
    give(ret, data, opcode, flags)
}

/// A frame from its bytes.
pub fn unpack(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let bytes = call.args(1, 1)?.bytes()?;
    match super::decode(bytes) {
        Some(frame) => frame.give(ret),
        None => {
            set_last(Code::PROTOCOL_ERROR);
            ret.set_bool(false);
        }
    }
    Ok(())
}

pub fn to_string(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let this = Value::object(call.this());
    give(ret, this.as_zval(), 0, 0)
}
