//! Small questions to the kernel, and errno.

use std::os::fd::RawFd;
use std::time::Duration;

use libc::{c_int, c_long};

#[inline]
pub fn errno() -> c_int {
    // SAFETY: glibc's errno location is valid for the calling thread.
    unsafe { *libc::__errno_location() }
}

#[inline]
pub fn set_errno(code: c_int) {
    // SAFETY: as above.
    unsafe { *libc::__errno_location() = code }
}

/// Sets errno and returns libc's -1. The last thing a shim does.
#[inline]
pub fn fail<T: From<i8>>(code: c_int) -> T {
    set_errno(code);
    T::from(-1)
}

#[inline]
pub fn would_block() -> bool {
    // EWOULDBLOCK is the same number on Linux.
    errno() == libc::EAGAIN
}

/// O_NONBLOCK of the open file: the caller's own wish.
pub fn is_nonblocking(fd: RawFd) -> bool {
    status_flags(fd).is_some_and(|f| f & libc::O_NONBLOCK != 0)
}

pub fn status_flags(fd: RawFd) -> Option<c_int> {
    // SAFETY: F_GETFL takes no argument and touches no memory.
    let flags = unsafe { libc::fcntl(fd, libc::F_GETFL) };
    (flags >= 0).then_some(flags)
}

pub fn set_status_flags(fd: RawFd, flags: c_int) {
    // SAFETY: F_SETFL takes an int and touches no memory.
    unsafe { libc::fcntl(fd, libc::F_SETFL, flags) };
}

pub fn socket_option(fd: RawFd, level: c_int, name: c_int) -> Option<c_int> {
    let mut value: c_int = 0;
    let mut len = size_of::<c_int>() as libc::socklen_t;
    // SAFETY: `value` and `len` live across the call and agree in size.
    let r = unsafe { libc::getsockopt(fd, level, name, (&raw mut value).cast(), &mut len) };
    (r == 0).then_some(value)
}

/// SO_RCVTIMEO or SO_SNDTIMEO; zero means none.
pub fn socket_timeout(fd: RawFd, name: c_int) -> Option<Duration> {
    let mut tv = libc::timeval { tv_sec: 0, tv_usec: 0 };
    let mut len = size_of::<libc::timeval>() as libc::socklen_t;
    // SAFETY: `tv` and `len` live across the call and agree in size.
    let r = unsafe { libc::getsockopt(fd, libc::SOL_SOCKET, name, (&raw mut tv).cast(), &mut len) };
    if r != 0 || (tv.tv_sec == 0 && tv.tv_usec == 0) {
        return None;
    }
    Some(Duration::new(tv.tv_sec.max(0) as u64, (tv.tv_usec.max(0) as u32).saturating_mul(1000)))
}

/// What an fd is, as far as waiting goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Regular,
    Directory,
    /// A block device: like a file, but never small.
    Block,
    /// Pipes, terminals, sockets, eventfds: epoll knows.
    Pollable,
    Bad,
}

pub fn fstat(fd: RawFd) -> Option<libc::stat> {
    // SAFETY: all-zero is a valid stat buffer.
    let mut st: libc::stat = unsafe { std::mem::zeroed() };
    // SAFETY: `st` lives across the call.
    (unsafe { libc::fstat(fd, &mut st) } == 0).then_some(st)
}

pub fn kind(fd: RawFd) -> Kind {
    let Some(st) = fstat(fd) else { return Kind::Bad };
    match st.st_mode & libc::S_IFMT {
        libc::S_IFREG => Kind::Regular,
        libc::S_IFDIR => Kind::Directory,
        libc::S_IFBLK => Kind::Block,
        _ => Kind::Pollable,
    }
}

/// Does the file system of `fd` live in memory, so that no read of it waits for a device?
pub fn in_memory(fd: RawFd) -> bool {
    matches!(fs_magic(fd), Some(0x0102_1994 | 0x9fa0 | 0x6265_6572 | 0x8584_58f6 | 0x1cd1 | 0x6367_7270 | 0x2701_f5))
}

/// Is every operation on this file system a message to somebody else (network, FUSE)?
pub fn is_remote(fd: RawFd) -> bool {
    // NFS, CIFS, SMB2, SMB, FUSE, 9p, AFS, Ceph, OCFS2, GFS2.
    matches!(
        fs_magic(fd),
        Some(
            0x6969
                | 0xff53_4d42
                | 0xfe53_4d42
                | 0x517b
                | 0x6573_5546
                | 0x0102_1997
                | 0x5346_414f
                | 0x00c3_6400
                | 0x7461_636f
                | 0x0116_1970
        )
    )
}

fn fs_magic(fd: RawFd) -> Option<u64> {
    // SAFETY: all-zero is a valid statfs buffer.
    let mut fs: libc::statfs = unsafe { std::mem::zeroed() };
    // SAFETY: `fs` lives across the call.
    (unsafe { libc::fstatfs(fd, &mut fs) } == 0).then_some(fs.f_type as u64 & 0xffff_ffff)
}

/// A timespec as a duration; `None` where the kernel would say EINVAL.
pub fn duration(ts: &libc::timespec) -> Option<Duration> {
    let secs = u64::try_from(ts.tv_sec).ok()?;
    let nanos = u32::try_from(ts.tv_nsec).ok().filter(|n| *n < 1_000_000_000)?;
    Some(Duration::new(secs, nanos))
}

pub fn timespec(d: Duration) -> libc::timespec {
    libc::timespec {
        tv_sec: libc::time_t::try_from(d.as_secs()).unwrap_or(libc::time_t::MAX),
        tv_nsec: d.subsec_nanos() as c_long,
    }
}

pub fn now(clock: libc::clockid_t) -> Duration {
    let mut ts = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `ts` lives across the call.
    unsafe { libc::clock_gettime(clock, &mut ts) };
    duration(&ts).unwrap_or_default()
}
