//! Swoole\Coroutine\Http2\Client.

mod frames;
mod receive;
mod request;
mod response;

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;

use net::{Errno, Fault, Kind, Socket, deadline};
use protocol::http2::{ClientSession, Error, Event, Settings};

use super::super::client::hang_up;
use super::super::link::{self, Link};
use super::super::require_coroutine;
use super::super::socket::{after_wait, busy, wrap_shared};
use crate::php::code::Code;
use crate::php::settings;
use crate::zend::error::throw;
use crate::zend::registration::ce;
use crate::zend::{
    Call, ClassEntry, ClassState, GcBuffer, Handlers, ObjectExt, PhpResult, Value, ZendObject, Zval, ZvalExt, class_state,
    state_of,
};
use frames::{Announced, Frames};
use response::Stream;

/// Numbers of the declared properties.
const ERR_CODE: u32 = 0;
const ERR_MSG: u32 = 1;
const SETTING: u32 = 4;
const SOCKET: u32 = 5;
const CONNECTED: u32 = 6;
const HOST: u32 = 7;
const PORT: u32 = 8;
const SSL: u32 = 9;
const SERVER_LAST_STREAM_ID: u32 = 10;

const TIMED_OUT: i64 = libc::ETIMEDOUT as i64;
const CANCELED: i64 = libc::ECANCELED as i64;

#[derive(Default)]
pub struct State(OnceCell<Box<Client>>);

static HANDLERS: Handlers = Handlers::new();

impl ClassState for State {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }

    fn gc(&self, buffer: &mut GcBuffer) {
        let Some(client) = self.0.get() else { return };
        if let Some(object) = client.exported.borrow().as_ref() {
            buffer.add(object);
        }
        if let Some(connection) = client.connection.borrow().as_ref() {
            connection.streams.values().for_each(|stream| buffer.add(stream.value()));
        }
    }
}

pub fn class_init(class: &mut ClassEntry) {
    class_state::<State>(class);
}

struct Client {
    host: Vec<u8>,
    port: i64,
    ssl: bool,
    kind: Kind,
    socket: RefCell<Option<Rc<Socket>>>,
    exported: RefCell<Option<Value>>,
    connection: RefCell<Option<Box<Connection>>>,
    /// Some coroutine is writing; it takes along what others add.
    flushing: Cell<bool>,
}

/// What lives as long as a connection.
struct Connection {
    session: ClientSession,
    frames: Frames,
    events: VecDeque<Event>,
    streams: HashMap<u32, Stream>,
    /// The stream that the next request gets.
    next_stream: u32,
    local: Announced,
    /// The server goes away with grace: it answers the streams up to its last one, and the client makes no more.
    leaving: Option<Leaving>,
}

struct Leaving {
    last_stream: u32,
    debug: bytes::Bytes,
}

impl Drop for Client {
    fn drop(&mut self) {
        if let Some(socket) = self.socket.get_mut() {
            socket.close();
        }
    }
}

fn client(object: &ZendObject) -> PhpResult<&'static Client> {
    // SAFETY: handlers of this class and its children only.
    let state = unsafe { state_of::<State>(object) };
    state.0.get().map(|client| &**client).ok_or_else(|| crate::php::error::not_constructed("Swoole\\Coroutine\\Http2\\Client"))
}

fn set_error(this: &mut ZendObject, code: i32) {
    link::set_error(this, ERR_CODE, ERR_MSG, code);
}

fn set_text(this: &mut ZendObject, code: i32, text: &[u8]) {
    set_error(this, code);
    this.slot(ERR_MSG).assign(Value::string(text));
}

/// Leaves a connection's fault in the properties.
fn set_fault(this: &mut ZendObject, socket: &Socket, fault: Fault) -> PhpResult {
    match fault {
        Fault::Errno(Errno(code)) => {
            set_error(this, code);
            after_wait()
        }
        Fault::Busy(interest, holder) => Err(busy(i64::from(socket.fd()), interest, holder)),
    }
}

impl Connection {
    fn new() -> Self {
        let announced = settings::read(|settings| settings.http2.clone());
        let usual = Announced::default();
        let local = Announced {
            header_table_size: announced.header_table_size.unwrap_or(usual.header_table_size),
            max_concurrent_streams: announced.max_concurrent_streams.unwrap_or(usual.max_concurrent_streams),
            init_window_size: announced.init_window_size.unwrap_or(usual.init_window_size),
            max_frame_size: announced.max_frame_size.unwrap_or(usual.max_frame_size),
            max_header_list_size: announced.max_header_list_size.unwrap_or(usual.max_header_list_size),
        };
        let session = ClientSession::new(&Settings {
            header_table_size: local.header_table_size,
            initial_window_size: local.init_window_size,
            connection_window_size: local.init_window_size.max(1 << 20),
            max_frame_size: local.max_frame_size,
            // Nobody needs more than this, and a server could send without end.
            max_header_list_size: local.max_header_list_size.min(16 << 20),
            ..Settings::default()
        });
        Self {
            session,
            frames: Frames::default(),
            events: VecDeque::new(),
            streams: HashMap::new(),
            next_stream: 1,
            local,
            leaving: None,
        }
    }

    fn collect(&mut self) {
        while let Some(event) = self.session.next_event() {
            self.events.push_back(event);
        }
    }

    /// How the server said goodbye, once it owes no answer any more.
    fn left(&mut self) -> Option<Leaving> {
        let leaving = self.leaving.as_mut()?;
        // Mostly it says so twice: that it will, and which stream was the last.
        let later = self.events.iter().rev().find_map(|event| match event {
            Event::GoAway { last_stream, .. } => Some(*last_stream),
            _ => None,
        });
        leaving.last_stream = later.unwrap_or(leaving.last_stream);
        let owed = self.streams.keys().any(|id| *id <= leaving.last_stream);
        if owed { None } else { self.leaving.take() }
    }

    /// Whether the stream's end is known to follow.
    fn ends(&self, stream: u32) -> bool {
        let next = self.events.iter().find(|event| {
            matches!(event, Event::Data { stream: of, .. } | Event::End { stream: of } | Event::Trailers { stream: of, .. } if *of == stream)
        });
        matches!(next, Some(Event::End { .. } | Event::Trailers { .. }))
    }
}

impl Client {
    fn current(&self) -> Option<Rc<Socket>> {
        self.socket.borrow().as_ref().filter(|socket| !socket.is_closed()).map(Rc::clone)
    }

    fn available(&self, this: &mut ZendObject) -> Option<Rc<Socket>> {
        let socket = self.current().filter(|socket| socket.is_connected() && self.connection.borrow().is_some());
        if socket.is_none() {
            set_error(this, Code::CLIENT_NO_CONNECTION.0);
        }
        socket
    }

    fn connect(&self, this: &mut ZendObject) -> PhpResult<bool> {
        if self.current().is_some() {
            set_error(this, libc::EISCONN);
            return Ok(false);
        }
        let setting = Value::copy_of(this.slot(SETTING));
        let options = setting.as_zval().as_array().filter(|options| !options.is_empty());
        let socket = match link::open(link::kind_for(self.kind, options)) {
            Ok(socket) => Rc::new(socket),
            Err(fault) => {
                if let Fault::Errno(Errno(code)) = fault {
                    set_error(this, code);
                }
                return Ok(false);
            }
        };
        let mut link = Link { tls: self.ssl.then(Default::default), alpn: vec!["h2".to_owned()], ..Link::default() };
        if let Some(options) = options {
            link::apply(&socket, &mut link, options)?;
            socket.set_framer(None);
        }
        drop(setting);
        *self.socket.borrow_mut() = Some(Rc::clone(&socket));
        if let Err(fault) = link::connect(&socket, &link, &self.host, self.port) {
            let closed = socket.is_closed();
            self.close(this)?;
            set_fault(this, &socket, if closed { Fault::Errno(Errno(libc::ECONNABORTED)) } else { fault })?;
            return Ok(false);
        }
        *self.connection.borrow_mut() = Some(Box::new(Connection::new()));
        if !self.flush(this, &socket)? {
            self.close(this)?;
            return Ok(false);
        }
        let exported = wrap_shared(socket);
        this.slot(SOCKET).assign(exported.clone());
        *self.exported.borrow_mut() = Some(exported);
        this.slot(CONNECTED).assign(Value::bool(true));
        Ok(true)
    }

    /// Writes what the session has to say. While another coroutine is at it, that one writes ours too.
    fn flush(&self, this: &mut ZendObject, socket: &Socket) -> PhpResult<bool> {
        if self.flushing.get() {
            return Ok(true);
        }
        let mut output = Vec::new();
        loop {
            output.clear();
            if let Some(connection) = self.connection.borrow_mut().as_mut() {
                connection.session.take_output(&mut output);
            }
            if output.is_empty() {
                return Ok(true);
            }
            self.flushing.set(true);
            let result = socket.send_all(&output, deadline(socket.timeouts.get().write));
            self.flushing.set(false);
            if let Err((_, fault)) = result {
                set_fault(this, socket, fault)?;
                return Ok(false);
            }
        }
    }

    fn close(&self, this: &mut ZendObject) -> PhpResult<bool> {
        let Some(socket) = self.socket.borrow().clone() else {
            set_error(this, libc::EBADF);
            return Ok(false);
        };
        this.slot(CONNECTED).assign(Value::bool(false));
        if hang_up(&socket)? {
            set_error(this, Code::CO_SOCKET_CLOSE_WAIT.0);
            return Ok(false);
        }
        drop(self.socket.take());
        let exported = self.exported.take();
        this.slot(SOCKET).assign(Value::null());
        drop(exported);
        drop(self.connection.take());
        Ok(socket.close())
    }
}

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 3)?;
    let host = args.bytes()?;
    let port = args.opt_long()?.unwrap_or(80);
    let ssl = args.opt_bool()?.unwrap_or(false);
    if host.is_empty() {
        let class = ce::coroutine_http2_client_exception();
        return Err(throw(class, i64::from(Code::INVALID_PARAMS.0), "host is empty"));
    }
    let this = call.this();
    this.slot(HOST).assign(Value::string(host));
    this.slot(PORT).assign(Value::long(port));
    this.slot(SSL).assign(Value::bool(ssl));
    let (kind, host) = link::place(host);
    // SAFETY: handlers of this class and its children only.
    let state = unsafe { state_of::<State>(this) };
    let _ = state.0.set(Box::new(Client {
        host,
        port,
        ssl,
        kind,
        socket: RefCell::default(),
        exported: RefCell::default(),
        connection: RefCell::default(),
        flushing: Cell::new(false),
    }));
    Ok(())
}

pub fn destruct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    call.no_args()
}

pub fn set(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let more = call.args(1, 1)?.array()?;
    let this = call.this();
    let client = client(this)?;
    link::merge_setting(this.slot(SETTING), more);
    if let Some(socket) = client.current() {
        link::apply_timeouts(&socket, more);
    }
    ret.set_bool(true);
    Ok(())
}

pub fn connect(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    require_coroutine()?;
    let this = call.this();
    let done = client(this)?.connect(this)?;
    ret.set_bool(done);
    after_wait()
}

pub fn close(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    let done = client(this)?.close(this)?;
    ret.set_bool(done);
    after_wait()
}

fn settings_array(of: Announced) -> Value {
    let mut list = Value::array(5);
    let mut array = list.array_mut();
    for (name, value) in [
        ("header_table_size", of.header_table_size),
        ("init_window_size", of.init_window_size),
        ("max_concurrent_streams", of.max_concurrent_streams),
        ("max_frame_size", of.max_frame_size),
        ("max_header_list_size", of.max_header_list_size),
    ] {
        array.set(name, Value::long(i64::from(value)));
    }
    list
}

pub fn stats(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let key = call.args(0, 1)?.opt_bytes()?.unwrap_or_default();
    let client = client(call.this())?;
    let connection = client.connection.borrow();
    let of = |name: &str| -> Option<Value> {
        let connection = connection.as_deref();
        Some(match name {
            "current_stream_id" => Value::long(connection.map_or(0, |connection| i64::from(connection.next_stream))),
            "last_stream_id" => Value::long(connection.map_or(0, |connection| i64::from(connection.frames.last_stream))),
            "local_settings" => settings_array(connection.map_or_else(Announced::default, |connection| connection.local)),
            "remote_settings" => {
                settings_array(connection.map_or_else(Announced::default, |connection| connection.frames.settings))
            }
            "active_stream_num" => Value::long(connection.map_or(0, |connection| connection.streams.len() as i64)),
            _ => return None,
        })
    };
    if !key.is_empty() {
        if let Some(value) = str::from_utf8(key).ok().and_then(of) {
            value.give(ret);
        }
        return Ok(());
    }
    let mut all = Value::array(5);
    let mut array = all.array_mut();
    for name in ["current_stream_id", "last_stream_id", "local_settings", "remote_settings", "active_stream_num"] {
        if let Some(value) = of(name) {
            array.set(name, value);
        }
    }
    all.give(ret);
    Ok(())
}

pub fn is_stream_exist(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let id = call.args(1, 1)?.long()?;
    let client = client(call.this())?;
    let open = client.current().is_some();
    let known = |id: i64| {
        let connection = client.connection.borrow();
        u32::try_from(id).is_ok_and(|id| connection.as_ref().is_some_and(|connection| connection.streams.contains_key(&id)))
    };
    ret.set_bool(id >= 0 && open && (id == 0 || known(id)));
    Ok(())
}

pub fn send(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let this = call.this();
    let client = client(this)?;
    ret.set_bool(false);
    let Some(socket) = client.available(this) else { return Ok(()) };
    let request = call.args(1, 1)?.object_of(ce::http2_request())?;
    require_coroutine()?;
    if client.has_left(this, &socket)? {
        return Ok(());
    }
    let outgoing = client.outgoing(request)?;
    let end = outgoing.data.is_empty() && !outgoing.pipeline;
    let made = match client.connection.borrow_mut().as_mut() {
        None => return Ok(()),
        Some(connection) => connection.session.request(outgoing.head, end).and_then(|id| {
            connection.next_stream = id + 2;
            connection.streams.insert(id, Stream::new(id, outgoing.pipeline, outgoing.pipeline_read));
            if !outgoing.data.is_empty() {
                connection.session.send_data(id, outgoing.data, !outgoing.pipeline)?;
            }
            Ok(id)
        }),
    };
    match made {
        Ok(id) => {
            if client.flush(this, &socket)? {
                ret.set_long(i64::from(id));
            }
        }
        Err(error) => set_text(this, code_of(&error), error.to_string().as_bytes()),
    }
    after_wait()
}

fn code_of(error: &Error) -> i32 {
    match error {
        Error::Protocol { code, .. } => *code as i32,
        Error::Eof => libc::ECONNRESET,
        Error::NoStream(_) => Code::HTTP2_STREAM_NOT_FOUND.0,
        Error::SessionClosed => Code::CLIENT_NO_CONNECTION.0,
        Error::Usage(_) => Code::INVALID_PARAMS.0,
    }
}

pub fn write(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let this = call.this();
    let client = client(this)?;
    ret.set_bool(false);
    let Some(socket) = client.available(this) else { return Ok(()) };
    let mut args = call.args(2, 3)?;
    let id = args.long()?;
    let data = args.value()?;
    let end = args.opt_bool()?.unwrap_or(false);
    require_coroutine()?;
    let data = if data.is_array() {
        request::body(data)?.0
    } else {
        let text = data.to_zstr();
        crate::zend::error::check()?;
        text.map_or_else(bytes::Bytes::new, |text| bytes::Bytes::copy_from_slice(&text))
    };
    let sent = match client.connection.borrow_mut().as_mut() {
        None => false,
        Some(connection) => {
            let stream = u32::try_from(id).ok().and_then(|id| connection.streams.get_mut(&id));
            match stream.filter(|stream| stream.pipeline && !stream.request_ended) {
                None => false,
                Some(stream) => {
                    stream.request_ended = end;
                    connection.session.send_data(id as u32, data, end).is_ok()
                }
            }
        }
    };
    if !sent {
        set_text(this, libc::EINVAL, format!("unable to found active pipeline stream#{id}").as_bytes());
        return Ok(());
    }
    let done = client.flush(this, &socket)?;
    ret.set_bool(done);
    after_wait()
}

fn receive(call: &Call, ret: &mut Zval, parts: bool) -> PhpResult {
    let wait = call.args(0, 1)?.opt_double()?.unwrap_or(0.0);
    let this = call.this();
    let client = client(this)?;
    require_coroutine()?;
    client.recv(this, ret, wait, parts)?;
    after_wait()
}

pub fn recv(call: &mut Call, ret: &mut Zval) -> PhpResult {
    receive(call, ret, false)
}

pub fn read(call: &mut Call, ret: &mut Zval) -> PhpResult {
    receive(call, ret, true)
}

pub fn ping(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    let client = client(this)?;
    ret.set_bool(false);
    let Some(socket) = client.available(this) else { return Ok(()) };
    require_coroutine()?;
    let asked = match client.connection.borrow_mut().as_mut() {
        // While one is under way a second one would tell nothing new.
        Some(connection) => !matches!(connection.session.ping(), Err(Error::SessionClosed)),
        None => false,
    };
    let done = asked && client.flush(this, &socket)?;
    ret.set_bool(done);
    after_wait()
}

pub fn goaway(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let this = call.this();
    let client = client(this)?;
    ret.set_bool(false);
    let Some(socket) = client.available(this) else { return Ok(()) };
    let mut args = call.args(0, 2)?;
    let code = args.opt_long()?.unwrap_or(0);
    let debug = args.opt_bytes()?.unwrap_or_default();
    require_coroutine()?;
    if !client.flush(this, &socket)? {
        return Ok(());
    }
    let said = match client.connection.borrow_mut().as_mut() {
        Some(connection) => connection.session.go_away(code as u32, debug),
        None => Err(Error::SessionClosed),
    };
    match said {
        Ok(()) => {
            let done = client.flush(this, &socket)?;
            ret.set_bool(done);
        }
        Err(error) => set_text(this, code_of(&error), error.to_string().as_bytes()),
    }
    after_wait()
}
