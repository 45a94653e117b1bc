//! The lock-free parts, in every interleaving and every order that the memory model allows.
//!
//! `RUSTFLAGS="--cfg loom" cargo test -p swoole-memory --test loom --release`
#![cfg(loom)]
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use loom::sync::Arc;
use loom::sync::Mutex as LoomMutex;
use loom::thread;
use memory::lock::{Patience, RawMutex};
use memory::owner::{Dead, WAITERS};
use memory::ring::Bell;
use memory::sync::{AtomicU32, AtomicU64, Ordering};
use memory::twin::{Version, current};

/// Either the sleeper sees the message, or the waker sees the sleeper.
#[test]
fn no_wake_up_is_lost() {
    loom::model(|| {
        let shared = Arc::new((Bell::new(), AtomicU64::new(0)));
        let waker = {
            let shared = shared.clone();
            thread::spawn(move || {
                shared.1.store(1, Ordering::Release);
                shared.0.ring()
            })
        };
        let sleeps = shared.0.prepare(|| shared.1.load(Ordering::Acquire) == 1);
        let woken = waker.join().unwrap();
        assert!(!sleeps || woken, "asleep with a message, and nobody wakes");
    });
}

/// A reader keeps only what one writer wrote, through two updates that reuse the copy it reads.
#[test]
fn no_torn_value_is_kept() {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(|| {
        let cells = || [AtomicU64::new(0), AtomicU64::new(0)];
        let shared = Arc::new((Version::new(), [cells(), cells()]));
        let writer = {
            let shared = shared.clone();
            thread::spawn(move || {
                for n in 1..=2 {
                    let version = shared.0.owned();
                    shared.0.open();
                    for cell in &shared.1[current(version) ^ 1] {
                        cell.store(n, Ordering::Relaxed);
                    }
                    shared.0.flip(version);
                }
            })
        };
        let seen = shared.0.begin();
        let copy = &shared.1[current(seen)];
        let (a, b) = (copy[0].load(Ordering::Relaxed), copy[1].load(Ordering::Relaxed));
        if shared.0.still(seen) {
            assert_eq!(a, b);
        }
        writer.join().unwrap();
    });
}

/// A futex: the check of the word and going to sleep are one step against a wake.
struct Park {
    token: u32,
    queue: Arc<(LoomMutex<()>, loom::sync::Condvar)>,
}

impl memory::lock::Parking for Park {
    fn token(&self) -> u32 {
        self.token
    }
    fn park(&self, word: &AtomicU32, expected: u32, _: Duration) {
        let guard = self.queue.0.lock().unwrap();
        if word.load(Ordering::SeqCst) == expected {
            drop(self.queue.1.wait(guard).unwrap());
        }
    }
    fn unpark(&self, _: &AtomicU32) {
        let _guard = self.queue.0.lock().unwrap();
        self.queue.1.notify_one();
    }
    fn dead(&self, word: u32) -> Option<Dead> {
        (word & !WAITERS == 99 << 16).then_some(Dead { pid: 99 })
    }
}

/// Exclusion, and nobody sleeps for ever (loom reports a deadlock), also when the first owner is
/// a dead one.
fn mutex_model(first: u32) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(move || {
        let queue = Arc::new((LoomMutex::new(()), loom::sync::Condvar::new()));
        let shared = Arc::new((RawMutex::new(), loom::cell::UnsafeCell::new(0)));
        if first != 0 {
            let dead = Park { token: first, queue: queue.clone() };
            shared.0.lock(Patience::Try, &dead).unwrap();
        }
        let run = |token: u32| {
            let (shared, queue) = (shared.clone(), queue.clone());
            move || {
                let park = Park { token: token << 16, queue };
                shared.0.lock(Patience::Forever, &park).unwrap();
                // SAFETY: the mutex excludes the other thread, which loom checks.
                shared.1.with_mut(|n| unsafe { *n += 1 });
                shared.0.unlock(&park);
            }
        };
        let threads = [thread::spawn(run(1)), thread::spawn(run(2))];
        run(3)();
        threads.into_iter().for_each(|t| t.join().unwrap());
        // SAFETY: all threads ended.
        shared.1.with(|n| assert_eq!(unsafe { *n }, 3));
    });
}

#[test]
fn the_mutex_excludes_and_wakes() {
    mutex_model(0);
}

#[test]
fn a_dead_owner_is_succeeded_once() {
    mutex_model(99 << 16);
}
