//! The head of a response, out of the object's arrays.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use protocol::accept_encoding::Coding;
use protocol::http1::{DateCache, Framing, KnownHeader, ResponseContext, ResponseEncoder, response};

use super::compress::compress;
use super::names::names;
use super::response::{BadHeader, COOKIE, HEADER, State, TRAILER};
use crate::log;
use crate::php::code::{Code, set_last};
use crate::zend::array::Key;
use crate::zend::{Array, ObjectExt, ZendObject, Zval, ZvalExt};

/// Bodies up to this size are copied behind the head; larger ones are a part of their own.
pub const INLINE_BODY: usize = 4096;

const SOFTWARE: &[u8] = b"swoole-http-server";
const CONTENT_TYPE: &[u8] = b"text/html";

/// What follows the head.
#[derive(Clone, Copy)]
pub enum Body<'a> {
    Whole(&'a [u8]),
    /// Of that many bytes.
    File(u64),
    Stream,
}

thread_local! {
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
    static DATE: RefCell<DateCache> = RefCell::default();
}

/// The buffer that heads are written into. A nested use gets one of its own.
pub fn scratch() -> Vec<u8> {
    let mut out = SCRATCH.take();
    out.clear();
    if out.capacity() == 0 {
        out.reserve(INLINE_BODY * 2);
    }
    out
}

pub fn give_scratch(out: Vec<u8>) {
    if out.capacity() <= 64 * 1024 {
        SCRATCH.set(out);
    }
}

/// The text of a header's value; none for what has no text of its own.
pub fn text_of(value: &Zval) -> Option<Cow<'_, [u8]>> {
    if let Some(bytes) = value.bytes() {
        return Some(Cow::Borrowed(bytes));
    }
    let value = value.dereference();
    if value.is_long() || value.is_double() || value.is_bool() || value.is_true() || value.is_false() {
        return value.to_zstr().map(|text| Cow::Owned(text.to_vec()));
    }
    None
}

/// Calls `each` for every header of the object, lists unrolled.
pub fn each_header(this: &mut ZendObject, mut each: impl FnMut(&[u8], &[u8])) {
    let slot = this.slot(HEADER);
    let Some(array) = slot.as_array() else { return };
    array.each(|key, value| {
        let mut digits = [0u8; 20];
        let name: &[u8] = match key {
            Key::Name(name) => name,
            Key::Index(index) => decimal(index, &mut digits),
        };
        match value.as_array() {
            Some(list) => list.each(|_, value| {
                if let Some(text) = text_of(value) {
                    each(name, &text);
                }
                true
            }),
            None => {
                if let Some(text) = text_of(value) {
                    each(name, &text);
                } else if value.dereference().is_null() && is_default(name) {
                    each(name, b"");
                }
            }
        }
        true
    });
}

/// A field that responses have unless the program says otherwise: null takes it out.
fn is_default(name: &[u8]) -> bool {
    use KnownHeader::{Connection, ContentType, Date, Server};
    matches!(KnownHeader::classify(name), Server | Date | ContentType | Connection)
}

fn decimal(index: i64, digits: &mut [u8; 20]) -> &[u8] {
    use std::io::Write;
    let mut rest = &mut digits[..];
    let _ = write!(rest, "{index}");
    let left = rest.len();
    &digits[..20 - left]
}

/// Whether the settings let this media type be compressed.
fn may_compress(this: &mut ZendObject, state: &State) -> Option<Coding> {
    let coding = state.coding.get()?;
    let settings = state.settings.borrow();
    let types = settings.as_ref().map_or(&[][..], |settings| &settings.compression_types);
    let slot = this.slot(HEADER);
    let array: Option<Array<'_>> = slot.as_array();
    if array.is_some_and(|array| array.get_interned(names().title[KnownHeader::ContentEncoding as usize]).is_some()) {
        return None;
    }
    if types.is_empty() {
        return Some(coding);
    }
    let given = array
        .and_then(|array| array.get_interned(names().title[KnownHeader::ContentType as usize]))
        .and_then(|value| value.bytes());
    let Some(given) = given else {
        return types.iter().any(|known| known == CONTENT_TYPE).then_some(coding);
    };
    types.iter().any(|known| known == given).then_some(coding)
}

/// How the body may be compressed, and the body compressed so, if that is worth it.
#[inline]
fn encode(this: &mut ZendObject, state: &State, body: Body<'_>) -> (Option<Coding>, Option<(Coding, Vec<u8>)>) {
    let Some(coding) = may_compress(this, state) else { return (None, None) };
    let Body::Whole(bytes) = body else { return (Some(coding), None) };
    let settings = state.settings.borrow();
    let (least, level) =
        settings.as_ref().map_or((20, 1), |settings| (settings.compression_min_length, settings.compression_level));
    let worth = bytes.len() >= least && !bytes.is_empty();
    let compressed = if worth { compress(coding, level, bytes) } else { None };
    (Some(coding), compressed.map(|bytes| (coding, bytes)))
}

/// Writes the head to `out`, and notes in the state what it promised. Gives the body compressed, if it is.
pub fn build(out: &mut Vec<u8>, this: &mut ZendObject, state: &State, body: Body<'_>) -> Option<Vec<u8>> {
    let progress = state.progress.get();
    let (accepted, compressed) = encode(this, state, body);
    let reason = state.reason.borrow();
    let status = u16::try_from(state.status.get()).ok().filter(|status| (100..=999).contains(status)).unwrap_or(200);
    let reason: Option<&[u8]> = match &*reason {
        // A line end in it would begin a field of somebody else's making.
        Some(reason) if protocol::http1::header::is_safe_value(reason) => Some(reason),
        _ if protocol::http1::status::reason(status).is_none() => Some(b"Unknown Status"),
        _ => None,
    };
    let mut encoder = match ResponseEncoder::begin(out, status, reason) {
        Ok(encoder) => encoder,
        // INVARIANT: the status is in its range and the reason safe, see above.
        Err(_) => return None,
    };
    let streaming = matches!(body, Body::Stream);
    let mut bad = BadHeader::default();
    each_header(this, |name, value| {
        if name.len() == 14 && KnownHeader::classify(name) == KnownHeader::ContentLength {
            let conflict = if accepted.is_some() {
                "The client has set 'Accept-Encoding', 'Content-Length' will be ignored"
            } else if streaming {
                "You have set 'Transfer-Encoding', 'Content-Length' will be ignored"
            } else {
                let _ = encoder.header(name, value);
                return;
            };
            set_last(Code::HTTP_CONFLICT_HEADER);
            log::with_code(log::Level::Warning as i32, "Response::header", Some(Code::HTTP_CONFLICT_HEADER.0), conflict);
            return;
        }
        // A field that cannot be sent is left out.
        if encoder.header(name, value).is_err() {
            bad = bad.and(BadHeader::of(value));
        }
    });
    if let Some(cookies) = this.slot(COOKIE).as_array() {
        cookies.each(|_, value| {
            if let Some(text) = value.bytes() {
                let _ = encoder.set_cookie(text);
            }
            true
        });
    }
    if let Some((coding, _)) = &compressed {
        let _ = encoder.header(b"Content-Encoding", coding.name().as_bytes());
    }
    let framing = match (body, &compressed) {
        _ if progress.upgrade && status == 101 => Framing::Upgrade,
        (_, Some((_, bytes))) => Framing::Length(bytes.len() as u64),
        (Body::Whole(bytes), None) => Framing::Length(bytes.len() as u64),
        (Body::File(length), None) => Framing::Length(length),
        (Body::Stream, None) => Framing::Chunked,
    };
    let outcome = DATE.with_borrow_mut(|date| {
        encoder.finish(
            framing,
            &ResponseContext {
                head_request: progress.head_request,
                http10: progress.http10,
                keep_alive: progress.keep_alive,
                date: date.at(crate::server::now_us() / 1_000_000),
                server: SOFTWARE,
                content_type: CONTENT_TYPE,
            },
        )
    });
    state.update(|progress| {
        progress.head_sent = true;
        progress.bad_header = bad;
        progress.streaming = streaming;
        progress.chunked = outcome.chunked;
        progress.bodyless = !outcome.body;
        progress.keep_alive = outcome.keep_alive;
    });
    compressed.map(|(_, bytes)| bytes)
}

/// The end of a chunked body, with the object's trailers.
pub fn push_end(out: &mut Vec<u8>, this: &mut ZendObject, trailers: bool) {
    let mut fields: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    if trailers && let Some(array) = this.slot(TRAILER).as_array() {
        array.each(|key, value| {
            if let (Key::Name(name), Some(text)) = (key, text_of(value)) {
                fields.push((name.to_vec(), text.into_owned()));
            }
            true
        });
    }
    response::push_last_chunk(out, fields.iter().map(|(name, value)| (name.as_slice(), value.as_slice())));
}

/// The program's own `Content-Length`.
pub fn own_length(this: &mut ZendObject) -> Option<usize> {
    let slot = this.slot(HEADER);
    let value = slot.as_array()?.get_interned(names().title[KnownHeader::ContentLength as usize])?;
    usize::try_from(value.to_long()).ok()
}

/// Status and fields of an HTTP/2 response, and the body compressed, if it is.
pub fn fields(this: &mut ZendObject, state: &State, body: Body<'_>) -> (u16, http::HeaderMap, Option<Vec<u8>>) {
    let (_, compressed) = encode(this, state, body);
    let status = u16::try_from(state.status.get()).ok().filter(|status| (200..=999).contains(status)).unwrap_or(200);
    let mut fields = http::HeaderMap::new();
    let mut bad = BadHeader::default();
    each_header(this, |name, value| {
        if name.eq_ignore_ascii_case(b"content-length") || value.is_empty() && is_default(name) {
            return;
        }
        bad = bad.and(BadHeader::of(value));
        super::http2::add_field(&mut fields, name, value);
    });
    state.update(|progress| progress.bad_header = bad);
    if let Some(cookies) = this.slot(COOKIE).as_array() {
        cookies.each(|_, value| {
            if let Some(text) = value.bytes() {
                super::http2::add_field(&mut fields, b"set-cookie", text);
            }
            true
        });
    }
    let mut default = |name: &str, value: &[u8]| {
        if !fields.contains_key(name) {
            super::http2::add_field(&mut fields, name.as_bytes(), value);
        }
    };
    default("server", SOFTWARE);
    DATE.with_borrow_mut(|date| default("date", date.at(crate::server::now_us() / 1_000_000)));
    default("content-type", CONTENT_TYPE);
    let length = match (body, &compressed) {
        (_, Some((_, bytes))) => Some(bytes.len() as u64),
        (Body::Whole(bytes), None) => Some(bytes.len() as u64),
        (Body::File(length), None) => Some(length),
        (Body::Stream, None) => None,
    };
    if let Some(length) = length {
        default("content-length", length.to_string().as_bytes());
    }
    if let Some((coding, _)) = &compressed {
        super::http2::add_field(&mut fields, b"content-encoding", coding.name().as_bytes());
    }
    (status, fields, compressed.map(|(_, bytes)| bytes))
}

/// The object's trailers.
pub fn trailers(this: &mut ZendObject) -> http::HeaderMap {
    let mut fields = http::HeaderMap::new();
    if let Some(array) = this.slot(TRAILER).as_array() {
        array.each(|key, value| {
            if let (Key::Name(name), Some(text)) = (key, text_of(value)) {
                super::http2::add_field(&mut fields, name, &text);
            }
            true
        });
    }
    fields
}
