//! stat, rename, fsync, flock and kin; opening is in [`super::open`].
//!
//! What the kernel can answer from its caches is asked in place; what may wait for a disk, a
//! network or a FIFO's other end goes to the pool. `openat2(RESOLVE_CACHED)` tells which it is.

use std::ffi::{CStr, CString};
use std::os::fd::RawFd;
use std::time::Duration;

use libc::{DIR, c_char, c_int, c_uint, gid_t, mode_t, off_t, size_t, ssize_t, stat as Stat, uid_t};

use super::open::{Opening, Place, Probe, opening, probe};
use crate::engine::{self, Deadline, Engine, Next, current, pooled};
use crate::sys;

/// # Safety
/// `path` is null or NUL-terminated.
pub(super) unsafe fn text<'a>(path: *const c_char) -> Option<&'a CStr> {
    // SAFETY: the caller's promise.
    (!path.is_null()).then(|| unsafe { CStr::from_ptr(path) })
}

/// Runs `job` on the pool, with its errno; `real` where that is impossible.
pub(super) fn pool<T, F>(engine: &dyn Engine, name: &'static str, job: F, real: impl FnOnce() -> T) -> T
where
    T: Copy + Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    match pooled(engine, name, move || (job(), sys::errno())) {
        Some((r, code)) => {
            sys::set_errno(code);
            r
        }
        None => real(),
    }
}

/// A stat buffer that travels back from the pool.
#[derive(Clone, Copy)]
struct Answer(c_int, Stat);
// SAFETY: plain numbers.
unsafe impl Send for Answer {}

unsafe fn stat_with(name: &'static str, dir: RawFd, path: *const c_char, out: *mut Stat, flags: c_int) -> c_int {
    // SAFETY: the caller's arguments, unchanged.
    let real = || unsafe { libc::fstatat(dir, path, out, flags) };
    let Some(e) = current().filter(|_| !out.is_null()) else { return real() };
    // SAFETY: stat's contract.
    let Some(path) = (unsafe { text(path) }).filter(|p| !p.is_empty()) else { return real() };
    let follow = if flags & libc::AT_SYMLINK_NOFOLLOW != 0 { libc::O_NOFOLLOW } else { 0 };
    match probe(dir, path, follow) {
        Probe::Known { st, place: Place { remote: false, .. } } => {
            // SAFETY: the caller's buffer, not null.
            unsafe { out.write(*st) };
            return 0;
        }
        Probe::Settled => return real(),
        _ => {}
    }
    let path = path.to_owned();
    let job = move || {
        // SAFETY: all-zero is a valid stat buffer.
        let mut st: Stat = unsafe { std::mem::zeroed() };
        // SAFETY: the job's own path and buffer.
        Answer(unsafe { libc::fstatat(dir, path.as_ptr(), &mut st, flags) }, st)
    };
    match pooled(e, name, move || (job(), sys::errno())) {
        Some((Answer(0, st), _)) => {
            // SAFETY: the caller's buffer, not null.
            unsafe { out.write(st) };
            0
        }
        Some((_, code)) => sys::fail(code),
        None => real(),
    }
}

pub unsafe extern "C" fn stat(path: *const c_char, out: *mut Stat) -> c_int {
    // SAFETY: the caller's arguments.
    unsafe { stat_with("stat", libc::AT_FDCWD, path, out, 0) }
}

pub unsafe extern "C" fn lstat(path: *const c_char, out: *mut Stat) -> c_int {
    // SAFETY: the caller's arguments.
    unsafe { stat_with("lstat", libc::AT_FDCWD, path, out, libc::AT_SYMLINK_NOFOLLOW) }
}

pub unsafe extern "C" fn fstatat(dir: c_int, path: *const c_char, out: *mut Stat, flags: c_int) -> c_int {
    // SAFETY: the caller's arguments.
    unsafe { stat_with("fstatat", dir, path, out, flags) }
}

pub unsafe extern "C" fn access(path: *const c_char, mode: c_int) -> c_int {
    // SAFETY: the caller's arguments, unchanged.
    let real = || unsafe { libc::access(path, mode) };
    let Some(e) = current() else { return real() };
    // SAFETY: access's contract.
    let Some(text) = (unsafe { text(path) }) else { return real() };
    match probe(libc::AT_FDCWD, text, 0) {
        Probe::Known { place: Place { remote: false, .. }, .. } | Probe::Settled => real(),
        _ => {
            let path = text.to_owned();
            // SAFETY: the job's own copy of the path.
            pool(e, "access", move || unsafe { libc::access(path.as_ptr(), mode) }, real)
        }
    }
}

/// Shims that always go to the pool: a change of the file system's structure waits for its journal.
macro_rules! pooled_calls {
    ($($name:ident($($path:ident),* ; $($arg:ident: $kind:ty),*);)*) => {$(
        pub unsafe extern "C" fn $name($($path: *const c_char,)* $($arg: $kind),*) -> c_int {
            // SAFETY: the caller's arguments, unchanged.
            let real = || unsafe { libc::$name($($path,)* $($arg),*) };
            let Some(e) = current() else { return real() };
            // SAFETY: NUL-terminated paths, by the call's contract.
            $(let Some($path) = (unsafe { own($path) }) else { return real() };)*
            // SAFETY: the job's own copies of the paths.
            let job = move || unsafe { libc::$name($($path.as_ptr(),)* $($arg),*) };
            pool(e, stringify!($name), job, real)
        }
    )*};
}

/// # Safety
/// `path` is null or NUL-terminated.
unsafe fn own(path: *const c_char) -> Option<CString> {
    // SAFETY: the caller's promise.
    unsafe { text(path) }.map(CStr::to_owned)
}

pooled_calls! {
    fsync(; fd: c_int);
    fdatasync(; fd: c_int);
    ftruncate(; fd: c_int, len: off_t);
    truncate(path; len: off_t);
    rename(from, to;);
    unlink(path;);
    rmdir(path;);
    mkdir(path; mode: mode_t);
    link(from, to;);
    symlink(from, to;);
    chmod(path; mode: mode_t);
    chown(path; user: uid_t, group: gid_t);
    lchown(path; user: uid_t, group: gid_t);
}

pub unsafe extern "C" fn unlinkat(dir: c_int, path: *const c_char, flags: c_int) -> c_int {
    // SAFETY: the caller's arguments, unchanged.
    let real = || unsafe { libc::unlinkat(dir, path, flags) };
    let Some(e) = current() else { return real() };
    // SAFETY: unlinkat's contract.
    let Some(path) = (unsafe { own(path) }) else { return real() };
    // SAFETY: the job's own copy of the path.
    pool(e, "unlinkat", move || unsafe { libc::unlinkat(dir, path.as_ptr(), flags) }, real)
}

pub unsafe extern "C" fn renameat(from_dir: c_int, from: *const c_char, to_dir: c_int, to: *const c_char) -> c_int {
    // SAFETY: the caller's arguments, unchanged.
    let real = || unsafe { libc::renameat(from_dir, from, to_dir, to) };
    let Some(e) = current() else { return real() };
    // SAFETY: renameat's contract.
    let (Some(from), Some(to)) = (unsafe { (own(from), own(to)) }) else { return real() };
    // SAFETY: the job's own copies of the paths.
    let job = move || unsafe { libc::renameat(from_dir, from.as_ptr(), to_dir, to.as_ptr()) };
    pool(e, "renameat", job, real)
}

/// An address for, or from, another thread.
#[derive(Clone, Copy)]
struct Address(*mut DIR);
// SAFETY: a handle that one coroutine waits for; nobody touches it meanwhile.
unsafe impl Send for Address {}

pub unsafe extern "C" fn opendir(path: *const c_char) -> *mut DIR {
    // SAFETY: the caller's argument, unchanged.
    let real = || Address(unsafe { libc::opendir(path) });
    let Some(e) = current() else { return real().0 };
    // SAFETY: opendir's contract.
    let Some(text) = (unsafe { text(path) }) else { return real().0 };
    if opening(libc::AT_FDCWD, text, libc::O_DIRECTORY) != Opening::Slow {
        return real().0;
    }
    let path = text.to_owned();
    // SAFETY: the job's own copy of the path.
    pool(e, "opendir", move || Address(unsafe { libc::opendir(path.as_ptr()) }), real).0
}

pub unsafe extern "C" fn statvfs(path: *const c_char, out: *mut libc::statvfs) -> c_int {
    // SAFETY: the caller's arguments, unchanged.
    let real = || unsafe { libc::statvfs(path, out) };
    let Some(e) = current().filter(|_| !out.is_null()) else { return real() };
    // SAFETY: statvfs's contract.
    let Some(path) = (unsafe { own(path) }) else { return real() };
    let job = move || {
        // SAFETY: all-zero is a valid statvfs buffer.
        let mut fs: libc::statvfs = unsafe { std::mem::zeroed() };
        // SAFETY: the job's own path and buffer.
        let r = unsafe { libc::statvfs(path.as_ptr(), &mut fs) };
        (r, sys::errno(), fs)
    };
    match pooled(e, "statvfs", job) {
        Some((0, _, fs)) => {
            // SAFETY: the caller's buffer, not null.
            unsafe { out.write(fs) };
            0
        }
        Some((_, code, _)) => sys::fail(code),
        None => real(),
    }
}

pub unsafe extern "C" fn copy_file_range(
    from: c_int,
    from_at: *mut off_t,
    to: c_int,
    to_at: *mut off_t,
    len: size_t,
    flags: c_uint,
) -> ssize_t {
    // SAFETY: the caller's arguments, unchanged.
    let real = || unsafe { libc::copy_file_range(from, from_at, to, to_at, len, flags) };
    let Some(e) = current() else { return real() };
    // SAFETY: offsets or null, by contract.
    let (mut a, mut b) = unsafe { (from_at.as_ref().copied(), to_at.as_ref().copied()) };
    let job = move || {
        let at = |o: &mut Option<off_t>| o.as_mut().map_or(std::ptr::null_mut(), |o| o as *mut _);
        // SAFETY: the job's own offsets.
        let r = unsafe { libc::copy_file_range(from, at(&mut a), to, at(&mut b), len, flags) };
        (r, sys::errno(), a, b)
    };
    let Some((r, code, a, b)) = pooled(e, "copy_file_range", job) else { return real() };
    for (to, value) in [(from_at, a), (to_at, b)] {
        // SAFETY: as above.
        if let (Some(to), Some(value)) = (unsafe { to.as_mut() }, value) {
            *to = value;
        }
    }
    if r < 0 { sys::fail(code) } else { r }
}

/// Tries for a lock again and again. Not on the pool: its holder may need a pool thread to get on,
/// and waiters would have them all.
fn lock_loop(engine: &dyn Engine, name: &'static str, attempt: impl Fn() -> c_int, real: impl Fn() -> c_int) -> c_int {
    let mut step = Duration::from_micros(500);
    loop {
        let r = attempt();
        if r == 0 || !matches!(sys::errno(), libc::EAGAIN | libc::EACCES) {
            return r;
        }
        match engine::pause(engine, name, step, Deadline::NEVER) {
            Next::Retry => {}
            Next::Block => return real(),
            _ => return sys::fail(libc::ECANCELED),
        }
        step = (step * 2).min(Duration::from_millis(10));
    }
}

pub unsafe extern "C" fn flock(fd: c_int, operation: c_int) -> c_int {
    // SAFETY: no memory involved.
    let real = |op| unsafe { libc::flock(fd, op) };
    match current() {
        Some(e) if operation & (libc::LOCK_NB | libc::LOCK_UN) == 0 => {
            lock_loop(e, "flock", || real(operation | libc::LOCK_NB), || real(operation))
        }
        _ => real(operation),
    }
}

pub unsafe extern "C" fn fcntl(fd: c_int, command: c_int, argument: usize) -> c_int {
    // SAFETY: the caller's arguments; the third is read only by the commands that have one.
    let real = |command| unsafe { libc::fcntl(fd, command, argument) };
    let attempt = match command {
        libc::F_SETLKW => libc::F_SETLK,
        libc::F_OFD_SETLKW => libc::F_OFD_SETLK,
        _ => return real(command),
    };
    match current() {
        Some(e) => lock_loop(e, "fcntl", || real(attempt), || real(command)),
        None => real(command),
    }
}
