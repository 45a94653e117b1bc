//! PHP bindings: one file per class, folders as namespaces.

pub mod general;
