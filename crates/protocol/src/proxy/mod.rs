//! The client's side of reaching a server through a proxy: SOCKS5 and HTTP CONNECT.
//!
//! Both work alike: `start` writes the first bytes; then each time bytes come, `advance` says how
//! many of them it took, writes what is to be sent, and whether the tunnel is open. Bytes that it
//! did not take are the target's first ones.

pub mod http;
pub mod socks5;

pub use http::HttpConnect;
pub use socks5::Socks5;

/// How far a handshake is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Send what was written, drop `consumed` bytes, and read at least `hint` more.
    Pending {
        /// Bytes of the input that are done with.
        consumed: usize,
        /// A lower bound of the missing bytes.
        hint: usize,
    },
    /// The tunnel is open; the input's bytes past `consumed` come from the target.
    Done {
        /// Bytes of the input that are done with.
        consumed: usize,
    },
}

/// Why there is no tunnel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The proxy does not speak SOCKS5 (or not version 1 of its password exchange).
    #[error("SOCKS version is not supported")]
    Version,
    /// The proxy does not take the authentication that was offered.
    #[error("SOCKS authentication method is not supported")]
    Method,
    /// User or password are wrong.
    #[error("SOCKS username/password authentication failed")]
    Auth,
    /// The proxy cannot reach the target: SOCKS5's reply code (RFC 1928, section 6).
    #[error("SOCKS5 server error: {}", socks5::reason(*.0))]
    Refused(u8),
    /// The HTTP proxy answered with another status than 2xx.
    #[error("the proxy answered with status {0}")]
    Status(u16),
    /// The answer is not of the protocol.
    #[error("the proxy's answer is not well formed")]
    Malformed,
    /// User, password or target are too long for the protocol.
    #[error("user, password or host are too long for the proxy protocol")]
    TooLong,
}

#[cfg(test)]
mod tests;
