//! Where TLS hooks into a connection: sans-IO, so that a socket and a ring are served alike.

use std::io;

/// A port's certificates and rules; replaced as a whole when the server reloads.
pub trait TlsContext {
    /// The server side of a new connection.
    ///
    /// # Errors
    /// No memory, or a context that cannot be used.
    fn accept(&self) -> io::Result<Box<dyn Tls>>;
}

/// One connection's TLS session.
pub trait Tls {
    /// Takes bytes off the wire: appends what they decrypt to, and what must be sent in answer.
    /// `Ok(false)`: the peer said close_notify.
    ///
    /// # Errors
    /// The session failed; what is in `wire` (an alert) is still to be sent.
    fn receive(&mut self, bytes: &[u8], plain: &mut Vec<u8>, wire: &mut Vec<u8>) -> io::Result<bool>;

    /// Encrypts.
    ///
    /// # Errors
    /// The session failed, or its handshake is not done.
    fn send(&mut self, plain: &[u8], wire: &mut Vec<u8>) -> io::Result<()>;

    /// Says close_notify.
    fn close(&mut self, wire: &mut Vec<u8>);

    fn is_handshaken(&self) -> bool;

    fn alpn(&self) -> Option<Vec<u8>>;

    /// The peer's certificate in PEM, when it showed one.
    fn peer_certificate(&self) -> Option<Vec<u8>>;
}
