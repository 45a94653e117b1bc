//! Locks that processes share and that outlive a killed owner.
//!
//! All are advisory about *who* unlocks: like Swoole's, any process may release what another one
//! took. A lock whose owner died is taken over by the next one who wants it, and
//! [`crate::owner::on_takeover`] hears of it.

mod file;
mod mutex;
mod rwlock;
mod spin;

use std::time::{Duration, Instant};

pub use file::FileLock;
#[cfg(not(loom))]
pub use mutex::Mutex;
pub use mutex::{Parking, RawMutex};
pub use rwlock::RwLock;
pub use spin::SpinLock;
pub(crate) use spin::acquire as acquire_word;

/// Why a lock was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LockError {
    /// Held by another, and the caller would not wait.
    #[error("the lock is held")]
    Busy,
    /// Still held when the time was up.
    #[error("timed out")]
    TimedOut,
    /// The caller's own process holds it in a way that waiting cannot resolve.
    #[error("the process holds the lock already")]
    Deadlock,
    /// A system call failed, with this errno.
    #[error("errno {0}")]
    Os(i32),
}

impl LockError {
    /// The errno(3) that says the same.
    pub fn errno(self) -> i32 {
        match self {
            LockError::Busy => libc::EBUSY,
            LockError::TimedOut => libc::ETIMEDOUT,
            LockError::Deadlock => libc::EDEADLK,
            LockError::Os(errno) => errno,
        }
    }
}

/// How long a caller is ready to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// Not at all.
    Try,
    /// Until this instant.
    Until(Instant),
    /// As long as it takes.
    Forever,
}

impl Patience {
    /// Waits for this long; an instant too far to name is for ever.
    pub fn within(time: Duration) -> Patience {
        Instant::now().checked_add(time).map_or(Patience::Forever, Patience::Until)
    }

    /// The time left, at most `slice`; or why there is none.
    fn slice(self, slice: Duration) -> Result<Duration, LockError> {
        match self {
            Patience::Try => Err(LockError::Busy),
            Patience::Forever => Ok(slice),
            Patience::Until(end) => {
                let left = end.saturating_duration_since(Instant::now());
                if left.is_zero() { Err(LockError::TimedOut) } else { Ok(left.min(slice)) }
            }
        }
    }
}

/// What a lock is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Together with other readers.
    Shared,
    /// Alone.
    Exclusive,
}

/// How long a sleeper sleeps before it asks again whether the owner lives: no kernel wakes it
/// when the owner is killed.
const LIVENESS: Duration = Duration::from_millis(50);
