//! Streams on the way to becoming Swoole\Http2\Response objects.

use std::io::Write;

use http::HeaderMap;
use protocol::percent;

use crate::zend::registration::ce;
use crate::zend::{ObjectExt, Value, Zval, ZvalExt, new_object};

/// Numbers of the response's declared properties.
const STREAM_ID: u32 = 0;
const ERR_CODE: u32 = 1;
const STATUS_CODE: u32 = 2;
const PIPELINE: u32 = 3;
const HEADERS: u32 = 4;
const SET_COOKIE_HEADERS: u32 = 5;
const COOKIES: u32 = 6;
const DATA: u32 = 7;

/// `$statusCode` of a stream that the server has reset.
const RESET: i64 = -3;

pub(super) struct Stream {
    id: u32,
    /// The request goes on with write().
    pub pipeline: bool,
    pub request_ended: bool,
    /// The program takes the body as it comes.
    pub pipeline_read: bool,
    response: Value,
    body: Vec<u8>,
    gzip: Option<flate2::write::MultiGzDecoder<Vec<u8>>>,
}

fn empty(id: u32) -> Value {
    let value = new_object(ce::http2_response());
    if let Some(object) = value.as_zval().obj() {
        object.slot(STREAM_ID).set_long(i64::from(id));
    }
    value
}

impl Stream {
    pub fn new(id: u32, pipeline: bool, pipeline_read: bool) -> Self {
        Self { id, pipeline, request_ended: !pipeline, pipeline_read, response: empty(id), body: Vec::new(), gzip: None }
    }

    pub fn value(&self) -> &Value {
        &self.response
    }

    pub fn head(&mut self, head: &http::response::Parts) {
        if let Some(object) = self.response.as_zval().obj() {
            object.slot(STATUS_CODE).set_long(i64::from(head.status.as_u16()));
        }
        self.fields(&head.headers);
        let encoding = head.headers.get(http::header::CONTENT_ENCODING);
        if encoding.is_some_and(|value| value.as_bytes().starts_with(b"gzip")) {
            self.gzip = Some(flate2::write::MultiGzDecoder::new(Vec::new()));
        }
    }

    /// Headers, or trailers behind the body.
    pub fn fields(&mut self, fields: &HeaderMap) {
        let Some(object) = self.response.as_zval().obj() else { return };
        for slot in [HEADERS, COOKIES, SET_COOKIE_HEADERS] {
            list(object.slot(slot));
        }
        for (name, value) in fields {
            if name == http::header::SET_COOKIE {
                set_cookie(object, value.as_bytes());
            }
            if let Some(mut headers) = object.slot(HEADERS).as_array_mut() {
                headers.set_symbol(name.as_str().as_bytes(), Value::string(value.as_bytes()));
            }
        }
    }

    /// A piece of the body. False when it does not unpack.
    pub fn data(&mut self, piece: &[u8]) -> bool {
        let Some(gzip) = &mut self.gzip else {
            self.body.extend_from_slice(piece);
            return true;
        };
        if gzip.write_all(piece).and_then(|()| gzip.flush()).is_err() {
            return false;
        }
        self.body.append(gzip.get_mut());
        true
    }

    fn fill(&mut self) {
        if self.body.is_empty() {
            return;
        }
        let body = std::mem::take(&mut self.body);
        if let Some(object) = self.response.as_zval().obj() {
            object.slot(DATA).assign(Value::string(&body));
        }
    }

    /// The whole response, at the stream's end.
    pub fn finish(mut self) -> Value {
        self.fill();
        self.response
    }

    /// What has come so far; what follows gets an object of its own.
    pub fn part(&mut self) -> Value {
        self.fill();
        let part = std::mem::replace(&mut self.response, empty(self.id));
        if let Some(object) = part.as_zval().obj() {
            object.slot(PIPELINE).assign(Value::bool(true));
        }
        part
    }

    pub fn reset(mut self, code: u32) -> Value {
        self.fill();
        if let Some(object) = self.response.as_zval().obj() {
            object.slot(STATUS_CODE).set_long(RESET);
            object.slot(ERR_CODE).set_long(i64::from(code));
        }
        self.response
    }
}

fn list(slot: &mut Zval) {
    if !slot.is_array() {
        slot.assign(Value::array(4));
    }
}

fn set_cookie(object: &mut crate::zend::ZendObject, value: &[u8]) {
    let (key, rest) = match memchr::memchr(b'=', value) {
        Some(at) => (&value[..at], &value[at + 1..]),
        None => (&value[..0], value),
    };
    let content = rest.split(|byte| *byte == b';').next().unwrap_or_default();
    if let Some(mut cookies) = object.slot(COOKIES).as_array_mut() {
        let content = Value::string(&percent::url_decode(content));
        if key.is_empty() {
            cookies.push(content);
        } else {
            cookies.set_symbol(key, content);
        }
    }
    if let Some(mut lines) = object.slot(SET_COOKIE_HEADERS).as_array_mut() {
        lines.push(Value::string(value));
    }
}
