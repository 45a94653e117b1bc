//! Swoole\Coroutine\Redis.
//!
//! The protocol is `protocol::resp`, the connection a [`Socket`]: time-outs, cancels and a close by another
//! coroutine are those of every socket here.

mod commands;
mod reply;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use net::{Deadline, Errno, Fault, Kind, Socket, deadline};
use protocol::resp::client::{Reply, ReplyParser, ReplyStep, push_command};
use reactor::Interest;

use super::client::hang_up;
use super::link::{self, Link};
use super::require_coroutine;
use super::socket::{after_wait, busy, until};
use crate::php::code::{Code, set_last};
use crate::zend::array::Key;
use crate::zend::{
    Array, Call, ClassEntry, ClassState, GcBuffer, Handlers, ObjectExt, PhpResult, Value, ZStr, ZendObject, Zval, ZvalExt,
    class_state, state_of,
};
use commands::{Request, Shape};

/// Numbers of the declared properties.
const HOST: u32 = 0;
const PORT: u32 = 1;
const SETTING: u32 = 2;
const SOCK: u32 = 3;
const CONNECTED: u32 = 4;
const ERR_TYPE: u32 = 5;
const ERR_CODE: u32 = 6;
const ERR_MSG: u32 = 7;

/// `SWOOLE_REDIS_ERR_*`.
const IO: i64 = 1;
const OTHER: i64 = 2;
const EOF: i64 = 3;
const PROTOCOL: i64 = 4;
const CLOSED: i64 = 6;
const NOAUTH: i64 = 7;

/// Least room for one read, bytes.
const READ: usize = 16 * 1024;

#[derive(Default)]
pub struct State {
    connection: RefCell<Option<Rc<Connection>>>,
    defer: Cell<bool>,
    serialize: Cell<bool>,
    /// What a connection made anew has to say first, once it was said by hand.
    password: RefCell<Option<ZStr>>,
    database: Cell<i64>,
}

struct Connection {
    socket: Socket,
    parser: RefCell<ReplyParser>,
    /// Bytes read and not yet parsed.
    input: RefCell<Vec<u8>>,
    /// Commands whose answers are still to be fetched by recv().
    pending: RefCell<VecDeque<Shape>>,
    /// From the first subscription on the server speaks when it likes.
    subscribed: Cell<bool>,
}

static HANDLERS: Handlers = Handlers::new();

impl ClassState for State {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }

    fn gc(&self, _buffer: &mut GcBuffer) {}
}

pub fn class_init(class: &mut ClassEntry) {
    class_state::<State>(class);
}

fn state(object: &ZendObject) -> &'static State {
    // SAFETY: handlers of this class and its children only.
    unsafe { state_of::<State>(object) }
}

/// Why no answer came.
enum Failure {
    Fault(Fault),
    /// The server has closed the connection.
    Eof,
    Protocol(String),
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl Connection {
    fn send(&self, bytes: &[u8]) -> Result<(), Failure> {
        let end = deadline(self.socket.timeouts.get().write);
        self.socket.send_all(bytes, end).map(drop).map_err(|(_, fault)| fault.into())
    }

    /// The next reply.
    fn receive(&self, end: Deadline) -> Result<Reply, Failure> {
        loop {
            let mut input = self.input.borrow_mut();
            let step = self.parser.borrow_mut().next(&input);
            match step {
                Ok(ReplyStep::Reply { reply, consumed }) => {
                    input.drain(..consumed);
                    return Ok(reply);
                }
                Ok(ReplyStep::NeedMore { consumed, hint }) => {
                    input.drain(..consumed);
                    // A read of its own size for a large string, but no more than the server has shown to have.
                    let room = hint.clamp(READ, READ.max(input.len()));
                    drop(input);
                    let mut bytes = vec![0; room];
                    let n = self.socket.recv(&mut bytes, end)?;
                    if n == 0 {
                        return Err(Failure::Eof);
                    }
                    self.input.borrow_mut().extend_from_slice(&bytes[..n]);
                }
                Err(error) => return Err(Failure::Protocol(error.to_string())),
            }
        }
    }
}

fn set_failure(this: &mut ZendObject, kind: i64, code: i32, text: &[u8]) {
    set_last(Code(code));
    this.slot(ERR_TYPE).assign(Value::long(kind));
    this.slot(ERR_CODE).assign(Value::long(i64::from(code)));
    this.slot(ERR_MSG).assign(Value::string(text));
}

fn clear_failure(this: &mut ZendObject) {
    if this.slot(ERR_TYPE).to_long() != 0 {
        set_failure(this, 0, 0, b"");
    }
}

/// Lets go of the connection; whose operation has failed on it is the one to close it.
fn forget(this: &mut ZendObject, connection: &Rc<Connection>) {
    connection.socket.close();
    let state = state(this);
    let mut current = state.connection.borrow_mut();
    if current.as_ref().is_some_and(|current| Rc::ptr_eq(current, connection)) {
        current.take();
        drop(current);
        this.slot(SOCK).assign(Value::long(-1));
        this.slot(CONNECTED).assign(Value::bool(false));
    }
}

/// Leaves a failure in the properties. The connection is lost with it: answers could not be told apart any more.
fn fail(this: &mut ZendObject, connection: &Rc<Connection>, failure: Failure) -> PhpResult {
    match failure {
        Failure::Fault(Fault::Busy(interest, holder)) => {
            return Err(busy(i64::from(connection.socket.fd()), interest, holder));
        }
        Failure::Fault(Fault::Errno(Errno(code))) => {
            // Another coroutine's close() wakes us; what it did is what happened.
            let code = if connection.socket.is_closed() || !is_current(this, connection) { libc::ECONNRESET } else { code };
            forget(this, connection);
            set_failure(this, IO, code, Code(code).text().as_bytes());
        }
        Failure::Eof => {
            forget(this, connection);
            set_failure(this, EOF, libc::ECONNRESET, b"Server closed the connection");
        }
        Failure::Protocol(text) => {
            forget(this, connection);
            set_failure(this, PROTOCOL, libc::EPROTO, text.as_bytes());
        }
    }
    after_wait()
}

fn is_current(this: &ZendObject, connection: &Rc<Connection>) -> bool {
    state(this).connection.borrow().as_ref().is_some_and(|current| Rc::ptr_eq(current, connection))
}

/// A setting that is there and not null.
fn setting(this: &mut ZendObject, name: &str) -> Option<Value> {
    this.slot(SETTING).as_array()?.setting(name).map(Value::copy_of)
}

fn seconds(this: &mut ZendObject, name: &str) -> Option<Option<Duration>> {
    let seconds = setting(this, name)?.as_zval().to_double();
    (seconds != 0.0).then(|| super::timeout(seconds))
}

/// Gives a socket the time-outs that the settings name.
fn apply_timeouts(this: &mut ZendObject, socket: &Socket) {
    let mut timeouts = socket.timeouts.get();
    if let Some(time) = seconds(this, "connect_timeout") {
        timeouts.connect = time;
    }
    if let Some(time) = seconds(this, "timeout") {
        (timeouts.read, timeouts.write) = (time, time);
    }
    socket.timeouts.set(timeouts);
}

/// Connects to `$host` and `$port`, authenticates and selects the database.
fn open(this: &mut ZendObject) -> PhpResult<Option<Rc<Connection>>> {
    let host = this.slot(HOST).bytes().unwrap_or_default().to_vec();
    let port = this.slot(PORT).to_long();
    let (kind, host) = match host.strip_prefix(b"unix:") {
        // `unix:///run/redis` and `unix:/run/redis` name the same file.
        Some(path) => {
            let slashes = path.iter().take_while(|byte| **byte == b'/').count();
            (Kind::UnixStream, path[slashes.saturating_sub(1)..].to_vec())
        }
        None if host.contains(&b':') => (Kind::Tcp6, host),
        None => (Kind::Tcp, host),
    };
    let socket = match link::open(kind) {
        Ok(socket) => socket,
        Err(fault) => {
            let code = fault.code();
            set_failure(this, IO, code, Code(code).text().as_bytes());
            return Ok(None);
        }
    };
    apply_timeouts(this, &socket);
    let connection = Rc::new(Connection {
        socket,
        parser: RefCell::default(),
        input: RefCell::default(),
        pending: RefCell::default(),
        subscribed: Cell::new(false),
    });
    // In place before it is connected, so that close() reaches it.
    *state(this).connection.borrow_mut() = Some(Rc::clone(&connection));
    if let Err(fault) = link::connect(&connection.socket, &Link::default(), &host, port) {
        fail(this, &connection, fault.into())?;
        return Ok(None);
    }
    after_wait()?;
    this.slot(SOCK).assign(Value::long(i64::from(connection.socket.fd())));
    this.slot(CONNECTED).assign(Value::bool(true));
    let password = state(this).password.borrow().clone();
    let password = password.or_else(|| setting(this, "password")?.as_zval().to_zstr()).filter(|password| !password.is_empty());
    if let Some(password) = password
        && !introduce(this, &connection, &[b"AUTH", &password])?
    {
        return Ok(None);
    }
    let database = match state(this).database.get() {
        0 => setting(this, "database").map_or(0, |number| number.as_zval().to_long()),
        number => number,
    };
    if database != 0 && !introduce(this, &connection, &[b"SELECT", database.to_string().as_bytes()])? {
        return Ok(None);
    }
    state(this).database.set(database);
    clear_failure(this);
    Ok(Some(connection))
}

/// A command of our own on a new connection; false, and the connection gone, when it is refused.
fn introduce(this: &mut ZendObject, connection: &Rc<Connection>, words: &[&[u8]]) -> PhpResult<bool> {
    let mut out = Vec::new();
    push_command(&mut out, words.iter().copied());
    let end = deadline(connection.socket.timeouts.get().read);
    match connection.send(&out).and_then(|()| connection.receive(end)) {
        Ok(Reply::Error(text)) => {
            forget(this, connection);
            set_failure(this, if words[0] == b"AUTH" { NOAUTH } else { OTHER }, libc::EACCES, &text);
            Ok(false)
        }
        Ok(_) => after_wait().map(|()| true),
        Err(failure) => fail(this, connection, failure).map(|()| false),
    }
}

/// The connection, made anew when the server has closed it since. None: the error is set.
fn live(this: &mut ZendObject) -> PhpResult<Option<Rc<Connection>>> {
    let current = state(this).connection.borrow().clone();
    if let Some(connection) = current {
        let quiet = connection.pending.borrow().is_empty() && !connection.subscribed.get();
        if !connection.socket.is_connected() {
            // Another coroutine is connecting it.
            set_failure(this, CLOSED, libc::ENOTCONN, b"the connection is not ready");
            return Ok(None);
        }
        if !quiet || connection.socket.check_liveness().is_ok() {
            return Ok(Some(connection));
        }
        forget(this, &connection);
    }
    if this.slot(HOST).bytes().unwrap_or_default().is_empty() {
        set_failure(this, CLOSED, libc::ENOTCONN, b"redis client has no connection");
        return Ok(None);
    }
    let attempts = setting(this, "reconnect").map_or(1, |number| number.as_zval().to_long());
    if attempts <= 0 {
        set_failure(this, CLOSED, libc::ENOTCONN, b"connection is not available");
    }
    for _ in 0..attempts {
        if let Some(connection) = open(this)? {
            return Ok(Some(connection));
        }
    }
    Ok(None)
}

/// Sends a command and, unless answers are deferred, waits for its answer.
fn run(this: &mut ZendObject, ret: &mut Zval, request: Request) -> PhpResult {
    ret.set_bool(false);
    require_coroutine()?;
    let Some(connection) = live(this)? else { return Ok(()) };
    let deferred = state(this).defer.get() || connection.subscribed.get();
    if !deferred && let Err(fault) = connection.socket.available(Interest::READ) {
        return fail(this, &connection, fault.into());
    }
    let mut out = Vec::with_capacity(64);
    push_command(&mut out, request.words.iter().map(|word| &word[..]));
    let shape = request.shape;
    drop(request.words);
    if let Err(failure) = connection.send(&out) {
        return fail(this, &connection, failure);
    }
    if deferred {
        if !connection.subscribed.get() {
            connection.pending.borrow_mut().push_back(shape);
        }
        ret.set_bool(true);
        return after_wait();
    }
    let end = deadline(connection.socket.timeouts.get().read);
    // Answers to commands of before that nobody has fetched.
    let unfetched = connection.pending.take().len();
    for _ in 0..unfetched {
        if let Err(failure) = connection.receive(end) {
            return fail(this, &connection, failure);
        }
    }
    match connection.receive(end) {
        Ok(reply) => answer(this, ret, reply, &shape),
        Err(failure) => fail(this, &connection, failure),
    }
}

/// Makes a reply what the program gets.
fn answer(this: &mut ZendObject, ret: &mut Zval, reply: Reply, shape: &Shape) -> PhpResult {
    after_wait()?;
    if let Reply::Error(text) = reply {
        let (kind, code) = if text.starts_with(b"NOAUTH") { (NOAUTH, libc::EACCES) } else { (OTHER, libc::EINVAL) };
        set_failure(this, kind, code, &text);
        ret.set_bool(false);
        return Ok(());
    }
    clear_failure(this);
    let compatible = setting(this, "compatibility_mode").is_some_and(|on| on.as_zval().to_bool());
    let state = state(this);
    match (shape, &reply) {
        (Shape::Auth(password), Reply::Status(_)) => *state.password.borrow_mut() = Some(password.clone()),
        (Shape::Select(number), Reply::Status(_)) => state.database.set(*number),
        _ => {}
    }
    let form = reply::Form { serialize: state.serialize.get(), compatible };
    form.value(reply, shape)?.give(ret);
    Ok(())
}

/// All commands: the method's name tells which.
pub fn command(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let serialize = state(call.this()).serialize.get();
    let request = commands::request(call, serialize)?;
    run(call.this(), ret, request)
}

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let config = call.args(0, 1)?.opt_value();
    let this = call.this();
    let mut defaults = Value::array(4);
    let mut array = defaults.array_mut();
    array.set("serialize", Value::bool(false));
    array.set("reconnect", Value::long(1));
    array.set("compatibility_mode", Value::bool(false));
    this.slot(SETTING).assign(defaults);
    if let Some(options) = config.and_then(|config| config.as_array()) {
        apply_options(this, options);
    }
    Ok(())
}

pub fn destruct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    call.no_args()
}

fn apply_options(this: &mut ZendObject, options: Array<'_>) {
    link::merge_setting(this.slot(SETTING), options);
    if let Some(on) = options.setting("serialize") {
        state(this).serialize.set(on.to_bool());
    }
    let current = state(this).connection.borrow().clone();
    if let Some(connection) = current {
        apply_timeouts(this, &connection.socket);
    }
}

pub fn connect(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 3)?;
    let host = args.bytes()?;
    let port = args.opt_long()?.unwrap_or(0);
    let serialize = args.opt_bool()?.unwrap_or(false);
    require_coroutine()?;
    let this = call.this();
    ret.set_bool(false);
    if host.is_empty() {
        set_failure(this, OTHER, libc::EINVAL, b"host is empty");
        return Ok(());
    }
    if !host.starts_with(b"unix:") && !(1..65536).contains(&port) {
        set_failure(this, OTHER, libc::EINVAL, b"The port is invalid");
        return Ok(());
    }
    let current = state(this).connection.borrow().clone();
    if let Some(connection) = current {
        let same = this.slot(HOST).bytes() == Some(host) && this.slot(PORT).to_long() == port;
        if same && connection.socket.is_connected() && connection.socket.check_liveness().is_ok() {
            ret.set_bool(true);
            return Ok(());
        }
        if !connection.socket.is_connected() {
            set_failure(this, IO, libc::EALREADY, Code(libc::EALREADY).text().as_bytes());
            return Ok(());
        }
        forget(this, &connection);
    }
    this.slot(HOST).assign(Value::string(host));
    this.slot(PORT).assign(Value::long(port));
    let state = state(this);
    if serialize {
        state.serialize.set(true);
    }
    *state.password.borrow_mut() = None;
    state.database.set(0);
    let connected = open(this)?.is_some();
    ret.set_bool(connected);
    Ok(())
}

pub fn get_auth(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    if state(this).connection.borrow().is_none() {
        ret.set_bool(false);
        return Ok(());
    }
    let kept = state(this).password.borrow().clone();
    match kept.or_else(|| setting(this, "password")?.as_zval().to_zstr()).filter(|password| !password.is_empty()) {
        Some(password) => ret.set_str(password),
        None => ret.set_null(),
    }
    Ok(())
}

pub fn get_db_num(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let state = state(call.this());
    if state.connection.borrow().is_some() {
        ret.set_long(state.database.get());
    } else {
        ret.set_bool(false);
    }
    Ok(())
}

pub fn get_options(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    Value::copy_of(call.this().slot(SETTING)).give(ret);
    Ok(())
}

pub fn set_options(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let options = call.args(1, 1)?.array()?;
    apply_options(call.this(), options);
    ret.set_bool(true);
    Ok(())
}

pub fn get_defer(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    ret.set_bool(state(call.this()).defer.get());
    Ok(())
}

pub fn set_defer(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let on = call.args(0, 1)?.opt_bool()?.unwrap_or(true);
    let this = call.this();
    let subscribed = state(this).connection.borrow().as_ref().is_some_and(|connection| connection.subscribed.get());
    if subscribed {
        link::warn("you should not use setDefer with subscribe")?;
        ret.set_bool(false);
        return Ok(());
    }
    state(this).defer.set(on);
    ret.set_bool(true);
    Ok(())
}

pub fn recv(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let wait = call.args(0, 1)?.opt_double()?.unwrap_or(0.0);
    require_coroutine()?;
    let this = call.this();
    ret.set_bool(false);
    let current = state(this).connection.borrow().clone();
    let Some(connection) = current else {
        set_failure(this, CLOSED, libc::ENOTCONN, b"redis client has no connection");
        return Ok(());
    };
    if let Err(fault) = connection.socket.available(Interest::READ) {
        return fail(this, &connection, fault.into());
    }
    let subscribed = connection.subscribed.get();
    let shape = if subscribed { Some(Shape::Plain) } else { connection.pending.borrow_mut().pop_front() };
    let Some(shape) = shape else {
        set_failure(this, OTHER, libc::EINVAL, b"no command waits for its answer; use setDefer() to defer answers");
        return Ok(());
    };
    let end = until(wait, connection.socket.timeouts.get().read);
    match connection.receive(end) {
        Ok(reply) => answer(this, ret, reply, &shape),
        // A message may come later: nothing was lost.
        Err(Failure::Fault(Fault::Errno(Errno(code @ (libc::ETIMEDOUT | libc::ECANCELED)))))
            if subscribed && is_current(this, &connection) =>
        {
            set_failure(this, IO, code, Code(code).text().as_bytes());
            after_wait()
        }
        Err(failure) => fail(this, &connection, failure),
    }
}

pub fn request(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let words = call.args(1, 1)?.array()?;
    ret.set_bool(false);
    if words.is_empty() {
        return Ok(());
    }
    let request = commands::by_words(words)?;
    run(call.this(), ret, request)
}

pub fn close(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    let current = state(this).connection.borrow_mut().take();
    let Some(connection) = current else {
        ret.set_bool(false);
        return Ok(());
    };
    this.slot(SOCK).assign(Value::long(-1));
    this.slot(CONNECTED).assign(Value::bool(false));
    // Who waits on it closes it, as the last to use it.
    if !hang_up(&connection.socket)? {
        connection.socket.close();
    }
    ret.set_bool(true);
    after_wait()
}

fn subscription(call: &mut Call, ret: &mut Zval, name: &str) -> PhpResult {
    let channels = call.args(1, 1)?.array()?;
    ret.set_bool(false);
    require_coroutine()?;
    let mut words = vec![ZStr::new(name.as_bytes())];
    channels.each(|_: Key<'_>, channel| {
        words.extend(channel.to_zstr());
        true
    });
    crate::zend::error::check()?;
    let this = call.this();
    let Some(connection) = live(this)? else { return Ok(()) };
    let mut out = Vec::new();
    push_command(&mut out, words.iter().map(|word| &word[..]));
    drop(words);
    state(this).defer.set(true);
    connection.subscribed.set(true);
    if let Err(failure) = connection.send(&out) {
        return fail(this, &connection, failure);
    }
    ret.set_bool(true);
    after_wait()
}

pub fn subscribe(call: &mut Call, ret: &mut Zval) -> PhpResult {
    subscription(call, ret, "SUBSCRIBE")
}

pub fn p_subscribe(call: &mut Call, ret: &mut Zval) -> PhpResult {
    subscription(call, ret, "PSUBSCRIBE")
}

pub fn unsubscribe(call: &mut Call, ret: &mut Zval) -> PhpResult {
    subscription(call, ret, "UNSUBSCRIBE")
}

pub fn p_un_subscribe(call: &mut Call, ret: &mut Zval) -> PhpResult {
    subscription(call, ret, "PUNSUBSCRIBE")
}
