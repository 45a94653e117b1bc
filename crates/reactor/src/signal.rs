//! Signals as events: a watched signal is blocked in this thread and read from a signalfd.

use std::io;
use std::os::fd::RawFd;

use crate::sys;

pub(crate) struct Signals {
    fd: RawFd,
    watched: libc::sigset_t,
    /// Those of `watched` that were blocked before: they stay blocked afterwards.
    blocked_before: libc::sigset_t,
    count: usize,
}

impl Signals {
    pub(crate) fn new() -> Self {
        Self { fd: -1, watched: sys::empty_set(), blocked_before: sys::empty_set(), count: 0 }
    }

    pub(crate) fn fd(&self) -> RawFd {
        self.fd
    }

    pub(crate) fn count(&self) -> usize {
        self.count
    }

    pub(crate) fn contains(&self, signo: i32) -> bool {
        sys::set_contains(&self.watched, signo)
    }

    /// Returns the signalfd when this call opened it.
    pub(crate) fn watch(&mut self, signo: i32) -> io::Result<Option<RawFd>> {
        if self.contains(signo) {
            return Ok(None);
        }
        // The kernel ignores these two in a mask; waiting for them would be waiting for ever.
        if signo == libc::SIGKILL || signo == libc::SIGSTOP {
            return Err(io::Error::from_raw_os_error(libc::EINVAL));
        }
        let watched = sys::set_with(self.watched, signo, true)?;
        let fd = sys::signalfd(self.fd, &watched)?;
        let one = sys::set_with(sys::empty_set(), signo, true)?;
        let before = sys::thread_mask(libc::SIG_BLOCK, &one)?;
        let was_blocked = sys::set_contains(&before, signo);
        self.blocked_before = sys::set_with(self.blocked_before, signo, was_blocked)?;
        self.watched = watched;
        self.count += 1;
        let opened = (self.fd < 0).then_some(fd);
        self.fd = fd;
        Ok(opened)
    }

    pub(crate) fn unwatch(&mut self, signo: i32) -> io::Result<()> {
        if !self.contains(signo) {
            return Ok(());
        }
        let watched = sys::set_with(self.watched, signo, false)?;
        sys::signalfd(self.fd, &watched)?;
        self.watched = watched;
        self.count -= 1;
        if !sys::set_contains(&self.blocked_before, signo) {
            let one = sys::set_with(sys::empty_set(), signo, true)?;
            sys::thread_mask(libc::SIG_UNBLOCK, &one)?;
        }
        Ok(())
    }

    /// In a forked child: a signalfd of its own, for to change the mask of the inherited one changes the parent's.
    pub(crate) fn renew(&mut self) -> io::Result<()> {
        sys::close(std::mem::replace(&mut self.fd, -1));
        if self.count > 0 {
            self.fd = sys::signalfd(-1, &self.watched)?;
        }
        Ok(())
    }

    /// Closes the signalfd and gives this thread's mask back.
    pub(crate) fn release(&mut self) {
        sys::close(std::mem::replace(&mut self.fd, -1));
        let mut unblock = sys::empty_set();
        for signo in 1..=libc::SIGRTMAX() {
            if self.contains(signo)
                && !sys::set_contains(&self.blocked_before, signo)
                && let Ok(set) = sys::set_with(unblock, signo, true)
            {
                unblock = set;
            }
        }
        if self.count > 0 {
            let _ = sys::thread_mask(libc::SIG_UNBLOCK, &unblock);
        }
        self.watched = sys::empty_set();
        self.count = 0;
    }
}
