//! One client connection: reading, writing, back-pressure, closing.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::{self, IoSlice};
use std::os::fd::RawFd;
use std::rc::{Rc, Weak};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use coroutine::{CoId, Source, SourceId, Task, Wake, engine, suspend_for};
use reactor::{Interest, Readiness};

use super::app::{Closer, Level};
use super::lanes::Item;
use super::output::Output;
use super::table::{bump, flag, now_us};
use super::worker::{Worker, worker};
use super::{Address, Head, Input, Kind, Port, Protocol, SessionId, Slot, Tls, socket};

/// Bytes that may gather in a corked queue before they are sent all the same.
const CORK_LIMIT: usize = 64 * 1024;
/// The most that one read reserves beyond what is already there.
const READ_STEP: usize = 1024 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnState {
    /// TLS handshake under way: no protocol yet.
    Handshaking,
    Open,
    /// The Close event is being told.
    Closing,
    /// Closed for all users; the write queue still drains.
    Draining,
    Closed,
}

/// Why bytes were not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    #[error("the connection is closed")]
    Closed,
    /// Only the peer is gone; the Close event comes.
    #[error("the connection was closed by the client")]
    ClosedByPeer,
    /// The write queue has reached `socket_buffer_size`.
    #[error("the write queue is full")]
    Full,
}

/// A client's connection, owned by this process. See the page of [`crate::server`].
pub struct Conn {
    me: Weak<Conn>,
    id: SessionId,
    fd: Cell<RawFd>,
    port: Rc<Port>,
    /// The gate that has the socket, in PROCESS mode.
    gate: Option<usize>,
    /// It belongs to another process; we may order, but keep nothing and tell nothing. `true` inside: orders
    /// go by message to the process `gate`, as there is no ring.
    foreign: Cell<Option<bool>>,
    source: Cell<Option<SourceId>>,
    state: Cell<ConnState>,
    /// Inside [`Protocol::data`].
    reading: Cell<bool>,
    corked: Cell<bool>,
    paused: Cell<bool>,
    /// The loop watches for room to write.
    writing: Cell<bool>,
    peer_closed: Cell<bool>,
    /// The high watermark was told.
    full: Cell<bool>,
    /// Bytes that the protocol has not consumed.
    kept: RefCell<Vec<u8>>,
    need: Cell<usize>,
    out: RefCell<Output>,
    buffered: Cell<usize>,
    waiters: RefCell<Vec<(CoId, u32)>>,
    protocol: RefCell<Option<Rc<dyn Protocol>>>,
    tls: RefCell<Option<Box<dyn Tls>>>,
}

impl Conn {
    /// Takes over an accepted socket: a session, a place in the worker, a source in the loop.
    pub(super) fn accept(worker: &Worker, port: &Rc<Port>, fd: RawFd, address: &Address) -> Option<Rc<Self>> {
        let engine = engine()?;
        let local = worker.reserve();
        let id = worker.shared().open(address, |slot| {
            slot.owner.store(worker.id() as u32, Ordering::Relaxed);
            slot.local.store(local as u32, Ordering::Relaxed);
            slot.fd.store(fd, Ordering::Relaxed);
            slot.port.store(port.index as u32, Ordering::Relaxed);
            slot.set(flag::SSL, port.ssl);
        })?;
        let tls = match port.tls.borrow().as_ref().filter(|_| port.ssl).map(|context| context.accept()) {
            None => None,
            Some(Ok(tls)) => Some(tls),
            Some(Err(_)) => {
                worker.shared().close(id);
                return None;
            }
        };
        let state = if tls.is_some() { ConnState::Handshaking } else { ConnState::Open };
        let conn = Self::make(port, id, fd, None, state, tls);
        match engine.add_source(fd, Interest::READ, Rc::clone(&conn) as Rc<dyn Source>) {
            Ok(source) => conn.source.set(Some(source)),
            Err(_) => {
                worker.shared().close(id);
                return None;
            }
        }
        worker.insert(local, Rc::clone(&conn));
        Some(conn)
    }

    fn make(port: &Rc<Port>, id: SessionId, fd: RawFd, gate: Option<usize>, state: ConnState, tls: Option<Box<dyn Tls>>) -> Rc<Self> {
        Rc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            id,
            fd: Cell::new(fd),
            port: Rc::clone(port),
            gate,
            foreign: Cell::new(None),
            source: Cell::new(None),
            state: Cell::new(state),
            reading: Cell::new(false),
            corked: Cell::new(false),
            paused: Cell::new(false),
            writing: Cell::new(false),
            peer_closed: Cell::new(false),
            full: Cell::new(false),
            kept: RefCell::default(),
            need: Cell::new(0),
            out: RefCell::default(),
            buffered: Cell::new(0),
            waiters: RefCell::default(),
            protocol: RefCell::new(None),
            tls: RefCell::new(tls),
        })
    }

    // ---- PROCESS mode ------------------------------------------------------------------------

    /// A connection whose socket a gate has.
    pub(super) fn remote(port: &Rc<Port>, id: SessionId, gate: usize) -> Rc<Self> {
        Self::make(port, id, -1, Some(gate), ConnState::Open, None)
    }

    /// A connection of another process: orders go through rings, or (`by_message`) to the inbox `owner`.
    pub(super) fn foreign(port: &Rc<Port>, id: SessionId, owner: usize, by_message: bool) -> Rc<Self> {
        let conn = Self::remote(port, id, owner);
        conn.foreign.set(Some(by_message));
        conn
    }

    /// Closed for all users; its gate still drains it.
    pub(super) fn is_closing(&self) {
        self.state.set(ConnState::Draining);
    }

    pub(super) fn has_begun(&self) -> bool {
        self.protocol.borrow().is_some()
    }

    /// As [`Conn::begin`], without the Connect event: for a connection from before this process.
    pub(super) fn begin_silent(self: &Rc<Self>, worker: &Worker) {
        let protocol = worker.app().protocol(self);
        *self.protocol.borrow_mut() = Some(protocol);
    }

    /// Bytes from the gate: whole packets, or what came where a protocol of ours cuts them.
    pub(super) fn receive(self: &Rc<Self>, worker: &Worker, bytes: &[u8]) {
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
    }

    /// The gate has sent everything.
    pub(super) fn remote_drained(self: &Rc<Self>, worker: &Worker) {
        worker.app().buffer_empty(self);
        self.wake_waiters();
        if let Some(protocol) = self.protocol().filter(|_| self.is_open()) {
            protocol.drained(self);
        }
    }

    fn push(&self, gate: usize, item: Item, parts: &[&[u8]]) {
        if self.foreign.get() == Some(true) {
            let kind = match item {
                Item::Send => Kind::Send,
                Item::SendFile => Kind::SendFile,
                Item::Close | Item::Reset => Kind::Close,
                Item::Pause => Kind::Pause,
                Item::Resume => Kind::Resume,
                _ => return,
            };
            if let Some((worker, bus)) = worker().and_then(|worker| Some((worker, worker.bus()?))) {
                let head = Head { flags: u8::from(item == Item::Reset), id: self.id, ..Head::new(kind, worker.id()) };
                let _ = bus.send(gate, &head, &parts.concat());
            }
            return;
        }
        if let Some(remote) = worker().and_then(Worker::remote) {
            remote.push(gate, item, self.port.index, self.id, parts);
        }
    }

    fn send_remote(&self, gate: usize, parts: &[IoSlice<'_>]) -> Result<(), SendError> {
        let slot = self.slot().ok_or(SendError::Closed)?;
        if slot.has(flag::CLOSING) {
            return Err(SendError::ClosedByPeer);
        }
        if slot.send_queued.load(Ordering::Relaxed) as usize >= self.port.settings.borrow().socket_buffer_size {
            slot.set(flag::OVERFLOW, true);
            return Err(SendError::Full);
        }
        match parts {
            [one] => self.push(gate, Item::Send, &[one]),
            [one, two] => self.push(gate, Item::Send, &[one, two]),
            many => {
                let slices: Vec<&[u8]> = many.iter().map(|part| &**part).collect();
                self.push(gate, Item::Send, &slices);
            }
        }
        Ok(())
    }

    /// Gives the connection its protocol and tells Connect: after accept, or after the TLS handshake.
    pub(super) fn begin(self: &Rc<Self>, worker: &Worker) {
        self.state.set(ConnState::Open);
        let protocol = worker.app().protocol(self);
        *self.protocol.borrow_mut() = Some(protocol);
        worker.app().connected(self);
    }

    pub fn id(&self) -> SessionId {
        self.id
    }

    /// The socket; −1 once closed.
    pub fn fd(&self) -> RawFd {
        self.fd.get()
    }

    pub fn port(&self) -> &Rc<Port> {
        &self.port
    }

    pub fn state(&self) -> ConnState {
        self.state.get()
    }

    pub fn is_open(&self) -> bool {
        self.state.get() == ConnState::Open
    }

    /// Its place in shared memory, until it is closed.
    pub fn slot(&self) -> Option<&'static Slot> {
        worker()?.shared().find(self.id)
    }

    /// The peer's address.
    pub fn address(&self) -> Address {
        self.slot().map(Slot::address).unwrap_or_default()
    }

    // ---- protocol ----------------------------------------------------------------------------

    pub fn protocol(&self) -> Option<Rc<dyn Protocol>> {
        self.protocol.borrow().clone()
    }

    /// The protocol object, when it is a `T`.
    pub fn protocol_as<T: Protocol>(&self) -> Option<Rc<T>> {
        let protocol = self.protocol.borrow().clone()?;
        if !protocol.as_any().is::<T>() {
            return None;
        }
        // SAFETY: the object is a `T`, and `Rc<dyn Protocol>` was made from an `Rc<T>`.
        Some(unsafe { Rc::from_raw(Rc::into_raw(protocol).cast::<T>()) })
    }

    /// Exchanges the protocol; what the old one does not consume goes to the new one.
    pub fn set_protocol(&self, protocol: Rc<dyn Protocol>) {
        *self.protocol.borrow_mut() = Some(protocol);
    }

    // ---- TLS ---------------------------------------------------------------------------------

    pub fn is_tls(&self) -> bool {
        self.tls.borrow().is_some()
    }

    pub fn alpn(&self) -> Option<Vec<u8>> {
        self.tls.borrow().as_ref()?.alpn()
    }

    pub fn peer_certificate(&self) -> Option<Vec<u8>> {
        self.tls.borrow().as_ref()?.peer_certificate()
    }

    // ---- reading -----------------------------------------------------------------------------

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

    fn feed_kept(self: &Rc<Self>) {
        if self.reading.get() || self.paused.get() || !self.is_open() {
            return;
        }
        self.reading.set(true);
        let mut kept = self.kept.take();
        let used = self.feed(&kept);
        kept.drain(..used.min(kept.len()));
        self.keep(kept);
        self.end_of_batch();
    }

    fn on_readable(self: &Rc<Self>) {
        let Some(worker) = worker() else { return };
        if self.reading.replace(true) {
            return;
        }
        let mut kept = self.kept.take();
        let mut ended = None;
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
        if let Some(errno) = ended {
            self.peer_closed.set(true);
            if let Some(slot) = self.slot() {
                slot.close_errno.store(errno, Ordering::Relaxed);
            }
            self.shut(Closer::Peer, false);
        }
    }

    fn read_tls(self: &Rc<Self>, worker: &'static Worker, mut kept: Vec<u8>) -> Option<i32> {
        let mut buffer = worker.take_buffer();
        let result = match socket::recv_slice(self.fd.get(), &mut buffer) {
            Ok(0) => Some(0),
            Ok(got) => {
                let mut wire = Vec::new();
                let (alive, ready) = {
                    let mut tls = self.tls.borrow_mut();
                    match tls.as_mut() {
                        None => (Ok(false), false),
                        Some(tls) => {
                            let alive = tls.receive(&buffer[..got], &mut kept, &mut wire);
                            (alive, tls.is_handshaken())
                        }
                    }
                };
                self.count_received(worker, got);
                if !wire.is_empty() {
                    let _ = self.send_raw(&[IoSlice::new(&wire)]);
                }
                if ready && self.state.get() == ConnState::Handshaking {
                    self.begin(worker);
                }
                if self.is_open() && !kept.is_empty() {
                    let used = self.feed(&kept);
                    kept.drain(..used.min(kept.len()));
                }
                self.keep(kept);
                match alive {
                    Ok(true) => None,
                    Ok(false) => Some(0),
                    Err(error) => {
                        if !ready {
                            worker.app().log(Level::Warning, &super::tls::bad_client(&self.address(), &error));
                        }
                        Some(libc::EPROTO)
                    }
                }
            }
            Err(error) => {
                self.keep(kept);
                fault(&error)
            }
        };
        worker.give_buffer(buffer);
        result
    }

    #[inline]
    fn count_received(&self, worker: &Worker, got: usize) {
        bump(&worker.stats().received_bytes, got as u64);
        if let Some(slot) = worker.shared().find(self.id) {
            slot.received_at.store(now_us(), Ordering::Relaxed);
        }
    }

    fn keep(&self, bytes: Vec<u8>) {
        if self.state.get() == ConnState::Closed || bytes.is_empty() {
            return;
        }
        *self.kept.borrow_mut() = bytes;
    }

    /// Hands bytes to the protocol; how many it is done with.
    fn feed(self: &Rc<Self>, bytes: &[u8]) -> usize {
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

    fn end_of_batch(self: &Rc<Self>) {
        self.reading.set(false);
        if self.corked.replace(false) && self.buffered.get() > 0 && !self.writing.get() {
            self.flush();
        }
    }

    // ---- writing -----------------------------------------------------------------------------

    /// Until the read batch under way ends, writes are collected and then sent by one call.
    pub fn cork(&self) {
        if self.reading.get() {
            self.corked.set(true);
        }
    }

    /// Bytes that wait in the write queue.
    pub fn buffered(&self) -> usize {
        match self.gate {
            None => self.buffered.get(),
            Some(_) => self.slot().map_or(0, |slot| slot.send_queued.load(Ordering::Relaxed) as usize),
        }
    }

    /// Sends, or queues what the kernel does not take.
    ///
    /// # Errors
    /// [`SendError`]; nothing of `bytes` is sent then.
    pub fn write(&self, bytes: &[u8]) -> Result<(), SendError> {
        self.write_parts(&[IoSlice::new(bytes)])
    }

    /// As [`Conn::write`], from several pieces.
    ///
    /// # Errors
    /// As [`Conn::write`].
    pub fn write_parts(&self, parts: &[IoSlice<'_>]) -> Result<(), SendError> {
        self.check_send()?;
        if self.tls.borrow().is_some() {
            let mut wire = Vec::new();
            {
                let mut tls = self.tls.borrow_mut();
                for part in parts {
                    if let Some(tls) = tls.as_mut()
                        && tls.send(part, &mut wire).is_err()
                    {
                        return Err(SendError::ClosedByPeer);
                    }
                }
            }
            return self.send_raw(&[IoSlice::new(&wire)]);
        }
        self.send_raw(parts)
    }

    /// Sends part of a file after what is queued.
    ///
    /// # Errors
    /// As [`Conn::write`].
    pub fn send_file(&self, file: File, offset: u64, length: usize) -> Result<(), SendError> {
        self.check_send()?;
        if let Some(gate) = self.gate {
            use std::os::fd::AsRawFd;
            // The gate opens it anew: a name is short, its content may be long.
            let path = std::fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd())).unwrap_or_default();
            let path = path.as_os_str().as_encoded_bytes();
            self.push(gate, Item::SendFile, &[&offset.to_ne_bytes(), &(length as u64).to_ne_bytes(), path]);
            return Ok(());
        }
        if self.tls.borrow().is_some() {
            // Encrypted bytes cannot come from the page cache; a queue of plain text would be a second one.
            let mut plain = Output::default();
            plain.push_file(file, offset as i64, length);
            while let Ok(Some(bytes)) = plain.take_bytes(CORK_LIMIT) {
                self.write_tls_unbounded(&bytes)?;
            }
            return Ok(());
        }
        self.out.borrow_mut().push_file(file, offset as i64, length);
        self.buffered.set(self.buffered.get() + length);
        if !self.corked.get() && !self.writing.get()
            && let Some(me) = self.me.upgrade()
        {
            me.flush();
        }
        Ok(())
    }

    fn write_tls_unbounded(&self, bytes: &[u8]) -> Result<(), SendError> {
        let mut wire = Vec::new();
        if let Some(tls) = self.tls.borrow_mut().as_mut()
            && tls.send(bytes, &mut wire).is_err()
        {
            return Err(SendError::ClosedByPeer);
        }
        self.enqueue(&[IoSlice::new(&wire)], 0, wire.len());
        if !self.writing.get()
            && let Some(me) = self.me.upgrade()
        {
            me.flush();
        }
        Ok(())
    }

    fn check_send(&self) -> Result<(), SendError> {
        match self.state.get() {
            ConnState::Open | ConnState::Closing if self.peer_closed.get() => Err(SendError::ClosedByPeer),
            ConnState::Open | ConnState::Closing => Ok(()),
            _ => Err(SendError::Closed),
        }
    }

    fn send_raw(&self, parts: &[IoSlice<'_>]) -> Result<(), SendError> {
        if let Some(gate) = self.gate {
            return self.send_remote(gate, parts);
        }
        let total: usize = parts.iter().map(|part| part.len()).sum();
        let buffered = self.buffered.get();
        if buffered > 0 && buffered >= self.port.settings.borrow().socket_buffer_size {
            return Err(SendError::Full);
        }
        if self.writing.get() || (self.corked.get() && buffered + total <= CORK_LIMIT) {
            self.enqueue(parts, 0, total);
            return Ok(());
        }
        if buffered > 0 {
            // Corked, and too much for it: send what there is, in order.
            self.enqueue(parts, 0, total);
            if let Some(me) = self.me.upgrade() {
                me.flush();
            }
            return Ok(());
        }
        let sent = match socket::send_parts(self.fd.get(), parts) {
            Ok(sent) => sent,
            Err(error) if socket::would_block(&error) => 0,
            Err(_) => {
                self.peer_closed.set(true);
                return Err(SendError::ClosedByPeer);
            }
        };
        self.count_sent(sent);
        if sent < total {
            self.enqueue(parts, sent, total - sent);
            self.writing.set(true);
            self.watch();
        }
        Ok(())
    }

    #[inline]
    fn count_sent(&self, sent: usize) {
        if let Some(worker) = worker() {
            bump(&worker.stats().sent_bytes, sent as u64);
            if let Some(slot) = worker.shared().find(self.id) {
                slot.sent_at.store(now_us(), Ordering::Relaxed);
            }
        }
    }

    fn enqueue(&self, parts: &[IoSlice<'_>], skip: usize, length: usize) {
        self.out.borrow_mut().push(parts, skip);
        let buffered = self.buffered.get() + length;
        self.set_buffered(buffered);
        let high = self.port.settings.borrow().buffer_high_watermark;
        if high > 0 && buffered >= high && !self.full.replace(true)
            && let (Some(worker), Some(me)) = (worker(), self.me.upgrade())
        {
            worker.app().buffer_full(&me);
        }
    }

    fn set_buffered(&self, bytes: usize) {
        self.buffered.set(bytes);
        if let Some(slot) = self.slot() {
            slot.send_queued.store(bytes as u64, Ordering::Relaxed);
        }
    }

    /// Sends what is queued.
    fn flush(self: &Rc<Self>) {
        let flushed = self.out.borrow_mut().flush(self.fd.get());
        match flushed {
            Ok(sent) => {
                self.count_sent(sent);
                self.set_buffered(self.buffered.get().saturating_sub(sent));
            }
            Err(_) => {
                self.peer_closed.set(true);
                self.out.borrow_mut().clear();
                self.set_buffered(0);
            }
        }
        let empty = self.out.borrow().is_empty();
        if self.writing.replace(!empty) != !empty {
            self.watch();
        }
        let low = self.port.settings.borrow().buffer_low_watermark;
        if self.full.get() && self.buffered.get() <= low {
            self.full.set(false);
            if let Some(worker) = worker() {
                worker.app().buffer_empty(self);
            }
        }
        if !empty {
            return;
        }
        self.set_buffered(0);
        self.wake_waiters();
        match self.state.get() {
            ConnState::Draining => self.finish(),
            ConnState::Open => {
                if let Some(protocol) = self.protocol() {
                    protocol.drained(self);
                }
            }
            _ => {}
        }
    }

    /// Suspends the current coroutine until the write queue is empty or the connection closed. True:
    /// write again. Outside coroutines false, at once.
    pub fn wait_drained(&self, timeout: Option<Duration>) -> bool {
        let Some(ticket) = engine().filter(|engine| engine.can_suspend()).and_then(|engine| engine.next_wait()) else {
            return false;
        };
        if let Some(slot) = self.slot().filter(|_| self.gate.is_some()) {
            slot.set(flag::OVERFLOW, true);
        }
        if self.buffered() == 0 {
            return self.check_send().is_ok();
        }
        if self.gate.is_none() && self.corked.replace(false) && !self.writing.get() {
            // Collected only: nobody would drain it while we sleep inside the batch.
            self.writing.set(true);
            self.watch();
        }
        self.waiters.borrow_mut().push(ticket);
        let wake = suspend_for(timeout, Task::Wait);
        wake == Wake::Resumed && self.check_send().is_ok()
    }

    fn wake_waiters(&self) {
        if self.waiters.borrow().is_empty() {
            return;
        }
        let waiters = self.waiters.take();
        if let Some(engine) = engine() {
            for (id, seq) in waiters {
                engine.wake_if(id, seq, Wake::Resumed);
            }
        }
    }

    /// Tells the loop what to watch for.
    fn watch(&self) {
        let fd = self.fd.get();
        let Some(Ok(reactor)) = engine().filter(|_| fd >= 0).map(|engine| engine.reactor()) else { return };
        let mut interest = Interest::EMPTY;
        if !self.paused.get() && matches!(self.state.get(), ConnState::Open | ConnState::Handshaking | ConnState::Closing) {
            interest |= Interest::READ;
        }
        if self.writing.get() {
            interest |= Interest::WRITE;
        }
        let _ = reactor.modify(fd, interest);
    }

    // ---- closing -----------------------------------------------------------------------------

    /// Closes from our side once the write queue is empty. False when it is closed already.
    pub fn close(self: &Rc<Self>) -> bool {
        self.shut(Closer::Us, false)
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

    fn shut(self: &Rc<Self>, by: Closer, reset: bool) -> bool {
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
            let tell = self.protocol().is_none_or(|protocol| protocol.closed(self, by));
            if tell {
                worker.app().closed(self, by);
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
            if !wire.is_empty() {
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

    fn finish(self: &Rc<Self>) {
        if self.state.replace(ConnState::Closed) == ConnState::Closed {
            return;
        }
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

/// The errno with which reading has ended; none when there was only nothing to read.
fn fault(error: &io::Error) -> Option<i32> {
    if socket::would_block(error) { None } else { Some(error.raw_os_error().unwrap_or(libc::EIO)) }
}

impl Source for Conn {
    fn ready(&self, _fd: RawFd, ready: Readiness) {
        let Some(conn) = self.me.upgrade() else { return };
        if self.writing.get() && ready.is_writable() {
            conn.flush();
        }
        if ready.is_readable() {
            match self.state.get() {
                ConnState::Open | ConnState::Handshaking if !self.paused.get() => conn.on_readable(),
                // Not reading: only a dead peer can be meant.
                ConnState::Open if ready.intersects(Readiness::ERROR.union(Readiness::HANGUP)) => {
                    conn.peer_gone();
                }
                ConnState::Draining => {
                    conn.shut(Closer::Peer, false);
                }
                _ => {}
            }
        }
    }
}
