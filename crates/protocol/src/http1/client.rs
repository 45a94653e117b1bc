//! The client's side of HTTP/1: requests into a buffer, response heads out of one.

use std::mem::MaybeUninit;

use super::body::{BodyDecoder, BodyKind};
use super::head::parse_length;
use super::header::{HeaderSpan, KnownHeader, Span, is_safe_value, is_token, list_contains};
use super::method::{Method, Upgrade, Version};
use super::response::{EncodeError, push_field};
use super::status;

/// What a response head may weigh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientLimits {
    /// Status line and header fields, bytes.
    pub max_head: u32,
    pub max_headers: u16,
}

impl Default for ClientLimits {
    fn default() -> ClientLimits {
        ClientLimits { max_head: 256 * 1024, max_headers: 512 }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    #[error("not an HTTP/1 response")]
    NotHttp,
    #[error("malformed response head")]
    Malformed,
    #[error("response head exceeds the limit")]
    TooLarge,
    #[error("contradictory or malformed Content-Length")]
    Length,
}

/// A parsed response head; spans are offsets into the buffer it was parsed from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseHead {
    pub version: Version,
    pub status: u16,
    pub reason: Span,
    /// In order, repeated ones (`set-cookie`) included.
    pub headers: Vec<HeaderSpan>,
    /// Where the body, or the protocol upgraded to, starts.
    pub head_len: u32,
    pub body: BodyKind,
    /// The connection can take another request once the body is read.
    pub keep_alive: bool,
    /// What a 101 switched to.
    pub upgrade: Upgrade,
}

impl ResponseHead {
    /// The first field of that kind.
    pub fn known<'a>(&self, raw: &'a [u8], known: KnownHeader) -> Option<&'a [u8]> {
        self.headers.iter().find(|h| h.known == known).map(|h| h.value.of(raw))
    }

    /// A decoder of the body, which follows the head; `limit` in decoded bytes.
    pub fn body_decoder(&self, limit: u64) -> BodyDecoder {
        BodyDecoder::new(self.body, limit).lenient()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientProgress {
    Incomplete,
    /// A 1xx before the response proper: drop `consumed` bytes and parse on.
    Interim {
        status: u16,
        consumed: usize,
    },
    /// [`ResponseParser::head`] is there.
    Head,
}

/// Incremental parser of response heads.
#[derive(Debug, Clone)]
pub struct ResponseParser {
    limits: ClientLimits,
    /// Of the request: HEAD and CONNECT change what follows the head.
    method: Option<Method>,
    head: ResponseHead,
    scanned: usize,
}

impl ResponseParser {
    /// `method`: the request's, None for one that [`Method`] does not know.
    pub fn new(limits: ClientLimits, method: Option<Method>) -> ResponseParser {
        let head = ResponseHead {
            version: Version::Http11,
            status: 0,
            reason: Span::EMPTY,
            headers: Vec::new(),
            head_len: 0,
            body: BodyKind::None,
            keep_alive: false,
            upgrade: Upgrade::None,
        };
        ResponseParser { limits, method, head, scanned: 0 }
    }

    /// Makes ready for the next response on the connection.
    pub fn reset(&mut self, method: Option<Method>) {
        (self.method, self.scanned) = (method, 0);
    }

    /// Valid after [`ClientProgress::Head`].
    pub fn head(&self) -> &ResponseHead {
        &self.head
    }

    /// `buf` starts with the response's first byte and only grows until a verdict.
    pub fn parse_head(&mut self, buf: &[u8]) -> Result<ClientProgress, ClientError> {
        let prefix = buf.len().min(7);
        if buf[..prefix] != b"HTTP/1."[..prefix] {
            return Err(ClientError::NotHttp);
        }
        // Tokenizing waits for the empty line, or single bytes would cost O(n²).
        let from = self.scanned.saturating_sub(2);
        self.scanned = buf.len();
        let ended =
            memchr::memchr_iter(b'\n', &buf[from..]).any(|i| matches!(&buf[from + i + 1..], [b'\n', ..] | [b'\r', b'\n', ..]));
        if !ended {
            let full = buf.len() > self.limits.max_head as usize;
            return if full { Err(ClientError::TooLarge) } else { Ok(ClientProgress::Incomplete) };
        }
        let mut inline = [const { MaybeUninit::uninit() }; 64];
        let parsed = match self.tokenize(buf, &mut inline) {
            Err(httparse::Error::TooManyHeaders) if self.limits.max_headers > 64 => {
                self.tokenize(buf, &mut vec![MaybeUninit::uninit(); self.limits.max_headers as usize])
            }
            other => other,
        };
        let len = match parsed {
            Ok(Some(len)) if len > self.limits.max_head as usize => {
                return Err(ClientError::TooLarge);
            }
            Ok(Some(len)) => len,
            Ok(None) => return Ok(ClientProgress::Incomplete),
            Err(httparse::Error::TooManyHeaders) => return Err(ClientError::TooLarge),
            Err(_) => return Err(ClientError::Malformed),
        };
        let status = self.head.status;
        if (100..200).contains(&status) && status != 101 {
            self.scanned = 0;
            return Ok(ClientProgress::Interim { status, consumed: len });
        }
        self.head.head_len = len as u32;
        self.head.read_fields(buf, self.method)?;
        Ok(ClientProgress::Head)
    }

    fn tokenize<'b>(
        &mut self,
        buf: &'b [u8],
        fields: &mut [MaybeUninit<httparse::Header<'b>>],
    ) -> Result<Option<usize>, httparse::Error> {
        let mut config = httparse::ParserConfig::default();
        config.allow_spaces_after_header_name_in_responses(true);
        config.allow_multiple_spaces_in_response_status_delimiters(true);
        let mut response = httparse::Response::new(&mut []);
        let status = config.parse_response_with_uninit_headers(&mut response, buf, fields)?;
        let httparse::Status::Complete(len) = status else {
            return Ok(None);
        };
        self.head.version = if response.version == Some(0) { Version::Http10 } else { Version::Http11 };
        self.head.status = response.code.unwrap_or_default();
        self.head.reason = Span::within(buf, response.reason.unwrap_or_default().as_bytes());
        self.head.headers.clear();
        self.head.headers.extend(response.headers.iter().map(|field| HeaderSpan {
            known: KnownHeader::classify(field.name.as_bytes()),
            name: Span::within(buf, field.name.as_bytes()),
            value: Span::within(buf, field.value),
        }));
        Ok(Some(len))
    }
}

impl ResponseHead {
    /// RFC 9112 6.3, from the client's side.
    fn read_fields(&mut self, buf: &[u8], method: Option<Method>) -> Result<(), ClientError> {
        let (mut length, mut coded, mut chunked) = (None, false, false);
        let (mut close, mut keep) = (false, false);
        self.upgrade = Upgrade::None;
        for field in &self.headers {
            let value = field.value.of(buf);
            match field.known {
                KnownHeader::ContentLength => {
                    // Some servers repeat it, or a proxy joins the repeats; if they agree, fine.
                    for item in value.split(|&b| b == b',') {
                        let n = parse_length(item.trim_ascii()).ok_or(ClientError::Length)?;
                        if length.replace(n).is_some_and(|before| before != n) {
                            return Err(ClientError::Length);
                        }
                    }
                }
                KnownHeader::TransferEncoding => {
                    coded = true;
                    let last = value.rsplit(|&b| b == b',').next().unwrap_or_default();
                    chunked = last.trim_ascii().eq_ignore_ascii_case(b"chunked");
                }
                KnownHeader::Connection => {
                    close |= list_contains(value, "close");
                    keep |= list_contains(value, "keep-alive");
                }
                KnownHeader::Upgrade if self.status == 101 => {
                    let websocket = list_contains(value, "websocket");
                    self.upgrade = if websocket { Upgrade::WebSocket } else { Upgrade::Other };
                }
                _ => {}
            }
        }
        let tunnel = method == Some(Method::Connect) && (200..300).contains(&self.status);
        self.body = if method == Some(Method::Head) || tunnel || !status::allows_body(self.status) {
            BodyKind::None
        } else if coded {
            if chunked { BodyKind::Chunked } else { BodyKind::UntilClose }
        } else {
            match length {
                Some(0) => BodyKind::None,
                Some(n) => BodyKind::Length(n),
                None => BodyKind::UntilClose,
            }
        };
        self.keep_alive = !close && (keep || self.version == Version::Http11) && self.body != BodyKind::UntilClose;
        Ok(())
    }
}

/// Writes one request head. Dropped before [`RequestEncoder::finish`], it takes back what it wrote.
#[derive(Debug)]
pub struct RequestEncoder<'o> {
    out: &'o mut Vec<u8>,
    start: usize,
    finished: bool,
}

impl<'o> RequestEncoder<'o> {
    /// [`EncodeError::Name`]: the method is no token. [`EncodeError::Value`]: the target is empty
    /// or holds white space or control characters.
    pub fn begin(out: &'o mut Vec<u8>, method: &[u8], target: &[u8]) -> Result<RequestEncoder<'o>, EncodeError> {
        if !is_token(method) {
            return Err(EncodeError::Name);
        }
        if target.is_empty() || target.iter().any(|b| *b <= b' ' || *b == 0x7f) {
            return Err(EncodeError::Value);
        }
        let start = out.len();
        out.reserve(method.len() + target.len() + 12);
        out.extend_from_slice(method);
        out.push(b' ');
        out.extend_from_slice(target);
        out.extend_from_slice(b" HTTP/1.1\r\n");
        Ok(RequestEncoder { out, start, finished: false })
    }

    /// One field, white space around the value dropped.
    pub fn header(&mut self, name: &[u8], value: &[u8]) -> Result<(), EncodeError> {
        if !is_token(name) {
            return Err(EncodeError::Name);
        }
        let value = value.trim_ascii();
        if !is_safe_value(value) {
            return Err(EncodeError::Value);
        }
        push_field(self.out, name, value);
        Ok(())
    }

    /// Ends the head; a body follows by whatever framing the fields announced.
    pub fn finish(mut self) {
        self.finished = true;
        self.out.extend_from_slice(b"\r\n");
    }
}

impl Drop for RequestEncoder<'_> {
    fn drop(&mut self) {
        if !self.finished {
            self.out.truncate(self.start);
        }
    }
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
