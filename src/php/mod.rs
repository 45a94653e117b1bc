//! PHP bindings: one file per class, folders as namespaces.

pub mod atomic;
pub mod callback;
pub mod code;
pub mod connection;
pub mod coroutine;
pub mod error;
pub mod event;
pub mod exit_exception;
pub mod fd;
pub mod general;
pub mod http;
pub mod lifecycle;
pub mod lock;
pub mod machine;
pub mod mime;
pub mod process;
pub mod report;
pub mod server;
pub mod settings;
pub mod signal;
pub mod stream_settings;
pub mod websocket;
pub mod timer;
pub mod runtime;
pub mod table;
