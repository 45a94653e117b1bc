//! An event process: its listening sources, its connections, the read buffer.

use std::cell::{Cell, RefCell};
use std::io;
use std::os::fd::RawFd;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use coroutine::{Source, SourceId, engine};
use reactor::{Interest, Readiness};

use super::app::{App, Level};
use super::bus::{CLOSE_RESET, CLOSE_TOLD};
use super::lanes::Item;
use super::remote::Remote;
use super::table::{bump, flag, now_us};
use super::udp::UdpSource;
use super::{Bus, Conn, Head, Kind, Mode, Port, SessionId, Settings, Shared, WorkerStats, socket};

/// Bytes of the buffer that all connections of a process read into. A request that comes whole is copied once,
/// so a body of 64 KB with its head should fit; what is never read into is never touched.
pub const READ_BUFFER: usize = 256 * 1024;
/// Connections accepted in one turn, so that a storm of them does not starve those that are there.
const ACCEPT_BATCH: usize = 64;
/// How long accepting pauses when there is no descriptor left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(500);

/// Messages taken from the inbox in one turn.
const MESSAGE_BATCH: usize = 64;

/// What kind of process this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Event,
    Task,
    User,
}

/// What one process of a server has.
pub struct Worker {
    id: usize,
    role: Role,
    bus: Option<Rc<Bus>>,
    inbox: Cell<Option<SourceId>>,
    /// Which inbox it reads: its own, until a successor has that.
    inbox_at: Cell<usize>,
    app: Rc<dyn App>,
    settings: Rc<Settings>,
    shared: Arc<Shared>,
    remote: Option<Remote>,
    /// Processes whose inboxes stand before those of the gates.
    processes: usize,
    ports: Vec<Rc<Port>>,
    conns: RefCell<Vec<Option<Rc<Conn>>>>,
    free: RefCell<Vec<usize>>,
    live: Cell<usize>,
    buffer: Cell<Option<Box<[u8]>>>,
    listeners: RefCell<Vec<(RawFd, SourceId)>>,
    /// Accepting pauses, for want of a descriptor.
    deaf: Cell<bool>,
    running: Cell<bool>,
    /// Where it counts what it does: its own place, until a successor has that.
    counts_at: Cell<usize>,
    /// The request count at which this process ends (`max_request`).
    quota: Cell<u64>,
}

thread_local! {
    static WORKER: Cell<Option<&'static Worker>> = const { Cell::new(None) };
}

/// The worker of this process, once it has started.
#[inline]
pub fn worker() -> Option<&'static Worker> {
    WORKER.get()
}

impl Worker {
    /// Makes this process the worker `id`. It lives as long as the process.
    #[expect(clippy::too_many_arguments, reason = "what a process has, each once")]
    pub fn install(
        id: usize,
        role: Role,
        app: Rc<dyn App>,
        settings: Rc<Settings>,
        shared: Arc<Shared>,
        bus: Option<Rc<Bus>>,
        remote: Option<Remote>,
        processes: usize,
        ports: Vec<Rc<Port>>,
    ) -> &'static Self {
        let worker: &'static Self = Box::leak(Box::new(Self {
            id,
            role,
            bus,
            inbox: Cell::new(None),
            inbox_at: Cell::new(id),
            app,
            settings,
            shared,
            remote,
            processes,
            ports,
            conns: RefCell::default(),
            free: RefCell::default(),
            live: Cell::new(0),
            buffer: Cell::new(Some(vec![0; READ_BUFFER].into_boxed_slice())),
            listeners: RefCell::default(),
            deaf: Cell::new(false),
            running: Cell::new(true),
            counts_at: Cell::new(id),
            quota: Cell::new(u64::MAX),
        }));
        WORKER.set(Some(worker));
        worker
    }

    /// The process is no worker any more.
    pub fn uninstall() {
        WORKER.set(None);
    }

    pub fn id(&self) -> usize {
        self.id
    }

    pub fn role(&self) -> Role {
        self.role
    }

    /// None in a server of one process.
    pub fn bus(&self) -> Option<&Rc<Bus>> {
        self.bus.as_ref()
    }

    /// The rings, in PROCESS mode's event workers.
    pub fn remote(&self) -> Option<&Remote> {
        self.remote.as_ref()
    }

    pub fn app(&self) -> &Rc<dyn App> {
        &self.app
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    pub fn shared(&self) -> &Shared {
        &self.shared
    }

    pub fn ports(&self) -> &[Rc<Port>] {
        &self.ports
    }

    /// Tells whoever asks that packets are being worked on (1), or not any more (2). An ending worker stays so.
    pub fn busy(&self, busy: bool) {
        let (from, to) = if busy { (2, 1) } else { (1, 2) };
        let status = &self.stats().status;
        if status.load(Ordering::Relaxed) == from {
            status.store(to, Ordering::Relaxed);
        }
    }

    pub fn stats(&self) -> &WorkerStats {
        // INVARIANT: the shared memory was made with a place for every worker.
        match self.shared.worker(self.counts_at.get()) {
            Some(stats) => stats,
            None => unreachable!("worker id beyond the table"),
        }
    }

    pub fn is_running(&self) -> bool {
        self.running.get()
    }

    /// The process ends by itself after so many more requests.
    pub fn set_quota(&self, requests: u64) {
        self.quota.set(self.stats().requests.load(Ordering::Relaxed) + requests);
    }

    /// Counts a packet, request or task that the script is about to get.
    #[inline]
    pub fn count_request(&self) {
        let requests = &self.stats().requests;
        bump(requests, 1);
        if requests.load(Ordering::Relaxed) >= self.quota.get() {
            self.stop();
            if let Some(engine) = engine() {
                engine.stop();
            }
        }
    }

    // ---- the read buffer ---------------------------------------------------------------------

    /// The loop's buffer; a nested turn, which finds it taken, gets one of its own.
    #[inline]
    pub fn take_buffer(&self) -> Box<[u8]> {
        self.buffer.take().unwrap_or_else(|| vec![0; READ_BUFFER].into_boxed_slice())
    }

    #[inline]
    pub fn give_buffer(&self, buffer: Box<[u8]>) {
        self.buffer.set(Some(buffer));
    }

    // ---- connections -------------------------------------------------------------------------

    pub(super) fn reserve(&self) -> usize {
        self.free.borrow_mut().pop().unwrap_or_else(|| {
            let mut conns = self.conns.borrow_mut();
            conns.push(None);
            conns.len() - 1
        })
    }

    pub(super) fn insert(&self, local: usize, conn: Rc<Conn>) {
        self.conns.borrow_mut()[local] = Some(conn);
        self.live.set(self.live.get() + 1);
    }

    pub(super) fn forget(&self, conn: &Conn) {
        if let Some(remote) = &self.remote {
            remote.forget(conn.id());
            return;
        }
        let Some(slot) = self.shared.find(conn.id()) else { return };
        let local = slot.local.load(Ordering::Relaxed) as usize;
        self.shared.close(conn.id());
        let gone = self.conns.borrow_mut().get_mut(local).and_then(Option::take);
        if gone.is_some() {
            self.free.borrow_mut().push(local);
            self.live.set(self.live.get() - 1);
            bump(&self.stats().closed, 1);
        }
        drop(gone);
    }

    /// Connections of this process.
    pub fn live(&self) -> usize {
        self.live.get()
    }

    /// The connection of that id, when this process has it.
    #[inline]
    pub fn find(&self, id: SessionId) -> Option<Rc<Conn>> {
        let slot = self.shared.find(id)?;
        if let Some(remote) = &self.remote {
            return remote.find(id).or_else(|| {
                // Some other worker's: whoever has rings may write to it, but keeps nothing of it.
                let port = self.ports.get(slot.port.load(Ordering::Relaxed) as usize)?;
                let conn = Conn::foreign(port, id, slot.owner.load(Ordering::Relaxed) as usize, false);
                if slot.has(flag::CLOSING) {
                    conn.is_closing();
                }
                Some(conn)
            });
        }
        let owner = slot.owner.load(Ordering::Relaxed) as usize;
        let gates = self.settings.mode == Mode::Process;
        if gates || owner != self.id {
            self.bus.as_ref()?;
            let port = self.ports.get(slot.port.load(Ordering::Relaxed) as usize)?;
            let to = if gates { self.processes + owner } else { owner };
            let conn = Conn::foreign(port, id, to, true);
            if slot.has(flag::CLOSING) {
                conn.is_closing();
            }
            return Some(conn);
        }
        let local = slot.local.load(Ordering::Relaxed) as usize;
        self.conns.borrow().get(local)?.clone().filter(|conn| conn.id() == id)
    }

    /// All connections of this process.
    pub fn connections(&self) -> Vec<Rc<Conn>> {
        if let Some(remote) = &self.remote {
            return remote.connections();
        }
        self.conns.borrow().iter().flatten().cloned().collect()
    }

    /// The place of a gate's inbox.
    pub(super) fn inbox_of_gate(&self, gate: usize) -> usize {
        self.processes + gate
    }

    /// An order about a connection for a process without a ring from here. `told`: the Close event is.
    /// False: it was not taken.
    pub(super) fn send_item(&self, to: usize, item: Item, id: SessionId, told: bool, payload: &[u8]) -> bool {
        let (kind, flags) = match item {
            Item::Send => (Kind::Send, 0),
            Item::SendFile => (Kind::SendFile, 0),
            Item::Close => (Kind::Close, 0),
            Item::Reset => (Kind::Close, CLOSE_RESET),
            Item::Pause => (Kind::Pause, 0),
            Item::Resume => (Kind::Resume, 0),
            _ => return false,
        };
        let Some(bus) = &self.bus else { return false };
        let flags = flags | if told { CLOSE_TOLD } else { 0 };
        let sent = bus.send(to, &Head { flags, id, ..Head::new(kind, self.id) }, payload);
        if let Err(error) = &sent {
            self.app.log(Level::Warning, &format!("{item:?} for connection#{id}: {error}"));
        }
        sent.is_ok()
    }

    // ---- listening ---------------------------------------------------------------------------

    /// Puts the ports into the loop.
    ///
    /// # Errors
    /// epoll_ctl(2).
    pub fn listen(&self) -> io::Result<()> {
        self.listen_on(|_| true)
    }

    fn listen_on(&self, wanted: impl Fn(&Port) -> bool) -> io::Result<()> {
        let Some(engine) = engine() else { return Ok(()) };
        for port in self.ports.iter().filter(|port| wanted(port)) {
            let source: Rc<dyn Source> =
                if port.kind.is_stream() { Rc::new(Listener(Rc::clone(port))) } else { Rc::new(UdpSource(Rc::clone(port))) };
            let id = engine.add_source(port.fd(), Interest::READ, source).map_err(|error| io::Error::other(error.to_string()))?;
            self.listeners.borrow_mut().push((port.fd(), id));
        }
        Ok(())
    }

    /// Which inbox answers are to come to.
    pub fn inbox_at(&self) -> usize {
        self.inbox_at.get()
    }

    /// Puts the inbox into the loop.
    ///
    /// # Errors
    /// epoll_ctl(2).
    pub fn open_inbox(&self) -> io::Result<()> {
        let Some((engine, fd)) = engine().zip(self.bus.as_ref().and_then(|bus| bus.inbox(self.inbox_at()))) else {
            return Ok(());
        };
        let id = engine.add_source(fd, Interest::READ, Rc::new(Inbox)).map_err(|error| io::Error::other(error.to_string()))?;
        self.inbox.set(Some(id));
        Ok(())
    }

    /// Leaves what comes from now on to the successor.
    pub fn close_inbox(&self) {
        if let (Some(id), Some(engine), Some(bus)) = (self.inbox.take(), engine(), self.bus.as_ref())
            && let Some(fd) = bus.inbox(self.inbox_at())
        {
            engine.remove_source(fd, id);
        }
    }

    /// Deals with one message.
    pub fn deliver(&self, head: &Head, payload: &[u8]) {
        match head.kind {
            Kind::Send => {
                if let Some(conn) = self.find(head.id) {
                    let _ = conn.write(payload);
                }
            }
            Kind::SendFile => {
                if let Some(conn) = self.find(head.id)
                    && let Some((offset, rest)) = payload.split_first_chunk()
                    && let Some((length, path)) = rest.split_first_chunk()
                    && let Ok(path) = std::str::from_utf8(path)
                    && let Ok(file) = std::fs::File::open(path)
                {
                    let _ = conn.send_file(file, u64::from_ne_bytes(*offset), u64::from_ne_bytes(*length) as usize);
                }
            }
            Kind::Close => {
                if let Some(conn) = self.find(head.id) {
                    if head.flags & CLOSE_RESET != 0 {
                        conn.abort()
                    } else {
                        conn.close()
                    };
                }
            }
            Kind::Pause | Kind::Resume => {
                if let Some(conn) = self.find(head.id) {
                    if head.kind == Kind::Pause { conn.pause() } else { conn.resume() }
                }
            }
            _ => self.app.message(head, payload),
        }
    }

    /// Takes no more connections and datagrams.
    pub fn stop_listening(&self) {
        let listeners = self.listeners.take();
        if let Some(engine) = engine() {
            for (fd, id) in listeners {
                engine.remove_source(fd, id);
            }
        }
    }

    /// A listener that stays readable while nothing can be accepted would keep the loop busy.
    fn pause_accepting(&'static self) {
        let Some(engine) = engine().filter(|_| !self.deaf.replace(true)) else { return };
        self.listeners.borrow_mut().retain(|(fd, id)| {
            let stream = self.ports.iter().any(|port| port.fd() == *fd && port.kind.is_stream());
            if stream {
                engine.remove_source(*fd, *id);
            }
            !stream
        });
        let again = engine.call_at(Instant::now() + ACCEPT_PAUSE, move || {
            self.deaf.set(false);
            if self.running.get()
                && let Err(error) = self.listen_on(|port| port.kind.is_stream())
            {
                self.app.log(Level::Warning, &error.to_string());
            }
        });
        if let Err(error) = again {
            self.app.log(Level::Warning, &error.to_string());
        }
    }

    fn accept_from(&'static self, port: &Rc<Port>) {
        for _ in 0..ACCEPT_BATCH {
            let (fd, address) = match socket::accept(port.fd()) {
                Ok(accepted) => accepted,
                Err(error) => {
                    if matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE)) {
                        self.app.log(Level::Warning, &format!("accept() failed, Error: {error}"));
                        self.pause_accepting();
                    }
                    return;
                }
            };
            if self.shared.connection_count() >= self.settings.max_connection as i64 {
                self.app.log(Level::Warning, &format!("Too many connections [now: {}], refused", self.shared.connection_count()));
                bump(&self.stats().aborted, 1);
                socket::close(fd);
                continue;
            }
            match Conn::accept(self, port, fd, &address) {
                Some(conn) => {
                    bump(&self.stats().accepted, 1);
                    if conn.is_open() {
                        conn.begin(self);
                    }
                }
                None => socket::close(fd),
            }
            if !self.running.get() {
                return;
            }
        }
    }

    // ---- the end -----------------------------------------------------------------------------

    /// Its successor may start: from here on this process counts elsewhere, and goes on by messages where
    /// it had rings. False: there is nobody to start one.
    pub fn leave(&self) -> bool {
        let count = self.settings.worker_num + self.settings.task_worker_num;
        let Some(bus) = self.bus.as_ref().filter(|_| self.id < count) else { return false };
        let (own, place) = (self.stats(), self.shared.worker_count() - count + self.id);
        let Some(elsewhere) = self.shared.worker(place) else { return false };
        for (from, to) in [(&own.concurrency, &elsewhere.concurrency), (&own.coroutines, &elsewhere.coroutines)] {
            to.fetch_add(from.swap(0, Ordering::Relaxed), Ordering::Relaxed);
        }
        elsewhere.status.store(own.status.load(Ordering::Relaxed), Ordering::Relaxed);
        elsewhere.pid.store(0, Ordering::Relaxed);
        self.counts_at.set(place);
        self.close_inbox();
        if let Some(remote) = &self.remote {
            remote.leave(self);
        }
        let gates = self.shared.worker_count() - count - self.processes;
        let manager = self.processes + gates + 1;
        // Who waits for an answer from here on gets it all the same.
        self.inbox_at.set(manager + 1 + self.id);
        if let Err(error) = self.open_inbox() {
            self.app.log(Level::Warning, &error.to_string());
        }
        bus.send(manager, &Head { id: i64::from(std::process::id()), ..Head::new(Kind::Leaving, self.id) }, &[]).is_ok()
    }

    /// Stops accepting; the loop ends when the caller finds the process idle.
    pub fn stop(&self) {
        self.running.set(false);
        self.stop_listening();
        if self.role == Role::Task {
            self.close_inbox();
        }
        if let Some(remote) = &self.remote {
            remote.stop();
        }
    }

    /// Closes every connection, telling the Close events.
    pub fn close_all(&self) {
        if let Some(remote) = &self.remote {
            // The sockets are the master's, and live on with the next worker.
            remote.drain();
            return;
        }
        for conn in self.connections() {
            conn.close();
        }
        // What would not drain at once must not outlive the process.
        for conn in self.connections() {
            conn.abort();
        }
    }

    /// Ends connections on which nothing moved for `max_idle_time`.
    pub fn close_idle(&self) {
        let now = now_us();
        for conn in self.connections() {
            let limit = (conn.port().settings.borrow().max_idle_time * 1e6) as u64;
            if let Some(slot) = conn.slot().filter(|_| limit > 0)
                && slot.idle_us(now) >= limit
                && !slot.has(flag::PROTECTED)
            {
                conn.peer_gone();
            }
        }
    }

    /// Closes connections that were silent for too long, and gives their ids. `dead`: they are given up,
    /// with what waits for them.
    pub fn heartbeat(&self, close: bool, dead: bool) -> Vec<SessionId> {
        let now = now_us();
        let mut idle = Vec::new();
        for conn in self.connections() {
            let limit = u64::from(conn.port().settings.borrow().heartbeat_idle_time) * 1_000_000;
            let Some(slot) = conn.slot().filter(|_| limit > 0) else { continue };
            if slot.has(flag::PROTECTED) || now.saturating_sub(slot.received_at.load(Ordering::Relaxed)) < limit {
                continue;
            }
            idle.push(conn.id());
            if dead {
                conn.peer_gone();
            } else if close {
                conn.close();
            }
        }
        idle
    }
}

/// A stream port in the loop.
struct Listener(Rc<Port>);

impl Source for Listener {
    fn ready(&self, _fd: RawFd, _ready: Readiness) {
        if let Some(worker) = worker() {
            worker.accept_from(&self.0);
        }
    }
}

/// This process's inbox in the loop.
struct Inbox;

impl Source for Inbox {
    fn ready(&self, _fd: RawFd, _ready: Readiness) {
        let Some((worker, bus)) = worker().and_then(|worker| Some((worker, worker.bus()?))) else { return };
        // A task process takes one at a time, so that those who look for an idle one see it busy.
        let most = if worker.role == Role::Task { 1 } else { MESSAGE_BATCH };
        for _ in 0..most {
            let more = bus.receive(worker.inbox_at(), |head, payload| worker.deliver(head, payload));
            if !more || worker.inbox.get().is_none() {
                return;
            }
        }
    }
}
