//! The reading side of a [`Socket`].

use protocol::framing::{FrameError, Framer, Step as FrameStep};
use reactor::Interest;

use super::{
    Deadline, ERROR_PACKAGE_MALFORMED, ERROR_PACKAGE_NOT_FOUND, ERROR_PACKAGE_TOO_LARGE, ERROR_SSL_BAD_PROTOCOL, Errno, Fault,
    Result, Socket, fault,
};
use crate::address::Address;
use crate::tls;

impl Socket {
    /// Reads what is there, at most `buffer.len()` bytes; 0 at the end of the stream.
    ///
    /// # Errors
    /// recv(2), ETIMEDOUT, ECANCELED, [`Fault::Busy`].
    pub fn recv(&self, buffer: &mut [u8], until: Deadline) -> Result<usize> {
        self.available(Interest::READ)?;
        let kept = self.take_buffered(buffer);
        if kept > 0 {
            return Ok(kept);
        }
        self.recv_direct(buffer, until)
    }

    /// Gives back bytes that were read too far: the next read starts with them.
    pub fn unread(&self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.buffer.borrow_mut().splice(..0, bytes.iter().copied());
        }
    }

    /// Bytes that were read and not yet asked for.
    pub fn buffered(&self) -> usize {
        self.buffer.borrow().len()
    }

    fn take_buffered(&self, buffer: &mut [u8]) -> usize {
        let mut kept = self.buffer.borrow_mut();
        if kept.is_empty() {
            return 0;
        }
        let n = kept.len().min(buffer.len());
        buffer[..n].copy_from_slice(&kept[..n]);
        kept.drain(..n);
        n
    }

    fn recv_direct(&self, buffer: &mut [u8], until: Deadline) -> Result<usize> {
        if !self.is_tls() {
            return self.retry(Interest::READ, until, |fd| {
                // SAFETY: the buffer is as long as it says.
                unsafe { libc::recv(fd, buffer.as_mut_ptr().cast(), buffer.len(), libc::MSG_DONTWAIT) }
            });
        }
        let mut eof = false;
        loop {
            let step = self.with_tls(|tls| tls.session.read(buffer));
            self.flush_tls(until)?;
            match step {
                tls::Step::Done(n) => return Ok(n),
                tls::Step::Closed => return Ok(0),
                tls::Step::NeedInput if eof => return Ok(0),
                tls::Step::NeedInput => eof = !self.fill_tls(until)?,
                tls::Step::Failed(_) if eof => return Ok(0),
                tls::Step::Failed(_) => return Err(fault(ERROR_SSL_BAD_PROTOCOL)),
            }
        }
    }

    /// Reads until the buffer is full or the stream ends.
    ///
    /// # Errors
    /// As [`Socket::recv`], with how many bytes were read before.
    pub fn recv_all(&self, buffer: &mut [u8], until: Deadline) -> std::result::Result<usize, (usize, Fault)> {
        let mut at = 0;
        while at < buffer.len() {
            match self.recv(&mut buffer[at..], until) {
                Ok(0) => break,
                Ok(n) => at += n,
                Err(fault) => return Err((at, fault)),
            }
        }
        Ok(at)
    }

    /// Looks at what is there without taking it.
    ///
    /// # Errors
    /// recv(2); EAGAIN when nothing is there: it does not wait.
    pub fn peek(&self, buffer: &mut [u8]) -> Result<usize> {
        self.available(Interest::READ)?;
        {
            let kept = self.buffer.borrow();
            if !kept.is_empty() {
                let n = kept.len().min(buffer.len());
                buffer[..n].copy_from_slice(&kept[..n]);
                return Ok(n);
            }
        }
        if self.is_tls() {
            return match self.with_tls(|tls| tls.session.peek(buffer)) {
                tls::Step::Done(n) => Ok(n),
                tls::Step::NeedInput => Err(fault(libc::EAGAIN)),
                tls::Step::Closed => Ok(0),
                tls::Step::Failed(_) => Err(fault(ERROR_SSL_BAD_PROTOCOL)),
            };
        }
        // SAFETY: the buffer is as long as it says.
        let n =
            unsafe { libc::recv(self.fd.get(), buffer.as_mut_ptr().cast(), buffer.len(), libc::MSG_PEEK | libc::MSG_DONTWAIT) };
        if n >= 0 { Ok(n as usize) } else { Err(Errno::last().into()) }
    }

    /// Reads at least one byte into the socket's own buffer; false at the end of the stream.
    fn fill(&self, hint: usize, until: Deadline) -> Result<bool> {
        let want = hint.clamp(8 * 1024, 1024 * 1024);
        let mut bytes = vec![0u8; want];
        let n = self.recv_direct(&mut bytes, until)?;
        self.buffer.borrow_mut().extend_from_slice(&bytes[..n]);
        Ok(n > 0)
    }

    /// Through the socket's own buffer: fewer system calls for many small reads.
    ///
    /// # Errors
    /// As [`Socket::recv`].
    pub fn recv_buffered(&self, most: usize, until: Deadline) -> Result<Vec<u8>> {
        self.available(Interest::READ)?;
        if self.buffer.borrow().is_empty() && !self.fill(most, until)? {
            return Ok(Vec::new());
        }
        let mut kept = self.buffer.borrow_mut();
        let n = most.min(kept.len());
        Ok(kept.drain(..n).collect())
    }

    /// Up to and with the next line end (`\n`, or `\r` by itself), or `most` bytes, or the end of the stream.
    ///
    /// # Errors
    /// As [`Socket::recv`].
    pub fn recv_line(&self, most: usize, until: Deadline) -> Result<Vec<u8>> {
        self.available(Interest::READ)?;
        let mut looked = 0;
        loop {
            {
                let mut kept = self.buffer.borrow_mut();
                let end = kept[looked..].iter().position(|b| matches!(b, b'\n' | b'\r')).map(|at| looked + at + 1);
                looked = kept.len();
                let take = match end {
                    Some(end) => Some(end.min(most)),
                    None if kept.len() >= most => Some(most),
                    None => None,
                };
                if let Some(take) = take {
                    return Ok(kept.drain(..take).collect());
                }
            }
            match self.fill(most - looked, until) {
                Ok(true) => {}
                Ok(false) => return Ok(std::mem::take(&mut *self.buffer.borrow_mut())),
                // The connection is over: what came of the line is all that ever will.
                Err(Fault::Errno(Errno(code))) if looked > 0 && !matches!(code, libc::ETIMEDOUT | libc::ECANCELED) => {
                    return Ok(std::mem::take(&mut *self.buffer.borrow_mut()));
                }
                Err(fault) => return Err(fault),
            }
        }
    }

    /// The next packet, as the framer cuts them; empty at the end of the stream. Without a framer, what is
    /// there.
    ///
    /// # Errors
    /// As [`Socket::recv`], or one of the `ERROR_PACKAGE_*` codes.
    pub fn recv_packet(&self, until: Deadline) -> Result<Vec<u8>> {
        self.available(Interest::READ)?;
        let Some(mut framer) = self.framer.borrow_mut().take() else {
            return self.recv_buffered(65536, until);
        };
        let packet = self.recv_framed(&mut framer, until);
        self.framer.borrow_mut().get_or_insert(framer);
        packet
    }

    fn recv_framed(&self, framer: &mut Framer, until: Deadline) -> Result<Vec<u8>> {
        loop {
            let mut hint = 0;
            {
                let mut kept = self.buffer.borrow_mut();
                if !kept.is_empty() {
                    match framer.next(&kept) {
                        Ok(FrameStep::Frame(range)) => {
                            let packet = kept.drain(..range.end).collect();
                            return Ok(packet);
                        }
                        Ok(FrameStep::NeedMore { hint: more }) => hint = more,
                        Err(error) => {
                            return Err(fault(match error {
                                FrameError::TooLarge { .. } => ERROR_PACKAGE_TOO_LARGE,
                                FrameError::Malformed { .. } => ERROR_PACKAGE_MALFORMED,
                                FrameError::NoLength { .. } => ERROR_PACKAGE_NOT_FOUND,
                            }));
                        }
                    }
                }
            }
            if !self.fill(hint, until)? {
                self.buffer.borrow_mut().clear();
                return Ok(Vec::new());
            }
        }
    }

    /// One datagram and its sender.
    ///
    /// # Errors
    /// recvfrom(2), ETIMEDOUT, ECANCELED.
    pub fn recv_from(&self, buffer: &mut [u8], until: Deadline) -> Result<(usize, Address)> {
        self.available(Interest::READ)?;
        let mut from = Address::buffer();
        let n = self.retry(Interest::READ, until, |fd| {
            from = Address::buffer();
            let at = from.as_mut_ptr();
            // SAFETY: buffer and address are as long as they say.
            unsafe { libc::recvfrom(fd, buffer.as_mut_ptr().cast(), buffer.len(), libc::MSG_DONTWAIT, at, from.len_mut()) }
        })?;
        Ok((n, from))
    }
}
