//! MQTT packet framing (MQTT 3.1.1 and 5.0, section 2.1: the fixed header).

use crate::framing::length::complete;
use crate::framing::{FrameError, Step};

/// The most bytes that the "remaining length" may take.
pub const MAX_LENGTH_BYTES: usize = 4;

/// Cuts a stream into MQTT control packets.
#[derive(Clone, Debug)]
pub struct PacketFramer {
    max: usize,
}

impl PacketFramer {
    /// `max` is `package_max_length` in bytes, header included.
    pub fn new(max: usize) -> Self {
        Self { max }
    }

    /// See [`crate::framing::Framer::next`].
    pub fn next(&mut self, buf: &[u8]) -> Result<Step, FrameError> {
        match packet_length(buf)? {
            Some(total) => complete(buf, total as u64, self.max),
            None => Ok(Step::NeedMore { hint: 2usize.saturating_sub(buf.len()).max(1) }),
        }
    }
}

/// The whole length, in bytes, of the packet that starts `buf`; None when its header is not all
/// there yet.
///
/// # Errors
/// [`FrameError::Malformed`] when the length goes on past its fourth byte.
pub fn packet_length(buf: &[u8]) -> Result<Option<usize>, FrameError> {
    let mut length = 0usize;
    for (index, byte) in buf.iter().skip(1).take(MAX_LENGTH_BYTES).enumerate() {
        length |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Ok(Some(1 + index + 1 + length));
        }
    }
    if buf.len() > MAX_LENGTH_BYTES {
        return Err(FrameError::Malformed { received: buf.len() });
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_at_the_borders_of_the_specification() {
        // MQTT 3.1.1, table 2.4.
        for (bytes, length) in [
            (&[0x00][..], 0usize),
            (&[0x7f], 127),
            (&[0x80, 0x01], 128),
            (&[0xff, 0x7f], 16_383),
            (&[0x80, 0x80, 0x01], 16_384),
            (&[0xff, 0xff, 0x7f], 2_097_151),
            (&[0x80, 0x80, 0x80, 0x01], 2_097_152),
            (&[0xff, 0xff, 0xff, 0x7f], 268_435_455),
        ] {
            let mut packet = vec![0x30];
            packet.extend_from_slice(bytes);
            assert_eq!(packet_length(&packet), Ok(Some(packet.len() + length)));
            for cut in 0..packet.len() {
                assert_eq!(packet_length(&packet[..cut]), Ok(None));
            }
        }
    }

    #[test]
    fn a_fifth_length_byte_is_malformed() {
        assert!(packet_length(&[0x10, 0x80, 0x80, 0x80, 0x80]).is_err());
        assert!(packet_length(&[0x10, 0x80, 0x80, 0x80, 0x80, 0x01]).is_err());
    }

    #[test]
    fn pipelined_packets() {
        let mut framer = PacketFramer::new(64);
        // PINGREQ, then PUBLISH of three bytes, then half of a header.
        let buf = [0xc0, 0x00, 0x30, 0x03, 1, 2, 3, 0x30];
        assert_eq!(framer.next(&buf), Ok(Step::Frame(0..2)));
        assert_eq!(framer.next(&buf[2..]), Ok(Step::Frame(0..5)));
        assert_eq!(framer.next(&buf[7..]), Ok(Step::NeedMore { hint: 1 }));
        assert_eq!(framer.next(&[0x30, 63]), Err(FrameError::TooLarge { length: 65, max: 64 }));
    }
}
