//! New connections and datagrams.

use std::os::fd::RawFd;
use std::sync::atomic::Ordering;
use std::time::Instant;

use reactor::Interest;

use super::super::lanes::Item;
use super::super::output::Output;
use super::super::table::{bump, flag};
use super::super::{Address, DispatchMode, Framing, SessionId, socket, tls};
use super::{BATCH, Gate, GateConn};

impl Gate {
    pub(super) fn accept_from(&self, index: usize) {
        let port = &self.ports[index];
        for _ in 0..BATCH {
            let (fd, address) = match socket::accept(port.fd) {
                Ok(accepted) => accepted,
                Err(error) => {
                    if matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE)) {
                        crate::log::warning("Reactor::accept", error.raw_os_error(), "accept() failed: no descriptor left");
                        self.pause_accepting();
                    }
                    return;
                }
            };
            if self.shared.connection_count() >= self.settings.max_connection as i64 {
                if let Some(stats) = self.stats() {
                    bump(&stats.aborted, 1);
                }
                socket::close(fd);
                continue;
            }
            let to = self.next_gate.replace(self.next_gate.get().wrapping_add(1)) % self.all.len();
            if to == self.id {
                let _ = self.take(fd, &address, index);
            } else {
                self.all[to].hand(fd, address, index);
            }
        }
    }

    pub(super) fn take_handed(&self) {
        loop {
            let next = self.handle.handed.lock().unwrap_or_else(std::sync::PoisonError::into_inner).pop_front();
            match next {
                Some((fd, address, port)) => {
                    let _ = self.take(fd, &address, port);
                }
                None => return,
            }
        }
    }

    /// The first datagram of a DTLS client: from here on it has a socket of its own.
    fn greet(&self, index: usize, from: &Address, datagram: &[u8]) {
        if self.shared.connection_count() >= self.settings.max_connection as i64 {
            if let Some(stats) = self.stats() {
                bump(&stats.aborted, 1);
            }
            return;
        }
        let Ok(fd) = socket::connected_datagram(&Address::local_of(self.ports[index].fd), from) else { return };
        let Some((local, id)) = self.take(fd, from, index) else { return };
        self.greeting.borrow_mut().push((local, id, Instant::now()));
        self.decrypt(local, id, index, datagram);
    }

    /// A connection is this gate's from here on; its place and its id.
    pub(super) fn take(&self, fd: RawFd, address: &Address, index: usize) -> Option<(usize, SessionId)> {
        let port = &self.ports[index];
        let local = self.free.borrow_mut().pop().unwrap_or_else(|| {
            self.conns.borrow_mut().push(None);
            self.conns.borrow().len() - 1
        });
        let id = self.shared.open(address, |slot| {
            slot.owner.store(self.id as u32, Ordering::Relaxed);
            slot.local.store(local as u32, Ordering::Relaxed);
            slot.fd.store(fd, Ordering::Relaxed);
            slot.port.store(index as u32, Ordering::Relaxed);
        });
        // A handshake cannot wait.
        let paused = self.settings.delay_receive && self.certificates.borrow()[index].is_none();
        let interest = if paused { Interest::EMPTY } else { Interest::READ };
        let (Some(id), Ok(())) = (id, self.reactor.add(fd, interest, local as u64)) else {
            if let Some(id) = id {
                self.shared.close(id);
            }
            self.free.borrow_mut().push(local);
            socket::close(fd);
            return None;
        };
        if let Some(stats) = self.stats() {
            bump(&stats.accepted, 1);
        }
        let framer = if port.passthrough {
            None
        } else if matches!(port.framing, Framing::Function) {
            (self.length_function)(index)
        } else {
            port.framing.framer(port.settings.package_max_length)
        };
        let tls = self.certificates.borrow()[index].as_ref().and_then(|context| tls::session(context, address).ok());
        let handshaking = tls.is_some();
        if let Some(slot) = self.shared.find(id) {
            slot.set(flag::SSL, handshaking);
        }
        self.conns.borrow_mut()[local] = Some(Box::new(GateConn {
            id,
            fd,
            port: index,
            kept: Vec::new(),
            need: 0,
            framer,
            tls,
            out: Output::default(),
            queued: 0,
            handed: 0,
            writing: false,
            paused,
            stalled: false,
            stuffed: false,
            ended: false,
            draining: false,
            full: false,
        }));
        if port.tells && self.settings.tells && !handshaking {
            self.tell(id, Item::Connect, index);
        }
        Some((local, id))
    }

    pub(super) fn read_datagrams(&self, index: usize) {
        let port = &self.ports[index];
        let mut buffer = self.buffer.take();
        for _ in 0..BATCH {
            let Ok((length, from)) = socket::recv_from(port.fd, &mut buffer) else { break };
            if self.certificates.borrow()[index].is_some() {
                self.greet(index, &from, &buffer[..length]);
                continue;
            }
            if let Some(stats) = self.stats() {
                bump(&stats.received_bytes, length as u64);
            }
            let count = self.settings.workers;
            let source = from.host_bytes().first_chunk().map_or(0, |ip| i64::from(u32::from_ne_bytes(*ip)));
            let chosen = self.choose.as_ref().and_then(|choose| choose(source, 1, &buffer[..length]));
            let worker = match self.settings.dispatch {
                _ if chosen.is_some() => match chosen.filter(|worker| *worker < count) {
                    Some(worker) => worker,
                    None => continue,
                },
                _ if count == 1 => 0,
                DispatchMode::Round | DispatchMode::Idle => self.round() % count,
                _ => {
                    from.host_bytes()
                        .iter()
                        .fold(usize::from(from.port()), |hash, byte| hash.wrapping_mul(31) + usize::from(*byte))
                        % count
                }
            };
            let address = from.to_bytes();
            self.senders.borrow_mut()[worker].push(Item::Packet, index, address.len() as i64, &[&address, &buffer[..length]]);
            if let Some(stats) = self.shared.worker(worker) {
                stats.dispatched.fetch_add(1, Ordering::Relaxed);
            }
        }
        *self.buffer.borrow_mut() = buffer;
    }
}
