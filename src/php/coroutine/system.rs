//! Swoole\Coroutine\System: what else a coroutine can wait for. The twins on Coroutine share it.

use std::io::{self, Read};
use std::os::fd::AsRawFd;
use std::process::{Command, Stdio};

use coroutine::{Task, WaitFd, Wake};
use reactor::{Interest, Readiness};

use super::{require_coroutine, timeout, wait};
use crate::php::code::{Code, set_last};
use crate::php::event::{READ, WRITE};
use crate::php::{fd, report, signal};
use crate::zend::error::{E_WARNING, check};
use crate::zend::{Call, PhpResult, Value, Zval, ZvalExt};

/// Reads until the end of what a child writes.
fn read_all(source: &mut (impl Read + AsRawFd)) -> Vec<u8> {
    let mut output = Vec::with_capacity(1024);
    let mut piece = vec![0; 16 * 1024];
    fd::set_nonblocking(source.as_raw_fd(), true);
    loop {
        match source.read(&mut piece) {
            Ok(0) => break,
            Ok(bytes) => output.extend_from_slice(&piece[..bytes]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                match coroutine::wait_fd(source.as_raw_fd(), Interest::READ, None) {
                    WaitFd::Ready(_) => {}
                    _ => break,
                }
            }
            Err(_) => break,
        }
    }
    if let Some(engine) = coroutine::engine() {
        engine.closing(source.as_raw_fd());
    }
    output
}

/// `System::exec(string $command, bool $get_error_stream = false): array|false`
pub fn exec(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let command = args.bytes()?;
    let with_errors = args.opt_bool()?.unwrap_or(false);
    require_coroutine()?;
    match run(command, with_errors) {
        Ok((output, ended)) => {
            let mut result = Value::array(3);
            let mut array = result.array_mut();
            array.set("code", Value::long(i64::from(libc::WEXITSTATUS(ended.status))));
            array.set("signal", Value::long(i64::from(libc::WTERMSIG(ended.status))));
            array.set("output", Value::string(&output));
            result.give(ret);
        }
        Err(error) => {
            set_last(Code(error.raw_os_error().unwrap_or(0)));
            tracing::warn!("Unable to execute '{}', Error: {error}", String::from_utf8_lossy(command));
            ret.set_bool(false);
        }
    }
    check()
}

fn run(command: &[u8], with_errors: bool) -> io::Result<(Vec<u8>, wait::Ended)> {
    use std::os::unix::ffi::OsStrExt;
    let (mut reader, writer) = io::pipe()?;
    let mut shell = Command::new("/bin/sh");
    shell.arg("-c").arg(std::ffi::OsStr::from_bytes(command));
    if with_errors {
        shell.stderr(writer.try_clone()?);
    } else {
        shell.stderr(Stdio::inherit());
    }
    let child = shell.stdin(Stdio::inherit()).stdout(writer).spawn()?;
    // The command holds the pipe's other end, too.
    drop(shell);
    let output = read_all(&mut reader);
    let ended = wait::wait_for(child.id() as i32, None)?;
    Ok((output, ended))
}

/// `System::waitSignal(array|int $signals, float $timeout = -1): int|false`
pub fn wait_signal(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let value = args.value()?;
    let seconds = args.opt_double()?.unwrap_or(-1.0);
    require_coroutine()?;
    let mut signals = Vec::new();
    match value.as_array() {
        None => signals.push(value.to_long()),
        Some(list) => list.each(|_, value| {
            signals.push(value.to_long());
            true
        }),
    }
    ret.set_bool(false);
    let refuse = |message| {
        report::fatal(E_WARNING, message);
        Ok(())
    };
    if signal::listeners() > 0 {
        return refuse("Unable to wait signal, async signal listener has been registered");
    }
    let valid = |signo: &i64| (0..signal::LIMIT).contains(signo) && *signo != i64::from(libc::SIGCHLD);
    let numbers: Vec<i32> = signals.iter().filter(|signo| valid(signo)).map(|signo| *signo as i32).collect();
    let begun = if numbers.len() == signals.len() { signal::begin_wait(&numbers).ok() } else { None };
    let Some(which) = begun else {
        return refuse("Invalid signal in the given list");
    };
    let wake = coroutine::suspend_for(timeout(seconds).filter(|time| !time.is_zero()), Task::Wait);
    signal::end_wait(&numbers, &which);
    match wake {
        Wake::Timeout => set_last(Code::CO_TIMEDOUT),
        Wake::Canceled => set_last(Code::CO_CANCELED),
        _ => ret.set_long(i64::from(which.get())),
    }
    check()
}

fn interest(events: i64) -> Interest {
    match (events & READ != 0, events & WRITE != 0) {
        (true, true) => Interest::BOTH,
        (false, true) => Interest::WRITE,
        _ => Interest::READ,
    }
}

/// The events that happened; an error counts as all that were asked for.
fn events_of(ready: Readiness, asked: i64) -> i64 {
    let mut events = 0;
    if ready.intersects(Readiness::READ | Readiness::PRIORITY | Readiness::READ_HANGUP) {
        events |= READ;
    }
    if ready.intersects(Readiness::WRITE) {
        events |= WRITE;
    }
    if ready.intersects(Readiness::ERROR | Readiness::HANGUP) {
        events |= asked;
    }
    events & asked
}

/// Looks once, without waiting: the events that are there.
fn poll_now(fd: i32, asked: i64) -> Result<i64, i32> {
    let mut entry = libc::pollfd { fd, events: 0, revents: 0 };
    if asked & READ != 0 {
        entry.events |= libc::POLLIN;
    }
    if asked & WRITE != 0 {
        entry.events |= libc::POLLOUT;
    }
    // SAFETY: one entry of ours (poll(2)).
    match unsafe { libc::poll(&mut entry, 1, 0) } {
        1 if entry.revents & libc::POLLNVAL != 0 => Err(libc::EBADF),
        1 => {
            let mut events = 0;
            if entry.revents & libc::POLLIN != 0 {
                events |= READ;
            }
            if entry.revents & libc::POLLOUT != 0 {
                events |= WRITE;
            }
            Ok(if entry.revents & (libc::POLLERR | libc::POLLHUP) != 0 { asked } else { events })
        }
        0 => Err(libc::ETIMEDOUT),
        _ => Err(io::Error::last_os_error().raw_os_error().unwrap_or(libc::EINVAL)),
    }
}

/// `System::waitEvent(mixed $socket, int $events = SWOOLE_EVENT_READ, float $timeout = -1): int|false`
pub fn wait_event(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 3)?;
    let value = args.value()?;
    let asked = args.opt_long()?.unwrap_or(READ) & (READ | WRITE);
    let seconds = args.opt_double()?.unwrap_or(-1.0);
    ret.set_bool(false);
    let Some(fd) = fd::of(value) else {
        report::fatal(E_WARNING, "unknown fd type");
        return Ok(());
    };
    let fail = |errno: i32| {
        set_last(Code(errno));
        // SAFETY: writes this thread's errno.
        unsafe { *libc::__errno_location() = errno };
    };
    if asked == 0 {
        fail(libc::EINVAL);
        return Ok(());
    }
    if seconds == 0.0 {
        match poll_now(fd, asked) {
            Ok(events) => ret.set_long(events),
            Err(errno) => fail(errno),
        }
        return Ok(());
    }
    require_coroutine()?;
    match coroutine::wait_fd(fd, interest(asked), timeout(seconds)) {
        WaitFd::Ready(ready) => {
            let mut events = events_of(ready, asked);
            // The half that was not reported may be ready as well.
            if events != asked
                && let Ok(more) = poll_now(fd, asked)
            {
                events |= more;
            }
            ret.set_long(events);
        }
        WaitFd::Timeout => set_last(Code::CO_TIMEDOUT),
        WaitFd::Canceled => set_last(Code::CO_CANCELED),
        WaitFd::Closed => fail(libc::EBADF),
        WaitFd::Busy(other) => {
            set_last(Code::CO_HAS_BEEN_BOUND);
            let message = format!("Socket#{fd} has already been bound to another coroutine#{other}");
            report::with_code(E_WARNING, Code::CO_HAS_BEEN_BOUND, &message);
        }
        WaitFd::NotPollable => fail(libc::EPERM),
        WaitFd::Error(error) => fail(error.raw_os_error().unwrap_or(0)),
    }
    check()
}

/// `System::statvfs(string $path): array`
pub fn statvfs(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let path = super::files::path(&mut call.args(1, 1)?, "Path cannot be empty")?;
    // SAFETY: all-zero is a value of this plain struct.
    let empty: libc::statvfs = unsafe { std::mem::zeroed() };
    let look = move || {
        let mut facts = empty;
        // SAFETY: a C string, and a struct to fill (statvfs(3)); what fails leaves zeroes.
        unsafe { libc::statvfs(path.as_ptr(), &mut facts) };
        facts
    };
    let facts = if coroutine::in_coroutine() { coroutine::blocking(look).unwrap_or(empty) } else { look() };
    let rows = [
        ("bsize", facts.f_bsize),
        ("frsize", facts.f_frsize),
        ("blocks", facts.f_blocks),
        ("bfree", facts.f_bfree),
        ("bavail", facts.f_bavail),
        ("files", facts.f_files),
        ("ffree", facts.f_ffree),
        ("favail", facts.f_favail),
        ("fsid", facts.f_fsid),
        ("flag", facts.f_flag),
        ("namemax", facts.f_namemax),
    ];
    let mut result = Value::array(rows.len() as u32);
    let mut array = result.array_mut();
    for (name, value) in rows {
        array.set(name, Value::long(value as i64));
    }
    result.give(ret);
    check()
}
