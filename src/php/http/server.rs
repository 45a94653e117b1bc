//! Swoole\Http\Server: HTTP/1 on a server's connection.
//!
//! A request is parsed where it was read; only its head's bytes are kept, in a pooled buffer, and its body
//! becomes a PHP string as it comes. Requests of one connection are handled one after the other, so that
//! answers keep their order; while a handler is suspended the connection does not read on.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;
use std::sync::atomic::Ordering;

use protocol::http1::{BodyDecoder, BodyKind, Method, Parser, Progress, Reject, Upgrade, response};

use super::data::{Origin, RequestData, form_limits};
use super::http2;
use super::link::Link;
use super::load;
use super::settings::HttpSettings;
use super::stream::{BodyStream, resume_when_taken};
use super::upload::{Spool, boundary};
use crate::log;
use crate::php::server::dispatch;
use crate::php::server::events::PortEvent;
use crate::php::server::{Server, port::Listen};
use crate::server::{Address, Closer, Conn, Input, Protocol, worker};
use crate::zend::string::StrBuffer;
use crate::zend::{ZStr, guarded};

/// The protocol of a new connection on a port that speaks HTTP.
pub fn protocol(server: &Rc<Server>, listen: &Rc<Listen>, conn: &Rc<Conn>) -> Rc<dyn Protocol> {
    let settings = HttpSettings::of_port(server, listen);
    if conn.alpn().as_deref() == Some(b"h2") {
        return http2::protocol(server, &settings, conn);
    }
    Rc::new_cyclic(|me| Http1 {
        me: me.clone(),
        server: Rc::clone(server),
        settings,
        conn: Rc::downgrade(conn),
        partial: RefCell::new(None),
        active: Cell::new(false),
        left: Cell::new(false),
        stream: RefCell::new(None),
        ends: OnceCell::new(),
        last_heard: Cell::new(0),
    })
}

/// HTTP/1 on one connection.
pub struct Http1 {
    me: std::rc::Weak<Http1>,
    server: Rc<Server>,
    settings: Rc<HttpSettings>,
    conn: std::rc::Weak<Conn>,
    /// A request of which not all has come. None on an idle connection, which costs little.
    partial: RefCell<Option<Box<Partial>>>,
    /// A request was handed out and is not answered.
    active: Cell<bool>,
    left: Cell<bool>,
    /// The body that the script is reading.
    stream: RefCell<Option<Rc<BodyStream>>>,
    /// Both ends, from the first time that a script has looked.
    ends: OnceCell<Box<Ends>>,
    /// When the peer was last heard, once the connection is closed.
    last_heard: Cell<i64>,
}

/// The addresses of a connection's two ends: asked for once, as a request's `server` array needs both each time.
#[derive(Default)]
pub(super) struct Ends {
    pub remote: Address,
    pub local: Address,
}

impl Ends {
    pub fn of(conn: &Conn) -> Self {
        Self { remote: conn.address(), local: local_address(conn) }
    }
}

/// Seconds since 1970 of the last bytes of a connection.
pub(super) fn last_heard(conn: &Conn) -> i64 {
    conn.slot().map_or(0, |slot| (slot.received_at.load(Ordering::Relaxed) / 1_000_000) as i64)
}

struct Partial {
    parser: Parser,
    body: Option<Body>,
}

/// A body under way.
struct Body {
    data: Option<Box<RequestData>>,
    decoder: BodyDecoder,
    /// Wire bytes of the request so far: chunk framing counts too.
    wire: usize,
    sink: Sink,
}

enum Sink {
    /// Of known length and small, or most of it here: straight into PHP's string.
    Text(StrBuffer, usize),
    Bytes(Vec<u8>),
    /// A multipart body whose files are written as they come (`upload_max_filesize`).
    Spool(Box<Spool>),
    Stream(Rc<BodyStream>),
}

/// Bodies of up to this length may get their PHP string before they are whole.
const EARLY_STRING: u64 = 128 * 1024;

thread_local! {
    /// The parser of all connections that have no partial request.
    static PARSER: RefCell<Option<Parser>> = const { RefCell::new(None) };
}

impl Protocol for Http1 {
    fn data(&self, conn: &Rc<Conn>, bytes: &[u8]) -> Input {
        let mut at = 0;
        while at < bytes.len() && conn.is_open() && !self.left.get() {
            let in_body = self.partial.borrow().as_ref().is_some_and(|partial| partial.body.is_some());
            if in_body {
                let Some(used) = self.body(conn, &bytes[at..]) else {
                    return Input::all(bytes);
                };
                at += used;
                if conn.is_paused() {
                    break;
                }
                continue;
            }
            if self.active.get() {
                // The next request waits until this one is answered; so does its sender.
                conn.pause();
                break;
            }
            match self.head(conn, &bytes[at..]) {
                Head::Partial => break,
                Head::Done(used) => at += used,
                Head::Refused => return Input::all(bytes),
                // Another protocol takes over, with these same bytes.
                Head::Exchanged => return Input { consumed: at, need: 0 },
            }
            if coroutine::engine().is_some_and(coroutine::Engine::is_aborted) {
                return Input::all(bytes);
            }
        }
        Input { consumed: at, need: 0 }
    }

    fn closed(&self, conn: &Rc<Conn>, _by: Closer) -> bool {
        if self.active.get() {
            let _ = self.ends.get_or_init(|| Box::new(Ends::of(conn)));
            self.last_heard.set(last_heard(conn));
        }
        if let Some(stream) = self.stream.take() {
            stream.abort();
        }
        self.tell_closed(conn)
    }

    fn resting(&self) -> bool {
        !self.active.get() && !self.left.get() && self.partial.borrow().is_none()
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

enum Head {
    /// Not all there.
    Partial,
    /// This many bytes are done with.
    Done(usize),
    Refused,
    Exchanged,
}

impl Http1 {
    pub fn settings(&self) -> &Rc<HttpSettings> {
        &self.settings
    }

    pub fn server(&self) -> &Rc<Server> {
        &self.server
    }

    /// A request is being handled: the next one waits.
    pub fn set_active(&self) {
        self.active.set(true);
    }

    /// The answer to the request at hand is out.
    pub fn answered(&self, conn: &Rc<Conn>) {
        if self.active.replace(false) {
            self.stream.take();
            if conn.is_paused() {
                conn.resume();
            }
            conn.rest();
        }
    }

    /// Another protocol has taken the connection over: what is left of the input is its own.
    pub fn leave(&self) {
        self.left.set(true);
    }

    fn head(&self, conn: &Rc<Conn>, bytes: &[u8]) -> Head {
        let kept = self.partial.borrow_mut().take();
        let (mut parser, mut boxed) = match kept {
            Some(partial) => (None, Some(partial)),
            None => (Some(PARSER.with_borrow_mut(Option::take).unwrap_or_else(|| Parser::new(self.settings.limits()))), None),
        };
        let progress = {
            let parser = match (&mut parser, &mut boxed) {
                (Some(parser), _) => parser,
                (None, Some(partial)) => &mut partial.parser,
                (None, None) => return Head::Refused,
            };
            if *parser.limits() != self.settings.limits() {
                *parser = Parser::new(self.settings.limits());
            }
            let progress = parser.parse_head(bytes);
            if matches!(progress, Progress::Head | Progress::Complete { .. }) {
                let mut data = RequestData::take();
                parser.swap_head(&mut data.head);
                Ok(data)
            } else {
                Err(progress)
            }
        };
        match progress {
            Ok(data) => {
                if let Some(parser) = parser {
                    PARSER.with_borrow_mut(|shared| *shared = Some(parser));
                }
                self.take_head(conn, data, bytes)
            }
            Err(Progress::Incomplete { .. }) => {
                let partial = boxed.or_else(|| parser.map(|parser| Box::new(Partial { parser, body: None })));
                *self.partial.borrow_mut() = partial;
                Head::Partial
            }
            Err(Progress::Http2Preface) => {
                if let Some(mut parser) = parser {
                    parser.reset();
                    PARSER.with_borrow_mut(|shared| *shared = Some(parser));
                }
                if conn.port().settings.borrow().open_http2_protocol {
                    conn.set_protocol(http2::protocol(&self.server, &self.settings, conn));
                    self.leave();
                    return Head::Exchanged;
                }
                self.refuse(conn, Reject { status: 400, reason: "HTTP/2 is not enabled on this port" });
                Head::Refused
            }
            Err(Progress::Reject(reject)) => {
                self.refuse(conn, reject);
                Head::Refused
            }
            Err(_) => Head::Refused,
        }
    }

    /// Answers what is no request, and closes.
    fn refuse(&self, conn: &Rc<Conn>, reject: Reject) {
        let mut out = Vec::with_capacity(128);
        response::push_error(&mut out, reject.status);
        let _ = conn.write(&out);
        log::put(
            log::Level::Notice as i32,
            format!("Invalid HTTP request from session#{} discarded: {}", conn.id(), reject.reason).as_bytes(),
        );
        conn.close();
    }

    /// A head is there: its request, if it is whole, or the beginning of its body.
    fn take_head(&self, conn: &Rc<Conn>, mut data: Box<RequestData>, bytes: &[u8]) -> Head {
        let head_len = data.head.head_len as usize;
        data.raw.extend_from_slice(&bytes[..head_len]);
        data.time = now_us();
        data.settings = Some(Rc::clone(&self.settings));
        data.origin = self.me.upgrade().map(|me| me as Rc<dyn Origin>);
        let rest = &bytes[head_len..];
        let limit = (self.settings.package_max_length.saturating_sub(head_len)) as u64;
        match data.head.body {
            BodyKind::None | BodyKind::UntilClose => {
                if !rest.is_empty() {
                    conn.cork();
                }
                self.dispatch(conn, data);
                Head::Done(head_len)
            }
            // The usual form or JSON document: all in one read.
            BodyKind::Length(length) if length <= limit && length <= rest.len() as u64 && !self.is_taken_piecewise(&data) => {
                let end = length as usize;
                if rest.len() > end {
                    conn.cork();
                }
                if !self.whole(conn, data, Whole::Slice(&rest[..end])) {
                    return Head::Refused;
                }
                Head::Done(head_len + end)
            }
            kind => {
                let spool = self.spool(&data);
                let limit = match &spool {
                    Some(_) => limit.max(self.settings.upload_max_filesize as u64),
                    None => limit,
                };
                let stream = self.settings.request_stream && spool.is_none();
                if let BodyKind::Length(length) = kind
                    && length > limit
                    && !stream
                {
                    data.give();
                    self.refuse(conn, Reject { status: 413, reason: "request exceeds the limit" });
                    return Head::Refused;
                }
                if data.head.expect_continue && rest.is_empty() {
                    let _ = conn.write(response::CONTINUE);
                }
                let decoder = BodyDecoder::new(kind, if stream { u64::MAX } else { limit });
                let mut partial = Box::new(Partial { parser: Parser::new(self.settings.limits()), body: None });
                if stream {
                    let stream = BodyStream::new(resume_when_taken(conn));
                    data.stream = Some(Rc::clone(&stream));
                    *self.stream.borrow_mut() = Some(Rc::clone(&stream));
                    partial.body = Some(Body { data: None, decoder, wire: head_len, sink: Sink::Stream(stream) });
                    *self.partial.borrow_mut() = Some(partial);
                    self.dispatch(conn, data);
                    return Head::Done(head_len);
                }
                let sink = match (spool, kind) {
                    (Some(spool), _) => Sink::Spool(Box::new(spool)),
                    (None, BodyKind::Length(length)) if length <= EARLY_STRING && rest.len() as u64 * 4 >= length => {
                        Sink::Text(StrBuffer::with_capacity(length as usize), 0)
                    }
                    _ => Sink::Bytes(Vec::new()),
                };
                partial.body = Some(Body { data: Some(data), decoder, wire: head_len, sink });
                *self.partial.borrow_mut() = Some(partial);
                Head::Done(head_len)
            }
        }
    }

    fn is_taken_piecewise(&self, data: &RequestData) -> bool {
        self.settings.request_stream || (self.settings.upload_max_filesize > 0 && data.multipart_parameters().is_some())
    }

    fn spool(&self, data: &RequestData) -> Option<Spool> {
        if self.settings.upload_max_filesize == 0 {
            return None;
        }
        let boundary = boundary(data.multipart_parameters()?)?;
        Spool::new(boundary, &self.settings.upload_tmp_dir, self.settings.parse_files, &form_limits()).ok()
    }

    /// Bytes of a body; how many were taken, or none when the request was refused.
    fn body(&self, conn: &Rc<Conn>, bytes: &[u8]) -> Option<usize> {
        let mut body = self.partial.borrow_mut().as_mut()?.body.take()?;
        let mut at = 0;
        let limit = match &body.sink {
            Sink::Stream(_) => usize::MAX,
            Sink::Spool(_) => self.settings.package_max_length.max(self.settings.upload_max_filesize).saturating_mul(2),
            _ => self.settings.package_max_length.saturating_add(1024),
        };
        loop {
            let step = match body.decoder.decode(&bytes[at..]) {
                Ok(step) => step,
                Err(error) => return self.refuse_body(conn, error.into()),
            };
            let piece = &bytes[at + step.data.start..at + step.data.end];
            at += step.consumed;
            body.wire += step.consumed;
            let mut wait = false;
            match &mut body.sink {
                Sink::Text(buffer, filled) => {
                    let room = buffer.capacity() - *filled;
                    let take = piece.len().min(room);
                    // SAFETY: `take` bytes fit behind what is filled, and the piece is another buffer's.
                    unsafe { std::ptr::copy_nonoverlapping(piece.as_ptr(), buffer.as_mut_ptr().add(*filled), take) };
                    *filled += take;
                }
                Sink::Bytes(all) => all.extend_from_slice(piece),
                Sink::Spool(spool) => {
                    if spool.push(piece).is_err() {
                        return self.refuse_body(conn, Reject { status: 400, reason: "bad multipart body" });
                    }
                    if spool.held > self.settings.package_max_length {
                        return self.refuse_body(conn, Reject { status: 413, reason: "request exceeds the limit" });
                    }
                }
                Sink::Stream(stream) => wait = stream.push(piece),
            }
            if body.wire > limit {
                return self.refuse_body(conn, Reject { status: 413, reason: "request exceeds the limit" });
            }
            if step.done {
                break;
            }
            if wait {
                conn.pause();
            }
            if step.consumed == 0 || at >= bytes.len() || wait {
                if let Some(partial) = self.partial.borrow_mut().as_mut() {
                    partial.body = Some(body);
                }
                return Some(at);
            }
        }
        self.partial.borrow_mut().take();
        if at < bytes.len() {
            conn.cork();
        }
        let Body { data, sink, .. } = body;
        let fine = match (data, sink) {
            (_, Sink::Stream(stream)) => {
                stream.end();
                true
            }
            (Some(data), Sink::Text(buffer, filled)) => self.whole(conn, data, Whole::Text(buffer.finish(filled))),
            (Some(data), Sink::Bytes(all)) => self.whole(conn, data, Whole::Slice(&all)),
            (Some(mut data), Sink::Spool(spool)) => match spool.finish() {
                Ok(upload) => {
                    data.upload = Some(Box::new(upload));
                    self.dispatch(conn, data);
                    true
                }
                Err(_) => {
                    self.refuse(conn, Reject { status: 400, reason: "bad multipart body" });
                    false
                }
            },
            (None, _) => true,
        };
        fine.then_some(at)
    }

    fn refuse_body(&self, conn: &Rc<Conn>, reject: Reject) -> Option<usize> {
        self.partial.borrow_mut().take();
        if let Some(stream) = self.stream.take() {
            stream.abort();
            conn.close();
        } else {
            self.refuse(conn, reject);
        }
        None
    }

    /// A request with all of its body. False: it was refused.
    fn whole(&self, conn: &Rc<Conn>, mut data: Box<RequestData>, body: Whole<'_>) -> bool {
        let bytes = match &body {
            Whole::Slice(bytes) => *bytes,
            Whole::Text(text) => text,
        };
        if let Some(parameters) = data.multipart_parameters() {
            let parsed = boundary(parameters).and_then(|boundary| {
                let mut spool =
                    Spool::new(boundary, &self.settings.upload_tmp_dir, self.settings.parse_files, &form_limits()).ok()?;
                // Some clients send an empty line first.
                let start = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
                spool.push(&bytes[start..]).ok()?;
                spool.finish().ok()
            });
            match parsed {
                Some(upload) => data.upload = Some(Box::new(upload)),
                None => {
                    data.give();
                    self.refuse(conn, Reject { status: 400, reason: "bad multipart body" });
                    return false;
                }
            }
        }
        data.body = match body {
            Whole::Text(text) => Some(text),
            Whole::Slice([]) => None,
            Whole::Slice(bytes) => {
                let mut made = None;
                if guarded(|| made = Some(ZStr::new(bytes))) == crate::zend::Ended::Bailout {
                    dispatch::abort();
                    return false;
                }
                made
            }
        };
        self.dispatch(conn, data);
        true
    }

    /// Hands a request to the script.
    fn dispatch(&self, conn: &Rc<Conn>, data: Box<RequestData>) {
        let settings = &self.settings;
        if worker().is_some_and(load::is_full) {
            data.give();
            let mut out = Vec::with_capacity(128);
            response::push_error(&mut out, 503);
            let _ = conn.write(&out);
            conn.close();
            return;
        }
        if settings.static_handler
            && matches!(data.head.method, Method::Get | Method::Head)
            && super::files::serve(super::files::To::Conn(conn), &data)
        {
            data.give();
            return;
        }
        if data.head.upgrade == Upgrade::WebSocket && conn.port().settings.borrow().open_websocket_protocol {
            super::upgrade::request(self, conn, data);
            return;
        }
        let Some(callable) = self.server.callback(conn.port().index, PortEvent::Request) else {
            data.give();
            let page = b"<html><body><h2>HTTP 400 Bad Request</h2></body></html>";
            let head = format!(
                "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/html; charset=UTF-8\r\nContent-Length: {}\r\n\r\n",
                page.len()
            );
            let _ = conn.write_parts(&[std::io::IoSlice::new(head.as_bytes()), std::io::IoSlice::new(page)]);
            conn.close();
            return;
        };
        self.call(conn, &callable, data);
    }

    /// Calls a callback with a request and its response.
    pub fn call(&self, conn: &Rc<Conn>, callable: &Rc<crate::zend::Callable>, data: Box<RequestData>) {
        let Some(worker) = worker() else { return };
        worker.count_request();
        self.active.set(true);
        let id = conn.id();
        let response = super::response::make(&data, &self.settings, Link::Conn(Rc::clone(conn)), id);
        let request = super::request::make(data, id, 0);
        load::call(worker, callable, request, response);
    }

    /// On a port for WebSockets, one that never became one has an event of its own. True: the Close event.
    fn tell_closed(&self, conn: &Rc<Conn>) -> bool {
        let index = conn.port().index;
        if !conn.port().settings.borrow().open_websocket_protocol {
            return true;
        }
        let (Some(callable), Some(worker)) = (self.server.callback(index, PortEvent::Disconnect), worker()) else { return true };
        let mut args = [self.server.object().into_zval(), dispatch::long(conn.id())];
        dispatch::run(&callable, &mut args, worker.settings().enable_coroutine);
        false
    }

    fn ends(&self) -> Option<&Ends> {
        if self.ends.get().is_none()
            && let Some(conn) = self.conn.upgrade()
        {
            let _ = self.ends.set(Box::new(Ends::of(&conn)));
        }
        self.ends.get().map(|ends| &**ends)
    }
}

impl Origin for Http1 {
    fn remote(&self) -> Address {
        self.ends().map_or_else(Address::default, |ends| ends.remote)
    }

    fn local(&self) -> Address {
        self.ends().map_or_else(Address::default, |ends| ends.local)
    }

    fn received_at(&self) -> i64 {
        match self.last_heard.get() {
            0 => self.conn.upgrade().map_or(0, |conn| last_heard(&conn)),
            heard => heard,
        }
    }
}

/// The address that the client has reached.
pub fn local_address(conn: &Conn) -> Address {
    if conn.fd() >= 0 {
        return Address::local_of(conn.fd());
    }
    // Another process has the socket.
    let port = conn.port();
    Address::parse(port.kind, &port.host, port.number).unwrap_or_else(|_| Address::local_of(port.fd()))
}

enum Whole<'a> {
    Slice(&'a [u8]),
    Text(ZStr),
}

/// Microseconds since 1970.
fn now_us() -> u64 {
    (crate::server::microtime() * 1e6) as u64
}
