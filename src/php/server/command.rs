//! Commands: named functions that one process of the server has another one run.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use coroutine::{CoId, Task, Wake, engine, suspend_for};

use super::dispatch::{self, call as invoke};
use super::life::{self, Part};
use super::{Phase, Server, of, started};
use crate::log;
use crate::php::code::{Code, set_last};
use crate::php::report;
use crate::server::{Head, Kind, Mode, worker};
use crate::zend::error::E_WARNING;
use crate::zend::string::ZStr;
use crate::zend::{Call, Callable, PhpResult, Value, Zval, ZvalExt, guarded, inspect};

/// Kinds of processes (`SWOOLE_SERVER_COMMAND_*`).
pub(super) const MASTER: i64 = 2;
pub(super) const REACTOR_THREAD: i64 = 4;
pub(super) const EVENT_WORKER: i64 = 8;
pub(super) const TASK_WORKER: i64 = 16;
pub(super) const MANAGER: i64 = 32;

/// Name, kinds of processes that take it, callable.
type Command = (Vec<u8>, i64, Rc<Callable>);

/// The commands of a server, and who waits for the answer of one.
#[derive(Default)]
pub struct Commands {
    list: RefCell<Vec<Command>>,
    next: Cell<i64>,
    waits: RefCell<HashMap<i64, (CoId, u32)>>,
    answers: RefCell<HashMap<i64, Vec<u8>>>,
    /// The reactor thread that a command is about: the master answers for it.
    thread: Cell<Option<i64>>,
}

impl Commands {
    /// Adds a command of our own, unless the script has one of that name.
    pub(super) fn add(&self, name: &str, types: i64, callable: Callable) {
        let mut list = self.list.borrow_mut();
        if list.iter().all(|(other, ..)| other != name.as_bytes()) {
            list.push((name.as_bytes().to_vec(), types, Rc::new(callable)));
        }
    }

    pub(super) fn thread(&self) -> Option<i64> {
        self.thread.get()
    }

    /// Names and the kinds of processes that take them.
    pub(super) fn names(&self) -> Vec<(Vec<u8>, i64)> {
        self.list.borrow().iter().map(|(name, types, _)| (name.clone(), *types)).collect()
    }
}

/// `Server::addCommand(string $name, int $accepted_process_types, callable $callback): bool`
pub fn add_command(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let server = of(call.this())?;
    ret.set_bool(false);
    if server.phase.get() == Phase::Started {
        drop(server);
        report::fatal(E_WARNING, "server is running, can't add command");
        return Ok(());
    }
    let mut args = call.args(3, 3)?;
    let name = args.bytes()?;
    let types = args.long()?;
    let callable = args.callable()?;
    if types & REACTOR_THREAD != 0 {
        drop(server);
        report::fatal(E_WARNING, "only support worker/task_worker process");
        return Ok(());
    }
    let mut list = server.commands.list.borrow_mut();
    if list.iter().all(|(other, ..)| other != name) {
        list.push((name.to_vec(), types, Rc::new(callable.keep())));
        ret.set_bool(true);
    }
    Ok(())
}

/// Runs a command here; its answer is the text that the callable returns.
fn run(server: &Server, number: usize, message: &[u8]) -> Vec<u8> {
    let callable = server.commands.list.borrow().get(number).map(|(_, _, callable)| Rc::clone(callable));
    let Some(callable) = callable else { return b"{\"data\": \"unknown command\", \"code\": -3}".to_vec() };
    match invoke(&callable, &mut [server.object().into_zval(), Value::string(message).into_zval()]) {
        None => b"{\"data\": \"failed to call function\", \"code\": -1}".to_vec(),
        Some(value) => match value.as_zval().bytes() {
            Some(text) => text.to_vec(),
            None => b"{\"data\": \"wrong return type\", \"code\": -2}".to_vec(),
        },
    }
}

/// A command for this process has come in.
pub fn request(server: &Rc<Server>, head: &Head, payload: &[u8]) {
    let answer = run(server, head.extra as usize, payload);
    if let Some(bus) = server.bus.get() {
        let from = worker().map_or(0, |worker| worker.id());
        let reply = Head { id: head.id, ..Head::new(Kind::CommandReply, from) };
        if let Err(error) = bus.send(usize::from(head.from), &reply, &answer) {
            log::warning("Server::command", None, &error.to_string());
        }
    }
}

/// The answer to a command of ours.
pub fn reply(server: &Rc<Server>, head: &Head, payload: &[u8]) {
    let waiter = server.commands.waits.borrow_mut().remove(&head.id);
    if let (Some((id, seq)), Some(engine)) = (waiter, engine()) {
        server.commands.answers.borrow_mut().insert(head.id, payload.to_vec());
        engine.wake_if(id, seq, Wake::Resumed);
    }
}

/// `Server::command(string $name, int $process_id, int $process_type, mixed $data, bool $json_decode = true)`
pub fn command(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let Some(server) = started(call.this(), ret)? else { return Ok(()) };
    let mut args = call.args(4, 5)?;
    let name = args.bytes()?;
    let process = args.long()?;
    let mut kind = args.long()?;
    let data = args.value()?;
    let decode = args.opt_bool()?.unwrap_or(true);
    ret.set_bool(false);
    if !coroutine::in_coroutine() {
        return Err(crate::php::error::fatal_outside_coroutine());
    }
    let Some(message) = encode(data) else { return dispatch::check() };
    let refuse = |code: Code, text: &str| {
        set_last(code);
        log::with_code(log::Level::Notice as i32, "Server::command", Some(code.0), text);
        Ok(())
    };
    let found = server.commands.list.borrow().iter().position(|(other, ..)| other == name);
    let Some(number) = found else {
        return refuse(Code::SERVER_INVALID_COMMAND, &format!("Unknown command[{}]", String::from_utf8_lossy(name)));
    };
    let accepted = server.commands.list.borrow().get(number).map_or(0, |(_, types, _)| *types);
    let (mode, workers, tasks) = {
        let settings = server.settings.borrow();
        (settings.mode, settings.worker_num as i64, settings.task_worker_num as i64)
    };
    let own = worker().map(|worker| worker.id());
    if mode == Mode::Process && life::part() != Part::Master {
        return refuse(Code::INVALID_PARAMS, "command() can only be used in master process");
    }
    if mode == Mode::Base && own != Some(0) {
        return refuse(Code::INVALID_PARAMS, "command() can only be used in worker process 0");
    }
    let mut here = kind == MASTER;
    if mode == Mode::Base && kind == EVENT_WORKER && process == 0 {
        kind = MASTER;
        here = true;
    }
    let wanted = if here && mode == Mode::Base { MASTER | EVENT_WORKER } else { kind };
    if wanted & accepted == 0 {
        return refuse(Code::OPERATION_NOT_SUPPORT, "unsupported [process_type]");
    }
    let gates = server.lanes.get().map_or(0, |lanes| lanes.gates as i64);
    let thread = (kind == REACTOR_THREAD && (0..gates).contains(&process)).then_some(process);
    let answer = if here || thread.is_some() {
        server.commands.thread.set(thread);
        let answer = run(&server, number, &message);
        server.commands.thread.set(None);
        answer
    } else {
        let to = match kind {
            EVENT_WORKER if (0..workers).contains(&process) => process,
            TASK_WORKER if (0..tasks).contains(&process) => workers + process,
            MANAGER if server.bus.get().is_some() => server.manager_inbox() as i64,
            EVENT_WORKER | TASK_WORKER | REACTOR_THREAD => {
                return refuse(Code::INVALID_PARAMS, &format!("invalid process_id[{process}]"));
            }
            _ => return refuse(Code::OPERATION_NOT_SUPPORT, "unsupported [process_type]"),
        };
        let id = server.commands.next.replace(server.commands.next.get() + 1);
        let from = own.unwrap_or_else(|| server.master_inbox());
        let head = Head { id, extra: number as i64, ..Head::new(Kind::Command, from) };
        let (Some(bus), Some(ticket)) = (server.bus.get(), engine().and_then(|engine| engine.next_wait())) else {
            return Ok(());
        };
        server.commands.waits.borrow_mut().insert(id, ticket);
        if bus.send(to as usize, &head, &message).is_err() {
            server.commands.waits.borrow_mut().remove(&id);
            return Ok(());
        }
        suspend_for(None, Task::Wait);
        server.commands.waits.borrow_mut().remove(&id);
        let Some(answer) = server.commands.answers.borrow_mut().remove(&id) else { return dispatch::check() };
        answer
    };
    drop(server);
    if decode {
        let text = ZStr::new(&answer);
        drop(answer);
        let mut outcome = Ok(());
        guarded(|| outcome = inspect::json_decode(ret, &text, 1, 512)).result()?;
        outcome?;
    } else {
        ret.set_bytes(&answer);
    }
    dispatch::check()
}

fn encode(data: &Zval) -> Option<Vec<u8>> {
    let encode = Callable::new(Value::string(b"json_encode").as_zval())?;
    let text = invoke(&encode, &mut [Value::copy_of(data).into_zval()])?;
    text.as_zval().bytes().map(<[u8]>::to_vec)
}
