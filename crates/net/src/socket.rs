//! A socket for coroutines: every operation that would block suspends instead.

mod read;
mod write;

use std::cell::{Cell, RefCell};
use std::io;
use std::os::fd::RawFd;
use std::time::{Duration, Instant};

use coroutine::{CoId, WaitFd};
use protocol::framing::Framer;
use reactor::Interest;

use crate::address::Address;
use crate::tls::{self, Session};

/// An error number of errno(3), or one of Swoole's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Errno(pub i32);

impl Errno {
    pub fn last() -> Self {
        Self(io::Error::last_os_error().raw_os_error().unwrap_or(libc::EIO))
    }
}

/// Why an operation failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    Errno(Errno),
    /// Another coroutine is in the middle of the same kind of operation.
    Busy(Interest, CoId),
}

impl Fault {
    /// The error's number: EBUSY where another coroutine is in the way.
    pub fn code(self) -> i32 {
        match self {
            Fault::Errno(Errno(code)) => code,
            Fault::Busy(..) => libc::EBUSY,
        }
    }
}

impl From<Errno> for Fault {
    fn from(errno: Errno) -> Self {
        Fault::Errno(errno)
    }
}

fn fault(code: i32) -> Fault {
    Fault::Errno(Errno(code))
}

pub type Result<T> = std::result::Result<T, Fault>;

/// Swoole's code for a failed TLS handshake or record (SWOOLE_ERROR_SSL_…).
pub const ERROR_SSL_BAD_PROTOCOL: i32 = 1016;
/// SWOOLE_ERROR_PACKAGE_LENGTH_TOO_LARGE, …_NOT_FOUND, PACKAGE_MALFORMED_DATA.
pub const ERROR_PACKAGE_TOO_LARGE: i32 = 1201;
pub const ERROR_PACKAGE_NOT_FOUND: i32 = 1202;
pub const ERROR_PACKAGE_MALFORMED: i32 = 1204;
/// SWOOLE_ERROR_CO_SOCKET_CLOSE_WAIT
pub const ERROR_CLOSE_WAIT: i32 = 10019;

/// Time-outs of one socket; `None` waits for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Timeouts {
    pub dns: Option<Duration>,
    pub connect: Option<Duration>,
    pub read: Option<Duration>,
    pub write: Option<Duration>,
}

thread_local! {
    static DEFAULTS: Cell<Timeouts> = const {
        Cell::new(Timeouts {
            dns: Some(Duration::from_secs(60)),
            connect: Some(Duration::from_secs(2)),
            read: None,
            write: None,
        })
    };
}

/// The time-outs that new sockets start with (`Coroutine::set(['socket_…_timeout' => …])`).
pub fn default_timeouts() -> Timeouts {
    DEFAULTS.get()
}

pub fn set_default_timeouts(timeouts: Timeouts) {
    DEFAULTS.set(timeouts);
}

/// A point in time after which an operation has failed.
pub type Deadline = Option<Instant>;

pub fn deadline(timeout: Option<Duration>) -> Deadline {
    timeout.and_then(|timeout| Instant::now().checked_add(timeout))
}

/// One socket. Shared by reference among coroutines of one thread: one may read while one writes.
pub struct Socket {
    fd: Cell<RawFd>,
    domain: i32,
    kind: i32,
    protocol: i32,
    pub timeouts: Cell<Timeouts>,
    /// Who waits to read, to write; 0 when nobody.
    reader: Cell<CoId>,
    writer: Cell<CoId>,
    tls: RefCell<Option<Box<Tls>>>,
    tls_error: RefCell<String>,
    /// Bytes read past what was asked for: of packets, lines, buffered reads.
    buffer: RefCell<Vec<u8>>,
    framer: RefCell<Option<Framer>>,
    connected: Cell<bool>,
    /// Directions that were shut down: reading, writing.
    ended: Cell<(bool, bool)>,
    /// Hung up while others were in the middle of something.
    hung_up: Cell<bool>,
}

struct Tls {
    session: Session,
    /// Ciphertext the kernel has not taken yet.
    output: Vec<u8>,
    sent: usize,
}

impl Socket {
    /// A non-blocking, close-on-exec socket.
    ///
    /// # Errors
    /// socket(2).
    pub fn new(domain: i32, kind: i32, protocol: i32) -> std::result::Result<Self, Errno> {
        // SAFETY: no pointers.
        let fd = unsafe { libc::socket(domain, kind | libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC, protocol) };
        if fd < 0 {
            return Err(Errno::last());
        }
        Ok(Self::adopt(fd, domain, kind, protocol))
    }

    /// Takes over an fd, which becomes non-blocking.
    pub fn from_fd(fd: RawFd, domain: i32, kind: i32, protocol: i32) -> Self {
        // SAFETY: no pointers; a failure shows at the first operation.
        unsafe {
            let flags = libc::fcntl(fd, libc::F_GETFL);
            libc::fcntl(fd, libc::F_SETFL, flags | libc::O_NONBLOCK);
        }
        let socket = Self::adopt(fd, domain, kind, protocol);
        // One of a pair, or a stream's: it may have its peer already.
        socket.connected.set(Address::peer(fd).is_ok());
        socket
    }

    fn adopt(fd: RawFd, domain: i32, kind: i32, protocol: i32) -> Self {
        Self {
            fd: Cell::new(fd),
            domain,
            kind,
            protocol,
            timeouts: Cell::new(default_timeouts()),
            reader: Cell::new(0),
            writer: Cell::new(0),
            tls: RefCell::new(None),
            tls_error: RefCell::default(),
            buffer: RefCell::new(Vec::new()),
            framer: RefCell::new(None),
            connected: Cell::new(false),
            ended: Cell::new((false, false)),
            hung_up: Cell::new(false),
        }
    }

    /// −1 once closed.
    pub fn fd(&self) -> RawFd {
        self.fd.get()
    }

    pub fn domain(&self) -> i32 {
        self.domain
    }

    pub fn kind(&self) -> i32 {
        self.kind
    }

    pub fn protocol(&self) -> i32 {
        self.protocol
    }

    pub fn is_closed(&self) -> bool {
        self.fd.get() < 0
    }

    pub fn is_connected(&self) -> bool {
        self.connected.get()
    }

    pub fn is_tls(&self) -> bool {
        self.tls.borrow().is_some()
    }

    /// The coroutine bound to reading (or writing) right now; 0 when none.
    pub fn bound(&self, interest: Interest) -> CoId {
        if interest.contains(Interest::READ) { self.reader.get() } else { self.writer.get() }
    }

    /// How the stream is cut into packets; `None` for raw reads.
    pub fn set_framer(&self, framer: Option<Framer>) {
        *self.framer.borrow_mut() = framer;
    }

    pub fn has_framer(&self) -> bool {
        self.framer.borrow().is_some()
    }

    // ---- waiting ------------------------------------------------------------------------------

    /// Checks that no other coroutine is in the middle of such an operation.
    ///
    /// # Errors
    /// [`Fault::Busy`]; EBADF when closed; [`ERROR_CLOSE_WAIT`] after [`Socket::hang_up`].
    pub fn available(&self, interest: Interest) -> Result<()> {
        if self.fd.get() < 0 {
            return Err(fault(libc::EBADF));
        }
        if self.hung_up.get() {
            return Err(fault(ERROR_CLOSE_WAIT));
        }
        for (direction, holder) in [(Interest::READ, &self.reader), (Interest::WRITE, &self.writer)] {
            if interest.contains(direction) && holder.get() != 0 {
                return Err(Fault::Busy(direction, holder.get()));
            }
        }
        Ok(())
    }

    /// Suspends until the socket is readable or writable.
    ///
    /// # Errors
    /// ETIMEDOUT, ECANCELED, ECONNRESET when it was closed meanwhile.
    pub fn wait(&self, interest: Interest, until: Deadline) -> Result<()> {
        let fd = self.fd.get();
        if fd < 0 {
            return Err(fault(libc::EBADF));
        }
        let left = match until {
            None => None,
            Some(until) => match until.checked_duration_since(Instant::now()) {
                Some(left) if !left.is_zero() => Some(left),
                _ => return Err(fault(libc::ETIMEDOUT)),
            },
        };
        if !coroutine::in_coroutine() {
            return self.wait_blocking(fd, interest, left);
        }
        let me = coroutine::current().unwrap_or(0);
        let holder = if interest.contains(Interest::READ) { &self.reader } else { &self.writer };
        holder.set(me);
        let outcome = coroutine::wait_fd(fd, interest, left);
        holder.set(0);
        match outcome {
            WaitFd::Ready(_) | WaitFd::NotPollable => Ok(()),
            WaitFd::Timeout => Err(fault(libc::ETIMEDOUT)),
            WaitFd::Canceled => Err(fault(libc::ECANCELED)),
            WaitFd::Closed => Err(fault(libc::ECONNRESET)),
            WaitFd::Busy(holder) => Err(Fault::Busy(interest, holder)),
            WaitFd::Error(error) => Err(fault(error.raw_os_error().unwrap_or(libc::EIO))),
        }
    }

    /// The same for callers outside coroutines, by poll(2).
    fn wait_blocking(&self, fd: RawFd, interest: Interest, left: Option<Duration>) -> Result<()> {
        let events = if interest.contains(Interest::READ) { libc::POLLIN } else { libc::POLLOUT };
        let mut poll = libc::pollfd { fd, events, revents: 0 };
        let timeout = left.map_or(-1, |left| i32::try_from(left.as_millis().max(1)).unwrap_or(i32::MAX));
        // SAFETY: one pollfd.
        match unsafe { libc::poll(&mut poll, 1, timeout) } {
            0 => Err(fault(libc::ETIMEDOUT)),
            n if n > 0 => Ok(()),
            _ => match Errno::last().0 {
                // The caller tries again, and waits for what is left of the time.
                libc::EINTR => Ok(()),
                code => Err(fault(code)),
            },
        }
    }

    /// Repeats a system call until it does not block any more.
    fn retry(&self, interest: Interest, until: Deadline, mut call: impl FnMut(RawFd) -> isize) -> Result<usize> {
        loop {
            let fd = self.fd.get();
            if fd < 0 {
                return Err(fault(libc::EBADF));
            }
            let n = call(fd);
            if n >= 0 {
                return Ok(n as usize);
            }
            match Errno::last().0 {
                libc::EINTR => {}
                libc::EAGAIN => self.wait(interest, until)?,
                code => return Err(fault(code)),
            }
        }
    }

    // ---- connecting ---------------------------------------------------------------------------

    /// # Errors
    /// bind(2).
    pub fn bind(&self, address: &Address) -> Result<()> {
        // SAFETY: the address is as long as it says.
        self.check(unsafe { libc::bind(self.fd.get(), address.as_ptr(), address.len()) })
    }

    /// # Errors
    /// listen(2).
    pub fn listen(&self, backlog: i32) -> Result<()> {
        // SAFETY: no pointers.
        self.check(unsafe { libc::listen(self.fd.get(), backlog) })
    }

    fn check(&self, result: i32) -> Result<()> {
        if result == 0 { Ok(()) } else { Err(Errno::last().into()) }
    }

    /// Connects; suspends until that has succeeded or failed.
    ///
    /// # Errors
    /// connect(2), ETIMEDOUT, ECANCELED.
    pub fn connect(&self, address: &Address, until: Deadline) -> Result<()> {
        self.available(Interest::READ.union(Interest::WRITE))?;
        // SAFETY: the address is as long as it says.
        let result = unsafe { libc::connect(self.fd.get(), address.as_ptr(), address.len()) };
        if result != 0 {
            match Errno::last().0 {
                libc::EINPROGRESS | libc::EINTR => {}
                // A unix socket whose backlog is full cannot be waited for: EAGAIN is its answer.
                code => return Err(fault(code)),
            }
            self.wait(Interest::WRITE, until)?;
            let code = self.pending_error()?;
            if code != 0 {
                return Err(fault(code));
            }
        }
        self.connected.set(true);
        Ok(())
    }

    /// Takes SO_ERROR.
    ///
    /// # Errors
    /// getsockopt(2).
    pub fn pending_error(&self) -> Result<i32> {
        let (mut code, mut length) = (0i32, size_of::<i32>() as libc::socklen_t);
        // SAFETY: one int and its length.
        let result =
            unsafe { libc::getsockopt(self.fd.get(), libc::SOL_SOCKET, libc::SO_ERROR, (&raw mut code).cast(), &mut length) };
        self.check(result).map(|()| code)
    }

    /// Waits for a connection.
    ///
    /// # Errors
    /// accept4(2), ETIMEDOUT, ECANCELED.
    pub fn accept(&self, until: Deadline) -> Result<Socket> {
        self.available(Interest::READ)?;
        let fd = self.retry(Interest::READ, until, |fd| {
            let flags = libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
            // SAFETY: no address is asked for.
            unsafe { libc::accept4(fd, std::ptr::null_mut(), std::ptr::null_mut(), flags) as isize }
        })?;
        let socket = Self::adopt(fd as RawFd, self.domain, self.kind, self.protocol);
        socket.timeouts.set(self.timeouts.get());
        socket.connected.set(true);
        Ok(socket)
    }

    /// Whether the peer is still there, as far as the kernel knows.
    ///
    /// # Errors
    /// What a read would give: ECONNRESET when the peer has closed.
    pub fn check_liveness(&self) -> Result<()> {
        if self.fd.get() < 0 {
            return Err(fault(libc::EBADF));
        }
        if !self.buffer.borrow().is_empty() {
            return Ok(());
        }
        let mut byte = 0u8;
        // SAFETY: one byte.
        let n = unsafe { libc::recv(self.fd.get(), (&raw mut byte).cast(), 1, libc::MSG_PEEK | libc::MSG_DONTWAIT) };
        match n {
            0 => Err(fault(libc::ECONNRESET)),
            n if n > 0 => Ok(()),
            _ => match Errno::last().0 {
                libc::EAGAIN | libc::EINTR => Ok(()),
                code => Err(fault(code)),
            },
        }
    }

    /// Ends one direction or both; ending what has ended already is an error.
    ///
    /// # Errors
    /// shutdown(2); ENOTCONN when there is nothing left to end.
    pub fn shutdown(&self, how: i32) -> Result<()> {
        if self.fd.get() < 0 {
            return Err(fault(libc::EBADF));
        }
        let (read, write) = self.ended.get();
        if !self.connected.get() || (how == libc::SHUT_RD && read) || (how == libc::SHUT_WR && write) {
            return Err(fault(libc::ENOTCONN));
        }
        if how != libc::SHUT_RD {
            self.say_goodbye();
        }
        // SAFETY: no pointers.
        let mut result = self.check(unsafe { libc::shutdown(self.fd.get(), how) });
        let mut how = how;
        if result == Err(fault(libc::ENOTCONN)) {
            // The peer has reset the connection: both directions are over.
            (how, result) = (libc::SHUT_RDWR, Ok(()));
        }
        result?;
        let ended = (read || how != libc::SHUT_WR, write || how != libc::SHUT_RD);
        self.ended.set(ended);
        if ended == (true, true) {
            self.connected.set(false);
        }
        Ok(())
    }

    fn say_goodbye(&self) {
        if let Some(tls) = self.tls.borrow_mut().as_mut() {
            tls.session.shutdown();
            let bytes = tls.session.take_output();
            // Best effort: a full buffer does not hold up a close.
            // SAFETY: the bytes are ours.
            unsafe { libc::send(self.fd.get(), bytes.as_ptr().cast(), bytes.len(), libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL) };
        }
    }

    /// Closes; whoever waits on it wakes with ECONNRESET. False when it was closed already.
    pub fn close(&self) -> bool {
        let fd = self.fd.get();
        if fd < 0 {
            return false;
        }
        self.say_goodbye();
        self.fd.set(-1);
        self.connected.set(false);
        if let Some(engine) = coroutine::engine() {
            engine.closing(fd);
        }
        // SAFETY: our fd, closed once.
        unsafe { libc::close(fd) == 0 }
    }

    /// Ends the connection of a socket that others still wait for, and must not find closed under their feet. Nothing
    /// can be done with it any more but close it.
    pub fn hang_up(&self) {
        let _ = self.shutdown(libc::SHUT_RDWR);
        self.connected.set(false);
        self.hung_up.set(true);
    }

    /// Gives the fd away without closing it.
    pub fn release(&self) -> RawFd {
        self.connected.set(false);
        self.fd.replace(-1)
    }

    // ---- TLS ----------------------------------------------------------------------------------

    /// Puts a TLS session between us and the socket and shakes hands.
    ///
    /// # Errors
    /// [`ERROR_SSL_BAD_PROTOCOL`] when the handshake failed, ECONNRESET when the peer left, or a wait's.
    pub fn handshake(&self, session: Session, until: Deadline) -> Result<()> {
        *self.tls.borrow_mut() = Some(Box::new(Tls { session, output: Vec::new(), sent: 0 }));
        loop {
            let step = self.with_tls(|tls| tls.session.handshake());
            self.flush_tls(until)?;
            match step {
                tls::Step::Done(()) => return Ok(()),
                tls::Step::NeedInput => {
                    let again = self.session(Session::retransmit_after).flatten().map(|wait| Instant::now() + wait);
                    let soonest = again.filter(|again| until.is_none_or(|until| *again < until));
                    match self.fill_tls(soonest.or(until)) {
                        Ok(true) => {}
                        Ok(false) => return Err(fault(libc::ECONNRESET)),
                        // Nothing came: of DTLS, our last flight may have been lost.
                        Err(Fault::Errno(Errno(libc::ETIMEDOUT))) if soonest.is_some() => {
                            if self.with_tls(|tls| tls::Step::Done(tls.session.retransmit())) == tls::Step::Done(false) {
                                return Err(fault(libc::ETIMEDOUT));
                            }
                        }
                        Err(fault) => return Err(fault),
                    }
                }
                tls::Step::Closed => return Err(fault(libc::ECONNRESET)),
                tls::Step::Failed(text) => {
                    *self.tls_error.borrow_mut() = text;
                    return Err(fault(ERROR_SSL_BAD_PROTOCOL));
                }
            }
        }
    }

    /// What OpenSSL said about the handshake that failed; empty when none did.
    pub fn tls_error(&self) -> String {
        self.tls_error.borrow().clone()
    }

    /// Looks at the TLS session, if there is one.
    pub fn session<T>(&self, look: impl FnOnce(&Session) -> T) -> Option<T> {
        self.tls.borrow().as_ref().map(|tls| look(&tls.session))
    }

    fn with_tls<T>(&self, work: impl FnOnce(&mut Tls) -> tls::Step<T>) -> tls::Step<T> {
        match self.tls.borrow_mut().as_mut() {
            Some(tls) => work(tls),
            None => tls::Step::Closed,
        }
    }

    /// Sends the ciphertext that is due. When another coroutine is at it, that one sends all.
    fn flush_tls(&self, until: Deadline) -> Result<()> {
        loop {
            let sent = {
                let mut tls = self.tls.borrow_mut();
                let Some(tls) = tls.as_mut() else { return Ok(()) };
                if tls.session.has_output() {
                    let more = tls.session.take_output();
                    tls.output.extend_from_slice(&more);
                }
                let mut left = &tls.output[tls.sent..];
                if tls.session.is_datagram() {
                    left = tls::dtls::datagrams(left).next().unwrap_or_default();
                }
                if left.is_empty() {
                    tls.output.clear();
                    tls.sent = 0;
                    return Ok(());
                }
                // SAFETY: the bytes are ours.
                let n = unsafe {
                    libc::send(self.fd.get(), left.as_ptr().cast(), left.len(), libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL)
                };
                if n >= 0 {
                    tls.sent += n as usize;
                }
                n
            };
            if sent < 0 {
                match Errno::last().0 {
                    libc::EINTR => {}
                    libc::EAGAIN if self.writer.get() != 0 => return Ok(()),
                    libc::EAGAIN => self.wait(Interest::WRITE, until)?,
                    code => return Err(fault(code)),
                }
            }
        }
    }

    /// Reads ciphertext; false at the end of the stream.
    fn fill_tls(&self, until: Deadline) -> Result<bool> {
        let mut bytes = [0u8; tls::dtls::MAX_DATAGRAM];
        let n = self.retry(Interest::READ, until, |fd| {
            // SAFETY: the buffer is as long as it says.
            unsafe { libc::recv(fd, bytes.as_mut_ptr().cast(), bytes.len(), libc::MSG_DONTWAIT) }
        })?;
        if let Some(tls) = self.tls.borrow_mut().as_mut() {
            if tls.session.is_datagram() {
                tls.session.feed(&bytes[..n]);
                return Ok(true);
            }
            if n == 0 {
                tls.session.feed_eof();
            } else {
                tls.session.feed(&bytes[..n]);
            }
        }
        Ok(n > 0)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.close();
    }
}
