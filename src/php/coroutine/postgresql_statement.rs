//! Swoole\Coroutine\PostgreSQLStatement.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use bytes::Bytes;
use fallible_iterator::FallibleIterator;
use postgres_protocol::message::backend::DataRowBody;
use reactor::Interest;

use super::postgresql::session::{Column, Outcome, Session};
use super::postgresql::{NO_CONNECTION, fail, set_error, succeed};
use super::require_coroutine;
use super::socket::after_wait;
use crate::zend::registration::ce;
use crate::zend::{
    Array, Call, ClassEntry, ClassState, GcBuffer, Handlers, ObjectExt, PhpResult, Thrown, Value, ZendObject, Zval, ZvalExt,
    class_state, invoke, new_object, state_of,
};

/// `SW_PGSQL_*`.
const ASSOC: i64 = 1;
const NUM: i64 = 2;
const BOTH: i64 = 3;

#[derive(Default)]
pub struct State {
    inner: RefCell<Option<Inner>>,
    outcome: RefCell<Outcome>,
    /// The row that a fetch without a number gives next.
    next: Cell<usize>,
}

struct Inner {
    session: Rc<Session>,
    /// Keeps the connection: it closes with its client.
    client: Value,
    /// As the server knows it; none for the result of a query.
    name: Option<String>,
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
        if let Some(Inner { session, name: Some(name), .. }) = self.inner.get_mut().take() {
            session.forget(name);
        }
    }
}

pub fn class_init(class: &mut ClassEntry) {
    class_state::<State>(class);
}

fn state(object: &ZendObject) -> &'static State {
    // SAFETY: handlers of this final class only, and `read`, which asks for the class.
    unsafe { state_of::<State>(object) }
}

/// The object for a prepared statement, or for a result.
pub(super) fn make(client: &mut ZendObject, session: &Rc<Session>, name: Option<String>, outcome: Outcome) -> Value {
    let value = new_object(ce::coroutine_postgresql_statement());
    if let Some(object) = value.as_zval().obj() {
        let state = state(object);
        *state.inner.borrow_mut() = Some(Inner { session: Rc::clone(session), client: Value::object(client), name });
        object.slot(super::postgresql::RESULT_STATUS).assign(Value::long(outcome.status));
        *state.outcome.borrow_mut() = outcome;
    }
    value
}

/// Parameters as text, in the array's order.
pub(super) fn params(given: Array<'_>) -> PhpResult<Vec<Option<Bytes>>> {
    let mut all = Vec::with_capacity(given.len());
    given.each(|_, value| {
        let value = value.dereference();
        all.push(match value {
            value if value.is_null() => None,
            value if value.is_true() => Some(Bytes::from_static(b"t")),
            value if value.is_false() => Some(Bytes::from_static(b"f")),
            value => value.to_zstr().map(|text| Bytes::copy_from_slice(&text)),
        });
        true
    });
    crate::zend::error::check()?;
    Ok(all)
}

/// `$statement->execute(array $params = []): bool`
pub fn execute(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let given = call.args(0, 1)?.opt_value();
    let params = match given.and_then(|given| given.as_array()) {
        Some(given) => params(given)?,
        None => Vec::new(),
    };
    require_coroutine()?;
    let this = call.this();
    ret.set_bool(false);
    let held = state(this).inner.borrow().as_ref().map(|inner| (Rc::clone(&inner.session), inner.name.clone()));
    let Some((session, name)) = held else {
        return Err(crate::php::error::not_constructed("Swoole\\Coroutine\\PostgreSQLStatement"));
    };
    let Some(name) = name else {
        set_error(this, libc::EINVAL, "the result of a query cannot be executed");
        return Ok(());
    };
    if !session.socket.is_connected() {
        set_error(this, libc::ENOTCONN, NO_CONNECTION);
        return Ok(());
    }
    if let Err(fault) = session.socket.available(Interest::READ) {
        return fail(this, &session, fault.into());
    }
    match session.execute(&name, &params) {
        Ok(outcome) => {
            after_wait()?;
            succeed(this, &session, &outcome);
            *state(this).outcome.borrow_mut() = outcome;
            state(this).next.set(0);
            ret.set_bool(true);
            Ok(())
        }
        Err(failure) => fail(this, &session, failure),
    }
}

/// A row's columns by name.
pub(super) fn values<'a>(columns: &'a [Column], row: &DataRowBody) -> Vec<(&'a str, Value)> {
    let bytes = row.buffer();
    let ranges: Vec<_> = row.ranges().collect().unwrap_or_default();
    let value = |(column, range): (&'a Column, &Option<std::ops::Range<usize>>)| {
        let text = range.clone().and_then(|range| bytes.get(range));
        (column.name.as_str(), text.map_or_else(Value::null, |text| typed(column.oid, text)))
    };
    columns.iter().zip(&ranges).map(value).collect()
}

/// Text of the server as the PHP type that holds it. The numbers are those of pg_type.dat.
fn typed(oid: u32, bytes: &[u8]) -> Value {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let value = match oid {
        16 => Some(Value::bool(bytes == b"t")),
        20 | 21 | 23 | 26 => text.parse().ok().map(Value::long),
        700 | 701 => text.parse().ok().map(Value::double),
        17 => text.strip_prefix("\\x").and_then(unhex).map(|bytes| Value::string(&bytes)),
        _ => None,
    };
    value.unwrap_or_else(|| Value::string(bytes))
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    text.as_bytes().chunks(2).map(|pair| Some((digit(pair[0])? << 4 | digit(*pair.get(1)?)?) as u8)).collect()
}

fn array(columns: &[Column], row: &DataRowBody, kind: i64) -> Value {
    let mut array = Value::array(columns.len() as u32);
    for (n, (name, value)) in values(columns, row).into_iter().enumerate() {
        if kind & NUM != 0 {
            array.array_mut().set_index(n as i64, value.clone());
        }
        if kind & ASSOC != 0 {
            array.array_mut().set_symbol(name.as_bytes(), value);
        }
    }
    array
}

/// The methods that read a result, of both classes: the client's take the statement as their first argument.
pub fn read(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let method = call.name();
    let class = ce::coroutine_postgresql_statement();
    let mut args = call.declared_args()?;
    let this = call.this();
    let result = if this.is_a(class) { this } else { args.object_of(class)? };
    let state = state(result);
    let columns = Rc::clone(&state.outcome.borrow().columns);
    let count = state.outcome.borrow().rows.len();
    match method {
        "affectedRows" => ret.set_long(state.outcome.borrow().affected),
        "numRows" => ret.set_long(count as i64),
        "fieldCount" => ret.set_long(columns.len() as i64),
        "fetchAll" => {
            let kind = checked(args.opt_long()?, ASSOC, args.position())?;
            let outcome = state.outcome.borrow();
            let mut all = Value::array(count as u32);
            for row in &outcome.rows {
                all.array_mut().push(array(&columns, row, kind));
            }
            all.give(ret);
        }
        method => {
            let n = args.opt_long_or_null()?.map_or(Some(state.next.get()), |n| usize::try_from(n).ok());
            let kind = match method {
                "fetchArray" => checked(args.opt_long()?, BOTH, args.position())?,
                "fetchRow" => checked(args.opt_long()?, NUM, args.position())?,
                _ => ASSOC,
            };
            let Some(n) = n.filter(|n| *n < count) else {
                ret.set_bool(false);
                return Ok(());
            };
            state.next.set(n + 1);
            if method == "fetchObject" {
                let class = match args.opt_value().filter(|name| !name.is_null()) {
                    Some(name) => Some(name.to_zstr().ok_or(Thrown::Exception)?),
                    None => None,
                };
                let params = args.opt_value().map(|params| Value::copy_of(params));
                let fields = values_of(state, &columns, n);
                return object(ret, class.as_deref(), params, fields);
            }
            let row = state.outcome.borrow().rows.get(n).map(|row| array(&columns, row, kind));
            row.unwrap_or_else(Value::null).give(ret);
        }
    }
    Ok(())
}

fn values_of(state: &State, columns: &[Column], n: usize) -> Vec<(String, Value)> {
    let outcome = state.outcome.borrow();
    let Some(row) = outcome.rows.get(n) else { return Vec::new() };
    values(columns, row).into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn checked(given: Option<i64>, default: i64, position: u32) -> PhpResult<i64> {
    match given.unwrap_or(default) {
        kind @ ASSOC..=BOTH => Ok(kind),
        _ => {
            let text =
                format!("Argument #{position} ($result_type) must be one of SW_PGSQL_ASSOC, SW_PGSQL_NUM and SW_PGSQL_BOTH");
            Err(crate::zend::error::throw_builtin(crate::zend::error::Builtin::ValueError, &text))
        }
    }
}

/// An object of a class (stdClass without one), the columns its properties, the constructor called afterwards.
fn object(ret: &mut Zval, class: Option<&[u8]>, params: Option<Value>, fields: Vec<(String, Value)>) -> PhpResult {
    let class = invoke::class(class.unwrap_or(b"stdClass"))?;
    let value = new_object(class);
    if let Some(object) = value.as_zval().obj() {
        for (name, value) in fields {
            object.set_prop(&name, value);
        }
        crate::zend::error::check()?;
        let params = params.unwrap_or_else(|| Value::array(0));
        let mut question = [Value::object(object).into_zval(), Value::string(b"__construct").into_zval()];
        let constructs = invoke::function(c"method_exists", &mut question)?.as_zval().to_bool();
        if let Some(params) = params.as_zval().as_array().filter(|_| constructs) {
            invoke::method_spread(object, b"__construct", params)?;
        }
    }
    value.give(ret);
    Ok(())
}
