//! Which worker gets a packet, and the way there.

use std::sync::atomic::Ordering;

use super::super::lanes::Item;
use super::super::table::flag;
use super::super::{DispatchMode, SessionId, Slot, WorkerStats};
use super::{Gate, WORKER_BACKLOG};

impl Gate {
    /// `sticky`: the connection stays with a worker until that one gives it back.
    pub(super) fn worker_for(&self, id: SessionId, kind: u8, data: &[u8], sticky: bool) -> Option<usize> {
        let count = self.settings.workers;
        if count == 1 && self.choose.is_none() {
            return Some(0);
        }
        let slot = self.shared.find(id);
        if let Some(choose) = &self.choose {
            let bound = slot.filter(|_| sticky).map_or(0, |slot| slot.worker.load(Ordering::Relaxed)) as usize;
            if let Some(worker) = bound.checked_sub(1) {
                return Some(worker);
            }
            if let Some(worker) = choose(id, kind, data) {
                if let Some(slot) = slot.filter(|_| sticky && kind == 0 && worker < count) {
                    slot.worker.store(worker as u32 + 1, Ordering::Relaxed);
                }
                return (worker < count).then_some(worker);
            }
        }
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
                let address = slot.map(Slot::address).unwrap_or_default();
                address.host_bytes().iter().fold(0usize, |hash, byte| hash.wrapping_mul(31).wrapping_add(usize::from(*byte)))
                    % count
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
            DispatchMode::ConcurrentLeast if sticky => bound(&|| self.least(under_way))?,
            DispatchMode::Round => self.round() % count,
            DispatchMode::Idle | DispatchMode::Stream => self.idle(),
            DispatchMode::CoRequest => self.least(|stats| stats.coroutines.load(Ordering::Relaxed)),
            DispatchMode::ConcurrentLeast => self.least(under_way),
        })
    }

    pub(super) fn round(&self) -> usize {
        self.shared.head().round.fetch_add(1, Ordering::Relaxed) as usize
    }

    /// The worker with the least load; of several, the one that was given the least so far.
    pub(super) fn least(&self, load: impl Fn(&WorkerStats) -> u64) -> usize {
        let key = |n: &usize| {
            let stats = self.shared.worker(*n);
            stats.map_or((u64::MAX, 0), |stats| (load(stats), stats.dispatched.load(Ordering::Relaxed)))
        };
        (0..self.settings.workers).min_by_key(key).unwrap_or(0)
    }

    /// A worker with nothing to do, else the one with the shortest queue.
    pub(super) fn idle(&self) -> usize {
        let count = self.settings.workers;
        let start = self.round();
        let idle = (0..count).map(|n| (start + n) % count).find(|n| {
            self.shared.worker(*n).is_some_and(|stats| stats.status.load(Ordering::Relaxed) == 2 && stats.queued() == 0)
        });
        idle.unwrap_or_else(|| self.least(WorkerStats::queued))
    }

    /// The worker that hears of what becomes of a connection; none where packets go to any.
    pub(super) fn follower(&self, id: SessionId, item: Item, port: usize) -> Option<usize> {
        if self.settings.tells {
            let sticky = self.ports[port].passthrough;
            return self.worker_for(id, if item == Item::Connect { 3 } else { 4 }, &[], sticky);
        }
        if self.settings.workers == 1 && self.ports[port].passthrough {
            return Some(0);
        }
        // A worker that has begun something keeps the connection until it is done.
        let bound = self.shared.find(id)?.worker.load(Ordering::Relaxed) as usize;
        bound.checked_sub(1)
    }

    /// Tells it. False: there is nobody to tell.
    pub(super) fn tell(&self, id: SessionId, item: Item, port: usize) -> bool {
        let Some(worker) = self.follower(id, item, port) else { return false };
        self.senders.borrow_mut()[worker].push(item, port, id, &[]);
        true
    }

    /// Counts a packet that goes to a worker; a connection with too much waiting is not read on.
    fn count_handed(&self, id: SessionId, length: usize) {
        let Some((slot, local)) = self.shared.find(id).zip(self.local_of(id)) else { return };
        self.with(local, |conn| conn.handed = conn.handed.wrapping_add(1));
        let queued = slot.recv_queued.fetch_add(length as u64, Ordering::SeqCst) + length as u64;
        let most = self.settings.max_queued_bytes as u64;
        if most == 0 || queued <= most {
            return;
        }
        slot.set(flag::STUFFED, true);
        // Taken in the meantime: nobody would tell us.
        if slot.recv_queued.load(Ordering::SeqCst) > most {
            self.with(local, |conn| conn.stuffed = true);
            self.watch(local);
        }
    }

    pub(super) fn dispatch(&self, id: SessionId, port: usize, data: &[u8]) {
        let Some(worker) = self.worker_for(id, 0, data, self.ports[port].passthrough) else {
            return;
        };
        self.count_handed(id, data.len());
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

    pub(super) fn restart_stalled(&self) {
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
}

/// Requests that a worker has begun, or will have to.
fn under_way(stats: &WorkerStats) -> u64 {
    stats.concurrency.load(Ordering::Relaxed) + stats.queued()
}
