//! The file lock: a POSIX record lock (`fcntl(2)`), which the kernel frees when its owner ends.

use std::ffi::CString;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::path::Path;
use std::time::Duration;

use super::{LockError, Mode, Patience};

/// A lock on a file, or on an unnamed one that relatives inherit.
///
/// It belongs to the process, so that a child competes with its parent on the same descriptor;
/// two threads of one process do not exclude each other, and only the holder can unlock.
#[derive(Debug)]
pub struct FileLock {
    file: OwnedFd,
}

impl FileLock {
    /// Locks this file from now on, which is created if it is not there; without a path, an
    /// unnamed file in memory.
    ///
    /// # Errors
    /// [`LockError::Os`] with the errno of `open(2)`.
    pub fn new(path: Option<&Path>) -> Result<FileLock, LockError> {
        let fd = match path {
            Some(path) => {
                let path = CString::new(path.as_os_str().as_encoded_bytes()).map_err(|_| LockError::Os(libc::EINVAL))?;
                // SAFETY: a NUL-terminated path, flags and a mode.
                unsafe { libc::open(path.as_ptr(), libc::O_RDWR | libc::O_CREAT | libc::O_CLOEXEC, 0o644) }
            }
            // SAFETY: a static C string and a flag.
            None => unsafe { libc::memfd_create(c"swoole-filelock".as_ptr(), libc::MFD_CLOEXEC) },
        };
        if fd < 0 {
            return Err(last_error());
        }
        // SAFETY: a descriptor that was just opened and belongs to nobody else.
        Ok(FileLock { file: unsafe { OwnedFd::from_raw_fd(fd) } })
    }

    /// Takes the lock; whoever holds it shared may make it exclusive and back.
    ///
    /// # Errors
    /// [`LockError::Busy`], [`LockError::TimedOut`] or the errno of `fcntl(2)`.
    pub fn lock(&self, mode: Mode, patience: Patience) -> Result<(), LockError> {
        let kind = match mode {
            Mode::Shared => libc::F_RDLCK,
            Mode::Exclusive => libc::F_WRLCK,
        };
        let mut nap = Duration::from_micros(50);
        loop {
            let command = if patience == Patience::Forever { libc::F_SETLKW } else { libc::F_SETLK };
            match self.set(command, kind) {
                Ok(()) => return Ok(()),
                Err(LockError::Os(libc::EAGAIN | libc::EACCES)) => {
                    // fcntl has no time-out of its own.
                    std::thread::sleep(patience.slice(nap)?);
                    nap = (nap * 2).min(Duration::from_millis(5));
                }
                Err(LockError::Os(libc::EINTR)) => {}
                Err(LockError::Os(libc::EDEADLK)) => return Err(LockError::Deadlock),
                Err(error) => return Err(error),
            }
        }
    }

    /// Frees what this process holds.
    ///
    /// # Errors
    /// The errno of `fcntl(2)`.
    pub fn unlock(&self) -> Result<(), LockError> {
        self.set(libc::F_SETLK, libc::F_UNLCK)
    }

    fn set(&self, command: libc::c_int, kind: libc::c_int) -> Result<(), LockError> {
        // SAFETY: flock is plain data, for which all-zero bytes are a value (the whole file).
        let mut range: libc::flock = unsafe { std::mem::zeroed() };
        range.l_type = kind as libc::c_short;
        range.l_whence = libc::SEEK_SET as libc::c_short;
        // SAFETY: an open descriptor and a live flock struct.
        if unsafe { libc::fcntl(self.file.as_raw_fd(), command, &range) } == 0 { Ok(()) } else { Err(last_error()) }
    }
}

fn last_error() -> LockError {
    LockError::Os(std::io::Error::last_os_error().raw_os_error().unwrap_or(libc::EIO))
}
