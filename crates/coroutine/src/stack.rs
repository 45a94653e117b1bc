//! C stacks for coroutines: address space in slabs, memory on first touch, guard pages where the kernel has room for them.
//!
//! A slab is one mapping of [`SLAB`] stacks, so that a hundred thousand coroutines need few VMAs and
//! few system calls, and memory goes back to the kernel a slab at a time.

use std::cell::{Cell, RefCell};
use std::io;
use std::ptr::{self, NonNull};

/// Stacks in one mapping.
const SLAB: usize = 64;
/// Free stacks kept before a wholly free slab is unmapped.
const KEEP_FREE: usize = 4096;
/// Page size assumed for guards and the VM page; checked against the kernel's in [`StackPool::new`].
pub const PAGE: usize = 4096;
/// Of each so many stacks given back …
const SWEEP_EVERY: u32 = 1 << 16;
/// … this many free ones are swept: what was touched of them goes back to the kernel.
const SWEEP: usize = 64;
/// From Linux 6.13: a guard without a VMA of its own (madvise(2)).
const MADV_GUARD_INSTALL: libc::c_int = 102;

/// How stacks of this pool are guarded against overflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// `MADV_GUARD_INSTALL`: costs no VMA, a million of them fit.
    Light,
    /// `mprotect`: costs two VMAs a stack, used up to half of `vm.max_map_count`.
    Protect,
}

/// One stack: `[low, high)`, the lowest page guarded when `guarded`.
#[derive(Debug)]
pub struct Region {
    low: NonNull<u8>,
    slab: NonNull<Slab>,
    guarded: bool,
}

impl Region {
    /// One past the highest byte.
    pub fn high(&self) -> *mut u8 {
        // SAFETY: `low..low+size` is one live mapping.
        unsafe { self.low.as_ptr().add(self.size()) }
    }

    /// The lowest byte (inside the guard page where there is one).
    pub fn low(&self) -> *mut u8 {
        self.low.as_ptr()
    }

    pub fn guarded(&self) -> bool {
        self.guarded
    }

    #[inline]
    fn size(&self) -> usize {
        self.slab().size
    }

    #[inline]
    fn slab(&self) -> &Slab {
        // SAFETY: a slab lives as long as one of its stacks is in use or in the free list.
        unsafe { self.slab.as_ref() }
    }
}

/// One mapping. A box of the pool's, freed when none of its stacks is in use and none in the free list.
#[derive(Debug)]
struct Slab {
    map: *mut u8,
    /// Bytes of each of its stacks.
    size: usize,
    live: Cell<u32>,
    /// Its place in the pool's list.
    index: Cell<usize>,
}

/// The pool of a thread: LIFO, so that a busy program keeps touching the same warm pages.
pub struct StackPool {
    stack_size: Cell<usize>,
    slabs: RefCell<Vec<NonNull<Slab>>>,
    /// Free stacks in LIFO order; each is at home in its slab.
    free: RefCell<Vec<Region>>,
    /// What the kernel can do, asked when the first stack is made: most programs make none.
    guard: Cell<Option<Guard>>,
    /// VMAs that `Guard::Protect` may still use.
    guards_left: Cell<usize>,
    unguarded: Cell<usize>,
    require_guard: Cell<bool>,
    /// Stacks to be given back before the next sweep, and how far it has come.
    until_sweep: Cell<u32>,
    swept: Cell<usize>,
}

impl StackPool {
    pub fn new(stack_size: usize) -> Self {
        Self {
            stack_size: Cell::new(stack_size),
            slabs: RefCell::new(Vec::new()),
            free: RefCell::new(Vec::new()),
            guard: Cell::new(None),
            guards_left: Cell::new(0),
            unguarded: Cell::new(0),
            require_guard: Cell::new(false),
            until_sweep: Cell::new(SWEEP_EVERY),
            swept: Cell::new(0),
        }
    }

    /// Bytes of address space of the stacks made from now on; rounded up to whole pages, 64 KiB at least.
    pub fn set_stack_size(&self, bytes: usize) {
        let size = bytes.max(64 * 1024).next_multiple_of(PAGE);
        if size != self.stack_size.replace(size) {
            // Stacks of the old size leave the pool; their slabs go when the last user does.
            self.free.borrow_mut().clear();
            let slabs = self.slabs.borrow().clone();
            // SAFETY: listed, hence not freed.
            for slab in slabs.into_iter().filter(|slab| unsafe { slab.as_ref() }.live.get() == 0) {
                self.unmap(slab);
            }
        }
    }

    pub fn stack_size(&self) -> usize {
        self.stack_size.get()
    }

    fn guard(&self) -> Guard {
        self.guard.get().unwrap_or_else(|| {
            let guard = if light_guards() { Guard::Light } else { Guard::Protect };
            self.guards_left.set(if guard == Guard::Protect { max_map_count() / 4 } else { 0 });
            self.guard.set(Some(guard));
            guard
        })
    }

    /// Stacks handed out with no guard page, since the kernel had no room for one.
    pub fn unguarded(&self) -> usize {
        self.unguarded.get()
    }

    /// Refuse stacks that cannot be guarded.
    pub fn require_guard(&self, on: bool) {
        self.require_guard.set(on);
    }

    /// A stack of the current size.
    ///
    /// # Errors
    /// `ENOMEM` when address space or guards are used up.
    #[inline]
    pub fn take(&self) -> io::Result<Region> {
        let pooled = self.free.borrow_mut().pop();
        let region = match pooled {
            Some(region) => region,
            None => self.grow()?,
        };
        if !region.guarded {
            if self.require_guard.get() {
                self.free.borrow_mut().push(region);
                return Err(io::Error::from_raw_os_error(libc::ENOMEM));
            }
            self.unguarded.set(self.unguarded.get() + 1);
        }
        let live = &region.slab().live;
        live.set(live.get() + 1);
        Ok(region)
    }

    /// Gives a stack back; nothing may run on it any more.
    #[inline]
    pub fn give(&self, region: Region) {
        let slab = region.slab;
        let live = region.slab().live.get() - 1;
        region.slab().live.set(live);
        if !region.guarded {
            self.unguarded.set(self.unguarded.get() - 1);
        }
        let mut free = self.free.borrow_mut();
        let stale = region.size() != self.stack_size.get();
        if !stale {
            free.push(region);
        }
        if live == 0 && (stale || free.len() > KEEP_FREE) {
            free.retain(|other| other.slab != slab);
            drop(free);
            self.unmap(slab);
        } else {
            drop(free);
        }
        match self.until_sweep.get() {
            0 => self.sweep(),
            left => self.until_sweep.set(left - 1),
        }
    }

    /// A little at a time, so that no coroutine's end waits for it, and over all free stacks in the long run.
    #[cold]
    fn sweep(&self) {
        self.until_sweep.set(SWEEP_EVERY);
        let free = self.free.borrow();
        for _ in 0..SWEEP.min(free.len()) {
            let at = self.swept.get() % free.len();
            self.swept.set(at + 1);
            let region = &free[at];
            let usable = region.size() - PAGE;
            // SAFETY: inside a free stack, above its guard: nobody's memory, and zero when next touched.
            unsafe { libc::madvise(region.low.as_ptr().add(PAGE).cast(), usable, libc::MADV_DONTNEED) };
        }
    }

    /// Gives a slab's memory back to the kernel.
    #[cold]
    fn unmap(&self, slab: NonNull<Slab>) {
        // SAFETY: made by `grow` and still listed; its live count is 0 and no stack of it is free to be taken.
        unsafe {
            let slab = Box::from_raw(slab.as_ptr());
            let mut slabs = self.slabs.borrow_mut();
            slabs.swap_remove(slab.index.get());
            if let Some(moved) = slabs.get(slab.index.get()) {
                moved.as_ref().index.set(slab.index.get());
            }
            libc::munmap(slab.map.cast(), slab.size * SLAB);
        }
    }

    /// The high end and the size of the stack whose guard page `address` lies in. For a signal handler: takes
    /// no lock and allocates nothing.
    pub(crate) fn guard_hit(&self, address: usize) -> Option<(usize, usize)> {
        // SAFETY: the thread that owns the pool, interrupted at a bad access: not while it changes the list.
        let slabs = unsafe { &*self.slabs.as_ptr() };
        // SAFETY: listed, hence not freed.
        let mut slabs = slabs.iter().map(|slab| unsafe { slab.as_ref() });
        let slab = slabs.find(|slab| address.wrapping_sub(slab.map as usize) < slab.size * SLAB)?;
        let size = slab.size;
        let offset = address - slab.map as usize;
        (offset % size < PAGE).then(|| (slab.map as usize + offset / size * size + size, size))
    }

    #[cold]
    fn grow(&self) -> io::Result<Region> {
        let size = self.stack_size.get();
        let bytes = size.checked_mul(SLAB).ok_or_else(|| io::Error::from_raw_os_error(libc::ENOMEM))?;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | libc::MAP_STACK;
        // SAFETY: a fresh anonymous mapping, no address asked for.
        let map = unsafe { libc::mmap(ptr::null_mut(), bytes, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0) };
        if map == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let map = map.cast::<u8>();
        // SAFETY: the range is the mapping just made. A huge page would make every stack 2 MB of memory.
        unsafe { libc::madvise(map.cast(), bytes, libc::MADV_NOHUGEPAGE) };
        let mut free = self.free.borrow_mut();
        let mut slabs = self.slabs.borrow_mut();
        let slab = Slab { map, size, live: Cell::new(0), index: Cell::new(slabs.len()) };
        let slab = NonNull::from(Box::leak(Box::new(slab)));
        slabs.push(slab);
        for i in (0..SLAB).rev() {
            // SAFETY: i < SLAB stacks lie inside the mapping.
            let low = unsafe { map.add(i * size) };
            let guarded = self.protect(low);
            // INVARIANT: mmap succeeded, so `low` is not null.
            let Some(low) = NonNull::new(low) else { continue };
            free.push(Region { low, slab, guarded });
        }
        free.pop().ok_or_else(|| io::Error::from_raw_os_error(libc::ENOMEM))
    }

    fn protect(&self, low: *mut u8) -> bool {
        match self.guard() {
            // SAFETY: the lowest page of a stack of ours, not in use.
            Guard::Light => unsafe { libc::madvise(low.cast(), PAGE, MADV_GUARD_INSTALL) == 0 },
            Guard::Protect => {
                let left = self.guards_left.get();
                if left == 0 {
                    return false;
                }
                self.guards_left.set(left - 1);
                // SAFETY: as above.
                unsafe { libc::mprotect(low.cast(), PAGE, libc::PROT_NONE) == 0 }
            }
        }
    }
}

fn light_guards() -> bool {
    // SAFETY: a page of our own, mapped, probed and unmapped.
    unsafe {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        let page = libc::mmap(ptr::null_mut(), PAGE, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0);
        if page == libc::MAP_FAILED {
            return false;
        }
        let works = libc::madvise(page, PAGE, MADV_GUARD_INSTALL) == 0;
        libc::munmap(page, PAGE);
        works
    }
}

fn max_map_count() -> usize {
    std::fs::read_to_string("/proc/sys/vm/max_map_count").ok().and_then(|text| text.trim().parse().ok()).unwrap_or(65530)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stacks_are_reused_last_in_first_out() {
        let pool = StackPool::new(256 * 1024);
        let (a, b) = (pool.take().unwrap(), pool.take().unwrap());
        assert_ne!(a.low(), b.low());
        let last = b.low();
        pool.give(a);
        pool.give(b);
        assert_eq!(pool.take().unwrap().low(), last);
    }

    #[test]
    fn the_whole_stack_above_the_guard_is_writable() {
        let pool = StackPool::new(128 * 1024);
        let region = pool.take().unwrap();
        let usable = region.size() - PAGE;
        // SAFETY: bytes between guard and top belong to the region.
        unsafe { ptr::write_bytes(region.high().sub(usable), 0xa5, usable) };
        pool.give(region);
    }

    #[test]
    fn what_was_touched_is_given_back() {
        let pool = StackPool::new(256 * 1024);
        let region = pool.take().unwrap();
        let (deep, top) = (region.low().wrapping_add(2 * PAGE), region.high().wrapping_sub(8));
        // SAFETY: both lie in the stack.
        unsafe {
            deep.write(1);
            top.write(1);
        }
        pool.give(region);
        pool.sweep();
        let region = pool.take().unwrap();
        assert_eq!(region.low().wrapping_add(2 * PAGE), deep);
        // SAFETY: as above.
        assert_eq!(unsafe { (deep.read(), top.read()) }, (0, 0));
        pool.give(region);
    }

    #[test]
    fn a_new_size_takes_hold() {
        let pool = StackPool::new(128 * 1024);
        let old = pool.take().unwrap();
        pool.set_stack_size(512 * 1024);
        let new = pool.take().unwrap();
        assert_eq!(new.size(), 512 * 1024);
        pool.give(old);
        pool.give(new);
    }
}
