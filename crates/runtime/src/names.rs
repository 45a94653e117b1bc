//! Answers of the resolver that are kept for a while: what libc told of a name, for whichever function asks next.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long, and how many of each kind.
#[derive(Clone, Copy)]
struct Limits {
    expiry: Option<Duration>,
    capacity: usize,
}

static LIMITS: Mutex<Limits> = Mutex::new(Limits { expiry: Some(Duration::from_secs(60)), capacity: 1000 });
/// Told apart by number: what was kept under an older one is no more.
static GENERATION: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn generation() -> u64 {
    GENERATION.load(std::sync::atomic::Ordering::Relaxed)
}

/// How long host names are kept by hooked calls; `None` for ever.
pub fn keep_names_for(expiry: Option<Duration>) {
    lock(&LIMITS).expiry = expiry;
}

/// How many host names hooked calls keep; 0 keeps none. Those that there are go.
pub fn keep_names(capacity: usize) {
    lock(&LIMITS).capacity = capacity;
    forget_names();
}

/// Forgets the host names that hooked calls keep.
pub fn forget_names() {
    GENERATION.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
}

/// Answers of one kind.
pub(crate) struct Names<K, V>(Mutex<Option<Table<K, V>>>);

struct Table<K, V> {
    generation: u64,
    entries: HashMap<K, (V, Instant)>,
}

impl<K: Hash + Eq + Clone, V: Clone> Names<K, V> {
    pub const fn new() -> Self {
        Self(Mutex::new(None))
    }

    pub fn find(&self, key: &K) -> Option<V> {
        let expiry = lock(&LIMITS).expiry;
        let table = lock(&self.0);
        let table = table.as_ref().filter(|table| table.generation == generation())?;
        let (value, since) = table.entries.get(key)?;
        expiry.is_none_or(|expiry| since.elapsed() < expiry).then(|| value.clone())
    }

    pub fn keep(&self, key: K, value: V) {
        let Limits { expiry, capacity } = *lock(&LIMITS);
        if capacity == 0 || expiry.is_some_and(|expiry| expiry.is_zero()) {
            return;
        }
        let mut table = lock(&self.0);
        let table = table.get_or_insert_with(|| Table { generation: 0, entries: HashMap::new() });
        if table.generation != generation() {
            table.entries.clear();
            table.generation = generation();
        }
        if table.entries.len() >= capacity {
            let oldest = table.entries.iter().min_by_key(|(_, (_, since))| *since).map(|(key, _)| key.clone());
            if let Some(oldest) = oldest {
                table.entries.remove(&oldest);
            }
        }
        table.entries.insert(key, (value, Instant::now()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_by_age_number_and_decree() {
        let names: Names<&str, i32> = Names::new();
        assert_eq!(names.find(&"a"), None);
        keep_names(2);
        for (key, value) in [("a", 1), ("b", 2), ("c", 3)] {
            names.keep(key, value);
        }
        assert_eq!([names.find(&"a"), names.find(&"b"), names.find(&"c")], [None, Some(2), Some(3)]);
        keep_names_for(Some(Duration::ZERO));
        assert_eq!(names.find(&"c"), None);
        keep_names_for(None);
        assert_eq!(names.find(&"c"), Some(3));
        forget_names();
        assert_eq!(names.find(&"c"), None);
        names.keep("d", 4);
        assert_eq!(names.find(&"d"), Some(4));
        keep_names(0);
        names.keep("d", 4);
        assert_eq!(names.find(&"d"), None);
        keep_names(1000);
        keep_names_for(Some(Duration::from_secs(60)));
    }
}
