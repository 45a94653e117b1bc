//! Forking helpers for the tests of shared state.
#![allow(dead_code)]

/// Runs `body` in a child that leaves without the harness's destructors; 0 from it is success.
pub fn spawn(body: impl FnOnce() -> i32) -> i32 {
    // SAFETY: the child only runs the body, on the one thread that it has.
    match unsafe { libc::fork() } {
        0 => {
            // A test that fails leaves nobody behind: the child dies with the thread that forked it.
            // SAFETY: no pointers.
            unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
            let code = std::panic::catch_unwind(std::panic::AssertUnwindSafe(body)).unwrap_or(101);
            // SAFETY: ends the child at once.
            unsafe { libc::_exit(code) }
        }
        -1 => panic!("fork: {}", std::io::Error::last_os_error()),
        pid => pid,
    }
}

/// Waits for a child; its raw status.
pub fn wait(pid: i32) -> i32 {
    let mut status = -1;
    // SAFETY: a child of ours and a live integer.
    assert_eq!(unsafe { libc::waitpid(pid, &mut status, 0) }, pid);
    status
}

/// Kills a child with SIGKILL and waits until it is gone.
pub fn kill(pid: i32) {
    // SAFETY: a child of ours that has not been waited for.
    assert_eq!(unsafe { libc::kill(pid, libc::SIGKILL) }, 0);
    wait(pid);
}

/// xorshift64*: enough chance for a test.
pub struct Chance(pub u64);

impl Chance {
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % n
    }
}
