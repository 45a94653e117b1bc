//! HTTP/2 on a server's connection: by prior knowledge, or by ALPN.
//!
//! All frames of one read are handled first, and what is to be sent in answer goes out by one write.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::{Rc, Weak};
use std::time::{Duration, Instant};

use bytes::Bytes;
use coroutine::{CoId, Engine, Task, Wake, engine, suspend_for};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, request::Parts};
use protocol::http1::{HeaderSpan, KnownHeader, Method, Span, Version};
use protocol::http2::{Error, Event, ServerSession, Settings};

use super::data::{Origin, RequestData, form_limits};
use super::link::Link;
use super::load;
use super::server::{Ends, last_heard};
use super::settings::HttpSettings;
use super::stream::BodyStream;
use super::upload::{Spool, boundary};
use crate::php::server::events::PortEvent;
use crate::php::server::{Server, dispatch};
use crate::server::{Address, Closer, Conn, Input, Protocol, worker};
use crate::zend::{ZStr, guarded};

pub struct Http2 {
    me: Weak<Http2>,
    server: Rc<Server>,
    settings: Rc<HttpSettings>,
    conn: Weak<Conn>,
    session: RefCell<ServerSession>,
    streams: RefCell<HashMap<u32, Entry>>,
    /// Events are being handled: what is written waits for their end.
    turning: Cell<bool>,
    started: Instant,
    ends: OnceCell<Ends>,
    /// When the peer was last heard, once the connection is closed.
    last_heard: Cell<i64>,
}

/// A request under way.
struct Entry {
    stream: Rc<Stream>,
    /// Until its body is whole.
    data: Option<Box<RequestData>>,
    body: Vec<u8>,
    reader: Option<Rc<BodyStream>>,
}

/// The way back to the client, held by the response.
pub struct Stream {
    session: Weak<Http2>,
    pub id: u32,
    waiter: Cell<Option<(CoId, u32)>>,
    gone: Cell<bool>,
}

impl Http2 {
    pub fn new(server: &Rc<Server>, settings: &Rc<HttpSettings>, conn: &Rc<Conn>) -> Rc<Self> {
        let mut wanted = Settings::default();
        crate::php::settings::read(|all| {
            let http2 = &all.http2;
            wanted.header_table_size = http2.header_table_size.unwrap_or(wanted.header_table_size);
            wanted.max_concurrent_streams = http2.max_concurrent_streams.unwrap_or(wanted.max_concurrent_streams);
            wanted.initial_window_size = http2.init_window_size.unwrap_or(wanted.initial_window_size);
            wanted.max_frame_size = http2.max_frame_size.unwrap_or(wanted.max_frame_size);
            wanted.max_header_list_size = http2.max_header_list_size.unwrap_or(wanted.max_header_list_size);
        });
        Rc::new_cyclic(|me| Self {
            me: me.clone(),
            server: Rc::clone(server),
            settings: Rc::clone(settings),
            conn: Rc::downgrade(conn),
            session: RefCell::new(ServerSession::new(&wanted)),
            streams: RefCell::default(),
            turning: Cell::new(false),
            started: Instant::now(),
            ends: OnceCell::new(),
            last_heard: Cell::new(0),
        })
    }

    /// Handles all events and sends what they have led to.
    fn turn(&self, conn: &Rc<Conn>) {
        if self.turning.replace(true) {
            return;
        }
        let mut closed = false;
        loop {
            let event = self.session.borrow_mut().next_event();
            let Some(event) = event else { break };
            closed |= self.event(conn, event);
            if engine().is_some_and(Engine::is_aborted) {
                break;
            }
        }
        self.turning.set(false);
        self.flush(conn);
        if closed {
            conn.close();
        }
    }

    fn flush(&self, conn: &Rc<Conn>) {
        if self.turning.get() {
            return;
        }
        let mut out = Vec::new();
        loop {
            out.clear();
            // More waits until the socket has taken what is queued.
            let more = self.session.borrow_mut().take_output(&mut out);
            if out.is_empty() || conn.write(&out).is_err() || !more || conn.buffered() > 1 << 20 {
                return;
            }
        }
    }

    /// True: the session is over.
    fn event(&self, conn: &Rc<Conn>, event: Event) -> bool {
        match event {
            Event::Request { stream, head, end } => self.request(conn, stream, &head, end),
            Event::Data { stream, data } => self.body(stream, &data),
            Event::End { stream } => self.ended(conn, stream),
            Event::Trailers { .. } | Event::Pong | Event::GoAway { .. } | Event::Response { .. } => {}
            Event::Reset { stream, .. } => self.gone(stream),
            Event::Drained { stream } => {
                if let Some(entry) = self.streams.borrow().get(&stream) {
                    entry.stream.wake();
                }
            }
            Event::Closed { .. } => return true,
        }
        false
    }

    fn request(&self, conn: &Rc<Conn>, id: u32, head: &Parts, end: bool) {
        let mut data = request_data(head);
        data.settings = Some(Rc::clone(&self.settings));
        data.origin = self.me.upgrade().map(|me| me as Rc<dyn Origin>);
        let stream =
            Rc::new(Stream { session: self.me.clone(), id, waiter: Cell::new(None), gone: Cell::new(false) });
        let mut entry = Entry { stream: Rc::clone(&stream), data: None, body: Vec::new(), reader: None };
        if end {
            self.streams.borrow_mut().insert(id, entry);
            self.dispatch(conn, data, stream);
        } else if self.settings.request_stream {
            let me = self.me.clone();
            let reader = BodyStream::new(Box::new(move |bytes| {
                if let Some(me) = me.upgrade() {
                    me.session.borrow_mut().release(id, bytes);
                    if let Some(conn) = me.conn.upgrade() {
                        me.flush(&conn);
                    }
                }
            }));
            data.stream = Some(Rc::clone(&reader));
            entry.reader = Some(reader);
            self.streams.borrow_mut().insert(id, entry);
            self.dispatch(conn, data, stream);
        } else {
            entry.data = Some(data);
            self.streams.borrow_mut().insert(id, entry);
        }
    }

    fn body(&self, id: u32, bytes: &Bytes) {
        let mut streams = self.streams.borrow_mut();
        let Some(entry) = streams.get_mut(&id) else {
            self.session.borrow_mut().release(id, bytes.len());
            return;
        };
        if let Some(reader) = &entry.reader {
            // The script's reading opens the window again.
            reader.push(bytes);
            return;
        }
        if entry.body.len() + bytes.len() > self.settings.package_max_length {
            let mut session = self.session.borrow_mut();
            if let Ok(response) = Response::builder().status(StatusCode::PAYLOAD_TOO_LARGE).body(()) {
                let _ = session.respond(id, response, true);
            }
            session.stop_receiving(id);
            entry.stream.gone.set(true);
            streams.remove(&id);
            return;
        }
        entry.body.extend_from_slice(bytes);
        self.session.borrow_mut().release(id, bytes.len());
    }

    fn ended(&self, conn: &Rc<Conn>, id: u32) {
        let taken = {
            let mut streams = self.streams.borrow_mut();
            let Some(entry) = streams.get_mut(&id) else { return };
            if let Some(reader) = entry.reader.take() {
                reader.end();
                return;
            }
            entry.data.take().map(|data| (data, std::mem::take(&mut entry.body), Rc::clone(&entry.stream)))
        };
        let Some((mut data, body, stream)) = taken else { return };
        if let Some(parameters) = data.multipart_parameters() {
            let parsed = boundary(parameters).and_then(|boundary| {
                let mut spool =
                    Spool::new(boundary, &self.settings.upload_tmp_dir, self.settings.parse_files, &form_limits()).ok()?;
                spool.push(&body).ok()?;
                spool.finish().ok()
            });
            match parsed {
                Some(upload) => data.upload = Some(Box::new(upload)),
                None => {
                    data.give();
                    stream.answer(400, HeaderMap::new(), Bytes::new(), None);
                    return;
                }
            }
        }
        if !body.is_empty() && guarded(|| data.body = Some(ZStr::new(&body))) == crate::zend::Ended::Bailout {
            dispatch::abort();
            return;
        }
        self.dispatch(conn, data, stream);
    }

    fn gone(&self, id: u32) {
        let entry = self.streams.borrow_mut().remove(&id);
        if let Some(entry) = entry {
            entry.stream.gone.set(true);
            entry.stream.wake();
            if let Some(reader) = entry.reader {
                reader.abort();
            }
        }
    }

    fn dispatch(&self, conn: &Rc<Conn>, data: Box<RequestData>, stream: Rc<Stream>) {
        if worker().is_some_and(|worker| load::is_full(worker)) {
            data.give();
            stream.answer(503, HeaderMap::new(), Bytes::new(), None);
            return;
        }
        if self.settings.static_handler
            && matches!(data.head.method, Method::Get | Method::Head)
            && super::files::serve(super::files::To::Stream(&stream), &data)
        {
            data.give();
            return;
        }
        let Some(callable) = self.server.callback(conn.port().index, PortEvent::Request) else {
            data.give();
            stream.answer(404, HeaderMap::new(), Bytes::new(), None);
            return;
        };
        let Some(worker) = worker() else { return };
        worker.count_request();
        let (fd, id) = (conn.id(), i64::from(stream.id));
        let response = super::response::make(&data, &self.settings, Link::Stream(stream), fd);
        let request = super::request::make(data, fd, id);
        load::call(worker, &callable, request, response);
    }

    fn ends(&self) -> Option<&Ends> {
        if self.ends.get().is_none()
            && let Some(conn) = self.conn.upgrade()
        {
            let _ = self.ends.set(Ends::of(&conn));
        }
        self.ends.get()
    }
}

impl Origin for Http2 {
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

impl Protocol for Http2 {
    fn data(&self, conn: &Rc<Conn>, bytes: &[u8]) -> Input {
        self.session.borrow_mut().push(bytes, self.started.elapsed());
        self.turn(conn);
        Input::all(bytes)
    }

    fn drained(&self, conn: &Rc<Conn>) {
        self.turn(conn);
    }

    fn closed(&self, conn: &Rc<Conn>, _by: Closer) -> bool {
        let _ = self.ends.get_or_init(|| Ends::of(conn));
        self.last_heard.set(last_heard(conn));
        let streams = self.streams.take();
        for entry in streams.into_values() {
            entry.stream.gone.set(true);
            entry.stream.wake();
            if let Some(reader) = entry.reader {
                reader.abort();
            }
        }
        true
    }

    fn shutdown(&self, conn: &Rc<Conn>) -> bool {
        self.session.borrow_mut().go_away();
        self.turn(conn);
        true
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

impl Stream {
    fn wake(&self) {
        if let (Some(wait), Some(engine)) = (self.waiter.take(), engine()) {
            engine.wake_later(wait);
        }
    }

    pub fn is_open(&self) -> bool {
        !self.gone.get() && self.session.upgrade().is_some_and(|owner| owner.session.borrow().has_stream(self.id))
    }

    /// Runs a command on the session and sends what it makes. None when the connection is gone.
    fn with<T>(&self, work: impl FnOnce(&mut ServerSession) -> Result<T, Error>) -> Option<T> {
        let owner = self.session.upgrade()?;
        let conn = owner.conn.upgrade().filter(|conn| conn.is_open())?;
        let result = work(&mut owner.session.borrow_mut());
        owner.flush(&conn);
        result.ok()
    }

    fn finish(&self) {
        if let Some(owner) = self.session.upgrade() {
            owner.streams.borrow_mut().remove(&self.id);
        }
    }

    /// A whole answer.
    pub fn answer(&self, status: u16, fields: HeaderMap, body: Bytes, trailers: Option<HeaderMap>) -> bool {
        let sent = self.with(|session| {
            session.respond(self.id, response(status, fields), body.is_empty() && trailers.is_none())?;
            if !body.is_empty() {
                session.send_data(self.id, body, trailers.is_none())?;
            }
            match trailers {
                Some(trailers) => session.send_trailers(self.id, trailers),
                None => Ok(()),
            }
        });
        // What waits for the peer's window is the session's from here on.
        self.finish();
        sent.is_some()
    }

    pub fn head(&self, status: u16, fields: HeaderMap) -> bool {
        self.with(|session| session.respond(self.id, response(status, fields), false)).is_some()
    }

    /// A piece of a body; in a coroutine it waits while the peer takes none.
    pub fn piece(&self, bytes: &[u8]) -> bool {
        let Some(waiting) = self.with(|session| session.send_data(self.id, Bytes::copy_from_slice(bytes), false)) else {
            return false;
        };
        if waiting > 0
            && let Some(ticket) = engine().filter(|engine| engine.can_suspend()).and_then(Engine::next_wait)
        {
            self.waiter.set(Some(ticket));
            let wake = suspend_for(None::<Duration>, Task::Wait);
            self.waiter.set(None);
            return wake == Wake::Resumed && !self.gone.get();
        }
        true
    }

    pub fn end(&self, last: &[u8], trailers: Option<HeaderMap>) -> bool {
        let sent = self.with(|session| {
            if !last.is_empty() || trailers.is_none() {
                session.send_data(self.id, Bytes::copy_from_slice(last), trailers.is_none())?;
            }
            match trailers {
                Some(trailers) => session.send_trailers(self.id, trailers),
                None => Ok(()),
            }
        });
        self.finish();
        sent.is_some()
    }

    pub fn ping(&self) -> bool {
        self.with(ServerSession::ping).is_some()
    }

    pub fn go_away(&self, code: u32) -> bool {
        self.with(|session| {
            if code == 0 {
                session.go_away();
            } else {
                session.abort(code);
            }
            Ok(())
        })
        .is_some()
    }

    pub fn close_connection(&self) -> bool {
        self.session.upgrade().and_then(|owner| owner.conn.upgrade()).is_some_and(|conn| conn.close())
    }
}

fn response(status: u16, fields: HeaderMap) -> Response<()> {
    let mut response = Response::new(());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    *response.headers_mut() = fields;
    response
}

/// Adds a field, unless HTTP/2 has no such thing (RFC 9113, section 8.2.2) or it cannot be sent.
pub fn add_field(fields: &mut HeaderMap, name: &[u8], value: &[u8]) {
    let connection = ["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"];
    if connection.iter().any(|other| name.eq_ignore_ascii_case(other.as_bytes())) {
        return;
    }
    if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
        fields.append(name, value);
    }
}

/// The request in the shape that HTTP/1's has: bytes, and where things are in them.
fn request_data(head: &Parts) -> Box<RequestData> {
    let mut data = RequestData::take();
    let this = &mut *data;
    let mut put = |bytes: &[u8]| {
        let start = this.raw.len() as u32;
        this.raw.extend_from_slice(bytes);
        Span { start, end: start + bytes.len() as u32 }
    };
    this.head.path = put(head.uri.path().as_bytes());
    this.head.query = put(head.uri.query().unwrap_or_default().as_bytes());
    this.head.headers.clear();
    this.head.body_parts.clear();
    if let Some(authority) = head.uri.authority()
        && !head.headers.contains_key(http::header::HOST)
    {
        let (name, value) = (put(b"host"), put(authority.as_str().as_bytes()));
        this.head.headers.push(HeaderSpan { known: KnownHeader::Host, name, value });
    }
    for (name, value) in &head.headers {
        let known = KnownHeader::classify(name.as_str().as_bytes());
        let (name, value) = (put(name.as_str().as_bytes()), put(value.as_bytes()));
        this.head.headers.push(HeaderSpan { known, name, value });
    }
    this.head.method = Method::from_bytes(head.method.as_str().as_bytes()).unwrap_or(Method::Get);
    this.head.version = Version::Http11;
    this.head.keep_alive = true;
    this.http2 = true;
    this.time = (crate::server::microtime() * 1e6) as u64;
    data
}
