//! PROCESS mode: a connection whose socket is a gate's.

use std::io::IoSlice;
use std::rc::Rc;
use std::sync::atomic::Ordering;

use super::super::lanes::Item;
use super::super::table::flag;
use super::super::worker::{Worker, worker};
use super::super::{Port, SessionId};
use super::{Conn, ConnState, SendError};

impl Conn {
    /// A connection whose socket a gate has.
    pub(in crate::server) fn remote(port: &Rc<Port>, id: SessionId, gate: usize) -> Rc<Self> {
        Self::make(port, id, -1, Some(gate), ConnState::Open, None)
    }

    /// A connection of another process: orders go through rings, or (`by_message`) to the inbox `owner`.
    pub(in crate::server) fn foreign(port: &Rc<Port>, id: SessionId, owner: usize, by_message: bool) -> Rc<Self> {
        let conn = Self::remote(port, id, owner);
        conn.foreign.set(Some(by_message));
        conn
    }

    /// Closed for all users; its gate still drains it.
    pub(in crate::server) fn is_closing(&self) {
        self.state.set(ConnState::Draining);
    }

    pub(in crate::server) fn has_begun(&self) -> bool {
        self.protocol.borrow().is_some()
    }

    /// As [`Conn::begin`], without the Connect event: for a connection from before this process.
    pub(in crate::server) fn begin_silent(self: &Rc<Self>, worker: &Worker) {
        let protocol = worker.app().protocol(self);
        *self.protocol.borrow_mut() = Some(protocol);
    }

    /// Bytes from the gate: whole packets, or what came where a protocol of ours cuts them.
    pub(in crate::server) fn receive(self: &Rc<Self>, worker: &Worker, bytes: &[u8]) {
        if !self.has_begun() {
            self.begin_silent(worker);
        }
        if self.reading.get() || self.paused.get() {
            self.kept.borrow_mut().extend_from_slice(bytes);
            return;
        }
        self.reading.set(true);
        let mut kept = self.kept.take();
        if kept.is_empty() {
            let used = self.feed(bytes);
            if used < bytes.len() && self.is_open() {
                let later = self.kept.take();
                kept.extend_from_slice(&bytes[used..]);
                kept.extend_from_slice(&later);
            }
        } else {
            kept.extend_from_slice(bytes);
            let used = self.feed(&kept);
            kept.drain(..used.min(kept.len()));
        }
        self.keep(kept);
        self.end_of_batch();
        self.release(worker);
    }

    /// The gate has sent everything.
    pub(in crate::server) fn remote_drained(self: &Rc<Self>, worker: &Worker) {
        worker.app().buffer_empty(self);
        self.wake_waiters();
        if let Some(protocol) = self.protocol().filter(|_| self.is_open()) {
            protocol.drained(self);
        }
    }

    /// False: it was not taken.
    pub(super) fn push(&self, gate: usize, item: Item, parts: &[&[u8]]) -> bool {
        let Some(worker) = worker() else { return false };
        if self.foreign.get() == Some(true) {
            return worker.send_item(gate, item, self.id, false, &parts.concat());
        }
        let Some(remote) = worker.remote() else { return false };
        remote.push(gate, item, self.port.index, self.id, parts)
            || worker.send_item(worker.inbox_of_gate(gate), item, self.id, self.foreign.get().is_none(), &parts.concat())
    }

    /// Gives the connection back to its gate, which may send what comes next to any worker.
    pub(in crate::server) fn release(self: &Rc<Self>, worker: &Worker) {
        let (Some(gate), Some(remote)) = (self.gate, worker.remote()) else { return };
        let idle = self.is_open() && !self.reading.get() && !self.paused.get() && self.kept.borrow().is_empty();
        if !idle || !remote.releases() || !self.protocol().is_some_and(|protocol| protocol.resting()) {
            return;
        }
        let Some(slot) = self.slot() else { return };
        let taken = slot.taken.load(Ordering::Relaxed);
        remote.push(gate, Item::Release, self.port.index, self.id, &[&taken.to_ne_bytes()]);
        remote.forget(self.id);
    }

    /// What is under way on it has ended outside of a read.
    pub fn rest(self: &Rc<Self>) {
        if let Some(worker) = worker() {
            self.release(worker);
        }
    }

    pub(super) fn send_remote(&self, gate: usize, parts: &[IoSlice<'_>]) -> Result<(), SendError> {
        let slot = self.slot().ok_or(SendError::Gone)?;
        if slot.has(flag::CLOSING) {
            return Err(SendError::ClosedByPeer);
        }
        if slot.send_queued.load(Ordering::Relaxed) as usize >= self.port.settings.borrow().socket_buffer_size {
            slot.set(flag::OVERFLOW, true);
            return Err(SendError::Full);
        }
        let taken = match parts {
            [one] => self.push(gate, Item::Send, &[one]),
            [one, two] => self.push(gate, Item::Send, &[one, two]),
            many => {
                let slices: Vec<&[u8]> = many.iter().map(|part| &**part).collect();
                self.push(gate, Item::Send, &slices)
            }
        };
        if taken { Ok(()) } else { Err(SendError::Full) }
    }
}
