//! HTTP/2 (RFC 9113) without sockets: the `h2` crate behind a pipe in memory.
//!
//! A session is driven by its owner, in turns:
//! 1. `push` the bytes that came;
//! 2. `next_event` until there is none, giving commands as one likes;
//! 3. `take_output` and write it: all the frames of a turn are in one piece.
//!
//! Commands work at once; what they put on the wire is there at the next `take_output`, which
//! drives the session itself. Nothing here blocks, and nothing reads a clock for its owner: the
//! time is passed to `push`.
//!
//! Flow control: received data counts against the peer's window until `release`d. Data to be sent
//! waits in the session until the peer's window and [`Settings::max_send_buffer`] have room;
//! [`Event::Drained`] says when all that was waiting has gone on.

mod client;
mod guard;
mod pipe;
mod server;
mod stream;
mod wake;

pub use client::ClientSession;
pub use h2::Reason;
pub use server::ServerSession;

use bytes::Bytes;
use http::{HeaderMap, request, response};

/// What a client sends first when it knows that the server speaks HTTP/2 (RFC 9113, section 3.4).
pub const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What this side announces, and what it allows itself. Values out of the RFC's range are moved
/// into it.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// HPACK's table for decoding, in bytes.
    pub header_table_size: u32,
    /// Streams that the peer may have open at once.
    pub max_concurrent_streams: u32,
    /// Bytes that the peer may send on a stream before any are released.
    pub initial_window_size: u32,
    /// The same for all the streams together.
    pub connection_window_size: u32,
    /// The largest frame that the peer may send, in bytes.
    pub max_frame_size: u32,
    /// The largest list of header fields, in bytes; also bounds CONTINUATION frames.
    pub max_header_list_size: u32,
    /// Bytes that a stream may hold ready for the wire.
    pub max_send_buffer: usize,
    /// Bytes of output that may wait to be taken, before the session holds back further ones.
    pub max_output: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            header_table_size: 4096,
            max_concurrent_streams: 128,
            initial_window_size: 1 << 20,
            connection_window_size: 4 << 20,
            max_frame_size: 16_384,
            max_header_list_size: 64 << 10,
            max_send_buffer: 256 << 10,
            max_output: 1 << 20,
        }
    }
}

impl Settings {
    fn window(size: u32) -> u32 {
        size.min((1 << 31) - 1)
    }

    fn frame(size: u32) -> u32 {
        size.clamp(1 << 14, (1 << 24) - 1)
    }
}

/// What happened on a session.
#[derive(Debug)]
pub enum Event {
    /// A server's request.
    Request {
        /// The stream to answer on.
        stream: u32,
        /// Method, target and fields.
        head: Box<request::Parts>,
        /// There is no body.
        end: bool,
    },
    /// A client's response.
    Response {
        /// The stream of the request.
        stream: u32,
        /// Status and fields.
        head: Box<response::Parts>,
        /// There is no body.
        end: bool,
    },
    /// A piece of a body. It counts against the window until it is released.
    Data {
        /// The stream.
        stream: u32,
        /// The piece, never empty.
        data: Bytes,
    },
    /// The fields behind the body. [`Event::End`] follows.
    Trailers {
        /// The stream.
        stream: u32,
        /// The fields.
        headers: HeaderMap,
    },
    /// The peer's side of the stream has ended. Not sent where the head said so already.
    End {
        /// The stream.
        stream: u32,
    },
    /// The stream is gone: by the peer's RST_STREAM, or with its connection.
    Reset {
        /// The stream.
        stream: u32,
        /// The error code (RFC 9113, section 7).
        code: u32,
    },
    /// All the data that had to wait is on its way.
    Drained {
        /// The stream.
        stream: u32,
    },
    /// The answer to our ping.
    Pong,
    /// The peer will take no new streams.
    GoAway {
        /// The last stream that it has looked at.
        last_stream: u32,
        /// The error code; 0 is a planned end.
        code: u32,
        /// What it adds for people to read; at most 1 KiB of it.
        debug: Bytes,
    },
    /// The connection is done; write what output is left and close it. The last event.
    Closed {
        /// None after a planned end.
        error: Option<Error>,
    },
}

/// Why a session or a command failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// An error of HTTP/2, with its code (RFC 9113, section 7).
    #[error("HTTP/2 error {code:#x} {}", if *.by_peer { "from the peer" } else { "found here" })]
    Protocol {
        /// The code.
        code: u32,
        /// The peer said so; otherwise it is the peer who broke the rules.
        by_peer: bool,
    },
    /// The connection ended in the middle.
    #[error("the connection was closed by the peer")]
    Eof,
    /// No such stream, or it has ended.
    #[error("no such stream: {0}")]
    NoStream(u32),
    /// The session is closed, or is going away.
    #[error("the session is closed")]
    SessionClosed,
    /// The command does not fit: fields that HTTP/2 forbids, a second response, a second ping.
    #[error("{0}")]
    Usage(String),
}

impl From<h2::Error> for Error {
    fn from(error: h2::Error) -> Self {
        match error.reason() {
            Some(reason) => Self::Protocol { code: reason.into(), by_peer: error.is_remote() },
            None if error.is_io() => Self::Eof,
            None => Self::Usage(error.to_string()),
        }
    }
}

impl Error {
    fn code(&self) -> u32 {
        match self {
            Self::Protocol { code, .. } => *code,
            _ => Reason::CANCEL.into(),
        }
    }
}

#[cfg(test)]
mod tests;
