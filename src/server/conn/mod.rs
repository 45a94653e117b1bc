//! One client connection: reading, writing, back-pressure, closing.

mod close;
mod read;
mod remote;
mod write;

use std::cell::{Cell, RefCell};
use std::os::fd::RawFd;
use std::rc::{Rc, Weak};
use std::sync::atomic::Ordering;

use coroutine::{CoId, Source, SourceId, engine};
use reactor::{Interest, Readiness};

use super::app::Closer;
use super::output::Output;
use super::table::flag;
use super::worker::{Worker, worker};
use super::{Address, Port, Protocol, SessionId, Slot, Tls};

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

/// How long a client may take for what it has begun, when its worker ends; in microseconds.
const DUE_US: u64 = 250_000;

/// Why bytes were not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    #[error("the connection is closed")]
    Closed,
    /// … and its id is nobody's any more.
    #[error("the connection does not exist")]
    Gone,
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
    /// When the handshake's last flight is sent again (DTLS).
    greeting: Cell<Option<coroutine::CallId>>,
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
            slot.keeper.store(worker.stats().pid.load(Ordering::Relaxed), Ordering::Relaxed);
            slot.port.store(port.index as u32, Ordering::Relaxed);
            slot.set(flag::SSL, port.ssl);
        })?;
        let tls = match port.tls.borrow().as_ref().filter(|_| port.ssl).map(|context| context.accept(address)) {
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

    fn make(
        port: &Rc<Port>,
        id: SessionId,
        fd: RawFd,
        gate: Option<usize>,
        state: ConnState,
        tls: Option<Box<dyn Tls>>,
    ) -> Rc<Self> {
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
            greeting: Cell::new(None),
        })
    }

    /// Gives the connection its protocol and tells Connect: after accept, or after the TLS handshake.
    pub(super) fn begin(self: &Rc<Self>, worker: &Worker) {
        self.state.set(ConnState::Open);
        self.stop_retransmission();
        let protocol = worker.app().protocol(self);
        *self.protocol.borrow_mut() = Some(protocol);
        // A gate does so by itself.
        if worker.settings().enable_delay_receive && self.gate.is_none() {
            self.pause();
        }
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

    /// Whether a request is on its way: the rest of one, or with `fresh` the first one of a client that has just come.
    pub fn is_due(&self, now: u64, fresh: bool) -> bool {
        let Some(slot) = self.slot() else { return false };
        let received = slot.received_at.load(Ordering::Relaxed);
        let begun = match self.state.get() {
            ConnState::Handshaking => true,
            ConnState::Open => !self.kept.borrow().is_empty() || (fresh && received == slot.connected_at.load(Ordering::Relaxed)),
            _ => false,
        };
        begun && now.saturating_sub(received) < DUE_US
    }

    /// The peer's address.
    pub fn address(&self) -> Address {
        self.slot().map(Slot::address).unwrap_or_default()
    }

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

    pub fn is_tls(&self) -> bool {
        self.tls.borrow().is_some()
    }

    pub fn alpn(&self) -> Option<Vec<u8>> {
        self.tls.borrow().as_ref()?.alpn()
    }

    pub fn peer_certificate(&self) -> Option<Vec<u8>> {
        self.tls.borrow().as_ref()?.peer_certificate()
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
