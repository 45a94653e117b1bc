//! The default server of remote objects: a daemon for each user, started by whoever needs it first.
//!
//! Its files are in `~/.swoole`, or where the library option default_remote_object_server_dir says.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::php::general::library_option;
use crate::zend::error::throw;
use crate::zend::registration::ce;
use crate::zend::{Call, PhpResult, Thrown, Value, ZStr, Zval, ZvalExt, host, invoke};

/// How long the server may take until it accepts connections.
const PATIENCE: Duration = Duration::from_secs(30);
const NAP: Duration = Duration::from_millis(5);
/// How many processes serve when nothing is said: a call that blocks keeps one of them.
const WORKERS: i64 = 128;
/// How much of the log an error repeats, in bytes.
const TOLD: u64 = 2048;

/// The files of the server.
struct Place {
    dir: PathBuf,
}

impl Place {
    /// The option, or a folder in the user's home.
    fn find() -> PhpResult<Self> {
        let option = library_option(b"default_remote_object_server_dir").and_then(|dir| dir.as_zval().to_zstr());
        if let Some(dir) = option.filter(|dir| !dir.is_empty()) {
            return Ok(Self { dir: OsStr::from_bytes(&dir).into() });
        }
        let home = std::env::var_os("HOME").filter(|home| !home.is_empty());
        let dir = home.map_or_else(std::env::temp_dir, PathBuf::from).join(".swoole");
        let option = [Value::string(b"default_remote_object_server_dir"), Value::string(dir.as_os_str().as_bytes())];
        invoke::function(c"swoole_library_set_option", &mut option.map(Value::into_zval))?;
        Ok(Self { dir })
    }

    fn file(&self, suffix: &str) -> PathBuf {
        self.dir.join(format!("remote-object-server.{suffix}"))
    }

    fn answers(&self) -> bool {
        UnixStream::connect(self.file("sock")).is_ok()
    }

    /// Whether the process that the server's pid file names is alive.
    fn lives(&self) -> bool {
        let text = fs::read_to_string(self.file("pid")).unwrap_or_default();
        text.trim().parse().is_ok_and(crate::process::exists)
    }
}

fn failed(text: &str) -> Thrown {
    match invoke::class(b"RuntimeException") {
        Ok(class) => throw(class, 0, &format!("the default server of remote objects does not start: {text}")),
        Err(thrown) => thrown,
    }
}

fn told(what: &Path) -> impl Fn(io::Error) -> Thrown {
    move |error| failed(&format!("{}: {error}", what.display()))
}

/// Other coroutines go on meanwhile.
fn nap() -> PhpResult {
    if coroutine::in_coroutine() {
        coroutine::sleep(NAP);
        if coroutine::engine().is_some_and(coroutine::Engine::is_aborted) {
            return Err(Thrown::Bailout);
        }
    } else {
        std::thread::sleep(NAP);
    }
    Ok(())
}

/// Only one process at a time starts the server; None when another one has just done so.
fn lock(place: &Place) -> PhpResult<Option<File>> {
    let path = place.file("lock");
    let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path).map_err(told(&path))?;
    let end = Instant::now() + PATIENCE;
    loop {
        // SAFETY: an open descriptor (flock(2)).
        if unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB) } == 0 {
            return Ok(if place.answers() { None } else { Some(file) });
        }
        if Instant::now() > end {
            return Err(failed("another process has been starting it for too long"));
        }
        nap()?;
    }
}

/// The script that the daemon runs.
fn script(place: &Place) -> PhpResult<Vec<u8>> {
    let text = |path: PathBuf| Value::string(path.as_os_str().as_bytes());
    let mut options = library_option(b"default_remote_object_server_options")
        .filter(|options| options.as_zval().as_array().is_some_and(|options| !options.is_empty()))
        .unwrap_or_else(|| {
            let workers =
                library_option(b"default_remote_object_server_worker_num").map_or(0, |number| number.as_zval().to_long());
            let workers = Value::long(if workers > 0 { workers } else { WORKERS });
            super::named([("worker_num", workers), ("package_max_length", Value::long(64 << 20))])
        });
    let mut array = options.array_mut();
    array.set("server_mode", Value::long(super::BASE_MODE));
    array.set("socket_type", Value::long(super::UNIX_STREAM));
    array.set("enable_coroutine", Value::bool(false));
    array.set("daemonize", Value::bool(true));
    array.set("pid_file", text(place.file("pid")));
    array.set("log_file", text(place.file("log")));
    let export = |value: Value| -> PhpResult<ZStr> {
        let text = invoke::function(c"var_export", &mut [value.into_zval(), Value::bool(true).into_zval()])?;
        text.as_zval().to_zstr().ok_or(Thrown::Exception)
    };
    let (socket, options) = (export(text(place.file("sock")))?, export(options)?);
    let head: &[u8] =
        b"<?php\n// Written anew whenever swoole starts this server. What it should know of goes into bootstrap.php.\n\
        foreach (['vendor/autoload.php', 'bootstrap.php'] as $file) {\n    \
            if (is_file(__DIR__ . \"/$file\")) {\n        require __DIR__ . \"/$file\";\n    }\n}\n\
        (new Swoole\\RemoteObject\\Server(";
    Ok([head, &socket, b", 0, ", &options, b"))->start();\n"].concat())
}

/// A PHP like this one, on the script.
fn command(script: &Path, log: File) -> PhpResult<Command> {
    let binary = invoke::function(c"constant", &mut [Value::string(b"PHP_BINARY").into_zval()])?;
    let mut command = Command::new(OsStr::from_bytes(binary.as_zval().bytes().unwrap_or(b"php")));
    let options = host::configuration().into_iter().map(|option| OsStr::from_bytes(&option).to_owned());
    command.args(options.collect::<Vec<OsString>>()).arg(script);
    let twin = log.try_clone().map_err(told(script))?;
    command.stdin(Stdio::null()).stdout(log).stderr(twin);
    // The daemon must not hold what this process has open: sockets, pipes that somebody reads to their end.
    // SAFETY: between fork and exec, one system call, nothing allocated (close_range(2)).
    unsafe {
        command.pre_exec(|| {
            libc::syscall(libc::SYS_close_range, 3, u32::MAX, libc::CLOSE_RANGE_CLOEXEC);
            Ok(())
        });
    }
    Ok(command)
}

/// What the server has written to its log since `from`.
fn log_since(path: &Path, from: u64) -> String {
    let mut text = Vec::new();
    let read = || -> io::Result<()> {
        let mut file = File::open(path)?;
        let end = file.metadata()?.len();
        file.seek(SeekFrom::Start(from.max(end.saturating_sub(TOLD))))?;
        file.take(TOLD).read_to_end(&mut text)?;
        Ok(())
    };
    _ = { read }();
    String::from_utf8_lossy(&text).trim().to_owned()
}

fn launch(place: &Place) -> PhpResult {
    let mut folders = fs::DirBuilder::new();
    // Whoever may connect may call any function as this user.
    folders.recursive(true).mode(0o700).create(&place.dir).map_err(told(&place.dir))?;
    let Some(held) = lock(place)? else { return Ok(()) };
    let (path, log_path) = (place.file("php"), place.file("log"));
    fs::write(&path, script(place)?).map_err(told(&path))?;
    fs::set_permissions(&path, Permissions::from_mode(0o600)).map_err(told(&path))?;
    let log = OpenOptions::new().create(true).append(true).mode(0o600).open(&log_path).map_err(told(&log_path))?;
    let from = log.metadata().map_or(0, |log| log.len());
    _ = fs::remove_file(place.file("sock"));
    let mut child = command(&path, log)?.spawn().map_err(told(&path))?;
    let end = Instant::now() + PATIENCE;
    let mut ended = None;
    let result = loop {
        if ended.is_none() {
            // Somebody else may have waited for it (ECHILD): then only the socket tells.
            ended = child.try_wait().ok().flatten();
        }
        if place.answers() {
            break Ok(());
        }
        if let Some(status) = ended.filter(|status| !status.success()) {
            break Err(failed(&format!("{status}: {}", log_since(&log_path, from))));
        }
        if Instant::now() > end {
            break Err(failed(&format!("no answer for {} s: {}", PATIENCE.as_secs(), log_since(&log_path, from))));
        }
        nap()?;
    };
    // The first process ends once the daemon is on its own.
    while result.is_ok() && ended.is_none() && Instant::now() < end {
        match child.try_wait() {
            Ok(None) => nap()?,
            _ => break,
        }
    }
    drop(held);
    result
}

pub fn init(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let place = Place::find()?;
    if place.lives() || place.answers() { Ok(()) } else { launch(&place) }
}

pub fn client(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let place = Place::find()?;
    if !place.answers() {
        launch(&place)?;
    }
    let mut url = b"unix:/".to_vec();
    url.extend(place.file("sock").as_os_str().as_bytes());
    let client =
        invoke::construct(ce::remote_object_client(), &mut [Value::string(&url).into_zval(), Value::long(0).into_zval()])?;
    client.give(ret);
    Ok(())
}
