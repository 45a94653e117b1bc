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

impl TlsContext for net::tls::Context {
    fn accept(&self) -> io::Result<Box<dyn Tls>> {
        Ok(Box::new(Session(net::tls::Session::server(self).map_err(io::Error::other)?)))
    }
}

/// The line for the log about a client whose handshake failed.
pub fn bad_client(address: &super::Address, text: &str) -> String {
    // OpenSSL's text carries its number: `error:0A00009C:SSL routines:…`.
    let reason = text.split(':').nth(1).and_then(|number| i64::from_str_radix(number.trim(), 16).ok()).map_or(0, |code| code & 0x7f_ffff);
    format!(
        "Socket::ssl_accept(): bad SSL client[{}:{}], reason={reason}, error_string={text}",
        address.host(),
        address.port()
    )
}

/// OpenSSL's session behind our trait.
struct Session(net::tls::Session);

/// Feeds a session what came off the wire. `Ok(false)`: the peer said goodbye.
///
/// # Errors
/// The session failed; what is in `wire` (an alert) is still to be sent.
pub fn receive(session: &mut net::tls::Session, bytes: &[u8], plain: &mut Vec<u8>, wire: &mut Vec<u8>) -> io::Result<bool> {
    use net::tls::Step;
    session.feed(bytes);
    if !session.is_established() {
        let outcome = session.handshake();
        wire.append(&mut session.take_output());
        match outcome {
            Step::Done(()) => {}
            Step::NeedInput => return Ok(true),
            Step::Closed => return Ok(false),
            Step::Failed(text) => return Err(io::Error::other(text)),
        }
    }
    let mut buffer = [0; 16 * 1024];
    let alive = loop {
        match session.read(&mut buffer) {
            Step::Done(got) => plain.extend_from_slice(&buffer[..got]),
            Step::NeedInput => break Ok(true),
            Step::Closed => break Ok(false),
            Step::Failed(text) => break Err(io::Error::other(text)),
        }
    };
    // Key updates and the like.
    wire.append(&mut session.take_output());
    alive
}

impl Tls for Session {
    fn receive(&mut self, bytes: &[u8], plain: &mut Vec<u8>, wire: &mut Vec<u8>) -> io::Result<bool> {
        receive(&mut self.0, bytes, plain, wire)
    }

    fn send(&mut self, plain: &[u8], wire: &mut Vec<u8>) -> io::Result<()> {
        let outcome = self.0.write(plain);
        wire.append(&mut self.0.take_output());
        match outcome {
            net::tls::Step::Done(()) => Ok(()),
            _ => Err(io::Error::from(io::ErrorKind::BrokenPipe)),
        }
    }

    fn close(&mut self, wire: &mut Vec<u8>) {
        self.0.shutdown();
        wire.append(&mut self.0.take_output());
    }

    fn is_handshaken(&self) -> bool {
        self.0.is_established()
    }

    fn alpn(&self) -> Option<Vec<u8>> {
        self.0.alpn()
    }

    fn peer_certificate(&self) -> Option<Vec<u8>> {
        self.0.peer_pem()
    }
}
