//! Datagram ports.

use std::os::fd::RawFd;
use std::rc::Rc;

use coroutine::Source;
use reactor::Readiness;

use super::table::{bump, microtime};
use super::{Address, Conn, Port, Worker, socket, worker};

/// Where a datagram came from, and when it was handed on.
#[derive(Clone, Copy)]
pub struct Datagram {
    pub from: Address,
    pub server_socket: RawFd,
    pub dispatch_time: f64,
}

/// A datagram port in the loop.
pub struct UdpSource(pub Rc<Port>);

/// Datagrams taken in one turn, so that one busy port does not starve the others.
const BATCH: usize = 64;

impl UdpSource {
    /// The first datagram of a DTLS client: from here on it has a socket of its own.
    fn greet(&self, worker: &'static Worker, from: &Address, datagram: &[u8]) {
        if worker.shared().connection_count() >= worker.settings().max_connection as i64 {
            bump(&worker.stats().aborted, 1);
            return;
        }
        let Ok(fd) = socket::connected_datagram(&self.0.local(), from) else { return };
        match Conn::accept(worker, &self.0, fd, from) {
            Some(conn) => {
                bump(&worker.stats().accepted, 1);
                conn.greet(worker, datagram);
            }
            None => socket::close(fd),
        }
    }
}

impl Source for UdpSource {
    fn ready(&self, fd: RawFd, _ready: Readiness) {
        let Some(worker) = worker() else { return };
        for _ in 0..BATCH {
            let mut buffer = worker.take_buffer();
            let received = socket::recv_from(fd, &mut buffer);
            match received {
                Ok((length, from)) if self.0.ssl => {
                    self.greet(worker, &from, &buffer[..length]);
                    worker.give_buffer(buffer);
                }
                Ok((length, from)) => {
                    worker.count_request();
                    bump(&worker.stats().received_bytes, length as u64);
                    let datagram = Datagram { from, server_socket: fd, dispatch_time: microtime() };
                    worker.app().packet(&self.0, &datagram, &buffer[..length]);
                    worker.give_buffer(buffer);
                    if !worker.is_running() {
                        return;
                    }
                }
                Err(_) => {
                    worker.give_buffer(buffer);
                    return;
                }
            }
        }
    }
}
