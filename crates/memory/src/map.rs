//! Shared mappings, checked against what the machine has.

use std::io;
use std::ptr::NonNull;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// Why a shared mapping could not be made.
#[derive(Debug, thiserror::Error)]
pub enum MapError {
    /// The mapping, with those this process already has, exceeds the machine's (or the control
    /// group's) memory. Touching it later would end in SIGBUS or the OOM killer.
    #[error("{wanted} bytes of shared memory wanted, {limit} at most on this machine")]
    TooLarge {
        /// Bytes asked for, together with those already mapped.
        wanted: u64,
        /// Bytes the machine can ever give.
        limit: u64,
    },
    /// The kernel refused (`mmap(2)`).
    #[error("mmap failed: {0}")]
    Os(#[from] io::Error),
}

/// A zero-filled `MAP_SHARED | MAP_ANONYMOUS` mapping. Children forked later share it; each
/// process unmaps its own view when it drops the value.
#[derive(Debug)]
pub struct Segment {
    base: NonNull<u8>,
    len: usize,
}

// SAFETY: a Segment is only an address range that stays mapped while the value lives; all access
// to its bytes goes through atomics or through protocols that name their single writer.
unsafe impl Send for Segment {}
// SAFETY: as above; the methods hand out a raw pointer and change nothing.
unsafe impl Sync for Segment {}

/// Bytes mapped by this process, or by its ancestors before it was forked.
static MAPPED: AtomicU64 = AtomicU64::new(0);

/// Up to so many bytes in all, no limit is looked up: that reads files, and a program that makes one atomic
/// should not wait for it.
const UNCHECKED: u64 = 8 << 20;

impl Segment {
    /// Maps `len` bytes (rounded up to whole pages), zero-filled and page-aligned.
    ///
    /// # Errors
    /// [`MapError::TooLarge`] past the machine's memory, [`MapError::Os`] if the kernel refuses.
    pub fn new(len: usize) -> Result<Segment, MapError> {
        let page = page_size();
        let too_large = |wanted: u64| MapError::TooLarge { wanted, limit: machine_limit() };
        let len = len.max(1).checked_add(page - 1).map(|n| n & !(page - 1)).ok_or_else(|| too_large(u64::MAX))?;
        let wanted = MAPPED.load(Ordering::Relaxed).saturating_add(len as u64);
        if wanted > UNCHECKED && wanted > machine_limit() {
            return Err(too_large(wanted));
        }
        // SAFETY: a new anonymous mapping at an address of the kernel's choice aliases nothing.
        let base = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                len,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED | libc::MAP_ANONYMOUS,
                -1,
                0,
            )
        };
        if base == libc::MAP_FAILED {
            return Err(io::Error::last_os_error().into());
        }
        MAPPED.fetch_add(len as u64, Ordering::Relaxed);
        // INVARIANT: mmap(2) without MAP_FIXED never returns address 0 on success.
        let base = NonNull::new(base.cast::<u8>()).ok_or_else(io::Error::last_os_error)?;
        Ok(Segment { base, len })
    }

    /// First byte; page-aligned, valid for [`Segment::len`] bytes.
    #[inline]
    pub fn base(&self) -> *mut u8 {
        self.base.as_ptr()
    }

    /// Length in bytes, whole pages.
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Never true: a segment has at least one page.
    pub fn is_empty(&self) -> bool {
        false
    }
}

impl Drop for Segment {
    fn drop(&mut self) {
        // SAFETY: base and len are what mmap returned, and nothing borrowed from the segment
        // outlives it.
        unsafe { libc::munmap(self.base.as_ptr().cast(), self.len) };
        MAPPED.fetch_sub(self.len as u64, Ordering::Relaxed);
    }
}

/// The size of a page in bytes.
pub fn page_size() -> usize {
    static PAGE: OnceLock<usize> = OnceLock::new();
    *PAGE.get_or_init(|| {
        // SAFETY: sysconf has no preconditions.
        let n = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
        usize::try_from(n).unwrap_or(4096).max(4096)
    })
}

/// Memory and swap of the machine, or the control group's limit when that is lower; in bytes.
fn machine_limit() -> u64 {
    static LIMIT: OnceLock<u64> = OnceLock::new();
    *LIMIT.get_or_init(|| {
        // SAFETY: sysinfo is plain data, for which all-zero bytes are a value.
        let mut info: libc::sysinfo = unsafe { std::mem::zeroed() };
        // SAFETY: the pointer is to a live struct of the type the call fills.
        let total = if unsafe { libc::sysinfo(&mut info) } == 0 {
            (info.totalram as u64).saturating_add(info.totalswap as u64).saturating_mul(u64::from(info.mem_unit.max(1)))
        } else {
            u64::MAX
        };
        cgroup_limits().into_iter().fold(total, u64::min)
    })
}

/// Limits of this process's control groups (v2 and v1) and of their parents.
fn cgroup_limits() -> Vec<u64> {
    let mut limits = Vec::new();
    let Ok(groups) = std::fs::read_to_string("/proc/self/cgroup") else {
        return limits;
    };
    for line in groups.lines() {
        let mut fields = line.splitn(3, ':');
        let (Some(_), Some(controllers), Some(path)) = (fields.next(), fields.next(), fields.next()) else {
            continue;
        };
        let (root, file) = if controllers.is_empty() {
            ("/sys/fs/cgroup", "memory.max")
        } else if controllers.split(',').any(|c| c == "memory") {
            ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")
        } else {
            continue;
        };
        let mut group = std::path::Path::new(path);
        loop {
            let below = group.strip_prefix("/").unwrap_or(group);
            if let Ok(text) = std::fs::read_to_string(std::path::Path::new(root).join(below).join(file))
                && let Ok(limit) = text.trim().parse()
            {
                limits.push(limit);
            }
            match group.parent() {
                Some(parent) => group = parent,
                None => break,
            }
        }
    }
    limits
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn more_than_the_machine_has_is_an_error() {
        assert!(matches!(Segment::new(1 << 46), Err(MapError::TooLarge { .. })));
        assert!(matches!(Segment::new(usize::MAX), Err(MapError::TooLarge { .. })));
    }

    #[test]
    fn pages_are_zero_and_shared_with_a_child() {
        let seg = Segment::new(1).unwrap();
        assert_eq!(seg.len() % page_size(), 0);
        // SAFETY: the byte is inside the mapping, and the child is waited for before it is read.
        unsafe {
            assert_eq!(*seg.base(), 0);
            match libc::fork() {
                0 => {
                    seg.base().write_volatile(42);
                    libc::_exit(0);
                }
                pid => assert_eq!(libc::waitpid(pid, std::ptr::null_mut(), 0), pid),
            }
            assert_eq!(seg.base().read_volatile(), 42);
        }
    }
}
