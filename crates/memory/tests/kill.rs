//! Writers killed at any instruction: every row stays whole, every lock comes free, the count
//! stays exact, no slot is lost.
#![cfg(not(loom))]
#![allow(clippy::unwrap_used)]

mod common;

use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use common::{Chance, kill, spawn};
use memory::lock::{LockError, Mode, Mutex, Patience, RwLock, SpinLock};
use memory::table::{Amount, ColumnType, Schema, Snapshot, Value};
use memory::{Atomic32, Atomic64, Table};

const KEYS: u64 = 300;
const WRITERS: usize = 8;
const KILLS: usize = 200;

static NOTICES: AtomicU32 = AtomicU32::new(0);

struct Shared {
    table: Table,
    mutex: Mutex,
    spin: SpinLock,
    rwlock: RwLock,
    /// Changed by the holder of the mutex only, together: the second follows the first.
    pair: [Atomic64; 2],
    /// Steps that all writers made.
    steps: Atomic64,
}

fn shared() -> Shared {
    let mut schema = Schema::new();
    schema.push(b"n", ColumnType::Int, 0).unwrap();
    schema.push(b"square", ColumnType::Float, 0).unwrap();
    schema.push(b"text", ColumnType::Str, 200).unwrap();
    schema.push(b"hits", ColumnType::Int, 0).unwrap();
    Shared {
        table: Table::new(256, 0.2, schema).unwrap(),
        mutex: Mutex::new().unwrap(),
        spin: SpinLock::new().unwrap(),
        rwlock: RwLock::new().unwrap(),
        pair: [Atomic64::new(0).unwrap(), Atomic64::new(0).unwrap()],
        steps: Atomic64::new(0).unwrap(),
    }
}

fn key(n: u64) -> String {
    format!("row-{n}")
}

fn write(shared: &Shared, mut chance: Chance) -> i32 {
    loop {
        let key = key(chance.below(KEYS));
        let n = chance.below(200) as i64;
        let text = vec![n as u8; n as usize];
        match chance.below(16) {
            0..8 => {
                let values = [(0, Value::Int(n)), (1, Value::Float((n * n) as f64)), (2, Value::Str(&text))];
                // More keys than rows: sometimes the table is full.
                let _ = shared.table.set(key.as_bytes(), &values);
            }
            8..12 => {
                shared.table.del(key.as_bytes());
            }
            12 => {
                let _ = shared.table.incr(key.as_bytes(), 3, Amount::Int(1));
            }
            13 => {
                shared.mutex.lock(Patience::Forever).unwrap();
                let [a, b] = shared.pair.each_ref().map(Atomic64::word);
                let next = a.load(Ordering::Relaxed) + 1;
                a.store(next, Ordering::Relaxed);
                b.store(next, Ordering::Relaxed);
                shared.mutex.unlock();
            }
            14 => {
                shared.spin.lock(Patience::Forever).unwrap();
                shared.spin.unlock();
            }
            _ => {
                let mode = if n % 4 == 0 { Mode::Exclusive } else { Mode::Shared };
                shared.rwlock.lock(mode, Patience::Forever).unwrap();
                shared.rwlock.unlock();
            }
        }
        shared.steps.word().fetch_add(1, Ordering::Relaxed);
    }
}

/// Every row is one that some writer wrote as a whole (or that `incr` made); how many there are.
fn check_rows(table: &Table) -> usize {
    let (mut at, mut rows, mut out) = (0, 0, Snapshot::new());
    while let Some(next) = table.next_row(at, &mut out) {
        let value = |c| out.value(table.schema(), c).unwrap();
        let (Value::Int(n), Value::Float(square), Value::Str(text)) = (value(0), value(1), value(2)) else {
            panic!("types");
        };
        assert!(out.key().starts_with(b"row-"), "{:?}", out.key());
        assert_eq!(square, (n * n) as f64);
        assert_eq!(text, vec![n as u8; n as usize]);
        at = next;
        rows += 1;
    }
    rows
}

#[test]
fn two_hundred_kills() {
    let start = Instant::now();
    memory::owner::on_takeover(|_, dead| {
        assert_ne!(dead.pid, std::process::id());
        NOTICES.fetch_add(1, Ordering::Relaxed);
    });
    let shared = shared();
    let mut chance = Chance(0x5eed);
    let mut born = 0;
    let mut writer = || {
        born += 1;
        let seed = Chance(0x1234_5678_9abc_def1u64.wrapping_mul(born * 2 + 1));
        spawn(|| write(&shared, seed))
    };
    let mut pids: Vec<i32> = (0..WRITERS).map(|_| writer()).collect();
    for _ in 0..KILLS {
        // Eight share two processors: give each its turn, but end them at any point of it.
        std::thread::sleep(Duration::from_micros(500 + chance.below(8000)));
        let victim = chance.below(WRITERS as u64) as usize;
        kill(pids[victim]);
        pids[victim] = writer();
        check_rows(&shared.table);
    }
    // Those who are left go on: nobody is stuck behind a dead one.
    let before = shared.steps.word().load(Ordering::Relaxed);
    std::thread::sleep(Duration::from_millis(300));
    assert!(shared.steps.word().load(Ordering::Relaxed) > before + 100, "the living are stuck");
    pids.into_iter().for_each(kill);

    let rows = check_rows(&shared.table);
    assert_eq!(shared.table.count(), rows);
    assert_eq!((0..KEYS).filter(|n| shared.table.exists(key(*n).as_bytes())).count(), rows);

    let soon = || Patience::within(Duration::from_secs(5));
    shared.mutex.lock(soon()).unwrap();
    let [a, b] = shared.pair.each_ref().map(|n| n.word().load(Ordering::Relaxed));
    assert!(a == b || a == b + 1, "{a} {b}");
    assert!(a > 0);
    shared.mutex.unlock();
    shared.spin.lock(soon()).unwrap();
    shared.rwlock.lock(Mode::Exclusive, soon()).unwrap();
    shared.rwlock.unlock();

    // Every bucket's lock comes free, and every slot is there to be had.
    for n in 0..KEYS {
        shared.table.del(key(n).as_bytes());
    }
    assert_eq!(shared.table.count(), 0);
    let capacity = shared.table.capacity() as u64;
    for n in 0..capacity {
        assert!(shared.table.set(key(n).as_bytes(), &[]).unwrap().inserted, "slot {n} of {capacity}");
    }
    assert!(shared.table.set(b"one too many", &[]).is_err());
    assert_eq!(shared.table.count() as u64, capacity);
    assert!(start.elapsed() < Duration::from_secs(60));
    eprintln!(
        "{} steps, {} take-overs seen here, {:?}",
        shared.steps.word().load(Ordering::Relaxed),
        NOTICES.load(Ordering::Relaxed),
        start.elapsed()
    );
}

/// Holds a lock in a child until it is killed there, then takes it here.
fn taken_from_the_dead(lock: impl Fn(Patience) -> Result<(), LockError>, unlock: impl Fn()) {
    let ready = Atomic32::new(0).unwrap();
    let pid = spawn(|| {
        lock(Patience::Forever).unwrap();
        ready.wakeup(1);
        // SAFETY: sleeps until it is killed.
        unsafe { libc::pause() }
    });
    assert!(ready.wait(Some(Duration::from_secs(5))));
    assert_eq!(lock(Patience::Try), Err(LockError::Busy));
    let start = Instant::now();
    assert_eq!(lock(Patience::within(Duration::from_millis(120))), Err(LockError::TimedOut));
    assert!(start.elapsed() >= Duration::from_millis(120) && start.elapsed() < Duration::from_secs(3));
    kill(pid);
    lock(Patience::within(Duration::from_secs(5))).unwrap();
    unlock();
    lock(Patience::Try).unwrap();
    unlock();
}

#[test]
fn locks_of_the_dead_are_taken_over() {
    let m = Mutex::new().unwrap();
    taken_from_the_dead(|p| m.lock(p), || m.unlock());
    let s = SpinLock::new().unwrap();
    taken_from_the_dead(|p| s.lock(p), || s.unlock());
    let w = RwLock::new().unwrap();
    taken_from_the_dead(|p| w.lock(Mode::Exclusive, p), || w.unlock());
    // A dead reader in the way of a writer.
    let r = RwLock::new().unwrap();
    let first = std::cell::Cell::new(true);
    let parent = std::process::id();
    taken_from_the_dead(
        |p| {
            let in_child = std::process::id() != parent;
            let mode = if in_child && first.replace(false) { Mode::Shared } else { Mode::Exclusive };
            r.lock(mode, p)
        },
        || r.unlock(),
    );
    let f = memory::lock::FileLock::new(None).unwrap();
    taken_from_the_dead(|p| f.lock(Mode::Exclusive, p), || f.unlock().unwrap());
}

#[test]
fn a_waiter_that_sleeps_is_not_left_behind() {
    let mutex = Mutex::new().unwrap();
    let ready = Atomic32::new(0).unwrap();
    let holder = spawn(|| {
        mutex.lock(Patience::Forever).unwrap();
        ready.wakeup(1);
        // SAFETY: sleeps until it is killed.
        unsafe { libc::pause() }
    });
    assert!(ready.wait(Some(Duration::from_secs(5))));
    let waiter = spawn(|| i32::from(mutex.lock(Patience::within(Duration::from_secs(10))).is_err()));
    std::thread::sleep(Duration::from_millis(150));
    kill(holder);
    let start = Instant::now();
    assert_eq!(common::wait(waiter), 0);
    assert!(start.elapsed() < Duration::from_secs(2));
}

#[test]
fn a_dead_owner_in_another_pid_namespace_is_recognised() {
    let mutex = Mutex::new().unwrap();
    let ready = Atomic32::new(0).unwrap();
    // A process between, whose children are in a namespace of their own; there the holder is
    // pid 1, a number that is alive in ours.
    let between = spawn(|| {
        // SAFETY: only this child is concerned.
        if unsafe { libc::unshare(libc::CLONE_NEWPID) } != 0 {
            return 77;
        }
        let holder = spawn(|| {
            assert_eq!(std::process::id(), 1);
            mutex.lock(Patience::Forever).unwrap();
            ready.wakeup(1);
            // SAFETY: sleeps until it is killed.
            unsafe { libc::pause() }
        });
        assert!(!ready.wait(None) || mutex.lock(Patience::Try) == Err(LockError::Busy));
        kill(holder);
        0
    });
    let status = common::wait(between);
    if status == 77 << 8 {
        eprintln!("not permitted to make a pid namespace: not tested");
        return;
    }
    assert_eq!(status, 0);
    mutex.lock(Patience::within(Duration::from_secs(5))).unwrap();
    mutex.unlock();
}

#[test]
fn any_process_may_unlock() {
    let mutex = Mutex::new().unwrap();
    mutex.lock(Patience::Forever).unwrap();
    let waiter = spawn(|| i32::from(mutex.lock(Patience::within(Duration::from_secs(5))).is_err()));
    let unlocker = spawn(|| {
        std::thread::sleep(Duration::from_millis(100));
        mutex.unlock();
        0
    });
    assert_eq!((common::wait(waiter), common::wait(unlocker)), (0, 0));
    // The waiter ended holding it.
    mutex.lock(Patience::within(Duration::from_secs(5))).unwrap();
}

#[test]
fn exclusion_holds() {
    let mutex = Mutex::new().unwrap();
    let spin = SpinLock::new().unwrap();
    let rwlock = RwLock::new().unwrap();
    let counts: [Atomic64; 3] = std::array::from_fn(|_| Atomic64::new(0).unwrap());
    // Read and written apart: only the lock keeps the sum right.
    let bump = |n: &AtomicI64| n.store(n.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    let pids: Vec<i32> = (0..3)
        .map(|_| {
            spawn(|| {
                for i in 0..20_000 {
                    mutex.lock(Patience::Forever).unwrap();
                    bump(counts[0].word());
                    mutex.unlock();
                    spin.lock(Patience::Forever).unwrap();
                    bump(counts[1].word());
                    spin.unlock();
                    if i % 4 == 0 {
                        rwlock.lock(Mode::Exclusive, Patience::Forever).unwrap();
                        bump(counts[2].word());
                        rwlock.unlock();
                    } else {
                        rwlock.lock(Mode::Shared, Patience::Forever).unwrap();
                        let n = counts[2].word().load(Ordering::Relaxed);
                        std::hint::spin_loop();
                        assert_eq!(n, counts[2].word().load(Ordering::Relaxed));
                        rwlock.unlock();
                    }
                }
                0
            })
        })
        .collect();
    assert!(pids.into_iter().all(|pid| common::wait(pid) == 0));
    let [a, b, c] = counts.each_ref().map(|n| n.word().load(Ordering::Relaxed));
    assert_eq!((a, b, c), (60_000, 60_000, 15_000));
}

#[test]
fn shared_holds_nest_and_errors_are_told_apart() {
    let lock = RwLock::new().unwrap();
    lock.lock(Mode::Shared, Patience::Forever).unwrap();
    lock.lock(Mode::Shared, Patience::Try).unwrap();
    assert_eq!(lock.lock(Mode::Exclusive, Patience::Try), Err(LockError::Busy));
    let short = || Patience::within(Duration::from_millis(10));
    assert_eq!(lock.lock(Mode::Exclusive, short()), Err(LockError::TimedOut));
    lock.unlock();
    assert_eq!(lock.lock(Mode::Exclusive, Patience::Try), Err(LockError::Busy));
    lock.unlock();
    lock.lock(Mode::Exclusive, Patience::Try).unwrap();
    assert_eq!(lock.lock(Mode::Shared, Patience::Try), Err(LockError::Busy));
    assert_eq!(lock.lock(Mode::Shared, Patience::Forever), Err(LockError::Deadlock));
    assert_eq!(lock.lock(Mode::Exclusive, short()), Err(LockError::Deadlock));
    lock.unlock();
    lock.unlock();
    lock.lock(Mode::Exclusive, Patience::Try).unwrap();
}
