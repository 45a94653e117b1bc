//! Requests: parsed where they lie, each byte looked at once however slowly it comes.

use super::Error;
use memchr::memchr;
use std::ops::Range;

/// The longest line with a count or a length, in bytes: more than any 64-bit number needs.
const MAX_NUMBER_LINE: usize = 32;

/// Bytes of the shortest argument: a `:` or `$`, a digit, CRLF.
const MIN_ARG: usize = 4;

/// What a request may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Arguments of a request, the command among them.
    pub max_args: usize,
    /// Bytes of an argument.
    pub max_bulk: usize,
    /// Bytes of an inline command.
    pub max_inline: usize,
    /// Bytes of a request in all (`package_max_length`).
    pub max_request: usize,
}

impl Limits {
    /// Redis's own limits (1,048,576 arguments, 512 MiB, 64 KiB), within `max_request` bytes.
    pub fn within(max_request: usize) -> Self {
        Self { max_args: 1 << 20, max_bulk: 512 << 20, max_inline: 64 << 10, max_request }
    }
}

/// What [`RequestParser::next`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A whole request of `consumed` bytes: see [`RequestParser::args`]. It may have no arguments
    /// at all (an empty line, `*0`); that one is passed over without a reply.
    Request {
        /// Bytes from the start of the buffer, done with once the arguments were read.
        consumed: usize,
    },
    /// At least `hint` more bytes are needed, behind the same ones.
    NeedMore {
        /// A lower bound of the missing bytes.
        hint: usize,
    },
}

#[derive(Clone, Debug)]
enum Arg {
    /// In the buffer.
    At(Range<usize>),
    /// In the parser: inline arguments with their escapes resolved.
    Inline(Range<usize>),
    Null,
}

/// Where in a request the parser stands.
#[derive(Clone, Copy, Debug)]
enum State {
    Start,
    /// So many arguments are still to come.
    Args(usize),
    /// A bulk string of `len` bytes comes, then `left` more arguments.
    Bulk {
        len: usize,
        left: usize,
    },
    /// An inline command, searched for its end up to here.
    Inline(usize),
}

/// A connection's requests, one behind the other.
#[derive(Debug)]
pub struct RequestParser {
    limits: Limits,
    state: State,
    /// Bytes of the request under way that are parsed.
    at: usize,
    args: Vec<Arg>,
    inline: Vec<u8>,
    /// The request was handed out; the next call begins a new one.
    delivered: bool,
}

impl RequestParser {
    /// A parser for a new connection.
    pub fn new(limits: Limits) -> Self {
        Self { limits, state: State::Start, at: 0, args: Vec::new(), inline: Vec::new(), delivered: false }
    }

    /// The arguments of the request that was just found, the command first; None for a null. `buf`
    /// is the one that [`RequestParser::next`] was given.
    pub fn args<'a>(&'a self, buf: &'a [u8]) -> impl ExactSizeIterator<Item = Option<&'a [u8]>> {
        self.args.iter().map(move |arg| match arg {
            Arg::At(range) => buf.get(range.clone()),
            Arg::Inline(range) => self.inline.get(range.clone()),
            Arg::Null => None,
        })
    }

    /// Looks for a request at the start of `buf`, which holds the bytes that are not consumed yet.
    ///
    /// # Errors
    /// [`Error`]: the connection cannot be followed any further.
    pub fn next(&mut self, buf: &[u8]) -> Result<Step, Error> {
        if self.delivered {
            self.delivered = false;
            self.args.clear();
            self.inline.clear();
            self.state = State::Start;
            self.at = 0;
        }
        let step = self.advance(buf)?;
        match step {
            Step::Request { consumed } if consumed > self.limits.max_request => {
                return Err(Error::TooLarge);
            }
            Step::Request { .. } => self.delivered = true,
            Step::NeedMore { hint } if buf.len().saturating_add(hint) > self.limits.max_request => {
                return Err(Error::TooLarge);
            }
            Step::NeedMore { .. } => {}
        }
        Ok(step)
    }

    fn advance(&mut self, buf: &[u8]) -> Result<Step, Error> {
        loop {
            match self.state {
                State::Start => match buf.first() {
                    None => return Ok(Step::NeedMore { hint: 1 }),
                    Some(b'*') => {
                        let Some((count, end)) = number_line(buf, 0, Error::BadCount)? else {
                            return Ok(Step::NeedMore { hint: 1 });
                        };
                        // Nulls and empty arrays are requests without arguments.
                        let count = usize::try_from(count).unwrap_or(0);
                        if count > self.limits.max_args {
                            return Err(Error::BadCount);
                        }
                        self.at = end;
                        self.state = State::Args(count);
                    }
                    Some(_) => self.state = State::Inline(0),
                },
                State::Args(0) => return Ok(Step::Request { consumed: self.at }),
                State::Args(left) => {
                    // Where the request ends at the earliest: never before what was told with fewer bytes, so that one
                    // that is too large is refused however it is cut.
                    let least = self.at.saturating_add(left.saturating_mul(MIN_ARG));
                    let missing = Step::NeedMore { hint: least.saturating_sub(buf.len()).max(1) };
                    let Some(&kind) = buf.get(self.at) else { return Ok(missing) };
                    let bad = match kind {
                        b'$' => Error::BadBulkLength,
                        b':' => Error::BadCount,
                        other => return Err(Error::ExpectedBulk(other)),
                    };
                    let Some((value, end)) = number_line(buf, self.at, bad)? else { return Ok(missing) };
                    let start = std::mem::replace(&mut self.at, end) + 1;
                    self.state = State::Args(left - 1);
                    match (kind, usize::try_from(value)) {
                        (b':', _) => self.args.push(Arg::At(start..end - 2)),
                        (_, Ok(len)) if len <= self.limits.max_bulk => {
                            self.state = State::Bulk { len, left: left - 1 };
                        }
                        (_, Err(_)) if value == -1 => self.args.push(Arg::Null),
                        _ => return Err(Error::BadBulkLength),
                    }
                }
                State::Bulk { len, left } => {
                    let body = self.at..self.at + len;
                    let Some(end) = buf.get(body.end..body.end + 2) else {
                        let least = (body.end + 2).saturating_add(left.saturating_mul(MIN_ARG));
                        return Ok(Step::NeedMore { hint: least - buf.len() });
                    };
                    if end != b"\r\n" {
                        return Err(Error::MissingEnd);
                    }
                    self.at = body.end + 2;
                    self.args.push(Arg::At(body));
                    self.state = State::Args(left);
                }
                State::Inline(searched) => {
                    let found = buf.get(searched..).and_then(|rest| memchr(b'\n', rest));
                    let line = searched + found.unwrap_or(buf.len() - searched);
                    if line > self.limits.max_inline {
                        return Err(Error::TooLarge);
                    }
                    if found.is_none() {
                        self.state = State::Inline(line);
                        return Ok(Step::NeedMore { hint: 1 });
                    }
                    let text = &buf[..line];
                    self.split(text.strip_suffix(b"\r").unwrap_or(text))?;
                    return Ok(Step::Request { consumed: line + 1 });
                }
            }
        }
    }

    /// Splits an inline command at blanks, with Redis's quoting: "..." knows \n \r \t \b \a \xHH
    /// and \ before any other byte; '...' knows only \'.
    fn split(&mut self, line: &[u8]) -> Result<(), Error> {
        let mut rest = line;
        loop {
            rest = rest.trim_ascii_start();
            if rest.is_empty() {
                return Ok(());
            }
            let start = self.inline.len();
            loop {
                match rest {
                    [] | [b' ' | b'\t' | b'\r' | b'\x0b' | b'\x0c', ..] => break,
                    [b'"', after @ ..] => {
                        rest = double_quoted(after, &mut self.inline)?;
                        break;
                    }
                    [b'\'', after @ ..] => {
                        rest = single_quoted(after, &mut self.inline)?;
                        break;
                    }
                    [byte, after @ ..] => {
                        self.inline.push(*byte);
                        rest = after;
                    }
                }
            }
            if self.args.len() >= self.limits.max_args {
                return Err(Error::BadCount);
            }
            self.args.push(Arg::Inline(start..self.inline.len()));
        }
    }
}

/// The number in the line that begins at `at` with a type byte, and where the line ends, CRLF
/// included. None while the line has no end.
fn number_line(buf: &[u8], at: usize, bad: Error) -> Result<Option<(i64, usize)>, Error> {
    let line = &buf[at + 1..];
    let Some(end) = memchr(b'\n', &line[..line.len().min(MAX_NUMBER_LINE)]) else {
        return if line.len() >= MAX_NUMBER_LINE { Err(bad) } else { Ok(None) };
    };
    let digits = line[..end].strip_suffix(b"\r").ok_or(bad)?;
    let value = std::str::from_utf8(digits).ok().and_then(|text| text.parse().ok()).ok_or(bad)?;
    Ok(Some((value, at + 1 + end + 1)))
}

/// Resolves a "..." whose opening quote is passed; returns what follows its closing quote.
fn double_quoted<'a>(mut rest: &'a [u8], out: &mut Vec<u8>) -> Result<&'a [u8], Error> {
    loop {
        let (byte, after) = match rest {
            [b'"', after @ ..] => return end_of_word(after),
            [b'\\', b'x', high, low, after @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                (hex(*high) << 4 | hex(*low), after)
            }
            [b'\\', escaped, after @ ..] => {
                let byte = match escaped {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'b' => 8,
                    b'a' => 7,
                    other => *other,
                };
                (byte, after)
            }
            [byte, after @ ..] => (*byte, after),
            [] => return Err(Error::UnbalancedQuotes),
        };
        out.push(byte);
        rest = after;
    }
}

fn single_quoted<'a>(mut rest: &'a [u8], out: &mut Vec<u8>) -> Result<&'a [u8], Error> {
    loop {
        let (byte, after) = match rest {
            [b'\\', b'\'', after @ ..] => (b'\'', after),
            [b'\'', after @ ..] => return end_of_word(after),
            [byte, after @ ..] => (*byte, after),
            [] => return Err(Error::UnbalancedQuotes),
        };
        out.push(byte);
        rest = after;
    }
}

/// A closing quote must be followed by a blank or by nothing.
fn end_of_word(rest: &[u8]) -> Result<&[u8], Error> {
    match rest.first() {
        Some(byte) if !byte.is_ascii_whitespace() && *byte != 0x0b => Err(Error::UnbalancedQuotes),
        _ => Ok(rest),
    }
}

fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20) - b'a' + 10,
    }
}
