//! Which worker gets a packet, and the way there.

use std::sync::atomic::Ordering;

use super::super::lanes::Item;
use super::super::{DispatchMode, SessionId, Slot, WorkerStats};
use super::{Gate, WORKER_BACKLOG};

impl Gate {
    /// Whether Connect and Close can be told: only where a connection has a worker of its own.
    pub(super) fn tells(&self) -> bool {
        self.settings.dispatch.is_sticky() || self.settings.workers == 1
    }


    pub(super) fn worker_for(&self, id: SessionId, kind: u8, data: &[u8], sticky: bool) -> Option<usize> {
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
                let address = slot.map(Slot::address).unwrap_or_default();
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

    pub(super) fn round(&self) -> usize {
        self.shared.head().round.fetch_add(1, Ordering::Relaxed) as usize
    }

    pub(super) fn least(&self, load: impl Fn(&WorkerStats) -> u64) -> usize {
        (0..self.settings.workers).min_by_key(|n| self.shared.worker(*n).map_or(u64::MAX, &load)).unwrap_or(0)
    }

    /// A worker with nothing to do, else the one with the shortest queue.
    pub(super) fn idle(&self) -> usize {
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

    pub(super) fn tell(&self, id: SessionId, item: Item, port: usize) {
        if let Some(worker) = self.worker_for(id, if item == Item::Connect { 3 } else { 4 }, &[], true) {
            self.senders.borrow_mut()[worker].push(item, port, id, &[]);
        }
    }

    pub(super) fn dispatch(&self, id: SessionId, port: usize, data: &[u8]) {
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
