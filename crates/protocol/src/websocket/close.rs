//! Close frames (RFC 6455, sections 5.5.1 and 7.4).

use super::Error;

/// Done, as planned.
pub const NORMAL: u16 = 1000;
/// The server goes down, or the browser leaves the page.
pub const GOING_AWAY: u16 = 1001;
/// The peer broke the protocol.
pub const PROTOCOL_ERROR: u16 = 1002;
/// A kind of data that cannot be taken.
pub const UNSUPPORTED: u16 = 1003;
/// No code was in the close frame; never sent.
pub const NO_STATUS: u16 = 1005;
/// The connection went without a close frame; never sent.
pub const ABNORMAL: u16 = 1006;
/// Text that is not UTF-8.
pub const INVALID_PAYLOAD: u16 = 1007;
/// Against a policy.
pub const POLICY: u16 = 1008;
/// A message above the limit.
pub const TOO_BIG: u16 = 1009;
/// The server did not accept an extension that the client needs.
pub const MISSING_EXTENSION: u16 = 1010;
/// The server failed.
pub const INTERNAL_ERROR: u16 = 1011;

/// The longest reason, in bytes: a control frame less the code.
pub const MAX_REASON: usize = 123;

/// True for the codes that may be on the wire: the RFC's and IANA's (1012 to 1014), libraries'
/// (3000 to 3999) and applications' (4000 to 4999).
pub fn is_sendable(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

/// A close frame's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CloseFrame<'a> {
    /// None when the frame was empty; then [`NO_STATUS`] is what programs are told.
    pub code: Option<u16>,
    /// A reason for people, UTF-8.
    pub reason: &'a [u8],
}

impl<'a> CloseFrame<'a> {
    /// Parses a close frame's payload and checks code and reason.
    ///
    /// # Errors
    /// [`Error::BadClose`], [`Error::InvalidUtf8`].
    pub fn parse(payload: &'a [u8]) -> Result<Self, Error> {
        match payload {
            [] => Ok(Self { code: None, reason: &[] }),
            [_] => Err(Error::BadClose),
            [high, low, reason @ ..] => {
                let code = u16::from_be_bytes([*high, *low]);
                if !is_sendable(code) {
                    return Err(Error::BadClose);
                }
                if std::str::from_utf8(reason).is_err() {
                    return Err(Error::InvalidUtf8);
                }
                Ok(Self { code: Some(code), reason })
            }
        }
    }

    /// The payload of a close frame: its bytes and how many of them count. A reason above
    /// [`MAX_REASON`] bytes is refused with None.
    pub fn payload(code: u16, reason: &[u8]) -> Option<([u8; 125], usize)> {
        let mut out = [0; 125];
        let len = 2 + reason.len();
        out.get_mut(2..len)?.copy_from_slice(reason);
        out[..2].copy_from_slice(&code.to_be_bytes());
        Some((out, len))
    }
}
