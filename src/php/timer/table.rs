//! From timer id to timer. Ids count up, so the newest live side by side in a ring indexed by their low
//! bits; one that the ring has lapped moves to a map.

use std::collections::HashMap;
use std::rc::Rc;

/// What knows its id.
pub trait Numbered {
    fn id(&self) -> i64;
}

pub struct Table<T> {
    ring: Vec<Option<Rc<T>>>,
    lapped: HashMap<i64, Rc<T>>,
    len: usize,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { ring: Vec::new(), lapped: HashMap::new(), len: 0 }
    }
}

impl<T: Numbered> Table<T> {
    const SMALLEST: usize = 64;

    pub fn len(&self) -> usize {
        self.len
    }

    fn slot(&self, id: i64) -> usize {
        id as usize & (self.ring.len() - 1)
    }

    pub fn get(&self, id: i64) -> Option<&Rc<T>> {
        if self.ring.is_empty() {
            return None;
        }
        match &self.ring[self.slot(id)] {
            Some(found) if found.id() == id => Some(found),
            _ if self.lapped.is_empty() => None,
            _ => self.lapped.get(&id),
        }
    }

    pub fn insert(&mut self, new: Rc<T>) {
        if self.ring.is_empty() {
            self.ring.resize_with(Self::SMALLEST, || None);
        }
        self.len += 1;
        let slot = self.slot(new.id());
        if let Some(old) = self.ring[slot].replace(new) {
            self.lapped.insert(old.id(), old);
            if self.lapped.len() > self.ring.len() / 4 {
                self.grow();
            }
        }
    }

    #[cold]
    fn grow(&mut self) {
        let size = self.ring.len() * 4;
        let mut all: Vec<Rc<T>> = self.ring.drain(..).flatten().chain(self.lapped.drain().map(|(_, one)| one)).collect();
        all.sort_unstable_by_key(|one| one.id());
        self.ring.resize_with(size, || None);
        for one in all {
            let slot = self.slot(one.id());
            if let Some(old) = self.ring[slot].replace(one) {
                self.lapped.insert(old.id(), old);
            }
        }
    }

    pub fn remove(&mut self, id: i64) -> Option<Rc<T>> {
        if self.ring.is_empty() {
            return None;
        }
        let slot = self.slot(id);
        let removed = match &self.ring[slot] {
            Some(found) if found.id() == id => self.ring[slot].take(),
            _ => self.lapped.remove(&id),
        };
        self.len -= usize::from(removed.is_some());
        removed
    }

    /// All ids, ascending.
    pub fn ids(&self) -> Vec<i64> {
        let mut ids: Vec<i64> = self.ring.iter().flatten().map(|one| one.id()).chain(self.lapped.keys().copied()).collect();
        ids.sort_unstable();
        ids
    }
}
