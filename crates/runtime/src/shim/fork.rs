//! fork inside a coroutine: only to exec.

use crate::engine::{current, pass_through};

pub unsafe extern "C" fn fork() -> libc::pid_t {
    let inside = current().is_some();
    // SAFETY: no arguments; the caller bears what fork means for it.
    let pid = unsafe { libc::fork() };
    if pid == 0 && inside {
        // The child shares the parent's epoll: its close() and dup2() before exec must not
        // unregister the parent's fds.
        pass_through();
    }
    pid
}
