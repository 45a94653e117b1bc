//! Swoole\FastCGI\HttpRequest: a request whose parameters are those of CGI. Most methods are a parameter's
//! getter, setter or remover, and say in their names which one's.

use super::message::{BODY, PARAMS, element, fluent, remove_element, set_element, text};
use crate::zend::array::Key;
use crate::zend::error::throw;
use crate::zend::{Call, ObjectExt, PhpResult, Value, ZStr, ZendObject, Zval, ZvalExt, invoke, property};

/// `getScriptName`, `withScriptName`, `withoutScriptName` → `SCRIPT_NAME`
fn parameter(method: &str) -> String {
    let name = ["without", "with", "get"].iter().find_map(|prefix| method.strip_prefix(prefix)).unwrap_or(method);
    if matches!(name, "Scheme" | "Method") {
        return format!("REQUEST_{}", name.to_ascii_uppercase());
    }
    let mut parameter = String::new();
    for (at, letter) in name.chars().enumerate() {
        if at > 0 && letter.is_ascii_uppercase() {
            parameter.push('_');
        }
        parameter.push(letter.to_ascii_uppercase());
    }
    parameter
}

pub fn read(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    if let Some(value) = element(call.this(), PARAMS, parameter(call.name()).as_bytes()) {
        value.give(ret);
    }
    Ok(())
}

pub fn read_number(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    if let Some(value) = element(call.this(), PARAMS, parameter(call.name()).as_bytes()) {
        ret.set_long(value.as_zval().to_long());
    }
    Ok(())
}

pub fn write(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let value = Value::string(call.args(1, 1)?.bytes()?);
    let this = call.this();
    set_element(this, PARAMS, parameter(call.name()).as_bytes(), value);
    fluent(this, ret)
}

pub fn write_number(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let value = Value::string(call.args(1, 1)?.long()?.to_string().as_bytes());
    let this = call.this();
    set_element(this, PARAMS, parameter(call.name()).as_bytes(), value);
    fluent(this, ret)
}

pub fn remove(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    remove_element(call.this(), PARAMS, parameter(call.name()).as_bytes());
    Ok(())
}

/// Sets REQUEST_URI, DOCUMENT_URI and QUERY_STRING.
pub fn with_uri(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let uri = call.args(1, 1)?.bytes()?;
    let info = invoke::function(c"parse_url", &mut [Value::string(uri).into_zval()])?;
    let part = |name: &str| {
        let part = info.as_zval().as_array().and_then(|info| info.get(name));
        part.map_or_else(|| Value::string(b""), Value::copy_of)
    };
    let this = call.this();
    set_element(this, PARAMS, b"REQUEST_URI", Value::string(uri));
    set_element(this, PARAMS, b"DOCUMENT_URI", part("path"));
    set_element(this, PARAMS, b"QUERY_STRING", part("query"));
    fluent(this, ret)
}

/// The query as a string, or as an array to build it of.
pub fn with_query(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let query = Value::copy_of(call.args(1, 1)?.value()?);
    let query = if query.as_zval().is_array() {
        invoke::function(c"http_build_query", &mut [query.into_zval()])?
    } else {
        Value::string(&text(&query)?)
    };
    let this = call.this();
    set_element(this, PARAMS, b"QUERY_STRING", query);
    fluent(this, ret)
}

pub fn with_protocol_version(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let version = call.args(1, 1)?.bytes()?;
    let numeric = invoke::function(c"is_numeric", &mut [Value::string(version).into_zval()])?;
    if !numeric.as_zval().to_bool() {
        let class = invoke::class(b"InvalidArgumentException")?;
        return Err(throw(class, 0, "Protocol version must be numeric"));
    }
    let this = call.this();
    set_element(this, PARAMS, b"SERVER_PROTOCOL", Value::string(&[b"HTTP/", version].concat()));
    fluent(this, ret)
}

/// The parameter of a header, as `static::convertHeaderNameToParamName()` says.
fn header_parameter(this: &ZendObject, name: &[u8]) -> PhpResult<ZStr> {
    let mut args = [Value::string(name).into_zval()];
    text(&invoke::static_method(property::class_of(this), c"convertheadernametoparamname", &mut args)?)
}

pub fn get_header(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let name = call.args(1, 1)?.bytes()?;
    let this = call.this();
    let name = header_parameter(this, name)?;
    if let Some(value) = element(this, PARAMS, &name) {
        value.give(ret);
    }
    Ok(())
}

pub fn with_header(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let (name, value) = (args.bytes()?, Value::string(args.bytes()?));
    let this = call.this();
    let name = header_parameter(this, name)?;
    set_element(this, PARAMS, &name, value);
    fluent(this, ret)
}

pub fn without_header(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let name = call.args(1, 1)?.bytes()?;
    let this = call.this();
    let name = header_parameter(this, name)?;
    remove_element(this, PARAMS, &name);
    Ok(())
}

pub fn get_headers(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    let mut found = Vec::new();
    if let Some(params) = this.slot(PARAMS).as_array() {
        params.each(|key, value| {
            if let Key::Name(name) = key
                && name.starts_with(b"HTTP_")
            {
                found.push((name.to_vec(), Value::copy_of(value)));
            }
            true
        });
    }
    let mut headers = Value::array(found.len() as u32);
    for (name, value) in found {
        let mut args = [Value::string(&name).into_zval()];
        let class = property::class_of(this);
        let name = text(&invoke::static_method(class, c"convertparamnametoheadername", &mut args)?)?;
        headers.array_mut().set_symbol(&name, value);
    }
    headers.give(ret);
    Ok(())
}

pub fn with_headers(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let headers = call.args(1, 1)?.array()?;
    let mut all = Vec::new();
    headers.each(|key, value| {
        let name = match key {
            Key::Name(name) => name.to_vec(),
            Key::Index(index) => index.to_string().into_bytes(),
        };
        all.push((name, Value::copy_of(value)));
        true
    });
    let this = call.this();
    for (name, value) in all {
        let name = header_parameter(this, &name)?;
        let value = Value::string(&text(&value)?);
        set_element(this, PARAMS, &name, value);
    }
    fluent(this, ret)
}

/// The body, or an array that makes a form; sets CONTENT_LENGTH.
pub fn with_body(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let body = Value::copy_of(call.args(1, 1)?.value()?);
    let this = call.this();
    let body = if body.as_zval().is_array() {
        set_element(this, PARAMS, b"CONTENT_TYPE", Value::string(b"application/x-www-form-urlencoded"));
        invoke::function(c"http_build_query", &mut [body.into_zval()])?
    } else {
        Value::string(&text(&body)?)
    };
    let length = body.as_zval().bytes().map_or(0, <[u8]>::len);
    set_element(this, PARAMS, b"CONTENT_LENGTH", Value::string(length.to_string().as_bytes()));
    this.slot(BODY).assign(body);
    fluent(this, ret)
}

/// `content-type` → `HTTP_CONTENT_TYPE`
pub fn convert_header_name_to_param_name(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let name = call.args(1, 1)?.bytes()?;
    let mut parameter = b"HTTP_".to_vec();
    parameter.extend(name.iter().map(|byte| if *byte == b'-' { b'_' } else { byte.to_ascii_uppercase() }));
    ret.set_bytes(&parameter);
    Ok(())
}

/// `HTTP_CONTENT_TYPE` → `CONTENT-TYPE`
pub fn convert_param_name_to_header_name(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let name = call.args(1, 1)?.bytes()?;
    let name: Vec<u8> = name.iter().skip(5).map(|byte| if *byte == b'_' { b'-' } else { *byte }).collect();
    let mut header = name.clone();
    for (at, byte) in header.iter_mut().enumerate() {
        if at == 0 || name[at - 1] == b'-' {
            byte.make_ascii_uppercase();
        }
    }
    ret.set_bytes(&header);
    Ok(())
}
