//! Messages between the processes of a server: each has an inbox, a socket pair made before the first fork.
//!
//! What is short goes inline in one datagram; what is long goes in a memory file whose descriptor travels in
//! its place, so that a message is one datagram whatever its size, and is never seen in part.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io::{self, IoSlice, IoSliceMut};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::rc::Rc;
use std::time::{Duration, Instant};

use coroutine::{Source, SourceId, engine};
use nix::sys::socket::{
    AddressFamily, ControlMessage, ControlMessageOwned, MsgFlags, SockFlag, SockType, recvmsg, sendmsg, setsockopt, socketpair,
    sockopt,
};
use reactor::{Interest, Readiness};

/// Longest payload that travels inline.
pub const INLINE: usize = 32 * 1024;
/// Bytes that one process keeps for receivers whose inbox is full.
const BACKLOG: usize = 256 * 1024 * 1024;
/// Room of an inbox; a message, however long, takes no more than [`INLINE`] of it.
const LEAST_ROOM: usize = 128 * 1024;
const MOST_ROOM: usize = 8 * 1024 * 1024;
/// How long a process without a loop waits for room.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// `sendMessage`.
    Pipe = 1,
    Task,
    Finish,
    /// Bytes for a connection of the receiver.
    Send,
    /// A file's path for a connection of the receiver.
    SendFile,
    Close,
    /// The receiver is to end.
    Stop,
    Command,
    CommandReply,
    Pause,
    Resume,
    /// A worker serves no more: its successor may start. For the manager.
    Leaving,
    /// Certificates are to be read anew. For the master.
    Renew,
}

impl Kind {
    fn from_number(number: u8) -> Option<Self> {
        [
            Self::Pipe,
            Self::Task,
            Self::Finish,
            Self::Send,
            Self::SendFile,
            Self::Close,
            Self::Stop,
            Self::Command,
            Self::CommandReply,
            Self::Pause,
            Self::Resume,
            Self::Leaving,
            Self::Renew,
        ]
        .into_iter()
        .find(|kind| *kind as u8 == number)
    }
}

/// In the flags of [`Kind::Close`]: by a reset, dropping what is queued.
pub const CLOSE_RESET: u8 = 1;
/// … and: the sender has told the Close event itself.
pub const CLOSE_TOLD: u8 = 2;

/// What stands before a payload.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    pub kind: Kind,
    /// Meaning by kind.
    pub flags: u8,
    pub from: u16,
    /// The inbox that the answer goes to; 0: that of `from`.
    pub reply: u16,
    pub id: i64,
    pub extra: i64,
    /// Seconds since 1970.
    pub time: f64,
}

/// Bytes of an encoded head.
pub const HEAD: usize = 40;
/// In the flags' upper byte: the payload is in the attached file.
const IN_FILE: u8 = 1;
/// … or in a file of the task folder, whose name stands in its place.
pub const IN_FOLDER: u8 = 2;

impl Head {
    pub fn new(kind: Kind, from: usize) -> Self {
        Self { kind, flags: 0, from: from as u16, reply: 0, id: 0, extra: 0, time: 0.0 }
    }

    /// As bytes; `carrier` says where the payload is.
    pub fn encode(&self, carrier: u8, length: usize) -> [u8; HEAD] {
        let mut bytes = [0; HEAD];
        bytes[0] = self.kind as u8;
        bytes[1] = self.flags;
        bytes[2] = carrier;
        bytes[4..6].copy_from_slice(&self.from.to_ne_bytes());
        bytes[6..8].copy_from_slice(&self.reply.to_ne_bytes());
        bytes[8..16].copy_from_slice(&self.id.to_ne_bytes());
        bytes[16..24].copy_from_slice(&self.extra.to_ne_bytes());
        bytes[24..32].copy_from_slice(&self.time.to_ne_bytes());
        bytes[32..40].copy_from_slice(&(length as u64).to_ne_bytes());
        bytes
    }

    /// What [`Head::encode`] wrote: the head, the carrier, the payload's length.
    pub fn decode(bytes: &[u8]) -> Option<(Self, u8, usize)> {
        let word = |at: usize| bytes.get(at..at + 8)?.try_into().ok().map(u64::from_ne_bytes);
        let head = Self {
            kind: Kind::from_number(*bytes.first()?)?,
            flags: *bytes.get(1)?,
            from: u16::from_ne_bytes(bytes.get(4..6)?.try_into().ok()?),
            reply: u16::from_ne_bytes(bytes.get(6..8)?.try_into().ok()?),
            id: word(8)? as i64,
            extra: word(16)? as i64,
            time: f64::from_bits(word(24)?),
        };
        Some((head, bytes[2], word(32)? as usize))
    }
}

struct Inbox {
    read: OwnedFd,
    write: OwnedFd,
}

/// The inboxes of all processes.
pub struct Bus {
    inboxes: Vec<Inbox>,
    queues: RefCell<Vec<VecDeque<(Head, Vec<u8>)>>>,
    flushers: RefCell<Vec<Option<SourceId>>>,
    backlog: Cell<usize>,
    buffer: RefCell<Vec<u8>>,
}

/// Why a message was not taken.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    #[error("the receiver's inbox is full")]
    Full,
    #[error("no such process")]
    NoReceiver,
    #[error(transparent)]
    Os(#[from] io::Error),
}

impl Bus {
    /// An inbox for each of `count` processes, with room for so many bytes.
    ///
    /// # Errors
    /// socketpair(2).
    pub fn new(count: usize, room: usize) -> io::Result<Self> {
        let mut inboxes = Vec::with_capacity(count);
        let room = room.clamp(LEAST_ROOM, MOST_ROOM);
        for _ in 0..count {
            let (read, write) =
                socketpair(AddressFamily::Unix, SockType::Datagram, None, SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK)?;
            if setsockopt(&write, sockopt::SndBufForce, &room).is_err() {
                let _ = setsockopt(&write, sockopt::SndBuf, &room);
            }
            inboxes.push(Inbox { read, write });
        }
        Ok(Self {
            queues: RefCell::new((0..count).map(|_| VecDeque::new()).collect()),
            flushers: RefCell::new(vec![None; count]),
            inboxes,
            backlog: Cell::new(0),
            buffer: RefCell::new(vec![0; INLINE + HEAD]),
        })
    }

    /// The descriptor that becomes readable when a message has come for `own`.
    pub fn inbox(&self, own: usize) -> Option<RawFd> {
        Some(self.inboxes.get(own)?.read.as_raw_fd())
    }

    /// In a forked child: what the parent had queued is the parent's to send.
    pub fn after_fork(&self) {
        for queue in self.queues.borrow_mut().iter_mut() {
            queue.clear();
        }
        self.flushers.borrow_mut().fill(None);
        self.backlog.set(0);
    }

    /// Sends. With a loop in this process a full inbox only delays; without one, it blocks for a while.
    ///
    /// # Errors
    /// [`BusError`].
    pub fn send(self: &Rc<Self>, to: usize, head: &Head, payload: &[u8]) -> Result<(), BusError> {
        let waiting = match self.queues.borrow().get(to) {
            None => return Err(BusError::NoReceiver),
            Some(queue) => !queue.is_empty(),
        };
        if !waiting {
            match self.try_send(to, head, payload) {
                Ok(()) => return Ok(()),
                Err(error) if would_block(&error) => {}
                Err(error) => return Err(error.into()),
            }
        }
        if engine().is_some_and(|engine| engine.is_looping()) {
            return self.queue(to, head, payload);
        }
        self.send_within(to, head, payload, Some(PATIENCE))
    }

    /// Sends, and blocks the process while the inbox is full; none: for ever.
    ///
    /// # Errors
    /// [`BusError`].
    pub fn send_within(&self, to: usize, head: &Head, payload: &[u8], patience: Option<Duration>) -> Result<(), BusError> {
        if to >= self.inboxes.len() {
            return Err(BusError::NoReceiver);
        }
        let deadline = patience.and_then(|patience| Instant::now().checked_add(patience));
        loop {
            // What was queued before goes first.
            self.flush(to);
            if self.queues.borrow()[to].is_empty() {
                match self.try_send(to, head, payload) {
                    Err(error) if would_block(&error) => {}
                    other => return Ok(other?),
                }
            }
            if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                return Err(BusError::Full);
            }
            let left = deadline.map_or(Duration::MAX, |deadline| deadline.saturating_duration_since(Instant::now()));
            self.poll(to, left.min(Duration::from_millis(200)));
        }
    }

    fn queue(self: &Rc<Self>, to: usize, head: &Head, payload: &[u8]) -> Result<(), BusError> {
        if self.backlog.get() + payload.len() > BACKLOG {
            return Err(BusError::Full);
        }
        self.backlog.set(self.backlog.get() + payload.len() + HEAD);
        self.queues.borrow_mut()[to].push_back((*head, payload.to_vec()));
        if self.flushers.borrow()[to].is_none()
            && let Some(engine) = engine()
        {
            let fd = self.inboxes[to].write.as_raw_fd();
            let source = Rc::new(Flusher { bus: Rc::clone(self), to });
            if let Ok(id) = engine.add_source(fd, Interest::WRITE, source) {
                self.flushers.borrow_mut()[to] = Some(id);
            }
        }
        Ok(())
    }

    fn flush(&self, to: usize) {
        loop {
            let next = self.queues.borrow_mut()[to].pop_front();
            let Some((head, payload)) = next else { break };
            match self.try_send(to, &head, &payload) {
                Err(error) if would_block(&error) => {
                    self.queues.borrow_mut()[to].push_front((head, payload));
                    return;
                }
                _ => self.backlog.set(self.backlog.get().saturating_sub(payload.len() + HEAD)),
            }
        }
        let source = self.flushers.borrow_mut()[to].take();
        if let (Some(id), Some(engine)) = (source, engine()) {
            engine.remove_source(self.inboxes[to].write.as_raw_fd(), id);
        }
    }

    /// Before the process ends: what is queued is sent, within a moment.
    pub fn drain(&self) {
        let deadline = Instant::now() + Duration::from_secs(2);
        for to in 0..self.inboxes.len() {
            while !self.queues.borrow()[to].is_empty() && Instant::now() < deadline {
                self.poll(to, Duration::from_millis(50));
                self.flush(to);
            }
        }
    }

    fn poll(&self, to: usize, time: Duration) {
        use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
        use std::os::fd::AsFd;
        let mut fds = [PollFd::new(self.inboxes[to].write.as_fd(), PollFlags::POLLOUT)];
        let _ = poll(&mut fds, PollTimeout::try_from(time).unwrap_or(PollTimeout::ZERO));
    }

    fn try_send(&self, to: usize, head: &Head, payload: &[u8]) -> io::Result<()> {
        let fd = self.inboxes[to].write.as_raw_fd();
        let flags = MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_NOSIGNAL;
        if payload.len() <= INLINE {
            let head = head.encode(0, payload.len());
            let parts = [IoSlice::new(&head), IoSlice::new(payload)];
            return super::socket::send_parts(fd, &parts).map(drop);
        }
        let file = memory_file(payload)?;
        let head = head.encode(IN_FILE, payload.len());
        sendmsg::<()>(fd, &[IoSlice::new(&head)], &[ControlMessage::ScmRights(&[file.as_raw_fd()])], flags, None)?;
        Ok(())
    }

    /// The next message for `own`, handed to `deal`; false when there is none.
    pub fn receive(&self, own: usize, deal: impl FnOnce(&Head, &[u8])) -> bool {
        self.inbox(own).is_some_and(|fd| receive_from(fd, &self.buffer, deal))
    }

    /// Waits for a message, without the loop.
    pub fn wait(&self, own: usize, time: Duration) -> bool {
        use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
        use std::os::fd::AsFd;
        let Some(inbox) = self.inboxes.get(own) else { return false };
        let mut fds = [PollFd::new(inbox.read.as_fd(), PollFlags::POLLIN)];
        poll(&mut fds, PollTimeout::try_from(time).unwrap_or(PollTimeout::MAX)).is_ok_and(|ready| ready > 0)
    }
}

/// The next message of an inbox, read into `shared` (which a nested call finds empty, and replaces).
pub fn receive_from(fd: RawFd, shared: &RefCell<Vec<u8>>, deal: impl FnOnce(&Head, &[u8])) -> bool {
    let mut buffer = shared.take();
    if buffer.len() < INLINE + HEAD {
        buffer = vec![0; INLINE + HEAD];
    }
    let mut space = nix::cmsg_space!([RawFd; 1]);
    let received = {
        let mut parts = [IoSliceMut::new(&mut buffer)];
        match recvmsg::<()>(fd, &mut parts, Some(&mut space), MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_CMSG_CLOEXEC) {
            Ok(message) => {
                let mut file = None;
                for control in message.cmsgs().into_iter().flatten() {
                    if let ControlMessageOwned::ScmRights(fds) = control {
                        for raw in fds {
                            // SAFETY: the kernel has just made this descriptor for us.
                            file = Some(std::fs::File::from(unsafe { OwnedFd::from_raw_fd(raw) }));
                        }
                    }
                }
                Some((message.bytes, file))
            }
            Err(_) => None,
        }
    };
    let Some((bytes, file)) = received else {
        *shared.borrow_mut() = buffer;
        return false;
    };
    if let Some((head, carrier, length)) = Head::decode(&buffer[..bytes]) {
        match file.filter(|_| carrier == IN_FILE) {
            // The kernel drops what it has no descriptor for.
            None if carrier == IN_FILE => crate::log::warning(
                "Bus::receive",
                Some(libc::EMFILE),
                &format!("a message of {length} bytes is lost: this process has no descriptor left for it"),
            ),
            Some(file) => {
                use std::os::unix::fs::FileExt;
                let mut payload = vec![0; length];
                if file.read_exact_at(&mut payload, 0).is_ok() {
                    deal(&head, &payload);
                }
            }
            None => deal(&head, &buffer[HEAD..bytes]),
        }
    }
    *shared.borrow_mut() = buffer;
    true
}

fn would_block(error: &io::Error) -> bool {
    super::socket::would_block(error)
}

/// A sealed-off file in memory with these bytes.
fn memory_file(bytes: &[u8]) -> io::Result<std::fs::File> {
    use std::io::Write;
    // SAFETY: a static name (memfd_create(2)); the descriptor is ours.
    let fd = unsafe { libc::memfd_create(c"swoole-message".as_ptr(), libc::MFD_CLOEXEC) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: just made.
    let mut file = std::fs::File::from(unsafe { OwnedFd::from_raw_fd(fd) });
    file.write_all(bytes)?;
    Ok(file)
}

/// Sends what is queued for one receiver, when it has room.
struct Flusher {
    bus: Rc<Bus>,
    to: usize,
}

impl Source for Flusher {
    fn ready(&self, _fd: RawFd, _ready: Readiness) {
        self.bus.flush(self.to);
    }
}
