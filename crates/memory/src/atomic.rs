//! Integers that processes share, and a futex gate on the 32-bit one.

use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::futex::{self, Woken};
use crate::map::MapError;
use crate::slab::Cell;

/// A shared 32-bit counter on a cache line of its own.
#[derive(Debug)]
pub struct Atomic32(Cell);

/// A shared 64-bit counter on a cache line of its own.
#[derive(Debug)]
pub struct Atomic64(Cell);

impl Atomic32 {
    /// A counter that starts at `value`.
    ///
    /// # Errors
    /// No memory for another page of cells.
    pub fn new(value: u32) -> Result<Atomic32, MapError> {
        let cell = Atomic32(Cell::new()?);
        cell.word().store(value, Ordering::SeqCst);
        Ok(cell)
    }

    /// The word itself.
    #[inline]
    pub fn word(&self) -> &AtomicU32 {
        // SAFETY: a cell is 64 mapped, aligned bytes that live as long as self.
        unsafe { &*self.0.as_ptr().cast() }
    }

    /// Passes when the value is 1, setting it to 0; else sleeps until [`Atomic32::wakeup`] or the
    /// time is up (`None`: for ever). Also false when the value is neither 0 nor 1, when another
    /// waiter passed first, and after a signal.
    pub fn wait(&self, timeout: Option<Duration>) -> bool {
        gate_wait(self.word(), timeout)
    }

    /// Opens the gate: 0 becomes 1, and up to `count` sleepers look again. Does nothing at any
    /// other value.
    pub fn wakeup(&self, count: u32) -> usize {
        let word = self.word();
        if word.compare_exchange(0, 1, Ordering::SeqCst, Ordering::SeqCst).is_ok() { futex::wake(word, count) } else { 0 }
    }
}

/// [`Atomic32::wait`] on a bare word, for a thread that does the waiting for a coroutine.
pub fn gate_wait(word: &AtomicU32, timeout: Option<Duration>) -> bool {
    gate_look(word, timeout).unwrap_or(false)
}

/// As [`gate_wait`], telling apart a sleeper that was woken and found the gate shut again by another
/// (`Some(false)`) from one that slept its time out (`None`).
pub fn gate_look(word: &AtomicU32, timeout: Option<Duration>) -> Option<bool> {
    let deadline = timeout.and_then(|t| Instant::now().checked_add(t));
    let pass = || word.compare_exchange(1, 0, Ordering::SeqCst, Ordering::SeqCst).is_ok();
    if pass() {
        return Some(true);
    }
    let left = deadline.map(|d| d.saturating_duration_since(Instant::now()));
    match futex::wait(word, 0, left) {
        // Changed: the gate was opened between our look and the kernel's.
        Woken::Woken | Woken::Changed => Some(pass()),
        Woken::TimedOut | Woken::Interrupted => None,
    }
}

impl Atomic64 {
    /// A counter that starts at `value`.
    ///
    /// # Errors
    /// No memory for another page of cells.
    pub fn new(value: i64) -> Result<Atomic64, MapError> {
        let cell = Atomic64(Cell::new()?);
        cell.word().store(value, Ordering::SeqCst);
        Ok(cell)
    }

    /// The word itself.
    #[inline]
    pub fn word(&self) -> &AtomicI64 {
        // SAFETY: a cell is 64 mapped, aligned bytes that live as long as self.
        unsafe { &*self.0.as_ptr().cast() }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn gate() {
        let a = Atomic32::new(1).unwrap();
        assert!(a.wait(Some(Duration::from_secs(1))));
        assert_eq!(a.word().load(Ordering::SeqCst), 0);
        let start = Instant::now();
        assert!(!a.wait(Some(Duration::from_millis(30))));
        assert!(start.elapsed() >= Duration::from_millis(30));
        a.wakeup(1);
        assert_eq!(a.word().load(Ordering::SeqCst), 1);
        a.word().store(5, Ordering::SeqCst);
        assert_eq!(a.wakeup(1), 0);
        assert!(!a.wait(None), "neither 0 nor 1 never sleeps");
    }

    #[test]
    fn wakes_another_process() {
        let a = Atomic32::new(0).unwrap();
        // SAFETY: the child only waits and leaves.
        let pid = unsafe { libc::fork() };
        if pid == 0 {
            let ok = a.wait(Some(Duration::from_secs(5)));
            // SAFETY: leaves without the harness's destructors.
            unsafe { libc::_exit(i32::from(!ok)) };
        }
        std::thread::sleep(Duration::from_millis(50));
        a.wakeup(1);
        let mut status = 1;
        // SAFETY: our child.
        unsafe { libc::waitpid(pid, &mut status, 0) };
        assert_eq!(status, 0);
    }
}
