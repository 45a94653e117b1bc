//! A connection that speaks PostgreSQL's protocol (version 3), its messages by the crate postgres-protocol.
//!
//! Rows are asked for as text, which is what PHP programs know from libpq, and which every type has.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use fallible_iterator::FallibleIterator;
use net::{Deadline, Fault, Kind, Socket, deadline};
use postgres_protocol::IsNull;
use postgres_protocol::authentication::{md5_hash, sasl};
use postgres_protocol::message::backend::{DataRowBody, ErrorFields, Message};
use postgres_protocol::message::frontend;

use super::conninfo::ConnInfo;
use crate::php::code::Code;
use crate::php::coroutine::link::{self, Link};

/// Why there is no result.
pub enum Failure {
    Fault(Fault),
    /// The server's refusal; the connection goes on.
    Server(Box<Diagnosis>),
    /// Said by us. The connection is lost, if there was one.
    Broken(String),
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Broken(error.to_string())
    }
}

/// The fields of an ErrorResponse, by the names that PHP programs know.
#[derive(Default)]
pub struct Diagnosis(pub Vec<(&'static str, String)>);

impl Diagnosis {
    fn read(fields: ErrorFields<'_>) -> Self {
        let mut all = Vec::new();
        let mut fields = fields;
        while let Ok(Some(field)) = fields.next() {
            let name = match field.type_() {
                b'S' => "severity",
                b'C' => "sqlstate",
                b'M' => "message_primary",
                b'D' => "message_detail",
                b'H' => "message_hint",
                b'P' => "statement_position",
                b'p' => "internal_position",
                b'q' => "internal_query",
                b'W' => "context",
                b's' => "schema_name",
                b't' => "table_name",
                b'c' => "column_name",
                b'd' => "datatype_name",
                b'n' => "constraint_name",
                b'F' => "source_file",
                b'L' => "source_line",
                b'R' => "source_function",
                _ => continue,
            };
            all.push((name, String::from_utf8_lossy(field.value_bytes()).into_owned()));
        }
        Self(all)
    }

    fn field(&self, name: &str) -> &str {
        self.0.iter().find(|(other, _)| *other == name).map_or("", |(_, value)| value)
    }

    /// As libpq words it: `ERROR:  …`, with detail and hint on lines of their own.
    pub fn text(&self) -> String {
        let mut text = format!("{}:  {}", self.field("severity"), self.field("message_primary"));
        for (name, label) in [("message_detail", "DETAIL"), ("message_hint", "HINT")] {
            let value = self.field(name);
            if !value.is_empty() {
                text.push_str(&format!("\n{label}:  {value}"));
            }
        }
        text
    }
}

pub struct Column {
    pub name: String,
    pub oid: u32,
}

/// What a statement gave.
#[derive(Default)]
pub struct Outcome {
    pub columns: Rc<Vec<Column>>,
    pub rows: Vec<DataRowBody>,
    pub affected: i64,
    /// PGRES_*: 0 for an empty query, 1 for a command, 2 for rows.
    pub status: i64,
}

pub struct Session {
    pub socket: Socket,
    input: RefCell<BytesMut>,
    pub notices: RefCell<Vec<String>>,
    /// Statements that nobody holds any more; the server is told with the next command.
    forgotten: RefCell<Vec<String>>,
    named: Cell<u64>,
    /// A child of a fork has the parent's connection, and must not say goodbye on it.
    owner: u32,
}

const READ: usize = 16 * 1024;

impl Session {
    /// A session whose socket is still to be connected.
    ///
    /// # Errors
    /// socket(2).
    pub fn new(info: &ConnInfo) -> Result<Rc<Self>, Fault> {
        let kind = match info.host.parse::<std::net::IpAddr>() {
            _ if info.is_local() => Kind::UnixStream,
            Ok(std::net::IpAddr::V6(_)) => Kind::Tcp6,
            _ => Kind::Tcp,
        };
        Ok(Rc::new(Self {
            socket: link::open(kind)?,
            input: RefCell::default(),
            notices: RefCell::default(),
            forgotten: RefCell::default(),
            named: Cell::new(0),
            owner: std::process::id(),
        }))
    }

    /// Connects, encrypts, introduces itself.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn connect(&self, info: &ConnInfo, timeout: Option<Duration>) -> Result<(), Failure> {
        let mut timeouts = self.socket.timeouts.get();
        let usual = timeouts;
        (timeouts.connect, timeouts.read, timeouts.write) = (timeout, timeout, timeout);
        self.socket.timeouts.set(timeouts);
        let (host, port) = info.place();
        link::connect(&self.socket, &Link::default(), host.as_bytes(), port)?;
        let end = deadline(timeout);
        self.encrypt(info, end)?;
        let mut out = BytesMut::new();
        let own = info.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let encoding =
            (!info.parameters.iter().any(|(name, _)| name == "client_encoding")).then_some(("client_encoding", "UTF8"));
        let basics = [("user", info.user.as_str()), ("database", info.database.as_str())];
        frontend::startup_message(basics.into_iter().chain(encoding).chain(own), &mut out)?;
        self.send(&out)?;
        self.authenticate(info, end)?;
        self.until_ready(end, |_| Ok(()))?;
        (timeouts.read, timeouts.write) = (usual.read, usual.write);
        self.socket.timeouts.set(timeouts);
        Ok(())
    }

    fn encrypt(&self, info: &ConnInfo, end: Deadline) -> Result<(), Failure> {
        if info.is_local() || info.ssl_mode == "disable" || info.ssl_mode == "allow" {
            return Ok(());
        }
        let mut out = BytesMut::new();
        frontend::ssl_request(&mut out);
        self.send(&out)?;
        let mut answer = [0];
        if self.socket.recv(&mut answer, end)? == 0 {
            return Err(Failure::Broken("server closed the connection unexpectedly".to_owned()));
        }
        match answer[0] {
            b'S' => {
                let verify_peer = info.ssl_mode.starts_with("verify");
                let tls = net::tls::Settings { verify_peer, ..net::tls::Settings::default() };
                let link = Link {
                    tls: Some(tls),
                    host_name: (info.ssl_mode == "verify-full").then(|| info.host.clone()),
                    ..Link::default()
                };
                Ok(link::handshake(&self.socket, &link, info.host.as_bytes())?)
            }
            _ if info.ssl_mode == "prefer" => Ok(()),
            _ => Err(Failure::Broken("server does not support SSL, but SSL was required".to_owned())),
        }
    }

    fn authenticate(&self, info: &ConnInfo, end: Deadline) -> Result<(), Failure> {
        let mut out = BytesMut::new();
        let mut scram = None;
        loop {
            out.clear();
            match self.next(end)? {
                Message::AuthenticationOk => return Ok(()),
                Message::AuthenticationCleartextPassword => frontend::password_message(info.password.as_bytes(), &mut out)?,
                Message::AuthenticationMd5Password(body) => {
                    let hash = md5_hash(info.user.as_bytes(), info.password.as_bytes(), body.salt());
                    frontend::password_message(hash.as_bytes(), &mut out)?;
                }
                Message::AuthenticationSasl(body) => {
                    let known = body.mechanisms().any(|name| Ok(name == sasl::SCRAM_SHA_256))?;
                    if !known {
                        return Err(Failure::Broken(
                            "none of the server's SASL authentication mechanisms are supported".to_owned(),
                        ));
                    }
                    let state = sasl::ScramSha256::new(info.password.as_bytes(), sasl::ChannelBinding::unsupported());
                    frontend::sasl_initial_response(sasl::SCRAM_SHA_256, state.message(), &mut out)?;
                    scram = Some(state);
                }
                Message::AuthenticationSaslContinue(body) => {
                    let Some(state) = scram.as_mut() else { return Err(unexpected()) };
                    state.update(body.data())?;
                    frontend::sasl_response(state.message(), &mut out)?;
                }
                Message::AuthenticationSaslFinal(body) => {
                    let Some(mut state) = scram.take() else { return Err(unexpected()) };
                    state.finish(body.data())?;
                }
                Message::ErrorResponse(body) => return Err(Failure::Server(Box::new(Diagnosis::read(body.fields())))),
                Message::NoticeResponse(body) => self.notice(body.fields()),
                _ => return Err(Failure::Broken("authentication method is not supported".to_owned())),
            }
            self.send(&out)?;
        }
    }

    fn notice(&self, fields: ErrorFields<'_>) {
        self.notices.borrow_mut().push(Diagnosis::read(fields).text());
    }

    fn send(&self, bytes: &[u8]) -> Result<(), Failure> {
        if bytes.is_empty() {
            return Ok(());
        }
        let end = deadline(self.socket.timeouts.get().write);
        self.socket.send_all(bytes, end).map(drop).map_err(|(_, fault)| fault.into())
    }

    fn next(&self, end: Deadline) -> Result<Message, Failure> {
        loop {
            let found = Message::parse(&mut self.input.borrow_mut())?;
            if let Some(message) = found {
                return Ok(message);
            }
            // More at a time where much is coming.
            let room = self.input.borrow().len().clamp(READ, 1 << 20);
            let mut bytes = vec![0; room];
            let n = self.socket.recv(&mut bytes, end)?;
            if n == 0 {
                return Err(Failure::Broken("server closed the connection unexpectedly".to_owned()));
            }
            self.input.borrow_mut().extend_from_slice(&bytes[..n]);
        }
    }

    /// Gives messages to `each` until the server waits for the next command.
    fn until_ready(&self, end: Deadline, mut each: impl FnMut(Message) -> Result<(), Failure>) -> Result<(), Failure> {
        let mut failed = None;
        loop {
            let message = match self.next(end) {
                Ok(message) => message,
                // What the server said last says more than that it went.
                Err(end) => {
                    if failed.is_some() {
                        self.socket.close();
                    }
                    return Err(failed.unwrap_or(end));
                }
            };
            match message {
                Message::ReadyForQuery(_) => return failed.map_or(Ok(()), Err),
                Message::ErrorResponse(body) => failed = Some(Failure::Server(Box::new(Diagnosis::read(body.fields())))),
                Message::NoticeResponse(body) => self.notice(body.fields()),
                Message::CopyInResponse(_) => {
                    let mut out = BytesMut::new();
                    frontend::copy_fail("COPY FROM STDIN is not supported", &mut out)?;
                    self.send(&out)?;
                }
                message => each(message)?,
            }
        }
    }

    /// Sends commands, those for forgotten statements first, and reads what they give.
    fn run(&self, commands: &BytesMut) -> Result<Outcome, Failure> {
        let end = deadline(self.socket.timeouts.get().read);
        let forgotten = self.forgotten.take();
        let mut out = BytesMut::with_capacity(commands.len());
        for name in &forgotten {
            frontend::close(b'S', name, &mut out)?;
        }
        if !forgotten.is_empty() {
            frontend::sync(&mut out);
        }
        out.extend_from_slice(commands);
        self.send(&out)?;
        if !forgotten.is_empty() {
            self.until_ready(end, |_| Ok(()))?;
        }
        let mut outcome = Outcome::default();
        self.until_ready(end, |message| {
            match message {
                Message::RowDescription(body) => {
                    let columns = body
                        .fields()
                        .map(|field| Ok(Column { name: field.name().to_owned(), oid: field.type_oid() }))
                        .collect()?;
                    outcome = Outcome { columns: Rc::new(columns), status: 2, ..Outcome::default() };
                }
                Message::DataRow(body) => outcome.rows.push(body),
                Message::CommandComplete(body) => {
                    // `INSERT 0 3`: the number at the end.
                    outcome.affected = body.tag()?.rsplit(' ').next().and_then(|number| number.parse().ok()).unwrap_or(0);
                    if outcome.columns.is_empty() {
                        outcome.status = 1;
                    }
                }
                _ => {}
            }
            Ok(())
        })?;
        Ok(outcome)
    }

    /// Statements in a string: the last one's result counts.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn query(&self, sql: &str) -> Result<Outcome, Failure> {
        let mut out = BytesMut::new();
        frontend::query(sql, &mut out)?;
        self.run(&out)
    }

    /// # Errors
    /// [`Failure`].
    pub fn prepare(&self, name: &str, sql: &str) -> Result<(), Failure> {
        let mut out = BytesMut::new();
        frontend::parse(name, sql, std::iter::empty(), &mut out)?;
        frontend::sync(&mut out);
        self.run(&out).map(drop)
    }

    /// # Errors
    /// [`Failure`].
    pub fn execute(&self, name: &str, params: &[Option<Bytes>]) -> Result<Outcome, Failure> {
        let mut out = BytesMut::new();
        frontend::bind(
            "",
            name,
            std::iter::empty(),
            params,
            |param, out| {
                Ok(match param {
                    Some(text) => {
                        out.extend_from_slice(text);
                        IsNull::No
                    }
                    None => IsNull::Yes,
                })
            },
            std::iter::empty(),
            &mut out,
        )
        .map_err(|_| Failure::Broken("too many parameters".to_owned()))?;
        frontend::describe(b'P', "", &mut out)?;
        frontend::execute("", 0, &mut out)?;
        frontend::sync(&mut out);
        self.run(&out)
    }

    /// A name for a statement that the program gave none.
    pub fn fresh_name(&self) -> String {
        self.named.set(self.named.get() + 1);
        format!("swoole_{}", self.named.get())
    }

    pub fn forget(&self, name: String) {
        self.forgotten.borrow_mut().push(name);
    }

    /// Closes; says goodbye where nobody is in the middle of something.
    pub fn close(&self) {
        if self.socket.is_connected() && !self.socket.is_tls() && self.owner == std::process::id() {
            let mut out = BytesMut::new();
            frontend::terminate(&mut out);
            // SAFETY: the bytes are ours. Should they not go at once, the close says enough.
            unsafe { libc::send(self.socket.fd(), out.as_ptr().cast(), out.len(), libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL) };
        }
        self.socket.close();
    }
}

fn unexpected() -> Failure {
    Failure::Broken("unexpected message from the server".to_owned())
}

/// The text of an errno, for programs that look at `error` only.
pub fn fault_text(fault: Fault) -> (i32, String) {
    (fault.code(), Code(fault.code()).text())
}
