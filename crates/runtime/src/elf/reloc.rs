//! Relocation tables, read from bytes: which slots belong to which undefined function.
//!
//! Nothing here touches a live object, so both machines are tested on any machine.
//! Source: System V gABI; the x86-64 psABI; "ELF for the Arm 64-bit Architecture".

/// Machines whose relocations we can read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Machine {
    X86_64,
    Aarch64,
}

impl Machine {
    /// The machine this code runs on.
    pub const HOST: Machine = if cfg!(target_arch = "aarch64") { Machine::Aarch64 } else { Machine::X86_64 };
}

/// How a slot is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotKind {
    /// Called through the PLT; may still point back into it (lazy binding).
    Jump,
    /// An address loaded from the GOT.
    Global,
    /// A function pointer in data: `static int (*f)() = read;`
    Data,
}

/// The kind of a relocation type, `None` for those that hold no function's address.
pub fn classify(machine: Machine, kind: u32) -> Option<SlotKind> {
    match (machine, kind) {
        // R_X86_64_JUMP_SLOT, R_X86_64_GLOB_DAT, R_X86_64_64
        (Machine::X86_64, 7) => Some(SlotKind::Jump),
        (Machine::X86_64, 6) => Some(SlotKind::Global),
        (Machine::X86_64, 1) => Some(SlotKind::Data),
        // R_AARCH64_JUMP_SLOT, R_AARCH64_GLOB_DAT, R_AARCH64_ABS64
        (Machine::Aarch64, 1026) => Some(SlotKind::Jump),
        (Machine::Aarch64, 1025) => Some(SlotKind::Global),
        (Machine::Aarch64, 257) => Some(SlotKind::Data),
        _ => None,
    }
}

/// Bytes of one `Elf64_Rela` and one `Elf64_Sym`.
pub const RELA_SIZE: usize = 24;
pub const SYM_SIZE: usize = 24;

/// One `Elf64_Rela` that names a symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub offset: u64,
    pub kind: SlotKind,
    pub symbol: u32,
}

/// The entries of a table that may hold a function's address. An addend other than zero points
/// inside something, which no function pointer does.
pub fn entries(machine: Machine, table: &[u8]) -> impl Iterator<Item = Entry> + '_ {
    table.chunks_exact(RELA_SIZE).filter_map(move |e| {
        let info = word(e, 8)?;
        let kind = classify(machine, info as u32)?;
        let symbol = (info >> 32) as u32;
        (symbol != 0 && word(e, 16)? == 0).then_some(Entry { offset: word(e, 0)?, kind, symbol })
    })
}

/// The name of an undefined function symbol; `None` if the object defines it itself (then the
/// slot is its own business) or if it is data.
pub fn undefined_function<'a>(symbols: &[u8], strings: &'a [u8], index: u32) -> Option<&'a [u8]> {
    let at = index as usize * SYM_SIZE;
    let sym = symbols.get(at..at + SYM_SIZE)?;
    let kind = sym[4] & 0xf;
    let section = u16::from_ne_bytes([sym[6], sym[7]]);
    // STT_NOTYPE, STT_FUNC, STT_GNU_IFUNC; SHN_UNDEF
    if !matches!(kind, 0 | 2 | 10) || section != 0 {
        return None;
    }
    let name = u32::from_ne_bytes([sym[0], sym[1], sym[2], sym[3]]) as usize;
    let tail = strings.get(name..)?;
    let end = tail.iter().position(|b| *b == 0)?;
    Some(&tail[..end])
}

fn word(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..at + 8)?.try_into().ok().map(u64::from_ne_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rela(offset: u64, symbol: u32, kind: u32, addend: u64) -> Vec<u8> {
        let info = (u64::from(symbol) << 32) | u64::from(kind);
        [offset, info, addend].iter().flat_map(|w| w.to_ne_bytes()).collect()
    }

    fn sym(name: u32, info: u8, section: u16) -> Vec<u8> {
        let mut s = name.to_ne_bytes().to_vec();
        s.extend([info, 0]);
        s.extend(section.to_ne_bytes());
        s.extend([0; 16]);
        s
    }

    #[test]
    fn aarch64_table() {
        let mut table = rela(0x1000, 1, 1026, 0);
        table.extend(rela(0x1008, 2, 1025, 0));
        table.extend(rela(0x1010, 3, 257, 0));
        table.extend(rela(0x1018, 0, 1027, 0x500)); // R_AARCH64_RELATIVE
        table.extend(rela(0x1020, 4, 1031, 0)); // R_AARCH64_TLSDESC
        table.extend(rela(0x1028, 3, 257, 16)); // inside a symbol
        let found: Vec<_> = entries(Machine::Aarch64, &table).collect();
        assert_eq!(
            found,
            [
                Entry { offset: 0x1000, kind: SlotKind::Jump, symbol: 1 },
                Entry { offset: 0x1008, kind: SlotKind::Global, symbol: 2 },
                Entry { offset: 0x1010, kind: SlotKind::Data, symbol: 3 },
            ]
        );
        assert_eq!(entries(Machine::X86_64, &table).count(), 0);
    }

    #[test]
    fn x86_64_table() {
        let mut table = rela(0x10, 5, 7, 0);
        table.extend(rela(0x18, 6, 6, 0));
        table.extend(rela(0x20, 7, 1, 0));
        table.extend(rela(0x28, 0, 8, 0x99)); // R_X86_64_RELATIVE
        table.extend(rela(0x30, 8, 5, 0)); // R_X86_64_COPY
        let kinds: Vec<_> = entries(Machine::X86_64, &table).map(|e| e.kind).collect();
        assert_eq!(kinds, [SlotKind::Jump, SlotKind::Global, SlotKind::Data]);
    }

    #[test]
    fn a_torn_table_ends_early() {
        let mut table = rela(0x10, 5, 7, 0);
        table.extend([1, 2, 3]);
        assert_eq!(entries(Machine::X86_64, &table).count(), 1);
    }

    #[test]
    fn only_undefined_functions_have_names() {
        let strings = b"\0read\0mine\0table\0tail";
        let mut symbols = sym(0, 0, 0);
        symbols.extend(sym(1, 0x12, 0)); // GLOBAL FUNC UND read
        symbols.extend(sym(6, 0x12, 9)); // defined here
        symbols.extend(sym(11, 0x11, 0)); // an object
        symbols.extend(sym(17, 0x12, 0)); // not terminated
        assert_eq!(undefined_function(&symbols, strings, 1), Some(&b"read"[..]));
        for index in [2, 3, 4, 5, u32::MAX] {
            assert_eq!(undefined_function(&symbols, strings, index), None, "{index}");
        }
    }
}
