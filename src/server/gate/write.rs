//! What workers order: bytes for clients, files, ends.

use std::io::IoSlice;
use std::sync::atomic::Ordering;

use super::super::bus::{self, CLOSE_RESET, CLOSE_TOLD, Kind};
use super::super::lanes::{Item, has_more, ring_bell};
use super::super::output::Output;
use super::super::table::{bump, flag, now_us};
use super::super::{SessionId, Slot, socket, tls};
use super::{BATCH, Gate, READ_BUFFER};

impl Gate {
    pub(super) fn take_from(&self, worker: usize) {
        let mut release = false;
        for _ in 0..1024 {
            let mut receivers = self.receivers.borrow_mut();
            let message = match receivers[worker].peek() {
                Ok(Some(message)) => message,
                Ok(None) => break,
                Err(_) => {
                    crate::log::warning("Gate::read_ring", None, &format!("the ring of worker {worker} holds no messages"));
                    break;
                }
            };
            let (tag, bytes) = (message.tag(), message.bytes());
            if let (Some(item), Some((id, payload))) = (Item::of(tag), bytes.split_first_chunk()) {
                let id = i64::from_ne_bytes(*id);
                if item == Item::SendFile && has_more(tag) {
                    self.partial.borrow_mut()[worker].extend_from_slice(payload);
                } else {
                    if matches!(item, Item::Close | Item::Reset) {
                        self.tell_owner(worker, id);
                    }
                    self.obey(item, id, payload);
                }
            }
            release |= message.release();
        }
        if release {
            ring_bell(self.lanes.worker_bell(worker));
        }
    }

    /// `from` closes a connection: the worker that serves it hears of it, when that is another.
    pub(super) fn tell_owner(&self, from: usize, id: SessionId) {
        let Some(port) = self.local_of(id).and_then(|local| self.with(local, |conn| conn.port)) else { return };
        if self.settings.workers > 1 && self.follower(id, Item::Closed, port).is_some_and(|worker| worker != from) {
            self.tell(id, Item::Closed, port);
        }
    }

    pub(super) fn obey(&self, item: Item, id: SessionId, payload: &[u8]) {
        let Some(local) = self.local_of(id) else { return };
        match item {
            Item::Send => self.send(local, payload),
            Item::SendFile => {
                if let Some((offset, rest)) = payload.split_first_chunk()
                    && let Some((length, path)) = rest.split_first_chunk()
                    && let Ok(path) = std::str::from_utf8(path)
                    && let Ok(file) = std::fs::File::open(path)
                {
                    let (offset, length) = (u64::from_ne_bytes(*offset), u64::from_ne_bytes(*length) as usize);
                    if self.with(local, |conn| conn.tls.is_some()) == Some(true) {
                        let mut content = Output::default();
                        content.push_file(file, offset as i64, length);
                        while let Ok(Some(bytes)) = content.take_bytes(READ_BUFFER) {
                            self.send(local, &bytes);
                        }
                        return;
                    }
                    self.with(local, |conn| {
                        conn.out.push_file(file, offset as i64, length);
                        conn.queued += length;
                    });
                    self.flush(local);
                }
            }
            Item::Close => {
                let goodbye = self.with(local, |conn| {
                    let session = conn.tls.as_mut().filter(|session| session.is_established())?;
                    session.shutdown();
                    Some(session.take_output())
                });
                if let Some(Some(wire)) = goodbye {
                    self.send_raw(local, &wire);
                }
                let empty = self.with(local, |conn| {
                    conn.draining = true;
                    conn.out.is_empty() || conn.ended
                });
                if empty == Some(true) { self.close(local) } else { self.watch(local) }
            }
            Item::Reset => {
                if let Some(fd) = self.with(local, |conn| conn.fd) {
                    socket::linger_reset(fd);
                }
                self.close(local);
            }
            Item::Forget => self.close(local),
            Item::Pause | Item::Resume => {
                self.with(local, |conn| conn.paused = item == Item::Pause);
                self.watch(local);
                if item == Item::Resume && self.with(local, |conn| conn.tls.is_some()) == Some(true) {
                    self.cut_kept(local);
                }
            }
            Item::Release => {
                // Unless more has gone to that worker in the meantime.
                let count = payload.first_chunk().map_or(0, |count| u32::from_ne_bytes(*count));
                if self.with(local, |conn| conn.handed == count && !conn.ended) == Some(true)
                    && let Some(slot) = self.shared.find(id)
                {
                    slot.worker.store(0, Ordering::Relaxed);
                }
            }
            Item::Taken => {
                self.with(local, |conn| conn.stuffed = false);
                self.watch(local);
            }
            _ => {}
        }
    }

    pub(super) fn send(&self, local: usize, bytes: &[u8]) {
        let encrypted = self.with(local, |conn| {
            let session = conn.tls.as_mut()?;
            let _ = session.write(bytes);
            Some(session.take_output())
        });
        match encrypted {
            Some(Some(wire)) => self.send_raw(local, &wire),
            _ => self.send_raw(local, bytes),
        }
    }

    pub(super) fn send_raw(&self, local: usize, bytes: &[u8]) {
        let sent = self.with(local, |conn| {
            if conn.ended || conn.draining {
                return Ok(true);
            }
            if conn.tls.as_ref().is_some_and(net::tls::Session::is_datagram) {
                tls::send_datagrams(conn.fd, bytes);
                return Ok(true);
            }
            let parts = [IoSlice::new(bytes)];
            if !conn.out.is_empty() {
                conn.out.push(&parts, 0);
                conn.queued += bytes.len();
                return Ok(false);
            }
            match socket::send(conn.fd, bytes) {
                Ok(sent) if sent == bytes.len() => Ok(true),
                Ok(sent) => {
                    conn.out.push(&parts, sent);
                    conn.queued += bytes.len() - sent;
                    Ok(false)
                }
                Err(error) if socket::would_block(&error) => {
                    conn.out.push(&parts, 0);
                    conn.queued += bytes.len();
                    Ok(false)
                }
                Err(error) => Err(error),
            }
        });
        if let Some(stats) = self.stats() {
            bump(&stats.sent_bytes, bytes.len() as u64);
        }
        match sent {
            Some(Ok(true)) => {
                if let Some(slot) = self.slot_of(local) {
                    slot.sent_at.store(now_us(), Ordering::Relaxed);
                }
            }
            Some(Ok(false)) => self.wait_writable(local),
            Some(Err(error)) => self.ended(local, error.raw_os_error().unwrap_or(libc::EPIPE)),
            None => {}
        }
    }

    pub(super) fn slot_of(&self, local: usize) -> Option<&Slot> {
        let id = self.with(local, |conn| conn.id)?;
        self.shared.find(id)
    }

    pub(super) fn wait_writable(&self, local: usize) {
        let Some((queued, was)) = self.with(local, |conn| (conn.queued, std::mem::replace(&mut conn.writing, true))) else {
            return;
        };
        if let Some(slot) = self.slot_of(local) {
            slot.send_queued.store(queued as u64, Ordering::Relaxed);
        }
        let port = self.with(local, |conn| conn.port).unwrap_or(0);
        let high = self.ports[port].settings.buffer_high_watermark;
        let newly_full = self.with(local, |conn| high > 0 && conn.queued >= high && !std::mem::replace(&mut conn.full, true));
        if newly_full == Some(true)
            && let Some(id) = self.with(local, |conn| conn.id)
        {
            self.tell(id, Item::Full, port);
        }
        if !was {
            self.watch(local);
        }
    }

    pub(super) fn flush(&self, local: usize) {
        let Some(flushed) = self.with(local, |conn| {
            let flushed = conn.out.flush(conn.fd);
            if let Ok(sent) = flushed
                && sent > 0
            {
                if let Some(slot) = self.shared.find(conn.id) {
                    slot.sent_at.store(now_us(), Ordering::Relaxed);
                }
                conn.queued = conn.queued.saturating_sub(sent);
            }
            flushed
        }) else {
            return;
        };
        if let Err(error) = flushed {
            self.ended(local, error.raw_os_error().unwrap_or(libc::EPIPE));
            return;
        }
        let Some((empty, draining, queued, id, port)) =
            self.with(local, |conn| (conn.out.is_empty(), conn.draining, conn.queued, conn.id, conn.port))
        else {
            return;
        };
        let low = self.ports[port].settings.buffer_low_watermark;
        if let Some(slot) = self.shared.find(id) {
            slot.send_queued.store(queued as u64, Ordering::Relaxed);
            let full = queued <= low && self.with(local, |conn| std::mem::replace(&mut conn.full, false)) == Some(true);
            if full || (empty && slot.has(flag::OVERFLOW)) {
                slot.set(flag::OVERFLOW, false);
                self.tell(id, Item::Drained, port);
            }
        }
        if !empty {
            self.wait_writable(local);
            return;
        }
        if draining {
            self.close(local);
            return;
        }
        if self.with(local, |conn| std::mem::replace(&mut conn.writing, false)) == Some(true) {
            self.watch(local);
        }
    }

    pub(super) fn read_inbox(&self) {
        for _ in 0..BATCH {
            let more = bus::receive_from(self.inbox, &self.buffer, |head, payload| {
                let item = match head.kind {
                    Kind::Send => Item::Send,
                    Kind::SendFile => Item::SendFile,
                    Kind::Close if head.flags & CLOSE_RESET != 0 => Item::Reset,
                    Kind::Close => Item::Close,
                    Kind::Pause => Item::Pause,
                    Kind::Resume => Item::Resume,
                    _ => return,
                };
                // A worker that ends goes on by message where it stopped in its ring.
                for worker in 0..self.lanes.workers {
                    self.take_from(worker);
                }
                // Closed from a process that has no worker's rings: the worker hears of it all the same.
                if matches!(item, Item::Close | Item::Reset)
                    && head.flags & CLOSE_TOLD == 0
                    && let Some(local) = self.local_of(head.id)
                    && let Some(port) = self.with(local, |conn| conn.port)
                {
                    self.tell(head.id, Item::Closed, port);
                }
                self.obey(item, head.id, payload);
            });
            if !more {
                return;
            }
        }
    }
}
