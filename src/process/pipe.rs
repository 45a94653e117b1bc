//! The pair of sockets between a process and its parent.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::time::Duration;

/// Both ends: the parent uses `master`, the child `worker`.
pub struct Pipe {
    pub master: Option<OwnedFd>,
    pub worker: Option<OwnedFd>,
}

impl Pipe {
    /// Ends that an exec'd program inherits, as it may have been told their numbers.
    ///
    /// # Errors
    /// socketpair(2)'s.
    pub fn new(stream: bool) -> io::Result<Self> {
        let kind = if stream { libc::SOCK_STREAM } else { libc::SOCK_DGRAM };
        let mut ends = [-1; 2];
        // SAFETY: room for two descriptors, which are ours from here on.
        unsafe {
            if libc::socketpair(libc::AF_UNIX, kind, 0, ends.as_mut_ptr()) != 0 {
                return Err(io::Error::last_os_error());
            }
            Ok(Self { master: Some(OwnedFd::from_raw_fd(ends[0])), worker: Some(OwnedFd::from_raw_fd(ends[1])) })
        }
    }

    pub fn end(&self, in_child: bool) -> Option<RawFd> {
        let end = if in_child { &self.worker } else { &self.master };
        end.as_ref().map(AsRawFd::as_raw_fd)
    }
}

/// Another descriptor for the same end.
pub fn copy(end: RawFd) -> Option<OwnedFd> {
    // SAFETY: a copy is ours from here on (fcntl(2)).
    unsafe {
        let copy = libc::fcntl(end, libc::F_DUPFD_CLOEXEC, 0);
        (copy >= 0).then(|| OwnedFd::from_raw_fd(copy))
    }
}

/// Reads once, waiting as long as the descriptor's time-out says.
///
/// # Errors
/// read(2)'s, but not EINTR.
pub fn read(fd: RawFd, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        // SAFETY: the slice is writable.
        let bytes = unsafe { libc::read(fd, buffer.as_mut_ptr().cast(), buffer.len()) };
        if bytes >= 0 {
            return Ok(bytes as usize);
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

/// Writes all, waiting where the other end is slow.
///
/// # Errors
/// write(2)'s; `WouldBlock` when the time-out passed.
pub fn write_all(fd: RawFd, data: &[u8], timeout: Option<Duration>) -> io::Result<()> {
    let mut rest = data;
    while !rest.is_empty() {
        // SAFETY: the slice is readable.
        let bytes = unsafe { libc::write(fd, rest.as_ptr().cast(), rest.len()) };
        if bytes >= 0 {
            rest = &rest[bytes as usize..];
            continue;
        }
        let error = io::Error::last_os_error();
        match error.raw_os_error() {
            Some(libc::EINTR) => {}
            Some(libc::EAGAIN | libc::ENOBUFS) => wait_writable(fd, timeout)?,
            _ => return Err(error),
        }
    }
    Ok(())
}

fn wait_writable(fd: RawFd, timeout: Option<Duration>) -> io::Result<()> {
    let ms = timeout.map_or(-1, |timeout| i32::try_from(timeout.as_millis()).unwrap_or(i32::MAX));
    let mut entry = libc::pollfd { fd, events: libc::POLLOUT, revents: 0 };
    // SAFETY: one entry of ours.
    match unsafe { libc::poll(&mut entry, 1, ms) } {
        0 => Err(io::Error::from_raw_os_error(libc::EAGAIN)),
        -1 if io::Error::last_os_error().kind() != io::ErrorKind::Interrupted => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// Limits how long reads and writes wait; zero is for ever.
pub fn set_timeout(fd: RawFd, timeout: Duration) -> bool {
    let value =
        libc::timeval { tv_sec: timeout.as_secs() as libc::time_t, tv_usec: libc::suseconds_t::from(timeout.subsec_micros()) };
    [libc::SO_RCVTIMEO, libc::SO_SNDTIMEO].iter().all(|option| {
        // SAFETY: a timeval of its own size (socket(7)).
        unsafe {
            let size = size_of_val(&value) as libc::socklen_t;
            libc::setsockopt(fd, libc::SOL_SOCKET, *option, (&raw const value).cast(), size) == 0
        }
    })
}
