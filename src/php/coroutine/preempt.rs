//! Preemption: a thread that makes the VM ask, every few milliseconds, whether a coroutine has run long enough.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use coroutine::{Task, engine};

use crate::zend::host::{self, Interrupt};
use crate::zend::{Call, PhpResult, Zval};

/// The clock's tick.
const TICK: Duration = Duration::from_millis(5);
/// Milliseconds that a coroutine may run without a break.
const SLICE: u32 = 10;

struct Clock {
    running: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

thread_local! {
    static CLOCK: RefCell<Option<Clock>> = const { RefCell::new(None) };
}

/// Starts the clock; once is enough.
pub fn start() {
    CLOCK.with_borrow_mut(|clock| {
        if clock.is_some() {
            return;
        }
        host::on_interrupt(interrupted);
        coroutine::tick();
        let running = Arc::new(AtomicBool::new(true));
        let (alive, vm) = (Arc::clone(&running), Interrupt::here());
        let blocked = block_signals();
        // Without a thread, loops run on as they would without preemption.
        *clock = std::thread::Builder::new()
            .name("swoole-preempt".into())
            .spawn(move || {
                let vm = vm;
                while alive.load(Ordering::Relaxed) {
                    std::thread::park_timeout(TICK);
                    coroutine::tick();
                    vm.raise();
                }
            })
            .ok()
            .map(|thread| Clock { running, thread });
        restore_signals(&blocked);
    });
}

/// A new thread inherits the mask: signals are for PHP's thread.
fn block_signals() -> libc::sigset_t {
    // SAFETY: plain data, filled by the calls (pthread_sigmask(3)).
    unsafe {
        let mut all: libc::sigset_t = std::mem::zeroed();
        let mut old: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&mut all);
        libc::pthread_sigmask(libc::SIG_SETMASK, &all, &mut old);
        old
    }
}

fn restore_signals(old: &libc::sigset_t) {
    // SAFETY: the mask that `block_signals` found.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, old, std::ptr::null_mut()) };
}

/// Whether it ran.
pub fn stop() -> bool {
    let Some(clock) = CLOCK.take() else { return false };
    clock.running.store(false, Ordering::Relaxed);
    clock.thread.thread().unpark();
    let _ = clock.thread.join();
    true
}

/// In a forked child, where the thread is not.
pub fn after_fork() {
    std::mem::forget(CLOCK.take());
}

/// The VM has stopped between two instructions.
extern "C" fn interrupted() {
    let Some(engine) = engine() else { return };
    let due = engine.current().is_some_and(coroutine::Co::is_preemptible) && engine.slice_used(SLICE) && engine.can_suspend();
    if let (true, Some(wait)) = (due && !engine.is_aborted(), engine.next_wait()) {
        engine.wake_at_end(wait);
        engine.suspend(Task::Fixed);
    }
}

fn set_preemptible(on: bool) -> bool {
    engine().and_then(coroutine::Engine::current).is_some_and(|co| co.set_preemptible(on) != on)
}

/// `Coroutine::enableScheduler(): bool`: the current coroutine may be preempted again.
pub fn enable_scheduler(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    ret.set_bool(set_preemptible(true));
    Ok(())
}

/// `Coroutine::disableScheduler(): bool`: the current coroutine is not preempted.
pub fn disable_scheduler(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    ret.set_bool(set_preemptible(false));
    Ok(())
}
