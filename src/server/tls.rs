//! Where TLS hooks into a connection: sans-IO, so that a socket and a ring are served alike.

use std::io;
use std::os::fd::RawFd;
use std::time::Duration;

use super::Address;

/// A port's certificates and rules; replaced as a whole when the server reloads.
pub trait TlsContext {
    /// The server side of a new connection.
    ///
    /// # Errors
    /// No memory, or a context that cannot be used.
    fn accept(&self, peer: &Address) -> io::Result<Box<dyn Tls>>;
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

    /// Whether records travel in datagrams (DTLS).
    fn is_datagram(&self) -> bool;

    /// After how long without an answer [`Tls::retransmit`] is due; DTLS handshakes only.
    fn retransmit_after(&self) -> Option<Duration>;

    /// Sends the last flight again. False: the peer is given up.
    fn retransmit(&mut self, wire: &mut Vec<u8>) -> bool;

    /// OpenSSL's verdict on the peer's certificate: 0 is good, else an X509_V_ERR_* code with its text.
    fn verdict(&self) -> (i32, &'static str);

    /// Says close_notify.
    fn close(&mut self, wire: &mut Vec<u8>);

    fn is_handshaken(&self) -> bool;

    fn alpn(&self) -> Option<Vec<u8>>;

    /// The peer's certificate in PEM, when it showed one.
    fn peer_certificate(&self) -> Option<Vec<u8>>;
}

impl TlsContext for net::tls::Context {
    fn accept(&self, peer: &Address) -> io::Result<Box<dyn Tls>> {
        Ok(Box::new(Session(session(self, peer)?)))
    }
}

/// A session for a client at `peer`.
///
/// # Errors
/// OpenSSL has no memory.
pub fn session(context: &net::tls::Context, peer: &Address) -> io::Result<net::tls::Session> {
    let session = if context.is_datagram() {
        net::tls::Session::server_of(context, &peer.to_bytes())
    } else {
        net::tls::Session::server(context)
    };
    session.map_err(io::Error::other)
}

/// Sends what a DTLS session wrote; what the kernel has no room for is lost, as any datagram may be.
pub fn send_datagrams(fd: RawFd, wire: &[u8]) {
    for datagram in net::tls::dtls::datagrams(wire) {
        let _ = super::socket::send(fd, datagram);
    }
}

/// A DTLS handshake that takes longer is given up.
pub const HANDSHAKE: Duration = Duration::from_secs(10);

/// SWOOLE_ERROR_SSL_VERIFY_FAILED.
const SSL_VERIFY_FAILED: i32 = 1014;
/// X509_V_OK of X509_verify_cert(3).
const VERIFIED: i32 = 0;
/// SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE of sslerr.h.
const NO_CERTIFICATE: i64 = 199;

/// Tells the log of a client whose handshake failed; `verdict` is OpenSSL's on its certificate.
pub fn tell_bad_client(address: &Address, fd: RawFd, verdict: (i32, &str), error: &io::Error) {
    let text = error.to_string();
    if verdict.0 != VERIFIED {
        crate::log::with_code(
            crate::log::Level::Notice as i32,
            "Socket::ssl_verify",
            Some(SSL_VERIFY_FAILED),
            &format!("can not verify peer from fd#{fd} with error#{}: {}", verdict.0, verdict.1),
        );
    } else if reason_of(&text) != NO_CERTIFICATE {
        crate::log::put(crate::log::Level::Warning as i32, bad_client(address, &text).as_bytes());
    }
}

/// The line for the log about a client whose handshake failed.
pub fn bad_client(address: &Address, text: &str) -> String {
    format!(
        "Socket::ssl_accept(): bad SSL client[{}:{}], reason={}, error_string={text}",
        address.host(),
        address.port(),
        reason_of(text)
    )
}

/// OpenSSL's text carries its number: `error:0A00009C:SSL routines:…`.
fn reason_of(text: &str) -> i64 {
    text.split(':').nth(1).and_then(|number| i64::from_str_radix(number.trim(), 16).ok()).map_or(0, |code| code & 0x7f_ffff)
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

    fn is_datagram(&self) -> bool {
        self.0.is_datagram()
    }

    fn retransmit_after(&self) -> Option<Duration> {
        self.0.retransmit_after()
    }

    fn retransmit(&mut self, wire: &mut Vec<u8>) -> bool {
        let alive = self.0.retransmit();
        wire.append(&mut self.0.take_output());
        alive
    }

    fn verdict(&self) -> (i32, &'static str) {
        self.0.verify_result()
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
