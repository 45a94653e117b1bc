//! open and kin.
//!
//! A file that is opened to get a new content at one stroke (`file_put_contents()`), and one no shorter than the old,
//! is not truncated first but written over. To free blocks that are written again at once costs a file system more
//! than everything else such a call does, and often waits for the disk.

use std::cell::Cell;
use std::ffi::CStr;
use std::os::fd::RawFd;

use libc::{c_char, c_int, c_uint, mode_t, off_t, stat as Stat};

use super::file::{pool, text};
use crate::engine::current;
use crate::sys;

/// What the kernel's caches know of a path.
pub(super) enum Probe {
    Known {
        st: Box<Stat>,
        place: Place,
    },
    /// Not there, or an error that the real call will repeat at once.
    Settled,
    /// Somebody would have to look at a disk.
    Unknown,
}

/// Linux 5.12: fail with EAGAIN instead of leaving the dentry cache.
const RESOLVE_CACHED: u64 = 0x20;

pub(super) fn probe(dir: RawFd, path: &CStr, flags: c_int) -> Probe {
    // SAFETY: all-zero is a valid open_how.
    let mut how: libc::open_how = unsafe { std::mem::zeroed() };
    how.flags = (libc::O_PATH | libc::O_CLOEXEC | (flags & libc::O_NOFOLLOW)) as u64;
    how.resolve = RESOLVE_CACHED;
    // SAFETY: a NUL-terminated path and an open_how of the size given.
    let fd = unsafe { libc::syscall(libc::SYS_openat2, dir, path.as_ptr(), &raw const how, size_of::<libc::open_how>()) };
    if fd < 0 {
        return match sys::errno() {
            libc::EAGAIN | libc::ENOSYS | libc::EINVAL | libc::EPERM => Probe::Unknown,
            _ => Probe::Settled,
        };
    }
    let fd = fd as RawFd;
    let st = sys::fstat(fd);
    let place = st.as_ref().map(|st| place(fd, st.st_dev)).unwrap_or_default();
    // SAFETY: opened above, known to nobody else.
    unsafe { libc::close(fd) };
    match st {
        Some(st) => Probe::Known { st: Box::new(st), place },
        None => Probe::Unknown,
    }
}

/// Where a file lives.
#[derive(Clone, Copy, Default)]
pub(super) struct Place {
    /// Every operation is a message to somebody else.
    pub remote: bool,
    /// No operation waits for a device.
    pub memory: bool,
}

/// Remembers the last file systems: the answer changes with mounts only, and a device number comes
/// back for another kind of file system hardly ever (and then costs a moment, no more).
fn place(fd: RawFd, device: libc::dev_t) -> Place {
    const NOWHERE: Place = Place { remote: false, memory: false };
    thread_local! {
        static SEEN: Cell<[(libc::dev_t, Place); 4]> = const { Cell::new([(0, NOWHERE); 4]) };
    }
    let mut seen = SEEN.get();
    if let Some((_, place)) = seen.iter().find(|(d, _)| *d == device && device != 0) {
        return *place;
    }
    let place = Place { remote: sys::is_remote(fd), memory: sys::in_memory(fd) };
    seen.rotate_right(1);
    seen[0] = (device, place);
    SEEN.set(seen);
    place
}

/// How an open will go.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Opening {
    Quick,
    /// Quick, and a regular file.
    File,
    /// As `File`, were it not for O_TRUNC and so many bytes.
    Full(off_t),
    Slow,
}

pub(super) fn opening(dir: RawFd, path: &CStr, flags: c_int) -> Opening {
    let quick = |yes| if yes { Opening::Quick } else { Opening::Slow };
    if flags & libc::O_PATH != 0 {
        return Opening::Quick;
    }
    match probe(dir, path, flags) {
        Probe::Unknown => Opening::Slow,
        Probe::Settled => Opening::Quick,
        Probe::Known { st, place: Place { remote, memory } } => match st.st_mode & libc::S_IFMT {
            // A FIFO waits for its other end.
            libc::S_IFIFO => quick(flags & libc::O_NONBLOCK != 0 || flags & libc::O_ACCMODE == libc::O_RDWR),
            libc::S_IFREG if remote => Opening::Slow,
            // Truncating waits for pages that are on their way to a disk.
            libc::S_IFREG if flags & libc::O_TRUNC != 0 && st.st_size > 0 && !memory => Opening::Full(st.st_size),
            libc::S_IFREG => Opening::File,
            _ => quick(!remote),
        },
    }
}

/// A file that is being rewritten without having been truncated.
#[derive(Clone, Copy)]
struct Rewrite {
    fd: RawFd,
    size: off_t,
    /// From the start of the file on, without a gap.
    written: off_t,
}

thread_local! {
    /// One at a time: between its open and its close no other coroutine gets a turn.
    static REWRITE: Cell<Option<Rewrite>> = const { Cell::new(None) };
}

/// So many bytes went to `fd`.
pub(super) fn wrote(fd: RawFd, bytes: libc::ssize_t) {
    if let Some(file) = REWRITE.get().filter(|file| file.fd == fd) {
        REWRITE.set(Some(Rewrite { written: file.written + (bytes.max(0) as off_t), ..file }));
    }
}

/// `fd` is about to be closed. Where its write has failed, what it held beyond that goes, as if truncated before.
pub(super) fn finish(fd: RawFd) {
    let Some(file) = REWRITE.get().filter(|file| file.fd == fd) else { return };
    REWRITE.set(None);
    if file.written < file.size {
        let code = sys::errno();
        // SAFETY: no memory involved; the fd is open still.
        unsafe { libc::ftruncate(fd, file.written) };
        sys::set_errno(code);
    }
}

unsafe fn open_with(name: &'static str, dir: RawFd, path: *const c_char, flags: c_int, mode: mode_t) -> c_int {
    // SAFETY: the caller's arguments, unchanged; AT_FDCWD makes it open(2).
    let real = || unsafe { libc::openat(dir, path, flags, mode as c_uint) };
    let Some(e) = current() else { return real() };
    // SAFETY: open's contract.
    let Some(path) = (unsafe { text(path) }) else { return real() };
    let cached = flags & (libc::O_SYNC | libc::O_DSYNC | libc::O_DIRECT) == 0;
    match opening(dir, path, flags) {
        Opening::Slow => {}
        Opening::Full(size) => {
            let plain = libc::O_ACCMODE | libc::O_TRUNC | libc::O_APPEND | libc::O_EXCL;
            if cached
                && flags & plain == libc::O_WRONLY | libc::O_TRUNC
                && REWRITE.get().is_none()
                && e.rewriting().is_some_and(|new| new as off_t >= size)
            {
                // SAFETY: the caller's path, as above.
                let fd = unsafe { libc::openat(dir, path.as_ptr(), flags & !libc::O_TRUNC, mode as c_uint) };
                if fd >= 0 {
                    super::rw::opened(fd, true);
                    REWRITE.set(Some(Rewrite { fd, size, written: 0 }));
                }
                return fd;
            }
        }
        plan => {
            let fd = real();
            super::rw::opened(fd, plan == Opening::File && cached);
            return fd;
        }
    }
    let path = path.to_owned();
    let job = move || {
        // SAFETY: the job's own copy of the path.
        let fd = unsafe { libc::openat(dir, path.as_ptr(), flags, mode as c_uint) };
        // Here, where the inode is at hand, since every write will ask.
        let code = sys::errno();
        let regular = fd >= 0 && sys::kind(fd) == sys::Kind::Regular && !sys::is_remote(fd);
        sys::set_errno(code);
        (fd, regular)
    };
    let (fd, regular) = pool(e, name, job, || (real(), false));
    super::rw::opened(fd, regular && cached);
    fd
}

// The third argument of the variadic originals travels as an ordinary one on both machines; it is
// read only where the flags say that it is there.

pub unsafe extern "C" fn open(path: *const c_char, flags: c_int, mode: mode_t) -> c_int {
    // SAFETY: the caller's arguments.
    unsafe { open_with("open", libc::AT_FDCWD, path, flags, mode) }
}

pub unsafe extern "C" fn open_2(path: *const c_char, flags: c_int) -> c_int {
    // SAFETY: as open without a mode.
    unsafe { open_with("open", libc::AT_FDCWD, path, flags, 0) }
}

pub unsafe extern "C" fn creat(path: *const c_char, mode: mode_t) -> c_int {
    let flags = libc::O_CREAT | libc::O_WRONLY | libc::O_TRUNC;
    // SAFETY: creat's definition.
    unsafe { open_with("creat", libc::AT_FDCWD, path, flags, mode) }
}

pub unsafe extern "C" fn openat(dir: c_int, path: *const c_char, flags: c_int, mode: mode_t) -> c_int {
    // SAFETY: the caller's arguments.
    unsafe { open_with("openat", dir, path, flags, mode) }
}

pub unsafe extern "C" fn openat_2(dir: c_int, path: *const c_char, flags: c_int) -> c_int {
    // SAFETY: as openat without a mode.
    unsafe { open_with("openat", dir, path, flags, 0) }
}
