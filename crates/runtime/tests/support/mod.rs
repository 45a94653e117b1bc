//! A fixture library built by the C compiler, and an engine that writes down what it is asked.

#![allow(dead_code)]

use std::cell::{Cell, RefCell};
use std::ffi::{CStr, CString, c_void};
use std::os::fd::RawFd;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use runtime::{Engine, HookFlags, Interest, Wait};

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
    static ID: Cell<i64> = const { Cell::new(1) };
    static LOG: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    /// What the world does while the coroutine is suspended.
    static MEANWHILE: RefCell<Vec<Box<dyn FnOnce() -> Option<Wait>>>> = const { RefCell::new(Vec::new()) };
}

pub struct Fake;
pub static FAKE: Fake = Fake;

fn note(what: String) {
    LOG.with(|l| l.borrow_mut().push(what));
}

fn meanwhile() -> Option<Wait> {
    let next = MEANWHILE.with(|m| {
        let mut m = m.borrow_mut();
        if m.is_empty() { None } else { Some(m.remove(0)) }
    });
    next.and_then(|f| f())
}

fn millis(timeout: Option<Duration>) -> i32 {
    timeout.map_or(-1, |t| t.as_millis().min(5000) as i32 + 1)
}

impl Engine for Fake {
    fn can_suspend(&self) -> bool {
        INSIDE.get()
    }
    fn wait_fd(&self, fd: RawFd, interest: Interest, timeout: Option<Duration>) -> Wait {
        note(format!("wait {interest:?}"));
        if let Some(end) = meanwhile() {
            return end;
        }
        let events = if interest == Interest::Read { libc::POLLIN } else { libc::POLLOUT };
        let mut p = libc::pollfd { fd, events, revents: 0 };
        match unsafe { libc::poll(&mut p, 1, millis(timeout)) } {
            0 => Wait::Timeout,
            _ => Wait::Ready,
        }
    }
    fn wait_fds(&self, fds: &mut [libc::pollfd], timeout: Option<Duration>) -> Wait {
        note(format!("wait {} fds", fds.len()));
        if let Some(end) = meanwhile() {
            return end;
        }
        match unsafe { libc::poll(fds.as_mut_ptr(), fds.len() as _, millis(timeout)) } {
            0 => Wait::Timeout,
            _ => Wait::Ready,
        }
    }
    fn sleep(&self, duration: Duration) -> Wait {
        note("sleep".into());
        if let Some(end) = meanwhile() {
            return end;
        }
        std::thread::sleep(duration);
        Wait::Timeout
    }
    fn blocking(&self, job: Box<dyn FnOnce() + Send>) -> bool {
        note("pool".into());
        let done = std::thread::spawn(job);
        meanwhile();
        done.join().is_ok()
    }
    fn closing(&self, fd: RawFd) {
        note(format!("closing {fd}"));
    }
    fn current_id(&self) -> i64 {
        if INSIDE.get() { ID.get() } else { -1 }
    }
    fn blocked(&self, call: &'static str) {
        note(format!("blocked {call}"));
    }
}

/// What the engine was asked since the last look.
pub fn log() -> Vec<String> {
    LOG.with(|l| std::mem::take(&mut *l.borrow_mut()))
}

/// Queues what happens at the next wait; `Some` ends that wait so.
pub fn then(f: impl FnOnce() -> Option<Wait> + 'static) {
    MEANWHILE.with(|m| m.borrow_mut().push(Box::new(f)));
}

pub fn as_coroutine(id: i64) {
    ID.set(id);
}

/// Runs `f` as if in a coroutine.
pub fn inside<T>(f: impl FnOnce() -> T) -> T {
    INSIDE.set(true);
    let r = f();
    INSIDE.set(false);
    r
}

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Hooks on, this thread the engine's; off again when dropped.
pub struct Hooked(#[allow(dead_code)] MutexGuard<'static, ()>);

pub fn hooked(flags: HookFlags) -> Hooked {
    let guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    runtime::attach(&FAKE);
    runtime::set_flags(flags);
    log();
    Hooked(guard)
}

impl Drop for Hooked {
    fn drop(&mut self) {
        INSIDE.set(false);
        runtime::set_flags(HookFlags::NONE);
        runtime::detach();
        MEANWHILE.with(|m| m.borrow_mut().clear());
        ID.set(1);
    }
}

pub fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()))
}

/// Compiles the fixture under a name of its own.
pub fn build(name: &str, flags: &[&str]) -> CString {
    let out = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{name}", std::process::id()));
    std::fs::create_dir_all(&out).unwrap();
    let out = out.join(name);
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/fixture.c");
    let status = Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&out).arg(source).args(flags).status().unwrap();
    assert!(status.success());
    CString::new(out.to_str().unwrap()).unwrap()
}

/// An open fixture.
pub struct Fixture(pub *mut c_void);

impl Fixture {
    pub fn open(file: &CStr) -> Self {
        let handle = unsafe { libc::dlopen(file.as_ptr(), libc::RTLD_LAZY | libc::RTLD_LOCAL) };
        assert!(!handle.is_null());
        Fixture(handle)
    }
    pub fn symbol(&self, name: &CStr) -> *mut c_void {
        let at = unsafe { libc::dlsym(self.0, name.as_ptr()) };
        assert!(!at.is_null(), "{name:?}");
        at
    }
    pub fn close(self) {
        assert_eq!(unsafe { libc::dlclose(self.0) }, 0);
    }
}

/// `call!(fixture, c"fx_read" => (i32, *mut u8, usize) -> isize; fd, p, n)`
#[macro_export]
macro_rules! call {
    ($fx:expr, $name:literal => ($($t:ty),*) -> $r:ty; $($a:expr),*) => {{
        let f: unsafe extern "C" fn($($t),*) -> $r = unsafe { std::mem::transmute($fx.symbol($name)) };
        unsafe { f($($a),*) }
    }};
}

pub fn errno() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

pub fn pair() -> (RawFd, RawFd) {
    let mut fds = [0; 2];
    assert_eq!(unsafe { libc::socketpair(libc::AF_UNIX, libc::SOCK_STREAM, 0, fds.as_mut_ptr()) }, 0);
    (fds[0], fds[1])
}

pub fn pipe() -> (RawFd, RawFd) {
    let mut fds = [0; 2];
    assert_eq!(unsafe { libc::pipe(fds.as_mut_ptr()) }, 0);
    (fds[0], fds[1])
}

pub fn put(fd: RawFd, data: &'static [u8]) {
    assert_eq!(unsafe { libc::write(fd, data.as_ptr().cast(), data.len()) }, data.len() as isize);
}
