//! The master of a pool: makes workers, replaces those that end, reloads and shuts down.

use std::collections::{HashSet, VecDeque};
use std::os::fd::AsRawFd;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::{Pool, PoolEvent, set_current, worker};
use crate::php::{callback, lifecycle};
use crate::process::{self, Forked};
use crate::zend::{PhpResult, Thrown, Value};

/// The signals that a master waits for.
const SIGNALS: [i32; 6] = [libc::SIGTERM, libc::SIGUSR1, libc::SIGUSR2, libc::SIGWINCH, libc::SIGCHLD, libc::SIGINT];

/// The signal mask while the master runs; the old one comes back with `Drop`.
struct Mask(libc::sigset_t, libc::sigset_t);

impl Mask {
    fn block() -> Self {
        // SAFETY: sets are initialised before they are read; only this thread's mask changes.
        unsafe {
            let mut set = std::mem::zeroed();
            let mut old = std::mem::zeroed();
            libc::sigemptyset(&mut set);
            for signo in SIGNALS {
                // SIGINT keeps its default: the terminal's Ctrl-C ends the whole group.
                if signo != libc::SIGINT {
                    libc::sigaddset(&mut set, signo);
                }
            }
            libc::sigaddset(&mut set, libc::SIGRTMIN());
            libc::pthread_sigmask(libc::SIG_BLOCK, &set, &mut old);
            Self(set, old)
        }
    }

    /// The next signal; None after `time`.
    fn wait(&self, time: Duration) -> Option<i32> {
        let time = libc::timespec { tv_sec: time.as_secs() as libc::time_t, tv_nsec: i64::from(time.subsec_nanos()) };
        // SAFETY: an initialised set; no information is asked for.
        let signo = unsafe { libc::sigtimedwait(&self.0, std::ptr::null_mut(), &time) };
        (signo > 0).then_some(signo)
    }

    fn restore(&self) {
        // SAFETY: the mask as it was.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &self.1, std::ptr::null_mut()) };
    }
}

impl Drop for Mask {
    fn drop(&mut self) {
        self.restore();
    }
}

/// A reload under way: workers still to be told, workers told and not yet gone.
struct Reload {
    queue: VecDeque<i32>,
    left: HashSet<i32>,
    deadline: Option<Instant>,
}

/// Runs the pool until it is shut down. In a worker, it does not return.
pub fn run(pool: &Rc<Pool>) -> PhpResult {
    lifecycle::close_loop();
    pool.started.set(true);
    pool.running.set(true);
    pool.master.set(std::process::id() as i32);
    set_current(Some(Rc::clone(pool)));
    let mask = Mask::block();
    pool.set_prop("master_pid", Value::long(i64::from(pool.master.get())));
    pool.set_prop("running", Value::bool(true));
    plain_call(pool, PoolEvent::Start, &[])?;
    for id in 0..pool.members.len() {
        spawn(pool, id, &mask)?;
    }
    watch(pool, &mask)?;
    let ended = end(pool, &mask);
    pool.started.set(false);
    set_current(None);
    if let Some(listener) = pool.listener.borrow().as_ref() {
        listener.remove();
    }
    if let Some(queue) = pool.queue.as_ref().filter(|_| pool.private_queue) {
        // Somebody may have removed it already.
        let _ = queue.destroy();
    }
    ended
}

/// Calls an event's function with the pool and `more`; nothing when there is none.
pub(super) fn plain_call(pool: &Rc<Pool>, event: PoolEvent, more: &[i64]) -> PhpResult {
    let Some(callable) = pool.callback(event) else { return Ok(()) };
    let mut args = vec![pool.this().into_zval()];
    args.extend(more.iter().map(|number| Value::long(*number).into_zval()));
    callback::run_in(false, &callable, &mut args);
    callback::discard((callable, args));
    if coroutine::engine().is_some_and(coroutine::Engine::is_aborted) { Err(Thrown::Bailout) } else { Ok(()) }
}

fn spawn(pool: &Rc<Pool>, id: usize, mask: &Mask) -> PhpResult {
    match process::fork() {
        Ok(Forked::Child) => {
            mask.restore();
            lifecycle::after_fork();
            worker::run(pool, id)
        }
        Ok(Forked::Parent { child }) => {
            pool.members[id].pid.set(child);
            Ok(())
        }
        Err(error) => {
            crate::log::warning("Pool::spawn", error.raw_os_error(), "fork() failed");
            pool.running.set(false);
            Ok(())
        }
    }
}

fn watch(pool: &Rc<Pool>, mask: &Mask) -> PhpResult {
    let mut reload: Option<Reload> = None;
    let mut detached = HashSet::new();
    // A worker that dies at once must not make the master spin.
    let mut crashes = 0u32;
    while pool.running.get() {
        let signal = mask.wait(pause(reload.as_ref()));
        match signal {
            Some(libc::SIGTERM) => {
                pool.running.set(false);
                break;
            }
            Some(libc::SIGUSR1 | libc::SIGUSR2) if reload.is_none() => reload = Some(begin_reload(pool)),
            Some(libc::SIGWINCH) => {
                crate::log::reopen();
                kill_all(pool, libc::SIGWINCH);
            }
            _ => {}
        }
        // The master's own timers.
        if let Some(engine) = coroutine::engine().filter(|engine| engine.has_reactor()) {
            engine.turn(Some(Duration::ZERO))?;
        }
        while let Some(pid) = next_detached(pool) {
            if let Some(id) = member(pool, pid) {
                detached.insert(pid);
                spawn(pool, id, mask)?;
            }
        }
        while let Some((pid, status)) = reap() {
            if !pool.running.get() {
                break;
            }
            let Some(id) = member(pool, pid) else {
                if !detached.remove(&pid) {
                    crate::log::warning(
                        "Pool::watch",
                        None,
                        &format!("received an exit signal from an unknown child process[pid={pid}]"),
                    );
                }
                continue;
            };
            if status != 0 {
                // What the script ended by itself is its own business.
                if libc::WIFSIGNALED(status) {
                    let (code, signal) = (libc::WEXITSTATUS(status), libc::WTERMSIG(status));
                    let text = format!("worker(pid={pid}, id={id}) abnormal exit, status={code}, signal={signal}");
                    crate::log::warning("Pool::watch", None, &text);
                }
                crashes += 1;
                if crashes > 100 {
                    std::thread::sleep(Duration::from_millis(10));
                }
            } else {
                crashes = 0;
            }
            spawn(pool, id, mask)?;
            if let Some(under_way) = reload.as_mut() {
                under_way.left.remove(&pid);
                tell_next(under_way);
                if under_way.left.is_empty() {
                    reload = None;
                }
            }
        }
        if let Some(under_way) = reload.as_mut()
            && under_way.deadline.is_some_and(|deadline| deadline <= Instant::now())
        {
            for pid in &under_way.left {
                crate::log::warning("Pool::watch", None, &format!("force kill worker process(pid={pid})"));
                kill(*pid, libc::SIGKILL);
            }
            under_way.queue.clear();
            under_way.deadline = None;
        }
    }
    Ok(())
}

/// How long the master may sleep: until a reload's deadline or its next timer.
fn pause(reload: Option<&Reload>) -> Duration {
    let now = Instant::now();
    let timer = coroutine::engine()
        .filter(|engine| engine.has_reactor())
        .and_then(|engine| engine.reactor().ok())
        .and_then(reactor::Reactor::next_deadline);
    let deadline = reload.and_then(|reload| reload.deadline);
    [timer, deadline].into_iter().flatten().min().map_or(Duration::from_secs(3600), |at| at.saturating_duration_since(now))
}

fn begin_reload(pool: &Pool) -> Reload {
    let pids: Vec<i32> = pool.members.iter().map(|member| member.pid.get()).collect();
    let wait = pool.max_wait.get();
    let mut reload = Reload {
        queue: pids.iter().copied().collect(),
        left: pids.into_iter().collect(),
        deadline: (wait > 0).then(|| Instant::now() + Duration::from_secs(wait)),
    };
    tell_next(&mut reload);
    reload
}

/// Asks the next worker to end: one at a time, so that the others serve meanwhile.
fn tell_next(reload: &mut Reload) {
    while let Some(pid) = reload.queue.pop_front() {
        if reload.left.contains(&pid) {
            if kill(pid, libc::SIGTERM) {
                return;
            }
            reload.left.remove(&pid);
        }
    }
}

fn kill(pid: i32, signo: i32) -> bool {
    // SAFETY: no pointers; pids are those of children not yet reaped.
    pid > 0 && unsafe { libc::kill(pid, signo) == 0 }
}

fn kill_all(pool: &Pool, signo: i32) {
    for member in &pool.members {
        kill(member.pid.get(), signo);
    }
}

fn member(pool: &Pool, pid: i32) -> Option<usize> {
    pool.members.iter().position(|member| member.pid.get() == pid)
}

fn reap() -> Option<(i32, i32)> {
    let mut status = 0;
    // SAFETY: one int.
    let pid = unsafe { libc::waitpid(-1, &mut status, libc::WNOHANG) };
    (pid > 0).then_some((pid, status))
}

fn next_detached(pool: &Pool) -> Option<i32> {
    let mut pid = [0u8; 4];
    // SAFETY: four bytes.
    let n = unsafe { libc::recv(pool.detach.0.as_raw_fd(), pid.as_mut_ptr().cast(), 4, libc::MSG_DONTWAIT) };
    (n == 4).then(|| i32::from_ne_bytes(pid))
}

/// Ends all workers: SIGTERM, then after `max_wait_time` SIGKILL.
fn end(pool: &Rc<Pool>, mask: &Mask) -> PhpResult {
    pool.running.set(false);
    pool.set_prop("running", Value::bool(false));
    pool.set_prop("workerRunning", Value::bool(false));
    let result = plain_call(pool, PoolEvent::Shutdown, &[]);
    kill_all(pool, libc::SIGTERM);
    let wait = pool.max_wait.get();
    let mut deadline = (wait > 0).then(|| Instant::now() + Duration::from_secs(wait));
    let mut left: HashSet<i32> = pool.members.iter().map(|member| member.pid.get()).filter(|pid| *pid > 0).collect();
    while !left.is_empty() {
        while let Some((pid, _)) = reap() {
            left.remove(&pid);
        }
        // Somebody else (a callback) may have reaped it.
        // SAFETY: signal 0 only asks.
        left.retain(|pid| unsafe { libc::kill(*pid, 0) == 0 });
        if left.is_empty() {
            break;
        }
        if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
            kill_all(pool, libc::SIGKILL);
            deadline = None;
        }
        let pause = deadline.map_or(Duration::from_millis(500), |at| at.saturating_duration_since(Instant::now()));
        mask.wait(pause.min(Duration::from_millis(500)));
    }
    result
}
