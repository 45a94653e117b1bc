//! How messages reach the workers of a pool: unix datagrams or a listening socket.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

use net::Address;

/// A pair of connected unix sockets that do not survive exec.
pub fn socket_pair(kind: i32) -> io::Result<(OwnedFd, OwnedFd)> {
    let mut fds = [0; 2];
    // SAFETY: room for two fds.
    if unsafe { libc::socketpair(libc::AF_UNIX, kind | libc::SOCK_CLOEXEC, 0, fds.as_mut_ptr()) } != 0 {
        return Err(io::Error::last_os_error());
    }
    for fd in fds {
        let bytes = 8 * 1024 * 1024i32;
        for option in [libc::SO_SNDBUF, libc::SO_RCVBUF] {
            // Best effort: the kernel caps it at wmem_max and rmem_max.
            // SAFETY: one int.
            unsafe {
                libc::setsockopt(fd, libc::SOL_SOCKET, option, (&raw const bytes).cast(), size_of::<i32>() as libc::socklen_t)
            };
        }
    }
    // SAFETY: two fresh fds that nobody else owns.
    unsafe { Ok((OwnedFd::from_raw_fd(fds[0]), OwnedFd::from_raw_fd(fds[1]))) }
}

/// Largest part of a message on the bus, in bytes, header not counted.
const PART: usize = 64 * 1024;

/// Head of each part on the bus: message number (pid and count), whole length, offset.
pub const HEAD: usize = 24;

thread_local! {
    static SENT: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
}

/// Sends one message as a datagram; over the bus in parts, so that it may be as long as it likes.
pub fn send_message(fd: RawFd, data: &[u8], bus: bool) -> io::Result<()> {
    if !bus {
        return send(fd, data);
    }
    SENT.set(SENT.get().wrapping_add(1));
    let number = u64::from(std::process::id()) << 32 | u64::from(SENT.get());
    let mut at = 0;
    loop {
        let end = data.len().min(at + PART);
        let mut part = Vec::with_capacity(HEAD + end - at);
        part.extend_from_slice(&number.to_ne_bytes());
        part.extend_from_slice(&(data.len() as u64).to_ne_bytes());
        part.extend_from_slice(&(at as u64).to_ne_bytes());
        part.extend_from_slice(&data[at..end]);
        send(fd, &part)?;
        at = end;
        if at >= data.len() {
            return Ok(());
        }
    }
}

/// One datagram; waits while the peer's buffer is full.
fn send(fd: RawFd, data: &[u8]) -> io::Result<()> {
    loop {
        // SAFETY: the bytes are as many as they say.
        let n = unsafe { libc::send(fd, data.as_ptr().cast(), data.len(), libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL) };
        if n >= 0 {
            return Ok(());
        }
        let error = io::Error::last_os_error();
        match error.raw_os_error() {
            Some(libc::EINTR) => {}
            Some(libc::EAGAIN) if coroutine::in_coroutine() => {
                coroutine::wait_fd(fd, reactor::Interest::WRITE, None);
            }
            Some(libc::EAGAIN) => {
                let mut poll = libc::pollfd { fd, events: libc::POLLOUT, revents: 0 };
                // SAFETY: one pollfd.
                unsafe { libc::poll(&mut poll, 1, -1) };
            }
            _ => return Err(error),
        }
    }
}

/// Messages of the bus that are not whole yet.
#[derive(Default)]
pub struct Assembler(Vec<(u64, Vec<u8>, usize)>);

impl Assembler {
    /// Takes a part; gives the message when that was its last. Parts of one message come in order.
    pub fn take(&mut self, part: &[u8]) -> Option<Vec<u8>> {
        let word = |at: usize| part.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).map(u64::from_ne_bytes);
        let (number, length, body) = (word(0)?, word(8)? as usize, part.get(HEAD..)?);
        if body.len() >= length {
            return Some(body.to_vec());
        }
        let at = match self.0.iter().position(|(known, _, _)| *known == number) {
            Some(at) => at,
            None => {
                self.0.push((number, Vec::with_capacity(length), length));
                self.0.len() - 1
            }
        };
        self.0[at].1.extend_from_slice(body);
        (self.0[at].1.len() >= length).then(|| self.0.swap_remove(at).1)
    }
}

/// The socket that a pool's workers accept from.
pub struct Listener {
    fd: OwnedFd,
    path: Option<String>,
}

impl Listener {
    /// `unix:/path` or a host with a port.
    pub fn bind(host: &str, port: u16, backlog: i32) -> io::Result<Self> {
        let path = host.strip_prefix("unix:").map(|path| path.trim_start_matches("//").to_owned());
        let address = match &path {
            Some(path) => {
                let _ = std::fs::remove_file(path);
                Address::unix(path.as_bytes()).ok_or_else(|| io::Error::from_raw_os_error(libc::ENAMETOOLONG))?
            }
            None => {
                let ip = host.parse().map_err(|_| io::Error::from_raw_os_error(libc::EINVAL))?;
                Address::inet(ip, port)
            }
        };
        // SAFETY: no pointers; the fd is ours at once.
        let fd = unsafe {
            let fd = libc::socket(address.family(), libc::SOCK_STREAM | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK, 0);
            if fd < 0 {
                return Err(io::Error::last_os_error());
            }
            OwnedFd::from_raw_fd(fd)
        };
        let on = 1i32;
        // SAFETY: one int; an address as long as it says.
        unsafe {
            let length = size_of::<i32>() as libc::socklen_t;
            libc::setsockopt(fd.as_raw_fd(), libc::SOL_SOCKET, libc::SO_REUSEADDR, (&raw const on).cast(), length);
            if libc::bind(fd.as_raw_fd(), address.as_ptr(), address.len()) != 0 || libc::listen(fd.as_raw_fd(), backlog) != 0 {
                return Err(io::Error::last_os_error());
            }
        }
        Ok(Self { fd, path })
    }

    pub fn fd(&self) -> RawFd {
        self.fd.as_raw_fd()
    }

    /// A connection, blocking, if one waits.
    pub fn accept(&self) -> Option<OwnedFd> {
        // SAFETY: no address is asked for; the fd is ours at once.
        unsafe {
            let fd = libc::accept4(self.fd(), std::ptr::null_mut(), std::ptr::null_mut(), libc::SOCK_CLOEXEC);
            (fd >= 0).then(|| OwnedFd::from_raw_fd(fd))
        }
    }

    /// Removes the socket's file.
    pub fn remove(&self) {
        if let Some(path) = &self.path {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Reads exactly `buffer.len()` bytes; false when the peer ended first or took longer than 5 s.
pub fn read_exactly(fd: RawFd, buffer: &mut [u8]) -> bool {
    let mut at = 0;
    while at < buffer.len() {
        let rest = &mut buffer[at..];
        // SAFETY: the buffer is as long as it says.
        let n = unsafe { libc::recv(fd, rest.as_mut_ptr().cast(), rest.len(), 0) };
        match n {
            n if n > 0 => at += n as usize,
            0 => return false,
            _ if io::Error::last_os_error().raw_os_error() == Some(libc::EINTR) => {}
            _ => return false,
        }
    }
    true
}

/// Writes all; false when the peer is gone.
pub fn write_all(fd: RawFd, mut data: &[u8]) -> bool {
    while !data.is_empty() {
        // SAFETY: the bytes are as many as they say.
        let n = unsafe { libc::send(fd, data.as_ptr().cast(), data.len(), libc::MSG_NOSIGNAL) };
        match n {
            n if n > 0 => data = &data[n as usize..],
            _ if io::Error::last_os_error().raw_os_error() == Some(libc::EINTR) => {}
            _ => return false,
        }
    }
    true
}
