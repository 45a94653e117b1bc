//! Every hooked entry point: its name, its family, its shim.

use std::ffi::CString;
use std::sync::OnceLock;

use crate::elf::dl;
use crate::flags::{Family, Library};
use crate::shim::{curl, dns, file, fork, lock, open, poll, process, rw, sleep, socket};

/// One libc entry point.
pub struct Hook {
    pub name: &'static str,
    pub family: Family,
    shim: Shim,
    /// For libraries that suspend inside their own locks.
    owned: Option<Shim>,
}

#[derive(Clone, Copy)]
struct Shim(*const ());

// SAFETY: the address of a function, never dereferenced as data.
unsafe impl Sync for Shim {}
// SAFETY: as above.
unsafe impl Send for Shim {}

impl Hook {
    pub fn shim_for(&self, library: Library) -> usize {
        match self.owned {
            Some(owned) if library.suspends_under_lock() => owned.0 as usize,
            _ => self.shim.0 as usize,
        }
    }
}

macro_rules! hooks {
    ($($family:ident { $($name:ident = $shim:path $(, owned $owned:path)?;)* })*) => {
        static HOOKS: &[Hook] = &[$($(Hook {
            name: stringify!($name),
            family: Family::$family,
            shim: Shim($shim as *const ()),
            owned: hooks!(@owned $($owned)?),
        },)*)*];
    };
    (@owned) => { None };
    (@owned $owned:path) => { Some(Shim($owned as *const ())) };
}

hooks! {
    Socket {
        recv = socket::recv; __recv_chk = socket::recv_chk;
        recvfrom = socket::recvfrom; __recvfrom_chk = socket::recvfrom_chk;
        recvmsg = socket::recvmsg; recvmmsg = socket::recvmmsg;
        send = socket::send; sendto = socket::sendto;
        sendmsg = socket::sendmsg; sendmmsg = socket::sendmmsg;
        accept = socket::accept; accept4 = socket::accept4; connect = socket::connect;
        sendfile = socket::sendfile; sendfile64 = socket::sendfile;
    }
    Poll {
        poll = poll::poll; __poll_chk = poll::poll_chk;
        ppoll = poll::ppoll; __ppoll_chk = poll::ppoll_chk;
        epoll_wait = poll::epoll_wait; epoll_pwait = poll::epoll_pwait;
    }
    Select {
        select = poll::select; pselect = poll::pselect;
    }
    ReadWrite {
        read = rw::read; __read_chk = rw::read_chk; readv = rw::readv;
        write = rw::write; writev = rw::writev;
    }
    Sleep {
        sleep = sleep::sleep; usleep = sleep::usleep; nanosleep = sleep::nanosleep;
        clock_nanosleep = sleep::clock_nanosleep;
    }
    File {
        pread = rw::pread; pread64 = rw::pread;
        __pread_chk = rw::pread_chk; __pread64_chk = rw::pread_chk;
        pwrite = rw::pwrite; pwrite64 = rw::pwrite;
        open = open::open; open64 = open::open; __open_2 = open::open_2; __open64_2 = open::open_2;
        openat = open::openat; openat64 = open::openat;
        __openat_2 = open::openat_2; __openat64_2 = open::openat_2;
        creat = open::creat; creat64 = open::creat;
        stat = file::stat; stat64 = file::stat; lstat = file::lstat; lstat64 = file::lstat;
        fstatat = file::fstatat; fstatat64 = file::fstatat; access = file::access;
        fsync = file::fsync; fdatasync = file::fdatasync;
        rename = file::rename; unlink = file::unlink; rmdir = file::rmdir; mkdir = file::mkdir;
        unlinkat = file::unlinkat; renameat = file::renameat;
        link = file::link; symlink = file::symlink; chmod = file::chmod; chown = file::chown;
        lchown = file::lchown;
        truncate = file::truncate; truncate64 = file::truncate;
        ftruncate = file::ftruncate; ftruncate64 = file::ftruncate;
        copy_file_range = file::copy_file_range; opendir = file::opendir;
        statvfs = file::statvfs; statvfs64 = file::statvfs;
        flock = file::flock; fcntl = file::fcntl; fcntl64 = file::fcntl;
    }
    Process {
        wait = process::wait; waitpid = process::waitpid; wait3 = process::wait3;
        wait4 = process::wait4; waitid = process::waitid;
        pclose = process::pclose; system = process::system;
    }
    Dns {
        getaddrinfo = dns::getaddrinfo; getnameinfo = dns::getnameinfo;
        gethostbyname = dns::gethostbyname; gethostbyname_r = dns::gethostbyname_r;
        gethostbyname2_r = dns::gethostbyname2_r; gethostbyaddr_r = dns::gethostbyaddr_r;
        gethostbyaddr = dns::gethostbyaddr;
        res_nsearch = dns::res_nsearch; __res_nsearch = dns::res_nsearch;
        res_nquery = dns::res_nquery; __res_nquery = dns::res_nquery;
        res_search = dns::res_search; __res_search = dns::res_search;
        res_query = dns::res_query; __res_query = dns::res_query;
    }
    Transfer {
        curl_easy_perform = curl::easy_perform;
    }
    Lock {
        pthread_mutex_lock = lock::mutex_lock, owned lock::owned_mutex_lock;
        pthread_mutex_trylock = lock::mutex_trylock, owned lock::owned_mutex_trylock;
        pthread_mutex_timedlock = lock::mutex_timedlock, owned lock::owned_mutex_timedlock;
        pthread_mutex_unlock = lock::mutex_unlock, owned lock::owned_mutex_unlock;
        pthread_mutex_destroy = lock::mutex_destroy, owned lock::owned_mutex_destroy;
        pthread_rwlock_rdlock = lock::rwlock_rdlock, owned lock::owned_rwlock_rdlock;
        pthread_rwlock_tryrdlock = lock::rwlock_tryrdlock, owned lock::owned_rwlock_tryrdlock;
        pthread_rwlock_wrlock = lock::rwlock_wrlock, owned lock::owned_rwlock_wrlock;
        pthread_rwlock_trywrlock = lock::rwlock_trywrlock, owned lock::owned_rwlock_trywrlock;
        pthread_rwlock_unlock = lock::rwlock_unlock, owned lock::owned_rwlock_unlock;
        pthread_rwlock_destroy = lock::rwlock_destroy, owned lock::owned_rwlock_destroy;
    }
    Loader {
        close = socket::close; dup2 = socket::dup2; dup3 = socket::dup3; fclose = socket::fclose;
        fork = fork::fork;
        dlsym = dl::swoole_rs_shim_dlsym; dlopen = dl::swoole_rs_shim_dlopen;
    }
}

/// Slots of the index: at least twice the hooks, a power of two.
const INDEX: usize = 512;

struct Table {
    /// Open-addressed: the walk asks for every imported name of every library.
    index: [u16; INDEX],
    /// What each name means in this process, 0 where libc does not have it.
    real: Vec<usize>,
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut index = [0u16; INDEX];
        for (i, hook) in HOOKS.iter().enumerate() {
            let mut at = hash(hook.name.as_bytes());
            while index[at % INDEX] != 0 {
                at += 1;
            }
            index[at % INDEX] = i as u16 + 1;
        }
        Table { index, real: HOOKS.iter().map(resolve).collect() }
    })
}

/// Looks up the real functions, outside any walk: the loader has two locks, and asking it for a
/// symbol while holding the one could meet a dlopen that holds the other.
pub fn prepare() {
    table();
    libc_range();
}

/// FNV-1a.
fn hash(name: &[u8]) -> usize {
    name.iter().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x100_0000_01b3)) as usize >> 7
}

fn resolve(hook: &Hook) -> usize {
    let Ok(name) = CString::new(hook.name) else { return 0 };
    // SAFETY: a NUL-terminated name.
    unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) as usize }
}

fn real(hook: &Hook) -> usize {
    let at = (std::ptr::from_ref(hook) as usize - HOOKS.as_ptr() as usize) / size_of::<Hook>();
    table().real.get(at).copied().unwrap_or(0)
}

/// The hook of a libc entry point.
pub fn find(name: &[u8]) -> Option<&'static Hook> {
    let index = &table().index;
    let mut at = hash(name);
    loop {
        match index[at % INDEX] {
            0 => return None,
            i => {
                let hook = &HOOKS[i as usize - 1];
                if hook.name.as_bytes() == name {
                    return Some(hook);
                }
            }
        }
        at += 1;
    }
}

/// Is `address` what `hook`'s name means in this process? Old symbol versions share libc's text.
pub fn is_real(hook: &Hook, address: usize) -> bool {
    let real = real(hook);
    if real == 0 || address == 0 {
        return false;
    }
    let (from, to) = libc_range();
    address == real || (from..to).contains(&address)
}

/// Where libc is mapped.
fn libc_range() -> (usize, usize) {
    static RANGE: OnceLock<(usize, usize)> = OnceLock::new();
    *RANGE.get_or_init(|| {
        // A symbol nobody wraps. (A function's address in a non-PIE program is its PLT entry.)
        // SAFETY: a NUL-terminated name.
        let anchor = unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"gnu_get_libc_version".as_ptr()) };
        crate::elf::object::span(anchor as usize)
    })
}

/// The address libc (or who stands in for it) gives `name`; 0 if unknown.
pub fn real_address(name: &str) -> usize {
    find(name.as_bytes()).map_or(0, real)
}

/// Every hooked name with its family.
pub fn hook_names() -> impl Iterator<Item = (&'static str, Family)> {
    HOOKS.iter().map(|h| (h.name, h.family))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hook_is_found_by_its_name() {
        for hook in HOOKS {
            let found = find(hook.name.as_bytes());
            assert!(found.is_some_and(|f| std::ptr::eq(f, hook)), "{}", hook.name);
        }
        assert!(find(b"strlen").is_none());
        assert!(HOOKS.len() * 2 < INDEX);
    }

    #[test]
    fn no_name_is_listed_twice() {
        let mut names: Vec<_> = hook_names().map(|(n, _)| n).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
