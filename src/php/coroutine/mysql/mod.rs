//! Swoole\Coroutine\MySQL, on the crate mysql_async.

mod driver;
pub mod exception;
mod session;
pub mod statement;
mod value;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use ::coroutine::{Wake, await_future};
use mysql_async::{Opts, OptsBuilder};

use super::require_coroutine;
use super::socket::{after_wait, default_timeouts};
use crate::php::code::{Code, set_last};
use crate::zend::error::throw;
use crate::zend::registration::ce;
use crate::zend::{
    Array, Call, ClassEntry, ClassState, GcBuffer, Handlers, ObjectExt, PhpResult, Thrown, Value, ZendObject, Zval, ZvalExt,
    class_state, state_of,
};
use driver::{Command, Failure, Outcome};
use session::{Pending, Report, Results, Session, with_results};

/// Numbers of the declared properties.
const SERVER_INFO: u32 = 0;
const CONNECTED: u32 = 2;
const CONNECT_ERRNO: u32 = 3;
const CONNECT_ERROR: u32 = 4;
const REPORT: Report = Report { affected_rows: 5, insert_id: 6, error: 7, errno: 8 };

const DEFAULT_PORT: i64 = 3306;
/// `max_allowed_packet` of the server's default configuration, and how long it keeps an idle connection: given, so that
/// the driver need not ask for them.
const MAX_PACKET: usize = 1 << 30;
const WAIT_TIMEOUT: usize = 28_800;

#[derive(Default)]
pub struct State {
    session: RefCell<Option<Rc<Session>>>,
    results: RefCell<Results>,
    defer: Cell<bool>,
    pending: RefCell<Option<(Pending, Awaited)>>,
    connecting: Cell<bool>,
}

/// What recv() will give.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Awaited {
    Results,
    Statement,
}

static HANDLERS: Handlers = Handlers::new();

impl ClassState for State {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }

    fn gc(&self, _buffer: &mut GcBuffer) {}
}

impl Drop for State {
    fn drop(&mut self) {
        // Statements may outlive their client; the connection does not.
        if let Some(session) = self.session.get_mut() {
            session.close();
        }
    }
}

pub fn class_init(class: &mut ClassEntry) {
    class_state::<State>(class);
}

fn state(object: &ZendObject) -> &'static State {
    // SAFETY: handlers of this class and its children only.
    unsafe { state_of::<State>(object) }
}

/// A method's time-out: 0 stands for that of sockets.
fn timeout(seconds: f64) -> Option<Duration> {
    if seconds == 0.0 { default_timeouts().read } else { super::timeout(seconds) }
}

/// The connection; without one the error is set.
fn open(this: &mut ZendObject, ret: &mut Zval) -> PhpResult<Option<Rc<Session>>> {
    ret.set_bool(false);
    require_coroutine()?;
    let session = state(this).session.borrow().clone().filter(|session| session.is_open());
    if session.is_none() {
        lost(this, &Failure::client(driver::SERVER_GONE, "MySQL server has gone away"));
    }
    Ok(session)
}

fn lost(this: &mut ZendObject, failure: &Failure) {
    REPORT.fail(this, failure);
    if failure.fatal {
        this.slot(CONNECTED).assign(Value::bool(false));
        drop(state(this).session.take());
    }
}

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    call.no_args()
}

pub fn destruct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    call.no_args()
}

pub fn get_defer(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    ret.set_bool(state(call.this()).defer.get());
    Ok(())
}

pub fn set_defer(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let on = call.args(0, 1)?.opt_bool()?.unwrap_or(true);
    state(call.this()).defer.set(on);
    ret.set_bool(true);
    Ok(())
}

/// A string that connect() cannot do without.
fn required(options: Array<'_>, name: &str) -> PhpResult<String> {
    match options.setting(name).and_then(ZvalExt::to_zstr) {
        Some(text) => Ok(String::from_utf8_lossy(&text).into_owned()),
        None => {
            let class = ce::coroutine_mysql_exception();
            Err(throw(class, 11, &format!("Parameter [{name}] is required")))
        }
    }
}

struct Config {
    options: Opts,
    timeout: Option<Duration>,
    strict: bool,
    fetch_mode: bool,
}

fn config(options: Array<'_>) -> PhpResult<Config> {
    let (host, user) = (required(options, "host")?, required(options, "user")?);
    let (password, database) = (required(options, "password")?, required(options, "database")?);
    let port = options.setting("port").map_or(DEFAULT_PORT, ZvalExt::to_long);
    let mut builder = OptsBuilder::default()
        .user(Some(user))
        .pass(Some(password))
        .db_name((!database.is_empty()).then_some(database))
        // The statement cache would keep statements that the program has closed.
        .stmt_cache_size(0)
        .prefer_socket(false)
        .max_allowed_packet(Some(MAX_PACKET))
        .wait_timeout(Some(WAIT_TIMEOUT));
    builder = match host.strip_prefix("unix:") {
        Some(path) => builder.socket(Some(format!("/{}", path.trim_start_matches('/')))),
        None => builder.ip_or_hostname(host).tcp_port(u16::try_from(port).unwrap_or(0)),
    };
    if let Some(charset) = options.setting("charset").and_then(ZvalExt::to_zstr) {
        let charset = String::from_utf8_lossy(&charset).into_owned();
        if charset.is_empty() || !charset.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            let class = ce::coroutine_mysql_exception();
            return Err(throw(class, 11, &format!("Unknown charset [{charset}]")));
        }
        // What the handshake agrees on anyway.
        if !charset.eq_ignore_ascii_case("utf8mb4") {
            builder = builder.init(vec![format!("SET NAMES {charset}")]);
        }
    }
    let wait = options.setting("timeout").map_or(0.0, ZvalExt::to_double);
    Ok(Config {
        options: builder.into(),
        timeout: if wait == 0.0 { default_timeouts().connect } else { super::timeout(wait) },
        strict: options.setting("strict_type").is_some_and(ZvalExt::to_bool),
        fetch_mode: options.setting("fetch_mode").is_some_and(ZvalExt::to_bool),
    })
}

pub fn connect(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(0, 1)?;
    let given = args.opt_value().filter(|value| !value.is_null());
    let this = call.this();
    if let Some(value) = given {
        if value.as_array().is_none() {
            return Err(throw(ce::coroutine_mysql_exception(), 11, "an array is expected"));
        }
        this.slot(SERVER_INFO).assign(Value::copy_of(value));
    }
    require_coroutine()?;
    let kept = Value::copy_of(this.slot(SERVER_INFO));
    let Some(options) = kept.as_zval().as_array() else {
        return Err(throw(ce::coroutine_mysql_exception(), 11, "Parameter [host] is required"));
    };
    let Config { options, timeout, strict, fetch_mode } = config(options)?;
    crate::zend::error::check()?;
    drop(kept);
    let state = state(this);
    ret.set_bool(false);
    if state.connecting.replace(true) {
        set_connect_error(this, libc::EALREADY as u32, &Code(libc::EALREADY).text());
        return Ok(());
    }
    let old = state.session.take();
    if let Some(old) = old {
        old.close();
    }
    *state.results.borrow_mut() = Results::default();
    drop(state.pending.take());
    let outcome = await_future(driver::connect(options), timeout);
    state.connecting.set(false);
    after_wait()?;
    let failure = match outcome {
        Ok(Ok(handle)) => {
            *state.session.borrow_mut() = Some(Session::new(handle, strict, fetch_mode));
            this.slot(CONNECTED).assign(Value::bool(true));
            set_connect_error(this, 0, "");
            ret.set_bool(true);
            return Ok(());
        }
        Ok(Err(failure)) => failure,
        Err(Wake::Timeout) => Failure::client(driver::CONNECTION_ERROR, &Code(libc::ETIMEDOUT).text()),
        Err(_) => Failure::client(driver::CONNECTION_ERROR, &Code(libc::ECANCELED).text()),
    };
    this.slot(CONNECTED).assign(Value::bool(false));
    set_connect_error(this, failure.code, &failure.text);
    Ok(())
}

fn set_connect_error(this: &mut ZendObject, code: u32, text: &str) {
    if code != 0 {
        set_last(Code(i32::try_from(code).unwrap_or(-1)));
    }
    this.slot(CONNECT_ERRNO).assign(Value::long(i64::from(code)));
    this.slot(CONNECT_ERROR).assign(Value::string(text.as_bytes()));
}

/// Hands a command over and waits for it, or leaves that to recv().
fn run(this: &mut ZendObject, ret: &mut Zval, command: Command, awaited: Awaited, seconds: f64, may_defer: bool) -> PhpResult {
    let Some(session) = open(this, ret)? else { return Ok(()) };
    let state = state(this);
    if state.pending.borrow().is_some() {
        REPORT.fail(this, &Failure::client(driver::OUT_OF_SYNC, "Commands out of sync; recv() was not called for the last one"));
        return Ok(());
    }
    let pending = match session.order(command)? {
        Ok(pending) => pending,
        Err(failure) => {
            lost(this, &failure);
            return Ok(());
        }
    };
    if may_defer && state.defer.get() {
        *state.pending.borrow_mut() = Some((pending, awaited));
        ret.set_bool(true);
        return Ok(());
    }
    finish(this, ret, &session, pending, awaited, seconds)
}

fn finish(
    this: &mut ZendObject,
    ret: &mut Zval,
    session: &Rc<Session>,
    pending: Pending,
    awaited: Awaited,
    seconds: f64,
) -> PhpResult {
    match session.wait(pending, timeout(seconds))? {
        Ok(Outcome::Sets(sets)) if awaited == Awaited::Results => {
            with_results(&state(this).results, |results| results.begin(sets, session, this, REPORT, ret));
        }
        Ok(Outcome::Prepared(prepared)) => statement::make(session, this, prepared).give(ret),
        Ok(Outcome::Sets(_)) => ret.set_bool(true),
        Err(failure) => {
            lost(this, &failure);
            ret.set_bool(false);
        }
    }
    Ok(())
}

pub fn query(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let sql = args.bytes()?;
    let seconds = args.opt_double()?.unwrap_or(0.0);
    run(call.this(), ret, Command::Query(sql.to_vec()), Awaited::Results, seconds, true)
}

pub fn prepare(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let sql = args.bytes()?;
    let seconds = args.opt_double()?.unwrap_or(0.0);
    run(call.this(), ret, Command::Prepare(sql.to_vec()), Awaited::Statement, seconds, true)
}

pub fn recv(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let seconds = call.args(0, 1)?.opt_double()?.unwrap_or(0.0);
    let this = call.this();
    let Some(session) = open(this, ret)? else { return Ok(()) };
    let pending = state(this).pending.borrow_mut().take();
    match pending {
        Some((pending, awaited)) => finish(this, ret, &session, pending, awaited, seconds),
        None => {
            REPORT.fail(
                this,
                &Failure::client(driver::OUT_OF_SYNC, "no command waits for its outcome; use setDefer() to defer it"),
            );
            Ok(())
        }
    }
}

/// The session whose results are read: the server is not asked.
fn reading(call: &mut Call) -> PhpResult<Option<Rc<Session>>> {
    call.args(0, 1)?.opt_double()?;
    Ok(state(call.this()).session.borrow().clone())
}

pub fn fetch(call: &mut Call, ret: &mut Zval) -> PhpResult {
    match reading(call)? {
        Some(session) => with_results(&state(call.this()).results, |results| results.fetch(&session, ret)),
        None => ret.set_bool(false),
    }
    Ok(())
}

pub fn fetch_all(call: &mut Call, ret: &mut Zval) -> PhpResult {
    match reading(call)? {
        Some(session) => with_results(&state(call.this()).results, |results| results.fetch_all(&session, ret)),
        None => ret.set_bool(false),
    }
    Ok(())
}

pub fn next_result(call: &mut Call, ret: &mut Zval) -> PhpResult {
    match reading(call)? {
        Some(session) => {
            let this = call.this();
            with_results(&state(this).results, |results| results.next(&session, this, REPORT, ret));
        }
        None => ret.set_bool(false),
    }
    Ok(())
}

fn transaction(call: &mut Call, ret: &mut Zval, sql: &str) -> PhpResult {
    let seconds = call.args(0, 1)?.opt_double()?.unwrap_or(0.0);
    let this = call.this();
    if state(this).defer.get() {
        let text =
            "you should not query for transaction when defer is on, if you want to do it, please use Coroutine\\MySQL::query()";
        return Err(throw(ce::coroutine_mysql_exception(), i64::from(libc::EPERM), text));
    }
    run(this, ret, Command::Query(sql.as_bytes().to_vec()), Awaited::Results, seconds, false)
}

pub fn begin(call: &mut Call, ret: &mut Zval) -> PhpResult {
    transaction(call, ret, "BEGIN")
}

pub fn commit(call: &mut Call, ret: &mut Zval) -> PhpResult {
    transaction(call, ret, "COMMIT")
}

pub fn rollback(call: &mut Call, ret: &mut Zval) -> PhpResult {
    transaction(call, ret, "ROLLBACK")
}

/// As MySQL's own mysql_real_escape_string(), for character sets whose bytes below 128 are ASCII.
pub fn escape(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let text = args.bytes()?;
    args.opt_long()?;
    let mut out = Vec::with_capacity(text.len() + 8);
    for byte in text {
        match byte {
            0 => out.extend_from_slice(b"\\0"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            0x1a => out.extend_from_slice(b"\\Z"),
            b'\\' | b'\'' | b'"' => out.extend_from_slice(&[b'\\', *byte]),
            byte => out.push(*byte),
        }
    }
    ret.set_bytes(&out);
    Ok(())
}

pub fn close(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    let session = state(this).session.take();
    drop(state(this).pending.take());
    this.slot(CONNECTED).assign(Value::bool(false));
    ret.set_bool(session.is_some_and(|session| session.close()));
    Ok(())
}

/// An outcome that is none: for statements whose client is gone.
fn no_client() -> Thrown {
    crate::php::error::not_constructed("Swoole\\Coroutine\\MySQL\\Statement")
}
