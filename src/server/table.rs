//! What all processes of a server see: the connections, each worker's counters and state.
//!
//! Everything is in one mapping made before the first fork. A connection's slot is found from its session
//! id alone (`id & mask`); the id in the slot tells whether it still is that connection. Only the process
//! that owns a connection writes to its slot; counters have one writer each.

use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicI32, AtomicI64, AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use memory::{MapError, Segment};

use super::Address;

/// What PHP calls `$fd`: counts up from 1 and is not used again.
pub type SessionId = i64;

/// Slot states in the id word, beside the id of a live connection.
const FREE: i64 = 0;
const TAKEN: i64 = -1;

/// Bits of [`Slot::flags`].
pub mod flag {
    pub const SSL: u32 = 1;
    pub const PROTECTED: u32 = 2;
    pub const CLOSING: u32 = 4;
    pub const OVERFLOW: u32 = 8;
    pub const PAUSED: u32 = 16;
    /// The gate waits until workers have taken what is queued (`max_queued_bytes`).
    pub const STUFFED: u32 = 32;
}

/// One connection, as seen by every process.
#[repr(C, align(64))]
pub struct Slot {
    id: AtomicI64,
    /// Worker (BASE) or reactor thread (PROCESS) that owns the socket.
    pub owner: AtomicU32,
    /// Where its owner finds it.
    pub local: AtomicU32,
    pub fd: AtomicI32,
    pub port: AtomicU32,
    /// The worker bound by dispatch or `bind()`, plus one.
    pub worker: AtomicU32,
    pub flags: AtomicU32,
    pub uid: AtomicI64,
    /// Microseconds since 1970.
    pub connected_at: AtomicU64,
    pub received_at: AtomicU64,
    pub sent_at: AtomicU64,
    pub send_queued: AtomicU64,
    /// Bytes of packets that no worker has taken yet (PROCESS).
    pub recv_queued: AtomicU64,
    /// Packets that workers have taken; written by the one it is bound to.
    pub taken: AtomicU32,
    /// The process that has the socket, in BASE mode.
    pub keeper: AtomicI32,
    pub close_errno: AtomicI32,
    pub websocket: AtomicU8,
    address: UnsafeCell<Address>,
}

// SAFETY: the address is written before the id is published and never while it is; all else is atomic.
unsafe impl Sync for Slot {}

impl Slot {
    /// The connection's id; none when the slot is free.
    pub fn id(&self) -> Option<SessionId> {
        let id = self.id.load(Ordering::Acquire);
        (id > 0).then_some(id)
    }

    pub fn address(&self) -> Address {
        // SAFETY: written before the id was published, by the only owner; a torn read of a reused slot
        // gives a wrong address, never an invalid value (plain bytes).
        unsafe { std::ptr::read_volatile(self.address.get()) }
    }

    pub fn has(&self, flag: u32) -> bool {
        self.flags.load(Ordering::Relaxed) & flag != 0
    }

    /// Microseconds since something was last received or sent.
    pub fn idle_us(&self, now: u64) -> u64 {
        now.saturating_sub(self.received_at.load(Ordering::Relaxed).max(self.sent_at.load(Ordering::Relaxed)))
    }

    pub fn set(&self, flag: u32, on: bool) {
        if on {
            self.flags.fetch_or(flag, Ordering::Relaxed);
        } else {
            self.flags.fetch_and(!flag, Ordering::Relaxed);
        }
    }
}

/// Counters and state of one process; written by that process, except where noted.
#[repr(C, align(128))]
#[derive(Default)]
pub struct WorkerStats {
    pub pid: AtomicI32,
    /// 1 busy, 2 idle, 3 exiting (`SWOOLE_WORKER_*`).
    pub status: AtomicU32,
    pub start_time: AtomicI64,
    pub accepted: AtomicU64,
    pub closed: AtomicU64,
    pub aborted: AtomicU64,
    pub requests: AtomicU64,
    pub responses: AtomicU64,
    /// Packets given to this worker; written by the dispatcher.
    pub dispatched: AtomicU64,
    /// … of which it has taken so many.
    pub taken: AtomicU64,
    pub received_bytes: AtomicU64,
    pub sent_bytes: AtomicU64,
    pub concurrency: AtomicU64,
    pub coroutines: AtomicU64,
    pub coroutines_peak: AtomicU64,
    /// Tasks given to this task worker and not yet begun.
    pub tasks: AtomicI64,
    pub reload_round: AtomicU32,
}

impl WorkerStats {
    /// Packets given to this worker that it has not taken yet.
    pub fn queued(&self) -> u64 {
        self.dispatched.load(Ordering::Relaxed).saturating_sub(self.taken.load(Ordering::Relaxed))
    }
}

/// Adds to a counter that only this process writes: no bus lock.
#[inline]
pub fn bump(counter: &AtomicU64, by: u64) {
    counter.store(counter.load(Ordering::Relaxed).wrapping_add(by), Ordering::Relaxed);
}

/// What the server as a whole shares.
#[repr(C, align(128))]
pub struct Head {
    pub master_pid: AtomicI32,
    pub manager_pid: AtomicI32,
    pub start_time: AtomicI64,
    pub started: AtomicU32,
    pub shutdown: AtomicU32,
    pub reloading: AtomicU32,
    pub on_start_called: AtomicU32,
    pub on_shutdown_called: AtomicU32,
    next_id: AtomicI64,
    pub connections: AtomicI64,
    pub task_id: AtomicI64,
    pub tasking: AtomicI64,
    pub round: AtomicU32,
    /// One more than the highest slot that was ever used.
    top: AtomicU32,
    pub message_id: AtomicI64,
}

/// The shared memory of a server.
pub struct Shared {
    segment: Segment,
    slots: usize,
    workers: usize,
}

impl Shared {
    /// Room for `connections` connections and `workers` processes of all kinds.
    ///
    /// # Errors
    /// No shared memory.
    pub fn new(connections: usize, workers: usize) -> Result<Self, MapError> {
        let slots = connections.max(64).next_power_of_two();
        let bytes = size_of::<Head>() + workers * size_of::<WorkerStats>() + slots * size_of::<Slot>();
        let shared = Self { segment: Segment::new(bytes)?, slots, workers };
        shared.head().next_id.store(1, Ordering::Relaxed);
        Ok(shared)
    }

    pub fn head(&self) -> &Head {
        // SAFETY: the mapping is page-aligned, zero-filled (zero is a value of every atomic) and large enough.
        unsafe { &*self.segment.base().cast() }
    }

    pub fn worker_count(&self) -> usize {
        self.workers
    }

    pub fn worker(&self, n: usize) -> Option<&WorkerStats> {
        // SAFETY: as in `head`; the array lies behind it, aligned to 128 as it is.
        (n < self.workers).then(|| unsafe { &*self.segment.base().add(size_of::<Head>()).cast::<WorkerStats>().add(n) })
    }

    fn slot_at(&self, n: usize) -> &Slot {
        debug_assert!(n < self.slots);
        let offset = size_of::<Head>() + self.workers * size_of::<WorkerStats>();
        // SAFETY: callers mask `n`; sizes are multiples of 64, which is the slots' alignment.
        unsafe { &*self.segment.base().add(offset).cast::<Slot>().add(n) }
    }

    pub fn set_first_id(&self, id: SessionId) {
        self.head().next_id.store(id.max(1), Ordering::Relaxed);
    }

    pub fn last_id(&self) -> SessionId {
        self.head().next_id.load(Ordering::Relaxed) - 1
    }

    /// The live connection of that id.
    #[inline]
    pub fn find(&self, id: SessionId) -> Option<&Slot> {
        if id <= 0 {
            return None;
        }
        let slot = self.slot_at(id as usize & (self.slots - 1));
        (slot.id.load(Ordering::Acquire) == id).then_some(slot)
    }

    /// A fresh id with its slot, filled by `fill` before others see it. None when all slots are taken.
    pub fn open(&self, address: &Address, fill: impl FnOnce(&Slot)) -> Option<SessionId> {
        let head = self.head();
        for _ in 0..self.slots {
            let id = head.next_id.fetch_add(1, Ordering::Relaxed);
            let index = id as usize & (self.slots - 1);
            let slot = self.slot_at(index);
            if slot.id.compare_exchange(FREE, TAKEN, Ordering::Acquire, Ordering::Relaxed).is_err() {
                continue;
            }
            // SAFETY: TAKEN by us; readers look only after the id is published.
            unsafe { *slot.address.get() = *address };
            slot.worker.store(0, Ordering::Relaxed);
            slot.flags.store(0, Ordering::Relaxed);
            slot.uid.store(0, Ordering::Relaxed);
            let now = now_us();
            slot.connected_at.store(now, Ordering::Relaxed);
            slot.received_at.store(now, Ordering::Relaxed);
            slot.sent_at.store(now, Ordering::Relaxed);
            slot.send_queued.store(0, Ordering::Relaxed);
            slot.recv_queued.store(0, Ordering::Relaxed);
            slot.taken.store(0, Ordering::Relaxed);
            slot.keeper.store(0, Ordering::Relaxed);
            slot.close_errno.store(0, Ordering::Relaxed);
            slot.websocket.store(0, Ordering::Relaxed);
            fill(slot);
            slot.id.store(id, Ordering::Release);
            head.top.fetch_max(index as u32 + 1, Ordering::Relaxed);
            head.connections.fetch_add(1, Ordering::Relaxed);
            return Some(id);
        }
        None
    }

    /// Gives a connection's slot back.
    pub fn close(&self, id: SessionId) {
        if let Some(slot) = self.find(id) {
            slot.id.store(FREE, Ordering::Release);
            self.head().connections.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Frees what a dead process left.
    pub fn close_all_of(&self, pid: i32) -> u64 {
        let mut closed = 0;
        for n in 0..self.top() {
            let slot = self.slot_at(n);
            if slot.keeper.load(Ordering::Relaxed) == pid
                && let Some(id) = slot.id()
            {
                self.close(id);
                closed += 1;
            }
        }
        closed
    }

    fn top(&self) -> usize {
        self.head().top.load(Ordering::Relaxed) as usize
    }

    /// Live connections that `wanted` likes, at most `most`, in slot order behind the one of `after`.
    pub fn list(&self, after: SessionId, most: usize, wanted: impl Fn(&Slot) -> bool) -> Vec<SessionId> {
        let start = if after <= 0 { 0 } else { (after as usize & (self.slots - 1)) + 1 };
        let mut found = Vec::new();
        for n in start..self.top() {
            let slot = self.slot_at(n);
            if let Some(id) = slot.id()
                && wanted(slot)
            {
                found.push(id);
                if found.len() == most {
                    break;
                }
            }
        }
        found
    }

    /// Connections alive.
    pub fn connection_count(&self) -> i64 {
        self.head().connections.load(Ordering::Relaxed)
    }

    /// The sum of a counter over all processes.
    pub fn sum(&self, counter: impl Fn(&WorkerStats) -> &AtomicU64) -> u64 {
        (0..self.workers).filter_map(|n| self.worker(n)).map(|stats| counter(stats).load(Ordering::Relaxed)).sum()
    }
}

/// Microseconds since 1970, to the last tick of the kernel's clock (4 ms): for idle times, where a system
/// call a packet would be too much.
#[inline]
pub fn now_us() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes one timespec; the clock exists on every Linux (clock_gettime(2)).
    unsafe { libc::clock_gettime(libc::CLOCK_REALTIME_COARSE, &mut time) };
    time.tv_sec as u64 * 1_000_000 + time.tv_nsec as u64 / 1000
}

/// Seconds since 1970, exact.
pub fn microtime() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}
