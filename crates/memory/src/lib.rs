//! Shared memory that survives forks and killed owners: table, atomic, lock, ring.
//!
//! Everything here lives in `MAP_SHARED | MAP_ANONYMOUS` mappings made before a fork, so nothing
//! is named, nothing is left under `/dev/shm`, and the kernel gives the pages back when the last
//! process that inherited them is gone.
//!
//! A process may be killed at any instruction. Two rules make that harmless:
//!
//! * every change is published by **one** atomic store (a version word, a bitmap bit, a list
//!   head), so what a dead writer left is either wholly there or not there at all;
//! * every lock word names its owner ([`owner::Token`]), and a waiter can ask the kernel whether
//!   that owner still lives, also from another pid namespace.

pub mod atomic;
pub mod futex;
pub mod lock;
pub mod map;
pub mod owner;
pub mod ring;
mod slab;
pub mod sync;
pub mod table;
pub mod twin;

pub use atomic::{Atomic32, Atomic64, gate_look};
pub use map::{MapError, Segment};
pub use table::Table;
