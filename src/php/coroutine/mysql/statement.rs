//! Swoole\Coroutine\MySQL\Statement.

use std::cell::RefCell;
use std::rc::Rc;

use super::driver::{self, Command, Failure, Outcome};
use super::session::{Pending, Report, Results, Session, with_results};
use super::value;
use crate::php::coroutine::require_coroutine;
use crate::zend::registration::ce;
use crate::zend::{
    Call, ClassEntry, ClassState, GcBuffer, Handlers, ObjectExt, PhpResult, Value, ZendObject, Zval, ZvalExt, class_state,
    new_object, state_of,
};

/// Numbers of the declared properties.
const ID: u32 = 0;
const REPORT: Report = Report { affected_rows: 1, insert_id: 2, error: 3, errno: 4 };

#[derive(Default)]
pub struct State {
    inner: RefCell<Option<Inner>>,
    results: RefCell<Results>,
    pending: RefCell<Option<Pending>>,
}

struct Inner {
    session: Rc<Session>,
    /// The client's, which says whether execute() waits.
    client: Value,
    statement: mysql_async::Statement,
}

static HANDLERS: Handlers = Handlers::new();

impl ClassState for State {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }

    fn gc(&self, buffer: &mut GcBuffer) {
        if let Ok(inner) = self.inner.try_borrow()
            && let Some(inner) = inner.as_ref()
        {
            buffer.add(&inner.client);
        }
    }
}

impl Drop for State {
    fn drop(&mut self) {
        if let Some(inner) = self.inner.get_mut().take() {
            inner.session.forget(inner.statement);
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

/// The object for a statement that the server has prepared.
pub(super) fn make(session: &Rc<Session>, client: &mut ZendObject, statement: mysql_async::Statement) -> Value {
    let value = new_object(ce::coroutine_mysql_statement());
    if let Some(object) = value.as_zval().obj() {
        object.slot(ID).assign(Value::long(i64::from(statement.id())));
        let inner = Inner { session: Rc::clone(session), client: Value::object(client), statement };
        *state(object).inner.borrow_mut() = Some(inner);
    }
    value
}

/// The connection, and whether the client defers.
fn session(this: &mut ZendObject) -> PhpResult<(Rc<Session>, bool)> {
    let inner = state(this).inner.borrow();
    let Some(inner) = inner.as_ref() else { return Err(super::no_client()) };
    let defer = inner.client.as_zval().obj().is_some_and(|client| super::state(client).defer.get());
    Ok((Rc::clone(&inner.session), defer))
}

pub fn execute(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(0, 2)?;
    let given = args.opt_value();
    let seconds = args.opt_double()?.unwrap_or(0.0);
    require_coroutine()?;
    let this = call.this();
    ret.set_bool(false);
    let (session, defer) = session(this)?;
    let values = match given.and_then(|given| given.as_array()) {
        Some(given) => value::params(given)?,
        None => Vec::new(),
    };
    let statement = state(this).inner.borrow().as_ref().map(|inner| inner.statement.clone());
    let Some(statement) = statement else { return Err(super::no_client()) };
    let wanted = usize::from(statement.num_params());
    if values.len() != wanted {
        let text = format!("statement#{} expects {wanted} parameter, {} given.", statement.id(), values.len());
        REPORT.fail(this, &Failure::client(driver::INVALID_PARAMETERS, &text));
        return Ok(());
    }
    if state(this).pending.borrow().is_some() {
        REPORT.fail(this, &Failure::client(driver::OUT_OF_SYNC, "Commands out of sync; recv() was not called for the last one"));
        return Ok(());
    }
    match session.order(Command::Execute(statement, values))? {
        Ok(pending) if defer => {
            *state(this).pending.borrow_mut() = Some(pending);
            ret.set_bool(true);
            Ok(())
        }
        Ok(pending) => finish(this, ret, &session, pending, seconds),
        Err(failure) => {
            fail(this, &failure);
            Ok(())
        }
    }
}

fn fail(this: &mut ZendObject, failure: &Failure) {
    REPORT.fail(this, failure);
    let client = state(this).inner.borrow().as_ref().map(|inner| inner.client.clone());
    if let Some(client) = client.as_ref().and_then(|client| client.as_zval().obj()) {
        super::lost(client, failure);
    }
}

fn finish(this: &mut ZendObject, ret: &mut Zval, session: &Rc<Session>, pending: Pending, seconds: f64) -> PhpResult {
    match session.wait(pending, super::timeout(seconds))? {
        Ok(Outcome::Sets(sets)) => with_results(&state(this).results, |results| results.begin(sets, session, this, REPORT, ret)),
        Ok(Outcome::Prepared(_)) => ret.set_bool(true),
        Err(failure) => {
            fail(this, &failure);
            ret.set_bool(false);
        }
    }
    Ok(())
}

pub fn recv(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let seconds = call.args(0, 1)?.opt_double()?.unwrap_or(0.0);
    require_coroutine()?;
    let this = call.this();
    ret.set_bool(false);
    let (session, _) = session(this)?;
    let pending = state(this).pending.borrow_mut().take();
    match pending {
        Some(pending) => finish(this, ret, &session, pending, seconds),
        None => {
            REPORT.fail(
                this,
                &Failure::client(driver::OUT_OF_SYNC, "no command waits for its outcome; use setDefer() to defer it"),
            );
            Ok(())
        }
    }
}

pub fn fetch(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.args(0, 1)?.opt_double()?;
    let this = call.this();
    let (session, _) = session(this)?;
    with_results(&state(this).results, |results| results.fetch(&session, ret));
    Ok(())
}

pub fn fetch_all(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.args(0, 1)?.opt_double()?;
    let this = call.this();
    let (session, _) = session(this)?;
    with_results(&state(this).results, |results| results.fetch_all(&session, ret));
    Ok(())
}

pub fn next_result(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.args(0, 1)?.opt_double()?;
    let this = call.this();
    let (session, _) = session(this)?;
    with_results(&state(this).results, |results| results.next(&session, this, REPORT, ret));
    Ok(())
}

pub fn close(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let inner = state(call.this()).inner.take();
    match inner {
        Some(inner) => {
            inner.session.forget(inner.statement);
            ret.set_bool(true);
        }
        None => ret.set_bool(false),
    }
    Ok(())
}
