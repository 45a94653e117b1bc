//! recv*, send*, accept, connect, close: the calls only sockets know.

use std::time::Duration;

use libc::{FILE, c_int, c_uint, c_void, iovec, mmsghdr, msghdr, off_t, size_t, sockaddr, socklen_t, ssize_t, timespec};

use super::transfer::{After, Call, iov_len, iov_rest};
use crate::engine::{self, Deadline, Engine, Interest, Next, current, on_engine_thread};
use crate::sys;

/// Flags under which the real call never blocks.
const NEVER_BLOCKS: c_int = libc::MSG_DONTWAIT | libc::MSG_ERRQUEUE;

fn is_stream(fd: c_int) -> bool {
    sys::socket_option(fd, libc::SOL_SOCKET, libc::SO_TYPE).is_some_and(|t| t != libc::SOCK_DGRAM && t != libc::SOCK_RAW)
}

/// MSG_WAITALL: on a stream, go on to the last byte. `step(offset, flags)` receives.
fn receive(
    engine: &'static dyn Engine,
    name: &'static str,
    fd: c_int,
    len: usize,
    flags: c_int,
    mut step: impl FnMut(usize, c_int) -> ssize_t,
) -> ssize_t {
    let mut call = Call::new(engine, name, fd, Interest::Read);
    if flags & libc::MSG_WAITALL == 0 || !is_stream(fd) {
        return call.once(|extra| step(0, flags | extra));
    }
    let flags = flags & !libc::MSG_WAITALL;
    if flags & libc::MSG_PEEK == 0 {
        return call.all(len, |done, extra| step(done, flags | extra));
    }
    // Peeking for all of it: readiness is no help once the first byte is there.
    loop {
        let r = call.once(|extra| step(0, flags | extra));
        if r <= 0 || r as usize >= len {
            return r;
        }
        let pause = Duration::from_millis(1);
        match engine::pause(engine, name, pause, Deadline::NEVER) {
            Next::Retry => {}
            _ => return r,
        }
    }
}

pub unsafe extern "C" fn recv(fd: c_int, buf: *mut c_void, len: size_t, flags: c_int) -> ssize_t {
    // SAFETY: the caller's arguments, unchanged.
    let real = |flags| unsafe { libc::recv(fd, buf, len, flags) };
    match current() {
        Some(e) if flags & NEVER_BLOCKS == 0 => {
            receive(e, "recv", fd, len, flags, |done, flags| {
                // SAFETY: `done` < `len`, so the rest of the caller's buffer.
                unsafe { libc::recv(fd, buf.byte_add(done), len - done, flags) }
            })
        }
        _ => real(flags),
    }
}

pub unsafe extern "C" fn recv_chk(fd: c_int, buf: *mut c_void, len: size_t, room: size_t, flags: c_int) -> ssize_t {
    super::rw::check(len, room);
    // SAFETY: as recv.
    unsafe { recv(fd, buf, len, flags) }
}

pub unsafe extern "C" fn recvfrom(
    fd: c_int,
    buf: *mut c_void,
    len: size_t,
    flags: c_int,
    addr: *mut sockaddr,
    addr_len: *mut socklen_t,
) -> ssize_t {
    // SAFETY: the caller's arguments, or the rest of its buffer (`done` < `len`).
    let step = |done: usize, flags| unsafe { libc::recvfrom(fd, buf.byte_add(done), len - done, flags, addr, addr_len) };
    match current() {
        Some(e) if flags & NEVER_BLOCKS == 0 => receive(e, "recvfrom", fd, len, flags, step),
        _ => step(0, flags),
    }
}

pub unsafe extern "C" fn recvfrom_chk(
    fd: c_int,
    buf: *mut c_void,
    len: size_t,
    room: size_t,
    flags: c_int,
    addr: *mut sockaddr,
    addr_len: *mut socklen_t,
) -> ssize_t {
    super::rw::check(len, room);
    // SAFETY: as recvfrom.
    unsafe { recvfrom(fd, buf, len, flags, addr, addr_len) }
}

pub unsafe extern "C" fn recvmsg(fd: c_int, msg: *mut msghdr, flags: c_int) -> ssize_t {
    // SAFETY: the caller's arguments, unchanged.
    let real = |flags| unsafe { libc::recvmsg(fd, msg, flags) };
    let Some(e) = current().filter(|_| flags & NEVER_BLOCKS == 0 && !msg.is_null()) else {
        return real(flags);
    };
    let name = "recvmsg";
    if flags & libc::MSG_WAITALL == 0 || flags & libc::MSG_PEEK != 0 || !is_stream(fd) {
        let flags = if flags & libc::MSG_PEEK != 0 { flags & !libc::MSG_WAITALL } else { flags };
        return Call::new(e, name, fd, Interest::Read).once(|extra| real(flags | extra));
    }
    // SAFETY: msg_iov and msg_iovlen describe an array, by recvmsg's contract.
    let Some(iov) = (unsafe { iov_slice(msg) }) else { return real(flags) };
    let Some(len) = iov_len(iov) else { return real(flags) };
    let flags = flags & !libc::MSG_WAITALL;
    Call::new(e, name, fd, Interest::Read).all(len, |done, extra| {
        if done == 0 {
            return real(flags | extra);
        }
        let rest = iov_rest(iov, done);
        // SAFETY: `rest` covers the unfilled part of the caller's buffers.
        unsafe { libc::recvmsg(fd, &mut headless(&rest), flags | extra) }
    })
}

pub unsafe extern "C" fn recvmmsg(fd: c_int, vec: *mut mmsghdr, count: c_uint, flags: c_int, timeout: *mut timespec) -> c_int {
    // SAFETY: the caller's array from `done` on.
    let step = |done: c_uint, flags, timeout| unsafe { libc::recvmmsg(fd, vec.add(done as usize), count - done, flags, timeout) };
    let Some(e) = current().filter(|_| flags & NEVER_BLOCKS == 0 && count > 0) else {
        return step(0, flags, timeout);
    };
    // SAFETY: a valid timespec or null, by contract.
    let limit = unsafe { timeout.as_ref() }.and_then(sys::duration);
    let deadline = Deadline::after(limit);
    let mut call = Call::new(e, "recvmmsg", fd, Interest::Read);
    let mut done = 0;
    while done < count {
        let r = call.once(|extra| step(done, flags | extra, std::ptr::null_mut()) as ssize_t);
        if r < 0 {
            return if done > 0 { done as c_int } else { -1 };
        }
        done += r as c_uint;
        if r == 0 || flags & libc::MSG_WAITFORONE != 0 || deadline.expired() {
            break;
        }
    }
    done as c_int
}

pub unsafe extern "C" fn send(fd: c_int, buf: *const c_void, len: size_t, flags: c_int) -> ssize_t {
    // SAFETY: the caller's buffer from `done` on.
    let step = |done: usize, flags| unsafe { libc::send(fd, buf.byte_add(done), len - done, flags) };
    match current() {
        Some(e) if flags & libc::MSG_DONTWAIT == 0 => {
            Call::new(e, "send", fd, Interest::Write).all(len, |done, extra| step(done, flags | extra))
        }
        _ => step(0, flags),
    }
}

pub unsafe extern "C" fn sendto(
    fd: c_int,
    buf: *const c_void,
    len: size_t,
    flags: c_int,
    addr: *const sockaddr,
    addr_len: socklen_t,
) -> ssize_t {
    // SAFETY: the caller's buffer from `done` on.
    let step = |done: usize, flags| unsafe { libc::sendto(fd, buf.byte_add(done), len - done, flags, addr, addr_len) };
    match current() {
        Some(e) if flags & libc::MSG_DONTWAIT == 0 => {
            Call::new(e, "sendto", fd, Interest::Write).all(len, |done, extra| step(done, flags | extra))
        }
        _ => step(0, flags),
    }
}

pub unsafe extern "C" fn sendmsg(fd: c_int, msg: *const msghdr, flags: c_int) -> ssize_t {
    // SAFETY: the caller's arguments, unchanged.
    let real = |flags| unsafe { libc::sendmsg(fd, msg, flags) };
    let Some(e) = current().filter(|_| flags & libc::MSG_DONTWAIT == 0 && !msg.is_null()) else {
        return real(flags);
    };
    // SAFETY: msg_iov and msg_iovlen describe an array, by sendmsg's contract.
    let Some((iov, len)) = (unsafe { iov_slice(msg) }).and_then(|i| Some((i, iov_len(i)?))) else {
        return real(flags);
    };
    Call::new(e, "sendmsg", fd, Interest::Write).all(len, |done, extra| {
        if done == 0 {
            return real(flags | extra);
        }
        // What is left goes without the control messages: these went with the first byte.
        let rest = iov_rest(iov, done);
        // SAFETY: `rest` covers the unsent part of the caller's buffers.
        unsafe { libc::sendmsg(fd, &headless(&rest), flags | extra) }
    })
}

pub unsafe extern "C" fn sendmmsg(fd: c_int, vec: *mut mmsghdr, count: c_uint, flags: c_int) -> c_int {
    // SAFETY: the caller's array from `done` on.
    let step = |done: c_uint, flags| unsafe { libc::sendmmsg(fd, vec.add(done as usize), count - done, flags) };
    let Some(e) = current().filter(|_| flags & libc::MSG_DONTWAIT == 0) else {
        return step(0, flags);
    };
    let mut call = Call::new(e, "sendmmsg", fd, Interest::Write);
    call.all(count as usize, |done, extra| step(done as c_uint, flags | extra) as ssize_t) as c_int
}

/// # Safety
/// `msg` points to a valid msghdr.
unsafe fn iov_slice<'a>(msg: *const msghdr) -> Option<&'a [iovec]> {
    // SAFETY: the caller's promise.
    let msg = unsafe { &*msg };
    if msg.msg_iov.is_null() || msg.msg_iovlen > 1024 {
        return None;
    }
    // SAFETY: by the msghdr's contract an array of that length.
    Some(unsafe { std::slice::from_raw_parts(msg.msg_iov, msg.msg_iovlen) })
}

/// A message of data alone.
pub(super) fn headless(iov: &[iovec]) -> msghdr {
    // SAFETY: all-zero is a valid msghdr: no name, no data, no control.
    let mut msg: msghdr = unsafe { std::mem::zeroed() };
    msg.msg_iov = iov.as_ptr().cast_mut();
    msg.msg_iovlen = iov.len() as _;
    msg
}

/// Is something there to accept (or room to send), just now?
fn ready_now(fd: c_int, events: i16) -> bool {
    let mut p = libc::pollfd { fd, events, revents: 0 };
    // SAFETY: one pollfd that lives across the call.
    unsafe { libc::poll(&mut p, 1, 0) != 0 }
}

fn accept_with(fd: c_int, name: &'static str, real: impl Fn() -> c_int) -> c_int {
    let Some(e) = current() else { return real() };
    // accept has no MSG_DONTWAIT, and O_NONBLOCK belongs to everybody who shares the listener.
    if ready_now(fd, libc::POLLIN) {
        return real();
    }
    let mut call = Call::new(e, name, fd, Interest::Read);
    loop {
        match call.wait() {
            After::Retry if !ready_now(fd, libc::POLLIN) => {}
            After::Retry | After::Block => return real(),
            After::Fail(code) => return sys::fail(code),
        }
    }
}

pub unsafe extern "C" fn accept(fd: c_int, addr: *mut sockaddr, len: *mut socklen_t) -> c_int {
    // SAFETY: the caller's arguments, unchanged.
    accept_with(fd, "accept", || unsafe { libc::accept(fd, addr, len) })
}

pub unsafe extern "C" fn accept4(fd: c_int, addr: *mut sockaddr, len: *mut socklen_t, flags: c_int) -> c_int {
    // SAFETY: the caller's arguments, unchanged.
    accept_with(fd, "accept4", || unsafe { libc::accept4(fd, addr, len, flags) })
}

pub unsafe extern "C" fn connect(fd: c_int, addr: *const sockaddr, len: socklen_t) -> c_int {
    // SAFETY: the caller's arguments, unchanged.
    let real = || unsafe { libc::connect(fd, addr, len) };
    let Some(e) = current() else { return real() };
    let Some(flags) = sys::status_flags(fd) else { return real() };
    if flags & libc::O_NONBLOCK != 0 || !engine::wants_socket(fd) {
        return real();
    }
    let deadline = Deadline::after(sys::socket_timeout(fd, libc::SO_SNDTIMEO));
    loop {
        // Non-blocking for the one call only: another holder of the socket sees its own wish.
        sys::set_status_flags(fd, flags | libc::O_NONBLOCK);
        let r = real();
        let code = sys::errno();
        sys::set_status_flags(fd, flags);
        if r == 0 {
            return 0;
        }
        let next = match code {
            libc::EINPROGRESS | libc::EALREADY => match engine::wait_fd(e, "connect", fd, Interest::Write, deadline) {
                Next::Retry if !ready_now(fd, libc::POLLOUT) => continue,
                Next::Retry => {
                    let so_error = sys::socket_option(fd, libc::SOL_SOCKET, libc::SO_ERROR);
                    return match so_error {
                        Some(0) => 0,
                        Some(code) => sys::fail(code),
                        None => sys::fail(libc::EBADF),
                    };
                }
                other => other,
            },
            // The backlog of a Unix listener is full; nothing tells when it is not.
            libc::EAGAIN => engine::pause(e, "connect", Duration::from_millis(2), deadline),
            _ => return sys::fail(code),
        };
        match next {
            Next::Retry => {}
            Next::Block => {
                let r = real();
                // The connection that we began is what the caller asked for.
                return if r < 0 && sys::errno() == libc::EISCONN { 0 } else { r };
            }
            Next::Timeout if code == libc::EAGAIN => return sys::fail(libc::EAGAIN),
            Next::Timeout => return sys::fail(libc::EINPROGRESS),
            Next::Canceled => return sys::fail(libc::ECANCELED),
            Next::Closed => return sys::fail(libc::EBADF),
            Next::Denied => return sys::fail(libc::EBUSY),
        }
    }
}

pub unsafe extern "C" fn sendfile(out: c_int, from: c_int, offset: *mut off_t, count: size_t) -> ssize_t {
    // SAFETY: the caller's arguments; `offset` is advanced by the kernel.
    let step = |left: usize| unsafe { libc::sendfile(out, from, offset, left) };
    let Some(e) = current() else { return step(count) };
    let Some(flags) = sys::status_flags(out) else { return step(count) };
    if flags & libc::O_NONBLOCK != 0 || sys::kind(out) != sys::Kind::Pollable {
        return step(count);
    }
    let mut call = Call::new(e, "sendfile", out, Interest::Write);
    call.all(count, |done, extra| {
        if extra & libc::MSG_DONTWAIT == 0 {
            return step(count - done);
        }
        sys::set_status_flags(out, flags | libc::O_NONBLOCK);
        let r = step(count - done);
        let code = sys::errno();
        sys::set_status_flags(out, flags);
        sys::set_errno(code);
        r
    })
}

/// The fd is going away: whoever waits for it must learn that from us, epoll says nothing.
fn closing(fd: c_int) {
    super::rw::closing(fd);
    if let Some(e) = on_engine_thread() {
        e.closing(fd);
        // Who was woken runs at once, and may have begun to wait for it again.
        e.closing(fd);
    }
}

pub unsafe extern "C" fn close(fd: c_int) -> c_int {
    closing(fd);
    // SAFETY: the caller's argument, unchanged.
    unsafe { libc::close(fd) }
}

pub unsafe extern "C" fn dup2(old: c_int, new: c_int) -> c_int {
    if old != new {
        closing(new);
    }
    // SAFETY: the caller's arguments, unchanged.
    unsafe { libc::dup2(old, new) }
}

pub unsafe extern "C" fn dup3(old: c_int, new: c_int, flags: c_int) -> c_int {
    if old != new {
        closing(new);
    }
    // SAFETY: the caller's arguments, unchanged.
    unsafe { libc::dup3(old, new, flags) }
}

pub unsafe extern "C" fn fclose(file: *mut FILE) -> c_int {
    if !file.is_null() && on_engine_thread().is_some() {
        // SAFETY: a valid stream, by fclose's contract.
        let fd = unsafe { libc::fileno(file) };
        if fd >= 0 {
            closing(fd);
        }
    }
    // SAFETY: the caller's argument, unchanged.
    unsafe { libc::fclose(file) }
}
