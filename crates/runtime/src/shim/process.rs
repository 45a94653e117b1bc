//! waitpid and kin by pidfd, pclose and system on the pool.

use std::os::fd::RawFd;
use std::time::Duration;

use libc::{FILE, c_char, c_int, id_t, idtype_t, pid_t, rusage, siginfo_t};

use crate::engine::{self, Deadline, Engine, Interest, Next, current, pooled};
use crate::sys;

/// Between two looks at children that no single pidfd stands for.
const FIRST_PAUSE: Duration = Duration::from_micros(500);
const LONGEST_PAUSE: Duration = Duration::from_millis(10);

/// A pidfd that closes itself. Nothing else in the process knows it.
struct PidFd(RawFd);

impl PidFd {
    fn open(pid: pid_t) -> Option<Self> {
        // SAFETY: plain integers; fails with an errno for a pid that is no process.
        let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
        RawFd::try_from(fd).ok().filter(|fd| *fd >= 0).map(PidFd)
    }
}

impl Drop for PidFd {
    fn drop(&mut self) {
        if let Some(e) = engine::on_engine_thread() {
            e.closing(self.0);
        }
        // SAFETY: ours alone.
        unsafe { libc::close(self.0) };
    }
}

/// Calls `look` (a wait with WNOHANG) until it finds a child or an error. `None`: block instead.
fn wait_loop(engine: &dyn Engine, name: &'static str, pid: pid_t, look: impl Fn() -> pid_t) -> Option<pid_t> {
    let mut watch: Option<PidFd> = None;
    let mut step = FIRST_PAUSE;
    loop {
        let r = look();
        if r != 0 {
            return Some(r);
        }
        // One child has a pidfd; "any child" has none, so look again and again.
        if watch.is_none() && pid > 0 {
            watch = PidFd::open(pid);
        }
        let next = match &watch {
            Some(p) => engine::wait_fd(engine, name, p.0, Interest::Read, Deadline::NEVER),
            None => {
                let next = engine::pause(engine, name, step, Deadline::NEVER);
                step = (step * 2).min(LONGEST_PAUSE);
                next
            }
        };
        match next {
            Next::Retry => {}
            Next::Block => return None,
            Next::Canceled | Next::Timeout | Next::Closed | Next::Denied => {
                drop(watch);
                return Some(sys::fail(libc::ECANCELED));
            }
        }
    }
}

/// Stopped and continued children do not make a pidfd readable.
fn only_exits(options: c_int) -> bool {
    options & (libc::WUNTRACED | libc::WCONTINUED) == 0
}

fn wait_with(name: &'static str, pid: pid_t, options: c_int, real: impl Fn(c_int) -> pid_t) -> pid_t {
    let Some(e) = current().filter(|_| options & libc::WNOHANG == 0) else { return real(options) };
    let watched = if only_exits(options) { pid } else { 0 };
    wait_loop(e, name, watched, || real(options | libc::WNOHANG)).unwrap_or_else(|| real(options))
}

pub unsafe extern "C" fn wait(status: *mut c_int) -> pid_t {
    // SAFETY: the caller's arguments; wait(s) is waitpid(-1, s, 0).
    wait_with("wait", -1, 0, |options| unsafe { libc::waitpid(-1, status, options) })
}

pub unsafe extern "C" fn waitpid(pid: pid_t, status: *mut c_int, options: c_int) -> pid_t {
    // SAFETY: the caller's arguments, but for WNOHANG.
    wait_with("waitpid", pid, options, |options| unsafe { libc::waitpid(pid, status, options) })
}

pub unsafe extern "C" fn wait3(status: *mut c_int, options: c_int, usage: *mut rusage) -> pid_t {
    // SAFETY: the caller's arguments; wait3(…) is wait4(-1, …).
    wait_with("wait3", -1, options, |options| unsafe { libc::wait4(-1, status, options, usage) })
}

pub unsafe extern "C" fn wait4(pid: pid_t, status: *mut c_int, options: c_int, usage: *mut rusage) -> pid_t {
    // SAFETY: the caller's arguments, but for WNOHANG.
    wait_with("wait4", pid, options, |options| unsafe { libc::wait4(pid, status, options, usage) })
}

pub unsafe extern "C" fn waitid(kind: idtype_t, id: id_t, info: *mut siginfo_t, options: c_int) -> c_int {
    // SAFETY: the caller's arguments, but for the options.
    let real = |options| unsafe { libc::waitid(kind, id, info, options) };
    let Some(e) = current().filter(|_| options & libc::WNOHANG == 0) else { return real(options) };
    let exits = options & (libc::WSTOPPED | libc::WCONTINUED) == 0;
    let pid = if kind == libc::P_PID && exits { id as pid_t } else { 0 };
    // SAFETY: all-zero is a valid siginfo_t.
    let mut own: siginfo_t = unsafe { std::mem::zeroed() };
    let at = if info.is_null() { &raw mut own } else { info };
    let found = wait_loop(e, "waitid", pid, || {
        // waitid says 0 in either case; the pid in its record tells them apart.
        // SAFETY: `at` is the caller's record or ours; the rest is the caller's.
        unsafe {
            std::ptr::write_bytes(at, 0, 1);
            match libc::waitid(kind, id, at, options | libc::WNOHANG) {
                0 => (*at).si_pid(),
                _ => -1,
            }
        }
    });
    match found {
        Some(pid) if pid > 0 => 0,
        Some(_) => -1,
        None => real(options),
    }
}

/// Another thread's pointer, for the time of one pool job.
struct Handle(*mut FILE);
// SAFETY: the caller gave the stream up to pclose; only the job touches it.
unsafe impl Send for Handle {}

pub unsafe extern "C" fn pclose(file: *mut FILE) -> c_int {
    // SAFETY: the caller's argument, unchanged.
    let real = || unsafe { libc::pclose(file) };
    let Some(e) = current().filter(|_| !file.is_null()) else { return real() };
    // SAFETY: a valid stream, by pclose's contract.
    e.closing(unsafe { libc::fileno(file) });
    let handle = Handle(file);
    let answer = pooled(e, "pclose", move || {
        let handle = handle;
        // SAFETY: the caller waits for us and does not touch the stream again.
        (unsafe { libc::pclose(handle.0) }, sys::errno())
    });
    settle(answer, real)
}

unsafe extern "C" {
    #[link_name = "system"]
    fn libc_system(command: *const c_char) -> c_int;
}

pub unsafe extern "C" fn system(command: *const c_char) -> c_int {
    // SAFETY: the caller's argument, unchanged.
    let real = || unsafe { libc_system(command) };
    let Some(e) = current().filter(|_| !command.is_null()) else { return real() };
    // SAFETY: a NUL-terminated string, by system's contract.
    let copy = unsafe { std::ffi::CStr::from_ptr(command) }.to_owned();
    let answer = pooled(e, "system", move || {
        // SAFETY: the job's own copy.
        (unsafe { libc_system(copy.as_ptr()) }, sys::errno())
    });
    settle(answer, real)
}

fn settle(answer: Option<(c_int, c_int)>, real: impl Fn() -> c_int) -> c_int {
    match answer {
        Some((r, code)) => {
            if r < 0 {
                sys::set_errno(code);
            }
            r
        }
        None => real(),
    }
}
