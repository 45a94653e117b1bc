//! Message bodies: length-delimited, chunked (RFC 9112 7.1) and read-until-close, decoded as they come.

use super::header::is_token_byte;

/// How the end of a body is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyKind {
    None,
    /// `Content-Length` in bytes, never 0.
    Length(u64),
    Chunked,
    /// A response without framing: the close of the connection ends it.
    UntilClose,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    #[error("bad chunk size")]
    ChunkSize,
    #[error("chunk not ended by CRLF")]
    ChunkEnd,
    #[error("bad or oversized trailer section")]
    Trailer,
    #[error("body exceeds the limit")]
    TooLarge,
    #[error("connection closed inside the body")]
    Truncated,
}

/// What one call of [`BodyDecoder::decode`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BodyStep {
    /// Bytes of the input that are done with.
    pub consumed: usize,
    /// Where in the input the decoded bytes are; may be empty.
    pub data: std::ops::Range<usize>,
    /// The body is over; what follows `consumed` is the next message's.
    pub done: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Plain(u64),
    UntilClose,
    /// First digit of a chunk size.
    SizeStart,
    Size(u64, u8),
    /// Padding after a size, which only lenient decoding allows.
    SizePad(u64),
    Extension(u64),
    SizeLf(u64),
    Data(u64),
    DataCr,
    DataLf,
    TrailerStart,
    TrailerName,
    TrailerValue,
    TrailerLf,
    EndLf,
    Done,
}

/// Bytes of chunk extensions a body may carry in all: they are read by nobody and could be endless.
const MAX_EXTENSION: u32 = 16 * 1024;
const MAX_TRAILER: usize = 16 * 1024;

/// Incremental decoder of one body; the caller may drop what was consumed.
#[derive(Debug, Clone)]
pub struct BodyDecoder {
    state: State,
    limit: u64,
    seen: u64,
    extension: u32,
    lenient: bool,
    trailers: Vec<u8>,
}

impl BodyDecoder {
    /// `limit`: the most decoded bytes. Beyond it decoding ends in [`BodyError::TooLarge`].
    pub fn new(kind: BodyKind, limit: u64) -> BodyDecoder {
        let state = match kind {
            BodyKind::None | BodyKind::Length(0) => State::Done,
            BodyKind::Length(n) => State::Plain(n),
            BodyKind::Chunked => State::SizeStart,
            BodyKind::UntilClose => State::UntilClose,
        };
        BodyDecoder { state, limit, seen: 0, extension: 0, lenient: false, trailers: Vec::new() }
    }

    /// Tolerates white space after a chunk size, which some servers pad with. For clients only:
    /// a server that reads what a proxy before it read differently can be smuggled through.
    pub fn lenient(mut self) -> BodyDecoder {
        self.lenient = true;
        self
    }

    pub fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// Decoded bytes so far.
    pub fn decoded(&self) -> u64 {
        self.seen
    }

    /// At least how many more bytes are needed before the body can be over.
    pub fn need(&self) -> u64 {
        match self.state {
            State::Plain(left) => left,
            State::Data(left) => left.saturating_add(2 + 5),
            State::Done => 0,
            _ => 1,
        }
    }

    /// The trailer section's raw lines, once done; empty if there were none.
    pub fn trailers(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.trailers.split(|&b| b == b'\n').filter_map(|line| {
            let colon = memchr::memchr(b':', line)?;
            Some((&line[..colon], line[colon + 1..].trim_ascii()))
        })
    }

    /// Takes what it can up to the end of one run of data; call again while it makes progress.
    pub fn decode(&mut self, input: &[u8]) -> Result<BodyStep, BodyError> {
        let mut pos = 0;
        loop {
            match self.state {
                State::Done => {
                    return Ok(BodyStep { consumed: pos, data: pos..pos, done: true });
                }
                State::UntilClose => {
                    self.count((input.len() - pos) as u64)?;
                    return Ok(BodyStep { consumed: input.len(), data: pos..input.len(), done: false });
                }
                State::Plain(left) => {
                    let take = left.min((input.len() - pos) as u64);
                    self.count(take)?;
                    let end = pos + take as usize;
                    self.state = if left == take { State::Done } else { State::Plain(left - take) };
                    return Ok(BodyStep { consumed: end, data: pos..end, done: left == take });
                }
                State::Data(left) if pos < input.len() => {
                    let take = left.min((input.len() - pos) as u64);
                    self.count(take)?;
                    let end = pos + take as usize;
                    self.state = if left == take { State::DataCr } else { State::Data(left - take) };
                    return Ok(BodyStep { consumed: end, data: pos..end, done: false });
                }
                _ => {
                    let Some(&byte) = input.get(pos) else {
                        return Ok(BodyStep { consumed: pos, data: pos..pos, done: false });
                    };
                    pos += 1;
                    self.step(byte)?;
                }
            }
        }
    }

    /// The peer closed: the end of a read-until-close body, an error in any other unfinished one.
    pub fn close(&mut self) -> Result<(), BodyError> {
        match self.state {
            State::Done | State::UntilClose => {
                self.state = State::Done;
                Ok(())
            }
            _ => Err(BodyError::Truncated),
        }
    }

    fn count(&mut self, more: u64) -> Result<(), BodyError> {
        self.seen = self.seen.saturating_add(more);
        if self.seen > self.limit { Err(BodyError::TooLarge) } else { Ok(()) }
    }

    /// One byte of chunk framing.
    fn step(&mut self, byte: u8) -> Result<(), BodyError> {
        self.state = match (self.state, byte) {
            (State::SizeStart, _) => State::Size(hex(byte).ok_or(BodyError::ChunkSize)?, 1),
            (State::Size(size, _), b'\r') => self.size_known(size)?,
            (State::Size(size, _), b';') => State::Extension(size),
            (State::Size(size, _), b' ' | b'\t') if self.lenient => State::SizePad(size),
            (State::Size(size, digits), _) => {
                let digit = hex(byte).ok_or(BodyError::ChunkSize)?;
                if digits >= 16 || size >> 59 != 0 {
                    return Err(BodyError::ChunkSize);
                }
                State::Size(size << 4 | digit, digits + 1)
            }
            (State::SizePad(size), b' ' | b'\t') => {
                self.extension += 1;
                if self.extension > MAX_EXTENSION {
                    return Err(BodyError::ChunkSize);
                }
                State::SizePad(size)
            }
            (State::SizePad(size), b'\r') => self.size_known(size)?,
            (State::SizePad(size), b';') => State::Extension(size),
            (State::SizePad(_), _) => return Err(BodyError::ChunkSize),
            (State::Extension(size), b'\r') => self.size_known(size)?,
            (State::Extension(size), b'\t' | b' '..=b'~' | 0x80..) => {
                self.extension += 1;
                if self.extension > MAX_EXTENSION {
                    return Err(BodyError::ChunkSize);
                }
                State::Extension(size)
            }
            (State::Extension(_), _) => return Err(BodyError::ChunkSize),
            (State::SizeLf(0), b'\n') => State::TrailerStart,
            (State::SizeLf(size), b'\n') => State::Data(size),
            (State::SizeLf(_), _) => return Err(BodyError::ChunkSize),
            (State::DataCr, b'\r') => State::DataLf,
            (State::DataLf, b'\n') => State::SizeStart,
            (State::DataCr | State::DataLf, _) => return Err(BodyError::ChunkEnd),
            (State::TrailerStart, b'\r') => State::EndLf,
            (State::EndLf, b'\n') => State::Done,
            (State::TrailerStart, _) if is_token_byte(byte) => self.trailer(byte, State::TrailerName)?,
            (State::TrailerName, b':') => self.trailer(byte, State::TrailerValue)?,
            (State::TrailerName, _) if is_token_byte(byte) => self.trailer(byte, State::TrailerName)?,
            (State::TrailerValue, b'\r') => State::TrailerLf,
            (State::TrailerValue, b'\t' | b' '..=b'~' | 0x80..) => self.trailer(byte, State::TrailerValue)?,
            (State::TrailerLf, b'\n') => self.trailer(byte, State::TrailerStart)?,
            (State::TrailerStart | State::TrailerName | State::TrailerValue | State::TrailerLf | State::EndLf, _) => {
                return Err(BodyError::Trailer);
            }
            (State::Plain(_) | State::UntilClose | State::Data(_) | State::Done, _) => self.state,
        };
        Ok(())
    }

    /// Refuses a chunk that the limit cannot hold before a byte of it was buffered.
    fn size_known(&mut self, size: u64) -> Result<State, BodyError> {
        if size > self.limit - self.seen.min(self.limit) {
            return Err(BodyError::TooLarge);
        }
        Ok(State::SizeLf(size))
    }

    fn trailer(&mut self, byte: u8, next: State) -> Result<State, BodyError> {
        if self.trailers.len() >= MAX_TRAILER {
            return Err(BodyError::Trailer);
        }
        self.trailers.push(byte);
        Ok(next)
    }
}

fn hex(byte: u8) -> Option<u64> {
    (byte as char).to_digit(16).map(u64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds `wire` in pieces of `step` bytes; what was decoded and how much was consumed.
    fn run(kind: BodyKind, limit: u64, wire: &[u8], step: usize) -> Result<(Vec<u8>, usize, bool), BodyError> {
        let mut decoder = BodyDecoder::new(kind, limit);
        let (mut out, mut used, mut end) = (Vec::new(), 0, 0);
        while end < wire.len() && !decoder.is_done() {
            end = (end + step).min(wire.len());
            loop {
                let found = decoder.decode(&wire[used..end])?;
                out.extend_from_slice(&wire[used..end][found.data.clone()]);
                used += found.consumed;
                if found.done || found.consumed == 0 {
                    break;
                }
            }
        }
        Ok((out, used, decoder.is_done()))
    }

    const WIRE: &[u8] = b"5;a=b\r\nhello\r\n1\r\n \r\n5\r\nworld\r\n0\r\nX-T: v\r\nY:\r\n\r\nNEXT";

    #[test]
    fn chunked_is_the_same_at_every_split() {
        for step in 1..WIRE.len() {
            let (out, used, done) = run(BodyKind::Chunked, 100, WIRE, step).expect("valid");
            assert_eq!((out.as_slice(), used, done), (&b"hello world"[..], WIRE.len() - 4, true), "step {step}");
        }
    }

    #[test]
    fn trailers_are_kept() {
        let mut decoder = BodyDecoder::new(BodyKind::Chunked, 100);
        let mut at = 0;
        while !decoder.is_done() {
            at += decoder.decode(&WIRE[at..]).expect("valid").consumed;
        }
        let seen: Vec<_> = decoder.trailers().collect();
        assert_eq!(seen, [(&b"X-T"[..], &b"v"[..]), (&b"Y"[..], &b""[..])]);
    }

    #[test]
    fn bad_chunks_are_refused() {
        for bad in [
            &b"\r\n"[..],
            b"g\r\n",
            b"-1\r\n",
            b"+1\r\n",
            b" 1\r\n",
            b"1 \r\n",
            b"0x1\r\n",
            b"1\n",
            b"1\rX",
            b"11111111111111111\r\n",
            b"1\r\nab\r\n",
            b"1\r\na\nX",
            b"1;\n\r\n",
            b"1;a\0\r\n",
            b"0\r\n X: y\r\n\r\n",
            b"0\r\nX : y\r\n\r\n",
            b"0\r\nX\r\n\r\n",
            b"0\r\nX: y\n\r\n",
            b"0\r\n\n",
        ] {
            assert!(run(BodyKind::Chunked, 100, bad, 1).is_err(), "{:?}", String::from_utf8_lossy(bad));
            assert!(run(BodyKind::Chunked, 100, bad, 99).is_err(), "{:?}", String::from_utf8_lossy(bad));
        }
        assert_eq!(run(BodyKind::Chunked, 4, b"5\r\nhello", 99), Err(BodyError::TooLarge));
        assert_eq!(run(BodyKind::Chunked, 4, b"ffffffffffffff\r\n", 99), Err(BodyError::TooLarge));
        let long = [b"1;".as_slice(), &vec![b'x'; MAX_EXTENSION as usize + 1]].concat();
        assert_eq!(run(BodyKind::Chunked, 4, &long, 1000), Err(BodyError::ChunkSize));
        let long = [b"0\r\nX:".as_slice(), &vec![b'x'; MAX_TRAILER]].concat();
        assert_eq!(run(BodyKind::Chunked, 4, &long, 1000), Err(BodyError::Trailer));
    }

    #[test]
    fn lengths_and_closes() {
        assert_eq!(run(BodyKind::Length(3), 3, b"abcdef", 2), Ok((b"abc".to_vec(), 3, true)));
        assert_eq!(run(BodyKind::Length(4), 3, b"abcdef", 4), Err(BodyError::TooLarge));
        let mut decoder = BodyDecoder::new(BodyKind::Length(3), 3);
        assert_eq!(decoder.close(), Err(BodyError::Truncated));
        let mut decoder = BodyDecoder::new(BodyKind::UntilClose, 3);
        assert_eq!(decoder.decode(b"ab").expect("fits").data, 0..2);
        assert_eq!(decoder.close(), Ok(()));
        assert!(decoder.is_done());
        let mut padded = BodyDecoder::new(BodyKind::Chunked, 9).lenient();
        assert_eq!(padded.decode(b"1  \r\nx").expect("lenient").data, 5..6);
    }
}
