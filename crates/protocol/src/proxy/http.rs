//! HTTP CONNECT (RFC 9110, section 9.3.6) with basic authentication.

use super::{Error, Progress};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use memchr::memmem;

/// The longest head of a proxy's answer, in bytes.
const MAX_HEAD: usize = 8192;

/// A handshake under way.
#[derive(Debug)]
pub struct HttpConnect {
    request: Vec<u8>,
}

impl HttpConnect {
    /// A tunnel to `host`, a name or an IP address (IPv6 with or without brackets).
    ///
    /// # Errors
    /// [`Error::Malformed`] when the host has bytes that would end the request's line.
    pub fn new(host: &str, port: u16, login: Option<(&[u8], &[u8])>) -> Result<Self, Error> {
        if host.is_empty() || host.bytes().any(|b| b.is_ascii_control() || b == b' ') {
            return Err(Error::Malformed);
        }
        let host = match host.parse::<std::net::Ipv6Addr>() {
            Ok(_) => format!("[{host}]:{port}"),
            Err(_) => format!("{host}:{port}"),
        };
        let mut request = format!("CONNECT {host} HTTP/1.1\r\nHost: {host}\r\nProxy-Connection: Keep-Alive\r\n").into_bytes();
        if let Some((user, password)) = login {
            let pair = [user, b":", password].concat();
            request.extend_from_slice(b"Proxy-Authorization: Basic ");
            request.extend_from_slice(STANDARD.encode(pair).as_bytes());
            request.extend_from_slice(b"\r\n");
        }
        request.extend_from_slice(b"\r\n");
        Ok(Self { request })
    }

    /// Writes the request.
    pub fn start(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.request);
    }

    /// See [the module](super).
    ///
    /// # Errors
    /// [`Error`]: no tunnel, close the connection.
    pub fn advance(&mut self, input: &[u8]) -> Result<Progress, Error> {
        let known = input.len().min(5);
        if input[..known] != b"HTTP/"[..known] {
            return Err(Error::Malformed);
        }
        let Some(end) = memmem::find(&input[..input.len().min(MAX_HEAD)], b"\r\n\r\n") else {
            if input.len() >= MAX_HEAD {
                return Err(Error::Malformed);
            }
            return Ok(Progress::Pending { consumed: 0, hint: 1 });
        };
        let status = input
            .split(|b| *b == b' ')
            .nth(1)
            .and_then(|word| word.get(..3))
            .filter(|digits| digits.iter().all(u8::is_ascii_digit))
            .and_then(|digits| std::str::from_utf8(digits).ok()?.parse::<u16>().ok())
            .ok_or(Error::Malformed)?;
        match status {
            // Any 2xx opens the tunnel, right behind the head, whatever lengths the head names.
            200..=299 => Ok(Progress::Done { consumed: end + 4 }),
            _ => Err(Error::Status(status)),
        }
    }
}
