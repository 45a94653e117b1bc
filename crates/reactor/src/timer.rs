//! The timer heap: four children a node, so that a sift touches half the levels of a binary heap.
//!
//! Cancelling is lazy: it frees the timer's slot, and the heap entry stays behind as garbage. Most
//! timers are deadlines of I/O that finishes in time, so garbage at the end of the heap is dropped at
//! once, and all of it when it outweighs what lives.

use std::num::NonZeroU64;
use std::sync::atomic::{AtomicU64, Ordering};

/// Names one timer. Never names another one later, not even of another loop: the sequence number is not reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimerId {
    seq: NonZeroU64,
    slot: u32,
}

/// Ordered by deadline, then by age: equal deadlines fire in the order they were added.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    deadline: u64,
    seq: NonZeroU64,
    slot: u32,
}

struct Slot {
    /// The owner's sequence number; 0 while the slot is free.
    seq: u64,
    /// The owner's token, or the next free slot.
    token: u64,
}

const NO_SLOT: u64 = u64::MAX;
/// Below this much garbage a rebuild is not worth its sweep.
const GARBAGE_FLOOR: usize = 64;

/// Deadlines are nanoseconds on a clock of the caller's choice.
pub(crate) struct TimerHeap {
    heap: Vec<Entry>,
    slots: Vec<Slot>,
    free: u64,
    live: usize,
    next_seq: NonZeroU64,
}

impl TimerHeap {
    pub(crate) fn new() -> Self {
        /// Each heap counts from where no other does: 2^40 timers (a day of twelve million a second) are its own.
        static HEAPS: AtomicU64 = AtomicU64::new(0);
        let first = HEAPS.fetch_add(1, Ordering::Relaxed) << 40 | 1;
        let next_seq = NonZeroU64::new(first).unwrap_or(NonZeroU64::MIN);
        Self { heap: Vec::new(), slots: Vec::new(), free: NO_SLOT, live: 0, next_seq }
    }

    pub(crate) fn len(&self) -> usize {
        self.live
    }

    /// Timers added from now on are not due for a caller that passes this to [`pop_due`](Self::pop_due).
    pub(crate) fn mark(&self) -> NonZeroU64 {
        self.next_seq
    }

    pub(crate) fn add(&mut self, deadline: u64, token: u64) -> TimerId {
        let seq = self.next_seq;
        self.next_seq = seq.saturating_add(1);
        let slot = if self.free == NO_SLOT {
            self.slots.push(Slot { seq: seq.get(), token });
            // INVARIANT: a slot is 16 bytes; memory ends long before 2^32 of them.
            (self.slots.len() - 1) as u32
        } else {
            let index = self.free as usize;
            self.free = self.slots[index].token;
            self.slots[index] = Slot { seq: seq.get(), token };
            index as u32
        };
        self.live += 1;
        self.heap.push(Entry { deadline, seq, slot });
        self.sift_up(self.heap.len() - 1);
        TimerId { seq, slot }
    }

    /// The token of the timer, or `None` when it has fired or was cancelled before.
    pub(crate) fn cancel(&mut self, id: TimerId) -> Option<u64> {
        let slot = self.slots.get(id.slot as usize)?;
        if slot.seq != id.seq.get() {
            return None;
        }
        let token = self.release(id.slot);
        while self.heap.last().is_some_and(|entry| self.is_garbage(entry)) {
            self.heap.pop();
        }
        let garbage = self.heap.len() - self.live;
        if garbage > GARBAGE_FLOOR && garbage > self.live {
            self.rebuild();
        }
        Some(token)
    }

    /// The earliest deadline.
    pub(crate) fn peek(&mut self) -> Option<u64> {
        self.drop_garbage_at_top();
        self.heap.first().map(|entry| entry.deadline)
    }

    /// Takes the earliest timer if it is due at `now` and older than `before`.
    pub(crate) fn pop_due(&mut self, now: u64, before: NonZeroU64) -> Option<u64> {
        self.drop_garbage_at_top();
        let top = *self.heap.first()?;
        if top.deadline > now || top.seq >= before {
            return None;
        }
        self.remove_top();
        Some(self.release(top.slot))
    }

    fn is_garbage(&self, entry: &Entry) -> bool {
        self.slots[entry.slot as usize].seq != entry.seq.get()
    }

    fn release(&mut self, slot: u32) -> u64 {
        let entry = &mut self.slots[slot as usize];
        let token = entry.token;
        *entry = Slot { seq: 0, token: self.free };
        self.free = u64::from(slot);
        self.live -= 1;
        token
    }

    fn drop_garbage_at_top(&mut self) {
        while self.heap.first().is_some_and(|top| self.is_garbage(top)) {
            self.remove_top();
        }
    }

    fn remove_top(&mut self) {
        if let Some(last) = self.heap.pop()
            && let Some(top) = self.heap.first_mut()
        {
            *top = last;
            self.sift_down(0);
        }
    }

    fn rebuild(&mut self) {
        let slots = &self.slots;
        self.heap.retain(|entry| slots[entry.slot as usize].seq == entry.seq.get());
        if self.heap.len() > 1 {
            for index in (0..=(self.heap.len() - 2) / 4).rev() {
                self.sift_down(index);
            }
        }
        // A burst of a million deadlines must not hold its memory for ever.
        if self.heap.capacity() > 4 * self.heap.len().max(1024) {
            self.heap.shrink_to(2 * self.heap.len());
        }
    }

    fn sift_up(&mut self, mut index: usize) {
        let entry = self.heap[index];
        while index > 0 {
            let parent = (index - 1) / 4;
            if self.heap[parent] <= entry {
                break;
            }
            self.heap[index] = self.heap[parent];
            index = parent;
        }
        self.heap[index] = entry;
    }

    fn sift_down(&mut self, mut index: usize) {
        let len = self.heap.len();
        let entry = self.heap[index];
        loop {
            let first = 4 * index + 1;
            if first >= len {
                break;
            }
            let mut least = first;
            for child in first + 1..(first + 4).min(len) {
                if self.heap[child] < self.heap[least] {
                    least = child;
                }
            }
            if entry <= self.heap[least] {
                break;
            }
            self.heap[index] = self.heap[least];
            index = least;
        }
        self.heap[index] = entry;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn drain(heap: &mut TimerHeap, now: u64) -> Vec<u64> {
        let mark = heap.mark();
        std::iter::from_fn(|| heap.pop_due(now, mark)).collect()
    }

    #[test]
    fn equal_deadlines_fire_in_order_of_age() {
        let mut heap = TimerHeap::new();
        for token in 0..100 {
            heap.add(5, token);
        }
        assert_eq!(drain(&mut heap, 4), []);
        assert_eq!(drain(&mut heap, 5), (0..100).collect::<Vec<_>>());
    }

    #[test]
    fn a_timer_added_while_firing_waits_for_the_next_round() {
        let mut heap = TimerHeap::new();
        heap.add(1, 1);
        let mark = heap.mark();
        assert_eq!(heap.pop_due(9, mark), Some(1));
        heap.add(1, 2);
        assert_eq!(heap.pop_due(9, mark), None);
        assert_eq!(drain(&mut heap, 9), [2]);
    }

    #[test]
    fn a_stale_id_cancels_nothing() {
        let mut heap = TimerHeap::new();
        let first = heap.add(1, 1);
        assert_eq!(heap.cancel(first), Some(1));
        assert_eq!(heap.cancel(first), None);
        let second = heap.add(1, 2);
        assert_eq!(second.slot, first.slot);
        assert_eq!(heap.cancel(first), None);
        assert_eq!(drain(&mut heap, 1), [2]);
        assert_eq!(heap.cancel(second), None);
    }

    #[test]
    fn garbage_stays_bounded() {
        let mut heap = TimerHeap::new();
        heap.add(1, 0);
        let far = heap.add(u64::MAX, 0);
        for n in 0..100_000u64 {
            // Falling deadlines: the garbage is never at the end of the heap.
            let id = heap.add(u64::MAX / 2 - n, n);
            heap.cancel(id);
            assert!(heap.heap.len() <= 2 * (GARBAGE_FLOOR + 2));
            assert!(heap.slots.len() <= 3);
        }
        assert_eq!(heap.len(), 2);
        assert_eq!(heap.cancel(far), Some(0));
    }

    #[derive(Clone, Debug)]
    enum Op {
        Add(u64),
        Cancel(usize),
        Advance(u64),
        Peek,
    }

    fn ops() -> impl Strategy<Value = Vec<Op>> {
        let op = prop_oneof![
            5 => (0..200u64).prop_map(Op::Add),
            4 => any::<usize>().prop_map(Op::Cancel),
            1 => (0..30u64).prop_map(Op::Advance),
            1 => Just(Op::Peek),
        ];
        proptest::collection::vec(op, 0..600)
    }

    proptest! {
        #[test]
        fn behaves_like_an_ordered_map(ops in ops()) {
            let mut heap = TimerHeap::new();
            let mut model: BTreeMap<(u64, u64), u64> = BTreeMap::new();
            let mut ids: Vec<(TimerId, (u64, u64))> = Vec::new();
            let mut now = 0;
            for (age, op) in ops.into_iter().enumerate() {
                let age = age as u64;
                match op {
                    Op::Add(after) => {
                        let id = heap.add(now + after, age);
                        model.insert((now + after, age), age);
                        ids.push((id, (now + after, age)));
                    }
                    Op::Cancel(which) if !ids.is_empty() => {
                        let (id, key) = ids[which % ids.len()];
                        prop_assert_eq!(heap.cancel(id), model.remove(&key));
                    }
                    Op::Cancel(_) => {}
                    Op::Advance(by) => {
                        now += by;
                        let later = model.split_off(&(now + 1, 0));
                        let due: Vec<u64> = std::mem::replace(&mut model, later).into_values().collect();
                        prop_assert_eq!(drain(&mut heap, now), due);
                    }
                    Op::Peek => prop_assert_eq!(heap.peek(), model.keys().next().map(|key| key.0)),
                }
                prop_assert_eq!(heap.len(), model.len());
            }
            let rest: Vec<u64> = model.into_values().collect();
            prop_assert_eq!(drain(&mut heap, u64::MAX), rest);
        }
    }
}
