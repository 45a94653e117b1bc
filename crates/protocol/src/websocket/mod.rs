//! WebSocket: RFC 6455 frames and handshake, RFC 7692 permessage-deflate.
//!
//! [`Decoder`] turns a connection's read buffer into messages, in place; [`frame::encode`] and
//! [`Encoder`] write frames behind one another into one output buffer.

pub mod close;
pub mod decode;
pub mod deflate;
pub mod encode;
pub mod extension;
pub mod frame;
pub mod handshake;
pub mod mask;
pub mod utf8;

pub use close::CloseFrame;
pub use decode::{Config, Decoder, Frame, MaskRule, Payload, Step};
pub use deflate::{Deflater, Inflater};
pub use encode::Encoder;
pub use extension::{DeflateParams, DeflatePolicy};
pub use frame::{FrameHeader, Opcode};

/// Why a WebSocket connection fails (RFC 6455, section 7.1.7). All are the peer's fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A reserved bit is set that no extension gave a meaning to.
    #[error("reserved bits are set without an extension")]
    ReservedBits,
    /// An opcode that the RFC leaves undefined.
    #[error("unknown opcode {0}")]
    UnknownOpcode(u8),
    /// A length that is not in its shortest form, or above 2^63-1.
    #[error("the payload length is not well formed")]
    BadLength,
    /// A control frame of more than 125 bytes.
    #[error("a control frame is longer than 125 bytes")]
    ControlTooLong,
    /// A control frame without FIN.
    #[error("a control frame is fragmented")]
    ControlFragmented,
    /// A client's frame without a mask.
    #[error("a frame of a client is not masked")]
    MaskMissing,
    /// A server's frame with a mask.
    #[error("a frame of a server is masked")]
    MaskForbidden,
    /// A continuation frame while no message is open.
    #[error("a continuation frame without a message to continue")]
    UnexpectedContinuation,
    /// A new data frame while a message is open.
    #[error("a new message inside a fragmented one")]
    ContinuationExpected,
    /// The message exceeds the limit, before or after inflating.
    #[error("the message is larger than {max} bytes")]
    TooBig {
        /// The limit in bytes.
        max: usize,
    },
    /// Text (or a close reason) that is not UTF-8.
    #[error("text is not valid UTF-8")]
    InvalidUtf8,
    /// A close frame with a payload of one byte, or with a code that must not be sent.
    #[error("the close frame is not well formed")]
    BadClose,
    /// Compressed data that does not inflate.
    #[error("compressed data is not well formed")]
    BadDeflate,
}

impl Error {
    /// The code for the close frame that answers this (RFC 6455, section 7.4.1).
    pub fn close_code(self) -> u16 {
        match self {
            Self::TooBig { .. } => close::TOO_BIG,
            Self::InvalidUtf8 => close::INVALID_PAYLOAD,
            _ => close::PROTOCOL_ERROR,
        }
    }
}

#[cfg(test)]
mod tests;
