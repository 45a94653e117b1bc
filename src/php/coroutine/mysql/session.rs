//! What a client and its statements share: the connection, who uses it, and how an outcome becomes a result.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use coroutine::{CoId, Wake, await_future};
use mysql_async::{Column, Value as Sql};
use tokio::sync::oneshot::Receiver;

use super::driver::{self, Answer, Command, Failure, Handle, Outcome, Set};
use super::value;
use crate::php::code::{Code, set_last};
use crate::php::coroutine::socket::after_wait;
use crate::zend::error::throw;
use crate::zend::registration::ce;
use crate::zend::{ObjectExt, PhpResult, Value, ZendObject, Zval, ZvalExt};

/// Where an object of either class keeps what its last operation came to: numbers of the declared properties.
#[derive(Clone, Copy)]
pub(super) struct Report {
    pub affected_rows: u32,
    pub insert_id: u32,
    pub error: u32,
    pub errno: u32,
}

impl Report {
    pub fn fail(self, this: &mut ZendObject, failure: &Failure) {
        set_last(Code(i32::try_from(failure.code).unwrap_or(-1)));
        this.slot(self.errno).assign(Value::long(i64::from(failure.code)));
        this.slot(self.error).assign(Value::string(failure.text.as_bytes()));
    }

    fn done(self, this: &mut ZendObject, affected: u64, insert_id: u64) {
        this.slot(self.affected_rows).assign(Value::long(affected as i64));
        this.slot(self.insert_id).assign(Value::long(insert_id as i64));
    }

    fn clear(self, this: &mut ZendObject) {
        if this.slot(self.errno).to_long() != 0 {
            this.slot(self.errno).assign(Value::long(0));
            this.slot(self.error).assign(Value::string(b""));
        }
    }
}

/// A connection, shared by a client and the statements that it prepared.
pub(super) struct Session {
    handle: RefCell<Option<Handle>>,
    /// Who waits for an outcome, 0 for nobody.
    holder: Cell<CoId>,
    pub strict: bool,
    pub fetch_mode: bool,
}

/// A command whose outcome is to be fetched later.
pub(super) struct Pending(Receiver<Answer>);

/// The rows of one statement that are still to be fetched.
struct Rows {
    columns: Arc<[Column]>,
    rows: VecDeque<Vec<Sql>>,
}

/// Results that the program has not taken yet.
#[derive(Default)]
pub(super) struct Results {
    sets: VecDeque<Set>,
    /// The one that fetch() reads.
    current: Option<Rows>,
}

impl Session {
    pub fn new(handle: Handle, strict: bool, fetch_mode: bool) -> Rc<Self> {
        Rc::new(Self { handle: RefCell::new(Some(handle)), holder: Cell::new(0), strict, fetch_mode })
    }

    pub fn is_open(&self) -> bool {
        self.handle.borrow().as_ref().is_some_and(|handle| handle.is_ours() && !handle.is_closed())
    }

    /// Ends the connection; who waits for an outcome is told that it is lost.
    pub fn close(&self) -> bool {
        let handle = self.handle.take();
        let open = handle.is_some();
        if let Some(handle) = handle
            && self.holder.get() != 0
        {
            handle.abort();
        }
        open
    }

    /// Hands a command over, unless another coroutine is in the middle of one.
    pub fn order(&self, command: Command) -> PhpResult<Result<Pending, Failure>> {
        if self.holder.get() != 0 {
            let text = format!(
                "MySQL client has already been bound to another coroutine#{}, using it in coroutine#{} at the same time is not allowed",
                self.holder.get(),
                coroutine::current().unwrap_or(-1)
            );
            return Err(throw(ce::error(), i64::from(Code::CO_HAS_BEEN_BOUND.0), &text));
        }
        let handle = self.handle.borrow();
        Ok(match handle.as_ref().filter(|handle| handle.is_ours() && !handle.is_closed()) {
            Some(handle) => Ok(Pending(handle.order(command))),
            None => Err(Failure::client(driver::SERVER_GONE, "MySQL server has gone away")),
        })
    }

    /// Waits for a command's outcome. After a time-out or a cancel the connection is lost: what comes next on it could
    /// be the answer to either.
    pub fn wait(&self, pending: Pending, timeout: Option<Duration>) -> PhpResult<Result<Outcome, Failure>> {
        self.holder.set(coroutine::current().unwrap_or(-1));
        let waited = await_future(pending.0, timeout);
        self.holder.set(0);
        after_wait()?;
        let why = match waited {
            Ok(Ok(Ok(outcome))) => return Ok(Ok(outcome)),
            Ok(Ok(Err(failure))) => {
                if failure.fatal {
                    self.close();
                }
                return Ok(Err(failure));
            }
            // The task has ended without an answer.
            Ok(Err(_)) => libc::ECONNRESET,
            Err(Wake::Timeout) => libc::ETIMEDOUT,
            Err(_) => libc::ECANCELED,
        };
        if let Some(handle) = self.handle.take() {
            handle.abort();
        }
        Ok(Err(Failure::lost(&Code(why).text())))
    }

    /// Tells the server, whenever it has time, that a statement is not needed any more.
    pub fn forget(&self, statement: mysql_async::Statement) {
        if let Some(handle) = self.handle.borrow().as_ref().filter(|handle| handle.is_ours()) {
            drop(handle.order(Command::Forget(statement)));
        }
    }
}

/// Works on results with no borrow held: what a property held before may have a destructor, which is PHP code.
pub(super) fn with_results(kept: &RefCell<Results>, work: impl FnOnce(&mut Results)) {
    let mut results = kept.take();
    work(&mut results);
    *kept.borrow_mut() = results;
}

impl Results {
    /// Takes over what a command gave, and gives the program the first of it.
    pub fn begin(&mut self, sets: VecDeque<Set>, session: &Session, this: &mut ZendObject, report: Report, ret: &mut Zval) {
        *self = Self { sets, current: None };
        report.clear(this);
        self.advance(session, this, report, ret);
    }

    /// nextResult(): null when all is taken.
    pub fn next(&mut self, session: &Session, this: &mut ZendObject, report: Report, ret: &mut Zval) {
        self.current = None;
        // What a procedure says at its end is no result of its own.
        if let [Set::Done { affected, insert_id }] = *self.sets.make_contiguous() {
            report.done(this, affected, insert_id);
            self.sets.clear();
        }
        if self.sets.is_empty() {
            ret.set_null();
        } else {
            self.advance(session, this, report, ret);
        }
    }

    fn advance(&mut self, session: &Session, this: &mut ZendObject, report: Report, ret: &mut Zval) {
        match self.sets.pop_front() {
            Some(Set::Rows { columns, rows }) => {
                // As MySQL's own clients count: the rows of a result are its affected rows.
                report.done(this, rows.len() as u64, 0);
                self.current = Some(Rows { columns, rows });
                if session.fetch_mode {
                    ret.set_bool(true);
                } else {
                    self.fetch_all(session, ret);
                }
            }
            Some(Set::Done { affected, insert_id }) => {
                report.done(this, affected, insert_id);
                ret.set_bool(true);
            }
            Some(Set::Failed(failure)) => {
                report.fail(this, &failure);
                ret.set_bool(false);
            }
            None => ret.set_bool(true),
        }
    }

    /// fetch(): null after the last row.
    pub fn fetch(&mut self, session: &Session, ret: &mut Zval) {
        let row = self
            .current
            .as_mut()
            .and_then(|Rows { columns, rows }| Some(value::row(columns, &rows.pop_front()?, session.strict)));
        match row {
            Some(row) => row.give(ret),
            None => ret.set_null(),
        }
    }

    pub fn fetch_all(&mut self, session: &Session, ret: &mut Zval) {
        let Some(Rows { columns, rows }) = self.current.take() else {
            ret.set_null();
            return;
        };
        let mut all = Value::array(rows.len() as u32);
        for row in &rows {
            all.array_mut().push(value::row(&columns, row, session.strict));
        }
        all.give(ret);
    }
}
