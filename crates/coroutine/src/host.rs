//! What the language above supplies, and how it and the engine tell each other the outcome.

use std::cell::UnsafeCell;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::RawFd;

use reactor::Readiness;

use crate::co::Raise;

/// Counts up from 1 in a process and is never used twice.
pub type CoId = i64;

/// Bytes of host data (PHP's VM state) beside each coroutine.
pub const LOCAL_SIZE: usize = 640;
/// Bytes on top of each stack that the host may use as it likes (PHP's first VM stack page), from low to
/// high. It begins inside the page that also holds the coroutine's record and the top of its C stack, so
/// that a small coroutine touches one page of memory and no more; the two pages above wait untouched.
pub const VM_PAGE: usize = 1536 + 2 * 4096;

/// Host data of one coroutine, or of the main context. The engine never looks inside.
#[repr(C, align(16))]
pub struct Local(UnsafeCell<MaybeUninit<[u8; LOCAL_SIZE]>>);

impl Local {
    /// For a coroutine: the host fills it in [`Switches::start`].
    pub(crate) fn unset() -> Self {
        Self(UnsafeCell::new(MaybeUninit::uninit()))
    }

    /// For the main context.
    pub(crate) fn zeroed() -> Self {
        Self(UnsafeCell::new(MaybeUninit::zeroed()))
    }

    pub fn as_ptr(&self) -> *mut u8 {
        self.0.get().cast()
    }
}

/// How the language's state changes hands between two contexts, each with its [`Local`] of [`LOCAL_SIZE`] bytes.
#[derive(Clone, Copy, Debug)]
pub struct Switches {
    /// Saves the running state into the first and loads the second, which was saved before.
    pub switch: unsafe extern "C" fn(from: *mut u8, to: *mut u8),
    /// Saves the running state into the first and begins a new coroutine's in the second, with a page of so many
    /// bytes ([`VM_PAGE`]) on its stack; then the stack's lowest address.
    pub start: unsafe extern "C" fn(from: *mut u8, new: *mut u8, page: *mut u8, bytes: usize, low: *mut u8),
    /// Drops the running state, that of an ended coroutine, with all that its local holds, and loads the second.
    /// Not called after an abort.
    pub end: unsafe extern "C" fn(ended: *mut u8, to: *mut u8),
}

/// What the language above supplies. All methods run on the engine's thread.
pub trait Host {
    /// How the language's state changes hands; asked once.
    fn switches(&self) -> Switches;
    /// The current coroutine goes on after a wait that is to end with an exception.
    fn raise(&self, _what: Raise) {}
    /// A timer made with [`Engine::host_timer`].
    fn timer(&self, token: u64);
    /// A token posted with [`Engine::host_post`], or woken through the reactor's waker with the host tag.
    fn posted(&self, _token: u64) {}
    fn signal(&self, signo: i32, info: &libc::signalfd_siginfo);
    fn interrupted(&self) {}
    fn deferred(&self) {}
    fn has_deferred(&self) -> bool {
        false
    }
    /// Takes a wait that is to end in its turn among what the host itself has deferred.
    fn defer_wake(&self, _wait: (CoId, u32)) -> bool {
        false
    }
    fn cycle(&self) {}
    /// A turn begins.
    fn before_wait(&self) {}
    /// What the host itself has under way that should keep the loop alive.
    fn busy(&self) -> bool {
        false
    }
    /// The C stack of a coroutine, of so many bytes, is used up; the process dies next. Runs in a signal
    /// handler: nothing may be allocated or locked.
    fn stack_overflowed(&self, _id: CoId, _bytes: usize) {}
}

/// A level-triggered user of the loop: a listening socket, a connection, a script's fd.
pub trait Source {
    fn ready(&self, fd: RawFd, ready: Readiness);
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceId(pub u64);

/// How a coroutine's body ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// A fatal error: the whole request ends, no coroutine runs any more.
    Abort,
}

/// Some coroutine ended the request: unwind to the outermost frame and bail out there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the request was aborted inside a coroutine")]
pub struct Aborted;

#[derive(Debug, thiserror::Error)]
pub enum SpawnError {
    #[error("too many coroutines, limit is {0}")]
    Limit(usize),
    #[error("no memory for a coroutine's stack: {0}")]
    Stack(#[from] io::Error),
    #[error(transparent)]
    Aborted(#[from] Aborted),
}
