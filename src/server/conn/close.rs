//! The end of a connection.

use std::io::IoSlice;
use std::rc::Rc;

use coroutine::engine;

use super::super::app::Closer;
use super::super::lanes::Item;
use super::super::table::flag;
use super::super::worker::worker;
use super::super::{socket, tls};
use super::{Conn, ConnState};

impl Conn {
    /// Closes from our side once the write queue is empty. False when it is closed already.
    pub fn close(self: &Rc<Self>) -> bool {
        self.shut(Closer::Us, false)
    }

    /// As [`close`](Self::close), told to the script as the peer's doing: the peer asked for it in its protocol.
    pub fn close_as_asked(self: &Rc<Self>) -> bool {
        self.end(Closer::Us, false, Closer::Peer)
    }

    /// Closes at once with a reset, dropping what is queued.
    pub fn abort(self: &Rc<Self>) -> bool {
        self.shut(Closer::Us, true)
    }

    /// As if the peer had closed: for connections found dead.
    pub fn peer_gone(self: &Rc<Self>) -> bool {
        self.peer_closed.set(true);
        self.shut(Closer::Peer, false)
    }

    pub(super) fn shut(self: &Rc<Self>, by: Closer, reset: bool) -> bool {
        self.end(by, reset, by)
    }

    /// `by` says whether the connection is still to be written to, `told` what the script hears.
    fn end(self: &Rc<Self>, by: Closer, reset: bool, told: Closer) -> bool {
        let state = self.state.get();
        if state == ConnState::Draining && (reset || by == Closer::Peer) {
            if let Some(gate) = self.gate {
                self.push(gate, Item::Reset, &[]);
            }
            self.finish();
            return false;
        }
        if !matches!(state, ConnState::Open | ConnState::Handshaking) {
            return false;
        }
        self.state.set(ConnState::Closing);
        if let Some(slot) = self.slot() {
            slot.set(flag::CLOSING, true);
        }
        if state == ConnState::Open
            && self.foreign.get().is_none()
            && let Some(worker) = worker()
        {
            let tell = self.protocol().is_none_or(|protocol| protocol.closed(self, told));
            if tell {
                worker.app().closed(self, told);
            }
        }
        if let Some(gate) = self.gate {
            let item = match by {
                Closer::Peer => Item::Forget,
                Closer::Us if reset => Item::Reset,
                Closer::Us => Item::Close,
            };
            self.push(gate, item, &[]);
            self.finish();
            return true;
        }
        if reset {
            socket::linger_reset(self.fd.get());
            self.finish();
            return true;
        }
        if by == Closer::Us && !self.peer_closed.get() {
            let mut wire = Vec::new();
            if let Some(tls) = self.tls.borrow_mut().as_mut() {
                tls.close(&mut wire);
            }
            if self.is_datagram() {
                tls::send_datagrams(self.fd.get(), &wire);
            } else if !wire.is_empty() {
                self.enqueue(&[IoSlice::new(&wire)], 0, wire.len());
            }
            if self.buffered.get() > 0 {
                self.state.set(ConnState::Draining);
                self.corked.set(false);
                self.watch();
                self.flush();
                return true;
            }
        }
        self.finish();
        true
    }

    pub(super) fn finish(self: &Rc<Self>) {
        if self.state.replace(ConnState::Closed) == ConnState::Closed {
            return;
        }
        self.stop_retransmission();
        let fd = self.fd.replace(-1);
        if let Some(engine) = engine() {
            if let Some(source) = self.source.take() {
                engine.remove_source(fd, source);
            }
            engine.closing(fd);
        }
        if fd >= 0 {
            socket::close(fd);
        }
        if let Some(worker) = worker().filter(|_| self.foreign.get().is_none()) {
            worker.forget(self);
        }
        self.out.borrow_mut().clear();
        self.buffered.set(0);
        *self.tls.borrow_mut() = None;
        self.kept.take();
        let protocol = self.protocol.borrow_mut().take();
        drop(protocol);
        self.wake_waiters();
    }
}
