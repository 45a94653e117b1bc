//! Switching slots to shims and back, and keeping up with objects that come and go.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::object::{self, Generation, Object};
use super::reloc::SlotKind;
use crate::flags::{self, HookFlags, Library};
use crate::table::{self, Hook};

/// Never patched, by the start of the file name. libc and its helpers pass no GOT among
/// themselves that we want; libstdc++ and opcache hold locks around what they call.
const DENIED: [&str; 18] = [
    "libc.so",
    "libc-",
    "ld-linux",
    "ld-musl",
    "libpthread",
    "libdl.",
    "librt.",
    "libm.",
    "libresolv",
    "libnss_",
    "libutil",
    "linux-vdso",
    "linux-gate",
    "opcache",
    "libstdc++",
    "libgcc_s",
    "libasan",
    "valgrind",
];

struct Slot {
    address: usize,
    hook: &'static Hook,
    /// What it held before we touched it.
    original: usize,
    patched: bool,
    read_only: bool,
}

struct Known {
    library: Library,
    slots: Vec<Slot>,
}

#[derive(Default)]
struct State {
    generation: Generation,
    objects: HashMap<(usize, usize), Known>,
    denied: Vec<String>,
}

static STATE: Mutex<Option<State>> = Mutex::new(None);

fn lock() -> MutexGuard<'static, Option<State>> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Adds a file-name prefix to the deny-list.
pub fn deny(prefix: &str) {
    let mut state = lock();
    let state = state.get_or_insert_with(State::default);
    state.denied.push(prefix.to_owned());
    state.generation = Generation::default();
}

/// Brings every slot of every object in line with `flags`; returns how many are patched.
pub fn apply(flags: HookFlags) -> usize {
    table::prepare();
    let mut state = lock();
    let state = state.get_or_insert_with(State::default);
    flags::store(flags);
    state.update(flags)
}

/// Looks whether objects came or went since the last walk, and patches what is new. Called from
/// inside the loader's functions, so it never waits for another walker.
pub fn refresh() {
    let flags = flags::active();
    if flags.is_empty() {
        return;
    }
    let Ok(mut state) = STATE.try_lock() else { return };
    let Some(state) = state.as_mut() else { return };
    if state.generation != object::generation() {
        state.update(flags);
    }
}

/// All slots we know, as (address, current value): for comparing before and after.
pub fn snapshot() -> Vec<(usize, usize)> {
    let own = apply as *const () as usize;
    let mut all = Vec::new();
    object::each(|object, _| {
        if !object.contains(own) {
            object.slots(|found| {
                if table::find(found.name).is_some() {
                    all.push((found.address, read(found.address)));
                }
            });
        }
        true
    });
    all
}

/// Names of the objects that hold patched slots, with the count of them.
pub fn patched_objects() -> Vec<(String, usize)> {
    let state = lock();
    let mut list = Vec::new();
    object::each(|object, _| {
        let count =
            state.as_ref().and_then(|s| s.objects.get(&object.id())).map_or(0, |k| k.slots.iter().filter(|s| s.patched).count());
        if count > 0 {
            list.push((object.name.to_owned(), count));
        }
        true
    });
    list
}

impl State {
    fn update(&mut self, flags: HookFlags) -> usize {
        let page = page_size();
        let own = apply as *const () as usize;
        let mut seen = Vec::new();
        let mut patched = 0;
        let mut generation = Generation::default();
        let fresh = self.generation == Generation::default();
        object::each(|object, g| {
            generation = g;
            let id = object.id();
            seen.push(id);
            let denied = object.contains(own)
                || DENIED.iter().any(|p| object.file_name().starts_with(p))
                || self.denied.iter().any(|p| object.file_name().starts_with(p.as_str()));
            // An object may have been replaced by another (or by itself) at the same address.
            if fresh || g.subs != self.generation.subs || !self.objects.contains_key(&id) {
                if denied && !self.objects.contains_key(&id) {
                    return true;
                }
                let old = self.objects.remove(&id);
                self.objects.insert(id, scan(object, page, old));
            }
            if let Some(known) = self.objects.get_mut(&id) {
                let flags = if denied { HookFlags::NONE } else { flags };
                patched += known.switch(object, flags, page);
            }
            true
        });
        self.generation = generation;
        self.objects.retain(|id, _| seen.contains(id));
        patched
    }
}

impl Known {
    /// Points the wanted slots at their shims and all others back; returns the patched ones.
    fn switch(&mut self, object: &Object<'_>, flags: HookFlags, page: usize) -> usize {
        let library = self.library;
        let wanted = |s: &Slot| flags.wants(library, s.hook.family);
        let unlock = self.slots.iter().any(|s| s.read_only && s.patched != wanted(s));
        let relro = object.relro(page).filter(|_| unlock);
        if let Some(range) = relro
            && !protect(range, libc::PROT_READ | libc::PROT_WRITE)
        {
            return self.slots.iter().filter(|s| s.patched).count();
        }
        for slot in &mut self.slots {
            let want = flags.wants(library, slot.hook.family);
            if want != slot.patched {
                if want {
                    // Lazy binding may have filled it since we looked.
                    slot.original = read(slot.address);
                    write(slot.address, slot.hook.shim_for(library));
                } else {
                    write(slot.address, slot.original);
                }
                slot.patched = want;
            }
        }
        if let Some(range) = relro {
            protect(range, libc::PROT_READ);
        }
        self.slots.iter().filter(|s| s.patched).count()
    }
}

/// All slots of an object that belong to a hook and hold libc's function.
fn scan(object: &Object<'_>, page: usize, old: Option<Known>) -> Known {
    let library = Library::of(object.name);
    let relro = object.relro(page);
    let before: HashMap<usize, usize> =
        old.map(|k| k.slots.iter().map(|s| (s.address, s.original)).collect()).unwrap_or_default();
    let mut slots = Vec::new();
    object.slots(|found| {
        let Some(hook) = table::find(found.name) else { return };
        let value = read(found.address);
        let shim = hook.shim_for(library);
        let (original, patched) = if value == shim {
            match before.get(&found.address) {
                Some(original) => (*original, true),
                None => return,
            }
        } else {
            (value, false)
        };
        // Somebody else's function of that name, or a slot bound to a wrapper: not ours to take.
        let lazy = found.kind == SlotKind::Jump && object.contains(original);
        if !lazy && !table::is_real(hook, original) {
            return;
        }
        let read_only = relro.is_some_and(|(from, to)| (from..to).contains(&found.address));
        slots.push(Slot { address: found.address, hook, original, patched, read_only });
    });
    Known { library, slots }
}

fn protect((from, to): (usize, usize), mode: libc::c_int) -> bool {
    // SAFETY: the range is the RELRO part of an object that the loader's lock keeps loaded; making
    // it writable for the time of a few stores changes no content.
    unsafe { libc::mprotect(from as *mut libc::c_void, to - from, mode) == 0 }
}

fn slot(address: usize) -> &'static AtomicUsize {
    // SAFETY: `address` is an aligned GOT slot inside a loaded segment; the loader's lock is held,
    // so it stays mapped. Other threads only load it, as one word.
    unsafe { &*(address as *const AtomicUsize) }
}

fn read(address: usize) -> usize {
    slot(address).load(Ordering::Relaxed)
}

fn write(address: usize, value: usize) {
    slot(address).store(value, Ordering::Release);
}

fn page_size() -> usize {
    // SAFETY: sysconf has no preconditions.
    usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096)
}
