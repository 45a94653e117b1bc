//! A sink that writes down what it is told, and may act on it.
#![allow(dead_code)] // each test file uses a part

use std::cell::{Cell, RefCell};
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use reactor::{Reactor, Readiness, Sink};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    Ready(u64, Readiness),
    Source(u64, Readiness),
    Closed(u64, RawFd),
    Timer(u64),
    Posted(u64),
    Woken(u64),
    Signal(i32),
    Interrupted,
    Deferred,
    Cycle,
}

type React<'a> = Box<dyn Fn(&Seen) + 'a>;

#[derive(Default)]
pub struct Recorder<'a> {
    pub seen: RefCell<Vec<Seen>>,
    pub deferred: Cell<bool>,
    /// Record the ends of turns as well.
    pub phases: Cell<bool>,
    pub react: RefCell<Option<React<'a>>>,
}

impl<'a> Recorder<'a> {
    pub fn reacting(react: impl Fn(&Seen) + 'a) -> Self {
        let recorder = Self::default();
        *recorder.react.borrow_mut() = Some(Box::new(react));
        recorder
    }

    pub fn take(&self) -> Vec<Seen> {
        self.seen.take()
    }

    fn note(&self, seen: Seen) {
        self.seen.borrow_mut().push(seen.clone());
        if let Some(react) = &*self.react.borrow() {
            react(&seen);
        }
    }

    /// Turns until something is seen.
    pub fn turn(&self, reactor: &Reactor) -> Vec<Seen> {
        let give_up = Instant::now() + Duration::from_secs(30);
        loop {
            reactor.turn(Some(Duration::from_millis(200)), self).expect("turn");
            let seen = self.take();
            if !seen.is_empty() {
                return seen;
            }
            assert!(Instant::now() < give_up, "nothing came");
        }
    }

    /// One turn without waiting.
    pub fn poll(&self, reactor: &Reactor) -> Vec<Seen> {
        reactor.turn(Some(Duration::ZERO), self).expect("turn");
        self.take()
    }
}

impl Sink for Recorder<'_> {
    fn ready(&self, waiter: u64, _fd: RawFd, ready: Readiness) {
        self.note(Seen::Ready(waiter, ready));
    }
    fn source_ready(&self, source: u64, _fd: RawFd, ready: Readiness) {
        self.note(Seen::Source(source, ready));
    }
    fn closed(&self, waiter: u64, fd: RawFd) {
        self.note(Seen::Closed(waiter, fd));
    }
    fn timer(&self, token: u64) {
        self.note(Seen::Timer(token));
    }
    fn posted(&self, token: u64) {
        self.note(Seen::Posted(token));
    }
    fn woken(&self, token: u64) {
        self.note(Seen::Woken(token));
    }
    fn signal(&self, signo: i32, info: &libc::signalfd_siginfo) {
        assert_eq!(info.ssi_signo, signo as u32);
        self.note(Seen::Signal(signo));
    }
    fn interrupted(&self) {
        self.note(Seen::Interrupted);
    }
    fn deferred(&self) {
        if self.deferred.take() {
            self.note(Seen::Deferred);
        }
    }
    fn has_deferred(&self) -> bool {
        self.deferred.get()
    }
    fn cycle(&self) {
        if self.phases.get() {
            self.note(Seen::Cycle);
        }
    }
}

pub struct Pair {
    pub near: UnixStream,
    pub far: UnixStream,
}

impl Pair {
    pub fn new() -> Self {
        let (near, far) = UnixStream::pair().expect("socketpair");
        near.set_nonblocking(true).expect("nonblocking");
        Self { near, far }
    }

    pub fn fd(&self) -> RawFd {
        self.near.as_raw_fd()
    }

    pub fn feed(&self) {
        (&self.far).write_all(b"x").expect("write");
    }

    pub fn eat(&self) {
        let mut byte = [0];
        assert_eq!((&self.near).read(&mut byte).expect("read"), 1);
    }

    /// Fills the near side's send buffer.
    pub fn stuff(&self) {
        while (&self.near).write(&[0; 4096]).is_ok() {}
    }

    pub fn unstuff(&self) {
        self.far.set_nonblocking(true).expect("nonblocking");
        let mut buffer = [0; 65536];
        while (&self.far).read(&mut buffer).is_ok_and(|n| n > 0) {}
    }
}
