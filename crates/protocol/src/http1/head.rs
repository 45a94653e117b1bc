//! A parsed request head, and the rules of framing and persistence that it is read by.

use super::body::{BodyError, BodyKind};
use super::header::{HeaderSpan, KnownHeader, Span, list_contains};
use super::method::{Method, Upgrade, Version};

/// A parsed head. All spans are offsets into the buffer it was parsed from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestHead {
    pub method: Method,
    pub version: Version,
    /// The request target as sent.
    pub target: Span,
    /// The target's host and port, if it was in absolute form or CONNECT's; else empty.
    pub authority: Span,
    /// The target up to `?`, not decoded; empty for `http://host`, which means `/`.
    pub path: Span,
    /// What follows `?`, not decoded.
    pub query: Span,
    pub headers: Vec<HeaderSpan>,
    /// Where the body starts, bytes.
    pub head_len: u32,
    pub body: BodyKind,
    /// The body's bytes within the buffer, in order, once the whole request was parsed:
    /// one span, or one for each chunk.
    pub body_parts: Vec<Span>,
    pub keep_alive: bool,
    /// The client waits for `100 Continue` before it sends the body.
    pub expect_continue: bool,
    pub upgrade: Upgrade,
    /// `Connection` lists `upgrade` too, as RFC 6455 4.2.1 asks.
    pub connection_upgrade: bool,
}

impl Default for RequestHead {
    fn default() -> RequestHead {
        RequestHead {
            method: Method::Get,
            version: Version::Http11,
            target: Span::EMPTY,
            authority: Span::EMPTY,
            path: Span::EMPTY,
            query: Span::EMPTY,
            headers: Vec::new(),
            head_len: 0,
            body: BodyKind::None,
            body_parts: Vec::new(),
            keep_alive: false,
            expect_continue: false,
            upgrade: Upgrade::None,
            connection_upgrade: false,
        }
    }
}

impl RequestHead {
    /// The first field of that kind.
    pub fn known<'a>(&self, raw: &'a [u8], known: KnownHeader) -> Option<&'a [u8]> {
        self.headers.iter().find(|h| h.known == known).map(|h| h.value.of(raw))
    }

    /// The first field of that name, in any case.
    pub fn field<'a>(&self, raw: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
        self.headers.iter().find(|h| h.name.of(raw).eq_ignore_ascii_case(name)).map(|h| h.value.of(raw))
    }

    /// Bytes of the whole decoded body.
    pub fn body_len(&self) -> usize {
        self.body_parts.iter().map(Span::len).sum()
    }

    /// The whole body, if it lies in one piece (as any body does that was not chunked).
    pub fn body_slice<'a>(&self, raw: &'a [u8]) -> Option<&'a [u8]> {
        match self.body_parts.as_slice() {
            [] => Some(&[]),
            [one] => Some(one.of(raw)),
            _ => None,
        }
    }

    /// Appends the whole decoded body to `out`.
    pub fn copy_body(&self, raw: &[u8], out: &mut Vec<u8>) {
        out.reserve(self.body_len());
        self.body_parts.iter().for_each(|part| out.extend_from_slice(part.of(raw)));
    }

    pub(crate) fn clear(&mut self) {
        let (mut headers, mut parts) = (std::mem::take(&mut self.headers), std::mem::take(&mut self.body_parts));
        headers.clear();
        parts.clear();
        *self = RequestHead { headers, body_parts: parts, ..RequestHead::default() };
    }
}

impl RequestHead {
    /// The four forms of RFC 9112 3.2.
    pub(crate) fn split_target(&mut self, buf: &[u8], target: Span) -> Result<(), Reject> {
        let bytes = target.of(buf);
        let (start, end) = (target.start as usize, target.end as usize);
        self.target = target;
        (self.authority, self.query) = (Span::EMPTY, Span::EMPTY);
        let mut path = start;
        if self.method == Method::Connect {
            self.authority = target;
        } else if bytes.first() != Some(&b'/') && bytes != b"*" {
            // Absolute form; anything else is not a target.
            let scheme = memchr::memmem::find(bytes, b"://").ok_or(Reject::bad("bad request target"))?;
            let host = start + scheme + 3;
            path = buf[host..end].iter().position(|b| matches!(b, b'/' | b'?')).map_or(end, |i| host + i);
            if path == host || !bytes[..scheme].iter().all(u8::is_ascii_alphanumeric) {
                return Err(Reject::bad("bad request target"));
            }
            self.authority = Span::new(host, path);
        }
        match memchr::memchr(b'?', &buf[path..end]) {
            Some(i) => {
                self.path = Span::new(path, path + i);
                self.query = Span::new(path + i + 1, end);
            }
            None => self.path = Span::new(path, end),
        }
        Ok(())
    }

    /// Framing and persistence (RFC 9112 6.3, 9.3).
    pub(crate) fn read_fields(&mut self, buf: &[u8], require_host: bool) -> Result<(), Reject> {
        let (mut length, mut chunked, mut hosts) = (None, false, 0u32);
        let (mut close, mut keep) = (false, false);
        (self.upgrade, self.connection_upgrade, self.expect_continue) = (Upgrade::None, false, false);
        for field in &self.headers {
            let value = field.value.of(buf);
            match field.known {
                KnownHeader::ContentLength if length.is_some() => {
                    return Err(Reject::bad("two lengths"));
                }
                KnownHeader::ContentLength => {
                    length = Some(parse_length(value).ok_or(Reject::bad("bad Content-Length"))?);
                }
                KnownHeader::TransferEncoding if chunked => {
                    return Err(Reject::bad("two transfer codings"));
                }
                KnownHeader::TransferEncoding => {
                    if !value.eq_ignore_ascii_case(b"chunked") {
                        let known = value.len() > 8 && value[value.len() - 7..].eq_ignore_ascii_case(b"chunked");
                        let status = if known && list_contains(value, "chunked") { 501 } else { 400 };
                        return Err(Reject { status, reason: "unknown transfer coding" });
                    }
                    chunked = true;
                }
                KnownHeader::Connection => {
                    close |= list_contains(value, "close");
                    keep |= list_contains(value, "keep-alive");
                    self.connection_upgrade |= list_contains(value, "upgrade");
                }
                KnownHeader::Upgrade if list_contains(value, "websocket") => self.upgrade = Upgrade::WebSocket,
                KnownHeader::Upgrade if self.upgrade == Upgrade::None => self.upgrade = Upgrade::Other,
                KnownHeader::Expect => self.expect_continue |= value.eq_ignore_ascii_case(b"100-continue"),
                KnownHeader::Host => hosts += 1,
                _ => {}
            }
        }
        if hosts > 1 || (hosts == 0 && require_host && self.version == Version::Http11) {
            return Err(Reject::bad("not one Host"));
        }
        self.body = match (chunked, length) {
            (true, Some(_)) => return Err(Reject::bad("length with chunked")),
            (true, None) if self.version == Version::Http10 => {
                return Err(Reject::bad("chunked in HTTP/1.0"));
            }
            (true, None) => BodyKind::Chunked,
            (false, None | Some(0)) => BodyKind::None,
            (false, Some(n)) => BodyKind::Length(n),
        };
        self.keep_alive = !close && (self.version == Version::Http11 || keep);
        self.expect_continue &= self.version == Version::Http11 && self.body != BodyKind::None;
        Ok(())
    }
}

/// A request that is refused: answer with the status, then close.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{status}: {reason}")]
pub struct Reject {
    pub status: u16,
    /// For the log.
    pub reason: &'static str,
}

impl Reject {
    /// The verdict on a client that did not send its request in time.
    pub const TIMEOUT: Reject = Reject { status: 408, reason: "request not complete in time" };

    pub(crate) const fn bad(reason: &'static str) -> Reject {
        Reject { status: 400, reason }
    }
}

impl From<BodyError> for Reject {
    fn from(error: BodyError) -> Reject {
        match error {
            BodyError::TooLarge => Reject { status: 413, reason: "request exceeds the limit" },
            BodyError::ChunkSize => Reject::bad("bad chunk size"),
            BodyError::ChunkEnd => Reject::bad("chunk not ended by CRLF"),
            BodyError::Trailer => Reject::bad("bad trailer section"),
            BodyError::Truncated => Reject::bad("connection closed inside the body"),
        }
    }
}

/// Digits only: `+5`, `5, 5` and `0x5` are how requests are smuggled.
pub(crate) fn parse_length(value: &[u8]) -> Option<u64> {
    if value.is_empty() || value.len() > 19 || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(value.iter().fold(0, |n, b| n * 10 + u64::from(b - b'0')))
}
