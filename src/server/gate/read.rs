//! Bytes of clients, cut into packets.

use std::os::fd::RawFd;
use std::sync::atomic::Ordering;
use std::time::Instant;

use protocol::framing::Step;

use super::super::lanes::Item;
use super::super::table::{bump, flag, now_us};
use super::super::{SessionId, socket, tls};
use super::Gate;

impl Gate {
    pub(super) fn readable(&self, local: usize) {
        let Some((fd, id, port)) = self.with(local, |conn| (conn.fd, conn.id, conn.port)) else { return };
        if self.with(local, |conn| conn.tls.is_some()) == Some(true) {
            self.readable_tls(local, fd, id, port);
            return;
        }
        let mut kept = self.with(local, |conn| std::mem::take(&mut conn.kept)).unwrap_or_default();
        let need = self.with(local, |conn| conn.need).unwrap_or(0);
        let outcome = if kept.is_empty() {
            let mut buffer = self.buffer.take();
            let got = socket::recv_slice(fd, &mut buffer);
            if let Ok(got) = got
                && got > 0
            {
                self.count_received(id, got);
                let used = self.cut(local, id, port, &buffer[..got]);
                if used < got {
                    let need = self.with(local, |conn| conn.need).unwrap_or(0);
                    kept.reserve_exact(got - used + need.min(1 << 20));
                    kept.extend_from_slice(&buffer[used..got]);
                }
            }
            *self.buffer.borrow_mut() = buffer;
            got
        } else {
            kept.reserve(need.clamp(4096, 1 << 20));
            let got = socket::recv(fd, kept.spare_capacity_mut());
            if let Ok(got) = got
                && got > 0
            {
                // SAFETY: the kernel has filled `got` bytes of the spare room.
                unsafe { kept.set_len(kept.len() + got) };
                self.count_received(id, got);
                let used = self.cut(local, id, port, &kept);
                kept.drain(..used.min(kept.len()));
            }
            got
        };
        self.with(local, |conn| {
            if conn.id == id && !conn.ended {
                conn.kept = kept;
            }
        });
        match outcome {
            Ok(0) => self.ended(local, 0),
            Err(error) if !socket::would_block(&error) => self.ended(local, error.raw_os_error().unwrap_or(libc::EIO)),
            _ => {}
        }
    }

    pub(super) fn readable_tls(&self, local: usize, fd: RawFd, id: SessionId, port: usize) {
        let mut buffer = self.buffer.take();
        match socket::recv_slice(fd, &mut buffer) {
            // An empty datagram ends nothing.
            Ok(0) if !self.ports[port].kind.is_stream() => {}
            Ok(0) => self.ended(local, 0),
            Ok(got) => self.decrypt(local, id, port, &buffer[..got]),
            Err(error) if !socket::would_block(&error) => self.ended(local, error.raw_os_error().unwrap_or(libc::EIO)),
            Err(_) => {}
        }
        *self.buffer.borrow_mut() = buffer;
    }

    /// Takes ciphertext of a connection.
    pub(super) fn decrypt(&self, local: usize, id: SessionId, port: usize, bytes: &[u8]) {
        let mut plain = self.with(local, |conn| std::mem::take(&mut conn.kept)).unwrap_or_default();
        let mut wire = Vec::new();
        let mut over = None;
        self.count_received(id, bytes.len());
        let outcome = self.with(local, |conn| {
            let session = conn.tls.as_mut()?;
            let before = session.is_established();
            let alive = tls::receive(session, bytes, &mut plain, &mut wire);
            Some((alive, !before && session.is_established()))
        });
        let Some(Some((alive, established))) = outcome else { return };
        if !wire.is_empty() {
            self.send_raw(local, &wire);
        }
        if established && self.settings.delay_receive {
            self.with(local, |conn| conn.paused = true);
            self.watch(local);
        }
        if established && self.ports[port].tells && self.settings.tells {
            self.tell(id, Item::Connect, port);
        }
        match alive {
            Ok(true) => {}
            Ok(false) => over = Some(0),
            Err(error) => {
                let verdict = self.with(local, |conn| (conn.fd, conn.tls.as_ref().map_or((0, ""), |tls| tls.verify_result())));
                if let (Some(slot), Some((fd, verdict))) = (self.slot_of(local), verdict) {
                    tls::tell_bad_client(&slot.address(), fd, verdict, &error);
                }
                over = Some(libc::EPROTO);
            }
        }
        if !plain.is_empty() && self.with(local, |conn| conn.paused) == Some(false) {
            let used = self.cut(local, id, port, &plain);
            plain.drain(..used.min(plain.len()));
        }
        self.with(local, |conn| {
            if conn.id == id && !conn.ended {
                conn.kept = plain;
            }
        });
        if let Some(errno) = over {
            self.ended(local, errno);
        }
    }

    /// What was decrypted while nobody wanted it goes on its way.
    pub(super) fn cut_kept(&self, local: usize) {
        let Some((id, port, mut kept)) = self.with(local, |conn| (conn.id, conn.port, std::mem::take(&mut conn.kept))) else {
            return;
        };
        if !kept.is_empty() {
            let used = self.cut(local, id, port, &kept);
            kept.drain(..used.min(kept.len()));
        }
        self.with(local, |conn| {
            if conn.id == id && !conn.ended {
                conn.kept = kept;
            }
        });
    }

    /// DTLS handshakes under way: what may have been lost is sent again, who is silent too long is given up.
    pub(super) fn retransmit(&self) {
        let waiting = self.greeting.take();
        let now = Instant::now();
        for (local, id, since) in waiting {
            let state = self.with(local, |conn| {
                let session = conn.tls.as_mut().filter(|session| conn.id == id && !session.is_established())?;
                let due = session.retransmit_after().is_some_and(|wait| wait.is_zero());
                let alive = now.duration_since(since) < tls::HANDSHAKE && (!due || session.retransmit());
                Some((alive, session.take_output()))
            });
            let Some(Some((alive, wire))) = state else { continue };
            if !wire.is_empty() {
                self.send_raw(local, &wire);
            }
            if alive {
                self.greeting.borrow_mut().push((local, id, since));
            } else {
                self.ended(local, libc::ETIMEDOUT);
            }
        }
    }

    pub(super) fn count_received(&self, id: SessionId, got: usize) {
        if let Some(stats) = self.stats() {
            bump(&stats.received_bytes, got as u64);
        }
        if let Some(slot) = self.shared.find(id) {
            slot.received_at.store(now_us(), Ordering::Relaxed);
        }
    }

    /// Sends whole packets off; how many bytes they took.
    pub(super) fn cut(&self, local: usize, id: SessionId, port: usize, bytes: &[u8]) -> usize {
        let Some(Some(mut framer)) = self.with(local, |conn| conn.framer.take()) else {
            self.dispatch(id, port, bytes);
            return bytes.len();
        };
        let mut at = 0;
        let used = loop {
            if at == bytes.len() {
                break at;
            }
            match framer.next(&bytes[at..]) {
                Ok(Step::Frame(range)) => {
                    let packet = &bytes[at + range.start..at + range.end];
                    at += range.end;
                    self.dispatch(id, port, packet);
                }
                Ok(Step::NeedMore { hint }) => {
                    self.with(local, |conn| conn.need = hint);
                    break at;
                }
                Err(error) => {
                    crate::log::warning("Gate::read", None, &format!("{error} from session#{id}"));
                    self.with(local, |conn| conn.framer = None);
                    self.ended(local, libc::EPROTO);
                    return bytes.len();
                }
            }
        };
        self.with(local, |conn| conn.framer = Some(framer));
        used
    }

    /// Nothing more comes: the worker is told, and the connection goes when it is done with it.
    pub(super) fn ended(&self, local: usize, errno: i32) {
        let Some((id, port, already, draining)) = self.with(local, |conn| {
            let already = std::mem::replace(&mut conn.ended, true);
            conn.kept = Vec::new();
            (conn.id, conn.port, already, conn.draining)
        }) else {
            return;
        };
        if draining {
            self.close(local);
            return;
        }
        if already {
            return;
        }
        if let Some(slot) = self.shared.find(id) {
            slot.close_errno.store(errno, Ordering::Relaxed);
            slot.set(flag::CLOSING, true);
        }
        self.with(local, |conn| {
            conn.out.clear();
            conn.queued = 0;
            conn.writing = false;
        });
        self.watch(local);
        if !self.tell(id, Item::Closed, port) {
            self.close(local);
        }
    }
}
