//! The shared-memory rings between gates (the master's reactor threads) and event workers.
//!
//! One ring for each direction of each pair, so that every ring has one writer and one reader. Whoever goes
//! to sleep says so in the ring; who then publishes writes to the sleeper's eventfd, once a batch.

use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

use memory::ring::{Consumer, Producer, Ring, RingError};

/// What a message in a ring is: the low byte of its tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Item {
    // To workers.
    Connect = 1,
    Data,
    Packet,
    /// The peer closed, or the gate did.
    Closed,
    /// The write queue is empty again.
    Drained,
    Full,
    // To gates.
    Send,
    SendFile,
    /// Close once all is sent.
    Close,
    Reset,
    /// The worker is done with a connection that the peer closed.
    Forget,
    Pause,
    Resume,
    /// The worker holds nothing of the connection: its next packet may go to another.
    Release,
    /// What was queued has been taken: the gate may read on.
    Taken,
}

impl Item {
    pub fn of(tag: u32) -> Option<Self> {
        [
            Self::Connect,
            Self::Data,
            Self::Packet,
            Self::Closed,
            Self::Drained,
            Self::Full,
            Self::Send,
            Self::SendFile,
            Self::Close,
            Self::Reset,
            Self::Forget,
            Self::Pause,
            Self::Resume,
            Self::Release,
            Self::Taken,
        ]
        .into_iter()
        .find(|item| *item as u8 == tag as u8)
    }

    /// The tag of this item about a port; `more`: the payload goes on in the next message; `rest`: it began
    /// in the one before.
    pub fn tag(self, port: usize, more: bool, rest: bool) -> u32 {
        u32::from(self as u8) | u32::from(more) << 8 | u32::from(rest) << 9 | (port as u32 & 0xffff) << 16
    }
}

/// Whether a message goes on with the payload of the one before it.
pub fn is_rest(tag: u32) -> bool {
    tag & 0x200 != 0
}

pub fn has_more(tag: u32) -> bool {
    tag & 0x100 != 0
}

pub fn port_of(tag: u32) -> usize {
    (tag >> 16) as usize
}

/// All rings of a server, made before its first fork; they live as long as the process.
pub struct Lanes {
    pub gates: usize,
    pub workers: usize,
    down: Vec<Ring>,
    up: Vec<Ring>,
    worker_bells: Vec<OwnedFd>,
    gate_bells: Vec<OwnedFd>,
}

/// A descriptor that others can make readable.
///
/// # Errors
/// eventfd(2).
pub fn bell() -> io::Result<OwnedFd> {
    // SAFETY: plain call (eventfd(2)).
    let fd = unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: just made.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Wakes the sleeper behind an eventfd.
pub fn ring_bell(fd: RawFd) {
    let one = 1u64;
    // SAFETY: reads eight bytes; a full counter is already a wake (eventfd(2)).
    unsafe { libc::write(fd, (&raw const one).cast(), 8) };
}

/// Takes a wake off an eventfd.
pub fn hush(fd: RawFd) {
    let mut count = 0u64;
    // SAFETY: writes eight bytes.
    unsafe { libc::read(fd, (&raw mut count).cast(), 8) };
}

impl Lanes {
    /// Rings for every pair of `gates` and `workers`.
    ///
    /// # Errors
    /// No shared memory, no descriptors.
    pub fn new(gates: usize, workers: usize) -> io::Result<&'static Self> {
        let pairs = gates * workers;
        // Together at most about 128 MB, at least 64 KB each.
        let size = (64 * 1024 * 1024 / pairs.max(1)).clamp(64 * 1024, 1024 * 1024);
        let size = if size.is_power_of_two() { size } else { size.next_power_of_two() / 2 };
        let make = || (0..pairs).map(|_| Ring::new(size).map_err(io::Error::other)).collect::<io::Result<Vec<_>>>();
        Ok(Box::leak(Box::new(Self {
            gates,
            workers,
            down: make()?,
            up: make()?,
            worker_bells: (0..workers).map(|_| bell()).collect::<io::Result<_>>()?,
            gate_bells: (0..gates).map(|_| bell()).collect::<io::Result<_>>()?,
        })))
    }

    pub fn worker_bell(&self, worker: usize) -> RawFd {
        self.worker_bells[worker].as_raw_fd()
    }

    pub fn gate_bell(&self, gate: usize) -> RawFd {
        self.gate_bells[gate].as_raw_fd()
    }

    /// The gate's ends of its rings to and from `worker`.
    ///
    /// # Errors
    /// Another living process has them.
    pub fn gate_side(&'static self, gate: usize, worker: usize) -> Result<(Sender, Consumer<'static>), RingError> {
        let at = gate * self.workers + worker;
        let sender = Sender::new(self.down[at].producer()?, self.down[at].max_message(), self.worker_bell(worker));
        Ok((sender, self.up[at].consumer()?))
    }

    /// The worker's ends.
    ///
    /// # Errors
    /// As [`Lanes::gate_side`].
    pub fn worker_side(&'static self, gate: usize, worker: usize) -> Result<(Sender, Consumer<'static>), RingError> {
        let at = gate * self.workers + worker;
        let sender = Sender::new(self.up[at].producer()?, self.up[at].max_message(), self.gate_bell(gate));
        Ok((sender, self.down[at].consumer()?))
    }
}

/// The writing side of a ring, with a queue for what does not fit now.
pub struct Sender {
    producer: Producer<'static>,
    most: usize,
    bell: RawFd,
    waiting: VecDeque<(u32, i64, Vec<u8>)>,
    waiting_bytes: usize,
    dirty: bool,
}

/// Payload of one message in a ring, at most.
const PART: usize = 32 * 1024;

impl Sender {
    fn new(producer: Producer<'static>, most: usize, bell: RawFd) -> Self {
        Self { producer, most: most.min(PART + 8) - 8, bell, waiting: VecDeque::new(), waiting_bytes: 0, dirty: false }
    }

    /// Bytes that wait for room in the ring.
    pub fn waiting(&self) -> usize {
        self.waiting_bytes
    }

    /// Writes an item about a connection, in parts where it is long. [`Sender::publish`] shows it.
    pub fn push(&mut self, item: Item, port: usize, id: i64, parts: &[&[u8]]) {
        let total: usize = parts.iter().map(|part| part.len()).sum();
        if total <= self.most && parts.len() <= 3 {
            let number = id.to_ne_bytes();
            let mut slices: [&[u8]; 4] = [&number, &[], &[], &[]];
            slices[1..=parts.len()].copy_from_slice(parts);
            self.put(item.tag(port, false, false), id, &slices[..=parts.len()], total);
            return;
        }
        let joined = parts.concat();
        let mut chunks = joined.chunks(self.most).peekable();
        let mut rest = false;
        while let Some(chunk) = chunks.next() {
            let number = id.to_ne_bytes();
            self.put(item.tag(port, chunks.peek().is_some(), rest), id, &[&number, chunk], chunk.len());
            rest = true;
        }
    }

    /// What has found no room yet, taken out: for a writer that leaves its ring.
    pub fn take_waiting(&mut self) -> Vec<(u32, i64, Vec<u8>)> {
        self.waiting_bytes = 0;
        self.waiting.drain(..).collect()
    }

    fn put(&mut self, tag: u32, id: i64, slices: &[&[u8]], length: usize) {
        if self.waiting.is_empty() && self.producer.push(tag, slices).is_ok() {
            self.dirty = true;
            return;
        }
        self.waiting_bytes += length + 24;
        self.waiting.push_back((tag, id, slices[1..].concat()));
        self.dirty = true;
    }

    /// Shows the other side everything so far, and wakes it if it sleeps.
    #[inline]
    pub fn publish(&mut self) {
        if !self.dirty {
            return;
        }
        self.dirty = false;
        loop {
            while let Some((tag, id, bytes)) = self.waiting.front() {
                let number = id.to_ne_bytes();
                if self.producer.push(*tag, &[&number, bytes]).is_err() {
                    break;
                }
                self.waiting_bytes -= bytes.len() + 24;
                self.waiting.pop_front();
            }
            if self.producer.publish() {
                ring_bell(self.bell);
            }
            let Some((_, _, bytes)) = self.waiting.front() else { return };
            // Room made since then is used at once; else the reader rings when it has made some.
            if self.producer.prepare_wait(bytes.len() + 8) {
                return;
            }
        }
    }

    /// The other side has made room.
    pub fn retry(&mut self) {
        if !self.waiting.is_empty() {
            self.producer.awake();
            self.dirty = true;
            self.publish();
        }
    }
}
