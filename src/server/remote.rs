//! A worker's side of PROCESS mode: its connections are handles, whose bytes come and go through rings.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io;
use std::os::fd::RawFd;
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use coroutine::{Source, SourceId, engine};
use memory::ring::Consumer;
use reactor::{Interest, Readiness};

use super::app::Level;
use super::lanes::{Item, Lanes, Sender, has_more, hush, is_rest, port_of, ring_bell};
use super::table::{bump, flag};
use super::{Address, Conn, Datagram, SessionId, Worker, worker};

/// Messages taken before other sources of the loop have their turn.
const BATCH: usize = 256;
/// Replies of a batch are held back no longer than this.
const HOLD: Duration = Duration::from_micros(100);

/// Bytes that may wait for room in a ring before their writer waits for the gate. It takes them however slow its
/// clients are; without the wait nobody would see in time that one of them takes no more.
const MOST_WAITING: usize = 1024 * 1024;

/// Waits, for a moment, until the gate has taken most of what waits.
fn catch_up(sender: &mut Sender) {
    let deadline = Instant::now() + Duration::from_secs(1);
    sender.publish();
    while sender.waiting() > MOST_WAITING / 2 && Instant::now() < deadline {
        std::thread::sleep(Duration::from_micros(50));
        sender.retry();
    }
}

/// A packet that came whole while its worker stopped: gate, port, connection, bytes.
type Late = (usize, usize, SessionId, Vec<u8>);

/// The rings of one worker, and the connections it knows.
pub struct Remote {
    id: usize,
    lanes: &'static Lanes,
    senders: RefCell<Vec<Sender>>,
    receivers: RefCell<Vec<Consumer<'static>>>,
    conns: RefCell<HashMap<SessionId, Rc<Conn>>>,
    partial: RefCell<Vec<Vec<u8>>>,
    late: RefCell<Vec<Late>>,
    scratch: Cell<Vec<u8>>,
    /// Connections that rest are given back, to be dealt out anew.
    releases: bool,
    /// Packets go to any worker: none keeps what it knows of a connection.
    ephemeral: bool,
    /// More messages wait: replies are collected.
    in_batch: Cell<bool>,
    source: Cell<Option<SourceId>>,
}

impl Remote {
    /// Claims this worker's ends of all rings.
    ///
    /// # Errors
    /// Another living process has them.
    pub fn new(lanes: &'static Lanes, id: usize, releases: bool, ephemeral: bool) -> io::Result<Self> {
        let mut senders = Vec::new();
        let mut receivers = Vec::new();
        for gate in 0..lanes.gates {
            let (sender, receiver) = lanes.worker_side(gate, id).map_err(io::Error::other)?;
            senders.push(sender);
            receivers.push(receiver);
        }
        Ok(Self {
            id,
            lanes,
            partial: RefCell::new((0..lanes.gates).map(|_| Vec::new()).collect()),
            senders: RefCell::new(senders),
            receivers: RefCell::new(receivers),
            conns: RefCell::default(),
            late: RefCell::default(),
            scratch: Cell::default(),
            releases,
            ephemeral,
            in_batch: Cell::new(false),
            source: Cell::new(None),
        })
    }

    /// Puts the rings into the loop.
    ///
    /// # Errors
    /// epoll_ctl(2).
    pub fn open(&self) -> io::Result<()> {
        let Some(engine) = engine() else { return Ok(()) };
        let fd = self.lanes.worker_bell(self.id);
        let id = engine.add_source(fd, Interest::READ, Rc::new(Bell)).map_err(|error| io::Error::other(error.to_string()))?;
        self.source.set(Some(id));
        // What was there before us is looked at once.
        ring_bell(fd);
        Ok(())
    }

    /// Takes no more: the successor goes on where we stop.
    pub fn stop(&self) {
        self.finish_partial();
        if let (Some(id), Some(engine)) = (self.source.take(), engine()) {
            engine.remove_source(self.lanes.worker_bell(self.id), id);
        }
        self.receivers.borrow_mut().clear();
    }

    /// Whether connections that rest are given back, to be dealt out anew.
    pub fn releases(&self) -> bool {
        self.releases
    }

    /// The successor takes the rings: what waits for room in them, and all that follows, goes by message.
    pub fn leave(&self, worker: &Worker) {
        self.stop();
        self.in_batch.set(false);
        self.publish();
        let mut senders = std::mem::take(&mut *self.senders.borrow_mut());
        for (gate, sender) in senders.iter_mut().enumerate() {
            for (tag, id, bytes) in sender.take_waiting() {
                if let Some(item) = Item::of(tag) {
                    worker.send_item(worker.inbox_of_gate(gate), item, id, true, &bytes);
                }
            }
        }
    }

    pub fn has_left(&self) -> bool {
        self.senders.borrow().is_empty()
    }

    /// A packet of which a part is here comes whole to us, as the successor could make nothing of the rest.
    fn finish_partial(&self) {
        let deadline = Instant::now() + Duration::from_secs(1);
        for gate in 0..self.receivers.borrow().len() {
            while !self.partial.borrow()[gate].is_empty() && Instant::now() < deadline {
                let Some((tag, id, bytes)) = self.take(gate) else {
                    std::thread::sleep(Duration::from_millis(1));
                    continue;
                };
                if let Some(worker) = worker() {
                    self.count_taken(worker, gate, port_of(tag), id, bytes.len());
                }
                let mut partial = self.partial.borrow_mut();
                partial[gate].extend_from_slice(&bytes);
                if !has_more(tag) {
                    let whole = std::mem::take(&mut partial[gate]);
                    self.late.borrow_mut().push((gate, port_of(tag), id, whole));
                }
            }
        }
    }

    /// Deals with what came whole only while the process stopped.
    pub fn deal_late(&self, worker: &'static Worker) {
        let late = self.late.take();
        for (gate, port, id, whole) in late {
            if let Some(conn) = self.sender_of(worker, gate, port, id, whole.len()) {
                conn.receive(worker, &whole);
            }
        }
    }

    /// Connections that have state here.
    pub fn connections(&self) -> Vec<Rc<Conn>> {
        self.conns.borrow().values().cloned().collect()
    }

    pub fn find(&self, id: SessionId) -> Option<Rc<Conn>> {
        self.conns.borrow().get(&id).cloned()
    }

    pub fn forget(&self, id: SessionId) {
        let gone = self.conns.borrow_mut().remove(&id);
        drop(gone);
    }

    /// Sends an item to a gate: at once, or with the batch under way. False: this worker has left the rings.
    pub fn push(&self, gate: usize, item: Item, port: usize, id: SessionId, parts: &[&[u8]]) -> bool {
        let mut senders = self.senders.borrow_mut();
        let Some(sender) = senders.get_mut(gate) else { return false };
        sender.push(item, port, id, parts);
        if !self.in_batch.get() {
            sender.publish();
        }
        if item == Item::Send && sender.waiting() > MOST_WAITING {
            catch_up(sender);
        }
        true
    }

    pub fn publish(&self) {
        for sender in self.senders.borrow_mut().iter_mut() {
            sender.publish();
        }
    }

    /// Before the process ends: what waits for room is sent, within a moment.
    pub fn drain(&self) {
        self.in_batch.set(false);
        let deadline = Instant::now() + Duration::from_secs(2);
        loop {
            self.publish();
            let waiting: usize = self.senders.borrow().iter().map(Sender::waiting).sum();
            if waiting == 0 || Instant::now() >= deadline {
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
            for sender in self.senders.borrow_mut().iter_mut() {
                sender.retry();
            }
        }
    }

    /// The connection of a packet; known here from then on, where it stays with this worker.
    fn conn_of(&self, worker: &'static Worker, gate: usize, port: usize, id: SessionId) -> Option<Rc<Conn>> {
        if let Some(conn) = self.find(id) {
            return Some(conn);
        }
        worker.shared().find(id)?;
        let port = worker.ports().get(port)?;
        let conn = Conn::remote(port, id, gate);
        if !self.ephemeral || port.settings.borrow().is_passed_through() {
            self.conns.borrow_mut().insert(id, Rc::clone(&conn));
        }
        Some(conn)
    }

    /// A piece of a packet has left its ring.
    fn count_taken(&self, worker: &Worker, gate: usize, port: usize, id: SessionId, length: usize) {
        let Some(slot) = worker.shared().find(id) else { return };
        let left = slot.recv_queued.fetch_sub(length as u64, Ordering::SeqCst).saturating_sub(length as u64);
        if slot.has(flag::STUFFED) && left <= worker.settings().max_queued_bytes as u64 {
            slot.set(flag::STUFFED, false);
            self.push(gate, Item::Taken, port, id, &[]);
        }
    }

    /// Who a packet is from. One whose connection has gone is dropped where the program hears of that, or
    /// wants it so (`discard_timeout_request`).
    fn sender_of(&self, worker: &'static Worker, gate: usize, port: usize, id: SessionId, length: usize) -> Option<Rc<Conn>> {
        if let Some(slot) = worker.shared().find(id) {
            slot.taken.store(slot.taken.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
            return self.conn_of(worker, gate, port, id);
        }
        let port = worker.ports().get(port)?;
        let kept = self.ephemeral && !worker.settings().discard_timeout_request && !port.settings.borrow().is_passed_through();
        if !kept {
            worker.app().log(Level::Warning, &format!("ignore data[{length} bytes] received from session#{id}"));
            return None;
        }
        Some(Conn::remote(port, id, gate))
    }

    fn take(&self, gate: usize) -> Option<(u32, SessionId, Vec<u8>)> {
        let mut receivers = self.receivers.borrow_mut();
        let receiver = receivers.get_mut(gate)?;
        let message = match receiver.peek() {
            Ok(Some(message)) => message,
            _ => return None,
        };
        let mut scratch = self.scratch.take();
        scratch.clear();
        let tag = message.tag();
        let (id, payload) = message.bytes().split_first_chunk()?;
        let id = i64::from_ne_bytes(*id);
        scratch.extend_from_slice(payload);
        if !has_more(tag)
            && matches!(Item::of(tag), Some(Item::Data | Item::Packet))
            && let Some(worker) = worker()
        {
            bump(&worker.stats().taken, 1);
        }
        // Given back before it is dealt with: a packet that kills its worker must not kill the next.
        if message.release() {
            ring_bell(self.lanes.gate_bell(gate));
        }
        self.in_batch.set(receiver.peek().is_ok_and(|next| next.is_some()));
        Some((tag, id, scratch))
    }

    /// Deals with what is in the rings. True: there is more.
    fn run(&self, worker: &'static Worker) -> bool {
        let mut published = Instant::now();
        let mut taken = 0;
        loop {
            let before = taken;
            for gate in 0..self.lanes.gates {
                while taken < BATCH {
                    let Some((tag, id, scratch)) = self.take(gate) else { break };
                    taken += 1;
                    self.deal(worker, gate, tag, id, &scratch);
                    self.scratch.set(scratch);
                    if published.elapsed() > HOLD {
                        self.publish();
                        published = Instant::now();
                    }
                    if !worker.is_running() {
                        self.in_batch.set(false);
                        self.publish();
                        return false;
                    }
                }
            }
            if taken >= BATCH {
                self.in_batch.set(false);
                self.publish();
                return true;
            }
            if taken == before {
                break;
            }
        }
        self.in_batch.set(false);
        self.publish();
        !self.receivers.borrow_mut().iter_mut().fold(true, |sleep, ring| ring.prepare_sleep() && sleep)
    }

    fn deal(&self, worker: &'static Worker, gate: usize, tag: u32, id: SessionId, payload: &[u8]) {
        let port = port_of(tag);
        match Item::of(tag) {
            Some(Item::Data) => {
                self.count_taken(worker, gate, port, id, payload.len());
                if is_rest(tag) && self.partial.borrow()[gate].is_empty() {
                    // Its beginning went down with the worker before us.
                    return;
                }
                if has_more(tag) {
                    self.partial.borrow_mut()[gate].extend_from_slice(payload);
                    return;
                }
                let whole = std::mem::take(&mut self.partial.borrow_mut()[gate]);
                let Some(conn) = self.sender_of(worker, gate, port, id, whole.len() + payload.len()) else { return };
                if whole.is_empty() {
                    conn.receive(worker, payload);
                } else {
                    let mut whole = whole;
                    whole.extend_from_slice(payload);
                    conn.receive(worker, &whole);
                }
            }
            Some(Item::Connect) => {
                // What is given back is not kept either before its first bytes have come.
                let conn = match worker.ports().get(port) {
                    Some(port) if self.releases => worker.shared().find(id).map(|_| Conn::remote(port, id, gate)),
                    _ => self.conn_of(worker, gate, port, id),
                };
                if let Some(conn) = conn {
                    conn.begin(worker);
                }
            }
            Some(Item::Closed) => match self.conn_of(worker, gate, port, id) {
                Some(conn) => {
                    if !conn.has_begun() {
                        conn.begin_silent(worker);
                    }
                    conn.peer_gone();
                }
                None => {
                    self.push(gate, Item::Forget, port, id, &[]);
                }
            },
            Some(Item::Drained) => {
                if let Some(conn) = self.find(id) {
                    conn.remote_drained(worker);
                }
            }
            Some(Item::Full) => {
                if let Some(conn) = self.find(id) {
                    worker.app().buffer_full(&conn);
                }
            }
            Some(Item::Packet) => {
                if is_rest(tag) && self.partial.borrow()[gate].is_empty() {
                    return;
                }
                if has_more(tag) {
                    self.partial.borrow_mut()[gate].extend_from_slice(payload);
                    return;
                }
                let mut whole = std::mem::take(&mut self.partial.borrow_mut()[gate]);
                let payload = if whole.is_empty() {
                    payload
                } else {
                    whole.extend_from_slice(payload);
                    &whole
                };
                let Some((address, data)) = payload.split_at_checked(id as usize) else { return };
                if let (Some(port), Some(from)) = (worker.ports().get(port), Address::from_bytes(address)) {
                    worker.count_request();
                    let from = Datagram { from, server_socket: port.fd(), dispatch_time: super::table::microtime() };
                    worker.app().packet(port, &from, data);
                }
            }
            _ => {}
        }
    }
}

/// The worker's bell in the loop.
struct Bell;

impl Source for Bell {
    fn ready(&self, fd: RawFd, _ready: Readiness) {
        let Some((worker, remote)) = worker().and_then(|worker| Some((worker, worker.remote()?))) else { return };
        hush(fd);
        for sender in remote.senders.borrow_mut().iter_mut() {
            sender.retry();
        }
        let stats = worker.stats();
        stats.status.store(1, Ordering::Relaxed);
        if remote.run(worker) {
            ring_bell(fd);
        }
        stats.status.store(2, Ordering::Relaxed);
        if let Some(engine) = engine() {
            stats.coroutines.store(engine.live() as u64, Ordering::Relaxed);
        }
    }
}
