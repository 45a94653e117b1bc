//! Cutting a byte stream into packets: by end marker, by length field, by a callback, by MQTT's
//! own length. One interface for servers and clients; nothing is copied, packets are ranges.
//!
//! ```
//! use protocol::framing::{Framer, LengthField, PackType, Step};
//! let mut framer = Framer::length(LengthField::new(PackType::BigU16, 0, 2, 1024));
//! let buf = b"\x00\x02hi\x00\x03you\x00";
//! let mut at = 0;
//! let mut packets = Vec::new();
//! while let Step::Frame(range) = framer.next(&buf[at..]).unwrap() {
//!     packets.push(&buf[at + range.start..at + range.end]);
//!     at += range.end;
//! }
//! assert_eq!(packets, [&b"\x00\x02hi"[..], b"\x00\x03you"]);
//! assert_eq!(&buf[at..], b"\x00");
//! ```

pub mod eof;
pub mod length;

pub use eof::{Eof, EofCheck, EofSplit};
pub use length::{LengthField, LengthFunction, LengthFunctionFramer, PackType, PacketLength};

use crate::mqtt;
use std::ops::Range;

/// What a framer found at the start of the bytes it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// One whole packet, markers and headers included. It starts at 0; the caller consumes
    /// `range.end` bytes and asks again with the rest.
    Frame(Range<usize>),
    /// No whole packet yet. At least `hint` bytes more are needed (never 0). The next call must
    /// pass the same bytes again with more behind them.
    NeedMore {
        /// A lower bound of the missing bytes, for sizing the next read.
        hint: usize,
    },
}

/// Why a connection cannot be framed any further. All are the peer's fault; the connection closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The packet, announced or accumulated, exceeds `package_max_length`.
    #[error("the received packet length {length} is too large, the limit is {max}")]
    TooLarge {
        /// Announced or accumulated bytes.
        length: u64,
        /// The limit.
        max: usize,
    },
    /// The length field (or the callback) gives a length that cannot be.
    #[error("received {received} bytes of malformed data")]
    Malformed {
        /// Bytes that were at hand.
        received: usize,
    },
    /// The header is there in full and says that the packet has no bytes at all.
    #[error("no length found in {received} bytes")]
    NoLength {
        /// Bytes that were at hand.
        received: usize,
    },
}

/// A connection's framing, chosen once from its settings.
#[derive(Debug)]
pub enum Framer {
    /// No framing: whatever arrived is a packet.
    Raw,
    /// `open_eof_check`: the buffer is a packet once it *ends* with the marker.
    EofCheck(EofCheck),
    /// `open_eof_split`: each marker ends a packet.
    EofSplit(EofSplit),
    /// `open_length_check` with a field.
    Length(LengthField),
    /// `open_length_check` with `package_length_func`.
    Function(LengthFunctionFramer),
    /// `open_mqtt_protocol`.
    Mqtt(mqtt::PacketFramer),
}

impl Framer {
    /// `open_eof_check`.
    pub fn eof_check(eof: Eof, max: usize) -> Self {
        Self::EofCheck(EofCheck::new(eof, max))
    }

    /// `open_eof_split`, and what clients do for `open_eof_check`.
    pub fn eof_split(eof: Eof, max: usize) -> Self {
        Self::EofSplit(EofSplit::new(eof, max))
    }

    /// `open_length_check` with a length field.
    pub fn length(field: LengthField) -> Self {
        Self::Length(field)
    }

    /// `open_length_check` with a callback.
    pub fn function(function: Box<dyn LengthFunction>, max: usize) -> Self {
        Self::Function(LengthFunctionFramer::new(function, max))
    }

    /// `open_mqtt_protocol`.
    pub fn mqtt(max: usize) -> Self {
        Self::Mqtt(mqtt::PacketFramer::new(max))
    }

    /// Looks for a packet at the start of `buf`.
    ///
    /// # Errors
    /// [`FrameError`] when the stream cannot be followed any further.
    pub fn next(&mut self, buf: &[u8]) -> Result<Step, FrameError> {
        match self {
            Self::Raw if buf.is_empty() => Ok(Step::NeedMore { hint: 1 }),
            Self::Raw => Ok(Step::Frame(0..buf.len())),
            Self::EofCheck(f) => f.next(buf),
            Self::EofSplit(f) => f.next(buf),
            Self::Length(f) => f.next(buf),
            Self::Function(f) => f.next(buf),
            Self::Mqtt(f) => f.next(buf),
        }
    }

    /// Iterates over the whole packets in `buf`, as ranges of `buf`; ends at the first step that
    /// is not a packet. [`Frames::consumed`] then says how much of `buf` is done with.
    pub fn frames<'a>(&'a mut self, buf: &'a [u8]) -> Frames<'a> {
        Frames { framer: self, buf, at: 0, end: None }
    }

    /// Forgets what was learnt of a half-received packet, for a connection that is used anew.
    pub fn reset(&mut self) {
        match self {
            Self::EofSplit(f) => f.reset(),
            Self::Function(f) => f.reset(),
            Self::Raw | Self::EofCheck(_) | Self::Length(_) | Self::Mqtt(_) => {}
        }
    }
}

/// See [`Framer::frames`].
#[derive(Debug)]
pub struct Frames<'a> {
    framer: &'a mut Framer,
    buf: &'a [u8],
    at: usize,
    end: Option<Result<usize, FrameError>>,
}

impl Frames<'_> {
    /// Bytes of the buffer that the packets so far took.
    pub fn consumed(&self) -> usize {
        self.at
    }

    /// After the last packet: the hint of how many bytes are missing, or the error.
    ///
    /// # Errors
    /// The error that ended the iteration.
    pub fn finish(self) -> Result<usize, FrameError> {
        self.end.unwrap_or(Ok(1))
    }
}

impl Iterator for Frames<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        if self.end.is_some() {
            return None;
        }
        match self.framer.next(&self.buf[self.at..]) {
            Ok(Step::Frame(range)) => {
                let found = self.at + range.start..self.at + range.end;
                self.at = found.end;
                Some(found)
            }
            Ok(Step::NeedMore { hint }) => {
                self.end = Some(Ok(hint));
                None
            }
            Err(error) => {
                self.end = Some(Err(error));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests;
