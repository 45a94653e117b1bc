//! Swoole\Redis\Server: a script that answers Redis clients.
//!
//! Commands of one connection are handled one after the other, so that replies of a pipeline keep their order.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use protocol::resp::{Limits, RequestParser, Step, reply};

use crate::php::code::Code;
use crate::php::report;
use crate::php::server::{Server, dispatch};
use crate::server::{Conn, Input, Protocol, worker};
use crate::zend::error::{E_ERROR, throw};
use crate::zend::invoke::{Native, native};
use crate::zend::registration::ce;
use crate::zend::{Call, Callable, PhpResult, Thrown, Value, Zval, ZvalExt, array::Key, host};

/// Types of replies.
const ERROR: i64 = 0;
const NIL: i64 = 1;
const STATUS: i64 = 2;
const INT: i64 = 3;
const STRING: i64 = 4;
const SET: i64 = 5;
const MAP: i64 = 6;

/// Longest name of a command, bytes.
const MAX_COMMAND: usize = 64;

thread_local! {
    /// By lower-case name.
    static HANDLERS: RefCell<HashMap<Vec<u8>, Rc<Callable>>> = RefCell::default();
}

/// At a request's end: PHP's values go before PHP does.
pub fn forget_handlers() {
    let all = HANDLERS.take();
    drop(all);
}

/// `Server::setHandler(string $command, callable $callback): bool`
pub fn set_handler(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let command = args.bytes()?;
    if command.is_empty() || command.len() >= MAX_COMMAND {
        report::fatal(E_ERROR, "invalid command");
        ret.set_bool(false);
        return Ok(());
    }
    let callable = args.callable()?;
    let kept = Rc::new(callable.keep());
    let name = command.to_ascii_lowercase();
    let old = HANDLERS.with_borrow_mut(|all| all.insert(name, kept));
    drop(old);
    ret.set_bool(true);
    Ok(())
}

/// `Server::getHandler(string $command): Closure`: as it was set.
pub fn get_handler(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let name = call.args(1, 1)?.bytes()?.to_ascii_lowercase();
    let found = HANDLERS.with_borrow(|all| all.get(&name).cloned());
    if let Some(callable) = found {
        Value::copy_of(callable.value()).give(ret);
    }
    Ok(())
}

fn refuse(text: &str) -> Thrown {
    throw(ce::exception(), i64::from(Code::INVALID_PARAMS.0), text)
}

/// `Server::format(int $type, mixed $value = null): string|false`
pub fn format(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let kind = args.long()?;
    let value = args.opt_value();
    let mut out = Vec::new();
    push(&mut out, kind, value.as_deref())?;
    ret.set_bytes(&out);
    Ok(())
}

fn text(value: &Zval) -> PhpResult<crate::zend::ZStr> {
    value.to_zstr().ok_or(Thrown::Exception)
}

fn push(out: &mut Vec<u8>, kind: i64, value: Option<&Zval>) -> PhpResult {
    let need = || value.ok_or_else(|| refuse("require more parameters"));
    match kind {
        NIL => reply::nil(out),
        ERROR => match value {
            Some(value) => reply::error(out, &text(value)?),
            None => reply::error(out, b"ERR"),
        },
        STATUS => match value {
            Some(value) => reply::status(out, &text(value)?),
            None => reply::status(out, b"OK"),
        },
        INT => reply::int(out, need()?.to_long()),
        STRING => reply::string(out, &text(need()?)?),
        SET | MAP => {
            let Some(array) = need()?.as_array() else { return Err(refuse("the second parameter should be an array")) };
            if kind == SET {
                reply::set(out, array.len())
            } else {
                reply::map(out, array.len())
            }
            let mut result = Ok(());
            array.each(|key, item| {
                if kind == MAP {
                    match key {
                        Key::Name(name) => reply::string(out, name),
                        Key::Index(index) => reply::string(out, index.to_string().as_bytes()),
                    }
                }
                result = push_item(out, item);
                result.is_ok()
            });
            result?;
        }
        _ => return Err(refuse(&format!("Unknown type[{kind}]"))),
    }
    Ok(())
}

/// An element, by what it is.
fn push_item(out: &mut Vec<u8>, item: &Zval) -> PhpResult {
    let kind = if item.is_long() || item.is_bool() || item.is_true() || item.is_false() {
        INT
    } else if item.is_null() {
        NIL
    } else if let Some(array) = item.as_array() {
        let mut next = 0;
        let mut list = true;
        array.each(|key, _| {
            list = key == Key::Index(next);
            next += 1;
            list
        });
        if list { SET } else { MAP }
    } else {
        STRING
    };
    push(out, kind, Some(item))
}

/// The protocol of a new connection on a port that speaks Redis.
pub fn protocol(server: &Rc<Server>, conn: &Rc<Conn>) -> Rc<dyn Protocol> {
    let max = conn.port().settings.borrow().package_max_length;
    Rc::new(Redis {
        server: Rc::clone(server),
        parser: RefCell::new(RequestParser::new(Limits::within(max))),
        busy: Cell::new(false),
    })
}

struct Redis {
    server: Rc<Server>,
    parser: RefCell<RequestParser>,
    /// A handler is suspended: what follows waits for its reply.
    busy: Cell<bool>,
}

static ANSWER: Native = native!(c"{closure}", answer);

impl Protocol for Redis {
    fn data(&self, conn: &Rc<Conn>, bytes: &[u8]) -> Input {
        let mut at = 0;
        while at < bytes.len() && conn.is_open() {
            if self.busy.get() {
                conn.pause();
                break;
            }
            let step = self.parser.borrow_mut().next(&bytes[at..]);
            let consumed = match step {
                Ok(Step::Request { consumed }) => consumed,
                Ok(Step::NeedMore { hint }) => return Input { consumed: at, need: hint },
                Err(error) => {
                    let mut out = Vec::new();
                    reply::error(&mut out, error.to_string().as_bytes());
                    let _ = conn.write(&out);
                    conn.close();
                    return Input::all(bytes);
                }
            };
            if at + consumed < bytes.len() {
                conn.cork();
            }
            let (command, params) = {
                let parser = self.parser.borrow();
                let mut args = parser.args(&bytes[at..]);
                let command = args.next().flatten().map(<[u8]>::to_vec);
                let mut params = Value::array(args.len() as u32);
                let mut array = params.array_mut();
                for argument in args {
                    array.push(argument.map_or_else(Value::null, Value::string));
                }
                (command, params)
            };
            at += consumed;
            if let Some(command) = command {
                self.run(conn, &command, params);
            }
            if coroutine::engine().is_some_and(coroutine::Engine::is_aborted) {
                return Input::all(bytes);
            }
        }
        Input { consumed: at, need: 0 }
    }

    fn resting(&self) -> bool {
        !self.busy.get()
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

impl Redis {
    fn run(&self, conn: &Rc<Conn>, command: &[u8], params: Value) {
        let Some(worker) = worker() else { return };
        worker.count_request();
        let callable = HANDLERS.with_borrow(|all| all.get(&command.to_ascii_lowercase()).cloned());
        let Some(callable) = callable else {
            let mut out = Vec::new();
            reply::unknown_command(&mut out, command);
            let _ = conn.write(&out);
            return;
        };
        let id = dispatch::long(conn.id());
        if worker.settings().enable_coroutine {
            self.busy.set(true);
            let mut args = [Value::copy_of(callable.value()).into_zval(), id, params.into_zval()];
            if host::spawn(callable.value(), ANSWER.cache(), &mut args).is_err() {
                self.done(conn);
            }
        } else if let Some(value) = dispatch::call(&callable, &mut [id, params.into_zval()]) {
            self.reply(conn, &value);
        }
    }

    /// Sends what a handler has returned.
    fn reply(&self, conn: &Rc<Conn>, value: &Value) {
        if let Some(bytes) = value.as_zval().bytes() {
            crate::php::server::send::write(&self.server, conn, bytes);
        }
    }

    fn done(&self, conn: &Rc<Conn>) {
        if self.busy.replace(false) && conn.is_paused() {
            conn.resume();
        }
        conn.rest();
    }
}

/// The body of a command's coroutine: `(callable, fd, params)`.
pub(crate) fn answer(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(3, 3)?;
    let callable = Callable::new(args.value()?);
    let id = args.long()?;
    let params = Value::copy_of(args.value()?);
    let Some(callable) = callable else { return Ok(()) };
    let (ended, value) = callable.call(&mut [dispatch::long(id), params.into_zval()]);
    ended.result()?;
    let found = crate::php::server::send::find(id).and_then(|conn| Some((conn.protocol_as::<Redis>()?, conn)));
    if let Some((redis, conn)) = found {
        redis.reply(&conn, &value);
        redis.done(&conn);
    }
    drop(value);
    dispatch::check()
}
