//! Child processes and what ties them to their parents. Knows neither PHP nor the loop.

pub mod daemon;
pub mod pipe;
pub mod queue;

use std::io;

/// What fork(2) gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forked {
    Parent { child: i32 },
    Child,
}

/// fork(2). The child must let go of everything that belongs to its parent's loop.
///
/// # Errors
/// No process, or no memory for one.
pub fn fork() -> io::Result<Forked> {
    // SAFETY: the caller's process has no threads that hold what the child needs: ours block all signals,
    // and forking after the pool has begun is refused.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => Ok(Forked::Child),
        child => Ok(Forked::Parent { child }),
    }
}

/// Whether a process of that id is there and ours to signal.
pub fn exists(pid: i32) -> bool {
    // SAFETY: signal 0 only checks (kill(2)).
    pid > 0 && unsafe { libc::kill(pid, 0) } == 0
}

/// Replaces this process by another program, which starts with no signal blocked.
///
/// # Errors
/// execve(2)'s; on success it does not return.
pub fn exec(file: &std::ffi::CStr, arguments: &[std::ffi::CString]) -> io::Error {
    let mut list: Vec<*const libc::c_char> = vec![file.as_ptr()];
    list.extend(arguments.iter().map(|argument| argument.as_ptr()));
    list.push(std::ptr::null());
    // SAFETY: plain sets, filled by the calls; C strings that outlive the call, ended by a null.
    unsafe {
        let mut none: libc::sigset_t = std::mem::zeroed();
        let mut before: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &none, &mut before);
        libc::execv(file.as_ptr(), list.as_ptr());
        let error = io::Error::last_os_error();
        libc::sigprocmask(libc::SIG_SETMASK, &before, std::ptr::null_mut());
        error
    }
}

/// Binds this process to some processors.
///
/// # Errors
/// sched_setaffinity(2)'s.
pub fn set_affinity(cpus: &[usize]) -> io::Result<()> {
    // SAFETY: a plain set; CPU_SET checks its bounds.
    unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        for cpu in cpus {
            libc::CPU_SET(*cpu, &mut set);
        }
        if libc::sched_setaffinity(0, size_of_val(&set), &set) != 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}

/// The processors this process may run on.
///
/// # Errors
/// sched_getaffinity(2)'s.
pub fn affinity() -> io::Result<Vec<usize>> {
    // SAFETY: as above.
    unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        if libc::sched_getaffinity(0, size_of_val(&set), &mut set) != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok((0..libc::CPU_SETSIZE as usize).filter(|cpu| libc::CPU_ISSET(*cpu, &set)).collect())
    }
}
