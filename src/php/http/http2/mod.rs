//! HTTP/2 on a server's connection: by prior knowledge, or by ALPN. What carries the bytes is a [`Carrier`]: a
//! connection of a server's worker, or a socket of a coroutine server.
//!
//! All frames of one read are handled first, and what is to be sent in answer goes out by one write.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::{Rc, Weak};
use std::time::Instant;

use bytes::Bytes;
use coroutine::{Engine, engine};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, request::Parts};
use protocol::http1::{HeaderSpan, KnownHeader, Method, Span, Version};
use protocol::http2::{Event, ServerSession, Settings};

use super::data::{Origin, RequestData, form_limits};
use super::settings::HttpSettings;
use super::stream::BodyStream;
use super::upload::{Spool, boundary};
use crate::php::server::dispatch;
use crate::server::Address;
use crate::zend::{ZStr, guarded};

mod conn;
mod stream;

pub use conn::protocol;
pub use stream::Stream;

/// What a session runs over.
pub trait Carrier {
    /// Sends, or queues, all of it; false when the peer is gone. May suspend: what others send meanwhile follows.
    fn write(&self, bytes: &[u8]) -> bool;
    /// Bytes that wait to be sent.
    fn buffered(&self) -> usize;
    fn is_open(&self) -> bool;
    fn close(&self) -> bool;
    /// The peer's address, and ours.
    fn ends(&self) -> Option<(Address, Address)>;
    /// Seconds since 1970 of the last bytes.
    fn last_heard(&self) -> i64;
    /// Has the program answer a request.
    fn request(&self, settings: &Rc<HttpSettings>, data: Box<RequestData>, stream: Rc<Stream>);
}

pub struct Http2 {
    me: Weak<Http2>,
    settings: Rc<HttpSettings>,
    carrier: Box<dyn Carrier>,
    session: RefCell<ServerSession>,
    streams: RefCell<HashMap<u32, Entry>>,
    /// Events are being handled: what is written waits for their end.
    turning: Cell<bool>,
    started: Instant,
    ends: OnceCell<(Address, Address)>,
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

impl Http2 {
    pub fn new(carrier: Box<dyn Carrier>, settings: &Rc<HttpSettings>) -> Rc<Self> {
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
            settings: Rc::clone(settings),
            carrier,
            session: RefCell::new(ServerSession::new(&wanted)),
            streams: RefCell::default(),
            turning: Cell::new(false),
            started: Instant::now(),
            ends: OnceCell::new(),
            last_heard: Cell::new(0),
        })
    }

    /// Takes what came, handles all events and sends what they have led to.
    pub fn receive(&self, bytes: &[u8]) {
        self.session.borrow_mut().push(bytes, self.started.elapsed());
        self.turn();
    }

    pub fn turn(&self) {
        if self.turning.replace(true) {
            return;
        }
        let mut closed = false;
        loop {
            let event = self.session.borrow_mut().next_event();
            let Some(event) = event else { break };
            closed |= self.event(event);
            if engine().is_some_and(Engine::is_aborted) {
                break;
            }
        }
        self.turning.set(false);
        self.flush();
        if closed {
            self.carrier.close();
        }
    }

    /// Sends what the session has to say. While events are handled, what they lead to is gathered first.
    fn flush(&self) {
        if self.turning.get() {
            return;
        }
        let mut out = Vec::new();
        loop {
            out.clear();
            // More waits until the socket has taken what is queued.
            let more = self.session.borrow_mut().take_output(&mut out);
            if out.is_empty() || !self.carrier.write(&out) || !more || self.carrier.buffered() > 1 << 20 {
                return;
            }
        }
    }

    /// Streams under way.
    pub fn open_streams(&self) -> usize {
        self.streams.borrow().len()
    }

    /// Takes no more requests; the session ends with those that are under way.
    pub fn go_away(&self) {
        self.session.borrow_mut().go_away();
        self.turn();
    }

    /// The connection is gone: whoever waits for it learns so.
    pub fn abandon(&self) {
        self.ends();
        self.last_heard.set(self.carrier.last_heard());
        let streams = self.streams.take();
        for entry in streams.into_values() {
            entry.stream.gone.set(true);
            entry.stream.wake();
            if let Some(reader) = entry.reader {
                reader.abort();
            }
        }
    }

    /// True: the session is over.
    fn event(&self, event: Event) -> bool {
        match event {
            Event::Request { stream, head, end } => self.request(stream, &head, end),
            Event::Data { stream, data } => self.body(stream, &data),
            Event::End { stream } => self.ended(stream),
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

    fn request(&self, id: u32, head: &Parts, end: bool) {
        let mut data = request_data(head);
        data.settings = Some(Rc::clone(&self.settings));
        data.origin = self.me.upgrade().map(|me| me as Rc<dyn Origin>);
        let stream = Rc::new(Stream::new(self.me.clone(), id));
        let mut entry = Entry { stream: Rc::clone(&stream), data: None, body: Vec::new(), reader: None };
        if end {
            self.streams.borrow_mut().insert(id, entry);
            self.carrier.request(&self.settings, data, stream);
        } else if self.settings.request_stream {
            let me = self.me.clone();
            let reader = BodyStream::new(Box::new(move |bytes| {
                if let Some(me) = me.upgrade() {
                    me.session.borrow_mut().release(id, bytes);
                    me.flush();
                }
            }));
            data.stream = Some(Rc::clone(&reader));
            entry.reader = Some(reader);
            self.streams.borrow_mut().insert(id, entry);
            self.carrier.request(&self.settings, data, stream);
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

    fn ended(&self, id: u32) {
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
        self.carrier.request(&self.settings, data, stream);
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

    fn ends(&self) -> Option<(Address, Address)> {
        if self.ends.get().is_none() {
            let _ = self.ends.set(self.carrier.ends()?);
        }
        self.ends.get().copied()
    }
}

impl Origin for Http2 {
    fn remote(&self) -> Address {
        self.ends().map_or_else(Address::default, |(remote, _)| remote)
    }

    fn local(&self) -> Address {
        self.ends().map_or_else(Address::default, |(_, local)| local)
    }

    fn received_at(&self) -> i64 {
        match self.last_heard.get() {
            0 => self.carrier.last_heard(),
            heard => heard,
        }
    }
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
