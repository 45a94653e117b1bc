//! From a Swoole\Http2\Request to what the session sends.

use bytes::Bytes;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use protocol::percent;

use super::Client;
use crate::php::coroutine::http::client::form;
use crate::zend::array::Key;
use crate::zend::{ObjectExt, PhpResult, Value, ZendObject, ZvalExt};

/// Numbers of the request's declared properties.
const PATH: u32 = 0;
const METHOD: u32 = 1;
const HEADERS: u32 = 2;
const COOKIES: u32 = 3;
const DATA: u32 = 4;
const PIPELINE: u32 = 5;
const USE_PIPELINE_READ: u32 = 6;

pub(super) struct Outgoing {
    pub head: http::Request<()>,
    pub data: Bytes,
    pub pipeline: bool,
    pub pipeline_read: bool,
}

/// The path with what cannot stand in a URI percent-encoded.
fn escape(path: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(path.len());
    for &byte in path {
        if byte <= b' ' || byte >= 0x7f || matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | b'#') {
            out.extend_from_slice(format!("%{byte:02X}").as_bytes());
        } else {
            out.push(byte);
        }
    }
    out
}

/// Fields that belong to a connection, which HTTP/2 forbids (RFC 9113, 8.2.2).
fn is_forbidden(name: &[u8]) -> bool {
    [&b"connection"[..], b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"].contains(&name)
}

/// A body: an array as a form. None for none.
pub(super) fn body(data: &crate::zend::Zval) -> PhpResult<(Bytes, bool)> {
    if data.is_array() {
        let text = form(data)?;
        return Ok((Bytes::copy_from_slice(text.as_zval().bytes().unwrap_or_default()), true));
    }
    let empty = if data.is_string() { false } else { !data.to_bool() };
    if empty {
        return Ok((Bytes::new(), false));
    }
    let text = data.to_zstr();
    crate::zend::error::check()?;
    Ok((text.map_or_else(Bytes::new, |text| Bytes::copy_from_slice(&text)), false))
}

impl Client {
    pub(super) fn outgoing(&self, object: &mut ZendObject) -> PhpResult<Outgoing> {
        let data = Value::copy_of(object.slot(DATA));
        let (data, is_form) = body(data.as_zval())?;
        let mut fields = HeaderMap::new();
        let mut authority = None;
        let headers = Value::copy_of(object.slot(HEADERS));
        if let Some(headers) = headers.as_zval().as_array() {
            headers.each(|key, value| {
                let Key::Name(name) = key else { return true };
                if name.first() == Some(&b':') || value.is_null() {
                    return true;
                }
                let Some(text) = value.to_zstr() else { return false };
                let name = name.to_ascii_lowercase();
                if name == b"host" {
                    authority = Authority::try_from(&text[..]).ok();
                } else if !is_forbidden(&name)
                    && (name != b"te" || &text[..] == b"trailers")
                    && let (Ok(name), Ok(value)) = (HeaderName::from_bytes(&name), HeaderValue::from_bytes(text.trim_ascii()))
                {
                    fields.append(name, value);
                }
                true
            });
        }
        crate::zend::error::check()?;
        if is_form {
            fields.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        }
        let cookies = Value::copy_of(object.slot(COOKIES));
        if let Some(cookies) = cookies.as_zval().as_array() {
            cookies.each(|key, value| {
                let Key::Name(name) = key else { return true };
                if value.is_null() {
                    return true;
                }
                let Some(text) = value.to_zstr() else { return false };
                let mut pair = [name, b"="].concat();
                percent::url_encode(&text, &mut pair);
                if let Ok(pair) = HeaderValue::from_bytes(&pair) {
                    fields.append(http::header::COOKIE, pair);
                }
                true
            });
        }
        crate::zend::error::check()?;
        let method = Method::from_bytes(object.slot(METHOD).bytes().unwrap_or(b"GET")).unwrap_or(Method::GET);
        let path = match object.slot(PATH).bytes().unwrap_or_default() {
            b"" => b"/".to_vec(),
            path => escape(path),
        };
        let path = PathAndQuery::try_from(&path[..]).unwrap_or_else(|_| PathAndQuery::from_static("/"));
        let authority = authority.or_else(|| self.authority()).unwrap_or_else(|| Authority::from_static("localhost"));
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(if self.ssl { Scheme::HTTPS } else { Scheme::HTTP });
        parts.authority = Some(authority);
        parts.path_and_query = Some(path);
        let mut head = http::Request::new(());
        *head.method_mut() = method;
        *head.uri_mut() = Uri::from_parts(parts).unwrap_or_default();
        *head.headers_mut() = fields;
        Ok(Outgoing {
            head,
            data,
            pipeline: object.slot(PIPELINE).to_bool(),
            pipeline_read: object.slot(USE_PIPELINE_READ).to_bool(),
        })
    }

    /// The server's name; its port when that is not the scheme's own.
    fn authority(&self) -> Option<Authority> {
        let host = String::from_utf8_lossy(&self.host);
        let host = if host.parse::<std::net::Ipv6Addr>().is_ok() { format!("[{host}]") } else { host.into_owned() };
        let usual = if self.ssl { 443 } else { 80 };
        let text = if self.port == usual { host } else { format!("{host}:{}", self.port) };
        Authority::try_from(text.as_str()).ok()
    }
}
