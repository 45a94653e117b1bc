//! The opening handshake (RFC 6455, section 4), over HTTP/1.1 headers that someone else parsed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};

/// What is appended to the key before hashing (RFC 6455, section 1.3).
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// `Sec-WebSocket-Accept` for a `Sec-WebSocket-Key`.
pub fn accept_key(key: &[u8]) -> String {
    let mut sha = Sha1::new();
    sha.update(key.trim_ascii());
    sha.update(GUID);
    STANDARD.encode(sha.finalize())
}

/// A client's `Sec-WebSocket-Key` from 16 random bytes.
pub fn encode_key(random: [u8; 16]) -> String {
    STANDARD.encode(random)
}

/// Why a request does not open a WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// Not a GET of HTTP/1.1.
    #[error("the handshake is not a GET request of HTTP/1.1")]
    BadMethod,
    /// `Upgrade: websocket` and `Connection: Upgrade` are not both there.
    #[error("the request asks for no upgrade to websocket")]
    NoUpgrade,
    /// A version other than 13: the answer names 13 in `Sec-WebSocket-Version`.
    #[error("the WebSocket version is not 13")]
    BadVersion,
    /// The key is missing, or not 16 bytes in base64.
    #[error("the WebSocket key is missing or wrong")]
    BadKey,
}

impl RequestError {
    /// The HTTP status of the refusal.
    pub fn status(self) -> u16 {
        match self {
            Self::BadVersion => 426,
            _ => 400,
        }
    }
}

/// Checks a request and returns the value for `Sec-WebSocket-Accept`. `header` looks a field up by
/// its lower-case name (several fields of a name joined with ", ").
///
/// # Errors
/// [`RequestError`], in the order in which the checks are made.
pub fn accept_request<'a>(
    method: &[u8],
    http_1_1: bool,
    header: impl Fn(&str) -> Option<&'a [u8]>,
) -> Result<String, RequestError> {
    if method != b"GET" || !http_1_1 {
        return Err(RequestError::BadMethod);
    }
    if !has_token(header("upgrade"), b"websocket") || !has_token(header("connection"), b"upgrade") {
        return Err(RequestError::NoUpgrade);
    }
    if header("sec-websocket-version").map(<[u8]>::trim_ascii) != Some(b"13") {
        return Err(RequestError::BadVersion);
    }
    let key = header("sec-websocket-key").map(<[u8]>::trim_ascii).ok_or(RequestError::BadKey)?;
    match STANDARD.decode(key) {
        Ok(bytes) if bytes.len() == 16 => Ok(accept_key(key)),
        _ => Err(RequestError::BadKey),
    }
}

/// The server's choice of a subprotocol: the first one the client asks for that is supported.
pub fn choose_subprotocol<'s>(requested: &[u8], supported: &[&'s str]) -> Option<&'s str> {
    list(requested).find_map(|wanted| supported.iter().find(|known| known.as_bytes() == wanted).copied())
}

/// Appends the whole 101 response. `extra`: further fields, name and value; the caller vouches
/// that they hold no line breaks.
pub fn write_response(
    out: &mut Vec<u8>,
    accept: &str,
    subprotocol: Option<&str>,
    extensions: Option<&str>,
    extra: &[(&[u8], &[u8])],
) {
    out.extend_from_slice(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ",
    );
    out.extend_from_slice(accept.as_bytes());
    out.extend_from_slice(b"\r\nSec-WebSocket-Version: 13\r\n");
    for (name, value) in [("Sec-WebSocket-Protocol", subprotocol), ("Sec-WebSocket-Extensions", extensions)] {
        if let Some(value) = value {
            field(out, name.as_bytes(), value.as_bytes());
        }
    }
    for (name, value) in extra {
        field(out, name, value);
    }
    out.extend_from_slice(b"\r\n");
}

/// Appends a client's whole request. `target` is the request target (`/chat?room=1`), `key` comes
/// from [`encode_key`].
pub fn write_request(
    out: &mut Vec<u8>,
    host: &[u8],
    target: &[u8],
    key: &str,
    subprotocols: Option<&str>,
    extensions: Option<&str>,
    extra: &[(&[u8], &[u8])],
) {
    out.extend_from_slice(b"GET ");
    out.extend_from_slice(target);
    out.extend_from_slice(b" HTTP/1.1\r\n");
    field(out, b"Host", host);
    field(out, b"Upgrade", b"websocket");
    field(out, b"Connection", b"Upgrade");
    field(out, b"Sec-WebSocket-Key", key.as_bytes());
    field(out, b"Sec-WebSocket-Version", b"13");
    for (name, value) in [("Sec-WebSocket-Protocol", subprotocols), ("Sec-WebSocket-Extensions", extensions)] {
        if let Some(value) = value {
            field(out, name.as_bytes(), value.as_bytes());
        }
    }
    for (name, value) in extra {
        field(out, name, value);
    }
    out.extend_from_slice(b"\r\n");
}

/// Why a response does not open a WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResponseError {
    /// Another status than 101.
    #[error("the server answered {0}, not 101")]
    Status(u16),
    /// The upgrade fields are missing.
    #[error("the server did not upgrade to websocket")]
    NoUpgrade,
    /// `Sec-WebSocket-Accept` does not belong to our key.
    #[error("the server's accept value is wrong")]
    BadAccept,
    /// A subprotocol that was not asked for.
    #[error("the server chose a subprotocol that was not offered")]
    BadSubprotocol,
}

/// Checks a response. `key` is what was sent; `subprotocols` is what was offered. Extensions are
/// for [`super::extension::confirm`].
///
/// # Errors
/// [`ResponseError`]; then the client closes the connection (RFC 6455, section 4.1).
pub fn check_response<'a>(
    status: u16,
    key: &str,
    subprotocols: &[u8],
    header: impl Fn(&str) -> Option<&'a [u8]>,
) -> Result<(), ResponseError> {
    if status != 101 {
        return Err(ResponseError::Status(status));
    }
    if !has_token(header("upgrade"), b"websocket") || !has_token(header("connection"), b"upgrade") {
        return Err(ResponseError::NoUpgrade);
    }
    if header("sec-websocket-accept").map(<[u8]>::trim_ascii) != Some(accept_key(key.as_bytes()).as_bytes()) {
        return Err(ResponseError::BadAccept);
    }
    match header("sec-websocket-protocol").map(<[u8]>::trim_ascii) {
        Some(chosen) if !list(subprotocols).any(|offered| offered == chosen) => Err(ResponseError::BadSubprotocol),
        _ => Ok(()),
    }
}

fn field(out: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    out.extend_from_slice(name);
    out.extend_from_slice(b": ");
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
}

fn list(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|b| *b == b',').map(<[u8]>::trim_ascii).filter(|item| !item.is_empty())
}

fn has_token(value: Option<&[u8]>, token: &[u8]) -> bool {
    value.is_some_and(|value| list(value).any(|item| item.eq_ignore_ascii_case(token)))
}
