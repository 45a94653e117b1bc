//! Who holds a lock, and whether they still live.
//!
//! A lock word holds a [`Token`]: a slot of the process registry and the slot's generation. A
//! process proves that it lives by holding a POSIX record lock (`fcntl(2)`, `F_SETLK`) on the
//! byte of its slot in an unnamed file that all relatives inherit. That is what the alternatives
//! lack:
//!
//! * `kill(pid, 0)` and pidfds need the pid in *our* namespace, and pids are reused;
//! * `flock` and OFD locks belong to the open file, which a fork shares: the child would keep its
//!   dead parent alive;
//! * the kernel's robust futex list frees what *this* thread took, but Swoole lets any process
//!   unlock, which would tangle the list of the one that locked.
//!
//! A record lock is owned by one process, not inherited, dropped by the kernel at exit, SIGKILL
//! and exec, and can be queried from any namespace. It is asked for once a process (one fcntl)
//! and looked at only under contention, so an uncontended lock stays one compare-and-swap. The
//! registry's descriptor must stay open: a process that closes it looks dead.

use std::io;
use std::os::fd::RawFd;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicUsize, Ordering};

use crate::map::{Segment, page_size};

/// Set in a lock word when somebody sleeps on it; never part of a token.
pub const WAITERS: u32 = 1 << 31;
const SLOTS: u32 = 1 << 15;

/// Identity of a live process in a lock word. Never 0, never has [`WAITERS`] set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token(u32);

impl Token {
    /// The token as it stands in a lock word.
    #[inline]
    pub fn raw(self) -> u32 {
        self.0
    }

    /// The registry slot, for striping.
    #[inline]
    pub fn slot(self) -> u32 {
        self.0 >> 16
    }
}

/// A process that died holding something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dead {
    /// Its pid as it saw itself; 0 if its registry slot has a new user.
    pub pid: u32,
}

#[repr(C)]
struct Slot {
    /// Only the low 16 bits count.
    generation: AtomicU32,
    pid: AtomicU32,
}

struct Registry {
    file: RawFd,
    segment: Segment,
    local: Local,
}

/// The private page with this process's token; `MADV_WIPEONFORK` zeroes it in every child.
struct Local(*mut AtomicU32);
// SAFETY: the page is never unmapped, and only accessed as atomics.
unsafe impl Send for Local {}
// SAFETY: as above.
unsafe impl Sync for Local {}

static REGISTRY: OnceLock<Result<Registry, i32>> = OnceLock::new();
static TOKEN: AtomicPtr<AtomicU32> = AtomicPtr::new(std::ptr::null_mut());
static FORKS: AtomicUsize = AtomicUsize::new(0);

/// Builds the registry if this process inherited none. Whatever makes a shared lock calls this
/// first, so that all who will share the lock share the registry too.
///
/// # Errors
/// The kernel gave no memory or no descriptor.
pub fn init() -> io::Result<()> {
    registry().map(|_| ())
}

fn registry() -> io::Result<&'static Registry> {
    REGISTRY
        .get_or_init(|| Registry::new().map_err(|e| e.raw_os_error().unwrap_or(libc::ENOMEM)))
        .as_ref()
        .map_err(|errno| io::Error::from_raw_os_error(*errno))
}

/// This process's token.
#[inline]
pub fn current() -> Token {
    let page = TOKEN.load(Ordering::Relaxed);
    if !page.is_null() {
        // SAFETY: TOKEN is null or the registry's page, which is never unmapped.
        let raw = unsafe { (*page).load(Ordering::Relaxed) };
        if raw != 0 {
            return Token(raw);
        }
    }
    enroll()
}

/// How many times this process has forked, as parent or as child.
pub(crate) fn forks() -> usize {
    FORKS.load(Ordering::Relaxed)
}

#[cold]
fn enroll() -> Token {
    // Without a registry nobody can be told from the dead; a token that no slot contradicts keeps
    // mutual exclusion and gives up take-over.
    match registry() {
        Ok(registry) => registry.enroll(),
        Err(_) => Token((SLOTS - 1) << 16),
    }
}

/// The process behind a lock word, if it is certain that it is dead.
pub fn dead(word: u32) -> Option<Dead> {
    let raw = word & !WAITERS;
    if raw == 0 || raw == current().0 {
        return None;
    }
    let registry = registry().ok()?;
    let index = raw >> 16;
    let slot = registry.slot(index);
    if slot.generation.load(Ordering::Acquire) & 0xffff != raw & 0xffff {
        return Some(Dead { pid: 0 });
    }
    let pid = slot.pid.load(Ordering::Relaxed);
    match registry.probe(index) {
        Ok(false) => Some(Dead { pid }),
        // Held, or we cannot tell: never take a lock from somebody who may live.
        Ok(true) | Err(_) => None,
    }
}

impl Registry {
    fn new() -> io::Result<Registry> {
        let segment = Segment::new(size_of::<AtomicU32>() * 2 + SLOTS as usize * size_of::<Slot>()).map_err(io::Error::other)?;
        // SAFETY: a static C string and a flag.
        let file = unsafe { libc::memfd_create(c"swoole-owners".as_ptr(), libc::MFD_CLOEXEC) };
        if file < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: a new private mapping; never unmapped.
        let page = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                page_size(),
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
                -1,
                0,
            )
        };
        if page == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the page just mapped. A kernel without MADV_WIPEONFORK leaves it to the atfork
        // handler below.
        unsafe { libc::madvise(page, page_size(), libc::MADV_WIPEONFORK) };
        // SAFETY: handlers with C linkage that only touch atomics.
        unsafe { libc::pthread_atfork(None, Some(forked_parent), Some(forked_child)) };
        let local = Local(page.cast());
        TOKEN.store(local.0, Ordering::Release);
        Ok(Registry { file, segment, local })
    }

    fn slot(&self, index: u32) -> &Slot {
        let at = size_of::<AtomicU32>() * 2 + (index % SLOTS) as usize * size_of::<Slot>();
        // SAFETY: inside the segment, 8-aligned, and all-zero bytes are a valid Slot.
        unsafe { &*self.segment.base().add(at).cast::<Slot>() }
    }

    /// Takes a free slot and holds its byte until this process ends.
    fn enroll(&self) -> Token {
        // SAFETY: the page holds two words, zero at first and after every fork.
        let (token, busy) = unsafe { (&*self.local.0, &*self.local.0.add(1)) };
        // Threads of one process do not exclude each other by a record lock, so one at a time.
        while busy.compare_exchange(0, 1, Ordering::Acquire, Ordering::Relaxed).is_err() {
            std::thread::yield_now();
        }
        let mut raw = token.load(Ordering::Relaxed);
        if raw == 0 {
            // SAFETY: the segment's first word is the shared cursor.
            let cursor = unsafe { &*self.segment.base().cast::<AtomicU32>() };
            // The last slot is what `current` falls back to.
            for _ in 1..SLOTS {
                let index = cursor.fetch_add(1, Ordering::Relaxed) % (SLOTS - 1);
                if self.take(index) {
                    let slot = self.slot(index);
                    let generation = slot.generation.fetch_add(1, Ordering::AcqRel).wrapping_add(1);
                    slot.pid.store(std::process::id(), Ordering::Relaxed);
                    raw = index << 16 | generation & 0xffff;
                    if raw != 0 {
                        break;
                    }
                }
            }
            if raw == 0 {
                raw = (SLOTS - 1) << 16;
            }
            token.store(raw, Ordering::Release);
        }
        busy.store(0, Ordering::Release);
        Token(raw)
    }

    fn take(&self, index: u32) -> bool {
        let range = byte(index);
        // SAFETY: F_SETLK reads a flock struct.
        unsafe { libc::fcntl(self.file, libc::F_SETLK, &range) == 0 }
    }

    /// Does any other process hold the byte of this slot?
    fn probe(&self, index: u32) -> io::Result<bool> {
        if index == SLOTS - 1 {
            return Ok(true);
        }
        let mut range = byte(index);
        // SAFETY: F_GETLK reads and writes a flock struct.
        if unsafe { libc::fcntl(self.file, libc::F_GETLK, &mut range) } < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(i32::from(range.l_type) != libc::F_UNLCK)
    }
}

fn byte(index: u32) -> libc::flock {
    // SAFETY: flock is plain data, for which all-zero bytes are a value.
    let mut range: libc::flock = unsafe { std::mem::zeroed() };
    range.l_type = libc::F_WRLCK as libc::c_short;
    range.l_whence = libc::SEEK_SET as libc::c_short;
    range.l_start = libc::off_t::from(index);
    range.l_len = 1;
    range
}

extern "C" fn forked_parent() {
    FORKS.fetch_add(1, Ordering::Relaxed);
}

extern "C" fn forked_child() {
    FORKS.fetch_add(1, Ordering::Relaxed);
    let page = TOKEN.load(Ordering::Relaxed);
    if !page.is_null() {
        // SAFETY: the registry's page, never unmapped, two words.
        unsafe {
            (*page).store(0, Ordering::Relaxed);
            (*page.add(1)).store(0, Ordering::Relaxed);
        }
    }
}

/// What was taken over from a dead process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A row lock of a table.
    Row,
    /// A mutex or semaphore.
    Mutex,
    /// A read-write lock.
    RwLock,
    /// A spin lock.
    Spin,
}

type Hook = fn(Kind, Dead);
static HOOK: AtomicPtr<()> = AtomicPtr::new(std::ptr::null_mut());

/// Sets what is told of every take-over. It runs while the lock is held: it may write a log line,
/// and may not take a lock of this crate or unwind.
pub fn on_takeover(hook: Hook) {
    HOOK.store(hook as *mut (), Ordering::Release);
}

pub(crate) fn announce(kind: Kind, dead: Dead) {
    let hook = HOOK.load(Ordering::Acquire);
    if !hook.is_null() {
        // SAFETY: HOOK is null or was stored from a value of type Hook.
        let hook: Hook = unsafe { std::mem::transmute::<*mut (), Hook>(hook) };
        hook(kind, dead);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_child_has_its_own_token_and_dies_visibly() {
        init().unwrap();
        let mine = current();
        assert_eq!(mine, current());
        assert!(dead(mine.raw()).is_none());
        let seg = Segment::new(64).unwrap();
        // SAFETY: the segment is zero-filled, aligned and outlives both uses.
        let (word, go) = unsafe { (&*seg.base().cast::<AtomicU32>(), &*seg.base().add(8).cast::<AtomicU32>()) };
        // SAFETY: the child calls only async-signal-safe functions and atomics.
        let pid = unsafe { libc::fork() };
        if pid == 0 {
            word.store(current().raw(), Ordering::Release);
            while go.load(Ordering::Acquire) == 0 {
                std::hint::spin_loop();
            }
            // SAFETY: leaves without running the test harness's destructors.
            unsafe { libc::_exit(0) };
        }
        while word.load(Ordering::Acquire) == 0 {
            std::thread::yield_now();
        }
        let theirs = word.load(Ordering::Acquire);
        assert_ne!(theirs, mine.raw());
        assert!(dead(theirs).is_none(), "the child still lives");
        go.store(1, Ordering::Release);
        // SAFETY: our child.
        unsafe { libc::waitpid(pid, std::ptr::null_mut(), 0) };
        assert_eq!(dead(theirs), Some(Dead { pid: pid as u32 }));
        assert_eq!(dead(theirs | WAITERS), Some(Dead { pid: pid as u32 }));
    }
}
