//! Calling a script's callbacks.

use std::rc::Rc;

use coroutine::SpawnError;
use protocol::framing::{Framer, PacketLength};
use protocol::{http1, resp};

use super::events::{PortEvent, ServerEvent};
use super::{Server, event};
use crate::log;
use crate::server::{App, Closer, Conn, Datagram, Framed, Framing, Head, Level, Port, PortSettings, Protocol, Raw, worker};
use crate::zend::{Callable, Thrown, Value, Zval, guard, host};

/// Calls a callback in a new coroutine, or here. False when it could not be called; an exception or a
/// fatal error inside has been dealt with, and [`coroutine::Engine::is_aborted`] tells if all is over.
pub fn run(callable: &Callable, args: &mut [Zval], in_coroutine: bool) -> bool {
    if in_coroutine {
        match host::spawn(callable.value(), callable.cache(), args) {
            Ok(_) | Err(SpawnError::Aborted(_)) => true,
            Err(error) => {
                log::warning("Server::dispatch", None, &error.to_string());
                false
            }
        }
    } else {
        let (ended, value) = callable.call(args);
        if guard::uncaught(ended) {
            std::mem::forget(value);
            abort();
        }
        true
    }
}

/// As [`run`] without a coroutine, with the callback's return value. None when it threw.
pub fn call(callable: &Callable, args: &mut [Zval]) -> Option<Value> {
    let (ended, value) = callable.call(args);
    let failed = ended != guard::Ended::Ok;
    if guard::uncaught(ended) {
        std::mem::forget(value);
        abort();
        return None;
    }
    (!failed).then_some(value)
}

/// Ends the request: the loop stops, and the outermost handler bails out.
pub fn abort() {
    if let Some(engine) = coroutine::engine() {
        engine.abort();
    }
}

/// What [`Thrown`] a handler returns when a callback may have ended the request.
pub fn check() -> Result<(), Thrown> {
    if coroutine::engine().is_some_and(coroutine::Engine::is_aborted) { Err(Thrown::Bailout) } else { Ok(()) }
}

impl Server {
    /// Calls a server event with the server and `more` as arguments.
    pub fn tell(&self, which: ServerEvent, more: &mut Vec<Zval>, in_coroutine: bool) {
        super::helper::told(self, which, more);
        let Some(callable) = self.own_callback(which) else { return };
        let mut args = vec![self.object().into_zval()];
        args.append(more);
        run(&callable, &mut args, in_coroutine);
    }
}

/// The script behind a worker.
pub struct Script {
    pub server: Rc<Server>,
    /// Copied from the settings, as they do not change once started.
    pub coroutine: bool,
    pub event_object: bool,
    raw: Rc<Raw>,
}

impl Script {
    pub fn new(server: &Rc<Server>) -> Self {
        let settings = server.settings.borrow();
        Self {
            server: Rc::clone(server),
            coroutine: settings.enable_coroutine,
            event_object: settings.event_object,
            raw: Rc::new(Raw),
        }
    }

    /// Connect and Close.
    fn connection_event(&self, conn: &Rc<Conn>, which: PortEvent, reactor: i64) {
        let Some(callable) = self.server.callback(conn.port().index, which) else { return };
        let object = self.server.object().into_zval();
        if self.event_object {
            let event = event::event(conn.id(), reactor, crate::server::microtime(), None);
            run(&callable, &mut [object, event.into_zval()], self.coroutine);
        } else {
            run(&callable, &mut [object, long(conn.id()), long(reactor)], self.coroutine);
        }
    }

    fn buffer_event(&self, conn: &Rc<Conn>, which: PortEvent) {
        let Some(callable) = self.server.callback(conn.port().index, which) else { return };
        run(&callable, &mut [self.server.object().into_zval(), long(conn.id())], false);
    }
}

#[inline]
pub fn long(number: i64) -> Zval {
    let mut value = Zval::new();
    value.set_long(number);
    value
}

/// The number that callbacks get as `$reactorId`.
#[inline]
fn reactor_id(conn: &Conn) -> i64 {
    conn.slot().map_or(0, |slot| i64::from(slot.owner.load(std::sync::atomic::Ordering::Relaxed)))
}

impl App for Script {
    fn protocol(&self, conn: &Rc<Conn>) -> Rc<dyn Protocol> {
        if let Some(protocol) = super::start::protocol_of(&self.server, conn) {
            return protocol;
        }
        let port = conn.port();
        let max = port.settings.borrow().package_max_length;
        if let Some(framer) = whole_requests(&port.settings.borrow(), max) {
            return Rc::new(Framed::new(framer));
        }
        if let Some(framer) = port.framing().framer(max) {
            return Rc::new(Framed::new(framer));
        }
        if matches!(port.framing(), Framing::Function)
            && let Some(function) = self.server.port(port.index).and_then(|listen| listen.length_function())
        {
            return Rc::new(Framed::new(Framer::function(Box::new(LengthCallback(function)), max)));
        }
        Rc::clone(&self.raw) as Rc<dyn Protocol>
    }

    fn connected(&self, conn: &Rc<Conn>) {
        self.connection_event(conn, PortEvent::Connect, reactor_id(conn));
    }

    fn received(&self, conn: &Rc<Conn>, data: &[u8]) {
        let Some(callable) = self.server.callback(conn.port().index, PortEvent::Receive) else { return };
        if let Some(worker) = worker() {
            worker.count_request();
        }
        let object = self.server.object().into_zval();
        let reactor = reactor_id(conn);
        if self.event_object {
            let event = event::event(conn.id(), reactor, crate::server::microtime(), Some(Value::string(data)));
            run(&callable, &mut [object, event.into_zval()], self.coroutine);
        } else {
            let mut args = [object, long(conn.id()), long(reactor), Value::string(data).into_zval()];
            run(&callable, &mut args, self.coroutine);
        }
    }

    fn awaits(&self) -> bool {
        self.server.tasks.awaits()
    }

    fn packet(&self, port: &Rc<Port>, from: &Datagram, data: &[u8]) {
        let Some(callable) = self.server.callback(port.index, PortEvent::Packet) else { return };
        let object = self.server.object().into_zval();
        let data = Value::string(data);
        if self.event_object {
            let packet = event::packet(from, i64::from(port.number), data);
            run(&callable, &mut [object, packet.into_zval()], self.coroutine);
            return;
        }
        let mut client = Value::array(5);
        {
            let mut array = client.array_mut();
            array.set("server_socket", Value::long(i64::from(from.server_socket)));
            array.set("dispatch_time", Value::from_zval(double(from.dispatch_time)));
            array.set("server_port", Value::long(i64::from(port.number)));
            array.set("address", Value::string(from.from.host().as_bytes()));
            if !port.kind.is_unix() {
                array.set("port", Value::long(i64::from(from.from.port())));
            }
        }
        run(&callable, &mut [object, data.into_zval(), client.into_zval()], self.coroutine);
    }

    fn closed(&self, conn: &Rc<Conn>, by: Closer) {
        let reactor = match by {
            Closer::Peer => reactor_id(conn),
            Closer::Us => -1,
        };
        self.connection_event(conn, PortEvent::Close, reactor);
    }

    fn buffer_full(&self, conn: &Rc<Conn>) {
        self.buffer_event(conn, PortEvent::BufferFull);
    }

    fn buffer_empty(&self, conn: &Rc<Conn>) {
        self.buffer_event(conn, PortEvent::BufferEmpty);
    }

    fn message(&self, head: &Head, payload: &[u8]) {
        super::message::deliver(&self.server, head, payload);
    }

    fn log(&self, level: Level, message: &str) {
        let level = match level {
            Level::Notice => log::Level::Notice,
            Level::Warning => log::Level::Warning,
            Level::Error => log::Level::Error,
        };
        log::put(level as i32, message.as_bytes());
    }
}

pub fn double(number: f64) -> Zval {
    let mut value = Zval::new();
    value.set_double(number);
    value
}

/// `package_length_func`: the script looks at the first bytes of a packet and tells its length.
pub(super) struct LengthCallback(pub(super) Rc<Callable>);

// SAFETY: framers of PHP callables stay on PHP's thread; `Framer` asks for `Send` on behalf of reactor
// threads, which never get one of these (such a port forces `single_thread`).
unsafe impl Send for LengthCallback {}

/// Whole requests for `onReceive`, on a port that is told to speak HTTP or RESP and has no callback of that kind.
fn whole_requests(port: &PortSettings, max: usize) -> Option<Framer> {
    if port.open_redis_protocol {
        let limits = resp::Limits::within(max);
        let length = move |bytes: &[u8]| match resp::RequestParser::new(limits).next(bytes) {
            Ok(resp::Step::Request { consumed }) => PacketLength::Total(consumed),
            Ok(resp::Step::NeedMore { .. }) => PacketLength::NeedMore,
            Err(_) => PacketLength::Malformed,
        };
        return Some(Framer::function(Box::new(length), max));
    }
    if !port.open_http_protocol || port.open_websocket_protocol || port.open_http2_protocol {
        return None;
    }
    let limits = http1::Limits { max_request: u32::try_from(max).unwrap_or(u32::MAX), ..http1::Limits::default() };
    let length = move |bytes: &[u8]| match http1::Parser::new(limits).parse(bytes) {
        http1::Progress::Complete { consumed } => PacketLength::Total(consumed),
        http1::Progress::Incomplete { .. } | http1::Progress::Head => PacketLength::NeedMore,
        http1::Progress::Http2Preface | http1::Progress::Reject(_) => PacketLength::Malformed,
    };
    Some(Framer::function(Box::new(length), max))
}

impl protocol::framing::LengthFunction for LengthCallback {
    fn packet_length(&mut self, head: &[u8]) -> PacketLength {
        let callable = Rc::clone(&self.0);
        match call(&callable, &mut [Value::string(head).into_zval()]) {
            Some(value) => PacketLength::from(crate::zend::ZvalExt::to_long(value.as_zval())),
            None => PacketLength::Malformed,
        }
    }
}
