//! From coroutine id to coroutine. Ids count up and are never reused, so the newest live in a ring
//! indexed by their low bits; a long-lived one that the ring has lapped moves to a map.

use std::collections::HashMap;
use std::ptr;

use crate::co::Co;

pub(crate) struct Table {
    ring: Vec<*mut Co>,
    lapped: HashMap<i64, *mut Co>,
}

impl Table {
    pub(crate) fn new() -> Self {
        Self { ring: vec![ptr::null_mut(); 256], lapped: HashMap::new() }
    }

    #[inline]
    fn slot(&self, id: i64) -> usize {
        (id as usize) & (self.ring.len() - 1)
    }

    #[inline]
    pub(crate) fn get(&self, id: i64) -> Option<*mut Co> {
        let co = self.ring[self.slot(id)];
        // SAFETY: every pointer in the ring is a live coroutine; it is taken out before it ends.
        if !co.is_null() && unsafe { (*co).id } == id {
            return Some(co);
        }
        if self.lapped.is_empty() { None } else { self.lapped.get(&id).copied() }
    }

    #[inline]
    pub(crate) fn insert(&mut self, id: i64, co: *mut Co) {
        let slot = self.slot(id);
        let old = std::mem::replace(&mut self.ring[slot], co);
        if !old.is_null() {
            self.lap(old);
        }
    }

    #[cold]
    fn lap(&mut self, old: *mut Co) {
        // SAFETY: as in `get`.
        self.lapped.insert(unsafe { (*old).id }, old);
        if self.lapped.len() > self.ring.len() / 4 {
            let all: Vec<*mut Co> = self.iter().collect();
            self.ring = vec![ptr::null_mut(); self.ring.len() * 4];
            self.lapped.clear();
            for co in all {
                // SAFETY: as in `get`.
                let id = unsafe { (*co).id };
                let slot = self.slot(id);
                let other = std::mem::replace(&mut self.ring[slot], co);
                if !other.is_null() {
                    // SAFETY: as in `get`.
                    self.lapped.insert(unsafe { (*other).id }, other);
                }
            }
        }
    }

    #[inline]
    pub(crate) fn remove(&mut self, id: i64) {
        let slot = self.slot(id);
        let co = self.ring[slot];
        // SAFETY: as in `get`.
        if !co.is_null() && unsafe { (*co).id } == id {
            self.ring[slot] = ptr::null_mut();
        } else {
            self.lapped.remove(&id);
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = *mut Co> + '_ {
        self.ring.iter().copied().filter(|co| !co.is_null()).chain(self.lapped.values().copied())
    }
}
