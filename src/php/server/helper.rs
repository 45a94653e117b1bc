//! Swoole\Server\Helper: options that no part of the server knows, statistics in a file, the admin server.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use coroutine::{Outcome, SpawnError};

use super::Server;
use super::events::ServerEvent;
use crate::log;
use crate::zend::array::Key;
use crate::zend::error::{self, E_USER_WARNING};
use crate::zend::guard::{self, Ended};
use crate::zend::invoke::{self, Native, native};
use crate::zend::property::{self, class_constant};
use crate::zend::registration::ce;
use crate::zend::{Call, PhpResult, Thrown, Value, ZStr, ZendObject, Zval, ZvalExt, host};

static WRITE: Native = native!(c"{closure}", write);

/// Warns of what `set()` was given and nobody knows.
pub(super) fn check(options: Option<&mut Zval>) -> PhpResult {
    match options {
        Some(options) => {
            let options = Value::copy_of(options);
            invoke::static_method(ce::server_helper(), c"checkoptions", &mut [options.into_zval()]).map(drop)
        }
        None => Ok(()),
    }
}

/// Error handlers that look at where a message is from find the file's name that they know.
const FILE: &str = "@swoole/library/core/Server/Helper.php";

/// Options that work and that the lists do not have: Swoole lacks the first, and forgets the second.
const OWN: [&[u8]; 2] = [b"http_request_stream", b"ssl_passphrase"];

pub fn check_options(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let given = call.args(1, 1)?.array()?;
    let helper = ce::server_helper();
    let known = [c"GLOBAL_OPTIONS", c"SERVER_OPTIONS", c"PORT_OPTIONS", c"AIO_OPTIONS", c"COROUTINE_OPTIONS", c"HELPER_OPTIONS"];
    let known: Vec<_> = known.iter().filter_map(|name| class_constant(helper, name)?.as_array()).collect();
    let mut unknown = Vec::new();
    given.each(|key, _| {
        let name = match key {
            Key::Index(index) => index.to_string().into_bytes(),
            Key::Name(name) => name.to_vec(),
        };
        let lower = name.to_ascii_lowercase();
        if !OWN.contains(&lower.as_slice()) && !known.iter().any(|list| list.get_symbol(&lower).is_some()) {
            unknown.push(name);
        }
        true
    });
    for name in unknown {
        error::at(E_USER_WARNING, FILE, 1, &format!("unsupported option [{}]", String::from_utf8_lossy(&name)))?;
        // DEBUG_BACKTRACE_IGNORE_ARGS
        invoke::function(c"debug_print_backtrace", &mut [Value::long(2).into_zval()])?;
    }
    Ok(())
}

/// What the server does by itself at an event, ahead of the script's callback.
pub(super) fn told(server: &Server, which: ServerEvent, more: &[Zval]) {
    let Some(this) = server.this() else { return };
    let worker = more.first().and_then(Zval::long).unwrap_or(-1);
    let done = match which {
        ServerEvent::Start => start(this),
        ServerEvent::BeforeShutdown => before_shutdown(this),
        ServerEvent::WorkerStart => worker_start(this, worker),
        // In BASE mode the admin server runs in a worker, and would keep it from ending.
        ServerEvent::WorkerExit => worker_exit(this).and_then(|()| before_shutdown(this)),
        _ => Ok(()),
    };
    uncaught(done);
}

/// The first worker of BASE mode has a successor, which serves as admin from now on.
pub(super) fn restart(server: &Server) {
    if let Some(this) = server.this() {
        uncaught(start(this));
    }
}

/// An exception that nobody can catch is told; a fatal error ends the request.
pub(super) fn uncaught(result: PhpResult) {
    let ended = match result {
        Ok(()) => return,
        Err(Thrown::Exception) => Ended::Exception,
        Err(Thrown::Bailout) => Ended::Bailout,
    };
    if guard::uncaught(ended) {
        super::dispatch::abort();
    }
}

/// A setting of the server that is not empty.
fn setting(this: &ZendObject, name: &str) -> PhpResult<Option<Value>> {
    let all = property::read(this, b"setting")?;
    let value = all.as_zval().as_array().and_then(|all| all.setting(name)).filter(|value| value.to_bool());
    Ok(value.map(Value::copy_of))
}

fn server_of(call: &Call) -> PhpResult<&'static mut ZendObject> {
    call.args(1, u32::MAX)?.object_of(ce::server())
}

/// Events with nothing to do.
pub fn nothing(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    server_of(call).map(drop)
}

pub fn on_before_start(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    before_start(server_of(call)?)
}

pub(super) fn before_start(this: &mut ZendObject) -> PhpResult {
    if setting(this, "admin_server")?.is_none() {
        return Ok(());
    }
    invoke::static_method(ce::server_admin(), c"init", &mut [Value::object(this).into_zval()]).map(drop)
}

pub fn on_start(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    start(server_of(call)?)
}

fn start(this: &mut ZendObject) -> PhpResult {
    if setting(this, "admin_server")?.is_none() {
        return Ok(());
    }
    let server = Value::object(this);
    let spawned = host::spawn_native(move || {
        let ended = invoke::static_method(ce::server_admin(), c"start", &mut [server.into_zval()]);
        uncaught(ended.map(drop));
        if coroutine::engine().is_some_and(coroutine::Engine::is_aborted) { Outcome::Abort } else { Outcome::Done }
    });
    match spawned {
        Ok(_) => Ok(()),
        Err(SpawnError::Aborted(aborted)) => Err(aborted.into()),
        Err(problem) => {
            log::warning("Server::admin_server", None, &problem.to_string());
            Ok(())
        }
    }
}

pub fn on_before_shutdown(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    before_shutdown(server_of(call)?)
}

fn before_shutdown(this: &mut ZendObject) -> PhpResult {
    let admin = property::read(this, b"admin_server")?;
    if let Some(admin) = admin.as_zval().obj() {
        invoke::method(admin, b"shutdown", &mut [])?;
        property::write(this, b"admin_server", Value::null().as_zval())?;
    }
    Ok(())
}

pub fn on_worker_start(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, u32::MAX)?;
    let this = args.object_of(ce::server())?;
    let worker = args.long()?;
    worker_start(this, worker)
}

/// The first worker writes the statistics, if there is a file to write them to.
fn worker_start(this: &mut ZendObject, worker: i64) -> PhpResult {
    if worker != 0 || setting(this, "stats_file")?.is_none() {
        return Ok(());
    }
    let interval = match setting(this, "stats_timer_interval")? {
        Some(interval) => Value::long(interval.as_zval().to_long()),
        None => match class_constant(ce::server_helper(), c"STATS_TIMER_INTERVAL_TIME") {
            Some(interval) => Value::copy_of(interval),
            None => return Ok(()),
        },
    };
    let write = WRITE.closure(ce::server(), this);
    let timer = invoke::static_method(ce::timer(), c"tick", &mut [interval.into_zval(), write.into_zval()])?;
    property::write(this, b"stats_timer", timer.as_zval())
}

pub fn on_worker_exit(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, u32::MAX)?;
    let this = args.object_of(ce::server())?;
    args.long()?;
    worker_exit(this)
}

fn worker_exit(this: &mut ZendObject) -> PhpResult {
    let timer = property::read(this, b"stats_timer")?;
    if timer.as_zval().to_bool() {
        invoke::static_method(ce::timer(), c"clear", &mut [timer.into_zval()])?;
        property::write(this, b"stats_timer", Value::null().as_zval())?;
    }
    Ok(())
}

/// A round of the timer: `stats()` as JSON, as PHP, or as lines of names and values, by the file's name.
pub(crate) fn write(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let this = call.this();
    let Some(path) = setting(this, "stats_file")?.and_then(|path| path.as_zval().to_zstr()) else { return Ok(()) };
    let stats = invoke::method(this, b"stats", &mut [])?;
    let text = |value: Value| value.as_zval().to_zstr().ok_or(Thrown::Exception);
    let content = if path.ends_with(b".json") {
        text(invoke::function(c"json_encode", &mut [stats.into_zval()])?)?.to_vec()
    } else if path.ends_with(b".php") {
        let array = text(invoke::function(c"var_export", &mut [stats.into_zval(), Value::bool(true).into_zval()])?)?;
        [b"<?php\nreturn ", &array[..], b";\n"].concat()
    } else {
        lines(&stats)
    };
    if let Err(problem) = replace(&path, &content) {
        log::warning("Server::stats_file", problem.raw_os_error(), &format!("{}: {problem}", String::from_utf8_lossy(&path)));
    }
    Ok(())
}

fn lines(stats: &Value) -> Vec<u8> {
    let mut lines: Vec<Vec<u8>> = Vec::new();
    if let Some(stats) = stats.as_zval().as_array() {
        stats.each(|key, value| {
            if let (Key::Name(name), Some(value)) = (key, value.to_zstr()) {
                lines.push([name, b": ", &value].concat());
            }
            true
        });
    }
    lines.join(&b'\n')
}

/// Whoever reads the file finds an old one or a new one, never half of one.
fn replace(path: &ZStr, content: &[u8]) -> std::io::Result<()> {
    let path = Path::new(std::ffi::OsStr::from_bytes(path));
    let mut next = path.as_os_str().to_owned();
    next.push(format!(".{}", std::process::id()));
    std::fs::write(&next, content)?;
    std::fs::rename(&next, path)
}
