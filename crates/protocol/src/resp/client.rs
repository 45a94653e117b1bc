//! The client's side (RESP2): commands out, replies in.

use super::reply;

/// What a server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// A line such as `OK`.
    Status(Vec<u8>),
    /// The command failed; by custom the text begins with a word in capitals.
    Error(Vec<u8>),
    /// A number.
    Int(i64),
    /// Any bytes.
    Bulk(Vec<u8>),
    /// Replies inside a reply.
    Array(Vec<Reply>),
    /// Nothing: a null bulk string or a null array.
    Nil,
}

/// Why a stream of replies cannot be followed any further. The server's fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplyError {
    /// The first byte of a reply is none that RESP2 knows.
    #[error("Protocol error, got {:?} as reply type byte", char::from(*.0))]
    UnknownType(u8),
    /// A length or an integer is no number.
    #[error("Protocol error, bad number")]
    BadNumber,
    /// A bulk string is not followed by CRLF.
    #[error("Protocol error, a bulk string has no end")]
    MissingEnd,
    /// A line, a bulk string or an array above the limit.
    #[error("Protocol error, a reply is too large")]
    TooLarge,
    /// Arrays in arrays in arrays.
    #[error("Protocol error, too many nested multi-bulk replies")]
    TooDeep,
}

/// Bytes of a line, without its end.
const MAX_LINE: usize = 64 * 1024;
/// Redis's own limit for a bulk string (proto-max-bulk-len), bytes.
const MAX_BULK: i64 = 512 << 20;
/// Elements of one array.
const MAX_ELEMENTS: i64 = 1 << 24;
const MAX_DEPTH: usize = 32;

/// An array whose elements are still coming.
#[derive(Debug)]
struct Open {
    left: usize,
    elements: Vec<Reply>,
}

/// Parses replies. What is done with is never looked at again, however a reply is cut.
#[derive(Debug, Default)]
pub struct ReplyParser {
    open: Vec<Open>,
}

/// A step of [`ReplyParser::next`].
#[derive(Debug, PartialEq, Eq)]
pub enum ReplyStep {
    /// The first `consumed` bytes are done with; a whole reply needs at least `hint` more than there are.
    NeedMore {
        /// Bytes to drop.
        consumed: usize,
        /// At least 1.
        hint: usize,
    },
    /// A whole reply, the last of which ends at `consumed`.
    Reply {
        /// The reply.
        reply: Reply,
        /// Bytes to drop.
        consumed: usize,
    },
}

impl ReplyParser {
    /// Looks for a reply at the start of `bytes`, which begin where the last step has stopped.
    ///
    /// # Errors
    /// [`ReplyError`]: the connection is of no use any more.
    pub fn next(&mut self, bytes: &[u8]) -> Result<ReplyStep, ReplyError> {
        let mut at = 0;
        loop {
            let mut reply = match self.element(&bytes[at..])? {
                Element::NeedMore(hint) => return Ok(ReplyStep::NeedMore { consumed: at, hint }),
                Element::Array(left, size) => {
                    at += size;
                    if self.open.len() == MAX_DEPTH {
                        return Err(ReplyError::TooDeep);
                    }
                    // The count is the server's word: memory is taken as elements come.
                    self.open.push(Open { left, elements: Vec::with_capacity(left.min(1024)) });
                    continue;
                }
                Element::Reply(reply, size) => {
                    at += size;
                    reply
                }
            };
            loop {
                let Some(open) = self.open.last_mut() else { return Ok(ReplyStep::Reply { reply, consumed: at }) };
                open.elements.push(reply);
                open.left -= 1;
                if open.left > 0 {
                    break;
                }
                reply = Reply::Array(self.open.pop().map(|open| open.elements).unwrap_or_default());
            }
        }
    }

    fn element(&self, bytes: &[u8]) -> Result<Element, ReplyError> {
        let Some(end) = memchr::memchr(b'\n', &bytes[..bytes.len().min(MAX_LINE + 3)]) else {
            return if bytes.len() >= MAX_LINE + 3 { Err(ReplyError::TooLarge) } else { Ok(Element::NeedMore(1)) };
        };
        let size = end + 1;
        let Some((kind, text)) = bytes[..end].split_first() else { return Err(ReplyError::UnknownType(b'\n')) };
        let text = text.strip_suffix(b"\r").ok_or(ReplyError::MissingEnd)?;
        let reply = match kind {
            b'+' => Reply::Status(text.to_vec()),
            b'-' => Reply::Error(text.to_vec()),
            b':' => Reply::Int(number(text)?),
            b'$' => match number(text)? {
                -1 => Reply::Nil,
                length if !(0..=MAX_BULK).contains(&length) => return Err(ReplyError::TooLarge),
                length => {
                    let body = size + length as usize;
                    let Some(tail) = bytes.get(body..body + 2) else {
                        return Ok(Element::NeedMore(body + 2 - bytes.len()));
                    };
                    if tail != b"\r\n" {
                        return Err(ReplyError::MissingEnd);
                    }
                    return Ok(Element::Reply(Reply::Bulk(bytes[size..body].to_vec()), body + 2));
                }
            },
            b'*' => match number(text)? {
                -1 => Reply::Nil,
                0 => Reply::Array(Vec::new()),
                count if !(1..=MAX_ELEMENTS).contains(&count) => return Err(ReplyError::TooLarge),
                count => return Ok(Element::Array(count as usize, size)),
            },
            other => return Err(ReplyError::UnknownType(*other)),
        };
        Ok(Element::Reply(reply, size))
    }
}

enum Element {
    NeedMore(usize),
    Reply(Reply, usize),
    Array(usize, usize),
}

fn number(text: &[u8]) -> Result<i64, ReplyError> {
    std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()).ok_or(ReplyError::BadNumber)
}

/// Appends a command: its name and its arguments, as an array of bulk strings.
pub fn push_command<'a>(out: &mut Vec<u8>, args: impl ExactSizeIterator<Item = &'a [u8]>) {
    reply::set(out, args.len());
    for arg in args {
        reply::string(out, arg);
    }
}
