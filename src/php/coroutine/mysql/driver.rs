//! The connection itself: a task on the tokio thread that owns mysql_async's `Conn` and serves one command after the
//! other. What PHP holds is the sending end of its channel.

use std::collections::VecDeque;
use std::mem::ManuallyDrop;
use std::sync::Arc;

use mysql_async::prelude::{Protocol, Queryable};
use mysql_async::{Column, Conn, DriverError, Error, IoError, Opts, Params, QueryResult, Row, Statement, Value};
use tokio::sync::{mpsc, oneshot};
use tokio::task::AbortHandle;

/// Client errors of MySQL's C API (errmsg.h).
pub const CONNECTION_ERROR: u32 = 2002;
pub const SERVER_GONE: u32 = 2006;
pub const SERVER_LOST: u32 = 2013;
pub const INVALID_PARAMETERS: u32 = 2034;
pub const OUT_OF_SYNC: u32 = 2014;

/// Why a command has no result.
#[derive(Clone, Debug)]
pub struct Failure {
    pub code: u32,
    pub text: String,
    /// The connection is of no use any more.
    pub fatal: bool,
}

impl Failure {
    /// An error of ours, without a SQLSTATE of its own.
    pub fn client(code: u32, text: &str) -> Self {
        Self {
            code,
            text: format!("SQLSTATE[HY000] [{code}] {text}"),
            fatal: matches!(code, SERVER_GONE | SERVER_LOST | CONNECTION_ERROR),
        }
    }

    pub fn lost(why: &str) -> Self {
        Self::client(SERVER_LOST, &format!("Lost connection to MySQL server during query: {why}"))
    }
}

fn system_text(error: &std::io::Error) -> String {
    error.raw_os_error().map_or_else(|| error.to_string(), |code| crate::php::code::Code(code).text())
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Server(error) => {
                let text = format!("SQLSTATE[{}] [{}] {}", error.state, error.code, error.message);
                Self { code: u32::from(error.code), text, fatal: false }
            }
            Error::Io(IoError::Io(error)) => Self::lost(&system_text(&error)),
            Error::Driver(DriverError::ConnectionClosed) => Self::lost("the server has closed it"),
            error => Self::lost(&error.to_string()),
        }
    }
}

/// What one statement of a query gave.
pub enum Set {
    Rows { columns: Arc<[Column]>, rows: VecDeque<Vec<Value>> },
    Done { affected: u64, insert_id: u64 },
    Failed(Failure),
}

pub enum Command {
    Query(Vec<u8>),
    Prepare(Vec<u8>),
    Execute(Statement, Vec<Value>),
    Forget(Statement),
}

pub enum Outcome {
    Sets(VecDeque<Set>),
    Prepared(Statement),
}

pub type Answer = Result<Outcome, Failure>;
type Order = (Command, oneshot::Sender<Answer>);

/// PHP's end of a connection. Dropped, it ends the connection, a query under way included.
pub struct Handle {
    orders: ManuallyDrop<mpsc::UnboundedSender<Order>>,
    task: ManuallyDrop<AbortHandle>,
    /// A child of a fork has the memory of the runtime and nothing of its threads: it must touch neither.
    owner: u32,
}

impl Handle {
    pub fn is_ours(&self) -> bool {
        self.owner == std::process::id()
    }

    /// Hands a command over; its outcome comes through the receiver.
    pub fn order(&self, command: Command) -> oneshot::Receiver<Answer> {
        let (sender, receiver) = oneshot::channel();
        // Without the task both ends of the answer's channel are dropped, which the receiver tells.
        let _ = self.orders.send((command, sender));
        receiver
    }

    pub fn is_closed(&self) -> bool {
        self.orders.is_closed()
    }

    /// Ends the connection at once.
    pub fn abort(&self) {
        if self.is_ours() {
            self.task.abort();
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        if !self.is_ours() {
            return;
        }
        // The task sees the end of its channel between two commands, and says goodbye to the server.
        // SAFETY: dropped once, here; nothing uses them afterwards.
        unsafe {
            ManuallyDrop::drop(&mut self.orders);
            ManuallyDrop::drop(&mut self.task);
        }
    }
}

/// Connects. Runs on the tokio thread.
pub async fn connect(options: Opts) -> Result<Handle, Failure> {
    let conn = Conn::new(options).await.map_err(|error| match error {
        Error::Io(IoError::Io(error)) => Failure::client(CONNECTION_ERROR, &system_text(&error)),
        error => error.into(),
    })?;
    let (sender, receiver) = mpsc::unbounded_channel();
    let task = tokio::spawn(serve(conn, receiver)).abort_handle();
    Ok(Handle { orders: ManuallyDrop::new(sender), task: ManuallyDrop::new(task), owner: std::process::id() })
}

async fn serve(mut conn: Conn, mut orders: mpsc::UnboundedReceiver<Order>) {
    while let Some((command, answer)) = orders.recv().await {
        let result = execute(&mut conn, command).await;
        let fatal = result.as_ref().is_err_and(|failure| failure.fatal);
        let _ = answer.send(result);
        if fatal {
            return;
        }
    }
    let _ = conn.disconnect().await;
}

async fn execute(conn: &mut Conn, command: Command) -> Answer {
    match command {
        Command::Query(sql) => Ok(Outcome::Sets(collect(conn.query_iter(sql).await?).await)),
        Command::Prepare(sql) => Ok(Outcome::Prepared(conn.prep(sql).await?)),
        Command::Execute(statement, values) => {
            let params = if values.is_empty() { Params::Empty } else { Params::Positional(values) };
            Ok(Outcome::Sets(collect(conn.exec_iter(&statement, params).await?).await))
        }
        Command::Forget(statement) => {
            conn.close(statement).await?;
            Ok(Outcome::Sets(VecDeque::new()))
        }
    }
}

/// All that the statements gave, up to the first that failed.
async fn collect<P: Protocol>(mut result: QueryResult<'_, 'static, P>) -> VecDeque<Set> {
    let mut sets = VecDeque::new();
    while let Some(columns) = result.columns() {
        if columns.is_empty() {
            sets.push_back(Set::Done { affected: result.affected_rows(), insert_id: result.last_insert_id().unwrap_or(0) });
        }
        let mut rows = VecDeque::new();
        let end = loop {
            match result.next().await {
                Ok(Some(row)) => rows.push_back(Row::unwrap(row)),
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        if !columns.is_empty() && (end.is_ok() || !rows.is_empty()) {
            sets.push_back(Set::Rows { columns, rows });
        }
        if let Err(error) = end {
            sets.push_back(Set::Failed(error.into()));
            break;
        }
    }
    sets
}
