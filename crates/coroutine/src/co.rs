//! One coroutine: its record on top of its own stack, its states, what may wake it.

use std::cell::{Cell, RefCell, UnsafeCell};
use std::mem::ManuallyDrop;
use std::ptr;

use corosensei::stack::{Stack, StackPointer};
use corosensei::{Coroutine, Yielder};
use reactor::Readiness;

use crate::host::{CoId, Local, Outcome, VM_PAGE};
use crate::stack::Region;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Running,
    /// Resumed another coroutine and waits for that to yield.
    Nested,
    Waiting,
    Ended,
}

/// Why a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// By `resume`, a channel, a pool operation: what the waiter waited for.
    Resumed,
    Ready(Readiness),
    Timeout,
    Canceled,
    /// The fd was closed by somebody else.
    Closed,
}

/// The exception that awaits a coroutine where it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Raise {
    Canceled,
    /// Its time limit has passed.
    TimedOut,
}

/// What became of [`Engine::end_wait`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancel {
    /// The wait has ended, and the coroutine run until its next one.
    Done,
    /// It will meet the exception when its present wait ends by itself.
    Later,
    /// It does not wait, or for something that must not be interrupted.
    Refused,
    /// The same exception awaits it already.
    Twice,
    NotFound,
}

/// How the current coroutine is to be woken; decides what [`Engine::cancel`] and `resume` may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// `Coroutine::yield()`: anybody may resume it.
    Yield,
    /// I/O, timers, channels: only its event, or a cancel.
    Wait,
    /// Something that borrows memory of ours (a pool operation): not even a cancel.
    Fixed,
}

pub type Body = unsafe fn(co: &Co, argument: *mut u8) -> Outcome;

pub(crate) type Switch = Coroutine<(), (), Outcome, Region>;

/// One coroutine. Lives on its own stack's top, below the VM page.
#[repr(C)]
pub struct Co {
    pub(crate) id: CoId,
    pub(crate) parent: CoId,
    pub(crate) state: Cell<State>,
    pub(crate) task: Cell<Task>,
    pub(crate) wake: Cell<Wake>,
    pub(crate) canceled: Cell<bool>,
    pub(crate) raise: Cell<Option<Raise>>,
    pub(crate) no_suspend: Cell<u32>,
    /// Counts waits, so that a queue entry of an earlier wait is known to be stale.
    pub(crate) seq: Cell<u32>,
    pub(crate) started: Cell<u64>,
    /// The preemption clock when it last began to run.
    pub(crate) slice: Cell<u32>,
    pub(crate) preemptible: Cell<bool>,
    pub(crate) yielder: Cell<*const Yielder<(), ()>>,
    pub(crate) resumer: Cell<*mut Co>,
    pub(crate) switch: UnsafeCell<ManuallyDrop<Switch>>,
    pub(crate) joiners: RefCell<Vec<(CoId, u32)>>,
    pub(crate) local: Local,
}

impl Co {
    pub fn id(&self) -> CoId {
        self.id
    }

    /// The coroutine that made this one; −1 for the main context's children.
    pub fn parent(&self) -> CoId {
        self.parent
    }

    pub fn local(&self) -> *mut u8 {
        self.local.as_ptr()
    }

    pub fn state(&self) -> State {
        self.state.get()
    }

    pub fn is_canceled(&self) -> bool {
        self.canceled.get()
    }

    pub fn set_canceled(&self, on: bool) {
        self.canceled.set(on);
    }

    pub fn is_yielding(&self) -> bool {
        self.state.get() == State::Waiting && self.task.get() == Task::Yield
    }

    /// Identifies the wait under way; see [`Engine::wake_if`].
    pub fn wait_seq(&self) -> u32 {
        self.seq.get()
    }

    pub fn is_preemptible(&self) -> bool {
        self.preemptible.get()
    }

    /// Whether it may be interrupted; tells what was.
    pub fn set_preemptible(&self, on: bool) -> bool {
        self.preemptible.replace(on)
    }

    /// Whether another coroutine waits for its end.
    pub fn is_joined(&self) -> bool {
        !self.joiners.borrow().is_empty()
    }

    /// Milliseconds since it was made.
    pub fn elapsed_ms(&self) -> u64 {
        monotonic_ns().saturating_sub(self.started.get()) / 1_000_000
    }

    /// Bytes of C stack between its top and `here`.
    pub fn stack_used(&self, here: *const u8) -> usize {
        (ptr::from_ref(self) as usize).saturating_sub(here as usize)
    }
}

// SAFETY: `base` and `limit` are the bounds of a mapping that this Region owns; it has a guard page, or
// the pool counts and tells it as unguarded (see stack.rs).
unsafe impl Stack for Region {
    fn base(&self) -> StackPointer {
        let base = self.high() as usize - VM_PAGE - size_of::<Co>();
        // INVARIANT: a mapping never lies at address 0.
        StackPointer::new(base & !15).unwrap_or(StackPointer::MAX)
    }

    fn limit(&self) -> StackPointer {
        // INVARIANT: as above.
        StackPointer::new(self.low() as usize).unwrap_or(StackPointer::MIN)
    }
}

pub(crate) fn co_of(region: &Region) -> *mut Co {
    region.base().get() as *mut Co
}

/// Nanoseconds of CLOCK_MONOTONIC as of the last tick: for ages of coroutines, where 4 ms do not matter.
pub(crate) fn coarse_ns() -> u64 {
    clock(libc::CLOCK_MONOTONIC_COARSE)
}

pub(crate) fn monotonic_ns() -> u64 {
    clock(libc::CLOCK_MONOTONIC)
}

fn clock(id: libc::clockid_t) -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes one timespec; both clocks exist on every Linux (clock_gettime(2)).
    unsafe { libc::clock_gettime(id, &mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}
