//! The loop all data transfers share: try without blocking, look at the caller's wish, wait.

use std::os::fd::RawFd;

use libc::{c_int, iovec, ssize_t};

use crate::engine::{self, Deadline, Engine, Interest, Next};
use crate::sys;

/// One call's patience and permission, looked up at its first EAGAIN only.
pub(crate) struct Call {
    pub engine: &'static dyn Engine,
    pub name: &'static str,
    pub fd: RawFd,
    pub interest: Interest,
    deadline: Option<Deadline>,
}

/// What to do after an EAGAIN.
pub(crate) enum After {
    /// Try again without blocking.
    Retry,
    /// Make the real, blocking call.
    Block,
    /// Fail with this errno.
    Fail(c_int),
}

impl Call {
    pub fn new(engine: &'static dyn Engine, name: &'static str, fd: RawFd, interest: Interest) -> Self {
        Call { engine, name, fd, interest, deadline: None }
    }

    /// Waits once. For sockets and anything epoll knows.
    pub fn wait(&mut self) -> After {
        let deadline = match self.deadline {
            Some(d) => d,
            None => {
                if sys::is_nonblocking(self.fd) {
                    return After::Fail(libc::EAGAIN);
                }
                if !engine::wants_socket(self.fd) {
                    return After::Block;
                }
                let option = match self.interest {
                    Interest::Read => libc::SO_RCVTIMEO,
                    Interest::Write => libc::SO_SNDTIMEO,
                };
                let d = Deadline::after(sys::socket_timeout(self.fd, option));
                self.deadline = Some(d);
                d
            }
        };
        match engine::wait_fd(self.engine, self.name, self.fd, self.interest, deadline) {
            Next::Retry => After::Retry,
            Next::Block => After::Block,
            Next::Timeout => After::Fail(libc::EAGAIN),
            Next::Canceled => After::Fail(libc::ECANCELED),
            Next::Closed => After::Fail(libc::EBADF),
            Next::Denied => After::Fail(libc::EBUSY),
        }
    }

    /// `step(MSG_DONTWAIT)` until it does not say EAGAIN; `step(0)` where suspending is impossible.
    pub fn once(&mut self, mut step: impl FnMut(c_int) -> ssize_t) -> ssize_t {
        loop {
            let r = step(libc::MSG_DONTWAIT);
            if r >= 0 || !sys::would_block() {
                return r;
            }
            match self.wait() {
                After::Retry => {}
                After::Block => return step(0),
                After::Fail(code) => return sys::fail(code),
            }
        }
    }

    /// A blocking transfer goes on until all `len` bytes are through, unless the peer, an error or
    /// the socket's time-out ends it; then what was done counts.
    pub fn all(&mut self, len: usize, mut step: impl FnMut(usize, c_int) -> ssize_t) -> ssize_t {
        let mut done = 0usize;
        loop {
            let r = self.once(|flags| step(done, flags));
            if r < 0 {
                return if done > 0 { done as ssize_t } else { r };
            }
            done += r as usize;
            if r == 0 || done >= len {
                return done as ssize_t;
            }
        }
    }
}

/// Bytes an iovec array holds; `None` if the kernel would refuse it (it then says how).
pub(crate) fn iov_len(iov: &[iovec]) -> Option<usize> {
    iov.iter().try_fold(0usize, |sum, v| sum.checked_add(v.iov_len)).filter(|n| *n <= isize::MAX as usize)
}

/// The array without its first `done` bytes.
pub(crate) fn iov_rest(iov: &[iovec], mut done: usize) -> Vec<iovec> {
    let mut rest = Vec::with_capacity(iov.len());
    for v in iov {
        if done >= v.iov_len {
            done -= v.iov_len;
        } else {
            rest.push(iovec { iov_base: v.iov_base.cast::<u8>().wrapping_add(done).cast(), iov_len: v.iov_len - done });
            done = 0;
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_of_an_iovec() {
        let v = |base: usize, len| iovec { iov_base: base as *mut _, iov_len: len };
        let iov = [v(100, 4), v(200, 0), v(300, 6)];
        let flat = |r: Vec<iovec>| -> Vec<(usize, usize)> { r.iter().map(|v| (v.iov_base as usize, v.iov_len)).collect() };
        assert_eq!(flat(iov_rest(&iov, 1)), [(101, 3), (300, 6)]);
        assert_eq!(flat(iov_rest(&iov, 4)), [(300, 6)]);
        assert_eq!(flat(iov_rest(&iov, 9)), [(305, 1)]);
        assert_eq!(flat(iov_rest(&iov, 10)), []);
        assert_eq!(iov_len(&iov), Some(10));
        assert_eq!(iov_len(&[v(0, usize::MAX), v(0, 2)]), None);
    }
}
