//! A gate: a reactor thread of the master, which owns connections and cuts their bytes into packets. It
//! never touches PHP; packets go to workers through [`Lanes`].

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::os::fd::RawFd;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use memory::ring::Consumer;
use protocol::framing::{Framer, Step};
use reactor::{Interest, Reactor, Readiness, Sink};

use super::bus::{self, Kind};
use super::lanes::{Item, Lanes, Sender, has_more, hush, ring_bell};
use super::output::Output;
use super::table::{bump, flag, microtime, now_us};
use super::{Address, DispatchMode, Framing, PortKind, PortSettings, SessionId, Shared, socket};

/// Accepted connections, datagrams and messages taken in one go.
const BATCH: usize = 64;
/// Bytes read at once.
const READ_BUFFER: usize = 64 * 1024;
/// Bytes that may wait for one worker before its connections are read no more.
const WORKER_BACKLOG: usize = 4 * 1024 * 1024;

/// What a gate must know of a port.
#[derive(Clone)]
pub struct GatePort {
    pub index: usize,
    pub kind: PortKind,
    pub fd: RawFd,
    pub settings: PortSettings,
    pub framing: Framing,
    /// Bytes go to one worker as they come: a protocol there makes sense of them.
    pub passthrough: bool,
    /// Whether somebody wants Connect and Close.
    pub tells: bool,
    pub tls: Option<net::tls::Context>,
}

/// What all gates of a master share.
pub struct GateSettings {
    pub dispatch: DispatchMode,
    pub workers: usize,
    /// Event and task workers, before the gates in the table of processes.
    pub processes: usize,
    pub max_connection: usize,
    pub max_queued_bytes: usize,
    pub delay_receive: bool,
    /// Seconds; 0: no check.
    pub heartbeat: u32,
}

/// How others reach a gate.
pub struct GateHandle {
    handed: Mutex<VecDeque<(RawFd, Address, usize)>>,
    stop: AtomicBool,
    bell: RawFd,
}

impl GateHandle {
    pub fn new(bell: RawFd) -> Arc<Self> {
        Arc::new(Self { handed: Mutex::default(), stop: AtomicBool::new(false), bell })
    }

    /// Asks the gate to close everything and end.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Release);
        ring_bell(self.bell);
    }

    fn hand(&self, fd: RawFd, address: Address, port: usize) {
        self.handed.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push_back((fd, address, port));
        ring_bell(self.bell);
    }
}

/// Chooses a worker for what no fixed rule decides: `dispatch_func`. Only on the master's main thread.
pub type Chooser = Box<dyn Fn(SessionId, u8, &[u8]) -> Option<usize>>;

struct GateConn {
    id: SessionId,
    fd: RawFd,
    port: usize,
    kept: Vec<u8>,
    need: usize,
    framer: Option<Framer>,
    tls: Option<net::tls::Session>,
    out: Output,
    queued: usize,
    writing: bool,
    paused: bool,
    stalled: bool,
    /// Not read any more; waits for its worker to forget it, or for its queue to drain.
    ended: bool,
    draining: bool,
    full: bool,
}

const SOURCE_LISTEN: u64 = 1 << 40;
const SOURCE_BELL: u64 = 1 << 41;
const SOURCE_INBOX: u64 = 1 << 42;

/// One gate; lives on its thread.
pub struct Gate {
    id: usize,
    lanes: &'static Lanes,
    ports: Vec<GatePort>,
    settings: Arc<GateSettings>,
    shared: Arc<Shared>,
    handle: Arc<GateHandle>,
    all: Vec<Arc<GateHandle>>,
    inbox: RawFd,
    reactor: Reactor,
    conns: RefCell<Vec<Option<Box<GateConn>>>>,
    free: RefCell<Vec<usize>>,
    senders: RefCell<Vec<Sender>>,
    receivers: RefCell<Vec<Consumer<'static>>>,
    stalled: RefCell<Vec<Vec<usize>>>,
    buffer: RefCell<Vec<u8>>,
    partial: RefCell<Vec<Vec<u8>>>,
    next_gate: Cell<usize>,
    listening: Cell<bool>,
    choose: Option<Chooser>,
    length_function: Box<dyn Fn(usize) -> Option<Framer>>,
    last_heartbeat: Cell<Instant>,
}

/// What a gate is made of, on whichever thread.
pub struct Plan {
    pub id: usize,
    pub lanes: &'static Lanes,
    pub ports: Vec<GatePort>,
    pub settings: Arc<GateSettings>,
    pub shared: Arc<Shared>,
    pub all: Vec<Arc<GateHandle>>,
    pub inbox: RawFd,
}

impl Gate {
    /// # Errors
    /// The loop, or the rings, cannot be had.
    pub fn new(
        plan: Plan,
        choose: Option<Chooser>,
        length_function: Box<dyn Fn(usize) -> Option<Framer>>,
    ) -> io::Result<Rc<Self>> {
        let Plan { id, lanes, ports, settings, shared, all, inbox } = plan;
        let reactor = Reactor::new()?;
        let mut senders = Vec::new();
        let mut receivers = Vec::new();
        for worker in 0..lanes.workers {
            let (sender, receiver) = lanes.gate_side(id, worker).map_err(io::Error::other)?;
            senders.push(sender);
            receivers.push(receiver);
        }
        let handle = Arc::clone(&all[id]);
        let gate = Rc::new(Self {
            id,
            lanes,
            settings,
            shared,
            handle,
            all,
            inbox,
            reactor,
            conns: RefCell::default(),
            free: RefCell::default(),
            stalled: RefCell::new((0..senders.len()).map(|_| Vec::new()).collect()),
            partial: RefCell::new((0..senders.len()).map(|_| Vec::new()).collect()),
            senders: RefCell::new(senders),
            receivers: RefCell::new(receivers),
            buffer: RefCell::new(vec![0; READ_BUFFER]),
            next_gate: Cell::new(0),
            listening: Cell::new(false),
            choose,
            length_function,
            last_heartbeat: Cell::new(Instant::now()),
            ports,
        });
        let add = |fd, source| gate.reactor.add(fd, Interest::READ, source).map_err(|error| io::Error::other(error.to_string()));
        add(lanes.gate_bell(id), SOURCE_BELL)?;
        if inbox >= 0 {
            add(inbox, SOURCE_INBOX)?;
        }
        gate.listen()?;
        Ok(gate)
    }

    /// Each port is accepted from by one gate, which hands connections round.
    fn listen(&self) -> io::Result<()> {
        for port in &self.ports {
            if port.index % self.lanes.gates == self.id {
                self.reactor
                    .add(port.fd, Interest::READ, SOURCE_LISTEN | port.index as u64)
                    .map_err(|error| io::Error::other(error.to_string()))?;
            }
        }
        self.listening.set(true);
        Ok(())
    }

    fn stats(&self) -> Option<&super::WorkerStats> {
        self.shared.worker(self.settings.processes + self.id)
    }

    /// Runs until told to stop. For a thread of its own.
    pub fn run(&self) {
        while !self.handle.stop.load(Ordering::Acquire) {
            let sleep = self.before_wait();
            let wait = if sleep { Some(Duration::from_millis(500)) } else { Some(Duration::ZERO) };
            if self.reactor.turn(wait, self).is_err() {
                break;
            }
            self.after_turn();
        }
        self.close_all();
    }

    /// One round without sleeping, for a gate that shares the main thread's loop.
    pub fn step(&self) {
        loop {
            let _ = self.reactor.turn(Some(Duration::ZERO), self);
            self.after_turn();
            if self.before_wait() {
                break;
            }
        }
        if self.handle.stop.load(Ordering::Acquire) {
            self.close_all();
        }
    }

    /// The descriptor that tells that [`Gate::step`] has something to do.
    pub fn bell(&self) -> RawFd {
        self.lanes.gate_bell(self.id)
    }

    pub fn reactor(&self) -> &Reactor {
        &self.reactor
    }

    fn before_wait(&self) -> bool {
        // Every ring is asked: a flag that stays set costs one wake more, a message unseen would hang.
        self.receivers.borrow_mut().iter_mut().fold(true, |sleep, ring| ring.prepare_sleep() && sleep)
    }

    fn after_turn(&self) {
        self.take_handed();
        for worker in 0..self.lanes.workers {
            self.take_from(worker);
        }
        if self.settings.heartbeat > 0
            && self.last_heartbeat.get().elapsed() >= Duration::from_secs(u64::from(self.settings.heartbeat))
        {
            self.last_heartbeat.set(Instant::now());
            self.heartbeat();
        }
        for sender in self.senders.borrow_mut().iter_mut() {
            sender.publish();
        }
        self.restart_stalled();
    }

    // ---- new connections ---------------------------------------------------------------------

    fn accept_from(&self, index: usize) {
        let port = &self.ports[index];
        for _ in 0..BATCH {
            let (fd, address) = match socket::accept(port.fd) {
                Ok(accepted) => accepted,
                Err(error) => {
                    if matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE)) {
                        crate::log::warning("Reactor::accept", error.raw_os_error(), "accept() failed: no descriptor left");
                        std::thread::sleep(Duration::from_millis(10));
                    }
                    return;
                }
            };
            if self.shared.connection_count() >= self.settings.max_connection as i64 {
                if let Some(stats) = self.stats() {
                    bump(&stats.aborted, 1);
                }
                socket::close(fd);
                continue;
            }
            let to = self.next_gate.replace(self.next_gate.get().wrapping_add(1)) % self.all.len();
            if to == self.id {
                self.take(fd, &address, index);
            } else {
                self.all[to].hand(fd, address, index);
            }
        }
    }

    fn take_handed(&self) {
        loop {
            let next = self.handle.handed.lock().unwrap_or_else(std::sync::PoisonError::into_inner).pop_front();
            match next {
                Some((fd, address, port)) => self.take(fd, &address, port),
                None => return,
            }
        }
    }

    fn take(&self, fd: RawFd, address: &Address, index: usize) {
        let port = &self.ports[index];
        let local = self.free.borrow_mut().pop().unwrap_or_else(|| {
            self.conns.borrow_mut().push(None);
            self.conns.borrow().len() - 1
        });
        let id = self.shared.open(address, |slot| {
            slot.owner.store(self.id as u32, Ordering::Relaxed);
            slot.local.store(local as u32, Ordering::Relaxed);
            slot.fd.store(fd, Ordering::Relaxed);
            slot.port.store(index as u32, Ordering::Relaxed);
        });
        let paused = self.settings.delay_receive;
        let interest = if paused { Interest::EMPTY } else { Interest::READ };
        let (Some(id), Ok(())) = (id, self.reactor.add(fd, interest, local as u64)) else {
            if let Some(id) = id {
                self.shared.close(id);
            }
            self.free.borrow_mut().push(local);
            socket::close(fd);
            return;
        };
        if let Some(stats) = self.stats() {
            bump(&stats.accepted, 1);
        }
        let framer = if port.passthrough {
            None
        } else if matches!(port.framing, Framing::Function) {
            (self.length_function)(index)
        } else {
            port.framing.framer(port.settings.package_max_length)
        };
        let tls = port.tls.as_ref().and_then(|context| net::tls::Session::server(context).ok());
        let handshaking = tls.is_some();
        if let Some(slot) = self.shared.find(id) {
            slot.set(flag::SSL, handshaking);
        }
        self.conns.borrow_mut()[local] = Some(Box::new(GateConn {
            id,
            fd,
            port: index,
            kept: Vec::new(),
            need: 0,
            framer,
            tls,
            out: Output::default(),
            queued: 0,
            writing: false,
            paused,
            stalled: false,
            ended: false,
            draining: false,
            full: false,
        }));
        if port.tells && self.tells() && !handshaking {
            self.tell(id, Item::Connect, index);
        }
    }

    /// Whether Connect and Close can be told: only where a connection has a worker of its own.
    fn tells(&self) -> bool {
        self.settings.dispatch.is_sticky() || self.settings.workers == 1
    }

    // ---- to workers --------------------------------------------------------------------------

    fn worker_for(&self, id: SessionId, kind: u8, data: &[u8], sticky: bool) -> Option<usize> {
        let count = self.settings.workers;
        if count == 1 && self.choose.is_none() {
            return Some(0);
        }
        if let Some(choose) = &self.choose
            && let Some(worker) = choose(id, kind, data)
        {
            return (worker < count).then_some(worker);
        }
        let slot = self.shared.find(id);
        let bound = |pick: &dyn Fn() -> usize| {
            let slot = slot?;
            match slot.worker.load(Ordering::Relaxed) {
                0 => {
                    let worker = pick();
                    slot.worker.store(worker as u32 + 1, Ordering::Relaxed);
                    Some(worker)
                }
                bound => Some(bound as usize - 1),
            }
        };
        let by_fd = id as usize % count;
        Some(match self.settings.dispatch {
            DispatchMode::Fd => by_fd,
            DispatchMode::Ip => {
                let address = slot.map(super::Slot::address).unwrap_or_default();
                address.host_bytes().iter().fold(0usize, |hash, byte| hash.wrapping_mul(31).wrapping_add(usize::from(*byte))) % count
            }
            DispatchMode::Uid => match slot.map_or(0, |slot| slot.uid.load(Ordering::Relaxed)) {
                0 => by_fd,
                uid => uid as usize % count,
            },
            DispatchMode::CoConnection => bound(&|| self.least(|stats| stats.coroutines.load(Ordering::Relaxed)))?,
            // A protocol's state is where its first bytes went.
            DispatchMode::Idle | DispatchMode::Stream if sticky => bound(&|| self.idle())?,
            DispatchMode::Round if sticky => bound(&|| self.round() % count)?,
            DispatchMode::CoRequest if sticky => bound(&|| self.least(|stats| stats.coroutines.load(Ordering::Relaxed)))?,
            DispatchMode::ConcurrentLeast if sticky => bound(&|| self.least(|stats| stats.concurrency.load(Ordering::Relaxed)))?,
            DispatchMode::Round => self.round() % count,
            DispatchMode::Idle | DispatchMode::Stream => self.idle(),
            DispatchMode::CoRequest => self.least(|stats| stats.coroutines.load(Ordering::Relaxed)),
            DispatchMode::ConcurrentLeast => self.least(|stats| stats.concurrency.load(Ordering::Relaxed)),
        })
    }

    fn round(&self) -> usize {
        self.shared.head().round.fetch_add(1, Ordering::Relaxed) as usize
    }

    fn least(&self, load: impl Fn(&super::WorkerStats) -> u64) -> usize {
        (0..self.settings.workers).min_by_key(|n| self.shared.worker(*n).map_or(u64::MAX, &load)).unwrap_or(0)
    }

    /// A worker with nothing to do, else the one with the shortest queue.
    fn idle(&self) -> usize {
        let count = self.settings.workers;
        let start = self.round();
        let idle = (0..count).map(|n| (start + n) % count).find(|n| {
            self.shared.worker(*n).is_some_and(|stats| {
                stats.status.load(Ordering::Relaxed) == 2
                    && stats.dispatched.load(Ordering::Relaxed) <= stats.requests.load(Ordering::Relaxed)
            })
        });
        idle.unwrap_or_else(|| {
            self.least(|stats| stats.dispatched.load(Ordering::Relaxed).saturating_sub(stats.requests.load(Ordering::Relaxed)))
        })
    }

    fn tell(&self, id: SessionId, item: Item, port: usize) {
        if let Some(worker) = self.worker_for(id, if item == Item::Connect { 3 } else { 4 }, &[], true) {
            self.senders.borrow_mut()[worker].push(item, port, id, &[]);
        }
    }

    fn dispatch(&self, id: SessionId, port: usize, data: &[u8]) {
        let Some(worker) = self.worker_for(id, 0, data, self.ports[port].passthrough) else {
            return;
        };
        self.senders.borrow_mut()[worker].push(Item::Data, port, id, &[data]);
        if let Some(stats) = self.shared.worker(worker) {
            stats.dispatched.fetch_add(1, Ordering::Relaxed);
        }
        if self.senders.borrow()[worker].waiting() > WORKER_BACKLOG
            && let Some(local) = self.local_of(id)
        {
            self.with(local, |conn| conn.stalled = true);
            self.stalled.borrow_mut()[worker].push(local);
            self.watch(local);
        }
    }

    fn restart_stalled(&self) {
        for worker in 0..self.lanes.workers {
            let waiting = self.senders.borrow()[worker].waiting();
            if waiting > WORKER_BACKLOG / 2 || self.stalled.borrow()[worker].is_empty() {
                continue;
            }
            let locals = std::mem::take(&mut self.stalled.borrow_mut()[worker]);
            for local in locals {
                self.with(local, |conn| conn.stalled = false);
                self.watch(local);
            }
        }
    }

    // ---- reading -----------------------------------------------------------------------------

    fn with<T>(&self, local: usize, work: impl FnOnce(&mut GateConn) -> T) -> Option<T> {
        self.conns.borrow_mut().get_mut(local)?.as_deref_mut().map(work)
    }

    fn local_of(&self, id: SessionId) -> Option<usize> {
        let slot = self.shared.find(id)?;
        if slot.owner.load(Ordering::Relaxed) as usize != self.id {
            return None;
        }
        let local = slot.local.load(Ordering::Relaxed) as usize;
        let conns = self.conns.borrow();
        conns.get(local)?.as_ref().filter(|conn| conn.id == id)?;
        Some(local)
    }

    fn readable(&self, local: usize) {
        let Some((fd, id, port)) = self.with(local, |conn| (conn.fd, conn.id, conn.port)) else { return };
        if self.with(local, |conn| conn.tls.is_some()) == Some(true) {
            self.readable_tls(local, fd, id, port);
            return;
        }
        let mut kept = self.with(local, |conn| std::mem::take(&mut conn.kept)).unwrap_or_default();
        let need = self.with(local, |conn| conn.need).unwrap_or(0);
        let outcome = if kept.is_empty() {
            let mut buffer = self.buffer.take();
            let got = socket::recv_slice(fd, &mut buffer);
            if let Ok(got) = got
                && got > 0
            {
                self.count_received(id, got);
                let used = self.cut(local, id, port, &buffer[..got]);
                if used < got {
                    let need = self.with(local, |conn| conn.need).unwrap_or(0);
                    kept.reserve_exact(got - used + need.min(1 << 20));
                    kept.extend_from_slice(&buffer[used..got]);
                }
            }
            *self.buffer.borrow_mut() = buffer;
            got
        } else {
            kept.reserve(need.clamp(4096, 1 << 20));
            let got = socket::recv(fd, kept.spare_capacity_mut());
            if let Ok(got) = got
                && got > 0
            {
                // SAFETY: the kernel has filled `got` bytes of the spare room.
                unsafe { kept.set_len(kept.len() + got) };
                self.count_received(id, got);
                let used = self.cut(local, id, port, &kept);
                kept.drain(..used.min(kept.len()));
            }
            got
        };
        self.with(local, |conn| {
            if conn.id == id && !conn.ended {
                conn.kept = kept;
            }
        });
        match outcome {
            Ok(0) => self.ended(local, 0),
            Err(error) if !socket::would_block(&error) => self.ended(local, error.raw_os_error().unwrap_or(libc::EIO)),
            _ => {}
        }
    }

    fn readable_tls(&self, local: usize, fd: RawFd, id: SessionId, port: usize) {
        let mut buffer = self.buffer.take();
        let got = socket::recv_slice(fd, &mut buffer);
        let mut plain = self.with(local, |conn| std::mem::take(&mut conn.kept)).unwrap_or_default();
        let mut wire = Vec::new();
        let mut over = None;
        match got {
            Ok(0) => over = Some(0),
            Ok(got) => {
                self.count_received(id, got);
                let outcome = self.with(local, |conn| {
                    let session = conn.tls.as_mut()?;
                    let before = session.is_established();
                    let alive = super::tls::receive(session, &buffer[..got], &mut plain, &mut wire);
                    Some((alive, !before && session.is_established()))
                });
                let Some(Some((alive, established))) = outcome else { return };
                if !wire.is_empty() {
                    self.send_raw(local, &wire);
                }
                if established && self.ports[port].tells && self.tells() {
                    self.tell(id, Item::Connect, port);
                }
                match alive {
                    Ok(true) => {}
                    Ok(false) => over = Some(0),
                    Err(error) => {
                        if let Some(slot) = self.slot_of(local) {
                            let line = super::tls::bad_client(&slot.address(), &error);
                            crate::log::put(crate::log::Level::Warning as i32, line.as_bytes());
                        }
                        over = Some(libc::EPROTO);
                    }
                }
            }
            Err(error) if !socket::would_block(&error) => over = Some(error.raw_os_error().unwrap_or(libc::EIO)),
            Err(_) => {}
        }
        *self.buffer.borrow_mut() = buffer;
        if !plain.is_empty() {
            let used = self.cut(local, id, port, &plain);
            plain.drain(..used.min(plain.len()));
        }
        self.with(local, |conn| {
            if conn.id == id && !conn.ended {
                conn.kept = plain;
            }
        });
        if let Some(errno) = over {
            self.ended(local, errno);
        }
    }

    fn count_received(&self, id: SessionId, got: usize) {
        if let Some(stats) = self.stats() {
            bump(&stats.received_bytes, got as u64);
        }
        if let Some(slot) = self.shared.find(id) {
            slot.received_at.store(now_us(), Ordering::Relaxed);
        }
    }

    /// Sends whole packets off; how many bytes they took.
    fn cut(&self, local: usize, id: SessionId, port: usize, bytes: &[u8]) -> usize {
        let Some(Some(mut framer)) = self.with(local, |conn| conn.framer.take()) else {
            self.dispatch(id, port, bytes);
            return bytes.len();
        };
        let mut at = 0;
        let used = loop {
            if at == bytes.len() {
                break at;
            }
            match framer.next(&bytes[at..]) {
                Ok(Step::Frame(range)) => {
                    let packet = &bytes[at + range.start..at + range.end];
                    at += range.end;
                    self.dispatch(id, port, packet);
                }
                Ok(Step::NeedMore { hint }) => {
                    self.with(local, |conn| conn.need = hint);
                    break at;
                }
                Err(error) => {
                    crate::log::warning("Gate::read", None, &format!("{error} from session#{id}"));
                    self.with(local, |conn| conn.framer = None);
                    self.ended(local, libc::EPROTO);
                    return bytes.len();
                }
            }
        };
        self.with(local, |conn| conn.framer = Some(framer));
        used
    }

    /// Nothing more comes: the worker is told, and the connection goes when it is done with it.
    fn ended(&self, local: usize, errno: i32) {
        let Some((id, port, already, draining)) = self.with(local, |conn| {
            let already = std::mem::replace(&mut conn.ended, true);
            conn.kept = Vec::new();
            (conn.id, conn.port, already, conn.draining)
        }) else {
            return;
        };
        if draining {
            self.close(local);
            return;
        }
        if already {
            return;
        }
        if let Some(slot) = self.shared.find(id) {
            slot.close_errno.store(errno, Ordering::Relaxed);
            slot.set(flag::CLOSING, true);
        }
        self.with(local, |conn| {
            conn.out.clear();
            conn.queued = 0;
            conn.writing = false;
        });
        self.watch(local);
        if self.tells() {
            self.tell(id, Item::Closed, port);
        } else {
            self.close(local);
        }
    }

    fn read_datagrams(&self, index: usize) {
        let port = &self.ports[index];
        let mut buffer = self.buffer.take();
        for _ in 0..BATCH {
            let Ok((length, from)) = socket::recv_from(port.fd, &mut buffer) else { break };
            if let Some(stats) = self.stats() {
                bump(&stats.received_bytes, length as u64);
            }
            let count = self.settings.workers;
            let source = from.host_bytes().first_chunk().map_or(0, |ip| i64::from(u32::from_ne_bytes(*ip)));
            let chosen = self.choose.as_ref().and_then(|choose| choose(source, 1, &buffer[..length]));
            let worker = match self.settings.dispatch {
                _ if chosen.is_some() => match chosen.filter(|worker| *worker < count) {
                    Some(worker) => worker,
                    None => continue,
                },
                _ if count == 1 => 0,
                DispatchMode::Round | DispatchMode::Idle => self.round() % count,
                _ => from.host_bytes().iter().fold(usize::from(from.port()), |hash, byte| hash.wrapping_mul(31) + usize::from(*byte)) % count,
            };
            let address = from.to_bytes();
            self.senders.borrow_mut()[worker].push(Item::Packet, index, address.len() as i64, &[&address, &buffer[..length]]);
            if let Some(stats) = self.shared.worker(worker) {
                stats.dispatched.fetch_add(1, Ordering::Relaxed);
            }
        }
        *self.buffer.borrow_mut() = buffer;
    }

    // ---- from workers ------------------------------------------------------------------------

    fn take_from(&self, worker: usize) {
        let mut release = false;
        for _ in 0..1024 {
            let mut receivers = self.receivers.borrow_mut();
            let message = match receivers[worker].peek() {
                Ok(Some(message)) => message,
                Ok(None) => break,
                Err(_) => {
                    crate::log::warning("Gate::read_ring", None, &format!("the ring of worker {worker} holds no messages"));
                    break;
                }
            };
            let (tag, bytes) = (message.tag(), message.bytes());
            if let (Some(item), Some((id, payload))) = (Item::of(tag), bytes.split_first_chunk()) {
                let id = i64::from_ne_bytes(*id);
                if item == Item::SendFile && has_more(tag) {
                    self.partial.borrow_mut()[worker].extend_from_slice(payload);
                } else {
                    if matches!(item, Item::Close | Item::Reset) && self.tells() {
                        self.tell_owner(worker, id);
                    }
                    self.obey(item, id, payload);
                }
            }
            release |= message.release();
        }
        if release {
            ring_bell(self.lanes.worker_bell(worker));
        }
    }

    /// `from` closes a connection: the worker that serves it hears of it, when that is another.
    fn tell_owner(&self, from: usize, id: SessionId) {
        let Some(port) = self.local_of(id).and_then(|local| self.with(local, |conn| conn.port)) else { return };
        if self.settings.workers > 1 && self.ports[port].tells && self.worker_for(id, 4, &[], true) != Some(from) {
            self.tell(id, Item::Closed, port);
        }
    }

    fn obey(&self, item: Item, id: SessionId, payload: &[u8]) {
        let Some(local) = self.local_of(id) else { return };
        match item {
            Item::Send => self.send(local, payload),
            Item::SendFile => {
                if let Some((offset, rest)) = payload.split_first_chunk()
                    && let Some((length, path)) = rest.split_first_chunk()
                    && let Ok(path) = std::str::from_utf8(path)
                    && let Ok(file) = std::fs::File::open(path)
                {
                    let (offset, length) = (u64::from_ne_bytes(*offset), u64::from_ne_bytes(*length) as usize);
                    if self.with(local, |conn| conn.tls.is_some()) == Some(true) {
                        let mut content = Output::default();
                        content.push_file(file, offset as i64, length);
                        while let Ok(Some(bytes)) = content.take_bytes(READ_BUFFER) {
                            self.send(local, &bytes);
                        }
                        return;
                    }
                    self.with(local, |conn| {
                        conn.out.push_file(file, offset as i64, length);
                        conn.queued += length;
                    });
                    self.flush(local);
                }
            }
            Item::Close => {
                let goodbye = self.with(local, |conn| {
                    let session = conn.tls.as_mut().filter(|session| session.is_established())?;
                    session.shutdown();
                    Some(session.take_output())
                });
                if let Some(Some(wire)) = goodbye {
                    self.send_raw(local, &wire);
                }
                let empty = self.with(local, |conn| {
                    conn.draining = true;
                    conn.out.is_empty() || conn.ended
                });
                if empty == Some(true) { self.close(local) } else { self.watch(local) }
            }
            Item::Reset => {
                if let Some(fd) = self.with(local, |conn| conn.fd) {
                    socket::linger_reset(fd);
                }
                self.close(local);
            }
            Item::Forget => self.close(local),
            Item::Pause | Item::Resume => {
                self.with(local, |conn| conn.paused = item == Item::Pause);
                self.watch(local);
            }
            _ => {}
        }
    }

    fn send(&self, local: usize, bytes: &[u8]) {
        let encrypted = self.with(local, |conn| {
            let session = conn.tls.as_mut()?;
            let _ = session.write(bytes);
            Some(session.take_output())
        });
        match encrypted {
            Some(Some(wire)) => self.send_raw(local, &wire),
            _ => self.send_raw(local, bytes),
        }
    }

    fn send_raw(&self, local: usize, bytes: &[u8]) {
        let sent = self.with(local, |conn| {
            if conn.ended || conn.draining {
                return Ok(true);
            }
            let parts = [IoSlice::new(bytes)];
            if !conn.out.is_empty() {
                conn.out.push(&parts, 0);
                conn.queued += bytes.len();
                return Ok(false);
            }
            match socket::send(conn.fd, bytes) {
                Ok(sent) if sent == bytes.len() => Ok(true),
                Ok(sent) => {
                    conn.out.push(&parts, sent);
                    conn.queued += bytes.len() - sent;
                    Ok(false)
                }
                Err(error) if socket::would_block(&error) => {
                    conn.out.push(&parts, 0);
                    conn.queued += bytes.len();
                    Ok(false)
                }
                Err(error) => Err(error),
            }
        });
        if let Some(stats) = self.stats() {
            bump(&stats.sent_bytes, bytes.len() as u64);
        }
        match sent {
            Some(Ok(true)) => {
                if let Some(slot) = self.slot_of(local) {
                    slot.sent_at.store(now_us(), Ordering::Relaxed);
                }
            }
            Some(Ok(false)) => self.wait_writable(local),
            Some(Err(error)) => self.ended(local, error.raw_os_error().unwrap_or(libc::EPIPE)),
            None => {}
        }
    }

    fn slot_of(&self, local: usize) -> Option<&super::Slot> {
        let id = self.with(local, |conn| conn.id)?;
        self.shared.find(id)
    }

    fn wait_writable(&self, local: usize) {
        let Some((queued, was)) = self.with(local, |conn| (conn.queued, std::mem::replace(&mut conn.writing, true))) else {
            return;
        };
        if let Some(slot) = self.slot_of(local) {
            slot.send_queued.store(queued as u64, Ordering::Relaxed);
        }
        let port = self.with(local, |conn| conn.port).unwrap_or(0);
        let high = self.ports[port].settings.buffer_high_watermark;
        let newly_full = self.with(local, |conn| high > 0 && conn.queued >= high && !std::mem::replace(&mut conn.full, true));
        if newly_full == Some(true)
            && let Some(id) = self.with(local, |conn| conn.id)
            && self.tells()
        {
            self.tell(id, Item::Full, port);
        }
        if !was {
            self.watch(local);
        }
    }

    fn flush(&self, local: usize) {
        let Some(flushed) = self.with(local, |conn| {
            let flushed = conn.out.flush(conn.fd);
            if let Ok(sent) = flushed {
                conn.queued = conn.queued.saturating_sub(sent);
            }
            flushed
        }) else {
            return;
        };
        if let Err(error) = flushed {
            self.ended(local, error.raw_os_error().unwrap_or(libc::EPIPE));
            return;
        }
        let Some((empty, draining, queued, id, port)) =
            self.with(local, |conn| (conn.out.is_empty(), conn.draining, conn.queued, conn.id, conn.port))
        else {
            return;
        };
        let low = self.ports[port].settings.buffer_low_watermark;
        if let Some(slot) = self.shared.find(id) {
            slot.send_queued.store(queued as u64, Ordering::Relaxed);
            let full = queued <= low && self.with(local, |conn| std::mem::replace(&mut conn.full, false)) == Some(true);
            if (full || (empty && slot.has(flag::OVERFLOW))) && self.tells() {
                slot.set(flag::OVERFLOW, false);
                self.tell(id, Item::Drained, port);
            }
        }
        if !empty {
            self.wait_writable(local);
            return;
        }
        if draining {
            self.close(local);
            return;
        }
        if self.with(local, |conn| std::mem::replace(&mut conn.writing, false)) == Some(true) {
            self.watch(local);
        }
    }

    // ---- registration and the end ------------------------------------------------------------

    fn watch(&self, local: usize) {
        let Some((fd, interest)) = self.with(local, |conn| {
            let mut interest = Interest::EMPTY;
            if !(conn.paused || conn.stalled || conn.ended || conn.draining) {
                interest |= Interest::READ;
            }
            if conn.writing && !conn.ended {
                interest |= Interest::WRITE;
            }
            (conn.fd, interest)
        }) else {
            return;
        };
        // A dead socket would be reported for ever.
        if self.with(local, |conn| conn.ended && !conn.draining) == Some(true) {
            let _ = self.reactor.remove(fd);
        } else {
            let _ = self.reactor.modify(fd, interest);
        }
    }

    fn close(&self, local: usize) {
        let Some(conn) = self.conns.borrow_mut().get_mut(local).and_then(Option::take) else { return };
        let _ = self.reactor.remove(conn.fd);
        socket::close(conn.fd);
        self.shared.close(conn.id);
        self.free.borrow_mut().push(local);
        if let Some(stats) = self.stats() {
            bump(&stats.closed, 1);
        }
    }

    fn close_all(&self) {
        let count = self.conns.borrow().len();
        for worker in 0..self.lanes.workers {
            self.take_from(worker);
        }
        for local in 0..count {
            self.flush(local);
            self.close(local);
        }
    }

    fn heartbeat(&self) {
        let now = now_us();
        let count = self.conns.borrow().len();
        for local in 0..count {
            let Some((id, port, ended)) = self.with(local, |conn| (conn.id, conn.port, conn.ended)) else { continue };
            let limit = u64::from(self.ports[port].settings.heartbeat_idle_time) * 1_000_000;
            let Some(slot) = self.shared.find(id).filter(|_| limit > 0 && !ended) else { continue };
            if !slot.has(flag::PROTECTED) && now.saturating_sub(slot.received_at.load(Ordering::Relaxed)) >= limit {
                self.ended(local, libc::ETIMEDOUT);
            }
        }
    }

    fn read_inbox(&self) {
        for _ in 0..BATCH {
            let more = bus::receive_from(self.inbox, &self.buffer, |head, payload| {
                let item = match head.kind {
                    Kind::Send => Item::Send,
                    Kind::SendFile => Item::SendFile,
                    Kind::Close if head.flags == 1 => Item::Reset,
                    Kind::Close => Item::Close,
                    Kind::Pause => Item::Pause,
                    Kind::Resume => Item::Resume,
                    _ => return,
                };
                // Closed from a process that has no worker's rings: the worker hears of it all the same.
                if matches!(item, Item::Close | Item::Reset)
                    && let Some(local) = self.local_of(head.id)
                    && let Some(port) = self.with(local, |conn| conn.port)
                    && self.tells()
                {
                    self.tell(head.id, Item::Closed, port);
                }
                self.obey(item, head.id, payload);
            });
            if !more {
                return;
            }
        }
    }
}

impl Sink for Gate {
    fn ready(&self, _waiter: u64, _fd: RawFd, _ready: Readiness) {}

    fn source_ready(&self, source: u64, _fd: RawFd, ready: Readiness) {
        match source {
            SOURCE_BELL => {
                hush(self.lanes.gate_bell(self.id));
                for sender in self.senders.borrow_mut().iter_mut() {
                    sender.retry();
                }
            }
            SOURCE_INBOX => self.read_inbox(),
            listen if listen & SOURCE_LISTEN != 0 => {
                let index = (listen & !SOURCE_LISTEN) as usize;
                if self.ports[index].kind.is_stream() { self.accept_from(index) } else { self.read_datagrams(index) }
            }
            local => {
                let local = local as usize;
                if ready.is_writable() && self.with(local, |conn| conn.writing) == Some(true) {
                    self.flush(local);
                }
                if ready.is_readable() {
                    let open = self.with(local, |conn| !(conn.ended || conn.paused || conn.stalled || conn.draining));
                    match open {
                        Some(true) => self.readable(local),
                        Some(false) if ready.intersects(Readiness::ERROR.union(Readiness::HANGUP)) => self.ended(local, 0),
                        _ => {}
                    }
                }
            }
        }
    }

    fn closed(&self, _waiter: u64, _fd: RawFd) {}
    fn timer(&self, _token: u64) {}
    fn posted(&self, _token: u64) {}
    fn woken(&self, _token: u64) {}
    fn signal(&self, _signo: i32, _info: &libc::signalfd_siginfo) {}
}

/// When a packet was handed on, for callbacks.
pub fn dispatch_time() -> f64 {
    microtime()
}
