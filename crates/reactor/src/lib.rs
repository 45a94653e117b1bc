//! One epoll loop a thread: fds, timers, signals, wakes from other threads, the blocking pool, the tokio thread.
//!
//! The loop knows coroutines only as numbers: a [`Sink`] turns them back into something to resume.

mod error;
mod interest;
mod reactor;
mod sink;

pub use error::WaitError;
pub use interest::{Direction, Interest, Readiness};
pub use reactor::{Reactor, TimerId, Waker};
pub use sink::Sink;
