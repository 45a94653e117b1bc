//! dlopen and dlsym: how we learn of objects that are loaded later.
//!
//! Both look at the address they will return to (for `RUNPATH` and `RTLD_NEXT`), so a shim must
//! not stand between caller and loader: these two jump, and do not call, wherever that matters.

use std::ffi::{CStr, c_char, c_int, c_void};

use super::patch;

unsafe extern "C" {
    /// `dlsym` that first patches what was loaded meanwhile: nobody uses a freshly opened object
    /// before asking it for a symbol.
    pub fn swoole_rs_shim_dlsym();
    /// `dlopen` that patches right after, where the path makes the caller's identity moot.
    pub fn swoole_rs_shim_dlopen();
}

extern "C" fn before_dlsym() {
    patch::refresh();
}

/// 1: the file name is a path, so dlopen does not search and the caller does not matter.
unsafe extern "C" fn is_path(file: *const c_char) -> c_int {
    if file.is_null() {
        return 0;
    }
    // SAFETY: dlopen's own contract: a NUL-terminated string.
    let file = unsafe { CStr::from_ptr(file) }.to_bytes();
    c_int::from(file.contains(&b'/') && !file.contains(&b'$'))
}

unsafe extern "C" fn open_path(file: *const c_char, mode: c_int) -> *mut c_void {
    // SAFETY: the caller's arguments, unchanged.
    let handle = unsafe { libc::dlopen(file, mode) };
    if !handle.is_null() {
        patch::refresh();
    }
    handle
}

#[cfg(target_arch = "x86_64")]
std::arch::global_asm!(
    ".hidden swoole_rs_shim_dlsym",
    ".globl swoole_rs_shim_dlsym",
    ".type swoole_rs_shim_dlsym,@function",
    "swoole_rs_shim_dlsym:",
    "endbr64",
    "push rdi",
    "push rsi",
    "sub rsp, 8",
    "call {before}",
    "add rsp, 8",
    "pop rsi",
    "pop rdi",
    "jmp qword ptr [rip + dlsym@GOTPCREL]",
    ".size swoole_rs_shim_dlsym, . - swoole_rs_shim_dlsym",
    ".hidden swoole_rs_shim_dlopen",
    ".globl swoole_rs_shim_dlopen",
    ".type swoole_rs_shim_dlopen,@function",
    "swoole_rs_shim_dlopen:",
    "endbr64",
    "push rdi",
    "push rsi",
    "sub rsp, 8",
    "call {is_path}",
    "add rsp, 8",
    "pop rsi",
    "pop rdi",
    "test eax, eax",
    "jnz {open_path}",
    "jmp qword ptr [rip + dlopen@GOTPCREL]",
    ".size swoole_rs_shim_dlopen, . - swoole_rs_shim_dlopen",
    before = sym before_dlsym,
    is_path = sym is_path,
    open_path = sym open_path,
);

#[cfg(target_arch = "aarch64")]
std::arch::global_asm!(
    ".hidden swoole_rs_shim_dlsym",
    ".globl swoole_rs_shim_dlsym",
    ".type swoole_rs_shim_dlsym,%function",
    "swoole_rs_shim_dlsym:",
    "stp x29, x30, [sp, #-32]!",
    "stp x0, x1, [sp, #16]",
    "bl {before}",
    "ldp x0, x1, [sp, #16]",
    "ldp x29, x30, [sp], #32",
    "adrp x16, :got:dlsym",
    "ldr x16, [x16, :got_lo12:dlsym]",
    "br x16",
    ".hidden swoole_rs_shim_dlopen",
    ".globl swoole_rs_shim_dlopen",
    ".type swoole_rs_shim_dlopen,%function",
    "swoole_rs_shim_dlopen:",
    "stp x29, x30, [sp, #-32]!",
    "stp x0, x1, [sp, #16]",
    "bl {is_path}",
    "mov w9, w0",
    "ldp x0, x1, [sp, #16]",
    "ldp x29, x30, [sp], #32",
    "cbnz w9, {open_path}",
    "adrp x16, :got:dlopen",
    "ldr x16, [x16, :got_lo12:dlopen]",
    "br x16",
    before = sym before_dlsym,
    is_path = sym is_path,
    open_path = sym open_path,
);
