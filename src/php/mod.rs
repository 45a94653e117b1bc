//! PHP bindings: one file per class, folders as namespaces.

pub mod coroutine;
pub mod error;
pub mod event;
pub mod general;
pub mod lifecycle;
