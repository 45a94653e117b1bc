//! System V message queues (sysvipc(7)).

use std::io;

/// Longest message, in bytes.
pub const MESSAGE_MAX: usize = 65_536;

/// A queue of the kernel, which outlives the process until [`Queue::destroy`].
pub struct Queue {
    id: i32,
    wait: bool,
}

#[repr(C)]
struct Message {
    kind: libc::c_long,
    data: [u8; MESSAGE_MAX],
}

/// What a queue holds.
pub struct Stat {
    pub messages: u64,
    pub bytes: u64,
}

impl Queue {
    /// Opens the queue of a key, or makes it.
    ///
    /// # Errors
    /// msgget(2)'s.
    pub fn open(key: i32, wait: bool) -> io::Result<Self> {
        Self::open_with(key, wait, 0o666)
    }

    /// As [`Queue::open`]; a queue that is made gets these permissions.
    ///
    /// # Errors
    /// msgget(2)'s.
    pub fn open_with(key: i32, wait: bool, mode: i32) -> io::Result<Self> {
        // SAFETY: a system call on numbers.
        match unsafe { libc::msgget(key, libc::IPC_CREAT | mode) } {
            -1 => Err(io::Error::last_os_error()),
            id => Ok(Self { id, wait }),
        }
    }

    /// A queue that is open already.
    pub fn of_id(id: i32) -> Self {
        Self { id, wait: true }
    }

    pub fn id(&self) -> i32 {
        self.id
    }

    fn stat_raw(&self) -> io::Result<libc::msqid_ds> {
        // SAFETY: a plain struct, filled by msgctl(2).
        unsafe {
            let mut stat: libc::msqid_ds = std::mem::zeroed();
            if libc::msgctl(self.id, libc::IPC_STAT, &mut stat) != 0 {
                return Err(io::Error::last_os_error());
            }
            Ok(stat)
        }
    }

    /// # Errors
    /// msgctl(2)'s.
    pub fn stat(&self) -> io::Result<Stat> {
        // How wide these are depends on the architecture.
        #[allow(clippy::unnecessary_cast)]
        self.stat_raw().map(|stat| Stat { messages: stat.msg_qnum as u64, bytes: stat.__msg_cbytes as u64 })
    }

    /// Bytes that the queue may hold.
    ///
    /// # Errors
    /// msgctl(2)'s.
    pub fn capacity(&self) -> io::Result<usize> {
        // How wide this is depends on the architecture.
        #[allow(clippy::unnecessary_cast)]
        self.stat_raw().map(|stat| stat.msg_qbytes as usize)
    }

    /// Sets that.
    ///
    /// # Errors
    /// msgctl(2)'s: more than the system allows needs a privilege.
    pub fn set_capacity(&self, bytes: u64) -> io::Result<()> {
        let mut stat = self.stat_raw()?;
        stat.msg_qbytes = bytes as _;
        // SAFETY: as above.
        if unsafe { libc::msgctl(self.id, libc::IPC_SET, &mut stat) } == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }

    /// Removes the queue from the system.
    ///
    /// # Errors
    /// msgctl(2)'s.
    pub fn destroy(&self) -> io::Result<()> {
        // SAFETY: IPC_RMID takes no buffer.
        if unsafe { libc::msgctl(self.id, libc::IPC_RMID, std::ptr::null_mut()) } == 0 {
            Ok(())
        } else {
            Err(io::Error::last_os_error())
        }
    }

    fn flags(&self) -> i32 {
        if self.wait { 0 } else { libc::IPC_NOWAIT }
    }

    /// Sends a message of a kind above 0.
    ///
    /// # Errors
    /// `EAGAIN` when the queue is full and must not be waited for; msgsnd(2)'s.
    pub fn push(&self, kind: i64, data: &[u8]) -> io::Result<()> {
        if data.len() > MESSAGE_MAX {
            return Err(io::Error::from_raw_os_error(libc::E2BIG));
        }
        let mut message = Box::new(Message { kind, data: [0; MESSAGE_MAX] });
        message.data[..data.len()].copy_from_slice(data);
        // SAFETY: a message of at least that many bytes behind its kind.
        if unsafe { libc::msgsnd(self.id, (&raw const *message).cast(), data.len(), self.flags()) } == 0 {
            Ok(())
        } else {
            Err(io::Error::last_os_error())
        }
    }

    /// Takes the first message of a kind; of any kind with 0.
    ///
    /// # Errors
    /// `ENOMSG` when there is none and it must not be waited for; msgrcv(2)'s.
    pub fn pop(&self, kind: i64, size: usize) -> io::Result<Vec<u8>> {
        let mut message = Box::new(Message { kind: 0, data: [0; MESSAGE_MAX] });
        let size = size.min(MESSAGE_MAX);
        // SAFETY: room for that many bytes behind the kind.
        let bytes = unsafe { libc::msgrcv(self.id, (&raw mut *message).cast(), size, kind, self.flags()) };
        if bytes < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(message.data[..bytes as usize].to_vec())
    }
}
