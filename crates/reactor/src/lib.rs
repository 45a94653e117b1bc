//! One epoll loop a thread: fds, timers, signals, wakes from other threads, the blocking pool, the tokio thread.
//!
//! The loop knows coroutines only as numbers: a [`Sink`] turns them back into something to resume.

mod error;
mod fds;
mod interest;
pub mod pool;
mod reactor;
mod signal;
mod sink;
mod sys;
mod timer;
mod turn;
mod waker;

pub use error::WaitError;
pub use interest::{Direction, Interest, Readiness};

pub use pool::Background;
pub use reactor::Reactor;
pub use sink::Sink;
pub use timer::TimerId;
pub use waker::Waker;
