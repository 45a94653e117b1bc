//! The process machine: ports, connections, workers, and the shared memory between them.
//!
//! # The picture
//! A [`Worker`] is what one event process has: the sources of its ports in the loop, its connections, the
//! one large read buffer. In `SWOOLE_BASE` it accepts and owns sockets; in `SWOOLE_PROCESS` its
//! connections are handles whose bytes come and go through the rings of the master's reactor threads.
//! Code above [`Conn`] is the same in both. What PHP does is behind [`App`], so nothing here names Zend.
//!
//! # How a protocol plugs in
//! Each connection has one [`Protocol`] object, made by [`App::protocol`] when it is accepted (after the
//! TLS handshake: [`Conn::alpn`] is known). That object is also the connection's state slot:
//! `conn.protocol_as::<Http1>()` finds it again from any handler, [`Conn::set_protocol`] exchanges it
//! (Upgrade), and bytes that the old one left unconsumed go to the new one at once.
//!
//! * [`Protocol::data`] gets what was kept of the last call plus what is new, handles as many packets as
//!   there are, and says how many bytes it is done with. The slice lies in the loop's buffer: copy what
//!   must outlive the call. A PHP callback runs inside it in a new coroutine until that first suspends.
//! * Methods take `&self`, as callbacks come back into the same connection (`$server->close($fd)` inside
//!   `onRequest`): keep state in cells, and hold no borrow across a call to PHP.
//! * Writes: [`Conn::write`] and [`Conn::write_parts`] (one `writev` of head and body) send at once and queue
//!   what the kernel does not take. Before handling a packet that is not the last of the batch, call
//!   [`Conn::cork`]: all writes are then collected, and sent by one call after `data` returns.
//! * Back-pressure: [`Conn::buffered`] bytes wait in the queue. [`Conn::write`] says [`SendError::Full`] past
//!   `socket_buffer_size`; a coroutine then calls [`Conn::wait_drained`] (`send_yield`), or a
//!   protocol stops reading by [`Conn::pause`] until [`Protocol::drained`].
//! * [`Conn::close`] fires [`Protocol::closed`] and the Close event, lets the queue drain and closes;
//!   [`Conn::abort`] drops the queue and resets. Both are harmless when it is closed already.
//! * Dispatching to PHP is `crate::php::server::dispatch`: it finds the port's callback and
//!   starts a coroutine (or calls, with `enable_coroutine` off).

#![allow(dead_code)]

mod app;
mod bus;
mod conn;
mod framed;
pub mod gate;
mod lanes;
mod output;
mod port;
mod remote;
mod settings;
pub mod socket;
mod table;
pub mod task_queue;
pub mod tls;
mod udp;
mod worker;

pub use app::{App, Closer, Level};
pub use bus::{Bus, BusError, Head, Kind};
pub use conn::{Conn, SendError};
pub use framed::{Framed, Raw};
pub use lanes::Lanes;
pub use port::{Port, PortKind};
pub use remote::Remote;
pub use settings::{DispatchMode, Framing, Mode, PortSettings, Settings, cpu_num, default_max_connection, open_files_limit};
pub use socket::Address;
pub use table::{SessionId, Shared, Slot, WorkerStats, bump, flag, microtime, now_us};
pub use task_queue::{Taker, TaskQueue};
pub use tls::{Tls, TlsContext, bad_client};
pub use udp::Datagram;
pub use worker::{Role, Worker, worker};

use std::any::Any;
use std::rc::Rc;

/// What [`Protocol::data`] did with its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Input {
    /// Bytes from the start that need not be shown again.
    pub consumed: usize,
    /// How many more bytes are missing at least, as far as known: sizes the next read. 0: unknown.
    pub need: usize,
}

impl Input {
    pub fn all(bytes: &[u8]) -> Self {
        Self { consumed: bytes.len(), need: 0 }
    }
}

/// One connection's protocol, and its state. See the module's page.
pub trait Protocol: Any {
    /// New bytes. Not called while the connection is paused, nor after it closed.
    fn data(&self, conn: &Rc<Conn>, bytes: &[u8]) -> Input;

    /// The write queue, which was not empty, is.
    fn drained(&self, _conn: &Rc<Conn>) {}

    /// The connection closes: told once, before the Close event. False: no Close event.
    fn closed(&self, _conn: &Rc<Conn>, _by: Closer) -> bool {
        true
    }

    /// The process ends soon: say goodbye (GOAWAY, close frame). True: the connection stays until it has
    /// finished by itself, within `max_wait_time`.
    fn shutdown(&self, _conn: &Rc<Conn>) -> bool {
        false
    }

    /// Nothing is under way and nothing is kept: the next bytes may go to another worker, where
    /// `dispatch_mode` chooses one for each packet.
    fn resting(&self) -> bool {
        false
    }

    /// `self`, for [`Conn::protocol_as`].
    fn as_any(&self) -> &dyn Any;
}
