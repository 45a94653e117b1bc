use std::io;

/// Why a descriptor could not be registered.
#[derive(Debug, thiserror::Error)]
pub enum WaitError {
    /// Another waiter holds this direction (or another source holds the descriptor).
    #[error("the descriptor is already waited for by {0}")]
    Busy(u64),
    /// epoll refuses this kind of file (`EPERM`: regular file, directory); reads never block on it.
    #[error("the descriptor cannot be polled")]
    NotPollable,
    #[error(transparent)]
    Os(#[from] io::Error),
}

impl WaitError {
    pub(crate) fn from_os(error: io::Error) -> Self {
        match error.raw_os_error() {
            Some(libc::EPERM) => Self::NotPollable,
            _ => Self::Os(error),
        }
    }

    /// The errno to report for it.
    pub fn errno(&self) -> i32 {
        match self {
            Self::Busy(_) => libc::EBUSY,
            Self::NotPollable => libc::EPERM,
            Self::Os(error) => error.raw_os_error().unwrap_or(libc::EIO),
        }
    }
}
