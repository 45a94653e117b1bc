//! Swoole\FastCGI\Request: a message that can be sent.

use protocol::fastcgi::{self, Kind};

use super::message::{BODY, PARAMS, fluent, give};
use super::record::packed_params;
use crate::zend::{Call, ObjectExt, PhpResult, Value, Zval, ZvalExt};

/// Number of `$keepConn`, behind those of Message.
const KEEP_CONN: u32 = 3;

/// The only request of a connection.
const REQUEST_ID: u16 = 1;

/// All records of the request: parameters and body in as many as they need, both streams closed.
pub fn to_string(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    let keep = this.slot(KEEP_CONN).to_bool();
    let params = packed_params(this.slot(PARAMS))?;
    let body = Value::copy_of(this.slot(BODY));
    let mut out = Vec::new();
    fastcgi::begin_request(&mut out, REQUEST_ID, keep);
    fastcgi::stream(&mut out, Kind::Params, REQUEST_ID, &params, true);
    fastcgi::stream(&mut out, Kind::Stdin, REQUEST_ID, body.as_zval().bytes().unwrap_or_default(), true);
    ret.set_bytes(&out);
    Ok(())
}

pub fn get_keep_conn(call: &mut Call, ret: &mut Zval) -> PhpResult {
    give(call, ret, KEEP_CONN)
}

pub fn with_keep_conn(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let keep = call.args(1, 1)?.bool()?;
    let this = call.this();
    this.slot(KEEP_CONN).set_bool(keep);
    fluent(this, ret)
}
