//! Socket addresses of the kinds Swoole knows.

use std::ffi::OsStr;
use std::mem::{MaybeUninit, offset_of};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::RawFd;
use std::os::unix::ffi::OsStrExt;

/// What `SWOOLE_SOCK_*` names: a domain and a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Tcp,
    Udp,
    Tcp6,
    Udp6,
    UnixStream,
    UnixDgram,
}

impl Kind {
    /// From the value of a `SWOOLE_SOCK_*` constant, flags removed.
    pub fn from_constant(value: i64) -> Option<Self> {
        Some(match value {
            1 => Self::Tcp,
            2 => Self::Udp,
            3 => Self::Tcp6,
            4 => Self::Udp6,
            5 => Self::UnixStream,
            6 => Self::UnixDgram,
            _ => return None,
        })
    }

    pub fn domain(self) -> i32 {
        match self {
            Self::Tcp | Self::Udp => libc::AF_INET,
            Self::Tcp6 | Self::Udp6 => libc::AF_INET6,
            Self::UnixStream | Self::UnixDgram => libc::AF_UNIX,
        }
    }

    pub fn socket_type(self) -> i32 {
        if self.is_stream() { libc::SOCK_STREAM } else { libc::SOCK_DGRAM }
    }

    pub fn is_stream(self) -> bool {
        matches!(self, Self::Tcp | Self::Tcp6 | Self::UnixStream)
    }

    pub fn is_inet(self) -> bool {
        !matches!(self, Self::UnixStream | Self::UnixDgram)
    }
}

/// A `sockaddr` with its length.
#[derive(Clone, Copy)]
pub struct Address {
    storage: libc::sockaddr_storage,
    length: libc::socklen_t,
}

impl Address {
    fn empty() -> Self {
        // SAFETY: all zeroes is a valid sockaddr_storage (family AF_UNSPEC).
        Self { storage: unsafe { MaybeUninit::zeroed().assume_init() }, length: 0 }
    }

    /// Room for the kernel to write an address into.
    pub fn buffer() -> Self {
        let mut address = Self::empty();
        address.length = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
        address
    }

    pub fn inet(ip: IpAddr, port: u16) -> Self {
        let mut address = Self::empty();
        let at = &raw mut address.storage;
        match ip {
            IpAddr::V4(ip) => {
                let inet = libc::sockaddr_in {
                    sin_family: libc::AF_INET as libc::sa_family_t,
                    sin_port: port.to_be(),
                    sin_addr: libc::in_addr { s_addr: u32::from_ne_bytes(ip.octets()) },
                    sin_zero: [0; 8],
                };
                // SAFETY: the storage is large and aligned enough for every address family.
                unsafe { at.cast::<libc::sockaddr_in>().write(inet) };
                address.length = size_of::<libc::sockaddr_in>() as libc::socklen_t;
            }
            IpAddr::V6(ip) => {
                let inet = libc::sockaddr_in6 {
                    sin6_family: libc::AF_INET6 as libc::sa_family_t,
                    sin6_port: port.to_be(),
                    sin6_flowinfo: 0,
                    sin6_addr: libc::in6_addr { s6_addr: ip.octets() },
                    sin6_scope_id: 0,
                };
                // SAFETY: as above.
                unsafe { at.cast::<libc::sockaddr_in6>().write(inet) };
                address.length = size_of::<libc::sockaddr_in6>() as libc::socklen_t;
            }
        }
        address
    }

    /// A path; a leading NUL names an abstract socket. None when it is too long (107 bytes).
    pub fn unix(path: &[u8]) -> Option<Self> {
        let mut address = Self::empty();
        let at = (&raw mut address.storage).cast::<libc::sockaddr_un>();
        // SAFETY: as above; the path is shorter than the field, which is zeroed.
        unsafe {
            if path.len() >= (*at).sun_path.len() {
                return None;
            }
            (*at).sun_family = libc::AF_UNIX as libc::sa_family_t;
            std::ptr::copy_nonoverlapping(path.as_ptr(), (&raw mut (*at).sun_path).cast(), path.len());
        }
        address.length = (offset_of!(libc::sockaddr_un, sun_path) + path.len() + 1) as libc::socklen_t;
        Some(address)
    }

    pub fn family(&self) -> i32 {
        i32::from(self.storage.ss_family)
    }

    pub fn as_ptr(&self) -> *const libc::sockaddr {
        (&raw const self.storage).cast()
    }

    pub fn as_mut_ptr(&mut self) -> *mut libc::sockaddr {
        (&raw mut self.storage).cast()
    }

    pub fn len(&self) -> libc::socklen_t {
        self.length
    }

    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    pub fn len_mut(&mut self) -> &mut libc::socklen_t {
        &mut self.length
    }

    pub fn socket_addr(&self) -> Option<SocketAddr> {
        // SAFETY: the family says which struct the storage holds.
        unsafe {
            match self.family() {
                libc::AF_INET => {
                    let inet = &*self.as_ptr().cast::<libc::sockaddr_in>();
                    let ip = Ipv4Addr::from(inet.sin_addr.s_addr.to_ne_bytes());
                    Some(SocketAddr::new(ip.into(), u16::from_be(inet.sin_port)))
                }
                libc::AF_INET6 => {
                    let inet = &*self.as_ptr().cast::<libc::sockaddr_in6>();
                    Some(SocketAddr::new(Ipv6Addr::from(inet.sin6_addr.s6_addr).into(), u16::from_be(inet.sin6_port)))
                }
                _ => None,
            }
        }
    }

    /// The path of a unix address; empty for an unnamed one.
    pub fn path(&self) -> &[u8] {
        let start = offset_of!(libc::sockaddr_un, sun_path);
        let length = (self.length as usize).saturating_sub(start).min(108);
        // SAFETY: inside the storage.
        let bytes = unsafe { std::slice::from_raw_parts(self.as_ptr().cast::<u8>().add(start), length) };
        let end = if bytes.first() == Some(&0) { bytes.len() } else { bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len()) };
        &bytes[..end]
    }

    /// Host (or path) and port, as PHP shows them.
    pub fn host_port(&self) -> (Vec<u8>, u16) {
        match self.socket_addr() {
            Some(address) => (address.ip().to_string().into_bytes(), address.port()),
            None if self.family() == libc::AF_UNIX => (OsStr::from_bytes(self.path()).as_bytes().to_vec(), 0),
            None => (Vec::new(), 0),
        }
    }

    /// The address `fd` is bound to.
    ///
    /// # Errors
    /// getsockname(2).
    pub fn local(fd: RawFd) -> std::io::Result<Self> {
        Self::ask(fd, libc::getsockname)
    }

    /// The address `fd` is connected to.
    ///
    /// # Errors
    /// getpeername(2).
    pub fn peer(fd: RawFd) -> std::io::Result<Self> {
        Self::ask(fd, libc::getpeername)
    }

    fn ask(
        fd: RawFd,
        call: unsafe extern "C" fn(RawFd, *mut libc::sockaddr, *mut libc::socklen_t) -> i32,
    ) -> std::io::Result<Self> {
        let mut address = Self::buffer();
        let at = address.as_mut_ptr();
        // SAFETY: the buffer is as long as its length says.
        if unsafe { call(fd, at, &mut address.length) } != 0 {
            return Err(std::io::Error::last_os_error());
        }
        Ok(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inet_addresses_round_trip() {
        for text in ["127.0.0.1:80", "[::1]:65535", "[2001:db8::7]:443"] {
            let wanted: SocketAddr = text.parse().unwrap();
            assert_eq!(Address::inet(wanted.ip(), wanted.port()).socket_addr(), Some(wanted));
        }
    }

    #[test]
    fn unix_paths_round_trip_and_long_ones_are_refused() {
        assert_eq!(Address::unix(b"/tmp/x.sock").unwrap().path(), b"/tmp/x.sock");
        assert!(Address::unix(&[b'a'; 108]).is_none());
    }
}
