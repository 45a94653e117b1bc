//! read, write and kin, which meet any kind of fd.
//!
//! Sockets answer to MSG_DONTWAIT, nearly everything else to RWF_NOWAIT, so the common case is one
//! system call and no question about the kind. Only what would block asks further: pollable things
//! wait in epoll, regular files go to the pool, unless the page cache has the answer.

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::os::fd::RawFd;
use std::sync::atomic::{AtomicU64, Ordering};

use libc::{c_int, c_void, iovec, off_t, size_t, ssize_t};

use super::socket::headless;
use super::transfer::{After, Call, iov_len, iov_rest};
use crate::engine::{Engine, Interest, current, pooled};
use crate::sys::{self, Kind};

/// "At the file's own position", to preadv2.
const AT_POSITION: off_t = -1;
/// One hop to the pool moves at most so many bytes (the buffer is a copy).
const POOL_CHUNK: usize = 4 << 20;
/// Writes into the page cache up to this size are quicker than a hop to the pool.
const INLINE_WRITE: usize = 256 << 10;
/// A pipe takes a write of this size whole or not at all.
const PIPE_BUF: usize = libc::PIPE_BUF;

unsafe extern "C" {
    fn __chk_fail() -> !;
}

/// A set of the lower fds. Only ever a hint: a library may close an fd behind our back.
struct Fds([AtomicU64; 64]);

impl Fds {
    const fn new() -> Self {
        Fds([const { AtomicU64::new(0) }; 64])
    }

    fn word(&self, fd: RawFd) -> Option<(&AtomicU64, u64)> {
        let fd = usize::try_from(fd).ok()?;
        Some((self.0.get(fd / 64)?, 1 << (fd % 64)))
    }

    fn has(&self, fd: RawFd) -> bool {
        self.word(fd).is_some_and(|(word, bit)| word.load(Ordering::Relaxed) & bit != 0)
    }

    fn put(&self, fd: RawFd, on: bool) {
        if let Some((word, bit)) = self.word(fd) {
            if on {
                word.fetch_or(bit, Ordering::Relaxed);
            } else {
                word.fetch_and(!bit, Ordering::Relaxed);
            }
        }
    }
}

/// fds that were no sockets when last met: which call to try first. A stale one costs a system call
/// and changes no answer.
static NO_SOCKETS: Fds = Fds::new();
/// fds that our `open` gave for regular files without O_SYNC or O_DIRECT, until our `close`. A stale
/// one makes a write block, no more.
static PLAIN_FILES: Fds = Fds::new();

/// `fd` was just opened.
pub(super) fn opened(fd: RawFd, plain_file: bool) {
    NO_SOCKETS.put(fd, plain_file);
    PLAIN_FILES.put(fd, plain_file);
}

/// `fd` is about to be closed.
pub(super) fn closing(fd: RawFd) {
    super::open::finish(fd);
    if NO_SOCKETS.has(fd) {
        opened(fd, false);
    }
}

fn may_be_socket(fd: RawFd) -> bool {
    !NO_SOCKETS.has(fd)
}

fn remember(fd: RawFd, socket: bool) {
    NO_SOCKETS.put(fd, !socket);
}

/// The answer of a call that only sockets take; `None`: this fd is none.
fn if_socket(fd: RawFd, call: impl FnOnce() -> ssize_t) -> Option<ssize_t> {
    if !may_be_socket(fd) {
        return None;
    }
    let r = call();
    if r >= 0 || sys::errno() != libc::ENOTSOCK {
        return Some(r);
    }
    remember(fd, false);
    None
}

/// The test of the fortified twins.
pub(super) fn check(len: usize, room: usize) {
    if len > room {
        // SAFETY: glibc's own answer to an overflow that the compiler foresaw: it ends the process.
        unsafe { __chk_fail() }
    }
}

/// A pool operation's own buffer. Page-aligned, since the file may be open with O_DIRECT.
struct Buffer {
    at: *mut u8,
    layout: Layout,
}

// SAFETY: owns its memory, touched by one thread at a time.
unsafe impl Send for Buffer {}

impl Buffer {
    fn new(len: usize) -> Option<Self> {
        let layout = Layout::from_size_align(len.max(1), 4096).ok()?;
        // SAFETY: the layout's size is not zero.
        let at = unsafe { alloc_zeroed(layout) };
        (!at.is_null()).then_some(Buffer { at, layout })
    }

    /// # Safety
    /// `from` holds `len` readable bytes.
    unsafe fn copy_of(from: *const u8, len: usize) -> Option<Self> {
        let buffer = Self::new(len)?;
        // SAFETY: the caller's promise; the buffer is at least `len` long.
        unsafe { std::ptr::copy_nonoverlapping(from, buffer.at, len) };
        Some(buffer)
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        // SAFETY: allocated by `new` with this layout.
        unsafe { dealloc(self.at, self.layout) }
    }
}

/// `preadv2(RWF_NOWAIT)`; `position` -1 is the file's own.
fn read_now(fd: RawFd, iov: &[iovec], position: off_t) -> ssize_t {
    // SAFETY: `iov` describes the caller's buffers.
    unsafe { libc::preadv2(fd, iov.as_ptr(), iov.len() as c_int, position, libc::RWF_NOWAIT) }
}

/// Reads on the pool into a buffer of its own, then copies; `None`: the pool did not.
fn pool_read(engine: &dyn Engine, fd: RawFd, iov: &[iovec], position: off_t) -> Option<Result<usize, c_int>> {
    let len = iov_len(iov)?.min(POOL_CHUNK);
    let buffer = Buffer::new(len)?;
    let (got, code, buffer) = pooled(engine, "read", move || {
        let buffer = buffer;
        // SAFETY: `len` bytes of the job's own buffer.
        let r = unsafe {
            if position == AT_POSITION {
                libc::read(fd, buffer.at.cast(), len)
            } else {
                libc::pread(fd, buffer.at.cast(), len, position)
            }
        };
        (r, sys::errno(), buffer)
    })?;
    let Ok(got) = usize::try_from(got) else { return Some(Err(code)) };
    let mut done = 0;
    for v in iov {
        let n = v.iov_len.min(got - done);
        // SAFETY: `n` bytes fit into this part of the caller's buffers, and were read.
        unsafe { std::ptr::copy_nonoverlapping(buffer.at.add(done), v.iov_base.cast(), n) };
        done += n;
    }
    Some(Ok(got))
}

/// A regular file whose first `done` bytes came from the page cache: the rest from the disk.
fn read_rest(engine: &dyn Engine, fd: RawFd, iov: &[iovec], position: off_t, mut done: usize) -> Option<ssize_t> {
    let len = iov_len(iov)?;
    while done < len {
        let rest = iov_rest(iov, done);
        let at = if position == AT_POSITION { position } else { position + done as off_t };
        match pool_read(engine, fd, &rest, at) {
            Some(Ok(0)) => break,
            Some(Ok(n)) => done += n,
            Some(Err(code)) if done == 0 => return Some(sys::fail(code)),
            Some(Err(_)) => break,
            None if done == 0 => return None,
            None => break,
        }
    }
    Some(done as ssize_t)
}

/// After a short read: is that the end of the file, or of what the page cache holds?
fn at_end(fd: RawFd, position: off_t, done: usize) -> bool {
    let Some(st) = sys::fstat(fd).filter(|st| st.st_mode & libc::S_IFMT == libc::S_IFREG) else {
        return true;
    };
    let end = if position == AT_POSITION {
        // SAFETY: no memory involved.
        unsafe { libc::lseek(fd, 0, libc::SEEK_CUR) }
    } else {
        position + done as off_t
    };
    end >= st.st_size
}

/// read and readv, after sockets are out of the way. `None`: make the real call.
fn read_any(engine: &'static dyn Engine, name: &'static str, fd: RawFd, iov: &[iovec], position: off_t) -> Option<ssize_t> {
    let len = iov_len(iov)?;
    let mut call = Call::new(engine, name, fd, Interest::Read);
    let mut known = None;
    let mut nowait = true;
    loop {
        if nowait {
            let r = read_now(fd, iov, position);
            if r > 0 && (r as usize) < len && PLAIN_FILES.has(fd) {
                // The end of the file, or of what the page cache holds? Mostly the former.
                let rest = iov_rest(iov, r as usize);
                let at = if position == AT_POSITION { position } else { position + r as off_t };
                return match read_now(fd, &rest, at) {
                    0 => Some(r),
                    more if more > 0 => read_rest(engine, fd, iov, position, (r + more) as usize),
                    _ => read_rest(engine, fd, iov, position, r as usize),
                };
            }
            if r > 0 && (r as usize) < len && !at_end(fd, position, r as usize) {
                return read_rest(engine, fd, iov, position, r as usize);
            }
            if r >= 0 {
                return Some(r);
            }
            nowait = match sys::errno() {
                libc::EAGAIN => true,
                // This kind of file does not know RWF_NOWAIT.
                libc::EOPNOTSUPP | libc::EINVAL | libc::ENOSYS | libc::ESPIPE => false,
                code => return Some(sys::fail(code)),
            };
        }
        match *known.get_or_insert_with(|| sys::kind(fd)) {
            Kind::Regular if !nowait && sys::in_memory(fd) => return None,
            Kind::Regular | Kind::Block => return read_rest(engine, fd, iov, position, 0),
            Kind::Directory | Kind::Bad => return None,
            Kind::Pollable => {
                remember(fd, true);
                if !nowait && poll_now(fd, libc::POLLIN) {
                    return None;
                }
                match call.wait() {
                    After::Retry => {}
                    After::Block => return None,
                    After::Fail(code) => return Some(sys::fail(code)),
                }
            }
        }
    }
}

fn poll_now(fd: RawFd, events: i16) -> bool {
    let mut p = libc::pollfd { fd, events, revents: 0 };
    // SAFETY: one pollfd that lives across the call.
    unsafe { libc::poll(&mut p, 1, 0) != 0 }
}

pub unsafe extern "C" fn read(fd: c_int, buf: *mut c_void, len: size_t) -> ssize_t {
    // SAFETY: the caller's arguments, unchanged.
    let real = || unsafe { libc::read(fd, buf, len) };
    let Some(e) = current().filter(|_| len > 0) else { return real() };
    let answer = if_socket(fd, || {
        // SAFETY: as read, for a socket.
        Call::new(e, "read", fd, Interest::Read).once(|flags| unsafe { libc::recv(fd, buf, len, flags) })
    });
    if let Some(r) = answer {
        return r;
    }
    let iov = [iovec { iov_base: buf, iov_len: len }];
    read_any(e, "read", fd, &iov, AT_POSITION).unwrap_or_else(real)
}

pub unsafe extern "C" fn read_chk(fd: c_int, buf: *mut c_void, len: size_t, room: size_t) -> ssize_t {
    check(len, room);
    // SAFETY: as read.
    unsafe { read(fd, buf, len) }
}

pub unsafe extern "C" fn readv(fd: c_int, iov: *const iovec, count: c_int) -> ssize_t {
    // SAFETY: the caller's arguments, unchanged.
    let real = || unsafe { libc::readv(fd, iov, count) };
    let Some(e) = current().filter(|_| !iov.is_null() && (1..=1024).contains(&count)) else {
        return real();
    };
    // SAFETY: an array of `count` iovecs, by readv's contract.
    let list = unsafe { std::slice::from_raw_parts(iov, count as usize) };
    if iov_len(list).is_none_or(|n| n == 0) {
        return real();
    }
    let answer = if_socket(fd, || {
        // SAFETY: a message made of the caller's own buffers.
        Call::new(e, "readv", fd, Interest::Read).once(|flags| unsafe { libc::recvmsg(fd, &mut headless(list), flags) })
    });
    if let Some(r) = answer {
        return r;
    }
    read_any(e, "readv", fd, list, AT_POSITION).unwrap_or_else(real)
}

pub unsafe extern "C" fn pread(fd: c_int, buf: *mut c_void, len: size_t, at: off_t) -> ssize_t {
    // SAFETY: the caller's arguments, unchanged.
    let real = || unsafe { libc::pread(fd, buf, len, at) };
    let Some(e) = current().filter(|_| len > 0 && at >= 0) else { return real() };
    let iov = [iovec { iov_base: buf, iov_len: len }];
    read_any(e, "pread", fd, &iov, at).unwrap_or_else(real)
}

pub unsafe extern "C" fn pread_chk(fd: c_int, buf: *mut c_void, len: size_t, at: off_t, room: size_t) -> ssize_t {
    check(len, room);
    // SAFETY: as pread.
    unsafe { pread(fd, buf, len, at) }
}

/// A write to a regular file that may wait for the disk.
fn needs_pool(fd: RawFd, len: usize) -> bool {
    let slow = libc::O_SYNC | libc::O_DSYNC | libc::O_DIRECT;
    len > INLINE_WRITE || sys::status_flags(fd).is_none_or(|f| f & slow != 0)
}

/// Writes from a buffer of the pool's own; `None`: the pool did not, and nothing is written.
fn pool_write(engine: &dyn Engine, fd: RawFd, iov: &[iovec], position: off_t) -> Option<ssize_t> {
    let len = iov_len(iov)?;
    let mut done = 0;
    while done < len {
        let rest = iov_rest(iov, done);
        let first = rest.first()?;
        let n = first.iov_len.min(POOL_CHUNK);
        // SAFETY: `n` bytes of the caller's buffer.
        let buffer = unsafe { Buffer::copy_of(first.iov_base.cast(), n) }?;
        let at = if position == AT_POSITION { position } else { position + done as off_t };
        let answer = pooled(engine, "write", move || {
            let buffer = buffer;
            // SAFETY: `n` bytes of the job's own buffer.
            let r = unsafe {
                if at == AT_POSITION { libc::write(fd, buffer.at.cast(), n) } else { libc::pwrite(fd, buffer.at.cast(), n, at) }
            };
            (r, sys::errno())
        });
        match answer {
            None if done == 0 => return None,
            Some((r, code)) if r < 0 && done == 0 => return Some(sys::fail(code)),
            Some((r, _)) if r > 0 => done += r as usize,
            _ => break,
        }
    }
    Some(done as ssize_t)
}

/// write and writev on what is no socket. `None`: make the real call.
fn write_any(engine: &'static dyn Engine, name: &'static str, fd: RawFd, iov: &[iovec], position: off_t) -> Option<ssize_t> {
    let len = iov_len(iov)?;
    // What a program prints must stay in one piece: the output layer is no place to suspend.
    if fd == libc::STDOUT_FILENO || fd == libc::STDERR_FILENO {
        return None;
    }
    if len <= INLINE_WRITE && PLAIN_FILES.has(fd) {
        // SAFETY: the caller's buffers.
        let r = unsafe {
            match iov {
                [one] if position == AT_POSITION => libc::write(fd, one.iov_base, one.iov_len),
                _ if position == AT_POSITION => libc::writev(fd, iov.as_ptr(), iov.len() as c_int),
                _ => return None,
            }
        };
        super::open::wrote(fd, r);
        return Some(r);
    }
    match sys::kind(fd) {
        Kind::Regular if needs_pool(fd, len) => return pool_write(engine, fd, iov, position),
        Kind::Block => return pool_write(engine, fd, iov, position),
        Kind::Pollable => remember(fd, true),
        _ => return None,
    }
    let mut call = Call::new(engine, name, fd, Interest::Write);
    let done = call.all(len, |done, flags| {
        let rest = iov_rest(iov, done);
        if flags == 0 {
            // SAFETY: the caller's buffers from `done` on.
            return unsafe { libc::writev(fd, rest.as_ptr(), rest.len() as c_int) };
        }
        write_now(fd, &rest)
    });
    Some(done)
}

/// A write that does not block, -1 and EAGAIN instead.
fn write_now(fd: RawFd, iov: &[iovec]) -> ssize_t {
    // SAFETY: `iov` describes the caller's buffers.
    let r = unsafe { libc::pwritev2(fd, iov.as_ptr(), iov.len() as c_int, AT_POSITION, libc::RWF_NOWAIT) };
    if r >= 0 || !matches!(sys::errno(), libc::EOPNOTSUPP | libc::EINVAL | libc::ENOSYS) {
        return r;
    }
    // An older kernel, or a terminal. Writable means room for PIPE_BUF bytes.
    if !poll_now(fd, libc::POLLOUT) {
        return sys::fail(libc::EAGAIN);
    }
    let Some(first) = iov.first() else { return 0 };
    // SAFETY: the first part of the caller's buffers.
    unsafe { libc::write(fd, first.iov_base, first.iov_len.min(PIPE_BUF)) }
}

pub unsafe extern "C" fn write(fd: c_int, buf: *const c_void, len: size_t) -> ssize_t {
    // SAFETY: the caller's arguments, unchanged.
    let real = || unsafe { libc::write(fd, buf, len) };
    let Some(e) = current().filter(|_| len > 0) else { return real() };
    let answer = if_socket(fd, || {
        // SAFETY: as write, for a socket.
        Call::new(e, "write", fd, Interest::Write)
            .all(len, |done, flags| unsafe { libc::send(fd, buf.byte_add(done), len - done, flags) })
    });
    if let Some(r) = answer {
        return r;
    }
    let iov = [iovec { iov_base: buf.cast_mut(), iov_len: len }];
    write_any(e, "write", fd, &iov, AT_POSITION).unwrap_or_else(real)
}

pub unsafe extern "C" fn writev(fd: c_int, iov: *const iovec, count: c_int) -> ssize_t {
    // SAFETY: the caller's arguments, unchanged.
    let real = || unsafe { libc::writev(fd, iov, count) };
    let Some(e) = current().filter(|_| !iov.is_null() && (1..=1024).contains(&count)) else {
        return real();
    };
    // SAFETY: an array of `count` iovecs, by writev's contract.
    let list = unsafe { std::slice::from_raw_parts(iov, count as usize) };
    let Some(len) = iov_len(list).filter(|n| *n > 0) else { return real() };
    let answer = if_socket(fd, || {
        Call::new(e, "writev", fd, Interest::Write).all(len, |done, flags| {
            let rest = if done == 0 { list.to_vec() } else { iov_rest(list, done) };
            // SAFETY: a message made of the caller's own buffers.
            unsafe { libc::sendmsg(fd, &headless(&rest), flags) }
        })
    });
    if let Some(r) = answer {
        return r;
    }
    write_any(e, "writev", fd, list, AT_POSITION).unwrap_or_else(real)
}

pub unsafe extern "C" fn pwrite(fd: c_int, buf: *const c_void, len: size_t, at: off_t) -> ssize_t {
    // SAFETY: the caller's arguments, unchanged.
    let real = || unsafe { libc::pwrite(fd, buf, len, at) };
    let Some(e) = current().filter(|_| len > 0 && at >= 0) else { return real() };
    let iov = [iovec { iov_base: buf.cast_mut(), iov_len: len }];
    match sys::kind(fd) {
        Kind::Regular if needs_pool(fd, len) => pool_write(e, fd, &iov, at).unwrap_or_else(real),
        Kind::Block => pool_write(e, fd, &iov, at).unwrap_or_else(real),
        _ => real(),
    }
}
