//! A connection's sending side: messages to frames, compressed when that was negotiated.

use super::deflate::Deflater;
use super::{Opcode, frame};

/// A connection's sending side.
#[derive(Debug, Default)]
pub struct Encoder {
    deflater: Option<Deflater>,
    scratch: Vec<u8>,
    /// The fragmented message under way is compressed; its last frames must be so too.
    compressing: bool,
}

impl Encoder {
    /// `deflater`: present when permessage-deflate was negotiated.
    pub fn new(deflater: Option<Deflater>) -> Self {
        Self { deflater, scratch: Vec::new(), compressing: false }
    }

    /// Whether messages can be compressed.
    pub fn can_compress(&self) -> bool {
        self.deflater.is_some()
    }

    /// Appends one frame to `out`.
    ///
    /// `fin` false starts or goes on with a fragmented message; its later frames are
    /// [`Opcode::Continuation`]. `compress` is a wish: it is followed for data frames when
    /// permessage-deflate was negotiated (for continuation frames, when the first one was).
    /// `mask`: None on a server, a fresh random key on a client.
    pub fn push(&mut self, out: &mut Vec<u8>, opcode: Opcode, fin: bool, compress: bool, mask: Option<[u8; 4]>, payload: &[u8]) {
        if opcode.is_control() {
            frame::encode(out, true, false, opcode, mask, payload);
            return;
        }
        let first = opcode != Opcode::Continuation;
        let Some(deflater) = &mut self.deflater else {
            frame::encode(out, fin, false, opcode, mask, payload);
            return;
        };
        if first {
            self.compressing = compress && deflater.accepts(payload.len(), fin);
        }
        if !self.compressing {
            frame::encode(out, fin, false, opcode, mask, payload);
            return;
        }
        self.scratch.clear();
        deflater.push(payload, fin, &mut self.scratch);
        frame::encode(out, fin, first, opcode, mask, &self.scratch);
        if self.scratch.capacity() > 64 * 1024 {
            self.scratch = Vec::new();
        }
        if fin {
            self.compressing = false;
        }
    }

    /// A whole message in one frame.
    pub fn message(&mut self, out: &mut Vec<u8>, opcode: Opcode, compress: bool, mask: Option<[u8; 4]>, payload: &[u8]) {
        self.push(out, opcode, true, compress, mask, payload);
    }
}
