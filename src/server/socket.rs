//! Sockets by system calls: addresses, listening, accepting, and the reads and writes of connections.

use std::ffi::c_int;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::os::fd::RawFd;

use super::{PortKind, PortSettings};

/// A socket address of any family, in plain bytes so that it can lie in shared memory.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Address {
    storage: [u8; 112],
    len: u32,
}

impl Default for Address {
    fn default() -> Self {
        Self { storage: [0; 112], len: 0 }
    }
}

impl Address {
    /// # Errors
    /// A host that is no address of that family; a path that is too long.
    pub fn parse(kind: PortKind, host: &str, port: u16) -> io::Result<Self> {
        let bad = |_| io::Error::from_raw_os_error(libc::EINVAL);
        match kind {
            PortKind::Tcp4 | PortKind::Udp4 => {
                let ip: Ipv4Addr = host.parse().map_err(bad)?;
                Ok(Self::v4(ip, port))
            }
            PortKind::Tcp6 | PortKind::Udp6 => {
                let ip: Ipv6Addr = host.parse().map_err(bad)?;
                Ok(Self::v6(ip, port))
            }
            PortKind::UnixStream | PortKind::UnixDgram => Self::unix(host.as_bytes()),
        }
    }

    /// As [`Self::parse`], for names too: the first address of the kind that the system knows. Blocks.
    ///
    /// # Errors
    /// `EINVAL`: neither an address of the kind nor a name of one.
    pub fn resolve(kind: PortKind, host: &str, port: u16) -> io::Result<Self> {
        use std::net::{SocketAddr, ToSocketAddrs};
        Self::parse(kind, host, port).or_else(|error| {
            if kind.is_unix() || host.is_empty() {
                return Err(error);
            }
            let found = (host, port).to_socket_addrs().map_err(|_| io::Error::from_raw_os_error(libc::EINVAL))?;
            found
                .filter_map(|address| match (address, kind.is_v6()) {
                    (SocketAddr::V4(v4), false) => Some(Self::v4(*v4.ip(), port)),
                    (SocketAddr::V6(v6), true) => Some(Self::v6(*v6.ip(), port)),
                    _ => None,
                })
                .next()
                .ok_or(error)
        })
    }

    pub fn v4(ip: Ipv4Addr, port: u16) -> Self {
        let mut address = Self { len: size_of::<libc::sockaddr_in>() as u32, ..Self::default() };
        address.storage[..2].copy_from_slice(&(libc::AF_INET as u16).to_ne_bytes());
        address.storage[2..4].copy_from_slice(&port.to_be_bytes());
        address.storage[4..8].copy_from_slice(&ip.octets());
        address
    }

    pub fn v6(ip: Ipv6Addr, port: u16) -> Self {
        let mut address = Self { len: size_of::<libc::sockaddr_in6>() as u32, ..Self::default() };
        address.storage[..2].copy_from_slice(&(libc::AF_INET6 as u16).to_ne_bytes());
        address.storage[2..4].copy_from_slice(&port.to_be_bytes());
        address.storage[8..24].copy_from_slice(&ip.octets());
        address
    }

    /// # Errors
    /// ENAMETOOLONG past 107 bytes (unix(7)).
    pub fn unix(path: &[u8]) -> io::Result<Self> {
        if path.len() > 107 {
            return Err(io::Error::from_raw_os_error(libc::ENAMETOOLONG));
        }
        let mut address = Self { len: (2 + path.len() + 1) as u32, ..Self::default() };
        address.storage[..2].copy_from_slice(&(libc::AF_UNIX as u16).to_ne_bytes());
        address.storage[2..2 + path.len()].copy_from_slice(path);
        Ok(address)
    }

    pub fn family(&self) -> i32 {
        i32::from(u16::from_ne_bytes([self.storage[0], self.storage[1]]))
    }

    pub fn port(&self) -> u16 {
        match self.family() {
            libc::AF_INET | libc::AF_INET6 => u16::from_be_bytes([self.storage[2], self.storage[3]]),
            _ => 0,
        }
    }

    /// The IP address, or the path of a named unix socket.
    pub fn host(&self) -> String {
        match self.family() {
            libc::AF_INET => {
                let mut octets = [0; 4];
                octets.copy_from_slice(&self.storage[4..8]);
                Ipv4Addr::from(octets).to_string()
            }
            libc::AF_INET6 => {
                let mut octets = [0; 16];
                octets.copy_from_slice(&self.storage[8..24]);
                Ipv6Addr::from(octets).to_string()
            }
            libc::AF_UNIX => {
                let path = &self.storage[2..(self.len as usize).clamp(2, 110)];
                let end = path.iter().position(|byte| *byte == 0).unwrap_or(path.len());
                String::from_utf8_lossy(&path[..end]).into_owned()
            }
            _ => String::new(),
        }
    }

    /// Bytes that identify the host, for dispatch by IP.
    pub fn host_bytes(&self) -> &[u8] {
        match self.family() {
            libc::AF_INET => &self.storage[4..8],
            libc::AF_INET6 => &self.storage[8..24],
            _ => &self.storage[2..(self.len as usize).clamp(2, 110)],
        }
    }

    /// The bytes that [`Address::from_bytes`] reads.
    pub fn to_bytes(self) -> Vec<u8> {
        self.storage[..(self.len as usize).min(112)].to_vec()
    }

    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut address = Self { len: bytes.len() as u32, ..Self::default() };
        address.storage.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(address)
    }

    pub fn local_of(fd: RawFd) -> Self {
        let mut address = Self::default();
        let mut len = address.storage.len() as libc::socklen_t;
        // SAFETY: writes at most `len` bytes into the storage (getsockname(2)).
        if unsafe { libc::getsockname(fd, address.storage.as_mut_ptr().cast(), &mut len) } == 0 {
            address.len = len.min(112);
        }
        address
    }

    pub fn peer_of(fd: RawFd) -> Self {
        let mut address = Self::default();
        let mut len = address.storage.len() as libc::socklen_t;
        // SAFETY: writes at most `len` bytes into the storage (getpeername(2)).
        if unsafe { libc::getpeername(fd, address.storage.as_mut_ptr().cast(), &mut len) } == 0 {
            address.len = len.min(112);
        }
        address
    }

    fn as_ptr(&self) -> *const libc::sockaddr {
        self.storage.as_ptr().cast()
    }
}

fn check(result: c_int) -> io::Result<c_int> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

pub fn close(fd: RawFd) {
    // SAFETY: an fd of ours, closed once (close(2)).
    unsafe { libc::close(fd) };
}

/// Sets an int option; errors are the caller's to weigh.
pub fn set_option(fd: RawFd, level: c_int, name: c_int, value: c_int) -> io::Result<()> {
    // SAFETY: reads one int (setsockopt(2)).
    let result = unsafe { libc::setsockopt(fd, level, name, (&raw const value).cast(), size_of::<c_int>() as libc::socklen_t) };
    check(result).map(drop)
}

/// A socket bound to `host`:`number`.
///
/// # Errors
/// socket(2), bind(2).
pub fn bind(kind: PortKind, host: &str, number: u16, reuse_port: bool) -> io::Result<RawFd> {
    let address = Address::resolve(kind, host, number)?;
    let domain = address.family();
    let what = if kind.is_stream() { libc::SOCK_STREAM } else { libc::SOCK_DGRAM };
    // SAFETY: plain call (socket(2)).
    let fd = check(unsafe { libc::socket(domain, what | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK, 0) })?;
    let bound = (|| {
        if kind.is_unix() {
            // A path that a former server left behind.
            let _ = std::fs::remove_file(host);
        } else {
            set_option(fd, libc::SOL_SOCKET, libc::SO_REUSEADDR, 1)?;
            if reuse_port {
                set_option(fd, libc::SOL_SOCKET, libc::SO_REUSEPORT, 1)?;
            }
            if kind.is_v6() {
                let _ = set_option(fd, libc::IPPROTO_IPV6, libc::IPV6_V6ONLY, 0);
            }
        }
        // SAFETY: the address lives during the call (bind(2)).
        check(unsafe { libc::bind(fd, address.as_ptr(), address.len) })
    })();
    match bound {
        Ok(_) => Ok(fd),
        Err(error) => {
            close(fd);
            Err(error)
        }
    }
}

/// Applies a port's settings to its socket and starts to listen. Options that accepted sockets inherit
/// are set here, once, instead of on each of them.
///
/// # Errors
/// listen(2).
pub fn listen(fd: RawFd, kind: PortKind, settings: &PortSettings) -> io::Result<()> {
    if settings.kernel_send_buffer > 0 {
        let _ = set_option(fd, libc::SOL_SOCKET, libc::SO_SNDBUF, settings.kernel_send_buffer.min(i32::MAX as usize) as c_int);
    }
    if settings.kernel_recv_buffer > 0 {
        let _ = set_option(fd, libc::SOL_SOCKET, libc::SO_RCVBUF, settings.kernel_recv_buffer.min(i32::MAX as usize) as c_int);
    }
    if !kind.is_stream() {
        return Ok(());
    }
    if kind.is_tcp() {
        if settings.open_tcp_nodelay {
            let _ = set_option(fd, libc::IPPROTO_TCP, libc::TCP_NODELAY, 1);
        }
        if settings.tcp_defer_accept > 0 {
            let _ = set_option(fd, libc::IPPROTO_TCP, libc::TCP_DEFER_ACCEPT, settings.tcp_defer_accept);
        }
        if settings.tcp_fastopen {
            let _ = set_option(fd, libc::IPPROTO_TCP, libc::TCP_FASTOPEN, 5);
        }
        if settings.open_tcp_keepalive {
            let _ = set_option(fd, libc::SOL_SOCKET, libc::SO_KEEPALIVE, 1);
            let _ = set_option(fd, libc::IPPROTO_TCP, libc::TCP_KEEPIDLE, settings.tcp_keepidle);
            let _ = set_option(fd, libc::IPPROTO_TCP, libc::TCP_KEEPINTVL, settings.tcp_keepinterval);
            let _ = set_option(fd, libc::IPPROTO_TCP, libc::TCP_KEEPCNT, settings.tcp_keepcount);
        }
        if settings.tcp_user_timeout > 0 {
            let _ = set_option(fd, libc::IPPROTO_TCP, libc::TCP_USER_TIMEOUT, settings.tcp_user_timeout);
        }
    }
    // SAFETY: plain call (listen(2)).
    check(unsafe { libc::listen(fd, settings.backlog.max(1)) }).map(drop)
}

/// A new connection, non-blocking, with its peer's address.
///
/// # Errors
/// accept4(2).
pub fn accept(fd: RawFd) -> io::Result<(RawFd, Address)> {
    let mut address = Address::default();
    let mut len = address.storage.len() as libc::socklen_t;
    // SAFETY: writes at most `len` bytes of address.
    let new = check(unsafe {
        libc::accept4(fd, address.storage.as_mut_ptr().cast(), &mut len, libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC)
    })?;
    address.len = len.min(112);
    Ok((new, address))
}

/// Reads what is there, up to the spare room of `buffer`; 0 at the end of the stream.
///
/// # Errors
/// recv(2).
pub fn recv(fd: RawFd, buffer: &mut [std::mem::MaybeUninit<u8>]) -> io::Result<usize> {
    // SAFETY: writes at most the slice's length.
    let got = unsafe { libc::recv(fd, buffer.as_mut_ptr().cast(), buffer.len(), libc::MSG_DONTWAIT) };
    if got < 0 { Err(io::Error::last_os_error()) } else { Ok(got as usize) }
}

/// As [`recv`], into bytes that are initialised already.
///
/// # Errors
/// recv(2).
pub fn recv_slice(fd: RawFd, buffer: &mut [u8]) -> io::Result<usize> {
    // SAFETY: writes at most the slice's length.
    let got = unsafe { libc::recv(fd, buffer.as_mut_ptr().cast(), buffer.len(), libc::MSG_DONTWAIT) };
    if got < 0 { Err(io::Error::last_os_error()) } else { Ok(got as usize) }
}

/// Sends without waiting.
///
/// # Errors
/// send(2).
pub fn send(fd: RawFd, bytes: &[u8]) -> io::Result<usize> {
    // SAFETY: reads the slice.
    let sent = unsafe { libc::send(fd, bytes.as_ptr().cast(), bytes.len(), libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL) };
    if sent < 0 { Err(io::Error::last_os_error()) } else { Ok(sent as usize) }
}

/// Sends several pieces by one call, without waiting.
///
/// # Errors
/// sendmsg(2).
pub fn send_parts(fd: RawFd, parts: &[io::IoSlice<'_>]) -> io::Result<usize> {
    if let [one] = parts {
        return send(fd, one);
    }
    // SAFETY: zero is a value of msghdr; IoSlice has iovec's layout (std says so); reads only.
    let sent = unsafe {
        let mut message: libc::msghdr = std::mem::zeroed();
        message.msg_iov = parts.as_ptr().cast::<libc::iovec>().cast_mut();
        message.msg_iovlen = parts.len().min(1024) as _;
        libc::sendmsg(fd, &message, libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL)
    };
    if sent < 0 { Err(io::Error::last_os_error()) } else { Ok(sent as usize) }
}

/// Copies from a file to a socket.
///
/// # Errors
/// sendfile(2).
pub fn send_file(to: RawFd, from: RawFd, offset: &mut i64, most: usize) -> io::Result<usize> {
    // SAFETY: reads and writes the offset.
    let sent = unsafe { libc::sendfile(to, from, offset, most.min(0x7fff_f000)) };
    if sent < 0 { Err(io::Error::last_os_error()) } else { Ok(sent as usize) }
}

/// Receives one datagram; its length and where it came from.
///
/// # Errors
/// recvfrom(2).
pub fn recv_from(fd: RawFd, buffer: &mut [u8]) -> io::Result<(usize, Address)> {
    let mut address = Address::default();
    let mut len = address.storage.len() as libc::socklen_t;
    // SAFETY: writes at most the slice's length and `len` bytes of address.
    let got = unsafe {
        libc::recvfrom(
            fd,
            buffer.as_mut_ptr().cast(),
            buffer.len(),
            libc::MSG_DONTWAIT,
            address.storage.as_mut_ptr().cast(),
            &mut len,
        )
    };
    if got < 0 {
        return Err(io::Error::last_os_error());
    }
    address.len = len.min(112);
    Ok((got as usize, address))
}

/// A socket for one peer of the datagram port at `local`: the kernel gives it that peer's datagrams.
///
/// # Errors
/// socket(2), bind(2), connect(2).
pub fn connected_datagram(local: &Address, peer: &Address) -> io::Result<RawFd> {
    // SAFETY: plain call (socket(2)).
    let fd = check(unsafe { libc::socket(local.family(), libc::SOCK_DGRAM | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK, 0) })?;
    let connected = (|| {
        set_option(fd, libc::SOL_SOCKET, libc::SO_REUSEADDR, 1)?;
        // SAFETY: the addresses live during the calls (bind(2), connect(2)).
        unsafe {
            check(libc::bind(fd, local.as_ptr(), local.len))?;
            check(libc::connect(fd, peer.as_ptr(), peer.len))
        }
    })();
    if let Err(error) = connected {
        close(fd);
        return Err(error);
    }
    Ok(fd)
}

/// Sends one datagram.
///
/// # Errors
/// sendto(2).
pub fn send_to(fd: RawFd, bytes: &[u8], to: &Address) -> io::Result<usize> {
    // SAFETY: reads the slice and the address.
    let sent = unsafe { libc::sendto(fd, bytes.as_ptr().cast(), bytes.len(), libc::MSG_NOSIGNAL, to.as_ptr(), to.len) };
    if sent < 0 { Err(io::Error::last_os_error()) } else { Ok(sent as usize) }
}

/// Makes close(2) send a reset and drop what is queued.
pub fn linger_reset(fd: RawFd) {
    let linger = libc::linger { l_onoff: 1, l_linger: 0 };
    // SAFETY: reads one linger (socket(7)).
    unsafe {
        libc::setsockopt(
            fd,
            libc::SOL_SOCKET,
            libc::SO_LINGER,
            (&raw const linger).cast(),
            size_of::<libc::linger>() as libc::socklen_t,
        )
    };
}

pub fn would_block(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) || error.raw_os_error() == Some(libc::ENOBUFS)
}
