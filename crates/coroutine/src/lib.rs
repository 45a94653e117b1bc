//! Stackful coroutines: stacks, scheduler, waits, channels. Knows PHP only through the [`Host`] trait.

mod channel;
mod co;
mod host;
mod overflow;
mod scheduler;
mod stack;
mod table;
mod thread;
mod turn;
mod wait;

pub use channel::{Channel, ChannelError};
pub use co::{Body, Cancel, Co, Raise, State, Task, Wake};
pub use host::{Aborted, CoId, Host, LOCAL_SIZE, Local, Outcome, Source, SourceId, SpawnError, Switches, VM_PAGE};
pub use scheduler::{Engine, tick};
pub use stack::StackPool;
pub use thread::{engine, install};
pub use turn::CallId;
pub use wait::{WaitFd, await_future, blocking, blocking_for, current, in_coroutine, sleep, suspend_for, wait_fd};
