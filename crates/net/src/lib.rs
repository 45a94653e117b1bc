//! Sockets that suspend the coroutine, addresses, TLS.

mod address;
mod dns;
mod resolve;
mod socket;
pub mod tls;

pub use address::{Address, Kind};
pub use resolve::{
    ResolveError, cached, clear_cache, remember, resolve, resolve_fresh, server_of, set_cache_capacity, set_cache_expiry,
    set_server,
};
pub use socket::{
    Deadline, ERROR_CLOSE_WAIT, ERROR_PACKAGE_MALFORMED, ERROR_PACKAGE_NOT_FOUND, ERROR_PACKAGE_TOO_LARGE,
    ERROR_SSL_BAD_PROTOCOL, Errno, Fault, Socket, Timeouts, deadline, default_timeouts, set_default_timeouts,
};
