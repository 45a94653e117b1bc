//! PHP streams: their fds.

use std::os::fd::RawFd;

use super::sys::{self, Zval};
use super::value::Value;

/// The fd behind a stream resource, a socket object of ext/sockets, an object of ours with `$fd`, or an int.
pub fn fd_of(value: &Zval) -> Option<RawFd> {
    if let Some(fd) = value.long() {
        return RawFd::try_from(fd).ok().filter(|fd| *fd >= 0);
    }
    // SAFETY: a valid zval; −1 when there is no fd in it.
    let fd = unsafe { sys::swrs_stream_fd(std::ptr::from_ref(value).cast_mut()) };
    (fd >= 0).then_some(fd)
}

/// A resource's number; 0 for what is none.
pub fn handle_of(value: &Zval) -> i64 {
    let value = value.dereference();
    // SAFETY: the type says which field of the union is set.
    if value.is_resource() { unsafe { value.value.res.as_ref() }.map_or(0, |resource| resource.handle) } else { 0 }
}

/// Closes a stream and removes its resource.
pub fn close(stream: &Value) {
    // SAFETY: a valid zval; nothing happens when it is no stream (any more).
    unsafe { sys::swrs_stream_close(std::ptr::from_ref(stream.as_zval()).cast_mut()) }
}

/// An ext/sockets object with a copy of `fd`, which it closes itself; none without that extension.
pub fn socket_of(fd: RawFd, domain: i32) -> Option<Value> {
    let mut value = Zval::new();
    // SAFETY: writes a new object, or nothing.
    let made = unsafe { sys::swrs_socket_object(&mut value, fd, domain) };
    made.then(|| Value::from_zval(value))
}
