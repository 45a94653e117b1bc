//! An answer: its head into properties, its body to where it belongs.

use net::{Deadline, Errno, Fault, Socket};
use protocol::http1::{BodyKind, ClientLimits, ClientProgress, KnownHeader, ResponseHead, ResponseParser, Upgrade};
use protocol::percent;
use reactor::Interest;

use super::body::{Encoding, Sink};
use super::*;
use crate::zend::{ArrayMut, ZStr};

/// Bytes of a fresh read buffer; most answers fit.
const INITIAL: usize = 8 * 1024;
/// And when a body goes on past it.
const LARGE: usize = 128 * 1024;
/// The largest head, in bytes.
const MAX_HEAD: usize = 256 * 1024;

/// What reading an answer came to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Received {
    /// Its status.
    Done(u16),
    /// The error is set, the connection closed.
    Failed,
}

/// A whole answer.
pub(super) struct Answer {
    pub status: u16,
    /// The connection cannot take another request.
    pub close: bool,
    pub websocket: bool,
}

/// The reading side: one buffer for the connections of a client.
pub(super) struct Incoming {
    parser: ResponseParser,
    buffer: Vec<u8>,
    filled: usize,
    /// Where what follows the answer starts.
    rest: usize,
}

impl Default for Incoming {
    fn default() -> Self {
        let limits = ClientLimits { max_head: MAX_HEAD as u32, ..ClientLimits::default() };
        Self { parser: ResponseParser::new(limits, None), buffer: vec![0; INITIAL], filled: 0, rest: 0 }
    }
}

impl Incoming {
    pub fn head(&self) -> &ResponseHead {
        self.parser.head()
    }

    /// What the answer was parsed from. Only while no body was read over it: after an upgrade.
    pub fn raw(&self) -> &[u8] {
        &self.buffer[..self.filled]
    }

    /// What came behind the answer.
    pub fn rest(&self) -> &[u8] {
        &self.buffer[self.rest.min(self.filled)..self.filled]
    }
}

fn fault(code: i32) -> Fault {
    Fault::Errno(Errno(code))
}

const MALFORMED: Fault = Fault::Errno(Errno(Code::HTTP_INVALID_PROTOCOL.0));

/// A step that may fail as I/O does, inside one that may throw.
type Io<T> = PhpResult<Result<T, Fault>>;

macro_rules! io {
    ($step:expr) => {
        match $step {
            Ok(value) => value,
            Err(fault) => return Ok(Err(fault)),
        }
    };
}

impl Client {
    /// Reads one answer. The outer error is an exception, the inner one the connection's.
    pub(super) fn read_response(
        &self,
        this: &mut ZendObject,
        socket: &Socket,
        incoming: &mut Incoming,
        end: Deadline,
    ) -> Io<Answer> {
        incoming.parser.reset(self.method.get());
        (incoming.filled, incoming.rest) = (0, 0);
        io!(read_head(socket, incoming, end));
        let Incoming { parser, buffer, filled, rest } = incoming;
        let head = parser.head();
        let names = Names { lowercase: self.lowercase_header.get() };
        let (encoding, close, event_stream) = self.publish_head(this, head, buffer, &names);
        let head_len = head.head_len as usize;
        let status = head.status;
        let websocket = head.upgrade == Upgrade::WebSocket;
        if status == 101 {
            *rest = head_len;
            this.slot(STATUS_CODE).assign(Value::long(i64::from(status)));
            return Ok(Ok(Answer { status, close: !websocket, websocket }));
        }
        let download = !this.slot(DOWNLOAD_FILE).is_null();
        let plain = encoding.is_none() && !download && self.write_func.borrow().is_none();
        // All there, and to be given as it is: the usual case.
        let whole = match head.body {
            BodyKind::None => Some(0),
            BodyKind::Length(n) if plain => usize::try_from(n).ok().filter(|n| *filled - head_len >= *n),
            _ => None,
        };
        if let Some(length) = whole {
            *rest = head_len + length;
            if length > 0 {
                this.slot(BODY).assign(Value::string(&buffer[head_len..head_len + length]));
            }
            this.slot(STATUS_CODE).assign(Value::long(i64::from(status)));
            return Ok(Ok(Answer { status, close: close || *rest != *filled, websocket: false }));
        }
        let kind = head.body;
        let mut decoder = head.body_decoder(u64::MAX);
        let mut sink = Sink::new(encoding);
        if let BodyKind::Length(n) = kind {
            sink.announce(n);
        }
        let mut at = head_len;
        let mut ended = false;
        while !decoder.is_done() {
            let Ok(step) = decoder.decode(&buffer[at..*filled]) else { return Ok(Err(MALFORMED)) };
            let data = at + step.data.start..at + step.data.end;
            if !data.is_empty() {
                if !self.deliver(this, &mut sink, &buffer[data])? {
                    return Ok(Err(MALFORMED));
                }
                if self.close_asked.replace(false) {
                    return Ok(Err(fault(0)));
                }
            }
            at += step.consumed;
            if step.done || step.consumed > 0 && at < *filled {
                continue;
            }
            // Events come one by one, and for as long as the server likes: the first is the answer.
            if event_stream && kind == BodyKind::UntilClose && decoder.decoded() > 0 {
                ended = true;
                break;
            }
            buffer.copy_within(at..*filled, 0);
            *filled -= at;
            at = 0;
            if buffer.len() < LARGE && decoder.need() > INITIAL as u64 {
                buffer.resize(LARGE, 0);
            }
            let room = buffer.len();
            let n = io!(socket.recv(&mut buffer[*filled..room], end));
            if n == 0 {
                if decoder.close().is_err() {
                    return Ok(Err(fault(libc::ECONNRESET)));
                }
                ended = true;
            }
            *filled += n;
        }
        *rest = at;
        let trailers: Vec<_> = decoder.trailers().map(|(name, value)| (name.to_vec(), value.to_vec())).collect();
        if !trailers.is_empty()
            && let Some(mut headers) = this.slot(HEADERS).as_array_mut()
        {
            for (name, value) in trailers {
                names.add(&mut headers, KnownHeader::Other, &name, &value);
            }
        }
        if buffer.len() > INITIAL && *rest == *filled {
            *buffer = vec![0; INITIAL];
            (*filled, *rest) = (0, 0);
        }
        if sink.has_file() {
            if !self.finish_download(&mut sink)? {
                return Ok(Err(fault(libc::EIO)));
            }
        } else {
            this.slot(BODY).assign(Value::string(sink.body()));
        }
        this.slot(STATUS_CODE).assign(Value::long(i64::from(status)));
        let close = close || (ended && !event_stream) || *rest != *filled;
        Ok(Ok(Answer { status, close, websocket: false }))
    }

    /// Headers and cookies into the properties; the body's encoding, whether the connection ends, and whether the
    /// body is a stream of events.
    fn publish_head(
        &self,
        this: &mut ZendObject,
        head: &ResponseHead,
        raw: &[u8],
        names: &Names,
    ) -> (Option<Encoding>, bool, bool) {
        let mut headers = Value::array(head.headers.len() as u32);
        let mut array = headers.array_mut();
        let (mut encoding, mut close, mut events) = (None, false, false);
        for field in &head.headers {
            let (name, value) = (field.name.of(raw), field.value.of(raw));
            names.add(&mut array, field.known, name, value);
            match field.known {
                KnownHeader::SetCookie => self.set_cookie(this, value),
                KnownHeader::ContentEncoding if self.body_decompression.get() => encoding = Encoding::parse(value),
                KnownHeader::Connection => close = starts_with(value, b"close"),
                KnownHeader::ContentType => events = starts_with(value, b"text/event-stream"),
                _ => {}
            }
        }
        this.slot(HEADERS).assign(headers);
        (encoding, close, events)
    }

    /// A cookie joins those that the next request sends.
    fn set_cookie(&self, this: &mut ZendObject, value: &[u8]) {
        let (key, rest) = match memchr::memchr(b'=', value) {
            Some(at) => (&value[..at], &value[at + 1..]),
            None => (&value[..0], value),
        };
        let content = rest.split(|byte| *byte == b';').next().unwrap_or_default();
        let content = Value::string(&percent::url_decode(content));
        let cookies = this.slot(COOKIES);
        if !cookies.is_array() {
            cookies.assign(Value::array(1));
        }
        if let Some(mut cookies) = cookies.as_array_mut() {
            if key.is_empty() {
                cookies.push(content);
            } else {
                cookies.set_symbol(key, content);
            }
        }
        let lines = this.slot(SET_COOKIE_HEADERS);
        if !lines.is_array() {
            lines.assign(Value::array(1));
        }
        if let Some(mut lines) = lines.as_array_mut() {
            lines.push(Value::string(value));
        }
    }
}

fn starts_with(value: &[u8], prefix: &[u8]) -> bool {
    value.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

fn read_head(socket: &Socket, incoming: &mut Incoming, end: Deadline) -> Result<(), Fault> {
    socket.available(Interest::READ)?;
    // The answer is hardly ever there yet: waiting first saves the read that finds nothing.
    if !socket.is_tls() && socket.buffered() == 0 {
        socket.wait(Interest::READ, end)?;
    }
    loop {
        let Incoming { parser, buffer, filled, .. } = incoming;
        if *filled == buffer.len() {
            if *filled >= MAX_HEAD {
                return Err(MALFORMED);
            }
            buffer.resize(*filled * 2, 0);
        }
        let n = socket.recv(&mut buffer[*filled..], end)?;
        if n == 0 {
            return Err(fault(libc::ECONNRESET));
        }
        *filled += n;
        loop {
            if *filled == 0 {
                break;
            }
            match parser.parse_head(&buffer[..*filled]).map_err(|_| MALFORMED)? {
                ClientProgress::Head => return Ok(()),
                ClientProgress::Incomplete => break,
                ClientProgress::Interim { consumed, .. } => {
                    buffer.copy_within(consumed..*filled, 0);
                    *filled -= consumed;
                }
            }
        }
    }
}

/// How header names become array keys.
struct Names {
    lowercase: bool,
}

impl Names {
    /// Adds a header; a second one of a name makes a list of values.
    fn add(&self, headers: &mut ArrayMut<'_>, known: KnownHeader, name: &[u8], value: &[u8]) {
        let value = Value::string(value);
        if self.lowercase && known != KnownHeader::Other {
            // Keys that every answer has are shared, not made anew.
            let key = ZStr::interned(known.name().as_bytes());
            match headers.read().get(known.name()).map(Value::copy_of) {
                None => headers.set_zstr(&key, value),
                Some(old) => headers.set_zstr(&key, join(old, value)),
            }
            return;
        }
        let lower;
        let name = if self.lowercase {
            lower = name.to_ascii_lowercase();
            &lower[..]
        } else {
            name
        };
        let value = match headers.read().get_symbol(name).map(Value::copy_of) {
            None => value,
            Some(old) => join(old, value),
        };
        headers.set_symbol(name, value);
    }
}

fn join(mut old: Value, more: Value) -> Value {
    if !old.as_zval().is_array() {
        let mut list = Value::array(2);
        list.array_mut().push(old);
        old = list;
    }
    old.array_mut().push(more);
    old
}
