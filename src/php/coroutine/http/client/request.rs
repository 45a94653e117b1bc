//! A request's bytes, from the object's properties.

use std::path::PathBuf;

use protocol::http1::Method;
use protocol::http1::header::{is_safe_value, is_token};
use protocol::percent;

use super::*;
use crate::zend::ZStr;
use crate::zend::array::Key;

/// What does not fit into the buffer: a part of a file, due behind the buffer's first `after` bytes.
pub(super) struct FilePart {
    pub after: usize,
    pub path: PathBuf,
    pub offset: u64,
    pub size: u64,
}

fn field(out: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    out.extend_from_slice(name);
    out.extend_from_slice(b": ");
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
}

fn content_length(out: &mut Vec<u8>, length: usize) {
    field(out, b"Content-Length", length.to_string().as_bytes());
    out.extend_from_slice(b"\r\n");
}

/// The target, with what would end the request line percent-encoded.
fn target(out: &mut Vec<u8>, path: &[u8]) {
    for &byte in path {
        if byte <= b' ' || byte == 0x7f {
            out.extend_from_slice(format!("%{byte:02X}").as_bytes());
        } else {
            out.push(byte);
        }
    }
}

impl Client {
    pub(super) fn write_request(&self, this: &mut ZendObject, path: &[u8], out: &mut Vec<u8>) -> PhpResult<Vec<FilePart>> {
        // Copies keep the arrays while user code (a __toString) may change the properties.
        let headers = Value::copy_of(this.slot(REQUEST_HEADERS));
        let headers = headers.as_zval().as_array();
        let body = Value::copy_of(this.slot(REQUEST_BODY));
        let has_body = !body.as_zval().is_null();
        let own_host = headers
            .and_then(|headers| headers.get("Host").or_else(|| headers.get("host")))
            .filter(|host| !host.is_null())
            .and_then(ZvalExt::to_zstr)
            .filter(|host| is_safe_value(host));
        self.write_method(this, has_body, out);
        let proxy = self.link.borrow().proxy.clone().filter(|proxy| !proxy.socks && !self.ssl);
        if proxy.is_some() {
            out.extend_from_slice(b"http://");
            let host = own_host.as_deref().unwrap_or(&self.host);
            out.extend_from_slice(host);
            if !host.contains(&b':') {
                out.extend_from_slice(format!(":{}", self.port).as_bytes());
            }
        }
        target(out, path);
        out.extend_from_slice(b" HTTP/1.1\r\n");
        match &own_host {
            Some(host) => field(out, b"Host", host),
            None => self.write_host(out),
        }
        let mut flags = Seen::default();
        if let Some(headers) = headers {
            self.write_headers(headers, out, &mut flags);
        }
        if let Some((user, password)) = proxy.and_then(|proxy| proxy.login) {
            use base64::Engine;
            let pair = base64::engine::general_purpose::STANDARD.encode([&user[..], b":", &password].concat());
            field(out, b"Proxy-Authorization", format!("Basic {pair}").as_bytes());
        }
        let auth = self.basic_auth.borrow();
        if !auth.is_empty() {
            field(out, b"Authorization", &auth);
        }
        drop(auth);
        if !flags.connection {
            field(out, b"Connection", if self.keep_alive.get() { b"keep-alive" } else { b"close" });
        }
        if self.http_compression.get() && !flags.accept_encoding {
            out.extend_from_slice(b"Accept-Encoding: gzip, deflate, br\r\n");
        }
        let cookies = Value::copy_of(this.slot(COOKIES));
        if let Some(cookies) = cookies.as_zval().as_array().filter(|cookies| !cookies.is_empty()) {
            write_cookies(cookies, out);
        }
        let uploads = Value::copy_of(this.slot(UPLOAD_FILES));
        if let Some(uploads) = uploads.as_zval().as_array().filter(|uploads| !uploads.is_empty()) {
            self.had_uploads.set(true);
            return Ok(write_multipart(body.as_zval().as_array(), uploads, out));
        }
        if has_body {
            write_body(body.as_zval(), out)?;
        } else if flags.content_length {
            content_length(out, 0);
        } else {
            out.extend_from_slice(b"\r\n");
        }
        Ok(Vec::new())
    }

    fn write_method(&self, this: &mut ZendObject, has_body: bool, out: &mut Vec<u8>) {
        let given = this.slot(REQUEST_METHOD);
        let text;
        let method: &[u8] = match given.bytes() {
            Some(method) => method,
            None if given.is_null() => {
                if has_body {
                    b"POST"
                } else {
                    b"GET"
                }
            }
            None => {
                text = given.to_zstr();
                text.as_deref().unwrap_or(b"GET")
            }
        };
        let method = if is_token(method) { method } else { b"GET" };
        self.method.set(Method::from_bytes(method));
        out.extend_from_slice(method);
        out.push(b' ');
    }

    /// The port is named when it is not the scheme's own.
    fn write_host(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"Host: ");
        out.extend_from_slice(&self.host);
        if self.port != if self.ssl { 443 } else { 80 } {
            out.push(b':');
            out.extend_from_slice(self.port.to_string().as_bytes());
        }
        out.extend_from_slice(b"\r\n");
    }

    fn write_headers(&self, headers: Array<'_>, out: &mut Vec<u8>, seen: &mut Seen) {
        headers.each(|key, value| {
            let Key::Name(name) = key else { return true };
            if value.is_null() || name.eq_ignore_ascii_case(b"host") {
                return true;
            }
            if name.eq_ignore_ascii_case(b"content-length") {
                // Counted by ourselves.
                seen.content_length = true;
                return true;
            }
            seen.accept_encoding |= name.eq_ignore_ascii_case(b"accept-encoding");
            let Some(text) = value.to_zstr() else { return false };
            // A line end in a value would let it write further headers.
            if !is_token(name) || !is_safe_value(&text) {
                crate::log::warning("send_request", Some(Code::INVALID_PARAMS.0), "a header with line ends was left out");
                return true;
            }
            field(out, name, &text);
            if name.eq_ignore_ascii_case(b"connection") {
                seen.connection = true;
                if text.eq_ignore_ascii_case(b"close") {
                    self.keep_alive.set(false);
                }
            }
            true
        });
    }
}

/// Headers that the program set itself.
#[derive(Default)]
struct Seen {
    connection: bool,
    accept_encoding: bool,
    content_length: bool,
}

fn write_cookies(cookies: Array<'_>, out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(b"Cookie: ");
    let mut first = true;
    cookies.each(|key, value| {
        let Key::Name(name) = key else { return true };
        let Some(text) = value.to_zstr() else { return false };
        if text.is_empty() || !is_safe_value(name) {
            return true;
        }
        if !std::mem::take(&mut first) {
            out.extend_from_slice(b"; ");
        }
        out.extend_from_slice(name);
        out.push(b'=');
        percent::url_encode(&text, out);
        true
    });
    if first {
        out.truncate(start);
    } else {
        out.extend_from_slice(b"\r\n");
    }
}

/// A form from an array, by PHP's own http_build_query(); anything else as it is.
fn write_body(body: &Zval, out: &mut Vec<u8>) -> PhpResult {
    let Some(fields) = body.as_array() else {
        let text = body.to_zstr().unwrap_or_else(|| ZStr::new(b""));
        crate::zend::error::check()?;
        content_length(out, text.len());
        out.extend_from_slice(&text);
        return Ok(());
    };
    field(out, b"Content-Type", b"application/x-www-form-urlencoded");
    if fields.is_empty() {
        content_length(out, 0);
        return Ok(());
    }
    let text = form(body)?;
    let text = text.as_zval().bytes().unwrap_or_default();
    content_length(out, text.len());
    out.extend_from_slice(text);
    Ok(())
}

/// `http_build_query($fields)`.
pub(crate) fn form(fields: &Zval) -> PhpResult<Value> {
    let name = Value::string(b"http_build_query");
    let Some(function) = Callable::new(name.as_zval()) else { return Ok(Value::string(b"")) };
    let argument = Value::copy_of(fields);
    let mut args = [argument.into_zval()];
    let result = function.invoke(&mut args);
    let [argument] = args;
    drop(Value::from_zval(argument));
    result
}

const BOUNDARY_PREFIX: &[u8] = b"----SwooleBoundary";
const BOUNDARY_LENGTH: usize = 39;

fn boundary() -> Vec<u8> {
    const LETTERS: &[u8; 62] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let random: [u8; BOUNDARY_LENGTH - BOUNDARY_PREFIX.len()] = crate::php::websocket::random();
    let tail = random.iter().map(|byte| LETTERS[usize::from(*byte) % LETTERS.len()]);
    BOUNDARY_PREFIX.iter().copied().chain(tail).collect()
}

/// multipart/form-data (RFC 7578): the head with its length, then the parts; files are sent from disk.
fn write_multipart(fields: Option<Array<'_>>, uploads: Array<'_>, out: &mut Vec<u8>) -> Vec<FilePart> {
    let boundary = boundary();
    let mut parts = Vec::new();
    // Offsets into `parts`, moved behind the head below.
    let mut pieces = Vec::new();
    let mut files = 0usize;
    if let Some(fields) = fields {
        fields.each(|key, value| {
            let Key::Name(name) = key else { return true };
            if value.is_null() {
                return true;
            }
            let Some(text) = value.to_zstr() else { return false };
            part(&mut parts, &boundary, name);
            parts.extend_from_slice(b"\"\r\n\r\n");
            parts.extend_from_slice(&text);
            parts.extend_from_slice(b"\r\n");
            true
        });
    }
    uploads.each(|_, upload| {
        let Some(upload) = upload.as_array() else { return true };
        let get = |name: &str| upload.get(name).and_then(ZvalExt::to_zstr);
        let (Some(name), Some(filename), Some(kind)) = (get("name"), get("filename"), get("type")) else { return true };
        part(&mut parts, &boundary, &name);
        parts.extend_from_slice(b"\"; filename=\"");
        parts.extend_from_slice(&filename);
        parts.extend_from_slice(b"\"\r\nContent-Type: ");
        parts.extend_from_slice(&kind);
        parts.extend_from_slice(b"\r\n\r\n");
        if let Some(content) = get("content") {
            parts.extend_from_slice(&content);
        } else if let Some(path) = get("path") {
            let number = |name: &str| upload.get(name).map_or(0, |value| value.to_long().max(0)) as u64;
            let path = PathBuf::from(std::ffi::OsString::from(String::from_utf8_lossy(&path).into_owned()));
            let size = number("size");
            files += size as usize;
            pieces.push(FilePart { after: parts.len(), path, offset: number("offset"), size });
        }
        parts.extend_from_slice(b"\r\n");
        true
    });
    parts.extend_from_slice(b"--");
    parts.extend_from_slice(&boundary);
    parts.extend_from_slice(b"--\r\n");
    field(out, b"Content-Type", &[b"multipart/form-data; boundary=", &boundary[..]].concat());
    content_length(out, parts.len() + files);
    let head = out.len();
    for FilePart { after, .. } in &mut pieces {
        *after += head;
    }
    out.extend_from_slice(&parts);
    pieces
}

fn part(out: &mut Vec<u8>, boundary: &[u8], name: &[u8]) {
    out.extend_from_slice(b"--");
    out.extend_from_slice(boundary);
    out.extend_from_slice(b"\r\nContent-Disposition: form-data; name=\"");
    out.extend_from_slice(name);
}
