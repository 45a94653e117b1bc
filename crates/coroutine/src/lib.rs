//! Stackful coroutines: stacks, scheduler, channels.
