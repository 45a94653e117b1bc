//! The writing side of a [`Socket`].

use std::io;
use std::os::fd::RawFd;

use reactor::Interest;

use super::{Deadline, ERROR_SSL_BAD_PROTOCOL, Errno, Fault, Result, Socket, fault};
use crate::address::Address;
use crate::tls;

impl Socket {
    /// Writes what the kernel takes, at least one byte.
    ///
    /// # Errors
    /// send(2), ETIMEDOUT, ECANCELED, [`Fault::Busy`].
    pub fn send(&self, bytes: &[u8], until: Deadline) -> Result<usize> {
        self.available(Interest::WRITE)?;
        if self.is_tls() {
            match self.with_tls(|tls| tls.session.write(bytes)) {
                tls::Step::Done(()) => {}
                tls::Step::NeedInput => return Err(fault(libc::EAGAIN)),
                tls::Step::Closed => return Err(fault(libc::EPIPE)),
                tls::Step::Failed(_) => return Err(fault(ERROR_SSL_BAD_PROTOCOL)),
            }
            self.flush_tls(until)?;
            return Ok(bytes.len());
        }
        self.retry(Interest::WRITE, until, |fd| {
            // SAFETY: the bytes are as many as they say.
            unsafe { libc::send(fd, bytes.as_ptr().cast(), bytes.len(), libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL) }
        })
    }

    /// Writes all; gives how much was written when an error came in between.
    ///
    /// # Errors
    /// As [`Socket::send`], when nothing was written.
    pub fn send_all(&self, bytes: &[u8], until: Deadline) -> std::result::Result<usize, (usize, Fault)> {
        let mut at = 0;
        while at < bytes.len() {
            match self.send(&bytes[at..], until) {
                Ok(n) => at += n,
                Err(fault) => return Err((at, fault)),
            }
        }
        Ok(at)
    }

    /// One datagram to `to`.
    ///
    /// # Errors
    /// sendto(2), ETIMEDOUT, ECANCELED.
    pub fn send_to(&self, bytes: &[u8], to: &Address, until: Deadline) -> Result<usize> {
        self.available(Interest::WRITE)?;
        self.retry(Interest::WRITE, until, |fd| {
            // SAFETY: bytes and address are as long as they say.
            unsafe {
                libc::sendto(
                    fd,
                    bytes.as_ptr().cast(),
                    bytes.len(),
                    libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL,
                    to.as_ptr(),
                    to.len(),
                )
            }
        })
    }

    /// Gathers: writev(2) until some bytes are gone. Empty slices are allowed.
    ///
    /// # Errors
    /// As [`Socket::send`].
    pub fn write_vector(&self, parts: &[io::IoSlice<'_>], until: Deadline) -> Result<usize> {
        self.available(Interest::WRITE)?;
        if self.is_tls() {
            let all: Vec<u8> = parts.iter().flat_map(|part| part.iter().copied()).collect();
            return self.send(&all, until);
        }
        self.retry(Interest::WRITE, until, |fd| {
            // SAFETY: IoSlice is iovec by its documentation.
            unsafe { libc::writev(fd, parts.as_ptr().cast(), parts.len().min(1024) as i32) }
        })
    }

    /// Scatters: readv(2) once something is there.
    ///
    /// # Errors
    /// As [`Socket::recv`].
    pub fn read_vector(&self, parts: &mut [io::IoSliceMut<'_>], until: Deadline) -> Result<usize> {
        self.available(Interest::READ)?;
        if self.is_tls() || !self.buffer.borrow().is_empty() {
            let total = parts.iter().map(|part| part.len()).sum();
            let mut all = vec![0u8; total];
            let n = self.recv(&mut all, until)?;
            let mut rest = &all[..n];
            for part in parts {
                let take = rest.len().min(part.len());
                part[..take].copy_from_slice(&rest[..take]);
                rest = &rest[take..];
            }
            return Ok(n);
        }
        self.retry(Interest::READ, until, |fd| {
            // SAFETY: IoSliceMut is iovec by its documentation.
            unsafe { libc::readv(fd, parts.as_ptr().cast(), parts.len().min(1024) as i32) }
        })
    }

    /// Sends `length` bytes of a file from `offset`.
    ///
    /// # Errors
    /// sendfile(2), ETIMEDOUT, ECANCELED; EIO when the file ended early.
    pub fn send_file(&self, file: RawFd, offset: u64, length: u64, until: Deadline) -> Result<()> {
        self.available(Interest::WRITE)?;
        let (mut at, end) = (offset, offset + length);
        while at < end {
            let want = usize::try_from(end - at).unwrap_or(usize::MAX).min(1 << 20);
            let n = if self.is_tls() {
                let mut bytes = vec![0u8; want.min(64 * 1024)];
                // SAFETY: the buffer is as long as it says.
                let n = unsafe { libc::pread(file, bytes.as_mut_ptr().cast(), bytes.len(), at as libc::off_t) };
                if n < 0 {
                    return Err(Errno::last().into());
                }
                bytes.truncate(n as usize);
                self.send(&bytes, until)?
            } else {
                let mut position = at as libc::off_t;
                self.retry(Interest::WRITE, until, |fd| {
                    // SAFETY: one offset.
                    unsafe { libc::sendfile(fd, file, &mut position, want) }
                })?
            };
            if n == 0 {
                return Err(fault(libc::EIO));
            }
            at += n as u64;
        }
        Ok(())
    }
}
