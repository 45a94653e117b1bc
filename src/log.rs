//! The log: Swoole's line format and levels, written by a `tracing` subscriber of ours.
//!
//! `[2026-01-31 12:00:00 *1234.0]\tWARNING\tmessage`: the time, what the process is, its pid, the worker's id.

use std::collections::BTreeSet;
use std::ffi::{CStr, CString};
use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicI32, AtomicU8, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, TryLockError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Metadata, Subscriber, span};

/// `SWOOLE_LOG_*`: a line is written when its level is at least the log's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(i32)]
pub enum Level {
    Debug = 0,
    Trace = 1,
    Info = 2,
    Notice = 3,
    Warning = 4,
    Error = 5,
}

/// The level that silences all.
const NONE: i32 = 6;

impl Level {
    fn name(level: i32) -> &'static str {
        match level {
            0 => "DEBUG",
            1 => "TRACE",
            3 => "NOTICE",
            4 => "WARNING",
            5 => "ERROR",
            _ => "INFO",
        }
    }
}

/// `SWOOLE_LOG_ROTATION_*`: how often a new file is begun, by the suffix of its name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rotation {
    #[default]
    Single,
    Monthly,
    Daily,
    Hourly,
    EveryMinute,
}

impl Rotation {
    pub fn from_number(number: i64) -> Self {
        match number {
            0 => Self::Single,
            1 => Self::Monthly,
            3 => Self::Hourly,
            4 => Self::EveryMinute,
            _ => Self::Daily,
        }
    }

    fn suffix(self) -> Option<&'static CStr> {
        match self {
            Self::Single => None,
            Self::Monthly => Some(c"%Y%m"),
            Self::Daily => Some(c"%Y%m%d"),
            Self::Hourly => Some(c"%Y%m%d%H"),
            Self::EveryMinute => Some(c"%Y%m%d%H%M"),
        }
    }
}

/// What the process is, by the sign before its pid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Role {
    Master = b'#',
    Manager = b'$',
    Worker = b'*',
    TaskWorker = b'^',
    User = b'@',
    None = b'%',
}

const DATE_FORMAT: &CStr = c"%F %T";
/// Longest date that a format may make, with the final zero.
const DATE_MAX: usize = 128;
/// Longest message, in bytes.
const MESSAGE_MAX: usize = 16 * 1024;

static LEVEL: AtomicI32 = AtomicI32::new(Level::Info as i32);
static TRACE_FLAGS: std::sync::atomic::AtomicI64 = std::sync::atomic::AtomicI64::new(0);
static ROLE: AtomicU8 = AtomicU8::new(Role::None as u8);
static WORKER_ID: AtomicU32 = AtomicU32::new(0);

struct Sink {
    /// As the program named it; empty for standard output.
    path: String,
    /// `path`, with the rotation's suffix.
    real_path: String,
    file: Option<File>,
    rotation: Rotation,
    date_format: Option<CString>,
    microseconds: bool,
    /// Standard output and error as they were before they were sent to the file.
    redirected: Option<[std::os::fd::OwnedFd; 2]>,
}

impl Sink {
    const DEFAULT: Self = Self {
        path: String::new(),
        real_path: String::new(),
        file: None,
        rotation: Rotation::Single,
        date_format: None,
        microseconds: false,
        redirected: None,
    };
}

static SINK: Mutex<Sink> = Mutex::new(Sink::DEFAULT);

static IGNORED: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());

/// A child forked while another thread wrote a line finds the lock held for ever: it gives up soon.
fn sink() -> Option<MutexGuard<'static, Sink>> {
    for _ in 0..100 {
        match SINK.try_lock() {
            Ok(sink) => return Some(sink),
            Err(TryLockError::Poisoned(sink)) => return Some(sink.into_inner()),
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_micros(100)),
        }
    }
    None
}

/// Makes the log the subscriber of this process; a second call does nothing.
pub fn start() {
    let _ = tracing::subscriber::set_global_default(Log);
}

pub fn level() -> i32 {
    LEVEL.load(Ordering::Relaxed)
}

/// Sets the level, brought into 0 (all) to 6 (nothing).
pub fn set_level(level: i64) {
    LEVEL.store(level.clamp(0, i64::from(NONE)) as i32, Ordering::Relaxed);
    tracing::callsite::rebuild_interest_cache();
}

/// Level, file and format as at the start. Output that was sent to the file stays there.
pub fn reset() {
    set_level(Level::Info as i64);
    set_trace_flags(0);
    IGNORED.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clear();
    if let Some(mut sink) = sink() {
        let redirected = sink.redirected.take();
        *sink = Sink { redirected, ..Sink::DEFAULT };
    }
}

/// `SWOOLE_TRACE_*` bits.
pub fn set_trace_flags(flags: i64) {
    TRACE_FLAGS.store(flags, Ordering::Relaxed);
}

/// Names this process in the lines to come.
pub fn set_identity(role: Role, worker_id: u32) {
    ROLE.store(role as u8, Ordering::Relaxed);
    WORKER_ID.store(worker_id, Ordering::Relaxed);
}

/// Errors with this code are not logged any more.
pub fn ignore(code: i32) {
    IGNORED.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(code);
}

pub fn is_ignored(code: i32) -> bool {
    IGNORED.lock().unwrap_or_else(std::sync::PoisonError::into_inner).contains(&code)
}

/// Appends to `path` from now on; standard output when it cannot be opened, or is empty.
pub fn set_file(path: &str) {
    let failed = sink().and_then(|mut sink| {
        path.clone_into(&mut sink.path);
        sink.open().err().map(|error| (sink.real_path.clone(), error))
    });
    if let Some((path, error)) = failed {
        warning("Logger::open", Some(502), &format!("open('{path}') failed. Error: {}", system_error(&error)));
    }
}

pub fn set_rotation(rotation: Rotation) {
    if let Some(mut sink) = sink() {
        sink.rotation = rotation;
    }
}

/// Sets the date's format, as strftime(3) has it. False when it makes no date or one that is too long.
pub fn set_date_format(format: &[u8]) -> bool {
    let made = CString::new(format).ok().filter(|format| local_time(format, now().0).is_some());
    match made {
        Some(format) => {
            if let Some(mut sink) = sink() {
                sink.date_format = Some(format);
            }
            true
        }
        None => {
            let message = format!("The date format string[length={}] is too long", format.len());
            warning("Logger::set_date_format", Some(505), &message);
            false
        }
    }
}

pub fn set_microseconds(on: bool) {
    if let Some(mut sink) = sink() {
        sink.microseconds = on;
    }
}

/// Closes the file and opens it again, for log rotation from outside.
pub fn reopen() {
    if let Some(mut sink) = sink()
        && sink.file.is_some()
    {
        let _ = sink.open();
    }
}

/// Sends standard output and error to the log file, or back.
///
/// # Errors
/// No file is open, or a system call failed.
pub fn redirect_output(on: bool) -> std::io::Result<()> {
    let Some(mut sink) = sink() else { return Ok(()) };
    if let Some([out, err]) = sink.redirected.take() {
        nix::unistd::dup2_stdout(out)?;
        nix::unistd::dup2_stderr(err)?;
    }
    if on {
        let file = sink.file.as_ref().ok_or_else(|| std::io::Error::other("no log file opened"))?;
        let kept = [std::io::stdout().as_fd().try_clone_to_owned()?, std::io::stderr().as_fd().try_clone_to_owned()?];
        nix::unistd::dup2_stdout(file)?;
        nix::unistd::dup2_stderr(file)?;
        sink.redirected = Some(kept);
    }
    Ok(())
}

/// Writes a line, if the level asks for it. Levels outside 0 to 5 count as INFO in the text.
pub fn put(level: i32, message: &[u8]) {
    if level < self::level() {
        return;
    }
    let (seconds, micros) = now();
    let Some(mut sink) = sink() else { return };
    let mut line = Vec::with_capacity(64 + message.len());
    line.push(b'[');
    let format = sink.date_format.as_deref().unwrap_or(DATE_FORMAT);
    line.extend(local_time(format, seconds).unwrap_or_default());
    if sink.microseconds {
        let _ = write!(line, "<.{micros:06}>");
    }
    let (role, id) = (ROLE.load(Ordering::Relaxed) as char, WORKER_ID.load(Ordering::Relaxed));
    let _ = write!(line, " {role}{}.{id}]\t{}\t", std::process::id(), Level::name(level));
    line.extend(&message[..message.len().min(MESSAGE_MAX)]);
    line.push(b'\n');
    sink.write(&line, seconds);
}

/// `function(): message`, or with a code `function() (ERRNO code): message`.
pub fn warning(function: &str, code: Option<i32>, message: &str) {
    with_code(Level::Warning as i32, function, code, message);
}

/// As [`warning`], at another level. Ignored codes are not written.
pub fn with_code(level: i32, function: &str, code: Option<i32>, message: &str) {
    if level < self::level() || code.is_some_and(is_ignored) {
        return;
    }
    let line = match code {
        Some(code) => format!("{function}() (ERRNO {code}): {message}"),
        None => format!("{function}(): {message}"),
    };
    put(level, line.as_bytes());
}

impl Sink {
    fn open(&mut self) -> std::io::Result<()> {
        self.file = None;
        if self.path.is_empty() {
            return Ok(());
        }
        self.real_path = self.rotated(now().0);
        match OpenOptions::new().append(true).read(true).create(true).open(&self.real_path) {
            Ok(file) => {
                if self.redirected.is_some() {
                    nix::unistd::dup2_stdout(&file)?;
                    nix::unistd::dup2_stderr(&file)?;
                }
                self.file = Some(file);
                Ok(())
            }
            Err(error) => {
                self.path.clear();
                Err(error)
            }
        }
    }

    fn rotated(&self, seconds: i64) -> String {
        match self.rotation.suffix().and_then(|format| local_time(format, seconds)) {
            Some(suffix) => format!("{}.{}", self.path, String::from_utf8_lossy(&suffix)),
            None => self.path.clone(),
        }
    }

    fn write(&mut self, line: &[u8], seconds: i64) {
        if self.file.is_some() && self.rotation != Rotation::Single && self.rotated(seconds) != self.real_path {
            let _ = self.open();
        }
        // One write per line: lines of several processes do not mix. A full disk cannot be told anybody.
        let _ = match &mut self.file {
            Some(file) => file.write_all(line),
            None => write_to_stdout(line),
        };
    }
}

/// Rust's own stdout buffers by line and locks; a forked child must find neither.
fn write_to_stdout(mut line: &[u8]) -> std::io::Result<()> {
    while !line.is_empty() {
        match nix::unistd::write(std::io::stdout(), line) {
            Ok(written) => line = &line[written..],
            Err(nix::Error::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Seconds since 1970, and the microseconds of the current one.
fn now() -> (i64, u32) {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    (since.as_secs() as i64, since.subsec_micros())
}

/// A local date; none when it is empty or longer than [`DATE_MAX`].
fn local_time(format: &CStr, seconds: i64) -> Option<Vec<u8>> {
    let mut date = vec![0u8; DATE_MAX];
    // SAFETY: localtime_r fills `parts`; strftime writes at most `DATE_MAX` bytes and tells how many.
    let length = unsafe {
        let mut parts: libc::tm = std::mem::zeroed();
        if libc::localtime_r(&seconds, &mut parts).is_null() {
            return None;
        }
        libc::strftime(date.as_mut_ptr().cast(), DATE_MAX, format.as_ptr(), &parts)
    };
    date.truncate(length);
    (length > 0).then_some(date)
}

fn system_error(error: &std::io::Error) -> String {
    let code = error.raw_os_error().unwrap_or(0);
    format!("{}[{code}]", crate::php::code::system_text(code))
}

/// The `tracing` subscriber: events of our own crates become lines; spans are not used.
///
/// An event may carry `errno` (a Swoole code), `function` and, at INFO, `notice = true`.
struct Log;

/// tracing has no NOTICE, and its DEBUG lies above TRACE, where Swoole's lies below.
fn level_of(metadata: &Metadata<'_>) -> Level {
    match *metadata.level() {
        tracing::Level::ERROR => Level::Error,
        tracing::Level::WARN => Level::Warning,
        tracing::Level::INFO => Level::Info,
        tracing::Level::DEBUG => Level::Debug,
        tracing::Level::TRACE => Level::Trace,
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let least = match level_of(metadata) {
            Level::Info => Level::Notice,
            level => level,
        };
        metadata.target().starts_with("swoole") && least as i32 >= level()
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(match level() {
            0 | 1 => LevelFilter::TRACE,
            2 | 3 => LevelFilter::INFO,
            4 => LevelFilter::WARN,
            5 => LevelFilter::ERROR,
            _ => LevelFilter::OFF,
        })
    }

    fn new_span(&self, _span: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _span: &span::Id, _values: &span::Record<'_>) {}
    fn record_follows_from(&self, _span: &span::Id, _follows: &span::Id) {}
    fn enter(&self, _span: &span::Id) {}
    fn exit(&self, _span: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut seen = Seen::default();
        event.record(&mut seen);
        let level = match level_of(event.metadata()) {
            Level::Info if seen.notice => Level::Notice,
            level => level,
        };
        match (&seen.function, seen.errno) {
            (None, None) => put(level as i32, seen.message.as_bytes()),
            (function, errno) => with_code(level as i32, function.as_deref().unwrap_or("swoole"), errno, &seen.message),
        }
    }
}

#[derive(Default)]
struct Seen {
    message: String,
    function: Option<String>,
    errno: Option<i32>,
    notice: bool,
}

impl Visit for Seen {
    fn record_bool(&mut self, field: &Field, value: bool) {
        if field.name() == "notice" {
            self.notice = value;
        } else {
            self.record_debug(field, &value);
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        if field.name() == "errno" {
            self.errno = i32::try_from(value).ok();
        } else {
            self.record_debug(field, &value);
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "function" => self.function = Some(value.to_owned()),
            _ => self.record_debug(field, &format_args!("{value}")),
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            let _ = write!(self.message, "{value:?}");
        } else {
            let _ = write!(self.message, " {}={value:?}", field.name());
        }
    }
}
