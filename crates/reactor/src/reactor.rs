// Signatures first, for those who build on them; the bodies follow.
use std::cell::Cell;
use std::io;
use std::os::fd::RawFd;
use std::time::{Duration, Instant};

use crate::{Direction, Interest, Sink, WaitError};

pub struct Reactor(Cell<*mut ()>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimerId { seq: std::num::NonZeroU64, slot: u32 }

#[derive(Clone)]
pub struct Waker(std::sync::Arc<()>);

impl Waker {
    pub fn wake(&self, _token: u64) {}
}

fn later<T>() -> io::Result<T> { Err(io::ErrorKind::Unsupported.into()) }

#[allow(unused_variables)]
impl Reactor {
    pub fn new() -> io::Result<Self> { later() }
    pub fn wait(&self, fd: RawFd, interest: Interest, waiter: u64) -> Result<(), WaitError> { Ok(later()?) }
    pub fn unwait(&self, fd: RawFd, waiter: u64) {}
    pub fn waiter(&self, fd: RawFd, direction: Direction) -> Option<u64> { None }
    pub fn add(&self, fd: RawFd, interest: Interest, source: u64) -> Result<(), WaitError> { Ok(later()?) }
    pub fn modify(&self, fd: RawFd, interest: Interest) -> io::Result<()> { later() }
    pub fn remove(&self, fd: RawFd) -> io::Result<bool> { later() }
    pub fn source(&self, fd: RawFd) -> Option<(u64, Interest)> { None }
    pub fn closing(&self, fd: RawFd, sink: &dyn Sink) {}
    pub fn add_timer(&self, deadline: Instant, token: u64) -> TimerId { TimerId { seq: std::num::NonZeroU64::MIN, slot: 0 } }
    pub fn cancel_timer(&self, id: TimerId) -> bool { let _ = (id.seq, id.slot); false }
    pub fn next_deadline(&self) -> Option<Instant> { None }
    pub fn timer_count(&self) -> usize { 0 }
    pub fn post(&self, token: u64) {}
    pub fn waker(&self) -> Waker { Waker(Default::default()) }
    pub fn watch_signal(&self, signo: i32) -> io::Result<()> { later() }
    pub fn unwatch_signal(&self, signo: i32) -> io::Result<()> { later() }
    pub fn watched(&self, signo: i32) -> bool { false }
    pub fn turn(&self, max_wait: Option<Duration>, sink: &dyn Sink) -> io::Result<()> { later() }
    pub fn fd_count(&self) -> usize { 0 }
    pub fn wait_count(&self) -> usize { 0 }
    pub fn source_count(&self) -> usize { 0 }
    pub fn forget(&self) { self.0.set(std::ptr::null_mut()) }
}
