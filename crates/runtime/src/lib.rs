//! The hook layer: libc's blocking calls, made by PHP or by any library PHP has loaded, suspend
//! the coroutine and not the process.
//!
//! [`set_flags`] walks the loaded ELF objects and points their GOT slots for a few dozen libc
//! entry points at the shims of [`shim`]. A shim first asks whether it runs on the engine's thread
//! inside a coroutine that may suspend; anybody else goes straight to libc. Inside, it tries the
//! call without blocking, and only where that says "not yet" does it hand the coroutine to the
//! [`Engine`]. Our own object is never patched, so a shim reaches the real function by its plain
//! name.
//!
//! Nothing here knows PHP, epoll or stacks: the engine is a trait, set once.

pub mod elf;
mod engine;
mod flags;
mod names;
pub mod shim;
mod sys;
mod table;

pub use engine::{Engine, Interest, Wait, attach, current, detach, on_engine_thread, pass_through};
pub use flags::{Family, HookFlags, Library};
pub use names::{forget_names, keep_names, keep_names_for};
pub use shim::poll::{expect_wait, suspending_first};
pub use table::{hook_names, real_address};

/// Turns the hooks of `flags` on and all others off; the empty set restores every slot.
///
/// Idempotent, a few milliseconds when the set of loaded objects is new, less after that.
/// Returns how many slots point at a shim afterwards.
pub fn set_flags(flags: HookFlags) -> usize {
    elf::patch::apply(flags)
}

/// The flags last given to [`set_flags`].
pub fn active_flags() -> HookFlags {
    flags::active()
}

/// Adds an object (matched by file-name prefix, e.g. `libfoo.so`) to the deny-list. It takes
/// effect at the next [`set_flags`].
pub fn deny(prefix: &str) {
    elf::patch::deny(prefix);
}
