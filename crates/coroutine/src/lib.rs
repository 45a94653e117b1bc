//! Stackful coroutines: stacks, scheduler, waits, channels. Knows PHP only through the [`Host`] trait.

mod channel;
mod scheduler;
mod stack;
mod table;
mod wait;

pub use channel::{Channel, ChannelError};
pub use scheduler::{
    Aborted, Body, Cancel, Co, CoId, Engine, Host, LOCAL_SIZE, Local, Outcome, Raise, Source, SourceId, SpawnError, State, SwitchFn, Task, VM_PAGE, Wake,
    engine, install, tick,
};
pub use stack::StackPool;
pub use wait::{WaitFd, await_future, blocking, blocking_for, current, in_coroutine, sleep, suspend_for, wait_fd};
