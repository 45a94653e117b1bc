//! Writing, and back-pressure.

use std::fs::File;
use std::io::IoSlice;
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use coroutine::{Task, Wake, engine, suspend_for};

use super::super::lanes::Item;
use super::super::output::Output;
use super::super::remote::Remote;
use super::super::table::{bump, flag, now_us};
use super::super::worker::{Worker, worker};
use super::super::{socket, tls};
use super::{Conn, ConnState, SendError};

/// Bytes that may gather in a corked queue before they are sent all the same.
const CORK_LIMIT: usize = 64 * 1024;

impl Conn {
    /// Until the read batch under way ends, writes are collected and then sent by one call.
    pub fn cork(&self) {
        if self.reading.get() {
            self.corked.set(true);
        }
    }

    /// Bytes that wait in the write queue.
    pub fn buffered(&self) -> usize {
        match self.gate {
            None => self.buffered.get(),
            Some(_) => self.slot().map_or(0, |slot| slot.send_queued.load(Ordering::Relaxed) as usize),
        }
    }

    /// Sends, or queues what the kernel does not take.
    ///
    /// # Errors
    /// [`SendError`]; nothing of `bytes` is sent then.
    pub fn write(&self, bytes: &[u8]) -> Result<(), SendError> {
        self.write_parts(&[IoSlice::new(bytes)])
    }

    /// As [`Conn::write`], from several pieces.
    ///
    /// # Errors
    /// As [`Conn::write`].
    pub fn write_parts(&self, parts: &[IoSlice<'_>]) -> Result<(), SendError> {
        self.check_send()?;
        if self.tls.borrow().is_some() {
            let mut wire = Vec::new();
            {
                let mut tls = self.tls.borrow_mut();
                for part in parts {
                    if let Some(tls) = tls.as_mut()
                        && tls.send(part, &mut wire).is_err()
                    {
                        return Err(SendError::ClosedByPeer);
                    }
                }
            }
            return self.send_raw(&[IoSlice::new(&wire)]);
        }
        self.send_raw(parts)
    }

    /// Sends part of a file after what is queued.
    ///
    /// # Errors
    /// As [`Conn::write`].
    pub fn send_file(&self, file: File, offset: u64, length: usize) -> Result<(), SendError> {
        self.check_send()?;
        if let Some(gate) = self.gate {
            use std::os::fd::AsRawFd;
            // The gate opens it anew: a name is short, its content may be long.
            let path = std::fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd())).unwrap_or_default();
            let path = path.as_os_str().as_encoded_bytes();
            self.push(gate, Item::SendFile, &[&offset.to_ne_bytes(), &(length as u64).to_ne_bytes(), path]);
            return Ok(());
        }
        if self.tls.borrow().is_some() {
            // Encrypted bytes cannot come from the page cache; a queue of plain text would be a second one.
            let mut plain = Output::default();
            plain.push_file(file, offset as i64, length);
            while let Ok(Some(bytes)) = plain.take_bytes(CORK_LIMIT) {
                self.write_tls_unbounded(&bytes)?;
            }
            return Ok(());
        }
        self.out.borrow_mut().push_file(file, offset as i64, length);
        self.buffered.set(self.buffered.get() + length);
        if !self.corked.get()
            && !self.writing.get()
            && let Some(me) = self.me.upgrade()
        {
            me.flush();
        }
        Ok(())
    }

    pub(super) fn write_tls_unbounded(&self, bytes: &[u8]) -> Result<(), SendError> {
        let mut wire = Vec::new();
        if let Some(tls) = self.tls.borrow_mut().as_mut()
            && tls.send(bytes, &mut wire).is_err()
        {
            return Err(SendError::ClosedByPeer);
        }
        if self.is_datagram() {
            tls::send_datagrams(self.fd.get(), &wire);
            return Ok(());
        }
        self.enqueue(&[IoSlice::new(&wire)], 0, wire.len());
        if !self.writing.get()
            && let Some(me) = self.me.upgrade()
        {
            me.flush();
        }
        Ok(())
    }

    pub(super) fn check_send(&self) -> Result<(), SendError> {
        match self.state.get() {
            ConnState::Open | ConnState::Closing if self.peer_closed.get() => Err(SendError::ClosedByPeer),
            ConnState::Open | ConnState::Closing => Ok(()),
            _ if self.slot().is_none() => Err(SendError::Gone),
            _ => Err(SendError::Closed),
        }
    }

    pub(super) fn send_raw(&self, parts: &[IoSlice<'_>]) -> Result<(), SendError> {
        if let Some(gate) = self.gate {
            return self.send_remote(gate, parts);
        }
        let total: usize = parts.iter().map(|part| part.len()).sum();
        if self.is_datagram() {
            // Always records of one session, in one part.
            parts.iter().for_each(|wire| tls::send_datagrams(self.fd.get(), wire));
            self.count_sent(total);
            return Ok(());
        }
        let buffered = self.buffered.get();
        if buffered > 0 && buffered >= self.port.settings.borrow().socket_buffer_size {
            return Err(SendError::Full);
        }
        if self.writing.get() || (self.corked.get() && buffered + total <= CORK_LIMIT) {
            self.enqueue(parts, 0, total);
            return Ok(());
        }
        if buffered > 0 {
            // Corked, and too much for it: send what there is, in order.
            self.enqueue(parts, 0, total);
            if let Some(me) = self.me.upgrade() {
                me.flush();
            }
            return Ok(());
        }
        let sent = match socket::send_parts(self.fd.get(), parts) {
            Ok(sent) => sent,
            Err(error) if socket::would_block(&error) => 0,
            Err(_) => {
                self.peer_closed.set(true);
                return Err(SendError::ClosedByPeer);
            }
        };
        self.count_sent(sent);
        if sent < total {
            self.enqueue(parts, sent, total - sent);
            self.writing.set(true);
            self.watch();
        }
        Ok(())
    }

    #[inline]
    pub(super) fn count_sent(&self, sent: usize) {
        if sent > 0
            && let Some(worker) = worker()
        {
            bump(&worker.stats().sent_bytes, sent as u64);
            if let Some(slot) = worker.shared().find(self.id) {
                slot.sent_at.store(now_us(), Ordering::Relaxed);
            }
        }
    }

    pub(super) fn enqueue(&self, parts: &[IoSlice<'_>], skip: usize, length: usize) {
        self.out.borrow_mut().push(parts, skip);
        let buffered = self.buffered.get() + length;
        self.set_buffered(buffered);
        let high = self.port.settings.borrow().buffer_high_watermark;
        if high > 0
            && buffered >= high
            && !self.full.replace(true)
            && let (Some(worker), Some(me)) = (worker(), self.me.upgrade())
        {
            worker.app().buffer_full(&me);
        }
    }

    pub(super) fn set_buffered(&self, bytes: usize) {
        self.buffered.set(bytes);
        if let Some(slot) = self.slot() {
            slot.send_queued.store(bytes as u64, Ordering::Relaxed);
        }
    }

    /// Sends what is queued.
    pub(super) fn flush(self: &Rc<Self>) {
        let flushed = self.out.borrow_mut().flush(self.fd.get());
        match flushed {
            Ok(sent) => {
                self.count_sent(sent);
                self.set_buffered(self.buffered.get().saturating_sub(sent));
            }
            Err(_) => {
                self.peer_closed.set(true);
                self.out.borrow_mut().clear();
                self.set_buffered(0);
            }
        }
        let empty = self.out.borrow().is_empty();
        if self.writing.replace(!empty) == empty {
            self.watch();
        }
        let low = self.port.settings.borrow().buffer_low_watermark;
        if self.full.get() && self.buffered.get() <= low {
            self.full.set(false);
            if let Some(worker) = worker() {
                worker.app().buffer_empty(self);
            }
        }
        if !empty {
            return;
        }
        self.set_buffered(0);
        self.wake_waiters();
        match self.state.get() {
            ConnState::Draining => self.finish(),
            ConnState::Open => {
                if let Some(protocol) = self.protocol() {
                    protocol.drained(self);
                }
            }
            _ => {}
        }
    }

    /// Suspends the current coroutine until the write queue is empty or the connection closed. True:
    /// write again. Outside coroutines false, at once.
    pub fn wait_drained(&self, timeout: Option<Duration>) -> bool {
        let Some(ticket) = engine().filter(|engine| engine.can_suspend()).and_then(|engine| engine.next_wait()) else {
            return false;
        };
        if let Some(slot) = self.slot().filter(|_| self.gate.is_some()) {
            slot.set(flag::OVERFLOW, true);
        }
        if self.buffered() == 0 {
            return self.check_send().is_ok();
        }
        if self.gate.is_some() && worker().and_then(Worker::remote).is_some_and(Remote::has_left) {
            return self.poll_drained(timeout);
        }
        if self.gate.is_none() && self.corked.replace(false) && !self.writing.get() {
            // Collected only: nobody would drain it while we sleep inside the batch.
            self.writing.set(true);
            self.watch();
        }
        self.waiters.borrow_mut().push(ticket);
        let wake = suspend_for(timeout, Task::Wait);
        wake == Wake::Resumed && self.check_send().is_ok()
    }

    /// A worker that ends is not told: it looks now and then.
    fn poll_drained(&self, timeout: Option<Duration>) -> bool {
        let deadline = timeout.map(|timeout| Instant::now() + timeout);
        while self.buffered() > 0 {
            if deadline.is_some_and(|deadline| Instant::now() >= deadline)
                || suspend_for(Some(Duration::from_millis(5)), Task::Wait) != Wake::Timeout
            {
                return false;
            }
        }
        self.slot().is_some() && self.check_send().is_ok()
    }

    pub(super) fn wake_waiters(&self) {
        if self.waiters.borrow().is_empty() {
            return;
        }
        let waiters = self.waiters.take();
        if let Some(engine) = engine() {
            for (id, seq) in waiters {
                engine.wake_if(id, seq, Wake::Resumed);
            }
        }
    }
}
