//! The server's response heads and chunked bodies, written into the caller's buffer.

use std::time::{Duration, UNIX_EPOCH};

use super::head::parse_length;
use super::header::{KnownHeader, is_safe_name, is_safe_value, is_token, list_contains};
use super::status;

/// The interim answer to `Expect: 100-continue`.
pub const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// How the end of the body is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// Bytes of the body. For HEAD: of the body that GET would have had.
    Length(u64),
    /// Pieces of unknown total; an HTTP/1.0 client gets them bare, ended by the close.
    Chunked,
    /// 101: what follows is another protocol.
    Upgrade,
}

/// What the response depends on besides what the program set.
#[derive(Debug, Clone, Copy)]
pub struct ResponseContext<'a> {
    /// The request was HEAD: fields as for GET, no body.
    pub head_request: bool,
    /// The request was HTTP/1.0.
    pub http10: bool,
    /// Both the client and the server want to go on.
    pub keep_alive: bool,
    /// Value of `Date`, see [`DateCache`]; empty: no such field.
    pub date: &'a [u8],
    /// Value of `Server` where the program set none; empty: no such field.
    pub server: &'a [u8],
    /// Value of `Content-Type` where the program set none; empty: no such field.
    pub content_type: &'a [u8],
}

/// What the caller has to do after the head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Whether any body bytes may follow.
    pub body: bool,
    /// The body goes in chunks, see [`push_chunk`] and [`push_last_chunk`].
    pub chunked: bool,
    /// Whether the connection stays open after the response.
    pub keep_alive: bool,
    /// The program's `Content-Length` contradicted the body and was left out.
    pub length_ignored: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    #[error("status is not between 100 and 999")]
    Status,
    #[error("reason phrase holds CR, LF or NUL")]
    Reason,
    #[error("header name is not a token")]
    Name,
    #[error("header value holds CR, LF or NUL")]
    Value,
}

/// Writes one response head. Dropped before [`ResponseEncoder::finish`], it takes back what it wrote.
#[derive(Debug)]
pub struct ResponseEncoder<'o> {
    out: &'o mut Vec<u8>,
    start: usize,
    status: u16,
    set: u8,
    close: bool,
    /// The program's own `Connection: close` stands where the program put it.
    close_written: bool,
    /// The program's `Content-Length`.
    length: Option<u64>,
    finished: bool,
}

const SERVER: u8 = 1;
const DATE: u8 = 1 << 1;
const CONNECTION: u8 = 1 << 2;
const CONTENT_TYPE: u8 = 1 << 3;
const CONTENT_LENGTH: u8 = 1 << 4;

impl<'o> ResponseEncoder<'o> {
    /// `reason`: instead of the registered phrase.
    pub fn begin(out: &'o mut Vec<u8>, status: u16, reason: Option<&[u8]>) -> Result<ResponseEncoder<'o>, EncodeError> {
        if !(100..=999).contains(&status) {
            return Err(EncodeError::Status);
        }
        if reason.is_some_and(|r| !is_safe_value(r)) {
            return Err(EncodeError::Reason);
        }
        let start = out.len();
        match (reason, status::line(status)) {
            (None, Some(line)) => out.extend_from_slice(line.as_bytes()),
            (reason, _) => {
                out.extend_from_slice(b"HTTP/1.1 ");
                push_decimal(out, u64::from(status));
                // RFC 9112 4: the space stays even where the phrase is empty.
                out.push(b' ');
                out.extend_from_slice(reason.unwrap_or_default());
                out.extend_from_slice(b"\r\n");
            }
        }
        Ok(ResponseEncoder { out, start, status, set: 0, close: false, close_written: false, length: None, finished: false })
    }

    /// One field of the program's. White space around the value is dropped. An empty value of
    /// `Server`, `Date`, `Content-Type` or `Connection` means: not that field at all.
    pub fn header(&mut self, name: &[u8], value: &[u8]) -> Result<(), EncodeError> {
        let known = KnownHeader::classify(name);
        if known == KnownHeader::Other && !is_safe_name(name) {
            return Err(EncodeError::Name);
        }
        let value = value.trim_ascii();
        if !is_safe_value(value) {
            return Err(EncodeError::Value);
        }
        let flag = match known {
            KnownHeader::Server => SERVER,
            KnownHeader::Date => DATE,
            KnownHeader::ContentType => CONTENT_TYPE,
            KnownHeader::Connection => {
                self.close |= list_contains(value, "close");
                CONNECTION
            }
            KnownHeader::ContentLength => {
                // Written by finish(), which knows the truth.
                self.length = parse_length(value);
                self.set |= CONTENT_LENGTH;
                return Ok(());
            }
            // Ours alone: a second opinion on framing splits responses.
            KnownHeader::TransferEncoding => return Ok(()),
            _ => 0,
        };
        self.set |= flag;
        if flag != 0 && value.is_empty() {
            return Ok(());
        }
        self.close_written |= flag == CONNECTION && self.close;
        push_field(self.out, name, value);
        Ok(())
    }

    /// A ready `Set-Cookie` value, see [`crate::cookie`].
    pub fn set_cookie(&mut self, value: &[u8]) -> Result<(), EncodeError> {
        if !is_safe_value(value) {
            return Err(EncodeError::Value);
        }
        push_field(self.out, b"Set-Cookie", value);
        Ok(())
    }

    /// Adds the fields that the program did not set, and the empty line.
    pub fn finish(mut self, framing: Framing, context: &ResponseContext<'_>) -> Outcome {
        self.finished = true;
        let (set, status) = (self.set, self.status);
        let out = &mut *self.out;
        if set & SERVER == 0 && !context.server.is_empty() {
            push_field(out, b"Server", context.server);
        }
        if set & DATE == 0 && !context.date.is_empty() {
            push_field(out, b"Date", context.date);
        }
        if framing == Framing::Upgrade {
            out.extend_from_slice(b"\r\n");
            return Outcome { body: false, chunked: false, keep_alive: true, length_ignored: false };
        }
        let allowed = status::allows_body(status);
        let chunked = framing == Framing::Chunked && !context.http10 && allowed;
        let bare = framing == Framing::Chunked && context.http10 && allowed;
        // An unset length without chunks leaves only the close to end the body.
        let unframed = bare
            || (matches!(framing, Framing::Length(_))
                && set & CONTENT_LENGTH != 0
                && self.length.is_none()
                && allowed
                && !context.head_request);
        let keep_alive = context.keep_alive && !self.close && !unframed;
        if !keep_alive && !self.close_written {
            // A program's `Connection: keep-alive` may stand above; close wins (RFC 9112 9.3).
            out.extend_from_slice(b"Connection: close\r\n");
        } else if keep_alive && set & CONNECTION == 0 {
            out.extend_from_slice(b"Connection: keep-alive\r\n");
        }
        if set & CONTENT_TYPE == 0 && !context.content_type.is_empty() && allowed {
            push_field(out, b"Content-Type", context.content_type);
        }
        let mut length_ignored = false;
        let shown = match framing {
            _ if unframed => None,
            Framing::Length(_) if context.head_request || status == 304 => self.length.or(match framing {
                Framing::Length(n) if n > 0 && status != 304 => Some(n),
                _ => None,
            }),
            Framing::Length(n) if allowed => {
                length_ignored = self.length.is_some_and(|user| user != n);
                Some(n)
            }
            _ => {
                length_ignored = self.length.is_some();
                None
            }
        };
        if let Some(n) = shown.filter(|_| allowed || status == 304) {
            out.extend_from_slice(b"Content-Length: ");
            push_decimal(out, n);
            out.extend_from_slice(b"\r\n");
        }
        if chunked {
            out.extend_from_slice(b"Transfer-Encoding: chunked\r\n");
        }
        out.extend_from_slice(b"\r\n");
        let body = allowed && !context.head_request;
        Outcome { body, chunked: chunked && body, keep_alive, length_ignored }
    }
}

impl Drop for ResponseEncoder<'_> {
    fn drop(&mut self) {
        if !self.finished {
            self.out.truncate(self.start);
        }
    }
}

/// The whole answer to a refused request: empty, and the connection closes.
pub fn push_error(out: &mut Vec<u8>, code: u16) {
    let line = status::line(code).unwrap_or("HTTP/1.1 400 Bad Request\r\n");
    out.extend_from_slice(line.as_bytes());
    out.extend_from_slice(b"Connection: close\r\nContent-Length: 0\r\n\r\n");
}

/// `name: value` and CRLF; the caller vouches for both.
pub(crate) fn push_field(out: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    out.reserve(name.len() + value.len() + 4);
    out.extend_from_slice(name);
    out.extend_from_slice(b": ");
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
}

/// One chunk. Empty data writes nothing, as an empty chunk would end the body.
pub fn push_chunk(out: &mut Vec<u8>, data: &[u8]) {
    if data.is_empty() {
        return;
    }
    push_chunk_size(out, data.len() as u64);
    out.extend_from_slice(data);
    out.extend_from_slice(b"\r\n");
}

/// The line before a chunk's data, for a caller that sends the data itself (then CRLF).
pub fn push_chunk_size(out: &mut Vec<u8>, len: u64) {
    let digits = (16 - len.leading_zeros() / 4).max(1);
    out.extend((0..digits).rev().map(|i| b"0123456789abcdef"[(len >> (i * 4) & 15) as usize]));
    out.extend_from_slice(b"\r\n");
}

/// The end of a chunked body, with trailer fields. Fields that could not be sent are left out.
pub fn push_last_chunk<'a>(out: &mut Vec<u8>, trailers: impl IntoIterator<Item = (&'a [u8], &'a [u8])>) {
    out.extend_from_slice(b"0\r\n");
    for (name, value) in trailers {
        if is_token(name) && is_safe_value(value) {
            push_field(out, name, value);
        }
    }
    out.extend_from_slice(b"\r\n");
}

pub(crate) fn push_decimal(out: &mut Vec<u8>, mut n: u64) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (n % 10) as u8;
        n /= 10;
        if n == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// The text of `Date`, made anew only when the second changes.
#[derive(Debug, Clone)]
pub struct DateCache {
    second: u64,
    text: [u8; 29],
}

impl Default for DateCache {
    fn default() -> DateCache {
        DateCache { second: 0, text: *b"Thu, 01 Jan 1970 00:00:00 GMT" }
    }
}

impl DateCache {
    /// IMF-fixdate of `second` since the epoch, UTC.
    pub fn at(&mut self, second: u64) -> &[u8] {
        if second != self.second {
            // Year 9999 is where the format, and the formatter, end.
            let time = UNIX_EPOCH + Duration::from_secs(second.min(253_402_300_799));
            let text = httpdate::fmt_http_date(time);
            if let Ok(text) = text.as_bytes().try_into() {
                self.text = text;
            }
            self.second = second;
        }
        &self.text
    }
}

#[cfg(test)]
#[path = "response_tests.rs"]
mod tests;
