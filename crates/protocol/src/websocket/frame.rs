//! The frame header (RFC 6455, section 5.2).

use super::{Error, mask};

/// What a frame carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Opcode {
    /// The next piece of a fragmented message.
    Continuation = 0,
    /// UTF-8 text.
    Text = 1,
    /// Any bytes.
    Binary = 2,
    /// The closing handshake.
    Close = 8,
    /// A question for a pong.
    Ping = 9,
    /// The answer to a ping, or a sign of life.
    Pong = 10,
}

impl Opcode {
    /// None for the values that the RFC reserves.
    pub fn from_u8(value: u8) -> Option<Self> {
        Some(match value {
            0 => Self::Continuation,
            1 => Self::Text,
            2 => Self::Binary,
            8 => Self::Close,
            9 => Self::Ping,
            10 => Self::Pong,
            _ => return None,
        })
    }

    /// Close, ping and pong: at most 125 bytes, never fragmented, never compressed.
    pub fn is_control(self) -> bool {
        self as u8 >= 8
    }
}

/// The longest header: 2 bytes, 8 of length, 4 of mask.
pub const MAX_HEADER: usize = 14;
/// The longest payload of a control frame.
pub const MAX_CONTROL: usize = 125;

/// A frame's header, parsed or to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHeader {
    /// The last (or only) frame of its message.
    pub fin: bool,
    /// Compressed, when permessage-deflate was negotiated.
    pub rsv1: bool,
    /// What it carries.
    pub opcode: Opcode,
    /// The masking key; clients' frames have one, servers' have none.
    pub mask: Option<[u8; 4]>,
    /// Payload bytes.
    pub len: u64,
}

impl FrameHeader {
    /// Parses a header at the start of `buf`: the header and its own size in bytes. `Ok(Err(n))`
    /// means that `n` more bytes are needed before the header is whole.
    ///
    /// # Errors
    /// Whatever makes the header wrong by itself: RSV2 or RSV3, opcode, length form, control
    /// frames that are too long or fragmented. Found as early as the bytes allow.
    pub fn parse(buf: &[u8]) -> Result<Result<(Self, usize), usize>, Error> {
        let Some(&first) = buf.first() else {
            return Ok(Err(2));
        };
        if first & 0x30 != 0 {
            return Err(Error::ReservedBits);
        }
        let opcode = Opcode::from_u8(first & 0x0f).ok_or(Error::UnknownOpcode(first & 0x0f))?;
        let fin = first & 0x80 != 0;
        let rsv1 = first & 0x40 != 0;
        if opcode.is_control() {
            if !fin {
                return Err(Error::ControlFragmented);
            }
            if rsv1 {
                return Err(Error::ReservedBits);
            }
        }
        let Some(&second) = buf.get(1) else {
            return Ok(Err(1));
        };
        let short = second & 0x7f;
        if opcode.is_control() && usize::from(short) > MAX_CONTROL {
            return Err(Error::ControlTooLong);
        }
        let masked = second & 0x80 != 0;
        let length_bytes = match short {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let size = 2 + length_bytes + if masked { 4 } else { 0 };
        let Some(header) = buf.get(..size) else {
            return Ok(Err(size - buf.len()));
        };
        let mut rest = &header[2..];
        let len = match length_bytes {
            0 => u64::from(short),
            n => {
                let (field, after) = rest.split_at(n);
                rest = after;
                let len = field.iter().fold(0u64, |len, byte| len << 8 | u64::from(*byte));
                let shortest = if n == 2 { len > 125 } else { len > 0xffff && len >> 63 == 0 };
                if !shortest {
                    return Err(Error::BadLength);
                }
                len
            }
        };
        let mask = rest.first_chunk::<4>().copied();
        Ok(Ok((Self { fin, rsv1, opcode, mask, len }, size)))
    }

    /// Writes the header to the start of `out`; returns its size in bytes.
    pub fn write(&self, out: &mut [u8; MAX_HEADER]) -> usize {
        out[0] = self.opcode as u8 | u8::from(self.fin) << 7 | u8::from(self.rsv1) << 6;
        let masked = if self.mask.is_some() { 0x80 } else { 0 };
        let mut size = 2;
        if self.len < 126 {
            out[1] = masked | self.len as u8;
        } else if let Ok(len) = u16::try_from(self.len) {
            out[1] = masked | 126;
            out[2..4].copy_from_slice(&len.to_be_bytes());
            size = 4;
        } else {
            out[1] = masked | 127;
            out[2..10].copy_from_slice(&self.len.to_be_bytes());
            size = 10;
        }
        if let Some(key) = self.mask {
            out[size..size + 4].copy_from_slice(&key);
            size += 4;
        }
        size
    }
}

/// Appends a whole frame to `out`. `mask`: None on a server; on a client a fresh random key for
/// each frame (RFC 6455, section 5.3). `header.len` is taken from `payload`.
pub fn encode(out: &mut Vec<u8>, fin: bool, rsv1: bool, opcode: Opcode, mask: Option<[u8; 4]>, payload: &[u8]) {
    let header = FrameHeader { fin, rsv1, opcode, mask, len: payload.len() as u64 };
    let mut bytes = [0; MAX_HEADER];
    let size = header.write(&mut bytes);
    out.reserve(size + payload.len());
    out.extend_from_slice(&bytes[..size]);
    let start = out.len();
    out.extend_from_slice(payload);
    if let Some(key) = mask {
        mask::apply(&mut out[start..], key, 0);
    }
}
