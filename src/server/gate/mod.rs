//! A gate: a reactor thread of the master, which owns connections and cuts their bytes into packets. It
//! never touches PHP; packets go to workers through [`Lanes`].

mod accept;
mod dispatch;
mod read;
mod write;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io;
use std::os::fd::RawFd;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use memory::ring::Consumer;
use protocol::framing::Framer;
use reactor::{Interest, Reactor, Readiness, Sink};

use super::lanes::{Lanes, Sender, hush, ring_bell};
use super::output::Output;
use super::table::{bump, flag, now_us};
use super::{Address, DispatchMode, Framing, PortKind, PortSettings, SessionId, Shared, socket};

/// Accepted connections, datagrams and messages taken in one go.
const BATCH: usize = 64;
/// How long accepting pauses when there is no descriptor left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(500);
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

/// The certificates of each port.
pub type Certificates = Vec<Option<net::tls::Context>>;

/// What all gates of a master share.
pub struct GateSettings {
    pub dispatch: DispatchMode,
    pub workers: usize,
    /// Event and task workers, before the gates in the table of processes.
    pub processes: usize,
    pub max_connection: usize,
    /// Bytes of one connection that may wait for a worker; 0: no limit.
    pub max_queued_bytes: usize,
    /// Workers hear of connections that come and go.
    pub tells: bool,
    pub delay_receive: bool,
    /// Seconds; 0: no check.
    pub heartbeat: u32,
}

/// How others reach a gate.
pub struct GateHandle {
    handed: Mutex<VecDeque<(RawFd, Address, usize)>>,
    certificates: Mutex<Option<Certificates>>,
    renewed: AtomicBool,
    stop: AtomicBool,
    bell: RawFd,
}

impl GateHandle {
    pub fn new(bell: RawFd) -> Arc<Self> {
        Arc::new(Self {
            handed: Mutex::default(),
            certificates: Mutex::default(),
            renewed: AtomicBool::new(false),
            stop: AtomicBool::new(false),
            bell,
        })
    }

    /// New connections get these certificates; those that are open keep theirs.
    pub fn renew(&self, certificates: Certificates) {
        *self.certificates.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(certificates);
        self.renewed.store(true, Ordering::Release);
        ring_bell(self.bell);
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
    /// Packets given to workers.
    handed: u32,
    writing: bool,
    paused: bool,
    /// Its worker has too much to do.
    stalled: bool,
    /// Too much of its own waits for a worker (`max_queued_bytes`).
    stuffed: bool,
    /// Not read any more; waits for its worker to forget it, or for its queue to drain.
    ended: bool,
    draining: bool,
    full: bool,
}

impl GateConn {
    /// Not to be read now.
    fn is_deaf(&self) -> bool {
        self.paused || self.stalled || self.stuffed || self.ended || self.draining
    }
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
    /// No descriptor was left: accepting goes on then.
    deaf_until: Cell<Option<Instant>>,
    choose: Option<Chooser>,
    length_function: Box<dyn Fn(usize) -> Option<Framer>>,
    last_heartbeat: Cell<Instant>,
    last_sweep: Cell<Instant>,
    /// How often idle connections are looked for.
    sweep: Option<Duration>,
    certificates: RefCell<Certificates>,
    /// DTLS clients whose handshake is under way, and since when.
    greeting: RefCell<Vec<(usize, SessionId, Instant)>>,
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
        let sweep = ports.iter().filter_map(|port| port.settings.idle_sweep()).min();
        let certificates = ports.iter().map(|port| port.tls.clone()).collect();
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
            deaf_until: Cell::new(None),
            choose,
            length_function,
            last_heartbeat: Cell::new(Instant::now()),
            last_sweep: Cell::new(Instant::now()),
            sweep,
            certificates: RefCell::new(certificates),
            greeting: RefCell::default(),
            ports,
        });
        let add = |fd, source| gate.reactor.add(fd, Interest::READ, source).map_err(|error| io::Error::other(error.to_string()));
        add(lanes.gate_bell(id), SOURCE_BELL)?;
        if inbox >= 0 {
            add(inbox, SOURCE_INBOX)?;
        }
        Ok(gate)
    }

    fn own_listeners(&self) -> impl Iterator<Item = &GatePort> {
        self.ports.iter().filter(|port| port.index % self.lanes.gates == self.id)
    }

    /// Each port is accepted from by one gate, which hands connections round.
    fn listen(&self, port: &GatePort) -> io::Result<()> {
        let source = SOURCE_LISTEN | port.index as u64;
        self.reactor.add(port.fd, Interest::READ, source).map_err(|error| io::Error::other(error.to_string()))
    }

    /// A listener that stays readable while nothing can be accepted would keep the loop busy.
    fn pause_accepting(&self) {
        if self.deaf_until.replace(Some(Instant::now() + ACCEPT_PAUSE)).is_none() {
            for port in self.own_listeners().filter(|port| port.kind.is_stream()) {
                let _ = self.reactor.remove(port.fd);
            }
        }
    }

    fn stats(&self) -> Option<&super::WorkerStats> {
        self.shared.worker(self.settings.processes + self.id)
    }

    /// Begins to accept: only once every gate is made, as clients may leave no descriptor for that.
    ///
    /// # Errors
    /// epoll_ctl(2).
    pub fn begin(&self) -> io::Result<()> {
        self.own_listeners().try_for_each(|port| self.listen(port))
    }

    /// Runs until told to stop. For a thread of its own.
    pub fn run(&self) {
        while !self.handle.stop.load(Ordering::Acquire) {
            let sleep = self.before_wait();
            let wait = if sleep { Some(self.rhythm()) } else { Some(Duration::ZERO) };
            if self.reactor.turn(wait, self).is_err() {
                break;
            }
            self.after_turn();
        }
        self.close_all();
    }

    /// How long it may sleep when nothing happens.
    pub fn rhythm(&self) -> Duration {
        const LONGEST: Duration = Duration::from_millis(500);
        let heartbeat = match self.settings.heartbeat {
            0 => LONGEST,
            seconds => Duration::from_secs(u64::from(seconds)).saturating_sub(self.last_heartbeat.get().elapsed()),
        };
        self.sweep.map_or(LONGEST, |sweep| sweep.min(LONGEST)).min(heartbeat)
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
        if self.handle.renewed.swap(false, Ordering::Acquire) {
            let renewed = self.handle.certificates.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
            if let Some(renewed) = renewed {
                *self.certificates.borrow_mut() = renewed;
            }
        }
        if self.deaf_until.get().is_some_and(|until| Instant::now() >= until) {
            self.deaf_until.set(None);
            if let Err(error) = self.own_listeners().filter(|port| port.kind.is_stream()).try_for_each(|port| self.listen(port)) {
                crate::log::warning("Gate::listen", error.raw_os_error(), &error.to_string());
            }
        }
        for worker in 0..self.lanes.workers {
            self.take_from(worker);
        }
        let interval = Duration::from_secs(u64::from(self.settings.heartbeat));
        let elapsed = self.last_heartbeat.get().elapsed();
        if self.settings.heartbeat > 0 && elapsed >= interval {
            // Being late makes nobody older: who came just after the last one was not silent for a whole interval.
            let late = elapsed - interval;
            self.last_heartbeat.set(if late < interval { self.last_heartbeat.get() + interval } else { Instant::now() });
            self.heartbeat(late);
        }
        if !self.greeting.borrow().is_empty() {
            self.retransmit();
        }
        if self.sweep.is_some_and(|sweep| self.last_sweep.get().elapsed() >= sweep) {
            self.last_sweep.set(Instant::now());
            self.close_idle();
        }
        for sender in self.senders.borrow_mut().iter_mut() {
            sender.publish();
        }
        self.restart_stalled();
    }

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

    fn watch(&self, local: usize) {
        let Some((fd, interest)) = self.with(local, |conn| {
            let mut interest = Interest::EMPTY;
            if !conn.is_deaf() {
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

    /// Ends connections on which nothing moved for `max_idle_time`.
    fn close_idle(&self) {
        let now = now_us();
        let count = self.conns.borrow().len();
        for local in 0..count {
            let Some((id, port, ended)) = self.with(local, |conn| (conn.id, conn.port, conn.ended)) else { continue };
            let limit = (self.ports[port].settings.max_idle_time * 1e6) as u64;
            let Some(slot) = self.shared.find(id).filter(|_| limit > 0 && !ended) else { continue };
            if slot.idle_us(now) >= limit && !slot.has(flag::PROTECTED) {
                self.ended(local, libc::ETIMEDOUT);
            }
        }
    }

    fn heartbeat(&self, late: Duration) {
        let now = now_us().saturating_sub(late.as_micros() as u64);
        let count = self.conns.borrow().len();
        for local in 0..count {
            let Some((id, port, ended)) = self.with(local, |conn| (conn.id, conn.port, conn.ended)) else { continue };
            let limit = u64::from(self.ports[port].settings.heartbeat_idle_time) * 1_000_000;
            let Some(slot) = self.shared.find(id).filter(|_| limit > 0 && !ended) else { continue };
            let idle = now.saturating_sub(slot.received_at.load(Ordering::Relaxed));
            if !slot.has(flag::PROTECTED) && idle >= limit + GRAIN_US {
                // Nothing that a worker still sends would arrive.
                self.ended(local, libc::ETIMEDOUT);
                self.close(local);
            }
        }
    }
}

/// How far the clock behind `now_us` may lag: a tick of the kernel at its usual 250 a second.
const GRAIN_US: u64 = 4_000;

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
                    let open = self.with(local, |conn| !conn.is_deaf());
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
