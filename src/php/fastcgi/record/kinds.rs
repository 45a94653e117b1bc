//! The kinds of records: constructors, and the payloads that have fields.

use protocol::fastcgi::Kind;

use super::{OWN, REQUEST_ID, TYPE, give, not_unpacked, packed_params, padded, payload, set_content};
use crate::zend::registration::ce;
use crate::zend::{Call, ObjectExt, PhpResult, Value, ZendObject, Zval, ZvalExt, invoke};

fn set_kind(this: &mut ZendObject, kind: Kind) {
    this.slot(TYPE).set_long(kind as i64);
}

/// Packs the fields (a child may do so its own way) and makes them the content.
fn fill(this: &mut ZendObject) -> PhpResult {
    let packed = invoke::own_method(this, "packPayload", &mut [])?;
    set_content(this, packed.as_zval().bytes().unwrap_or_default());
    Ok(())
}

/// Data, Stdin, Stdout and Stderr: bytes of a stream.
pub fn construct_stream(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let data = call.args(1, 1)?.bytes()?;
    let this = call.this();
    let kind = if this.is_a(ce::fastcgi_record_stdin()) {
        Kind::Stdin
    } else if this.is_a(ce::fastcgi_record_stdout()) {
        Kind::Stdout
    } else if this.is_a(ce::fastcgi_record_stderr()) {
        Kind::Stderr
    } else {
        Kind::Data
    };
    set_kind(this, kind);
    set_content(this, data);
    Ok(())
}

pub fn construct_abort(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let id = call.args(1, 1)?.long()?;
    let this = call.this();
    set_kind(this, Kind::AbortRequest);
    this.slot(REQUEST_ID).set_long(id);
    Ok(())
}

// BeginRequest: role, flags, reserved.

const ROLE: u32 = OWN;
const FLAGS: u32 = OWN + 1;
const RESERVED: u32 = OWN + 2;
/// `FastCGI::UNKNOWN_ROLE`
const UNKNOWN_ROLE: i64 = 3;

pub fn construct_begin(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(0, 3)?;
    let (role, flags) = (args.opt_long()?.unwrap_or(UNKNOWN_ROLE), args.opt_long()?.unwrap_or(0));
    let reserved = args.opt_bytes()?.unwrap_or_default();
    let this = call.this();
    set_kind(this, Kind::BeginRequest);
    this.slot(ROLE).assign(Value::long(role));
    this.slot(FLAGS).assign(Value::long(flags));
    this.slot(RESERVED).assign(Value::string(reserved));
    fill(this)
}

pub fn get_role(call: &mut Call, ret: &mut Zval) -> PhpResult {
    give(call, ret, ROLE)
}

pub fn get_flags(call: &mut Call, ret: &mut Zval) -> PhpResult {
    give(call, ret, FLAGS)
}

pub fn pack_begin(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    let mut out = (this.slot(ROLE).to_long() as u16).to_be_bytes().to_vec();
    out.push(this.slot(FLAGS).to_long() as u8);
    out.extend(padded(this.slot(RESERVED).bytes().unwrap_or_default(), 5));
    ret.set_bytes(&out);
    Ok(())
}

pub fn unpack_begin(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let (record, data) = payload(call)?;
    let Some(&[high, low, flags, ref reserved @ ..]) = data.first_chunk::<8>() else { return Err(not_unpacked()) };
    record.slot(ROLE).assign(Value::long(i64::from(u16::from_be_bytes([high, low]))));
    record.slot(FLAGS).assign(Value::long(i64::from(flags)));
    record.slot(RESERVED).assign(Value::string(reserved));
    Ok(())
}

// EndRequest: application status, protocol status, reserved.

const APP_STATUS: u32 = OWN;
const PROTOCOL_STATUS: u32 = OWN + 1;

pub fn construct_end(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(0, 3)?;
    let (protocol, app) = (args.opt_long()?.unwrap_or(0), args.opt_long()?.unwrap_or(0));
    let reserved = args.opt_bytes()?.unwrap_or_default();
    let this = call.this();
    set_kind(this, Kind::EndRequest);
    this.slot(PROTOCOL_STATUS).assign(Value::long(protocol));
    this.slot(APP_STATUS).assign(Value::long(app));
    this.slot(RESERVED).assign(Value::string(reserved));
    fill(this)
}

pub fn get_app_status(call: &mut Call, ret: &mut Zval) -> PhpResult {
    give(call, ret, APP_STATUS)
}

pub fn get_protocol_status(call: &mut Call, ret: &mut Zval) -> PhpResult {
    give(call, ret, PROTOCOL_STATUS)
}

pub fn pack_end(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    let mut out = (this.slot(APP_STATUS).to_long() as u32).to_be_bytes().to_vec();
    out.push(this.slot(PROTOCOL_STATUS).to_long() as u8);
    out.extend(padded(this.slot(RESERVED).bytes().unwrap_or_default(), 3));
    ret.set_bytes(&out);
    Ok(())
}

pub fn unpack_end(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let (record, data) = payload(call)?;
    let Some(&[a, b, c, d, status, ref reserved @ ..]) = data.first_chunk::<8>() else { return Err(not_unpacked()) };
    record.slot(APP_STATUS).assign(Value::long(i64::from(u32::from_be_bytes([a, b, c, d]))));
    record.slot(PROTOCOL_STATUS).assign(Value::long(i64::from(status)));
    record.slot(RESERVED).assign(Value::string(reserved));
    Ok(())
}

// UnknownType: the type, reserved.

const UNRECOGNIZED: u32 = OWN;
const UNKNOWN_RESERVED: u32 = OWN + 1;

pub fn construct_unknown(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let kind = args.long()?;
    let reserved = args.opt_bytes()?.unwrap_or_default();
    let this = call.this();
    set_kind(this, Kind::UnknownType);
    this.slot(UNRECOGNIZED).assign(Value::long(kind));
    this.slot(UNKNOWN_RESERVED).assign(Value::string(reserved));
    fill(this)
}

pub fn get_unrecognized_type(call: &mut Call, ret: &mut Zval) -> PhpResult {
    give(call, ret, UNRECOGNIZED)
}

pub fn pack_unknown(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    let mut out = vec![this.slot(UNRECOGNIZED).to_long() as u8];
    out.extend(padded(this.slot(UNKNOWN_RESERVED).bytes().unwrap_or_default(), 7));
    ret.set_bytes(&out);
    Ok(())
}

pub fn unpack_unknown(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let (record, data) = payload(call)?;
    let Some(&[kind, ref reserved @ ..]) = data.first_chunk::<8>() else { return Err(not_unpacked()) };
    record.slot(UNRECOGNIZED).assign(Value::long(i64::from(kind)));
    record.slot(UNKNOWN_RESERVED).assign(Value::string(reserved));
    Ok(())
}

// Params, GetValues, GetValuesResult: names and values.

const VALUES: u32 = OWN;

fn construct_values(this: &mut ZendObject, kind: Kind, values: Value) -> PhpResult {
    set_kind(this, kind);
    this.slot(VALUES).assign(values);
    fill(this)
}

fn array_argument(call: &Call) -> PhpResult<Value> {
    call.args(1, 1)?.array()?;
    Ok(call.raw_arg(0).map_or_else(Value::null, |value| Value::copy_of(value)))
}

pub fn construct_params(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let values = array_argument(call)?;
    construct_values(call.this(), Kind::Params, values)
}

/// The names that are asked for, as keys of empty values.
pub fn construct_get_values(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = [array_argument(call)?.into_zval(), Value::string(b"").into_zval()];
    let values = invoke::function(c"array_fill_keys", &mut args)?;
    construct_values(call.this(), Kind::GetValues, values)
}

pub fn construct_get_values_result(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let values = array_argument(call)?;
    construct_values(call.this(), Kind::GetValuesResult, values)
}

pub fn get_values(call: &mut Call, ret: &mut Zval) -> PhpResult {
    give(call, ret, VALUES)
}

pub fn pack_params(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    ret.set_bytes(&packed_params(call.this().slot(VALUES))?);
    Ok(())
}

pub fn unpack_params(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let (record, data) = payload(call)?;
    let length = record.slot(super::CONTENT_LENGTH).to_long() as usize;
    let content = data.get(..length).ok_or_else(not_unpacked)?;
    let pairs = protocol::fastcgi::params(content).map_err(|_| not_unpacked())?;
    let mut values = Value::array(pairs.len() as u32);
    for (name, value) in pairs {
        values.array_mut().set_symbol(name, Value::string(value));
    }
    record.slot(VALUES).assign(values);
    Ok(())
}
