//! The server's side of HTTP/1: one request at a time out of a growing buffer.
//!
//! The buffer belongs to the caller and starts with the request's first byte. [`Parser`] keeps
//! offsets only, so nothing is copied; its vectors are reused from one request to the next.

use std::mem::MaybeUninit;

use super::body::{BodyDecoder, BodyError, BodyKind};
pub use super::head::{Reject, RequestHead};
use super::header::{HeaderSpan, KnownHeader, Span};
pub use super::method::{Method, Upgrade, Version};

/// What a request may weigh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Request line and header fields, bytes. Beyond: 431.
    pub max_head: u32,
    /// Request target, bytes. Beyond: 414.
    pub max_target: u32,
    /// Header fields. Beyond: 431.
    pub max_headers: u16,
    /// The whole request as on the wire, bytes (`package_max_length`). Beyond: 413.
    pub max_request: u32,
    /// Refuse an HTTP/1.1 request without `Host`, as RFC 9112 3.2 wants and Swoole does not.
    pub require_host: bool,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { max_head: 64 * 1024, max_target: 32 * 1024, max_headers: 256, max_request: 2 * 1024 * 1024, require_host: false }
    }
}

/// How far a request has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// At least `need` more bytes must come before a verdict.
    Incomplete { need: u64 },
    /// The head is parsed and the body is not all there. Told once a request.
    Head,
    /// The whole request is in the buffer's first `consumed` bytes.
    Complete { consumed: usize },
    /// The 24 bytes with which an HTTP/2 client opens; none of them is consumed.
    Http2Preface,
    /// Answer and close. The parser stays in this state until [`Parser::reset`].
    Reject(Reject),
}

/// How an HTTP/2 client with prior knowledge opens (RFC 9113 3.4).
pub const HTTP2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Head,
    Body,
    Done,
    Rejected(Reject),
}

/// Incremental parser of one connection's requests.
#[derive(Debug, Clone)]
pub struct Parser {
    limits: Limits,
    phase: Phase,
    head: RequestHead,
    /// Bytes of a partial head that were looked at already.
    scanned: usize,
    line_seen: bool,
    told_head: bool,
    decoder: BodyDecoder,
    /// Bytes of the buffer that are decoded.
    pos: usize,
}

/// Header fields parsed with no allocation; above, a vector is used.
const INLINE_HEADERS: usize = 64;
/// Empty lines tolerated before a request line (RFC 9112 2.2 says at least one), bytes.
const MAX_LEADING: usize = 8;

impl Parser {
    pub fn new(limits: Limits) -> Parser {
        Parser {
            limits,
            phase: Phase::Head,
            head: RequestHead::default(),
            scanned: 0,
            line_seen: false,
            told_head: false,
            decoder: BodyDecoder::new(BodyKind::None, 0),
            pos: 0,
        }
    }

    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The head of the request at hand: valid from [`Progress::Head`] or [`Progress::Complete`]
    /// until the next request is parsed.
    pub fn head(&self) -> &RequestHead {
        &self.head
    }

    /// Takes the head out in exchange for a used one, whose vectors serve the next request.
    pub fn swap_head(&mut self, with: &mut RequestHead) {
        std::mem::swap(&mut self.head, with);
    }

    /// Is a request under way? (Else a silent connection is an idle one, not a slow one.)
    pub fn is_midway(&self, buf: &[u8]) -> bool {
        match self.phase {
            Phase::Head => !buf.is_empty(),
            Phase::Body => true,
            Phase::Done | Phase::Rejected(_) => false,
        }
    }

    /// Forgets the request at hand. Not needed after [`Progress::Complete`].
    pub fn reset(&mut self) {
        self.phase = Phase::Head;
        self.head.clear();
        self.scanned = 0;
        self.line_seen = false;
        self.told_head = false;
        self.pos = 0;
    }

    /// Parses a whole request. `buf` starts with its first byte and only grows between calls;
    /// bytes past `consumed` are the next request's.
    pub fn parse(&mut self, buf: &[u8]) -> Progress {
        self.run(buf, true)
    }

    /// Parses a head only, for a body that is read as it comes. After [`Progress::Head`] the body
    /// starts at `head_len` and is the business of [`RequestHead::body`] and a [`BodyDecoder`];
    /// the next call is the next request's.
    pub fn parse_head(&mut self, buf: &[u8]) -> Progress {
        self.run(buf, false)
    }

    fn run(&mut self, buf: &[u8], whole: bool) -> Progress {
        if self.phase == Phase::Done {
            self.reset();
        }
        match self.advance(buf, whole) {
            Ok(progress) => progress,
            Err(reject) => {
                self.phase = Phase::Rejected(reject);
                Progress::Reject(reject)
            }
        }
    }

    fn advance(&mut self, buf: &[u8], whole: bool) -> Result<Progress, Reject> {
        match self.phase {
            Phase::Rejected(reject) => return Err(reject),
            Phase::Body => {}
            Phase::Head | Phase::Done => {
                match self.advance_head(buf)? {
                    HeadState::Partial => return Ok(Progress::Incomplete { need: 1 }),
                    HeadState::Preface => return Ok(Progress::Http2Preface),
                    HeadState::Complete => {}
                }
                if !whole {
                    self.phase = Phase::Done;
                    return Ok(Progress::Head);
                }
                let (head_len, limit) = (self.head.head_len as usize, u64::from(self.limits.max_request));
                let room = limit.saturating_sub(head_len as u64);
                if matches!(self.head.body, BodyKind::Length(n) if n > room) {
                    return Err(BodyError::TooLarge.into());
                }
                if self.head.body == BodyKind::None {
                    self.phase = Phase::Done;
                    return Ok(Progress::Complete { consumed: head_len });
                }
                self.phase = Phase::Body;
                self.pos = head_len;
                self.decoder = BodyDecoder::new(self.head.body, room);
            }
        }
        self.advance_body(buf)
    }

    fn advance_body(&mut self, buf: &[u8]) -> Result<Progress, Reject> {
        loop {
            // A length-delimited body becomes one span at its end instead of one a read.
            if let BodyKind::Length(len) = self.head.body {
                let end = self.head.head_len as usize + len as usize;
                if buf.len() < end {
                    return Ok(self.wait((end - buf.len()) as u64));
                }
                self.head.body_parts.push(Span::new(self.head.head_len as usize, end));
                self.phase = Phase::Done;
                return Ok(Progress::Complete { consumed: end });
            }
            let step = self.decoder.decode(buf.get(self.pos..).unwrap_or(&[]))?;
            if !step.data.is_empty() {
                let part = Span::new(self.pos + step.data.start, self.pos + step.data.end);
                match self.head.body_parts.last_mut() {
                    // A chunk that came in several reads.
                    Some(last) if last.end == part.start => last.end = part.end,
                    _ => self.head.body_parts.push(part),
                }
            }
            self.pos += step.consumed;
            // Framing counts too: it is what the buffer holds. 1-byte chunks weigh six.
            if self.pos > self.limits.max_request as usize {
                return Err(BodyError::TooLarge.into());
            }
            if step.done {
                self.phase = Phase::Done;
                return Ok(Progress::Complete { consumed: self.pos });
            }
            if step.consumed == 0 {
                return Ok(self.wait(self.decoder.need()));
            }
        }
    }

    fn wait(&mut self, need: u64) -> Progress {
        if std::mem::replace(&mut self.told_head, true) { Progress::Incomplete { need } } else { Progress::Head }
    }

    fn advance_head(&mut self, buf: &[u8]) -> Result<HeadState, Reject> {
        let mut skip = 0;
        while buf[skip..].starts_with(b"\r\n") && skip < MAX_LEADING {
            skip += 2;
        }
        let rest = &buf[skip..];
        match rest {
            [] | [b'\r'] => return Ok(HeadState::Partial),
            [b'\r' | b'\n', ..] => return Err(Reject::bad("no request line")),
            [b'P', b'R', b'I', ..] if rest.starts_with(HTTP2_PREFACE) => {
                return Ok(HeadState::Preface);
            }
            [b'P', b'R', b'I', ..] if HTTP2_PREFACE.starts_with(rest) => {
                return Ok(HeadState::Partial);
            }
            _ => {}
        }
        // The usual head is whole on the first look. A partial one is scanned for its end from
        // where the last look stopped, or a client sending single bytes would cost O(n²).
        if self.scanned == 0 || self.scan(buf, skip)? {
            if self.tokenize(buf, skip)? {
                return Ok(HeadState::Complete);
            }
            if self.scanned == 0 {
                self.scanned = skip;
                self.scan(buf, skip)?;
            }
        }
        let partial = rest.len();
        if !self.line_seen && partial > self.limits.max_target as usize + 32 {
            return Err(Reject { status: 414, reason: "request target too long" });
        }
        if partial > self.limits.max_head as usize {
            return Err(Reject { status: 431, reason: "header section too large" });
        }
        Ok(HeadState::Partial)
    }

    /// Looks at the new bytes of a partial head; true if tokenizing again can tell more.
    fn scan(&mut self, buf: &[u8], skip: usize) -> Result<bool, Reject> {
        let from = self.scanned.max(skip);
        self.scanned = buf.len();
        let mut worth = false;
        for at in memchr::memchr_iter(b'\n', &buf[from..]).map(|i| i + from) {
            if at == skip || buf[at - 1] != b'\r' {
                return Err(Reject::bad("bare LF"));
            }
            worth |= !std::mem::replace(&mut self.line_seen, true);
            if at >= skip + 3 && buf[at - 2] == b'\n' {
                return Ok(true);
            }
        }
        Ok(worth)
    }

    /// True if the head is complete.
    fn tokenize(&mut self, buf: &[u8], skip: usize) -> Result<bool, Reject> {
        let mut inline = [const { MaybeUninit::uninit() }; INLINE_HEADERS];
        match self.tokenize_into(buf, skip, &mut inline) {
            Err(httparse::Error::TooManyHeaders) if self.limits.max_headers as usize > INLINE_HEADERS => {
                let mut many = vec![MaybeUninit::uninit(); self.limits.max_headers as usize];
                self.tokenize_into(buf, skip, &mut many)
            }
            other => other,
        }
        .map_err(|error| match error {
            httparse::Error::TooManyHeaders => Reject { status: 431, reason: "too many header fields" },
            httparse::Error::HeaderName => Reject::bad("bad header name"),
            httparse::Error::HeaderValue => Reject::bad("bad header value"),
            httparse::Error::NewLine => Reject::bad("bare CR"),
            httparse::Error::Version => Reject::bad("bad protocol version"),
            _ => Reject::bad("bad request line"),
        })
        .and_then(|found| match found {
            Some(found) => self.judge(buf, skip, found).map(|()| true),
            None => Ok(false),
        })
    }

    fn tokenize_into<'b>(
        &mut self,
        buf: &'b [u8],
        skip: usize,
        fields: &mut [MaybeUninit<httparse::Header<'b>>],
    ) -> Result<Option<RequestLine<'b>>, httparse::Error> {
        let mut request = httparse::Request::new(&mut []);
        let rest = &buf[skip..];
        let status = httparse::ParserConfig::default().parse_request_with_uninit_headers(&mut request, rest, fields)?;
        let httparse::Status::Complete(len) = status else {
            return Ok(None);
        };
        self.head.headers.clear();
        self.head.headers.extend(request.headers.iter().map(|field| HeaderSpan {
            known: KnownHeader::classify(field.name.as_bytes()),
            name: Span::within(buf, field.name.as_bytes()),
            value: Span::within(buf, field.value),
        }));
        Ok(Some(RequestLine {
            len,
            method: request.method.unwrap_or_default().as_bytes(),
            target: request.path.unwrap_or_default().as_bytes(),
            version: if request.version == Some(0) { Version::Http10 } else { Version::Http11 },
        }))
    }

    /// The rules beyond tokens: limits, framing, persistence.
    fn judge(&mut self, buf: &[u8], skip: usize, line: RequestLine<'_>) -> Result<(), Reject> {
        if line.target.len() > self.limits.max_target as usize {
            return Err(Reject { status: 414, reason: "request target too long" });
        }
        if line.len > self.limits.max_head as usize {
            return Err(Reject { status: 431, reason: "header section too large" });
        }
        if self.head.headers.len() > self.limits.max_headers as usize {
            return Err(Reject { status: 431, reason: "too many header fields" });
        }
        let head_len = skip + line.len;
        // The tokenizer takes a bare LF for a line end; each line's end is just before the next name.
        if !buf[..head_len].ends_with(b"\r\n\r\n")
            || self.head.headers.iter().any(|h| buf.get(h.name.start as usize - 2) != Some(&b'\r'))
        {
            return Err(Reject::bad("bare LF"));
        }
        let head = &mut self.head;
        head.method = Method::from_bytes(line.method).ok_or(Reject::bad("unknown method"))?;
        head.version = line.version;
        head.head_len = head_len as u32;
        head.split_target(buf, Span::within(buf, line.target))?;
        head.read_fields(buf, self.limits.require_host)
    }
}

enum HeadState {
    Partial,
    Complete,
    Preface,
}

struct RequestLine<'b> {
    len: usize,
    method: &'b [u8],
    target: &'b [u8],
    version: Version,
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
