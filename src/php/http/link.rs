//! Where a response goes: a server's connection, a coroutine server's socket.

use std::fs::File;
use std::io::IoSlice;
use std::os::unix::fs::FileExt;
use std::rc::Rc;
use std::time::Duration;

use protocol::websocket::DeflateParams;

use super::server::Http1;
use super::settings::HttpSettings;
use super::socket::Message;
use crate::php::code::{Code, set_last};
use crate::php::server::running;
use crate::php::server::send::forward;
use crate::php::websocket::Outgoing;
use crate::server::{Conn, Kind, SendError, flag, worker};

/// A socket of a coroutine server, on which writes suspend.
pub trait SocketLink {
    fn write(&self, parts: &[&[u8]]) -> bool;
    fn send_file(&self, file: File, offset: u64, length: usize) -> bool;
    fn is_open(&self) -> bool;
    fn close(&self) -> bool;
    /// The response is out; `keep_alive`: the next request may come.
    fn finished(&self, keep_alive: bool);
    fn fd(&self) -> i64;
    /// The answer to a WebSocket handshake is out.
    fn upgraded(&self, settings: &Rc<HttpSettings>, deflate: Option<DeflateParams>);
    fn push(&self, frame: &Outgoing) -> bool;
    fn receive(&self, timeout: f64) -> Message;
    fn is_websocket(&self) -> bool;
}

#[derive(Clone, Default)]
pub enum Link {
    #[default]
    None,
    Conn(Rc<Conn>),
    Socket(Rc<dyn SocketLink>),
    /// A connection that another process has, by its id: orders go there, and nobody waits for them.
    Remote(i64),
    /// Of HTTP/2; its answers take a way of their own.
    Stream(Rc<super::http2::Stream>),
}

impl Link {
    /// Sends all of it, waiting for room where that is possible. False: the peer is gone, or there is no
    /// room and no waiting; the error code tells which.
    pub fn write(&self, parts: &[&[u8]]) -> bool {
        match self {
            Self::None | Self::Stream(_) => false,
            Self::Conn(conn) => write_conn(conn, parts),
            Self::Remote(id) => order(Kind::Send, *id, &parts.concat()),
            Self::Socket(socket) => socket.write(parts),
        }
    }

    pub fn send_file(&self, file: File, offset: u64, length: usize) -> bool {
        match self {
            Self::None | Self::Stream(_) => false,
            Self::Conn(conn) => told(conn.send_file(file, offset, length)),
            Self::Remote(id) => order_file(*id, &file, offset, length),
            Self::Socket(socket) => socket.send_file(file, offset, length),
        }
    }

    pub fn is_open(&self) -> bool {
        match self {
            Self::None => false,
            Self::Conn(conn) => conn.is_open(),
            Self::Remote(id) => exists(*id),
            Self::Socket(socket) => socket.is_open(),
            Self::Stream(stream) => stream.is_open(),
        }
    }

    pub fn close(&self) -> bool {
        match self {
            Self::None => false,
            Self::Conn(conn) => conn.close(),
            Self::Remote(id) => order(Kind::Close, *id, &[]),
            Self::Socket(socket) => socket.close(),
            Self::Stream(stream) => stream.close_connection(),
        }
    }

    /// The response is out, and the connection goes on with the next request or closes.
    pub fn finished(&self, keep_alive: bool) {
        match self {
            Self::None | Self::Stream(_) => {}
            Self::Conn(conn) => {
                if keep_alive {
                    if let Some(http) = conn.protocol_as::<Http1>() {
                        http.answered(conn);
                    }
                } else {
                    conn.close();
                }
            }
            Self::Remote(id) if !keep_alive => {
                order(Kind::Close, *id, &[]);
            }
            Self::Remote(_) => {}
            Self::Socket(socket) => socket.finished(keep_alive),
        }
    }
}

/// Sends an order to the process that has the connection.
fn order(kind: Kind, id: i64, payload: &[u8]) -> bool {
    let sent = running().is_some_and(|server| forward(&server, kind, id, 0, payload));
    if !sent {
        set_last(Code::SESSION_NOT_EXIST);
    }
    sent
}

/// Sends a file's bytes piece by piece: the descriptor is this process's own.
fn order_file(id: i64, file: &File, mut offset: u64, mut length: usize) -> bool {
    const PIECE: usize = 256 * 1024;
    let mut piece = vec![0; length.min(PIECE)];
    while length > 0 {
        let bytes = &mut piece[..length.min(PIECE)];
        if file.read_exact_at(bytes, offset).is_err() || !order(Kind::Send, id, bytes) {
            return false;
        }
        offset += bytes.len() as u64;
        length -= bytes.len();
    }
    true
}

/// Whether some process of the server has that connection.
pub fn exists(id: i64) -> bool {
    running().and_then(|server| server.shared().map(|shared| shared.find(id).is_some_and(|slot| !slot.has(flag::CLOSING))))
        == Some(true)
}

fn told(result: Result<(), SendError>) -> bool {
    match result {
        Ok(()) => return true,
        Err(SendError::Closed) => set_last(Code::SESSION_CLOSED),
        Err(SendError::Gone) => set_last(Code::SESSION_NOT_EXIST),
        Err(SendError::ClosedByPeer) => set_last(Code::SESSION_CLOSED_BY_CLIENT),
        Err(SendError::Full) => set_last(Code::OUTPUT_BUFFER_OVERFLOW),
    }
    false
}

const PARTS: usize = 4;

/// Sends on a server's connection; a full queue is waited for in a coroutine, unless `send_yield` is off.
pub fn write_conn(conn: &Rc<Conn>, parts: &[&[u8]]) -> bool {
    let mut slices = [IoSlice::new(&[]); PARTS];
    for (slice, part) in slices.iter_mut().zip(parts) {
        *slice = IoSlice::new(part);
    }
    let slices = &slices[..parts.len().min(PARTS)];
    if let Some(settings) = worker().map(crate::server::Worker::settings)
        && settings.mode == crate::server::Mode::Process
        && let length = parts.iter().map(|part| part.len()).sum::<usize>()
        && length > settings.output_buffer_size
    {
        let limit = settings.output_buffer_size;
        crate::log::warning(
            "Response::end",
            Some(Code::DATA_LENGTH_TOO_LARGE.0),
            &format!("{length} bytes are more than output_buffer_size ({limit}); use sendfile(), write() or a larger limit"),
        );
        set_last(Code::DATA_LENGTH_TOO_LARGE);
        return false;
    }
    loop {
        match conn.write_parts(slices) {
            Err(SendError::Full) => {
                let Some(settings) = worker().map(crate::server::Worker::settings).filter(|settings| settings.send_yield) else {
                    return told(Err(SendError::Full));
                };
                let timeout = (settings.send_timeout > 0.0).then(|| Duration::from_secs_f64(settings.send_timeout));
                if !conn.wait_drained(timeout) {
                    let outcome = if conn.is_open() { SendError::Full } else { SendError::Closed };
                    return told(Err(outcome));
                }
            }
            other => return told(other),
        }
    }
}
