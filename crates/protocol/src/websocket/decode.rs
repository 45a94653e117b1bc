//! From a connection's read buffer to messages: unmasking in place, joining fragments, inflating,
//! checking text, with limits.

use super::deflate::Inflater;
use super::utf8::Utf8Validator;
use super::{CloseFrame, Error, FrameHeader, Opcode, mask};
use std::ops::Range;

/// Whether the peer's frames have to be masked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MaskRule {
    /// On a server: clients must mask (RFC 6455, section 5.1).
    Required,
    /// On a client: servers must not.
    Forbidden,
    /// Either.
    Any,
}

/// A [`Decoder`]'s settings.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// Whether the peer's frames have to be masked.
    pub mask: MaskRule,
    /// The largest message, in bytes: of a frame, of joined fragments, and after inflating.
    pub max_message: usize,
    /// Whether text must be UTF-8 (RFC 6455, section 8.1).
    pub check_utf8: bool,
    /// Join fragments to one message; otherwise each frame is delivered as it comes.
    pub join: bool,
}

impl Config {
    /// A server's side, strict in everything.
    pub fn server(max_message: usize) -> Self {
        Self { mask: MaskRule::Required, max_message, check_utf8: true, join: true }
    }

    /// A client's side, strict in everything.
    pub fn client(max_message: usize) -> Self {
        Self { mask: MaskRule::Forbidden, ..Self::server(max_message) }
    }
}

/// Where a frame's payload is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// In the buffer that was passed to [`Decoder::next`], unmasked.
    InPlace(Range<usize>),
    /// In [`Decoder::message`], until the next call: joined or inflated.
    Assembled,
}

/// A whole message, a control frame, or (without [`Config::join`]) a fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// What it carries. Of a joined message the first fragment's.
    pub opcode: Opcode,
    /// False only for fragments without [`Config::join`].
    pub fin: bool,
    /// Whether it came compressed (the payload is inflated already).
    pub compressed: bool,
    /// Whether it came masked. Of a joined message its last fragment.
    pub masked: bool,
    /// Where the payload is.
    pub payload: Payload,
}

/// What [`Decoder::next`] made of the buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A frame; `consumed` bytes of the buffer are done with, once its payload was read.
    Frame {
        /// The frame.
        frame: Frame,
        /// Bytes from the start of the buffer, the payload among them.
        consumed: usize,
    },
    /// Nothing whole any more: drop `consumed` bytes (fragments that were kept), then read at
    /// least `hint` more. What stays in the buffer is partly unmasked already: it must be passed
    /// again as it is.
    NeedMore {
        /// Bytes from the start of the buffer that are done with.
        consumed: usize,
        /// A lower bound of the missing bytes.
        hint: usize,
    },
}

/// The frame whose payload has not come in full.
#[derive(Clone, Copy, Debug)]
struct Pending {
    header: FrameHeader,
    /// Bytes of the header itself.
    size: usize,
    /// Payload bytes that are unmasked and checked.
    done: usize,
}

/// The message that is open between its first and its last fragment.
#[derive(Clone, Copy, Debug)]
struct Open {
    opcode: Opcode,
    compressed: bool,
}

/// A connection's receiving side.
#[derive(Debug)]
pub struct Decoder {
    config: Config,
    inflater: Option<Inflater>,
    pending: Option<Pending>,
    open: Option<Open>,
    utf8: Utf8Validator,
    message: Vec<u8>,
    /// `message` was handed out and is cleared at the next call.
    delivered: bool,
}

impl Decoder {
    /// `inflater`: present when permessage-deflate was negotiated.
    pub fn new(config: Config, inflater: Option<Inflater>) -> Self {
        Self {
            config,
            inflater,
            pending: None,
            open: None,
            utf8: Utf8Validator::default(),
            message: Vec::new(),
            delivered: false,
        }
    }

    /// The payload of the frame that was just delivered with [`Payload::Assembled`].
    pub fn message(&self) -> &[u8] {
        &self.message
    }

    /// The same, without a copy; the decoder's buffer starts anew.
    pub fn take_message(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.message)
    }

    /// A frame's payload, wherever it is. `buf` is the one that [`Decoder::next`] was given.
    pub fn payload<'a>(&'a self, frame: &Frame, buf: &'a [u8]) -> &'a [u8] {
        match &frame.payload {
            Payload::InPlace(range) => buf.get(range.clone()).unwrap_or_default(),
            Payload::Assembled => &self.message,
        }
    }

    /// Looks for the next frame at the start of `buf`. A lone uncompressed frame costs no
    /// allocation and no copy.
    ///
    /// # Errors
    /// The connection has failed: answer with [`Error::close_code`] and close.
    pub fn next(&mut self, buf: &mut [u8]) -> Result<Step, Error> {
        if self.delivered {
            self.delivered = false;
            // A rare huge message must not hold its memory as long as its connection lives.
            if self.message.capacity() > 64 * 1024 {
                self.message = Vec::new();
            } else {
                self.message.clear();
            }
        }
        let mut consumed = 0;
        loop {
            let rest = &mut buf[consumed..];
            let mut pending = match self.pending.take() {
                Some(pending) => pending,
                None => match FrameHeader::parse(rest)? {
                    Ok((header, size)) => {
                        self.admit(&header)?;
                        Pending { header, size, done: 0 }
                    }
                    Err(hint) => {
                        return Ok(Step::NeedMore { consumed, hint });
                    }
                },
            };
            let header = pending.header;
            // INVARIANT: `admit` compared the length with max_message, a usize.
            let len = header.len as usize;
            let here = rest.len().saturating_sub(pending.size).min(len);
            let validates = self.validates(&header);
            let start = pending.size + pending.done;
            if let Some(fresh) = rest.get_mut(start..pending.size + here) {
                if let Some(key) = header.mask {
                    mask::apply(fresh, key, pending.done);
                }
                if validates && !self.utf8.push(fresh) {
                    return Err(Error::InvalidUtf8);
                }
                pending.done = here;
            }
            if here < len {
                self.pending = Some(pending);
                return Ok(Step::NeedMore { consumed, hint: len - here });
            }
            if validates && header.fin {
                if !self.utf8.is_complete() {
                    return Err(Error::InvalidUtf8);
                }
                self.utf8.reset();
            }
            let body = consumed + pending.size..consumed + pending.size + len;
            consumed = body.end;
            if let Some(frame) = self.finish(&header, &buf[body.clone()], body)? {
                return Ok(Step::Frame { frame, consumed });
            }
        }
    }

    /// Checks a header against the connection's state, before any of its payload is awaited.
    fn admit(&mut self, header: &FrameHeader) -> Result<(), Error> {
        match (self.config.mask, header.mask) {
            (MaskRule::Required, None) => return Err(Error::MaskMissing),
            (MaskRule::Forbidden, Some(_)) => return Err(Error::MaskForbidden),
            _ => {}
        }
        if header.opcode.is_control() {
            return Ok(());
        }
        match (header.opcode, self.open) {
            (Opcode::Continuation, None) => return Err(Error::UnexpectedContinuation),
            // Only a message's first frame says whether it is compressed (RFC 7692, section 6).
            (Opcode::Continuation, Some(_)) if header.rsv1 => return Err(Error::ReservedBits),
            (Opcode::Continuation, Some(_)) => {}
            (_, Some(_)) => return Err(Error::ContinuationExpected),
            (_, None) if header.rsv1 && self.inflater.is_none() => return Err(Error::ReservedBits),
            (opcode, None) => {
                self.open = Some(Open { opcode, compressed: header.rsv1 });
                self.utf8.reset();
            }
        }
        let max = self.config.max_message;
        let joined = if self.config.join { self.message.len() } else { 0 };
        if header.len > max.saturating_sub(joined) as u64 {
            return Err(Error::TooBig { max });
        }
        Ok(())
    }

    /// Whether this frame's bytes, as they are on the wire, are text to check.
    fn validates(&self, header: &FrameHeader) -> bool {
        self.config.check_utf8
            && !header.opcode.is_control()
            && matches!(self.open, Some(Open { opcode: Opcode::Text, compressed: false }))
    }

    /// A frame is whole. None when it is a fragment to keep.
    fn finish(&mut self, header: &FrameHeader, body: &[u8], range: Range<usize>) -> Result<Option<Frame>, Error> {
        let FrameHeader { fin, opcode, .. } = *header;
        let masked = header.mask.is_some();
        if opcode.is_control() {
            if opcode == Opcode::Close {
                match CloseFrame::parse(body) {
                    Err(Error::InvalidUtf8) if !self.config.check_utf8 => {}
                    other => drop(other?),
                }
            }
            return Ok(Some(Frame { opcode, fin, compressed: false, masked, payload: Payload::InPlace(range) }));
        }
        // INVARIANT: `admit` opened the message; a data frame never gets here without one.
        let Some(open) = self.open else {
            return Err(Error::UnexpectedContinuation);
        };
        if fin {
            self.open = None;
        }
        let frame = Frame {
            opcode: if self.config.join { open.opcode } else { opcode },
            fin,
            compressed: open.compressed,
            masked,
            payload: Payload::Assembled,
        };
        if open.compressed {
            self.inflate(open, body, fin)?;
        } else if !self.config.join || opcode != Opcode::Continuation && fin {
            return Ok(Some(Frame { payload: Payload::InPlace(range), ..frame }));
        } else {
            self.message.extend_from_slice(body);
        }
        if !fin && self.config.join {
            return Ok(None);
        }
        self.delivered = true;
        Ok(Some(frame))
    }

    fn inflate(&mut self, open: Open, body: &[u8], fin: bool) -> Result<(), Error> {
        // INVARIANT: `admit` refuses RSV1 without an inflater.
        let inflater = self.inflater.as_mut().ok_or(Error::ReservedBits)?;
        let start = self.message.len();
        inflater.push(body, fin, &mut self.message, self.config.max_message)?;
        let checked = self.config.check_utf8 && open.opcode == Opcode::Text;
        if checked && !(self.utf8.push(&self.message[start..]) && (!fin || self.utf8.is_complete())) {
            return Err(Error::InvalidUtf8);
        }
        Ok(())
    }
}
