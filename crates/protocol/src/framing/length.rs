//! Packets that carry their length in a fixed place, or whose length a callback knows.

use super::{FrameError, Step};
use std::fmt;

/// The format of a length field, by the letters of PHP's `pack()`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackType {
    /// `c`
    I8,
    /// `C`
    U8,
    /// `s`
    NativeI16,
    /// `S`
    NativeU16,
    /// `n`
    BigU16,
    /// `v`
    LittleU16,
    /// `l`
    NativeI32,
    /// `L`
    NativeU32,
    /// `N`
    BigU32,
    /// `V`
    LittleU32,
    /// `q`
    NativeI64,
    /// `Q`
    NativeU64,
    /// `J`
    BigU64,
    /// `P`
    LittleU64,
}

impl PackType {
    /// None for a letter that is no length format.
    pub fn parse(letter: u8) -> Option<Self> {
        Some(match letter {
            b'c' => Self::I8,
            b'C' => Self::U8,
            b's' => Self::NativeI16,
            b'S' => Self::NativeU16,
            b'n' => Self::BigU16,
            b'v' => Self::LittleU16,
            b'l' => Self::NativeI32,
            b'L' => Self::NativeU32,
            b'N' => Self::BigU32,
            b'V' => Self::LittleU32,
            b'q' => Self::NativeI64,
            b'Q' => Self::NativeU64,
            b'J' => Self::BigU64,
            b'P' => Self::LittleU64,
            _ => return None,
        })
    }

    /// Bytes of the field: 1, 2, 4 or 8.
    pub const fn size(self) -> usize {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::NativeI16 | Self::NativeU16 | Self::BigU16 | Self::LittleU16 => 2,
            Self::NativeI32 | Self::NativeU32 | Self::BigU32 | Self::LittleU32 => 4,
            Self::NativeI64 | Self::NativeU64 | Self::BigU64 | Self::LittleU64 => 8,
        }
    }

    /// Reads the field from the start of `bytes`; None when they are too few. Unsigned 64-bit
    /// values above `i64::MAX` come out negative: no packet has that length.
    pub fn read(self, bytes: &[u8]) -> Option<i64> {
        Some(match self {
            Self::I8 => i64::from(i8::from_ne_bytes(*bytes.first_chunk()?)),
            Self::U8 => i64::from(*bytes.first()?),
            Self::NativeI16 => i64::from(i16::from_ne_bytes(*bytes.first_chunk()?)),
            Self::NativeU16 => i64::from(u16::from_ne_bytes(*bytes.first_chunk()?)),
            Self::BigU16 => i64::from(u16::from_be_bytes(*bytes.first_chunk()?)),
            Self::LittleU16 => i64::from(u16::from_le_bytes(*bytes.first_chunk()?)),
            Self::NativeI32 => i64::from(i32::from_ne_bytes(*bytes.first_chunk()?)),
            Self::NativeU32 => i64::from(u32::from_ne_bytes(*bytes.first_chunk()?)),
            Self::BigU32 => i64::from(u32::from_be_bytes(*bytes.first_chunk()?)),
            Self::LittleU32 => i64::from(u32::from_le_bytes(*bytes.first_chunk()?)),
            Self::NativeI64 => i64::from_ne_bytes(*bytes.first_chunk()?),
            Self::NativeU64 => u64::from_ne_bytes(*bytes.first_chunk()?) as i64,
            Self::BigU64 => u64::from_be_bytes(*bytes.first_chunk()?) as i64,
            Self::LittleU64 => u64::from_le_bytes(*bytes.first_chunk()?) as i64,
        })
    }
}

/// `open_length_check`: packet bytes = `body_offset` + value of the field.
#[derive(Clone, Debug)]
pub struct LengthField {
    kind: PackType,
    offset: usize,
    body_offset: usize,
    max: usize,
}

impl LengthField {
    /// `offset`: where the field starts (`package_length_offset`); `body_offset`: the bytes that
    /// the field's value does not count (`package_body_offset`); `max`: `package_max_length`.
    pub fn new(kind: PackType, offset: usize, body_offset: usize, max: usize) -> Self {
        Self { kind, offset, body_offset, max }
    }

    /// See [`super::Framer::next`].
    pub fn next(&mut self, buf: &[u8]) -> Result<Step, FrameError> {
        let header = self.offset.saturating_add(self.kind.size());
        let Some(value) = buf.get(self.offset..).and_then(|field| self.kind.read(field)) else {
            return Ok(Step::NeedMore { hint: header.saturating_sub(buf.len()).max(1) });
        };
        let malformed = FrameError::Malformed { received: buf.len() };
        let value = u64::try_from(value).map_err(|_| malformed)?;
        let total = value.checked_add(self.body_offset as u64).ok_or(malformed)?;
        if total == 0 {
            return Err(FrameError::NoLength { received: buf.len() });
        }
        // A packet that ends before its own length field does would make us read it twice.
        if total < header as u64 {
            return Err(malformed);
        }
        complete(buf, total, self.max)
    }
}

/// What a length callback makes of the first bytes of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PacketLength {
    /// Too few bytes to tell (the PHP callback returned 0).
    NeedMore,
    /// The whole packet's bytes, header included (a positive return).
    Total(usize),
    /// Not this protocol: close the connection (a negative return).
    Malformed,
}

impl From<i64> for PacketLength {
    fn from(returned: i64) -> Self {
        match usize::try_from(returned) {
            Ok(0) => Self::NeedMore,
            Ok(total) => Self::Total(total),
            Err(_) => Self::Malformed,
        }
    }
}

/// `package_length_func`.
pub trait LengthFunction: Send {
    /// Looks at the start of a packet (never empty) and says its length.
    fn packet_length(&mut self, head: &[u8]) -> PacketLength;
}

impl<F: FnMut(&[u8]) -> PacketLength + Send> LengthFunction for F {
    fn packet_length(&mut self, head: &[u8]) -> PacketLength {
        self(head)
    }
}

/// Framing by a [`LengthFunction`], which is asked once a packet, not once a read.
pub struct LengthFunctionFramer {
    function: Box<dyn LengthFunction>,
    max: usize,
    total: Option<usize>,
}

impl fmt::Debug for LengthFunctionFramer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LengthFunctionFramer").field("max", &self.max).field("total", &self.total).finish()
    }
}

impl LengthFunctionFramer {
    /// `max` is `package_max_length` in bytes.
    pub fn new(function: Box<dyn LengthFunction>, max: usize) -> Self {
        Self { function, max, total: None }
    }

    /// Forgets the answer for a half-received packet.
    pub fn reset(&mut self) {
        self.total = None;
    }

    /// See [`super::Framer::next`].
    pub fn next(&mut self, buf: &[u8]) -> Result<Step, FrameError> {
        if buf.is_empty() {
            return Ok(Step::NeedMore { hint: 1 });
        }
        let total = match self.total {
            Some(total) => total,
            None => match self.function.packet_length(buf) {
                PacketLength::Total(0) | PacketLength::Malformed => {
                    return Err(FrameError::Malformed { received: buf.len() });
                }
                PacketLength::Total(total) => total,
                // A callback that never decides must not make us buffer without end.
                PacketLength::NeedMore if buf.len() >= self.max => {
                    return Err(FrameError::TooLarge { length: buf.len() as u64, max: self.max });
                }
                PacketLength::NeedMore => return Ok(Step::NeedMore { hint: 1 }),
            },
        };
        let step = complete(buf, total as u64, self.max)?;
        self.total = matches!(step, Step::NeedMore { .. }).then_some(total);
        Ok(step)
    }
}

/// A packet of `total` bytes at the start of `buf`: there, on its way, or too large.
pub(crate) fn complete(buf: &[u8], total: u64, max: usize) -> Result<Step, FrameError> {
    // Past `max` it fits no usize on small targets either: compare before converting.
    if total > max as u64 {
        return Err(FrameError::TooLarge { length: total, max });
    }
    let total = total as usize;
    Ok(if buf.len() >= total { Step::Frame(0..total) } else { Step::NeedMore { hint: total - buf.len() } })
}
