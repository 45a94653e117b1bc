//! Swoole\FastCGI\HttpResponse: a response with a status and headers (CGI/1.1, RFC 3875 section 6).

use super::message::{BODY, ERROR, element, fluent, give, keep_string, set_element};
use super::response::take;
use crate::zend::array::Key;
use crate::zend::registration::ce;
use crate::zend::{Array, Call, ObjectExt, PhpResult, Value, ZendObject, Zval, ZvalExt, invoke};

/// Numbers of the declared properties, behind those of Message.
const STATUS: u32 = 3;
const REASON: u32 = 4;
const HEADERS: u32 = 5;
const HEADERS_MAP: u32 = 6;
const SET_COOKIE: u32 = 7;

const OK: i64 = 200;
const BAD_GATEWAY: i64 = 502;

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let records = call.args(0, 1)?.opt_array()?;
    let all = call.raw_arg(0).map_or_else(|| Value::array(0), |value| Value::copy_of(value));
    let none = Value::array(0);
    let records = records.or_else(|| none.as_zval().as_array());
    let this = call.this();
    if let Some(records) = records {
        take(this, records, all)?;
    }
    read(this)
}

/// Takes the head off the body.
fn read(this: &mut ZendObject) -> PhpResult {
    let all = Value::copy_of(this.slot(BODY));
    let bytes = all.as_zval().bytes().unwrap_or_default();
    let Some(end) = memchr::memmem::find(bytes, b"\r\n\r\n") else {
        this.slot(STATUS).assign(Value::long(BAD_GATEWAY));
        this.slot(REASON).assign(Value::string(b"Invalid FastCGI Response"));
        if !bytes.is_empty() {
            this.slot(ERROR).assign(all);
        }
        return Ok(());
    };
    let (mut status, mut reason) = (OK, None);
    for line in bytes[..end].split(|byte| *byte == b'\n') {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let (name, value) = (line[..colon].trim_ascii(), line[colon + 1..].trim_ascii());
        if name.eq_ignore_ascii_case(b"Status") {
            let mut parts = value.splitn(2, |byte| *byte == b' ');
            let code = parts.next().and_then(|code| str::from_utf8(code).ok());
            status = code.and_then(|code| code.parse().ok()).unwrap_or(0);
            reason = parts.next().map(Value::string);
        } else if name.eq_ignore_ascii_case(b"Set-Cookie") {
            add_cookie(this, value);
        } else {
            add_header(this, name, Value::string(value));
        }
    }
    let reason = match reason {
        Some(reason) => reason,
        None => {
            let class = ce::http_status();
            invoke::static_method(class, c"getreasonphrase", &mut [Value::long(status).into_zval()])?
        }
    };
    this.slot(STATUS).assign(Value::long(status));
    this.slot(REASON).assign(reason);
    this.slot(BODY).assign(Value::string(&bytes[end + 4..]));
    Ok(())
}

fn add_header(this: &mut ZendObject, name: &[u8], value: Value) {
    set_element(this, HEADERS, name, value);
    set_element(this, HEADERS_MAP, &name.to_ascii_lowercase(), Value::string(name));
}

fn add_cookie(this: &mut ZendObject, line: &[u8]) {
    if let Some(mut lines) = this.slot(SET_COOKIE).as_array_mut() {
        lines.push(Value::string(line));
    }
}

pub fn get_status_code(call: &mut Call, ret: &mut Zval) -> PhpResult {
    give(call, ret, STATUS)
}

pub fn with_status_code(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let status = call.args(1, 1)?.long()?;
    let this = call.this();
    this.slot(STATUS).assign(Value::long(status));
    fluent(this, ret)
}

pub fn get_reason_phrase(call: &mut Call, ret: &mut Zval) -> PhpResult {
    give(call, ret, REASON)
}

pub fn with_reason_phrase(call: &mut Call, ret: &mut Zval) -> PhpResult {
    keep_string(call, ret, REASON)
}

/// By a name in any case.
pub fn get_header(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let name = call.args(1, 1)?.bytes()?;
    let this = call.this();
    let known = element(this, HEADERS_MAP, &name.to_ascii_lowercase());
    let value = known.as_ref().and_then(|name| name.as_zval().bytes()).and_then(|name| element(this, HEADERS, name));
    if let Some(value) = value {
        value.give(ret);
    }
    Ok(())
}

pub fn get_headers(call: &mut Call, ret: &mut Zval) -> PhpResult {
    give(call, ret, HEADERS)
}

pub fn with_header(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let (name, value) = (args.bytes()?, Value::string(args.bytes()?));
    let this = call.this();
    add_header(this, name, value);
    fluent(this, ret)
}

pub fn with_headers(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let headers: Array<'_> = call.args(1, 1)?.array()?;
    let this = call.this();
    headers.each(|key, value| {
        match key {
            Key::Name(name) => add_header(this, name, Value::copy_of(value)),
            Key::Index(index) => add_header(this, index.to_string().as_bytes(), Value::copy_of(value)),
        }
        true
    });
    fluent(this, ret)
}

pub fn get_set_cookie_header_lines(call: &mut Call, ret: &mut Zval) -> PhpResult {
    give(call, ret, SET_COOKIE)
}

pub fn with_set_cookie_header_line(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let line = call.args(1, 1)?.bytes()?;
    let this = call.this();
    add_cookie(this, line);
    fluent(this, ret)
}
