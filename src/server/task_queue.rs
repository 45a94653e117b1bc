//! Tasks by a System V message queue (`task_ipc_mode` 2 and 3): with `message_queue_key` the kernel keeps what no
//! task worker has taken, past the server's end, and other programs may add to it.
//!
//! A queue has no descriptor to wait for, so each task worker has a thread that waits in msgrcv(2). It takes a
//! message only when the worker asks for one: what is in the queue belongs to whoever is free first, and
//! survives the worker.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::thread::JoinHandleExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::bus::{HEAD, Head, IN_FOLDER, PATIENCE};
use super::lanes::{hush, ring_bell};
use crate::process::queue::{MESSAGE_MAX, Queue};

/// What the names of task files begin with.
const PREFIX: &str = "swoole.task.";
/// Where files go when nobody says otherwise.
pub const FOLDER: &str = "/tmp";
/// The kernel's usual limit of a message (`kernel.msgmax`): what a program outside the server may count on.
const USUAL_LIMIT: usize = 8192;
/// Bytes that a queue of our own may hold, where we are allowed to say so.
const CAPACITY: u64 = 4 * 1024 * 1024;
/// Between two looks at a full queue.
const PAUSE: Duration = Duration::from_millis(2);

/// Why a task did not get into the queue.
#[derive(Debug, thiserror::Error)]
pub enum TaskQueueError {
    #[error("the message queue is full")]
    Full,
    #[error("cannot write the task file in {folder}: {error}")]
    File { folder: String, error: io::Error },
    #[error(transparent)]
    Queue(#[from] io::Error),
}

/// The queue of a server.
pub struct TaskQueue {
    queue: Queue,
    private: bool,
    /// Any worker takes any task (mode 3).
    any: bool,
    folder: PathBuf,
    /// Longest message.
    limit: usize,
    /// Marks what this run of the server has sent, and counts.
    run: i64,
}

impl TaskQueue {
    /// Opens the queue of a key, or makes it; 0 makes one that ends with the server.
    ///
    /// # Errors
    /// msgget(2)'s.
    pub fn open(key: i64, any: bool, folder: &str, run: i64) -> io::Result<Self> {
        let queue = Queue::open_with(key as i32, false, 0o600)?;
        let private = key as i32 == libc::IPC_PRIVATE;
        if private {
            // Past `kernel.msgmnb` only with a privilege; without it the queue is a short one.
            let _ = queue.set_capacity(CAPACITY);
        }
        let limit = kernel_limit().min(queue.capacity().unwrap_or(USUAL_LIMIT)).min(MESSAGE_MAX);
        Ok(Self { queue, private, any, folder: PathBuf::from(folder), limit, run: run.max(1) })
    }

    /// The mark of this run in [`Head::extra`].
    pub fn run(&self) -> i64 {
        self.run
    }

    /// Messages and bytes in the queue.
    pub fn stat(&self) -> Option<(u64, u64)> {
        self.queue.stat().ok().map(|stat| (stat.messages, stat.bytes))
    }

    /// Sends a task to the worker at `place`. While the queue is full `pause` is called, for a while.
    ///
    /// # Errors
    /// [`TaskQueueError`]; a task file that was written is removed.
    pub fn push(&self, place: usize, head: &Head, payload: &[u8], pause: impl Fn(Duration)) -> Result<(), TaskQueueError> {
        let (message, file) = encode(head, payload, self.limit, &self.folder)?;
        let deadline = Instant::now() + PATIENCE;
        let outcome = loop {
            match self.queue.push(place as i64 + 1, &message) {
                Err(error) if error.raw_os_error() == Some(libc::EAGAIN) && Instant::now() < deadline => pause(PAUSE),
                Err(error) if error.raw_os_error() == Some(libc::EAGAIN) => break Err(TaskQueueError::Full),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other.map_err(TaskQueueError::Queue),
            }
        };
        if let (Err(_), Some(path)) = (&outcome, file) {
            let _ = std::fs::remove_file(path);
        }
        outcome
    }

    /// The task in a message, its file read and removed. None: it is no task of ours, or its file is gone.
    pub fn decode(&self, message: &[u8]) -> Option<(Head, Vec<u8>)> {
        decode(message, &self.folder)
    }

    /// Removes the queue from the kernel, unless it is to outlive the server.
    pub fn end(&self) {
        if self.private {
            let _ = self.queue.destroy();
        }
    }
}

fn kernel_limit() -> usize {
    let text = std::fs::read_to_string("/proc/sys/kernel/msgmax").unwrap_or_default();
    text.trim().parse().unwrap_or(USUAL_LIMIT)
}

/// A task as a message for any server; what is long goes into a file in `folder`.
///
/// # Errors
/// The file cannot be written.
pub fn pack(head: &Head, payload: &[u8], folder: &Path) -> Result<Vec<u8>, TaskQueueError> {
    encode(head, payload, USUAL_LIMIT, folder).map(|(message, _)| message)
}

fn encode(head: &Head, payload: &[u8], limit: usize, folder: &Path) -> Result<(Vec<u8>, Option<PathBuf>), TaskQueueError> {
    if HEAD + payload.len() <= limit {
        let mut message = head.encode(0, payload.len()).to_vec();
        message.extend_from_slice(payload);
        return Ok((message, None));
    }
    let path =
        write_file(folder, payload).map_err(|error| TaskQueueError::File { folder: folder.display().to_string(), error })?;
    let mut message = head.encode(IN_FOLDER, payload.len()).to_vec();
    if let Some(name) = path.file_name() {
        message.extend_from_slice(name.as_encoded_bytes());
    }
    Ok((message, Some(path)))
}

/// As [`TaskQueue::decode`], with the files in `folder`.
pub fn decode(message: &[u8], folder: &Path) -> Option<(Head, Vec<u8>)> {
    let (head, carrier, length) = Head::decode(message)?;
    let rest = message.get(HEAD..)?;
    match carrier {
        0 => Some((head, rest.get(..length)?.to_vec())),
        IN_FOLDER => {
            // A name, never a path: who may write to the queue must not reach other files.
            let name = std::str::from_utf8(rest).ok().filter(|name| name.starts_with(PREFIX) && !name.contains('/'))?;
            let path = folder.join(name);
            let bytes = read_file(&path, length);
            let _ = std::fs::remove_file(&path);
            Some((head, bytes.ok()?))
        }
        _ => None,
    }
}

fn read_file(path: &Path, length: usize) -> io::Result<Vec<u8>> {
    let bytes = {
        use std::io::Read;
        let mut bytes = Vec::new();
        let file = OpenOptions::new().read(true).custom_flags(libc::O_NOFOLLOW).open(path)?;
        file.take(length as u64 + 1).read_to_end(&mut bytes)?;
        bytes
    };
    if bytes.len() == length { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

/// A new file with these bytes; none is left where they do not fit.
fn write_file(folder: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
    let mut template = folder.join(format!("{PREFIX}XXXXXX")).into_os_string().into_encoded_bytes();
    template.push(0);
    // SAFETY: a text that ends with a zero and with six X before it, changed in place (mkostemp(3)).
    let fd = unsafe { libc::mkostemp(template.as_mut_ptr().cast(), libc::O_CLOEXEC) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    template.pop();
    // SAFETY: the bytes of a path, of which six letters were exchanged.
    let path = PathBuf::from(unsafe { std::ffi::OsString::from_encoded_bytes_unchecked(template) });
    // SAFETY: just made.
    let mut file = File::from(unsafe { OwnedFd::from_raw_fd(fd) });
    match file.write_all(bytes) {
        Ok(()) => Ok(path),
        Err(error) => {
            let _ = std::fs::remove_file(&path);
            Err(error)
        }
    }
}

/// Interrupts the thread's wait; nobody else in a task worker uses it, and by default it does nothing.
const WAKE: i32 = libc::SIGURG;

#[derive(Default)]
struct Talk {
    wanted: bool,
    got: Option<Vec<u8>>,
    stop: bool,
    ended: bool,
}

struct Shared {
    talk: Mutex<Talk>,
    turn: Condvar,
    bell: OwnedFd,
}

impl Shared {
    fn talk(&self) -> MutexGuard<'_, Talk> {
        self.talk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A task worker's way to the queue: one message at a time, on demand.
pub struct Taker {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

extern "C" fn nothing(_signo: i32) {}

impl Taker {
    /// Begins to wait for the first message of the worker at `place`.
    ///
    /// # Errors
    /// No thread, no eventfd.
    pub fn start(queue: &TaskQueue, place: usize) -> io::Result<Self> {
        let talk = Mutex::new(Talk { wanted: true, ..Talk::default() });
        let shared = Arc::new(Shared { talk, turn: Condvar::new(), bell: super::lanes::bell()? });
        // SAFETY: a handler that does nothing; without SA_RESTART msgrcv(2) returns (sigaction(2)).
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = nothing as *const () as usize;
            libc::sigaction(WAKE, &action, std::ptr::null_mut());
        }
        let kind = if queue.any { 0 } else { place as i64 + 1 };
        let (theirs, queue) = (Arc::clone(&shared), Queue::of_id(queue.queue.id()));
        let thread = std::thread::Builder::new().name("tasks".to_owned()).spawn(move || {
            let mut blocked = nix::sys::signal::SigSet::all();
            blocked.remove(nix::sys::signal::Signal::SIGURG);
            let _ = blocked.thread_set_mask();
            take(&theirs, &queue, kind);
            theirs.talk().ended = true;
            theirs.turn.notify_all();
        })?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Readable when a message was taken.
    pub fn bell(&self) -> RawFd {
        self.shared.bell.as_raw_fd()
    }

    /// The message that was taken.
    pub fn message(&self) -> Option<Vec<u8>> {
        hush(self.bell());
        self.shared.talk().got.take()
    }

    /// Asks for the next one.
    pub fn want(&self) {
        self.shared.talk().wanted = true;
        self.shared.turn.notify_all();
    }

    /// Takes no more; the message that was taken in the last moment.
    pub fn stop(&mut self) -> Option<Vec<u8>> {
        let thread = self.thread.take()?;
        let mut talk = self.shared.talk();
        talk.stop = true;
        self.shared.turn.notify_all();
        while !talk.ended {
            // SAFETY: the thread was not joined yet (pthread_kill(3)).
            unsafe { libc::pthread_kill(thread.as_pthread_t(), WAKE) };
            // Again and again: the signal may come just before the wait.
            talk = self.shared.turn.wait_timeout(talk, PAUSE).unwrap_or_else(PoisonError::into_inner).0;
        }
        let late = talk.got.take();
        drop(talk);
        let _ = thread.join();
        late
    }
}

fn take(shared: &Shared, queue: &Queue, kind: i64) {
    loop {
        let mut talk = shared.talk();
        while !talk.wanted && !talk.stop {
            talk = shared.turn.wait(talk).unwrap_or_else(PoisonError::into_inner);
        }
        if talk.stop {
            return;
        }
        drop(talk);
        match queue.pop(kind, MESSAGE_MAX) {
            Ok(message) => {
                let mut talk = shared.talk();
                talk.wanted = false;
                talk.got = Some(message);
                drop(talk);
                ring_bell(shared.bell.as_raw_fd());
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                let text = format!("msgrcv({}) failed, Error: {error}: no more tasks come to this worker", queue.id());
                crate::log::warning("Worker::wait_for_tasks", error.raw_os_error(), &text);
                return;
            }
        }
    }
}
