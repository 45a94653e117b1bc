//! permessage-deflate's two streams (RFC 7692, section 7.2).

use super::Error;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use std::cell::RefCell;
use std::fmt;

/// What a sync flush ends with; it is left out on the wire (RFC 7692, section 7.2.1).
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];
/// Output grows by at least this many bytes at a time.
const CHUNK: usize = 1024;
/// Idle streams kept per thread, for connections without context takeover.
const POOLED: usize = 4;

thread_local! {
    static COMPRESS_POOL: RefCell<Vec<(u8, u32, Compress)>> = const { RefCell::new(Vec::new()) };
    static DECOMPRESS_POOL: RefCell<Vec<(u8, Decompress)>> = const { RefCell::new(Vec::new()) };
}

/// zlib compresses with windows of 2^9 bytes at least; see [`Deflater::accepts`] for 8.
fn zlib_bits(bits: u8) -> u8 {
    bits.clamp(9, 15)
}

/// The compressing side. Its stream (some 260 KB at 15 bits) exists only while it has a context to
/// keep; without context takeover connections share a few per thread.
pub struct Deflater {
    bits: u8,
    takeover: bool,
    level: u32,
    stream: Option<Compress>,
}

impl fmt::Debug for Deflater {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deflater").field("bits", &self.bits).field("takeover", &self.takeover).finish()
    }
}

impl Deflater {
    /// `bits`: the negotiated window, 8 to 15; `takeover`: keep the window between messages;
    /// `level`: 0 (stored) to 9.
    pub fn new(bits: u8, takeover: bool, level: u32) -> Self {
        // With 8 bits no distance may exceed 256. zlib cannot promise that across messages, only
        // for messages that are no longer than that themselves.
        Self { bits, takeover: takeover && bits > 8, level: level.min(9), stream: None }
    }

    /// Whether a message (its first fragment, when `fin` is false) can be compressed within the
    /// negotiated window. Only windows of 8 bits ever say no.
    pub fn accepts(&self, len: usize, fin: bool) -> bool {
        self.bits > 8 || fin && len <= 256
    }

    /// Compresses a piece of a message and appends it to `out`; the last piece has `fin`.
    pub fn push(&mut self, piece: &[u8], fin: bool, out: &mut Vec<u8>) {
        // An empty stored block's header bits; zlib refuses a flush that has nothing to flush.
        if piece.is_empty() {
            if fin {
                out.push(0);
                self.end_message();
            }
            return;
        }
        let (bits, level) = (zlib_bits(self.bits), self.level);
        let stream = self.stream.get_or_insert_with(|| pooled_compress(bits, level));
        let start = out.len();
        let before = stream.total_in();
        let mut room = piece.len() / 2 + 64;
        loop {
            let done = (stream.total_in() - before) as usize;
            out.reserve(room);
            let spare = out.capacity() - out.len();
            let filled = out.len();
            // zlib fails only on a misuse of its state machine, which this order of calls is not.
            let status = stream.compress_vec(&piece[done..], out, FlushCompress::Sync);
            let full = out.len() - filled == spare;
            let all_in = (stream.total_in() - before) as usize == piece.len();
            if status.is_err() || (all_in && !full) {
                break;
            }
            room = CHUNK.max(out.len() - start);
        }
        if fin {
            if out[start..].ends_with(&TAIL) {
                out.truncate(out.len() - TAIL.len());
            }
            self.end_message();
        }
    }

    fn end_message(&mut self) {
        if self.takeover {
            return;
        }
        if let Some(mut stream) = self.stream.take() {
            stream.reset();
            COMPRESS_POOL.with_borrow_mut(|pool| {
                if pool.len() < POOLED {
                    pool.push((zlib_bits(self.bits), self.level, stream));
                }
            });
        }
    }
}

fn pooled_compress(bits: u8, level: u32) -> Compress {
    COMPRESS_POOL
        .with_borrow_mut(|pool| {
            let at = pool.iter().position(|(b, l, _)| (*b, *l) == (bits, level))?;
            Some(pool.swap_remove(at).2)
        })
        .unwrap_or_else(|| Compress::new_with_window_bits(Compression::new(level), false, bits))
}

/// The inflating side.
pub struct Inflater {
    bits: u8,
    takeover: bool,
    stream: Option<Decompress>,
    /// What came last closed the stream with a final block.
    ended: bool,
}

impl fmt::Debug for Inflater {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inflater").field("bits", &self.bits).field("takeover", &self.takeover).finish()
    }
}

impl Inflater {
    /// `bits`: the peer's negotiated window, 8 to 15; `takeover`: the peer keeps its window
    /// between messages.
    pub fn new(bits: u8, takeover: bool) -> Self {
        Self { bits, takeover, stream: None, ended: false }
    }

    /// Inflates a frame's payload and appends it to `out`, which shall not exceed `max` bytes;
    /// the message's last frame has `fin`.
    ///
    /// # Errors
    /// [`Error::BadDeflate`]; [`Error::TooBig`], found before more than `max` + 1 bytes are made.
    pub fn push(&mut self, piece: &[u8], fin: bool, out: &mut Vec<u8>, max: usize) -> Result<(), Error> {
        let bits = zlib_bits(self.bits);
        let stream = self.stream.get_or_insert_with(|| pooled_decompress(bits));
        if !piece.is_empty() {
            self.ended = inflate(stream, piece, out, max)?;
        }
        if fin {
            // A sender that finished its stream has cut no tail off (RFC 7692, section 7.2.3.4, asks for an
            // empty block after it, which zlib's own programs do not write).
            if !std::mem::take(&mut self.ended) {
                inflate(stream, &TAIL, out, max)?;
            }
            if !self.takeover
                && let Some(mut stream) = self.stream.take()
            {
                stream.reset(false);
                DECOMPRESS_POOL.with_borrow_mut(|pool| {
                    if pool.len() < POOLED {
                        pool.push((bits, stream));
                    }
                });
            }
        }
        Ok(())
    }
}

fn pooled_decompress(bits: u8) -> Decompress {
    DECOMPRESS_POOL
        .with_borrow_mut(|pool| {
            let at = pool.iter().position(|(b, _)| *b == bits)?;
            Some(pool.swap_remove(at).1)
        })
        .unwrap_or_else(|| Decompress::new_with_window_bits(false, bits))
}

/// True when the input ended together with the stream.
fn inflate(stream: &mut Decompress, mut input: &[u8], out: &mut Vec<u8>, max: usize) -> Result<bool, Error> {
    let mut ended = false;
    let mut room = input.len().saturating_mul(2).max(64);
    loop {
        // One byte above the limit tells "exactly full" from "too big".
        let left = max.saturating_add(1).saturating_sub(out.len());
        if left == 0 {
            return Err(Error::TooBig { max });
        }
        let filled = out.len();
        let window = room.min(left);
        out.resize(filled + window, 0);
        let (before_in, before_out) = (stream.total_in(), stream.total_out());
        let status = stream.decompress(input, &mut out[filled..], FlushDecompress::Sync);
        let used = (stream.total_in() - before_in) as usize;
        let made = (stream.total_out() - before_out) as usize;
        out.truncate(filled + made);
        input = &input[used..];
        match status {
            Err(_) => return Err(Error::BadDeflate),
            // A final block is allowed (RFC 7692, section 7.2.3.4): what follows starts afresh.
            Ok(Status::StreamEnd) => {
                stream.reset(false);
                if input.is_empty() {
                    ended = true;
                    break;
                }
            }
            Ok(Status::Ok | Status::BufError) => {
                if made < window {
                    // Room is left: all the input is used, or zlib could do nothing with it.
                    if input.is_empty() {
                        break;
                    }
                    if used == 0 && made == 0 {
                        return Err(Error::BadDeflate);
                    }
                }
            }
        }
        if input.is_empty() && made < window {
            break;
        }
        room = CHUNK.max(room.saturating_mul(2));
    }
    if out.len() > max {
        return Err(Error::TooBig { max });
    }
    Ok(ended)
}
