//! Becoming a daemon.

use std::io;

use super::{Forked, fork};

/// Goes on in a child of a session of its own; the parent ends at once with status 0.
///
/// # Errors
/// When there is no child, no session, or no /dev/null.
pub fn daemonize(change_dir: bool, close_output: bool) -> io::Result<()> {
    if let Forked::Parent { .. } = fork()? {
        // SAFETY: ends the process without running what the child will run.
        unsafe { libc::_exit(0) };
    }
    // SAFETY: system calls on constants and static strings.
    unsafe {
        if libc::setsid() < 0 || change_dir && libc::chdir(c"/".as_ptr()) < 0 {
            return Err(io::Error::last_os_error());
        }
        if close_output {
            let null = libc::open(c"/dev/null".as_ptr(), libc::O_RDWR);
            if null < 0 {
                return Err(io::Error::last_os_error());
            }
            for standard in 0..=2 {
                libc::dup2(null, standard);
            }
            if null > 2 {
                libc::close(null);
            }
        }
    }
    Ok(())
}
