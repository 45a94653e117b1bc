//! Which engine is this thread's, found in two instructions.

use std::cell::Cell;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

use crate::host::Host;
use crate::scheduler::Engine;

thread_local! {
    static ENGINE: Cell<*const Engine> = const { Cell::new(ptr::null()) };
    /// Takes a thread that ends out of the fast slot: its thread pointer may be given to another.
    static LEAVE: Leave = const { Leave };
}

/// The first thread that made an engine, and that engine: for it, [`engine`] costs no call into the
/// dynamic linker (a tenth of a switch otherwise, as a shared object's thread-locals are looked up).
static FAST_THREAD: AtomicUsize = AtomicUsize::new(0);
static FAST_ENGINE: AtomicPtr<Engine> = AtomicPtr::new(ptr::null_mut());

struct Leave;

impl Drop for Leave {
    fn drop(&mut self) {
        let _ = FAST_THREAD.compare_exchange(thread_pointer(), 0, Ordering::Relaxed, Ordering::Relaxed);
    }
}

/// What tells the threads of a process apart in one instruction: the address of the thread's control block.
#[inline(always)]
fn thread_pointer() -> usize {
    let pointer: usize;
    #[cfg(target_arch = "x86_64")]
    // SAFETY: the x86-64 ABI keeps the control block's own address in its first word, at fs:0.
    unsafe {
        std::arch::asm!("mov {}, fs:0", out(reg) pointer, options(pure, readonly, nostack, preserves_flags));
    }
    #[cfg(target_arch = "aarch64")]
    // SAFETY: reads the thread pointer register.
    unsafe {
        std::arch::asm!("mrs {}, tpidr_el0", out(reg) pointer, options(pure, readonly, nostack, preserves_flags));
    }
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    {
        pointer = 0;
    }
    pointer
}

/// Makes the engine of this thread; the second call is ignored. It lives as long as the process.
pub fn install(host: &'static dyn Host, stack_size: usize) {
    ENGINE.with(|slot| {
        if slot.get().is_null() {
            let engine: *mut Engine = Box::leak(Box::new(Engine::new(host, stack_size)));
            slot.set(engine);
            LEAVE.with(|_| ());
            // 1 is no thread's address: it claims the slot while the engine is put in.
            if FAST_THREAD.compare_exchange(0, 1, Ordering::Acquire, Ordering::Relaxed).is_ok() {
                FAST_ENGINE.store(engine, Ordering::Relaxed);
                FAST_THREAD.store(thread_pointer(), Ordering::Release);
            }
        }
    });
}

/// The engine of this thread; none on threads that never called [`install`].
#[inline(always)]
pub fn engine() -> Option<&'static Engine> {
    let thread = thread_pointer();
    if thread != 0 && FAST_THREAD.load(Ordering::Relaxed) == thread {
        // SAFETY: this thread itself stored both, the engine first, to a leaked box; nobody else may while
        // our number is in the slot.
        return unsafe { FAST_ENGINE.load(Ordering::Relaxed).as_ref() };
    }
    thread_engine()
}

#[cold]
fn thread_engine() -> Option<&'static Engine> {
    // SAFETY: set once by `install` to a leaked box.
    ENGINE.with(|slot| unsafe { slot.get().as_ref() })
}
