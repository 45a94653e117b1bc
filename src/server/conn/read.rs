//! Reading, and handing what was read to the protocol.

use std::io::{self, IoSlice};
use std::rc::{Rc, Weak};
use std::sync::atomic::Ordering;
use std::time::Instant;

use coroutine::engine;

use super::super::app::Closer;
use super::super::lanes::Item;
use super::super::table::{bump, now_us};
use super::super::worker::{Worker, worker};
use super::super::{Input, socket, tls};
use super::{Conn, ConnState};

/// The most that one read reserves beyond what is already there.
const READ_STEP: usize = 1024 * 1024;

impl Conn {
    /// Stops reading. What the protocol leaves unconsumed is kept until [`Conn::resume`].
    pub fn pause(&self) {
        self.paused.set(true);
        if let Some(gate) = self.gate {
            self.push(gate, Item::Pause, &[]);
            return;
        }
        self.watch();
    }

    pub fn is_paused(&self) -> bool {
        self.paused.get()
    }

    /// Reads again; kept bytes go to the protocol from the loop, not inside this call.
    pub fn resume(&self) {
        if let Some(gate) = self.gate {
            self.paused.set(false);
            self.push(gate, Item::Resume, &[]);
        } else if !self.paused.replace(false) {
            return;
        } else {
            self.watch();
        }
        if !self.reading.get() && !self.kept.borrow().is_empty() {
            let me = Weak::clone(&self.me);
            if let Some(engine) = engine() {
                let _ = engine.call_at(Instant::now(), move || {
                    if let Some(conn) = me.upgrade() {
                        conn.feed_kept();
                    }
                });
            }
        }
    }

    pub(super) fn feed_kept(self: &Rc<Self>) {
        if self.reading.get() || self.paused.get() || !self.is_open() {
            return;
        }
        self.reading.set(true);
        let mut kept = self.kept.take();
        let used = self.feed(&kept);
        kept.drain(..used.min(kept.len()));
        self.keep(kept);
        self.end_of_batch();
        self.rest();
    }

    pub(super) fn on_readable(self: &Rc<Self>) {
        let Some(worker) = worker() else { return };
        if self.reading.replace(true) {
            return;
        }
        let mut kept = self.kept.take();
        let mut ended = None;
        worker.busy(true);
        if self.tls.borrow().is_some() {
            ended = self.read_tls(worker, kept);
        } else if kept.is_empty() {
            let mut buffer = worker.take_buffer();
            match socket::recv_slice(self.fd.get(), &mut buffer) {
                Ok(0) => ended = Some(0),
                Ok(got) => {
                    self.count_received(worker, got);
                    let used = self.feed(&buffer[..got]);
                    if used < got && self.state.get() == ConnState::Open {
                        // Room for the whole packet at once, where its length is known.
                        kept.reserve_exact(got - used + self.need.get().min(READ_STEP));
                        kept.extend_from_slice(&buffer[used..got]);
                    }
                    self.keep(kept);
                }
                Err(error) => ended = fault(&error),
            }
            worker.give_buffer(buffer);
        } else {
            kept.reserve(self.need.get().clamp(4096, READ_STEP));
            match socket::recv(self.fd.get(), kept.spare_capacity_mut()) {
                Ok(0) => ended = Some(0),
                Ok(got) => {
                    // SAFETY: the kernel has filled `got` bytes of the spare room.
                    unsafe { kept.set_len(kept.len() + got) };
                    self.count_received(worker, got);
                    let used = self.feed(&kept);
                    kept.drain(..used.min(kept.len()));
                    self.keep(kept);
                }
                Err(error) => {
                    ended = fault(&error);
                    self.keep(kept);
                }
            }
        }
        self.end_of_batch();
        worker.busy(false);
        if let Some(errno) = ended {
            self.peer_closed.set(true);
            if let Some(slot) = self.slot() {
                slot.close_errno.store(errno, Ordering::Relaxed);
            }
            self.shut(Closer::Peer, false);
        }
    }

    pub(super) fn read_tls(self: &Rc<Self>, worker: &'static Worker, kept: Vec<u8>) -> Option<i32> {
        let mut buffer = worker.take_buffer();
        let result = match socket::recv_slice(self.fd.get(), &mut buffer) {
            Ok(0) if self.is_datagram() => {
                self.keep(kept);
                None
            }
            Ok(0) => Some(0),
            Ok(got) => self.decrypt(worker, &buffer[..got], kept),
            Err(error) => {
                self.keep(kept);
                fault(&error)
            }
        };
        worker.give_buffer(buffer);
        result
    }

    /// Takes ciphertext. The errno with which the connection ends, if it does.
    fn decrypt(self: &Rc<Self>, worker: &'static Worker, bytes: &[u8], mut kept: Vec<u8>) -> Option<i32> {
        let mut wire = Vec::new();
        let (alive, ready) = {
            let mut tls = self.tls.borrow_mut();
            match tls.as_mut() {
                None => (Ok(false), false),
                Some(tls) => {
                    let alive = tls.receive(bytes, &mut kept, &mut wire);
                    (alive, tls.is_handshaken())
                }
            }
        };
        self.count_received(worker, bytes.len());
        if !wire.is_empty() {
            let _ = self.send_raw(&[IoSlice::new(&wire)]);
        }
        if ready && self.state.get() == ConnState::Handshaking {
            self.begin(worker);
        }
        if self.is_open() && !kept.is_empty() && !self.paused.get() {
            let used = self.feed(&kept);
            kept.drain(..used.min(kept.len()));
        }
        self.keep(kept);
        match alive {
            Ok(true) => None,
            Ok(false) => Some(0),
            Err(error) => {
                if !ready {
                    let verdict = self.tls.borrow().as_ref().map_or((0, ""), |tls| tls.verdict());
                    tls::tell_bad_client(&self.address(), self.fd(), verdict, &error);
                }
                Some(libc::EPROTO)
            }
        }
    }

    pub(super) fn is_datagram(&self) -> bool {
        self.tls.borrow().as_ref().is_some_and(|tls| tls.is_datagram())
    }

    /// The first datagram of a DTLS client.
    pub(in crate::server) fn greet(self: &Rc<Self>, worker: &'static Worker, datagram: &[u8]) {
        self.reading.set(true);
        let ended = self.decrypt(worker, datagram, Vec::new());
        self.end_of_batch();
        match ended {
            Some(_) => {
                self.peer_gone();
            }
            None => self.retransmit_later(Instant::now() + tls::HANDSHAKE),
        }
    }

    /// Sends our last flight again as long as the handshake is not done, until `limit`.
    fn retransmit_later(self: &Rc<Self>, limit: Instant) {
        if self.state.get() != ConnState::Handshaking {
            return;
        }
        let wait = self.tls.borrow().as_ref().and_then(|tls| tls.retransmit_after());
        let at = Instant::now() + wait.unwrap_or(tls::HANDSHAKE);
        let me = Rc::downgrade(self);
        let Some(engine) = engine() else { return };
        let call = engine.call_at(at.min(limit), move || {
            let Some(conn) = me.upgrade().filter(|conn| conn.state.get() == ConnState::Handshaking) else { return };
            conn.greeting.set(None);
            let mut wire = Vec::new();
            let alive = conn.tls.borrow_mut().as_mut().is_some_and(|tls| tls.retransmit(&mut wire));
            if !wire.is_empty() {
                let _ = conn.send_raw(&[IoSlice::new(&wire)]);
            }
            if !alive || Instant::now() >= limit {
                conn.peer_gone();
            } else {
                conn.retransmit_later(limit);
            }
        });
        self.greeting.set(call.ok());
    }

    /// The handshake is over.
    pub(super) fn stop_retransmission(&self) {
        if let (Some(call), Some(engine)) = (self.greeting.take(), engine()) {
            engine.cancel_call(call);
        }
    }

    #[inline]
    pub(super) fn count_received(&self, worker: &Worker, got: usize) {
        bump(&worker.stats().received_bytes, got as u64);
        if let Some(slot) = worker.shared().find(self.id) {
            // The clock is a coarse one, and a first request is to be told from none.
            slot.received_at.store(now_us().max(slot.connected_at.load(Ordering::Relaxed) + 1), Ordering::Relaxed);
        }
    }

    pub(super) fn keep(&self, bytes: Vec<u8>) {
        if self.state.get() == ConnState::Closed || bytes.is_empty() {
            return;
        }
        *self.kept.borrow_mut() = bytes;
    }

    /// Hands bytes to the protocol; how many it is done with.
    pub(super) fn feed(self: &Rc<Self>, bytes: &[u8]) -> usize {
        let mut at = 0;
        while at < bytes.len() && self.is_open() && !self.paused.get() {
            let Some(protocol) = self.protocol() else { break };
            let Input { consumed, need } = protocol.data(self, &bytes[at..]);
            at += consumed.min(bytes.len() - at);
            self.need.set(need);
            let exchanged = self.protocol.borrow().as_ref().is_some_and(|now| !Rc::ptr_eq(now, &protocol));
            if !exchanged {
                break;
            }
        }
        at
    }

    pub(super) fn end_of_batch(self: &Rc<Self>) {
        self.reading.set(false);
        if self.corked.replace(false) && self.buffered.get() > 0 && !self.writing.get() {
            self.flush();
        }
    }
}

/// The errno with which reading has ended; none when there was only nothing to read.
fn fault(error: &io::Error) -> Option<i32> {
    if socket::would_block(error) { None } else { Some(error.raw_os_error().unwrap_or(libc::EIO)) }
}
