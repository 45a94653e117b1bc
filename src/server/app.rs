//! What the process machine asks of the language above it.

use std::rc::Rc;

use super::{Conn, Datagram, Head, Port, Protocol};

/// Who ended a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closer {
    Peer,
    Us,
}

/// The script's side: its callbacks. All methods run on the worker's own thread and may run user code.
pub trait App {
    /// A new connection's protocol. The TLS handshake, if any, is done.
    fn protocol(&self, conn: &Rc<Conn>) -> Rc<dyn Protocol>;
    fn connected(&self, conn: &Rc<Conn>);
    /// A packet of a port without a protocol of its own.
    fn received(&self, conn: &Rc<Conn>, data: &[u8]);
    fn packet(&self, port: &Rc<Port>, from: &Datagram, data: &[u8]);
    fn closed(&self, conn: &Rc<Conn>, by: Closer);
    /// The write queue passed the high watermark.
    fn buffer_full(&self, conn: &Rc<Conn>);
    /// … and fell below the low one.
    fn buffer_empty(&self, conn: &Rc<Conn>);
    /// A message from another process that is not about a connection.
    fn message(&self, head: &Head, payload: &[u8]);
    /// Whether somebody here waits for an answer by message: then the successor must not get it.
    fn awaits(&self) -> bool;
    /// A line for the log.
    fn log(&self, level: Level, message: &str);
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Notice,
    Warning,
    Error,
}
