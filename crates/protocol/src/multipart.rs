//! `multipart/form-data` (RFC 7578, RFC 2046) as it comes: no part is ever held whole.

use std::ops::Range;

use memchr::memmem::Finder;

/// What a body may hold besides its data, whose size is the caller's to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub max_parts: usize,
    /// Header fields of one part, bytes.
    pub max_part_head: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { max_parts: 4096, max_part_head: 16 * 1024 }
    }
}

/// The header fields of a part.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PartHead {
    pub name: Option<Vec<u8>>,
    /// Some, perhaps empty, for a file.
    pub filename: Option<Vec<u8>>,
    pub content_type: Option<Vec<u8>>,
    /// All fields, names lower-case.
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
}

/// What [`Multipart::next`] met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Call again with the bytes not consumed and more after them.
    NeedMore,
    PartHead(PartHead),
    /// Bytes of the part's body, as a range of the input.
    Data(Range<usize>),
    PartEnd,
    /// The closing delimiter. What follows means nothing.
    End,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Bytes of the input not to be given again.
    pub consumed: usize,
    pub event: Event,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MultipartError {
    #[error("no usable boundary")]
    Boundary,
    #[error("malformed delimiter line")]
    Delimiter,
    #[error("malformed part header")]
    Head,
    #[error("part header exceeds the limit")]
    HeadTooLarge,
    #[error("more parts than the limit")]
    TooManyParts,
    #[error("body ended before its closing delimiter")]
    Truncated,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the first delimiter; `true` at the very start, where no CRLF precedes it.
    Preamble(bool),
    AfterDelimiter,
    Head,
    /// At a body's first byte, whose CRLF the head left: an empty body may have no other.
    BodyStart,
    Body,
    Done,
}

/// Streaming parser of one body.
#[derive(Debug, Clone)]
pub struct Multipart {
    /// Of `CRLF -- boundary`.
    delimiter: Finder<'static>,
    limits: Limits,
    state: State,
    parts: usize,
    scanned: usize,
}

impl Multipart {
    /// RFC 2046 allows boundaries of 1 to 70 bytes; 250 are taken.
    pub fn new(boundary: &[u8], limits: Limits) -> Result<Multipart, MultipartError> {
        if boundary.is_empty() || boundary.len() > 250 || boundary.iter().any(|b| *b < b' ') {
            return Err(MultipartError::Boundary);
        }
        let delimiter = Finder::new(&[b"\r\n--", boundary].concat()).into_owned();
        Ok(Multipart { delimiter, limits, state: State::Preamble(true), parts: 0, scanned: 0 })
    }

    /// The next event of `input`, which starts with the first byte not consumed so far.
    pub fn next(&mut self, input: &[u8]) -> Result<Step, MultipartError> {
        match self.state {
            State::Preamble(first) => self.preamble(input, first),
            State::AfterDelimiter => self.after_delimiter(input),
            State::Head => self.head(input),
            State::BodyStart => {
                let needle = self.delimiter.needle();
                if needle.starts_with(input) && input.len() < needle.len() {
                    return Ok(more(0));
                }
                self.state = State::Body;
                if input.starts_with(needle) {
                    return self.body(input);
                }
                // Only now is the CRLF the head's own.
                let mut step = self.body(input.get(2..).unwrap_or_default())?;
                step.consumed += 2;
                if let Event::Data(range) = &mut step.event {
                    *range = range.start + 2..range.end + 2;
                }
                Ok(step)
            }
            State::Body => self.body(input),
            State::Done => Ok(Step { consumed: input.len(), event: Event::End }),
        }
    }

    /// To be asked when no more input will come.
    pub fn finish(&self) -> Result<(), MultipartError> {
        if self.state == State::Done { Ok(()) } else { Err(MultipartError::Truncated) }
    }

    /// Whether a first delimiter was met.
    pub fn began(&self) -> bool {
        !matches!(self.state, State::Preamble(_))
    }

    fn preamble(&mut self, input: &[u8], first: bool) -> Result<Step, MultipartError> {
        let needle = self.delimiter.needle();
        if first {
            let bare = &needle[2..];
            if input.starts_with(bare) {
                self.state = State::AfterDelimiter;
                let len = bare.len();
                let step = self.after_delimiter(&input[len..])?;
                return Ok(Step { consumed: step.consumed + len, ..step });
            }
            if bare.starts_with(input) {
                return Ok(more(0));
            }
            self.state = State::Preamble(false);
        }
        match self.delimiter.find(input) {
            Some(at) => {
                let used = at + self.delimiter.needle().len();
                self.state = State::AfterDelimiter;
                let step = self.after_delimiter(&input[used..])?;
                Ok(Step { consumed: step.consumed + used, ..step })
            }
            None => Ok(more(self.safe_len(input))),
        }
    }

    /// `--` ends the body; white space and CRLF begin a part.
    fn after_delimiter(&mut self, input: &[u8]) -> Result<Step, MultipartError> {
        let padding = input.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
        if padding > 256 {
            return Err(MultipartError::Delimiter);
        }
        match &input[padding..] {
            [b'-', b'-', ..] if padding == 0 => {
                self.state = State::Done;
                Ok(Step { consumed: input.len(), event: Event::End })
            }
            [] | [b'\r'] => Ok(more(0)),
            [b'-'] if padding == 0 => Ok(more(0)),
            [b'\r', b'\n', ..] => {
                self.parts += 1;
                if self.parts > self.limits.max_parts {
                    return Err(MultipartError::TooManyParts);
                }
                (self.state, self.scanned) = (State::Head, 0);
                let step = self.head(&input[padding + 2..])?;
                Ok(Step { consumed: step.consumed + padding + 2, ..step })
            }
            _ => Err(MultipartError::Delimiter),
        }
    }

    fn head(&mut self, input: &[u8]) -> Result<Step, MultipartError> {
        // A part without any field starts with the empty line.
        let end = if input.starts_with(b"\r\n") {
            Some(0)
        } else {
            let from = self.scanned.saturating_sub(3);
            memchr::memmem::find(&input[from..], b"\r\n\r\n").map(|i| i + from + 2)
        };
        self.scanned = input.len();
        // Without its end in sight a head weighs at least what is there less half an empty line.
        if end.unwrap_or(input.len().saturating_sub(1)) > self.limits.max_part_head {
            return Err(MultipartError::HeadTooLarge);
        }
        let Some(end) = end else { return Ok(more(0)) };
        let head = PartHead::parse(&input[..end])?;
        self.state = State::BodyStart;
        Ok(Step { consumed: end, event: Event::PartHead(head) })
    }

    fn body(&mut self, input: &[u8]) -> Result<Step, MultipartError> {
        match self.delimiter.find(input) {
            Some(0) => {
                self.state = State::AfterDelimiter;
                Ok(Step { consumed: self.delimiter.needle().len(), event: Event::PartEnd })
            }
            // The delimiter stays for the next call, which finds it at once.
            Some(at) => Ok(Step { consumed: at, event: Event::Data(0..at) }),
            None => match self.safe_len(input) {
                0 => Ok(more(0)),
                len => Ok(Step { consumed: len, event: Event::Data(0..len) }),
            },
        }
    }

    /// How much of `input` cannot be part of a delimiter that is not all there.
    fn safe_len(&self, input: &[u8]) -> usize {
        let needle = self.delimiter.needle();
        let tail = input.len().saturating_sub(needle.len() - 1);
        memchr::memchr_iter(b'\r', &input[tail..])
            .map(|i| i + tail)
            .find(|&at| needle.starts_with(&input[at..]))
            .unwrap_or(input.len())
    }
}

fn more(consumed: usize) -> Step {
    Step { consumed, event: Event::NeedMore }
}

impl PartHead {
    /// `lines`: fields, each with its CRLF.
    fn parse(lines: &[u8]) -> Result<PartHead, MultipartError> {
        let mut head = PartHead::default();
        for line in lines.split(|&b| b == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.is_empty() {
                continue;
            }
            let colon = memchr::memchr(b':', line).ok_or(MultipartError::Head)?;
            let name = line[..colon].trim_ascii().to_ascii_lowercase();
            let value = line[colon + 1..].trim_ascii();
            if name.is_empty() {
                return Err(MultipartError::Head);
            }
            match name.as_slice() {
                b"content-disposition" => {
                    head.name = parameter(value, b"name");
                    head.filename = parameter(value, b"filename");
                }
                b"content-type" => head.content_type = Some(value.to_vec()),
                _ => {}
            }
            head.headers.push((name, value.to_vec()));
        }
        Ok(head)
    }
}

/// The parameter `wanted` of a header value, unquoted. A backslash escapes only a quote or itself:
/// old Windows browsers send whole paths.
pub fn parameter(value: &[u8], wanted: &[u8]) -> Option<Vec<u8>> {
    let mut rest = &value[memchr::memchr(b';', value)? + 1..];
    loop {
        let start = rest.iter().position(|b| !matches!(b, b' ' | b'\t' | b';'))?;
        rest = &rest[start..];
        let key_end = rest.iter().position(|b| matches!(b, b'=' | b';')).unwrap_or(rest.len());
        let key = rest[..key_end].trim_ascii();
        let mut text = Vec::new();
        rest = &rest[key_end..];
        if let Some(after) = rest.strip_prefix(b"=") {
            rest = after.trim_ascii_start();
            if let Some(quoted) = rest.strip_prefix(b"\"") {
                let mut at = 0;
                while let Some(&byte) = quoted.get(at).filter(|b| **b != b'"') {
                    let escape = byte == b'\\' && matches!(quoted.get(at + 1), Some(b'"' | b'\\'));
                    at += usize::from(escape);
                    text.push(quoted[at]);
                    at += 1;
                }
                rest = quoted.get(at + 1..).unwrap_or_default();
                rest = &rest[memchr::memchr(b';', rest).unwrap_or(rest.len())..];
            } else {
                let end = memchr::memchr(b';', rest).unwrap_or(rest.len());
                text.extend_from_slice(rest[..end].trim_ascii_end());
                rest = &rest[end..];
            }
        }
        if key.eq_ignore_ascii_case(wanted) {
            return Some(text);
        }
    }
}

/// The boundary, if `content_type` is `multipart/form-data`.
pub fn boundary(content_type: &[u8]) -> Option<Vec<u8>> {
    let kind = content_type.split(|&b| b == b';').next()?;
    if !kind.trim_ascii().eq_ignore_ascii_case(b"multipart/form-data") {
        return None;
    }
    parameter(content_type, b"boundary").filter(|b| !b.is_empty())
}

#[cfg(test)]
#[path = "multipart_tests.rs"]
mod tests;
