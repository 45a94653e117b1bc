//! TCP streams of PHP's that wait by our means; the operations are in sockets.c.

use std::ffi::c_int;

use super::sys;

/// How such a stream waits.
#[repr(C)]
pub struct Waits {
    /// Would a wait for a TCP connection suspend?
    pub may_suspend: extern "C" fn() -> bool,
    /// poll(2) of one descriptor, which suspends; milliseconds, -1 is for ever.
    pub poll: extern "C" fn(fd: c_int, events: c_int, milliseconds: c_int) -> c_int,
    /// The next poll of this descriptor need not look before it waits.
    pub expect: extern "C" fn(fd: c_int),
    /// close(2) of a descriptor that may have been waited for.
    pub close: extern "C" fn(fd: c_int) -> c_int,
}

/// Once, at module start, after PHP's own streams are registered.
pub fn register(waits: &'static Waits) {
    // SAFETY: module start, on PHP's only thread; the table lives as long as the module.
    unsafe { sys::swrs_register_sockets(waits) }
}
