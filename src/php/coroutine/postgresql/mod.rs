//! Swoole\Coroutine\PostgreSQL.

mod conninfo;
pub(super) mod session;

use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;

use net::Fault;
use reactor::Interest;

use super::client::hang_up;
use super::socket::{after_wait, busy};
use super::{postgresql_statement as statement, require_coroutine};
use crate::php::code::{Code, set_last};
use crate::zend::{
    Call, ClassEntry, ClassState, GcBuffer, Handlers, ObjectExt, PhpResult, Value, ZendObject, Zval, ZvalExt, class_state,
    state_of,
};
use conninfo::ConnInfo;
use session::{Failure, Outcome, Session, fault_text};

/// Numbers of the declared properties, the same in both classes.
pub(super) const ERROR: u32 = 0;
pub(super) const ERR_CODE: u32 = 1;
pub(super) const RESULT_STATUS: u32 = 2;
pub(super) const RESULT_DIAG: u32 = 3;
pub(super) const NOTICES: u32 = 4;

/// PGRES_FATAL_ERROR.
const FATAL_ERROR: i64 = 7;

#[derive(Default)]
pub struct State {
    session: RefCell<Option<Rc<Session>>>,
    /// Statements that the program has named.
    named: RefCell<HashSet<String>>,
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

pub(super) const NO_CONNECTION: &str = "connection is not available";

/// An error of ours, on the client or on a statement.
pub(super) fn set_error(this: &mut ZendObject, code: i32, text: &str) {
    set_last(Code(code));
    this.slot(ERROR).assign(Value::string(text.as_bytes()));
    this.slot(ERR_CODE).assign(Value::long(i64::from(code)));
    this.slot(RESULT_STATUS).assign(Value::long(FATAL_ERROR));
    this.slot(RESULT_DIAG).assign(Value::null());
}

/// What a command gave: a statement with its rows, or a failure.
fn answer(this: &mut ZendObject, ret: &mut Zval, session: &Rc<Session>, outcome: Result<Outcome, Failure>) -> PhpResult {
    match outcome {
        Ok(outcome) => {
            after_wait()?;
            succeed(this, session, &outcome);
            statement::make(this, session, None, outcome).give(ret);
            Ok(())
        }
        Err(failure) => fail(this, session, failure),
    }
}

/// Leaves a failure in the properties of the client or of a statement; a misuse becomes an exception.
pub(super) fn fail(this: &mut ZendObject, session: &Session, failure: Failure) -> PhpResult {
    match failure {
        Failure::Server(diagnosis) => {
            set_error(this, libc::EIO, &diagnosis.text());
            let mut diag = Value::array(diagnosis.0.len() as u32);
            for (name, value) in &diagnosis.0 {
                diag.array_mut().set(name, Value::string(value.as_bytes()));
            }
            this.slot(RESULT_DIAG).assign(diag);
        }
        Failure::Fault(Fault::Busy(interest, holder)) => return Err(busy(i64::from(session.socket.fd()), interest, holder)),
        Failure::Fault(fault) => {
            // What comes next could be the answer to this command or to the next one.
            session.socket.close();
            let (code, text) = fault_text(fault);
            set_error(this, code, &text);
        }
        Failure::Broken(text) => {
            session.socket.close();
            set_error(this, libc::ECONNRESET, &text);
        }
    }
    tell_notices(this, session);
    after_wait()
}

/// `$notices`: what the server said beside the results.
pub(super) fn tell_notices(this: &mut ZendObject, session: &Session) {
    let notices = session.notices.take();
    if notices.is_empty() {
        return;
    }
    let mut list = Value::array(notices.len() as u32);
    for text in notices {
        list.array_mut().push(Value::string(text.as_bytes()));
    }
    this.slot(NOTICES).assign(list);
}

/// Notes that an operation went well.
pub(super) fn succeed(this: &mut ZendObject, session: &Session, outcome: &Outcome) {
    if !this.slot(ERROR).is_null() {
        this.slot(ERROR).assign(Value::null());
        this.slot(ERR_CODE).assign(Value::long(0));
        this.slot(RESULT_DIAG).assign(Value::null());
    }
    this.slot(RESULT_STATUS).assign(Value::long(outcome.status));
    tell_notices(this, session);
}

/// The connection; without one the error is set.
fn open(this: &mut ZendObject) -> PhpResult<Option<Rc<Session>>> {
    require_coroutine()?;
    let session = state(this).session.borrow().clone().filter(|session| session.socket.is_connected());
    match &session {
        None => set_error(this, libc::ENOTCONN, NO_CONNECTION),
        Some(session) => {
            if let Err(fault) = session.socket.available(Interest::READ) {
                fail(this, session, fault.into())?;
                return Ok(None);
            }
        }
    }
    Ok(session)
}

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    call.no_args()
}

pub fn destruct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    call.no_args()
}

/// A string argument as the protocol wants it; none, and the error set, when it is not UTF-8.
fn text<'a>(this: &mut ZendObject, bytes: &'a [u8]) -> Option<&'a str> {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => Some(text),
        _ => {
            set_error(this, libc::EILSEQ, "the query is not valid UTF-8");
            None
        }
    }
}

pub fn connect(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let conninfo = args.bytes()?;
    let seconds = args.opt_double()?;
    require_coroutine()?;
    let this = call.this();
    ret.set_bool(false);
    let info = match ConnInfo::parse(&String::from_utf8_lossy(conninfo)) {
        Ok(info) => info,
        Err(text) => {
            set_error(this, libc::EINVAL, &text);
            return Ok(());
        }
    };
    let state = state(this);
    let old = state.session.take();
    if let Some(old) = old
        && !hang_up(&old.socket)?
    {
        old.close();
    }
    state.named.borrow_mut().clear();
    let session = match Session::new(&info) {
        Ok(session) => session,
        Err(fault) => {
            let (code, text) = fault_text(fault);
            set_error(this, code, &text);
            return Ok(());
        }
    };
    *state.session.borrow_mut() = Some(Rc::clone(&session));
    let timeout = super::timeout(seconds.or(info.connect_timeout).unwrap_or(2.0));
    match session.connect(&info, timeout) {
        Ok(()) => {
            after_wait()?;
            succeed(this, &session, &Outcome { status: 1, ..Outcome::default() });
            ret.set_bool(true);
            Ok(())
        }
        Err(failure) => {
            let outcome = fail(this, &session, failure);
            session.socket.close();
            outcome
        }
    }
}

pub fn query(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let sql = call.args(1, 1)?.bytes()?;
    let this = call.this();
    ret.set_bool(false);
    let Some(session) = open(this)? else { return Ok(()) };
    let Some(sql) = text(this, sql) else { return Ok(()) };
    let outcome = session.query(sql);
    answer(this, ret, &session, outcome)
}

pub fn prepare(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let first = args.bytes()?;
    let second = match args.opt_value().filter(|value| !value.is_null()) {
        Some(value) => value.to_zstr(),
        None => None,
    };
    let this = call.this();
    ret.set_bool(false);
    let Some(session) = open(this)? else { return Ok(()) };
    let (name, sql) = match &second {
        Some(sql) => (Some(first), &sql[..]),
        None => (None, first),
    };
    let Some(sql) = text(this, sql) else { return Ok(()) };
    let own = match name {
        Some(name) => match text(this, name) {
            Some(name) => Some(name.to_owned()),
            None => return Ok(()),
        },
        None => None,
    };
    let server_name = own.clone().unwrap_or_else(|| session.fresh_name());
    match session.prepare(&server_name, sql) {
        Ok(()) => {
            after_wait()?;
            succeed(this, &session, &Outcome { status: 1, ..Outcome::default() });
            match own {
                Some(name) => {
                    state(this).named.borrow_mut().insert(name);
                    ret.set_bool(true);
                }
                None => statement::make(this, &session, Some(server_name), Outcome::default()).give(ret),
            }
            Ok(())
        }
        Err(failure) => fail(this, &session, failure),
    }
}

pub fn execute(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let name = args.bytes()?;
    let params = match args.opt_value().and_then(|given| given.as_array()) {
        Some(given) => statement::params(given)?,
        None => Vec::new(),
    };
    let this = call.this();
    ret.set_bool(false);
    let Some(session) = open(this)? else { return Ok(()) };
    let Some(name) = text(this, name) else { return Ok(()) };
    let outcome = session.execute(name, &params);
    answer(this, ret, &session, outcome)
}

/// What pg_meta_data() of PHP's own extension tells about each column.
const COLUMNS: &str = "SELECT a.attname, a.attnum AS num, t.typname AS type, a.attlen AS len, a.attnotnull AS \"not null\", \
     a.atthasdef AS \"has default\", a.attndims AS \"array dims\", t.typtype = 'e' AS \"is enum\" \
     FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid \
     WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";

pub fn meta_data(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let table = call.args(1, 1)?.bytes()?;
    let this = call.this();
    ret.set_bool(false);
    let Some(session) = open(this)? else { return Ok(()) };
    let params = [Some(bytes::Bytes::copy_from_slice(table))];
    // The unnamed statement is replaced by the next that is prepared.
    let result = session.prepare("", COLUMNS).and_then(|()| session.execute("", &params));
    match result {
        Ok(outcome) => {
            after_wait()?;
            succeed(this, &session, &outcome);
            let mut all = Value::array(outcome.rows.len() as u32);
            for row in &outcome.rows {
                let mut fields = statement::values(&outcome.columns, row).into_iter();
                let Some((_, name)) = fields.next() else { continue };
                let mut column = Value::array(7);
                for (name, value) in fields {
                    column.array_mut().set(name, value);
                }
                all.array_mut().set_symbol(name.as_zval().bytes().unwrap_or_default(), column);
            }
            all.give(ret);
            Ok(())
        }
        Err(failure) => fail(this, &session, failure),
    }
}

/// `quote` doubled inside; backslashes too where they would mean something.
fn quoted(call: &mut Call, ret: &mut Zval, quote: u8, around: bool) -> PhpResult {
    let text = call.args(1, 1)?.bytes()?;
    let this = call.this();
    ret.set_bool(false);
    if state(this).session.borrow().is_none() {
        set_error(this, libc::ENOTCONN, NO_CONNECTION);
        return Ok(());
    }
    let mut out = Vec::with_capacity(text.len() + 8);
    let backslashes = around && quote == b'\'' && text.contains(&b'\\');
    if around {
        // ` E'…'` says that backslashes escape, whatever standard_conforming_strings is.
        out.extend_from_slice(if backslashes { b" E'" } else { std::slice::from_ref(&quote) });
    }
    for byte in text {
        if *byte == quote || (backslashes && *byte == b'\\') {
            out.push(*byte);
        }
        out.push(*byte);
    }
    if around {
        out.push(quote);
    }
    ret.set_bytes(&out);
    Ok(())
}

pub fn escape(call: &mut Call, ret: &mut Zval) -> PhpResult {
    quoted(call, ret, b'\'', false)
}

pub fn escape_literal(call: &mut Call, ret: &mut Zval) -> PhpResult {
    quoted(call, ret, b'\'', true)
}

pub fn escape_identifier(call: &mut Call, ret: &mut Zval) -> PhpResult {
    quoted(call, ret, b'"', true)
}
