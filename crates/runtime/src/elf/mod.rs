//! Finding and changing the GOT slots of loaded objects.

pub mod dl;
pub mod object;
pub mod patch;
pub mod reloc;
