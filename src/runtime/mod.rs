//! The hook layer's engine: libc's waits become waits of coroutines.
//!
//! The mechanism is in `crates/runtime`; here it meets the loop, the pool and `SWOOLE_HOOK_*`.

use std::cell::Cell;
use std::ffi::c_int;
use std::os::fd::RawFd;
use std::sync::OnceLock;
use std::time::Duration;

use crate::zend::sockets::Waits;
use ::runtime::{HookFlags, Wait};
use coroutine::{Task, WaitFd, Wake};
use reactor::{Interest, Readiness, WaitError};

struct Loop;

static LOOP: Loop = Loop;

impl ::runtime::Engine for Loop {
    fn can_suspend(&self) -> bool {
        coroutine::in_coroutine()
    }

    fn wait_fd(&self, fd: RawFd, interest: ::runtime::Interest, timeout: Option<Duration>) -> Wait {
        let interest = match interest {
            ::runtime::Interest::Read => Interest::READ,
            ::runtime::Interest::Write => Interest::WRITE,
        };
        outcome(fd, interest, coroutine::wait_fd(fd, interest, timeout))
    }

    fn wait_fds(&self, fds: &mut [libc::pollfd], timeout: Option<Duration>) -> Wait {
        if let [only] = fds
            && only.fd >= 0
        {
            return wait_one(only, timeout);
        }
        let Some((engine, id)) = coroutine::engine().and_then(|e| Some((e, e.current_id()?))) else {
            return Wait::NotPollable;
        };
        let Ok(reactor) = engine.reactor() else { return Wait::NotPollable };
        let waiter = id as u64;
        let mut armed = 0;
        let mut refused = None;
        for at in 0..fds.len() {
            let fd = fds[at].fd;
            // One record a descriptor: a second mention adds to the first.
            if fd >= 0 && !fds[..at].iter().any(|before| before.fd == fd) {
                let same = fds[at..].iter().filter(|f| f.fd == fd);
                let interest = same.fold(Interest::EMPTY, |all, f| all | asked(f.events));
                if let Err(error) = reactor.wait(fd, interest, waiter) {
                    let busy = matches!(error, WaitError::Busy(_));
                    refused = Some(if busy { Wait::Busy } else { Wait::NotPollable });
                    break;
                }
            }
            armed = at + 1;
        }
        let end = refused.unwrap_or_else(|| match coroutine::suspend_for(timeout, Task::Wait) {
            Wake::Timeout => Wait::Timeout,
            Wake::Canceled => canceled(),
            Wake::Closed => Wait::Closed,
            Wake::Ready(_) | Wake::Resumed => Wait::Ready,
        });
        // Asked for anew: `Event::exit()` may have put another loop in its place.
        if let Ok(reactor) = engine.reactor() {
            for f in fds[..armed].iter().filter(|f| f.fd >= 0) {
                reactor.unwait(f.fd, waiter);
            }
        }
        end
    }

    fn sleep(&self, duration: Duration) -> Wait {
        match coroutine::sleep(duration) {
            Wake::Canceled => canceled(),
            _ => Wait::Timeout,
        }
    }

    fn blocking(&self, job: Box<dyn FnOnce() + Send>) -> bool {
        coroutine::blocking(job).is_some()
    }

    fn closing(&self, fd: RawFd) {
        if let Some(engine) = coroutine::engine() {
            engine.closing(fd);
        }
    }

    fn blocked(&self, call: &'static str) {
        if let Some(reports) = REPORTS.get() {
            (reports.blocked)(call);
        }
    }

    fn rewriting(&self) -> Option<usize> {
        REPORTS.get().and_then(|reports| (reports.rewriting)())
    }

    fn current_id(&self) -> i64 {
        coroutine::current().unwrap_or(-1)
    }
}

/// One fd needs no list: the loop's answer is the poll's.
fn wait_one(asked_for: &mut libc::pollfd, timeout: Option<Duration>) -> Wait {
    let end = coroutine::wait_fd(asked_for.fd, asked(asked_for.events), timeout);
    if let WaitFd::Ready(ready) = end {
        let all = [
            (libc::POLLIN, Readiness::READ),
            (libc::POLLOUT, Readiness::WRITE),
            (libc::POLLPRI, Readiness::PRIORITY),
            (libc::POLLRDHUP, Readiness::READ_HANGUP),
            (libc::POLLERR, Readiness::ERROR),
            (libc::POLLHUP, Readiness::HANGUP),
        ];
        let set = all.iter().filter(|(_, flag)| ready.contains(*flag)).fold(0, |bits, (bit, _)| bits | bit);
        asked_for.revents = set & (asked_for.events | libc::POLLERR | libc::POLLHUP);
    }
    outcome(asked_for.fd, asked(asked_for.events), end)
}

fn outcome(fd: RawFd, interest: Interest, end: WaitFd) -> Wait {
    match end {
        WaitFd::Ready(_) => Wait::Ready,
        WaitFd::Timeout => Wait::Timeout,
        WaitFd::Canceled => canceled(),
        WaitFd::Closed => Wait::Closed,
        WaitFd::Busy(holder) if is_connection(fd) => {
            if let Some(reports) = REPORTS.get() {
                (reports.busy)(fd, interest, holder);
            }
            Wait::Denied
        }
        WaitFd::Busy(_) => Wait::Busy,
        // Whatever epoll does not take is the real call's business.
        WaitFd::NotPollable | WaitFd::Error(_) => Wait::NotPollable,
    }
}

/// How PHP's TCP streams wait.
pub static TCP_WAITS: Waits = Waits {
    may_suspend: {
        extern "C" fn may_suspend() -> bool {
            ::runtime::current().is_some() && ::runtime::active_flags().any(HookFlags::TCP)
        }
        may_suspend
    },
    poll: {
        extern "C" fn poll(fd: c_int, events: c_int, milliseconds: c_int) -> c_int {
            let mut one = libc::pollfd { fd, events: events as i16, revents: 0 };
            // SAFETY: one pollfd that lives across the call.
            unsafe { ::runtime::shim::poll::poll(&mut one, 1, milliseconds) }
        }
        poll
    },
    expect: {
        extern "C" fn expect(fd: c_int) {
            ::runtime::expect_wait(fd);
        }
        expect
    },
    close: {
        extern "C" fn close(fd: c_int) -> c_int {
            // SAFETY: the caller owns the descriptor.
            unsafe { ::runtime::shim::socket::close(fd) }
        }
        close
    },
};

static REPORTS: OnceLock<Reports> = OnceLock::new();

/// What of the script's side the hooks need.
pub struct Reports {
    /// Two coroutines share a connection: the fd, the direction, who waits already.
    pub busy: fn(RawFd, Interest, i64),
    /// A hooked call ends because its coroutine was cancelled.
    pub canceled: fn(),
    /// The flags in force change: what libc alone cannot give, functions of PHP that make objects of ours.
    pub switched: fn(HookFlags),
    /// A hooked call that could not suspend is about to block.
    pub blocked: fn(&'static str),
    /// See [`::runtime::Engine::rewriting`].
    pub rewriting: fn() -> Option<usize>,
}

/// Set once, at module start.
pub fn report_by(reports: Reports) {
    let _ = REPORTS.set(reports);
}

fn canceled() -> Wait {
    if let Some(reports) = REPORTS.get() {
        (reports.canceled)();
    }
    Wait::Canceled
}

/// Two coroutines may take turns at a listener, a datagram socket or a pipe. Of one connection's bytes
/// each would get some, and with a database's the second answer to the first question.
fn is_connection(fd: RawFd) -> bool {
    let option = |name| {
        let mut value: libc::c_int = 0;
        let mut size = size_of::<libc::c_int>() as libc::socklen_t;
        // SAFETY: `value` and `size` live across the call and agree.
        let r = unsafe { libc::getsockopt(fd, libc::SOL_SOCKET, name, (&raw mut value).cast(), &mut size) };
        (r == 0).then_some(value)
    };
    option(libc::SO_TYPE) == Some(libc::SOCK_STREAM) && option(libc::SO_ACCEPTCONN) == Some(0)
}

/// What a pollfd's events mean to the loop.
fn asked(events: i16) -> Interest {
    let mut interest = Interest::EMPTY;
    for (event, flag) in [
        (libc::POLLIN | libc::POLLRDNORM, Interest::READ),
        (libc::POLLOUT | libc::POLLWRNORM, Interest::WRITE),
        (libc::POLLPRI, Interest::PRIORITY),
        (libc::POLLRDHUP, Interest::READ_HANGUP),
    ] {
        if events & event != 0 {
            interest |= flag;
        }
    }
    interest
}

thread_local! {
    /// What the script asked for; not in force before its first coroutine.
    static WANTED: Cell<Option<u32>> = const { Cell::new(None) };
    static ACTIVE: Cell<bool> = const { Cell::new(false) };
}

/// The flags asked for: `Coroutine::set(['hook_flags' => …])`, `Runtime::enableCoroutine()`.
pub fn flags() -> u32 {
    WANTED.get().unwrap_or(0)
}

/// The option `hook_flags`: in force from the first coroutine on, or at once if there was one.
pub fn configure(flags: u32) {
    WANTED.set(Some(flags));
    if ACTIVE.get() {
        apply(flags);
    }
}

/// As [`configure`] with all flags, unless the script has said what it wants.
pub fn configure_default() {
    if WANTED.get().is_none() {
        configure(HookFlags::ALL.bits());
    }
}

/// `Runtime::enableCoroutine()`: in force at once.
pub fn enable(flags: u32) {
    ACTIVE.set(true);
    configure(flags);
}

/// The first coroutine is about to run.
pub fn activate() {
    if !ACTIVE.replace(true)
        && let Some(flags) = WANTED.get().filter(|flags| *flags != 0)
    {
        apply(flags);
    }
}

/// The request ends: calls made from now on block, as its destructors expect. The slots stay as they
/// are; a shim that may not suspend costs one comparison.
pub fn deactivate() {
    ::runtime::detach();
    switched(HookFlags::NONE);
    WANTED.set(None);
    ACTIVE.set(false);
}

fn apply(flags: u32) {
    if flags != 0 {
        stay_loaded();
        ::runtime::attach(&LOOP);
    }
    ::runtime::set_flags(HookFlags::from_bits(flags));
    switched(HookFlags::from_bits(flags));
}

fn switched(flags: HookFlags) {
    if let Some(reports) = REPORTS.get() {
        (reports.switched)(flags);
    }
}

/// PHP unloads its extensions before it ends; slots that point at our shims must not outlive them.
fn stay_loaded() {
    thread_local! {
        static DONE: Cell<bool> = const { Cell::new(false) };
    }
    if DONE.replace(true) {
        return;
    }
    // SAFETY: all-zero is a valid Dl_info; dladdr fills it for an address of ours; dlopen of an object
    // that is loaded already only adds the flag.
    unsafe {
        let mut info: libc::Dl_info = std::mem::zeroed();
        if libc::dladdr(apply as *const libc::c_void, &mut info) != 0 && !info.dli_fname.is_null() {
            libc::dlopen(info.dli_fname, libc::RTLD_NOW | libc::RTLD_NOLOAD | libc::RTLD_NODELETE);
        }
    }
}
