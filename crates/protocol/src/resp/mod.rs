//! The Redis serialization protocol. On the server's side requests in (arrays of bulk strings, or inline
//! commands as one types them into telnet) and replies out; on the client's the other way round.

pub mod client;
pub mod reply;
pub mod request;

pub use request::{Limits, RequestParser, Step};

/// Why a connection's requests cannot be followed any further; it is answered with
/// [`reply::error`] and closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// An array's count is no number, or above the limit.
    #[error("ERR Protocol error: invalid multibulk length")]
    BadCount,
    /// A bulk string's length is no number, or above the limit.
    #[error("ERR Protocol error: invalid bulk length")]
    BadBulkLength,
    /// An argument is neither a bulk string nor an integer.
    #[error("ERR Protocol error: expected '$', got '{}'", .0.escape_ascii())]
    ExpectedBulk(u8),
    /// A bulk string is not followed by CRLF.
    #[error("ERR Protocol error: a bulk string has no end")]
    MissingEnd,
    /// An inline command with a quote that stays open.
    #[error("ERR Protocol error: unbalanced quotes in request")]
    UnbalancedQuotes,
    /// A line without an end, or a request above the limit.
    #[error("ERR Protocol error: too big request")]
    TooLarge,
}

#[cfg(test)]
mod tests;
