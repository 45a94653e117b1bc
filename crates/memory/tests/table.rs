//! The table against a model, at its limits, and read while it is written.
#![cfg(not(loom))]
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;

use memory::table::{Amount, ColumnType, IncrError, MAX_KEY, Schema, SchemaError, Snapshot, TableFull, Value};
use memory::{MapError, Table};
use proptest::prelude::*;

fn schema() -> Schema {
    let mut schema = Schema::new();
    schema.push(b"n", ColumnType::Int, 0).unwrap();
    schema.push(b"x", ColumnType::Float, 0).unwrap();
    schema.push(b"s", ColumnType::Str, 20).unwrap();
    schema
}

fn row(table: &Table, key: &[u8]) -> Option<(i64, f64, Vec<u8>)> {
    let mut out = Snapshot::new();
    table.get(key, None, &mut out).then(|| of(table, &out))
}

fn of(table: &Table, out: &Snapshot) -> (i64, f64, Vec<u8>) {
    match [0, 1, 2].map(|c| out.value(table.schema(), c).unwrap()) {
        [Value::Int(n), Value::Float(x), Value::Str(s)] => (n, x, s.to_vec()),
        other => panic!("types of {other:?}"),
    }
}

#[derive(Debug, Clone)]
enum Op {
    Set(Vec<u8>, Option<i64>, Option<f64>, Option<Vec<u8>>),
    Del(Vec<u8>),
    Incr(Vec<u8>, i64),
    IncrFloat(Vec<u8>, f64),
    Get(Vec<u8>),
    Walk,
}

fn key() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        (0u8..40).prop_map(|n| vec![b'k', n]),
        prop::collection::vec(any::<u8>(), 0..3),
        prop::collection::vec(any::<u8>(), 60..66),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    let bytes = prop::collection::vec(any::<u8>(), 0..30);
    prop_oneof![
        4 => (key(), any::<Option<i64>>(), prop::option::of(-1e9f64..1e9), prop::option::of(bytes))
            .prop_map(|(k, n, x, s)| Op::Set(k, n, x, s)),
        2 => key().prop_map(Op::Del),
        2 => (key(), any::<i64>()).prop_map(|(k, n)| Op::Incr(k, n)),
        1 => (key(), -1e9f64..1e9).prop_map(|(k, x)| Op::IncrFloat(k, x)),
        2 => key().prop_map(Op::Get),
        1 => Just(Op::Walk),
    ]
}

fn cut(key: &[u8]) -> Vec<u8> {
    key[..key.len().min(MAX_KEY)].to_vec()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn behaves_like_a_map(ops in prop::collection::vec(op(), 1..400)) {
        let table = Table::new(64, 0.2, schema()).unwrap();
        let mut model: BTreeMap<Vec<u8>, (i64, f64, Vec<u8>)> = BTreeMap::new();
        let fresh = || (0, 0.0, Vec::new());
        for op in ops {
            match op {
                Op::Set(key, n, x, s) => {
                    let mut values = Vec::new();
                    values.extend(n.map(|n| (0, Value::Int(n))));
                    values.extend(x.map(|x| (1, Value::Float(x))));
                    values.extend(s.as_deref().map(|s| (2, Value::Str(s))));
                    let there = model.contains_key(&cut(&key));
                    match table.set(&key, &values) {
                        Ok(stored) => {
                            prop_assert_eq!(stored.inserted, !there);
                            // Rounded up to 8: 20 bytes were asked for, 24 are held.
                            prop_assert_eq!(stored.truncated, s.as_ref().is_some_and(|s| s.len() > 24));
                            let row = model.entry(cut(&key)).or_insert_with(fresh);
                            if let Some(n) = n { row.0 = n }
                            if let Some(x) = x { row.1 = x }
                            if let Some(s) = s { row.2 = s[..s.len().min(24)].to_vec() }
                        }
                        Err(TableFull) => prop_assert!(!there && model.len() == table.capacity()),
                    }
                }
                Op::Del(key) => prop_assert_eq!(table.del(&key), model.remove(&cut(&key)).is_some()),
                Op::Incr(key, by) => match table.incr(&key, 0, Amount::Int(by)) {
                    Ok(sum) => {
                        let row = model.entry(cut(&key)).or_insert_with(fresh);
                        row.0 = row.0.wrapping_add(by);
                        prop_assert_eq!(sum, Amount::Int(row.0));
                    }
                    Err(error) => prop_assert!(error == IncrError::Full && model.len() == table.capacity()),
                },
                Op::IncrFloat(key, by) => match table.incr(&key, 1, Amount::Float(by)) {
                    Ok(sum) => {
                        let row = model.entry(cut(&key)).or_insert_with(fresh);
                        row.1 += by;
                        prop_assert_eq!(sum, Amount::Float(row.1));
                    }
                    Err(error) => prop_assert!(error == IncrError::Full && model.len() == table.capacity()),
                },
                Op::Get(key) => {
                    prop_assert_eq!(row(&table, &key), model.get(&cut(&key)).cloned());
                    prop_assert_eq!(table.exists(&key), model.contains_key(&cut(&key)));
                }
                Op::Walk => {
                    let mut seen = BTreeMap::new();
                    let (mut at, mut out) = (0, Snapshot::new());
                    while let Some(next) = table.next_row(at, &mut out) {
                        prop_assert!(seen.insert(out.key().to_vec(), of(&table, &out)).is_none());
                        at = next;
                    }
                    prop_assert_eq!(&seen, &model);
                }
            }
            prop_assert_eq!(table.count(), model.len());
        }
    }
}

#[test]
fn holds_the_rows_it_was_asked_for() {
    for rows in [1, 64, 100, 1000, 5000] {
        let table = Table::new(rows, 0.2, schema()).unwrap();
        for i in 0..table.size() as i64 {
            let key = format!("user:{}", i * 64);
            table.set(key.as_bytes(), &[(0, Value::Int(i))]).unwrap();
        }
        assert!(table.size() >= rows as usize);
        assert_eq!(table.count(), table.size());
        let mut extra = 0;
        while table.set(format!("extra{extra}").as_bytes(), &[]).is_ok() {
            extra += 1;
        }
        assert_eq!(table.count(), table.capacity());
        assert_eq!(table.stats().spare_free, 0);
        // Full, what is there can still be changed, and a freed slot is found again.
        assert!(!table.set(b"user:0", &[(0, Value::Int(9))]).unwrap().inserted);
        assert!(table.del(b"user:64") || rows == 1);
        assert!(table.set(b"again", &[]).is_ok());
    }
}

#[test]
fn too_large_is_an_error() {
    let mut wide = Schema::new();
    wide.push(b"s", ColumnType::Str, (1 << 31) - 1).unwrap();
    let error = Table::new(1 << 20, 1.0, wide).unwrap_err();
    assert!(matches!(error, memory::table::TableError::Map(MapError::TooLarge { .. })), "{error}");
    let mut wide = Schema::new();
    wide.push(b"s", ColumnType::Str, (1 << 31) - 1).unwrap();
    assert!(matches!(Table::new(u64::MAX, 1.0, wide), Err(memory::table::TableError::Overflow)));
    let mut schema = Schema::new();
    assert_eq!(schema.push(b"s", ColumnType::Str, 0), Err(SchemaError::BadSize));
    schema.push(b"s", ColumnType::Str, 1).unwrap();
    assert_eq!(schema.push(b"s", ColumnType::Int, 0), Err(SchemaError::Duplicate));
    assert_eq!(schema.columns()[0].size(), 8);
}

#[test]
fn stats_count_what_happened() {
    let table = Table::new(64, 0.2, schema()).unwrap();
    for i in 0..70 {
        table.set(&[i], &[]).unwrap();
    }
    table.set(&[0], &[(0, Value::Int(1))]).unwrap();
    table.incr(&[0], 0, Amount::Int(1)).unwrap();
    table.del(&[1]);
    let stats = table.stats();
    assert_eq!((stats.rows, stats.inserts, stats.updates, stats.deletes), (69, 70, 2, 1));
    assert!(stats.conflicts >= 6 && stats.max_chain >= 1);
    assert_eq!((stats.spare_total, stats.spare_free), (12, 7));
}

#[test]
fn walking_a_sparse_table_is_cheap() {
    // The same rows in a table of a hundred times as many slots; the best of many walks, as other work on the
    // machine only ever adds.
    let best = |size: u64| {
        let table = Table::new(size, 0.2, schema()).unwrap();
        for i in 0..10_000u32 {
            table.set(&i.to_le_bytes(), &[(0, Value::Int(i64::from(i)))]).unwrap();
        }
        let walk = || {
            let start = std::time::Instant::now();
            let (mut at, mut rows, mut out) = (0, 0, Snapshot::new());
            while let Some(next) = table.next_row(at, &mut out) {
                at = next;
                rows += 1;
            }
            assert_eq!(rows, 10_000);
            start.elapsed()
        };
        (0..20).map(|_| walk()).min().unwrap()
    };
    let (dense, sparse) = (best(10_000), best(1 << 20));
    // Some 1.5 times; touching every slot takes 60 times as long.
    assert!(sparse < dense * 10, "{sparse:?} against {dense:?}");
}

#[test]
fn no_row_is_seen_half_written() {
    let table = Table::new(64, 0.2, schema()).unwrap();
    let done = memory::Atomic32::new(0).unwrap();
    let stop = || done.word().load(std::sync::atomic::Ordering::Relaxed) != 0;
    let writers: Vec<i32> = (0..3u8)
        .map(|w| {
            common::spawn(|| {
                let mut chance = common::Chance(u64::from(w) + 1);
                while !stop() {
                    let n = chance.below(100) as i64;
                    let key = [b'k', chance.below(12) as u8];
                    let text = vec![n as u8; (n % 21) as usize];
                    match chance.below(8) {
                        0 => {
                            table.del(&key);
                        }
                        _ => {
                            let values = [(0, Value::Int(n)), (1, Value::Float(n as f64)), (2, Value::Str(&text))];
                            table.set(&key, &values).unwrap();
                        }
                    }
                }
                0
            })
        })
        .collect();
    let end = std::time::Instant::now() + std::time::Duration::from_secs(2);
    let mut seen = 0u32;
    let mut out = Snapshot::new();
    let whole = |(n, x, s): (i64, f64, Vec<u8>)| {
        assert_eq!(n as f64, x);
        assert_eq!(s, vec![n as u8; (n % 21) as usize]);
    };
    while std::time::Instant::now() < end {
        for k in 0..12 {
            if table.get(&[b'k', k], None, &mut out) {
                whole(of(&table, &out));
                seen += 1;
            }
        }
        let mut at = 0;
        while let Some(next) = table.next_row(at, &mut out) {
            assert!(out.key().len() == 2 && out.key()[0] == b'k');
            whole(of(&table, &out));
            at = next;
        }
    }
    done.word().store(1, std::sync::atomic::Ordering::Relaxed);
    assert!(writers.into_iter().all(|pid| common::wait(pid) == 0));
    assert!(seen > 1000, "{seen} reads only");
}

#[test]
fn two_processes_count_right() {
    let table = Table::new(64, 0.2, schema()).unwrap();
    let pids: Vec<i32> = (0..4)
        .map(|_| {
            common::spawn(|| {
                for _ in 0..100_000 {
                    table.incr(b"n", 0, Amount::Int(1)).unwrap();
                }
                0
            })
        })
        .collect();
    assert!(pids.into_iter().all(|pid| common::wait(pid) == 0));
    assert_eq!(row(&table, b"n").unwrap().0, 400_000);
}

#[test]
fn neighbours_that_come_and_go_hide_no_row() {
    // 64 buckets for some 70 rows that come and go: every chain changes all the time, and slots wander from
    // one chain to another under the readers' feet.
    let table = Table::new(64, 0.2, schema()).unwrap();
    let done = memory::Atomic32::new(0).unwrap();
    let stop = || done.word().load(std::sync::atomic::Ordering::Relaxed) != 0;
    let lasting = |n: u8| [b'L', n];
    for n in 0..8 {
        table.set(&lasting(n), &[(0, Value::Int(i64::from(n)))]).unwrap();
    }
    let writers: Vec<i32> = (0..2u8)
        .map(|w| {
            common::spawn(|| {
                let mut chance = common::Chance(u64::from(w) + 99);
                while !stop() {
                    let key = [b'w', w, chance.below(60) as u8];
                    if chance.below(2) == 0 {
                        let _ = table.set(&key, &[(0, Value::Int(-1))]);
                    } else {
                        table.del(&key);
                    }
                }
                0
            })
        })
        .collect();
    let end = std::time::Instant::now() + std::time::Duration::from_secs(2);
    let mut out = Snapshot::new();
    let mut rounds = 0;
    while std::time::Instant::now() < end {
        for n in 0..8 {
            assert!(table.get(&lasting(n), None, &mut out), "row {n} was not found");
            assert_eq!(out.value(table.schema(), 0), Some(Value::Int(i64::from(n))));
        }
        assert!(!table.exists(b"never"));
        let (mut at, mut met) = (0, 0u32);
        while let Some(next) = table.next_row(at, &mut out) {
            at = next;
            if out.key()[0] == b'L' {
                met += 1 << (4 * out.key()[1]);
            }
        }
        assert_eq!(met, 0x1111_1111, "each lasting row once");
        rounds += 1;
    }
    done.word().store(1, std::sync::atomic::Ordering::Relaxed);
    assert!(writers.into_iter().all(|pid| common::wait(pid) == 0));
    assert!(rounds > 100);
    let stats = table.stats();
    assert_eq!(stats.inserts - stats.deletes, table.count() as u64);
}
