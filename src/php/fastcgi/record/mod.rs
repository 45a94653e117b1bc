//! Swoole\FastCGI\Record: one record of the protocol.

pub mod kinds;

use protocol::fastcgi::HEADER;

use super::message::text;
use crate::zend::array::Key;
use crate::zend::error::throw;
use crate::zend::registration::ce;
use crate::zend::{Call, ObjectExt, PhpResult, Thrown, Value, ZendObject, Zval, ZvalExt, invoke, new_object};

/// Numbers of the declared properties; the children's follow.
const VERSION: u32 = 0;
const TYPE: u32 = 1;
const REQUEST_ID: u32 = 2;
const RESERVED: u32 = 3;
const CONTENT_LENGTH: u32 = 4;
const PADDING_LENGTH: u32 = 5;
pub(in crate::php::fastcgi) const CONTENT_DATA: u32 = 6;
const PADDING_DATA: u32 = 7;
const OWN: u32 = 8;

const MAX_CONTENT: usize = protocol::fastcgi::MAX_CONTENT;

pub(in crate::php::fastcgi) fn not_unpacked() -> Thrown {
    match invoke::class(b"RuntimeException") {
        Ok(class) => throw(class, 0, "Can not unpack data from the binary buffer"),
        Err(thrown) => thrown,
    }
}

/// A string cut, or filled with zeros, to `length` bytes.
fn padded(bytes: &[u8], length: usize) -> Vec<u8> {
    let mut bytes = bytes[..bytes.len().min(length)].to_vec();
    bytes.resize(length, 0);
    bytes
}

pub fn to_string(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    let number = |this: &mut ZendObject, slot| this.slot(slot).to_long();
    let (length, padding) = (number(this, CONTENT_LENGTH), number(this, PADDING_LENGTH));
    let mut out = vec![number(this, VERSION) as u8, number(this, TYPE) as u8];
    out.extend((number(this, REQUEST_ID) as u16).to_be_bytes());
    out.extend((length as u16).to_be_bytes());
    out.extend([padding as u8, number(this, RESERVED) as u8]);
    out.extend_from_slice(&text(&invoke::own_method(this, "packPayload", &mut [])?)?);
    let filler = Value::copy_of(this.slot(PADDING_DATA));
    out.extend(padded(filler.as_zval().bytes().unwrap_or_default(), padding as usize));
    ret.set_bytes(&out);
    Ok(())
}

/// A record of the called class, its constructor not run.
pub fn unpack(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let data = call.args(1, 1)?.bytes()?;
    let class = call.called_class();
    let Some((&[version, kind, id_high, id_low, high, low, padding, reserved], rest)) = data.split_first_chunk::<HEADER>() else {
        return Err(not_unpacked());
    };
    let value = new_object(class);
    let Some(this) = value.as_zval().obj() else { return Err(Thrown::Exception) };
    let length = u16::from_be_bytes([high, low]);
    let numbers = [
        (VERSION, i64::from(version)),
        (TYPE, i64::from(kind)),
        (REQUEST_ID, i64::from(u16::from_be_bytes([id_high, id_low]))),
        (RESERVED, i64::from(reserved)),
        (CONTENT_LENGTH, i64::from(length)),
        (PADDING_LENGTH, i64::from(padding)),
    ];
    for (slot, number) in numbers {
        this.slot(slot).set_long(number);
    }
    take_payload(this, rest)?;
    let base = ce::fastcgi_record();
    if class != base && length > 0 {
        let mut args = [value.clone().into_zval(), Value::string(rest).into_zval()];
        invoke::static_method(class, c"unpackpayload", &mut args)?;
    }
    value.give(ret);
    Ok(())
}

fn take_payload(record: &mut ZendObject, data: &[u8]) -> PhpResult {
    let length = record.slot(CONTENT_LENGTH).to_long() as usize;
    let padding = record.slot(PADDING_LENGTH).to_long() as usize;
    let (content, rest) = data.split_at_checked(length).ok_or_else(not_unpacked)?;
    let filler = rest.get(..padding).ok_or_else(not_unpacked)?;
    record.slot(CONTENT_DATA).assign(Value::string(content));
    record.slot(PADDING_DATA).assign(Value::string(filler));
    Ok(())
}

/// The arguments of unpackPayload(): the record and the bytes behind its header.
fn payload(call: &Call) -> PhpResult<(&'static mut ZendObject, &'static [u8])> {
    let mut args = call.args(2, 2)?;
    let record = args.object_of(ce::fastcgi_record())?;
    Ok((record, args.bytes()?))
}

pub fn unpack_payload(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let (record, data) = payload(call)?;
    take_payload(record, data)
}

pub fn pack_payload(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    let length = this.slot(CONTENT_LENGTH).to_long() as usize;
    ret.set_bytes(&padded(this.slot(CONTENT_DATA).bytes().unwrap_or_default(), length));
    Ok(())
}

/// Cuts the content at what a record can hold, and pads the record to a multiple of 8 bytes.
fn set_content(this: &mut ZendObject, data: &[u8]) {
    let data = &data[..data.len().min(MAX_CONTENT)];
    this.slot(CONTENT_LENGTH).set_long(data.len() as i64);
    this.slot(PADDING_LENGTH).set_long((data.len().wrapping_neg() & 7) as i64);
    this.slot(CONTENT_DATA).assign(Value::string(data));
}

pub fn set_content_data(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let data = call.args(1, 1)?.bytes()?;
    let this = call.this();
    set_content(this, data);
    Value::object(this).give(ret);
    Ok(())
}

pub fn set_request_id(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let id = call.args(1, 1)?.long()?;
    let this = call.this();
    this.slot(REQUEST_ID).set_long(id);
    Value::object(this).give(ret);
    Ok(())
}

fn give(call: &mut Call, ret: &mut Zval, property: u32) -> PhpResult {
    call.no_args()?;
    Value::copy_of(call.this().slot(property)).give(ret);
    Ok(())
}

pub fn get_content_data(call: &mut Call, ret: &mut Zval) -> PhpResult {
    give(call, ret, CONTENT_DATA)
}

pub fn get_version(call: &mut Call, ret: &mut Zval) -> PhpResult {
    give(call, ret, VERSION)
}

pub fn get_type(call: &mut Call, ret: &mut Zval) -> PhpResult {
    give(call, ret, TYPE)
}

pub fn get_request_id(call: &mut Call, ret: &mut Zval) -> PhpResult {
    give(call, ret, REQUEST_ID)
}

pub fn get_content_length(call: &mut Call, ret: &mut Zval) -> PhpResult {
    give(call, ret, CONTENT_LENGTH)
}

pub fn get_padding_length(call: &mut Call, ret: &mut Zval) -> PhpResult {
    give(call, ret, PADDING_LENGTH)
}

/// Names and values as a Params stream carries them; nulls are left out.
pub(in crate::php::fastcgi) fn packed_params(values: &Zval) -> PhpResult<Vec<u8>> {
    let (mut out, mut failed) = (Vec::new(), false);
    if let Some(values) = values.as_array() {
        values.each(|key, value| {
            if value.is_null() {
                return true;
            }
            let Some(value) = value.to_zstr() else {
                failed = true;
                return false;
            };
            match key {
                Key::Name(name) => protocol::fastcgi::param(&mut out, name, &value),
                Key::Index(index) => protocol::fastcgi::param(&mut out, index.to_string().as_bytes(), &value),
            }
            true
        });
    }
    if failed { Err(Thrown::Exception) } else { Ok(out) }
}
