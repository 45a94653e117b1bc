//! SOCKS5 (RFC 1928) with user and password (RFC 1929).

use super::{Error, Progress};
use std::net::IpAddr;

const VERSION: u8 = 5;
const NO_AUTH: u8 = 0;
const PASSWORD: u8 = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Method,
    Auth,
    Connect,
}

/// A handshake under way.
#[derive(Debug)]
pub struct Socks5 {
    state: State,
    /// The password exchange's message.
    auth: Option<Vec<u8>>,
    connect: Vec<u8>,
}

impl Socks5 {
    /// A tunnel to `host`, a name that the proxy resolves or an IP address.
    ///
    /// # Errors
    /// [`Error::TooLong`]: each string has at most 255 bytes, and the name is not empty.
    pub fn new(host: &str, port: u16, login: Option<(&[u8], &[u8])>) -> Result<Self, Error> {
        let mut connect = vec![VERSION, 1, 0];
        match host.parse::<IpAddr>() {
            Ok(IpAddr::V4(ip)) => {
                connect.push(1);
                connect.extend_from_slice(&ip.octets());
            }
            Ok(IpAddr::V6(ip)) => {
                connect.push(4);
                connect.extend_from_slice(&ip.octets());
            }
            Err(_) if host.is_empty() => return Err(Error::TooLong),
            Err(_) => {
                connect.push(3);
                short_string(&mut connect, host.as_bytes())?;
            }
        }
        connect.extend_from_slice(&port.to_be_bytes());
        let auth = match login {
            Some((user, password)) => {
                let mut message = vec![1];
                short_string(&mut message, user)?;
                short_string(&mut message, password)?;
                Some(message)
            }
            None => None,
        };
        Ok(Self { state: State::Method, auth, connect })
    }

    /// Writes the greeting. One method is offered: the one that was configured.
    pub fn start(&mut self, out: &mut Vec<u8>) {
        self.state = State::Method;
        out.extend_from_slice(&[VERSION, 1, self.method()]);
    }

    /// See [the module](super).
    ///
    /// # Errors
    /// [`Error`]: no tunnel, close the connection.
    pub fn advance(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<Progress, Error> {
        let mut consumed = 0;
        loop {
            let rest = &input[consumed..];
            let &[version, result, ..] = rest else {
                return Ok(Progress::Pending { consumed, hint: 2 - rest.len() });
            };
            match self.state {
                State::Method => {
                    if version != VERSION {
                        return Err(Error::Version);
                    }
                    if result != self.method() {
                        return Err(Error::Method);
                    }
                    consumed += 2;
                    if let Some(auth) = &self.auth {
                        out.extend_from_slice(auth);
                        self.state = State::Auth;
                    } else {
                        out.extend_from_slice(&self.connect);
                        self.state = State::Connect;
                    }
                }
                State::Auth => {
                    if version != 1 {
                        return Err(Error::Version);
                    }
                    if result != 0 {
                        return Err(Error::Auth);
                    }
                    consumed += 2;
                    out.extend_from_slice(&self.connect);
                    self.state = State::Connect;
                }
                State::Connect => {
                    if version != VERSION {
                        return Err(Error::Version);
                    }
                    if result != 0 {
                        return Err(Error::Refused(result));
                    }
                    // The bound address is of no use here, but its length must be known.
                    let size = match rest.get(3) {
                        Some(1) => 4 + 4 + 2,
                        Some(4) => 4 + 16 + 2,
                        Some(3) => 4 + 1 + rest.get(4).map_or(0, |len| usize::from(*len)) + 2,
                        Some(_) => return Err(Error::Malformed),
                        None => 4,
                    };
                    return Ok(if rest.len() >= size && rest.len() > 4 {
                        Progress::Done { consumed: consumed + size }
                    } else {
                        Progress::Pending { consumed, hint: size.saturating_sub(rest.len()).max(1) }
                    });
                }
            }
        }
    }

    fn method(&self) -> u8 {
        if self.auth.is_some() { PASSWORD } else { NO_AUTH }
    }
}

/// What a reply code means (RFC 1928, section 6).
pub fn reason(code: u8) -> &'static str {
    match code {
        1 => "general failure",
        2 => "connection not allowed by ruleset",
        3 => "network unreachable",
        4 => "host unreachable",
        5 => "connection refused",
        6 => "TTL expired",
        7 => "command not supported",
        8 => "address type not supported",
        _ => "unknown error",
    }
}

fn short_string(out: &mut Vec<u8>, bytes: &[u8]) -> Result<(), Error> {
    out.push(u8::try_from(bytes.len()).map_err(|_| Error::TooLong)?);
    out.extend_from_slice(bytes);
    Ok(())
}
