//! Swoole\Async\Client: a connection whose events call the program's functions.
//!
//! A coroutine of ours connects, reads and calls; another writes what the kernel did not take at once.

use std::cell::{Cell, RefCell};
use std::os::fd::AsRawFd;
use std::rc::Rc;
use std::time::Instant;

use coroutine::{CoId, Outcome, Task};
use net::{Errno, Fault, deadline};
use reactor::Interest;

use super::callback::{discard, refused, run_in};
use super::client::{Connection, State, Target, connected, create, set_error, settings, state, target};
use super::code::Code;
use super::coroutine::link;
use super::lifecycle::loop_engine;
use super::report;
use crate::zend::error::{Builtin, E_ERROR, throw, throw_builtin};
use crate::zend::registration::ce;
use crate::zend::{Call, Callable, GcBuffer, ObjectExt, PhpResult, Value, ZendObject, Zval, ZvalExt, guarded, host};

/// The events, in the order of the class's properties.
#[derive(Clone, Copy)]
enum Event {
    Connect,
    Error,
    Receive,
    Close,
    BufferFull,
    BufferEmpty,
    SslReady,
}

const NAMES: [&str; 6] = ["connect", "error", "receive", "close", "bufferFull", "bufferEmpty"];
/// The first of Async\Client's own properties.
const ON_CONNECT: u32 = 7;
/// Default of `buffer_high_watermark`, in bytes.
const HIGH: usize = 8 << 20;

/// What an asynchronous client has beside its connection.
#[derive(Default)]
pub(crate) struct Async {
    callbacks: [RefCell<Option<Callable>>; 7],
    /// Bytes to be sent, and how many are on their way beside them.
    output: RefCell<Vec<u8>>,
    under_way: Cell<usize>,
    writing: Cell<bool>,
    high: Cell<usize>,
    low: Cell<usize>,
    full: Cell<bool>,
    sleeping: Cell<bool>,
    /// The reader's wait while it sleeps.
    sleeper: Cell<Option<(CoId, u32)>>,
    wants_ssl: Cell<bool>,
    closed: Cell<bool>,
    failed: Cell<bool>,
}

impl Async {
    pub fn gc(&self, buffer: &mut GcBuffer) {
        for callback in &self.callbacks {
            if let Some(callback) = callback.borrow().as_ref() {
                buffer.add_zval(callback.value());
            }
        }
    }

    fn has(&self, event: Event) -> bool {
        self.callbacks[event as usize].borrow().is_some()
    }

    fn fire(&self, event: Event, object: &Value, data: Option<Value>) {
        let Some(callable) = self.callbacks[event as usize].borrow().clone() else { return };
        let mut args: Vec<Zval> = std::iter::once(object.clone()).chain(data).map(Value::into_zval).collect();
        run_in(false, &callable, &mut args);
        let args: Vec<Value> = args.into_iter().map(Value::from_zval).collect();
        discard((callable, args));
    }

    fn pending(&self) -> usize {
        self.output.borrow().len() + self.under_way.get()
    }
}

fn own(state: &State) -> Rc<Async> {
    Rc::clone(state.asynchronous.borrow_mut().get_or_insert_with(Rc::default))
}

fn aborted() -> bool {
    coroutine::engine().is_some_and(coroutine::Engine::is_aborted)
}

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let kind = call.args(1, 1)?.long()?;
    if link::kind_of(kind).is_none() {
        let text =
            format!("Swoole\\Async\\Client::__construct() expects parameter 1 to be client type, unknown type {kind} given");
        return Err(throw_builtin(Builtin::TypeError, &text));
    }
    begin(call.this(), kind);
    Ok(())
}

/// Makes an object an asynchronous client.
pub(crate) fn begin(this: &mut ZendObject, kind: i64) {
    loop_engine();
    own(state(this));
    this.set_prop("type", Value::long(kind));
}

pub fn destruct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    call.no_args()
}

pub fn on(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let name = args.bytes()?;
    let callable = args.callable()?.keep();
    let this = call.this();
    let Some(at) = NAMES.iter().position(|known| known.as_bytes().eq_ignore_ascii_case(name)) else {
        ret.set_bool(false);
        return link::warn(&format!("Unknown event callback type name '{}'", String::from_utf8_lossy(name)));
    };
    keep(this, at, callable);
    ret.set_bool(true);
    Ok(())
}

fn keep(this: &mut ZendObject, at: usize, callable: Callable) {
    if this.is_a(ce::r#async_client()) {
        this.slot(ON_CONNECT + at as u32).assign(Value::copy_of(callable.value()));
    }
    let old = own(state(this)).callbacks[at].replace(Some(callable));
    drop(old);
}

pub fn connect(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let Some(Target { host, port, timeout, .. }) = target(call, ret)? else { return Ok(()) };
    let this = call.this();
    let client = own(state(this));
    if client.callbacks.iter().all(|callback| callback.borrow().is_none()) {
        drop(client);
        ret.set_bool(false);
        return link::warn("async client is not initialized");
    }
    let Some(connection) = create(this, host, port)? else { return Ok(()) };
    let wanted: &[Event] = if connection.kind.is_stream() {
        &[Event::Receive, Event::Connect, Event::Error, Event::Close]
    } else {
        &[Event::Receive]
    };
    if let Some(missing) = wanted.iter().find(|event| !client.has(**event)) {
        let mut name = NAMES[*missing as usize].to_owned();
        name[..1].make_ascii_uppercase();
        let text = format!("no 'on{name}' callback function");
        link::settle(guarded(|| report::fatal(E_ERROR, &text)))?;
        return crate::zend::error::check();
    }
    watermarks(this, &client);
    let mut timeouts = connection.socket.timeouts.get();
    (timeouts.connect, timeouts.read, timeouts.write) = (timeout, None, None);
    connection.socket.timeouts.set(timeouts);
    *state(this).connection.borrow_mut() = Some(Rc::clone(&connection));
    client.closed.set(false);
    client.failed.set(false);
    let object = Value::object(this);
    let (host, own) = (host.to_vec(), Rc::clone(&client));
    loop_engine();
    let spawned = host::spawn_native(move || run(object, &own, &connection, &host, port));
    match spawned {
        Ok(_) => ret.set_bool(!client.failed.get()),
        Err(coroutine::SpawnError::Aborted(aborted)) => return Err(aborted.into()),
        Err(error) => refused(&error),
    }
    Ok(())
}

fn watermarks(this: &mut ZendObject, client: &Async) {
    let setting = settings(this);
    let options = setting.as_zval().as_array();
    let size = |name: &str, usual: usize| {
        let value = options.and_then(|options| options.setting(name)).map(super::settings::size);
        value.map_or(usual, |size| usize::try_from(size).unwrap_or(0))
    };
    client.high.set(size("buffer_high_watermark", HIGH));
    client.low.set(size("buffer_low_watermark", 0));
}

/// The connection's life.
fn run(object: Value, client: &Rc<Async>, connection: &Rc<Connection>, host: &[u8], port: i64) -> Outcome {
    let result = link::connect(&connection.socket, &connection.link, host, port);
    if aborted() {
        std::mem::forget(object);
        return Outcome::Abort;
    }
    if !client.closed.get() {
        match result {
            Ok(()) => {
                connection.active.set(true);
                client.fire(Event::Connect, &object, None);
                read(&object, client, connection);
            }
            Err(fault) => {
                let code = fault.code();
                client.closed.set(true);
                client.failed.set(true);
                if let Some(this) = object.as_zval().obj() {
                    let old = state(this).connection.take();
                    drop(old);
                    set_error(this, code);
                }
                connection.socket.close();
                client.fire(Event::Error, &object, None);
            }
        }
    }
    if aborted() {
        std::mem::forget(object);
        return Outcome::Abort;
    }
    finish(&object, client, connection);
    discard(object);
    if aborted() { Outcome::Abort } else { Outcome::Done }
}

/// Reads and calls until the connection's end.
fn read(object: &Value, client: &Async, connection: &Connection) {
    let socket = &connection.socket;
    let mut bytes = vec![0u8; 64 * 1024];
    while !client.closed.get() && !aborted() {
        if client.sleeping.get() {
            if let Some(engine) = coroutine::engine() {
                client.sleeper.set(engine.next_wait());
                engine.suspend(Task::Wait);
                client.sleeper.set(None);
            }
            continue;
        }
        if client.wants_ssl.replace(false) {
            let mut link = connection.link.clone();
            link.tls.get_or_insert_default();
            match link::handshake(socket, &link, b"") {
                Ok(()) => client.fire(Event::SslReady, object, None),
                Err(_) => return,
            }
            continue;
        }
        let result = if socket.has_framer() {
            socket.recv_packet(None)
        } else if connection.kind.is_stream() {
            socket.recv(&mut bytes, None).map(|n| bytes[..n].to_vec())
        } else {
            socket.recv_from(&mut bytes, None).map(|(n, from)| {
                connection.from.set(Some(from));
                bytes[..n].to_vec()
            })
        };
        match result {
            Ok(data) if data.is_empty() => return,
            Ok(data) => client.fire(Event::Receive, object, Some(Value::string(&data))),
            // Somebody has something to say to us: to sleep, to shake hands, to stop.
            Err(Fault::Errno(Errno(libc::ECANCELED))) => {}
            Err(Fault::Errno(Errno(code))) => {
                if let Some(this) = object.as_zval().obj()
                    && !client.closed.get()
                {
                    set_error(this, code);
                }
                return;
            }
            Err(Fault::Busy(..)) => return,
        }
    }
}

/// Closes, once, and tells the program when it had been told of the connection.
fn finish(object: &Value, client: &Async, connection: &Connection) {
    if client.closed.replace(true) {
        return;
    }
    let active = connection.active.replace(false);
    if let Some(this) = object.as_zval().obj() {
        let old = state(this).connection.take();
        drop(old);
    }
    connection.socket.close();
    if active {
        client.fire(Event::Close, object, None);
    }
}

/// Wakes the reader, unless it is the caller, for it to look at what has changed.
fn nudge(connection: &Connection, interest: Interest) -> PhpResult {
    let holder = connection.socket.bound(interest);
    if holder != 0 && coroutine::current() != Some(holder) {
        loop_engine().cancel(holder, false)?;
    }
    Ok(())
}

pub fn close(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.args(0, 1)?.opt_bool()?;
    let this = call.this();
    let connection = state(this).connection.borrow().clone();
    let Some(connection) = connection else {
        ret.set_bool(false);
        return link::warn("client is not connected to the server");
    };
    let client = own(state(this));
    let object = Value::object(this);
    finish(&object, &client, &connection);
    nudge(&connection, Interest::READ)?;
    nudge(&connection, Interest::WRITE)?;
    wake(&client);
    ret.set_bool(true);
    super::coroutine::socket::after_wait()
}

fn wake(client: &Async) {
    if let (Some(wait), Some(engine)) = (client.sleeper.take(), coroutine::engine()) {
        engine.wake_later(wait);
    }
}

pub fn sleep(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    let Some(connection) = connected(this, ret)? else { return Ok(()) };
    own(state(this)).sleeping.set(true);
    nudge(&connection, Interest::READ)?;
    ret.set_bool(true);
    Ok(())
}

pub fn wakeup(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    if connected(this, ret)?.is_none() {
        return Ok(());
    }
    let client = own(state(this));
    client.sleeping.set(false);
    wake(&client);
    ret.set_bool(true);
    super::coroutine::socket::after_wait()
}

pub fn enable_ssl(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let Some(callable) = call.args(0, 1)?.opt_callable_or_null()? else {
        let class = ce::exception();
        return Err(throw(class, i64::from(Code::INVALID_PARAMS.0), "require `onSslReady` callback"));
    };
    let callable = callable.keep();
    let this = call.this();
    let Some(connection) = connected(this, ret)? else { return Ok(()) };
    ret.set_bool(false);
    if !connection.kind.is_stream() || !connection.kind.is_inet() {
        drop((connection, callable));
        return link::warn("cannot use enableSSL");
    }
    if connection.socket.is_tls() {
        drop((connection, callable));
        return link::warn("SSL has been enabled");
    }
    keep(this, Event::SslReady as usize, callable);
    own(state(this)).wants_ssl.set(true);
    nudge(&connection, Interest::READ)?;
    ret.set_bool(true);
    Ok(())
}

pub fn is_connected(call: &mut Call, ret: &mut Zval) -> PhpResult {
    super::client::tell_connected(call, ret)
}

/// Sends, now as far as the kernel takes it, the rest later.
pub(super) fn send(this: &mut ZendObject, ret: &mut Zval, connection: &Rc<Connection>, data: &[u8]) -> PhpResult {
    let client = own(state(this));
    if !connection.kind.is_stream() {
        match connection.socket.send(data, Some(Instant::now())) {
            Ok(n) => ret.set_long(n as i64),
            Err(Fault::Errno(Errno(code))) => set_error(this, code),
            Err(Fault::Busy(..)) => set_error(this, libc::EBUSY),
        }
        return Ok(());
    }
    let mut rest = data;
    // TLS may want to wait in the middle of a record: that is the writer's to do.
    while !client.writing.get() && !connection.socket.is_tls() && !rest.is_empty() {
        match connection.socket.send(rest, Some(Instant::now())) {
            Ok(n) => rest = &rest[n..],
            Err(Fault::Errno(Errno(libc::ETIMEDOUT | libc::EAGAIN)) | Fault::Busy(..)) => break,
            Err(Fault::Errno(Errno(code))) => {
                set_error(this, code);
                ret.set_bool(false);
                return Ok(());
            }
        }
    }
    ret.set_long(data.len() as i64);
    if rest.is_empty() {
        return Ok(());
    }
    client.output.borrow_mut().extend_from_slice(rest);
    if !client.writing.replace(true) {
        let (object, own, connection) = (Value::object(this), Rc::clone(&client), Rc::clone(connection));
        match host::spawn_native(move || write(object, &own, &connection)) {
            Ok(_) => {}
            Err(coroutine::SpawnError::Aborted(aborted)) => return Err(aborted.into()),
            Err(error) => refused(&error),
        }
    }
    if !client.full.get() && client.high.get() > 0 && client.pending() >= client.high.get() {
        client.full.set(true);
        let object = Value::object(this);
        client.fire(Event::BufferFull, &object, None);
    }
    super::coroutine::socket::after_wait()
}

/// Queues a part of a file.
pub(super) fn send_file(
    this: &mut ZendObject,
    ret: &mut Zval,
    connection: &Rc<Connection>,
    name: &[u8],
    offset: i64,
    length: i64,
) -> PhpResult {
    use std::os::unix::fs::FileExt;
    let text = String::from_utf8_lossy(name);
    let read = || -> std::io::Result<Vec<u8>> {
        let file = std::fs::File::open(&*text)?;
        let size = file.metadata()?.len() as i64;
        let length = if length == 0 { size - offset } else { length };
        if file.as_raw_fd() < 0 || offset < 0 || length <= 0 || offset + length > size {
            return Err(std::io::Error::from_raw_os_error(libc::EINVAL));
        }
        let mut bytes = vec![0; length as usize];
        file.read_exact_at(&mut bytes, offset as u64)?;
        Ok(bytes)
    };
    match read() {
        Ok(bytes) => {
            send(this, ret, connection, &bytes)?;
            let sent = ret.is_long();
            ret.set_bool(sent);
            Ok(())
        }
        Err(error) => {
            let code = error.raw_os_error().unwrap_or(libc::EIO);
            set_error(this, code);
            ret.set_bool(false);
            link::warn(&format!("sendfile() failed. Error: {} [{code}]", Code(code).text()))
        }
    }
}

fn write(object: Value, client: &Async, connection: &Connection) -> Outcome {
    loop {
        let chunk = client.output.take();
        if chunk.is_empty() || client.closed.get() || aborted() {
            break;
        }
        let mut at = 0;
        while at < chunk.len() && !client.closed.get() {
            client.under_way.set(chunk.len() - at);
            match connection.socket.send(&chunk[at..], deadline(None)) {
                Ok(n) => at += n,
                Err(Fault::Errno(Errno(libc::ECANCELED))) if !client.closed.get() => {}
                // The reader finds out by itself, and tells the program.
                Err(_) => break,
            }
        }
        client.under_way.set(0);
        if at < chunk.len() {
            break;
        }
    }
    client.under_way.set(0);
    client.writing.set(false);
    if client.full.get() && client.pending() <= client.low.get() && !client.closed.get() && !aborted() {
        client.full.set(false);
        client.fire(Event::BufferEmpty, &object, None);
    }
    if aborted() {
        std::mem::forget(object);
        return Outcome::Abort;
    }
    discard(object);
    if aborted() { Outcome::Abort } else { Outcome::Done }
}
