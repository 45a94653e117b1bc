//! A queue between coroutines of one thread: bounded, first come first served.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::time::Duration;

use crate::co::{Task, Wake};
use crate::host::CoId;
use crate::scheduler::Engine;
use crate::thread::engine;
use crate::wait::suspend_for;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChannelError {
    #[error("timed out")]
    Timeout,
    #[error("the channel is closed")]
    Closed,
    #[error("the wait was cancelled")]
    Canceled,
}

/// Coroutines that wait, in order. An entry whose coroutine has gone on (timeout, cancel) is skipped.
#[derive(Default)]
struct Queue {
    entries: RefCell<VecDeque<(CoId, u32)>>,
    waiting: Cell<usize>,
}

impl Queue {
    /// Waits in this queue.
    #[inline(always)]
    fn wait(&self, engine: &Engine, timeout: Option<Duration>) -> Wake {
        let Some(entry) = engine.next_wait() else { return Wake::Canceled };
        self.entries.borrow_mut().push_back(entry);
        self.waiting.set(self.waiting.get() + 1);
        let wake = suspend_for(timeout, Task::Wait);
        self.waiting.set(self.waiting.get() - 1);
        if wake != Wake::Resumed {
            let mut entries = self.entries.borrow_mut();
            // The stale entry is mostly near one of the ends.
            if let Some(at) = entries.iter().position(|other| *other == entry) {
                entries.remove(at);
            }
        }
        wake
    }

    /// Wakes the first that still waits.
    #[inline(always)]
    fn wake_one(&self, engine: &Engine) -> bool {
        loop {
            let entry = self.entries.borrow_mut().pop_front();
            let Some((id, seq)) = entry else { return false };
            if engine.wake_if(id, seq, Wake::Resumed) {
                return true;
            }
        }
    }
}

/// See `Swoole\Coroutine\Channel`.
pub struct Channel<T> {
    items: RefCell<VecDeque<T>>,
    capacity: usize,
    closed: Cell<bool>,
    producers: Queue,
    consumers: Queue,
}

impl<T> Channel<T> {
    /// A channel for `capacity` items, at least 1.
    pub fn new(capacity: usize) -> Self {
        Self {
            items: RefCell::new(VecDeque::new()),
            capacity: capacity.max(1),
            closed: Cell::new(false),
            producers: Queue::default(),
            consumers: Queue::default(),
        }
    }

    pub fn capacity(&self) -> usize {
        self.capacity
    }

    pub fn len(&self) -> usize {
        self.items.borrow().len()
    }

    pub fn is_empty(&self) -> bool {
        self.items.borrow().is_empty()
    }

    pub fn is_full(&self) -> bool {
        self.items.borrow().len() >= self.capacity
    }

    pub fn is_closed(&self) -> bool {
        self.closed.get()
    }

    /// Coroutines waiting to pop.
    pub fn consumers(&self) -> usize {
        self.consumers.waiting.get()
    }

    /// Coroutines waiting to push.
    pub fn producers(&self) -> usize {
        self.producers.waiting.get()
    }

    /// Looks at the items, for garbage collection.
    pub fn for_each(&self, mut look: impl FnMut(&T)) {
        self.items.borrow().iter().for_each(&mut look);
    }

    /// Appends an item and wakes the first popper at once; waits while the channel is full.
    ///
    /// # Errors
    /// With the item, which was not taken.
    #[inline(always)]
    pub fn push(&self, item: T, timeout: Option<Duration>) -> Result<(), (ChannelError, T)> {
        let Some(engine) = engine() else { return Err((ChannelError::Canceled, item)) };
        if self.closed.get() {
            return Err((ChannelError::Closed, item));
        }
        if self.is_full() || self.producers.waiting.get() > 0 {
            if let Err(error) = self.verdict(self.producers.wait(engine, timeout)) {
                return Err((error, item));
            }
            if self.closed.get() {
                return Err((ChannelError::Closed, item));
            }
        }
        self.items.borrow_mut().push_back(item);
        self.consumers.wake_one(engine);
        Ok(())
    }

    /// Takes the first item and wakes the first pusher at once; waits while the channel is empty. A
    /// closed channel still gives what it holds.
    ///
    /// # Errors
    /// When there was no item in time.
    #[inline(always)]
    pub fn pop(&self, timeout: Option<Duration>) -> Result<T, ChannelError> {
        let Some(engine) = engine() else { return Err(ChannelError::Canceled) };
        if self.closed.get() && self.is_empty() {
            return Err(ChannelError::Closed);
        }
        if self.is_empty() || self.consumers.waiting.get() > 0 {
            let wake = self.consumers.wait(engine, timeout);
            self.verdict(wake)?;
            if self.closed.get() && self.is_empty() {
                return Err(ChannelError::Closed);
            }
        }
        let item = self.items.borrow_mut().pop_front().ok_or(ChannelError::Canceled)?;
        self.producers.wake_one(engine);
        Ok(item)
    }

    /// Wakes all who wait; no item goes in any more. False when it was closed already.
    pub fn close(&self) -> bool {
        let Some(engine) = engine() else { return false };
        if self.closed.replace(true) {
            return false;
        }
        while self.producers.wake_one(engine) {}
        while self.consumers.wake_one(engine) {}
        true
    }

    fn verdict(&self, wake: Wake) -> Result<(), ChannelError> {
        match wake {
            Wake::Resumed => Ok(()),
            Wake::Timeout => Err(ChannelError::Timeout),
            Wake::Canceled | Wake::Closed | Wake::Ready(_) => Err(ChannelError::Canceled),
        }
    }
}
