//! The shims, by family. Each has exactly the signature and the contract of the libc function it
//! stands for, so its safety is the caller's: whoever may call `recv` may call [`socket::recv`].
#![allow(clippy::missing_safety_doc)]

pub mod curl;
pub mod dns;
pub mod file;
pub mod fork;
pub mod lock;
pub mod open;
pub mod poll;
pub mod process;
pub mod rw;
pub mod sleep;
pub mod socket;

mod transfer;
