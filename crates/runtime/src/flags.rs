//! `SWOOLE_HOOK_*` and what each of them means here: a family of shims, or a library to patch.

use std::os::fd::RawFd;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::sys;

/// The set of `SWOOLE_HOOK_*` flags. Unknown bits are kept: `SWOOLE_HOOK_ALL` has many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HookFlags(u32);

impl HookFlags {
    pub const NONE: Self = Self(0);
    pub const TCP: Self = Self(1 << 1);
    pub const UDP: Self = Self(1 << 2);
    pub const UNIX: Self = Self(1 << 3);
    pub const UDG: Self = Self(1 << 4);
    pub const SSL: Self = Self(1 << 5);
    pub const TLS: Self = Self(1 << 6);
    /// Also `SWOOLE_HOOK_STREAM_SELECT`.
    pub const STREAM_FUNCTION: Self = Self(1 << 7);
    pub const FILE: Self = Self(1 << 8);
    pub const SLEEP: Self = Self(1 << 9);
    pub const PROC: Self = Self(1 << 10);
    pub const CURL: Self = Self(1 << 11);
    pub const NATIVE_CURL: Self = Self(1 << 12);
    pub const SOCKETS: Self = Self(1 << 14);
    pub const STDIO: Self = Self(1 << 15);
    pub const PDO_PGSQL: Self = Self(1 << 16);
    pub const PDO_ODBC: Self = Self(1 << 17);
    pub const PDO_ORACLE: Self = Self(1 << 18);
    pub const PDO_SQLITE: Self = Self(1 << 19);
    pub const PDO_FIREBIRD: Self = Self(1 << 20);
    pub const NET_FUNCTION: Self = Self(1 << 21);
    pub const MONGODB: Self = Self(1 << 22);
    /// Everything but the two that replace a PHP class by one written in PHP.
    pub const ALL: Self = Self(0x7fff_ffff & !Self::CURL.0 & !Self::MONGODB.0);

    /// The kinds of stream sockets.
    pub const STREAMS: Self = Self(Self::TCP.0 | Self::UDP.0 | Self::UNIX.0 | Self::UDG.0 | Self::SSL.0 | Self::TLS.0);

    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    pub const fn bits(self) -> u32 {
        self.0
    }

    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Is any of `other`'s flags set?
    pub const fn any(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Should a call of `family` made by an object of `library` be hooked?
    pub fn wants(self, library: Library, family: Family) -> bool {
        if self.is_empty() {
            return false;
        }
        // Following dlopen, forks and locks is what makes the others safe.
        if matches!(family, Family::Loader | Family::Lock) {
            return true;
        }
        if let Some(flag) = library.flag() {
            return self.any(flag);
        }
        let pipes = Self::FILE.union(Self::STDIO).union(Self::PROC);
        self.any(match family {
            Family::Socket => Self::STREAMS,
            Family::Poll => Self::STREAMS.union(Self::STREAM_FUNCTION).union(pipes),
            Family::Select => Self::STREAM_FUNCTION,
            Family::ReadWrite => Self::STREAMS.union(pipes),
            Family::Sleep => Self::SLEEP,
            Family::File => Self::FILE,
            Family::Process => Self::PROC,
            Family::Dns => Self::NET_FUNCTION.union(Self::STREAMS),
            Family::Transfer => Self::CURL.union(Self::NATIVE_CURL),
            Family::Loader | Family::Lock => return true,
        })
    }

    /// Of the stream sockets, is this kind hooked? With no stream flag at all only libraries with
    /// a flag of their own are patched, and those are never asked to tell their sockets apart.
    pub(crate) fn wants_socket(self, fd: RawFd) -> bool {
        if self.contains(Self::STREAMS) || !self.any(Self::STREAMS) {
            return true;
        }
        let Some(domain) = sys::socket_option(fd, libc::SOL_SOCKET, libc::SO_DOMAIN) else {
            return true;
        };
        let stream = sys::socket_option(fd, libc::SOL_SOCKET, libc::SO_TYPE).is_none_or(|kind| kind != libc::SOCK_DGRAM);
        self.any(match (domain, stream) {
            (libc::AF_UNIX, true) => Self::UNIX,
            (libc::AF_UNIX, false) => Self::UDG,
            (_, true) => Self::TCP.union(Self::SSL).union(Self::TLS),
            (_, false) => Self::UDP,
        })
    }
}

/// A group of libc entry points that are switched together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    Socket,
    Poll,
    Select,
    /// read, write and kin, which any kind of fd may meet.
    ReadWrite,
    Sleep,
    File,
    Process,
    Dns,
    /// Of libcurl's functions the one that tells how a transfer ended.
    Transfer,
    Lock,
    /// dlopen, dlsym, fork: how we learn of new objects and new processes.
    Loader,
}

/// Libraries with a hook flag or a treatment of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Library {
    Other,
    Curl,
    Postgres,
    Odbc,
    Oracle,
    Sqlite,
    Firebird,
    Sockets,
    Ldap,
}

impl Library {
    /// By an object's file name.
    pub fn of(name: &str) -> Self {
        const NAMES: [(&str, Library); 11] = [
            ("libcurl", Library::Curl),
            ("curl.so", Library::Curl),
            ("libpq.", Library::Postgres),
            ("libodbc", Library::Odbc),
            ("libclntsh", Library::Oracle),
            ("libsqlite3", Library::Sqlite),
            ("libfbclient", Library::Firebird),
            ("sockets.so", Library::Sockets),
            ("libldap", Library::Ldap),
            ("liblber", Library::Ldap),
            ("pdo_firebird", Library::Firebird),
        ];
        let file = name.rsplit('/').next().unwrap_or(name);
        NAMES.iter().find(|(prefix, _)| file.starts_with(prefix)).map_or(Self::Other, |(_, l)| *l)
    }

    /// The flag that alone decides for this library.
    pub fn flag(self) -> Option<HookFlags> {
        Some(match self {
            Library::Curl => HookFlags::CURL.union(HookFlags::NATIVE_CURL),
            Library::Postgres => HookFlags::PDO_PGSQL,
            Library::Odbc => HookFlags::PDO_ODBC,
            Library::Oracle => HookFlags::PDO_ORACLE,
            Library::Sqlite => HookFlags::PDO_SQLITE,
            Library::Firebird => HookFlags::PDO_FIREBIRD,
            Library::Sockets => HookFlags::SOCKETS,
            Library::Ldap | Library::Other => return None,
        })
    }

    /// Does it wait for I/O inside its own mutexes? Then these are made to belong to coroutines.
    pub fn suspends_under_lock(self) -> bool {
        matches!(self, Library::Sqlite | Library::Ldap)
    }
}

static ACTIVE: AtomicU32 = AtomicU32::new(0);

pub(crate) fn active() -> HookFlags {
    HookFlags(ACTIVE.load(Ordering::Relaxed))
}

pub(crate) fn store(flags: HookFlags) {
    ACTIVE.store(flags.0, Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_is_the_documented_number() {
        assert_eq!(HookFlags::ALL.bits(), 2_143_287_295);
    }

    #[test]
    fn a_flag_switches_its_family_only() {
        let sleep = HookFlags::SLEEP;
        assert!(sleep.wants(Library::Other, Family::Sleep));
        assert!(!sleep.wants(Library::Other, Family::Socket));
        assert!(!HookFlags::NONE.wants(Library::Other, Family::Loader));
        assert!(sleep.wants(Library::Other, Family::Lock));
        let rest = HookFlags::from_bits(HookFlags::ALL.bits() & !HookFlags::FILE.bits());
        assert!(!rest.wants(Library::Other, Family::File));
        assert!(rest.wants(Library::Other, Family::ReadWrite));
    }

    #[test]
    fn a_library_with_a_flag_obeys_that_flag() {
        let curl = HookFlags::NATIVE_CURL;
        assert!(curl.wants(Library::Curl, Family::Socket));
        assert!(!curl.wants(Library::Other, Family::Socket));
        assert!(!HookFlags::TCP.wants(Library::Curl, Family::Socket));
        assert!(HookFlags::ALL.wants(Library::Sqlite, Family::File));
    }

    #[test]
    fn libraries_are_known_by_file_name() {
        assert_eq!(Library::of("/usr/lib/x86_64-linux-gnu/libcurl.so.4"), Library::Curl);
        assert_eq!(Library::of("/usr/lib/php/20220829/sockets.so"), Library::Sockets);
        assert_eq!(Library::of("libldap-2.5.so.0"), Library::Ldap);
        assert_eq!(Library::of("/opt/libsqlite3/php"), Library::Other);
    }
}
