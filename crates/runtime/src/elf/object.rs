//! Loaded objects: their dynamic sections, as `dl_iterate_phdr` shows them.

use std::ffi::{CStr, c_int, c_void};

use super::reloc::{self, Entry, Machine, RELA_SIZE, SYM_SIZE};

/// One loaded object. Valid only inside [`each`]'s callback, which holds the loader's lock.
pub struct Object<'a> {
    pub base: usize,
    pub name: &'a str,
    headers: &'a [libc::Elf64_Phdr],
}

/// How often objects came and went; equal pairs mean an equal list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Generation {
    pub adds: u64,
    pub subs: u64,
}

/// Calls `f` for each loaded object until it returns false.
pub fn each(mut f: impl FnMut(&Object<'_>, Generation) -> bool) {
    let mut f: &mut dyn FnMut(&Object<'_>, Generation) -> bool = &mut f;
    // SAFETY: `visit` is handed a pointer to `f`, which outlives the call.
    unsafe { libc::dl_iterate_phdr(Some(visit), (&raw mut f).cast()) };
}

/// The list's generation, without looking at the list.
pub fn generation() -> Generation {
    let mut found = Generation::default();
    each(|_, g| {
        found = g;
        false
    });
    found
}

unsafe extern "C" fn visit(info: *mut libc::dl_phdr_info, _size: usize, data: *mut c_void) -> c_int {
    // SAFETY: `data` is what `each` passed, alive and not aliased during the walk.
    let f = unsafe { &mut *data.cast::<&mut dyn FnMut(&Object<'_>, Generation) -> bool>() };
    // SAFETY: the loader passes a valid record.
    let info = unsafe { &*info };
    let name = if info.dlpi_name.is_null() {
        ""
    } else {
        // SAFETY: a NUL-terminated name owned by the loader, which cannot drop it during the walk.
        unsafe { CStr::from_ptr(info.dlpi_name) }.to_str().unwrap_or("?")
    };
    let headers = if info.dlpi_phdr.is_null() {
        &[]
    } else {
        // SAFETY: dlpi_phnum headers start at dlpi_phdr for as long as the object is loaded.
        unsafe { std::slice::from_raw_parts(info.dlpi_phdr, info.dlpi_phnum.into()) }
    };
    let object = Object { base: info.dlpi_addr as usize, name, headers };
    let generation = Generation { adds: info.dlpi_adds, subs: info.dlpi_subs };
    if f(&object, generation) { 0 } else { 1 }
}

/// A slot that holds (or will hold) the address of the libc function `name`.
pub struct Found<'a> {
    pub address: usize,
    pub kind: reloc::SlotKind,
    pub name: &'a [u8],
}

impl Object<'_> {
    /// Tells a reloaded object from its predecessor at the same place.
    pub fn id(&self) -> (usize, usize) {
        (self.base, self.headers.as_ptr() as usize)
    }

    pub fn file_name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or(self.name)
    }

    pub fn contains(&self, address: usize) -> bool {
        self.headers.iter().filter(|h| h.p_type == libc::PT_LOAD).any(|h| {
            let start = self.base.wrapping_add(h.p_vaddr as usize);
            (start..start.wrapping_add(h.p_memsz as usize)).contains(&address)
        })
    }

    /// The pages that the loader made read-only after relocating (RELRO).
    pub fn relro(&self, page: usize) -> Option<(usize, usize)> {
        let h = self.headers.iter().find(|h| h.p_type == libc::PT_GNU_RELRO)?;
        let start = self.base.wrapping_add(h.p_vaddr as usize);
        // As _dl_protect_relro does: a page that is only partly RELRO stays writable at the end.
        let (from, to) = (start & !(page - 1), (start + h.p_memsz as usize) & !(page - 1));
        (from < to).then_some((from, to))
    }

    /// Calls `f` for each slot of an undefined function.
    pub fn slots(&self, mut f: impl FnMut(Found<'_>)) {
        let Some(dynamic) = self.dynamic() else { return };
        for table in [dynamic.rela, dynamic.jmprel] {
            let Some(bytes) = self.bytes(table) else { continue };
            let wanted: Vec<Entry> = reloc::entries(Machine::HOST, bytes).collect();
            let Some(last) = wanted.iter().map(|e| e.symbol).max() else { continue };
            let symbols = (dynamic.symbols, (last as usize + 1) * SYM_SIZE);
            let (Some(symbols), Some(strings)) = (self.bytes(symbols), self.bytes(dynamic.strings)) else {
                continue;
            };
            for entry in wanted {
                if let Some(name) = reloc::undefined_function(symbols, strings, entry.symbol) {
                    let address = self.base.wrapping_add(entry.offset as usize);
                    if address.is_multiple_of(align_of::<usize>()) && self.contains(address) {
                        f(Found { address, kind: entry.kind, name });
                    }
                }
            }
        }
    }

    fn bytes(&self, (start, len): (usize, usize)) -> Option<&[u8]> {
        if start == 0 || len == 0 || !self.contains(start) || !self.contains(start + len - 1) {
            return None;
        }
        // SAFETY: the range lies in the object's loaded segments, which stay mapped and readable
        // while the loader's lock is held; tables of symbols and relocations are never written.
        Some(unsafe { std::slice::from_raw_parts(start as *const u8, len) })
    }

    fn dynamic(&self) -> Option<Dynamic> {
        let h = self.headers.iter().find(|h| h.p_type == libc::PT_DYNAMIC)?;
        let start = self.base.wrapping_add(h.p_vaddr as usize);
        let bytes = self.bytes((start, h.p_memsz as usize))?;
        let mut d = Dynamic::default();
        let mut rela_size = 0;
        let mut jmprel_size = 0;
        let mut strings_size = 0;
        let mut entry_size = RELA_SIZE;
        let mut plt_is_rela = true;
        for pair in bytes.chunks_exact(16) {
            let tag = u64::from_ne_bytes(pair[..8].try_into().ok()?);
            let value = u64::from_ne_bytes(pair[8..].try_into().ok()?) as usize;
            // glibc relocates these pointers in place, but not in a read-only dynamic section.
            let address = if self.contains(value) { value } else { self.base.wrapping_add(value) };
            match tag {
                0 => break,
                2 => jmprel_size = value,       // DT_PLTRELSZ
                5 => d.strings.0 = address,     // DT_STRTAB
                6 => d.symbols = address,       // DT_SYMTAB
                7 => d.rela.0 = address,        // DT_RELA
                8 => rela_size = value,         // DT_RELASZ
                9 => entry_size = value,        // DT_RELAENT
                10 => strings_size = value,     // DT_STRSZ
                20 => plt_is_rela = value == 7, // DT_PLTREL
                23 => d.jmprel.0 = address,     // DT_JMPREL
                _ => {}
            }
        }
        d.rela.1 = if entry_size == RELA_SIZE { rela_size } else { 0 };
        d.jmprel.1 = if plt_is_rela { jmprel_size } else { 0 };
        d.strings.1 = strings_size;
        Some(d)
    }
}

/// Address and length of each table.
#[derive(Default)]
struct Dynamic {
    symbols: usize,
    strings: (usize, usize),
    rela: (usize, usize),
    jmprel: (usize, usize),
}

/// The whole address range of the object that holds `address`; (0, 0) if there is none.
pub fn span(address: usize) -> (usize, usize) {
    let mut found = (0, 0);
    each(|object, _| {
        if !object.contains(address) {
            return true;
        }
        let loads = object.headers.iter().filter(|h| h.p_type == libc::PT_LOAD);
        let ends = loads.map(|h| {
            let start = object.base.wrapping_add(h.p_vaddr as usize);
            (start, start.wrapping_add(h.p_memsz as usize))
        });
        found = ends.fold((usize::MAX, 0), |(a, b), (s, e)| (a.min(s), b.max(e)));
        false
    });
    found
}
