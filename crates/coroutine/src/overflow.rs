//! Tells which coroutine it was, when a stack overflow runs into its guard page.

use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::mem::MaybeUninit;
use std::ptr;

use crate::co::Co;
use crate::host::VM_PAGE;
use crate::thread::engine;

/// Bytes of the stack that the handler runs on: what SIGSTKSZ asks for, and room for a line of text.
const ALTERNATE: usize = 64 * 1024;

thread_local! {
    static WATCHED: Cell<bool> = const { Cell::new(false) };
}

/// What SIGSEGV did before: another library may have a handler of its own.
struct Before(std::cell::UnsafeCell<MaybeUninit<libc::sigaction>>);
// SAFETY: written once, by `watch`, before the handler that reads it is in place.
unsafe impl Sync for Before {}
static BEFORE: Before = Before(std::cell::UnsafeCell::new(MaybeUninit::zeroed()));

/// Has overflows of this thread's coroutines told through [`crate::Host::stack_overflowed`]. A second call does
/// nothing.
pub(crate) fn watch() {
    if WATCHED.replace(true) {
        return;
    }
    // SAFETY: fresh memory becomes the thread's alternate stack (sigaltstack(2)) for as long as the process
    // lives; the handler is async-signal-safe (signal-safety(7)), and `BEFORE` is written before it runs.
    unsafe {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_STACK;
        let mut old: libc::stack_t = std::mem::zeroed();
        if libc::sigaltstack(ptr::null(), &mut old) != 0 {
            return;
        }
        if old.ss_flags & libc::SS_DISABLE != 0 {
            let memory = libc::mmap(ptr::null_mut(), ALTERNATE, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0);
            if memory == libc::MAP_FAILED {
                return;
            }
            let stack = libc::stack_t { ss_sp: memory, ss_flags: 0, ss_size: ALTERNATE };
            if libc::sigaltstack(&stack, ptr::null_mut()) != 0 {
                libc::munmap(memory, ALTERNATE);
                return;
            }
        }
        libc::sigaction(libc::SIGSEGV, ptr::null(), BEFORE.0.get().cast());
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handler as *const () as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
        libc::sigemptyset(&mut action.sa_mask);
        libc::sigaction(libc::SIGSEGV, &action, ptr::null_mut());
    }
}

extern "C" fn handler(_signal: c_int, info: *mut libc::siginfo_t, _context: *mut c_void) {
    // SAFETY: the kernel's siginfo of a SIGSEGV; sigaction(2) and raise(3) are async-signal-safe. On return the
    // faulting instruction runs again, and meets whoever was in charge before.
    unsafe {
        let sent = (*info).si_code <= 0;
        if !sent {
            tell((*info).si_addr() as usize);
        }
        libc::sigaction(libc::SIGSEGV, BEFORE.0.get().cast(), ptr::null_mut());
        // One that kill(2) sent has no instruction to run again.
        if sent {
            libc::raise(libc::SIGSEGV);
        }
    }
}

fn tell(address: usize) {
    let Some(engine) = engine() else { return };
    let Some((high, size)) = engine.stacks.guard_hit(address) else { return };
    let co = (high - VM_PAGE - size_of::<Co>()) & !15;
    // Only who runs can have overflowed; any other fault there is a stray pointer's.
    if engine.current.get() as usize == co
        && let Some(id) = engine.current_id()
    {
        engine.host.stack_overflowed(id, size);
    }
}
