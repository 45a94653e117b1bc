//! The process that forks workers, reaps them, and starts them anew.

use std::cell::{Cell, RefCell};
use std::os::fd::RawFd;
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use coroutine::{Engine, Source};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, fork};
use reactor::{Interest, Readiness};

use super::dispatch::{self, long};
use super::events::ServerEvent;
use super::life::{self, Part};
use super::{Server, master, message, prop, running, started};
use crate::log;
use crate::php::code::{Code, set_last};
use crate::php::lifecycle;
use crate::server::{Bus, Head, Kind, Mode, Role, bump};
use crate::zend::registration::ce;
use crate::zend::{Call, ObjectExt, PhpResult, Zval, ZvalExt, new_object};

/// Workers end themselves at `max_wait_time`; only those that cannot are killed, this much later.
const GRACE: Duration = Duration::from_millis(300);

/// Between two tries to fork.
const FORK_PAUSE: Duration = Duration::from_secs(1);

/// What signals have asked the manager for.
#[derive(Default)]
struct Orders {
    end: Cell<bool>,
    reload_all: Cell<bool>,
    reload_tasks: Cell<bool>,
}

/// A reload under way: processes of before it that still live.
struct Reload {
    waiting: Vec<i32>,
    /// One after the other: the one that was told to end.
    told: Option<i32>,
    all_at_once: bool,
    deadline: Instant,
}

thread_local! {
    static ORDERS: Orders = Orders::default();
    static RELOAD: RefCell<Option<Reload>> = const { RefCell::new(None) };
    /// Workers that serve no more and are not gone yet: their pids and places.
    static LEAVING: RefCell<Vec<(i32, usize)>> = const { RefCell::new(Vec::new()) };
    /// Places whose next worker is to be forked.
    static VACANT: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

/// A worker finishes what it has begun, and takes nothing new: its successor starts now.
pub fn leaving(server: &Server, head: &Head) {
    let (pid, id) = (head.id as i32, usize::from(head.from));
    let current = server.shared().and_then(|shared| shared.worker(id)).map(|stats| stats.pid.load(Ordering::Relaxed));
    if life::part() == Part::Manager && current == Some(pid) {
        LEAVING.with_borrow_mut(|leaving| leaving.push((pid, id)));
        VACANT.with_borrow_mut(|vacant| vacant.push(id));
    }
}

/// Messages for the manager.
struct Inbox {
    server: Rc<Server>,
    bus: Rc<Bus>,
}

impl Source for Inbox {
    fn ready(&self, _fd: RawFd, _ready: Readiness) {
        while self.bus.receive(self.server.manager_inbox(), |head, payload| message::deliver(&self.server, head, payload)) {}
    }
}

/// Runs the server with all its processes.
///
/// # Errors
/// A callback ended the request: in this process, or in the forked one that this is now.
pub fn run(server: &Rc<Server>) -> PhpResult {
    let (daemonize, single, mode) = {
        let settings = server.settings.borrow();
        (settings.daemonize, settings.is_single_process(server.users.borrow().len()), settings.mode)
    };
    if daemonize {
        daemon();
        if let Some(shared) = server.shared() {
            shared.head().master_pid.store(std::process::id() as i32, Ordering::Relaxed);
        }
    }
    write_pid_file(server);
    // Until each process watches its signals, none may end it: they stay pending.
    let before = if single { None } else { hold_signals() };
    SIGNALS_BEFORE.set(before);
    let result = if single {
        life::set_part(Part::Single);
        isolate(server);
        life::run(server, 0, Role::Event)
    } else {
        match mode {
            Mode::Base => manage(server),
            Mode::Process => master::run(server),
        }
    };
    // Cut short: the part is asked for once more at the request's end.
    result?;
    release_signals();
    life::set_part(Part::None);
    server.tell(ServerEvent::Shutdown, &mut Vec::new(), false);
    cleanup(server);
    Ok(())
}

thread_local! {
    static SIGNALS_BEFORE: Cell<Option<nix::sys::signal::SigSet>> = const { Cell::new(None) };
}

fn hold_signals() -> Option<nix::sys::signal::SigSet> {
    use nix::sys::signal::{SigSet, SigmaskHow, Signal};
    let mut held = SigSet::empty();
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGUSR1, Signal::SIGUSR2, Signal::SIGCHLD] {
        held.add(signal);
    }
    held.thread_swap_mask(SigmaskHow::SIG_BLOCK).ok()
}

/// Signals do what they did before the server started.
fn release_signals() {
    if let Some(before) = SIGNALS_BEFORE.take() {
        let _ = before.thread_set_mask();
    }
}

/// Gives the terminal back and goes on in the background.
fn daemon() {
    if let Ok(path) = std::env::current_dir() {
        let _ = path;
    }
    // SAFETY: before any thread of ours was started; the parent leaves without running PHP's end twice.
    match unsafe { fork() } {
        Ok(ForkResult::Parent { .. }) => quit(0),
        Ok(ForkResult::Child) => {
            let _ = nix::unistd::setsid();
            lifecycle::after_fork();
            if log::redirect_output(true).is_err()
                && let Ok(null) = std::fs::OpenOptions::new().read(true).write(true).open("/dev/null")
            {
                let _ = nix::unistd::dup2_stdin(&null);
                let _ = nix::unistd::dup2_stdout(&null);
                let _ = nix::unistd::dup2_stderr(&null);
            }
        }
        Err(error) => log::warning("Server::daemonize", Some(error as i32), &format!("daemon() failed, Error: {error}")),
    }
}

fn write_pid_file(server: &Server) {
    if let Some(path) = server.settings.borrow().pid_file.as_ref()
        && let Err(error) = std::fs::write(path, std::process::id().to_string())
    {
        log::warning("Server::create_pid_file", error.raw_os_error(), &format!("write('{path}') failed, Error: {error}"));
    }
}

/// Sockets, files and queues that no process must leave behind.
pub(super) fn cleanup(server: &Server) {
    for listen in server.ports.borrow().iter() {
        listen.port.close();
        listen.port.remove_file();
    }
    if let Some(path) = server.settings.borrow().pid_file.as_ref() {
        // Another server may have taken the name since.
        let ours = server.shared().map(|shared| shared.head().master_pid.load(Ordering::Relaxed).to_string());
        if std::fs::read_to_string(path).ok().is_some_and(|text| Some(text.trim()) == ours.as_deref()) {
            let _ = std::fs::remove_file(path);
        }
    }
    if let Some(queue) = server.task_queue.get() {
        queue.end();
    }
}

/// Ends this process without PHP's shutdown, which is the parent's.
pub(super) fn quit(code: i32) -> ! {
    // SAFETY: flushes C streams; _exit(2) runs no destructor of what we share with others.
    unsafe {
        libc::fflush(std::ptr::null_mut());
        libc::_exit(code)
    }
}

/// `user`, `group`, `chroot`: only root can change them.
pub(super) fn isolate(server: &Server) {
    use nix::unistd::{Group, User, chroot, geteuid, setgid, setuid};
    let settings = server.settings.borrow();
    if !geteuid().is_root() {
        return;
    }
    let warn = |what: String| log::warning("swoole_set_isolation", None, &what);
    let user = settings.user.as_ref().map(|name| (name, User::from_name(name).ok().flatten()));
    let group = settings.group.as_ref().map(|name| (name, Group::from_name(name).ok().flatten()));
    if let Some(path) = &settings.chroot
        && let Err(error) = chroot(path.as_str()).and_then(|()| nix::unistd::chdir("/"))
    {
        warn(format!("chroot('{path}') failed, Error: {error}"));
    }
    match group {
        Some((_, Some(group))) => {
            if let Err(error) = setgid(group.gid) {
                warn(format!("setgid({}) failed, Error: {error}", group.gid));
            }
        }
        Some((name, None)) => warn(format!("get group [{name}] info failed")),
        None => {}
    }
    match user {
        Some((_, Some(user))) => {
            if let Err(error) = setuid(user.uid) {
                warn(format!("setuid({}) failed, Error: {error}", user.uid));
            }
        }
        Some((name, None)) => warn(format!("get user [{name}] info failed")),
        None => {}
    }
}

fn pin(server: &Server, id: usize) {
    let settings = server.settings.borrow();
    if !settings.open_cpu_affinity {
        return;
    }
    let cpus = crate::server::cpu_num();
    let cpu = match settings.cpu_affinity.as_slice() {
        [] => id % cpus,
        allowed => allowed[id % allowed.len()],
    };
    let mut set = nix::sched::CpuSet::new();
    if set.set(cpu).is_ok() {
        let _ = nix::sched::sched_setaffinity(Pid::from_raw(0), &set);
    }
}

fn role_of(server: &Server, id: usize) -> Role {
    let settings = server.settings.borrow();
    if id < settings.worker_num {
        Role::Event
    } else if id < settings.worker_num + settings.task_worker_num {
        Role::Task
    } else {
        Role::User
    }
}

/// Forks the worker `id`. In the child, its whole life passes here: `Some` only when it was cut short.
fn spawn(server: &Rc<Server>, id: usize) -> Option<PhpResult> {
    let parent = nix::unistd::getpid();
    // SAFETY: no thread but ours is alive that could hold a lock: threads are made after the fork.
    match unsafe { fork() } {
        Ok(ForkResult::Parent { child }) => {
            if let Some(stats) = server.shared().and_then(|shared| shared.worker(id)) {
                stats.pid.store(child.as_raw(), Ordering::Relaxed);
            }
            None
        }
        Ok(ForkResult::Child) => Some(child(server, id, parent)),
        Err(error) => {
            log::warning("Server::spawn_worker", Some(error as i32), &format!("fork() failed, Error: {error}"));
            if let Some(stats) = server.shared().and_then(|shared| shared.worker(id)) {
                stats.pid.store(0, Ordering::Relaxed);
            }
            // There may be processes and memory again in a while.
            let again = lifecycle::loop_engine().call_at(Instant::now() + FORK_PAUSE, move || {
                VACANT.with_borrow_mut(|vacant| vacant.push(id));
            });
            if let Err(error) = again {
                log::warning("Server::spawn_worker", None, &error.to_string());
            }
            None
        }
    }
}

fn child(server: &Rc<Server>, id: usize, parent: Pid) -> PhpResult {
    lifecycle::after_fork();
    life::set_part(Part::Worker);
    crate::zend::host::forget_output();
    RELOAD.with_borrow_mut(|reload| *reload = None);
    LEAVING.with_borrow_mut(Vec::clear);
    VACANT.with_borrow_mut(Vec::clear);
    if let Some(bus) = server.bus.get() {
        bus.after_fork();
    }
    // A worker must not outlive a manager that was killed.
    let _ = nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGTERM);
    if nix::unistd::getppid() != parent {
        quit(0);
    }
    pin(server, id);
    isolate(server);
    for listen in server.ports.borrow().iter() {
        // Each generation of workers reads the certificates anew.
        if let Err(error) = listen.port.load_tls() {
            log::warning("Port::load_tls", None, &error.to_string());
        }
    }
    let role = role_of(server, id);
    if role == Role::User {
        return user(server, id);
    }
    life::run(server, id, role)?;
    crate::zend::host::flush_output();
    if nix::unistd::getppid() != parent {
        // The one that would do it was killed.
        cleanup(server);
    }
    quit(0)
}

/// The life of a process of `addProcess`; it ends as a script does.
fn user(server: &Rc<Server>, id: usize) -> PhpResult {
    life::join_as_user(server, id);
    release_signals();
    let first = {
        let settings = server.settings.borrow();
        settings.worker_num + settings.task_worker_num
    };
    let process = server.users.borrow().get(id - first).cloned();
    if let Some(object) = process.as_ref().and_then(|process| process.as_zval().obj()) {
        crate::php::process::life::run_in_server(object, id as i64)?;
        if lifecycle::is_loop_in_use() {
            crate::php::signal::set_native(libc::SIGTERM, |_| life::stop_worker());
            lifecycle::run_loop()?;
        }
    }
    if let Some(bus) = server.bus.get() {
        bus.drain();
    }
    Err(crate::zend::Thrown::Bailout)
}

/// The manager's own life.
pub(super) fn manage(server: &Rc<Server>) -> PhpResult {
    let Some(shared) = server.shared() else { return Ok(()) };
    let pid = std::process::id() as i32;
    shared.head().manager_pid.store(pid, Ordering::Relaxed);
    let (workers, tasks) = {
        let settings = server.settings.borrow();
        (settings.worker_num, settings.task_worker_num)
    };
    let users = server.users.borrow().len();
    for id in (workers..workers + tasks).chain(0..workers).chain(workers + tasks..workers + tasks + users) {
        if let Some(result) = spawn(server, id) {
            return result;
        }
    }
    life::set_part(Part::Manager);
    log::set_identity(log::Role::Manager, 0);
    let engine = lifecycle::loop_engine();
    life::watch_signals(engine);
    if let Ok(reactor) = engine.reactor() {
        let _ = reactor.watch_signal(libc::SIGCHLD);
    }
    if let Some(this) = server.this() {
        this.slot(prop::MANAGER_PID).set_long(i64::from(pid));
    }
    let inbox = server.bus.get().and_then(|bus| {
        let fd = bus.inbox(server.manager_inbox())?;
        let inbox = Inbox { server: Rc::clone(server), bus: Rc::clone(bus) };
        let source = engine.add_source(fd, Interest::READ, Rc::new(inbox));
        source.map_err(|error| log::warning("Manager::wait", None, &error.to_string())).ok().map(|source| (fd, source))
    });
    server.tell(ServerEvent::ManagerStart, &mut Vec::new(), false);
    while !ORDERS.with(|orders| orders.end.get()) {
        dispatch::check()?;
        let wait = if RELOAD.with_borrow(Option::is_some) { Some(Duration::from_millis(100)) } else { None };
        if engine.turn(wait).is_err() {
            break;
        }
        while let Some(id) = VACANT.with_borrow_mut(Vec::pop) {
            if let Some(result) = spawn(server, id) {
                return result;
            }
        }
        while let Some((pid, code, signal, status)) = reap() {
            if let Some(result) = replace(server, pid, code, signal, status) {
                return result;
            }
        }
        if let Some(result) = reload_step(server) {
            return result;
        }
    }
    let ended = dispatch::check();
    end_workers(server, engine);
    if let Ok(reactor) = engine.reactor() {
        let _ = reactor.unwatch_signal(libc::SIGCHLD);
    }
    life::unwatch_signals(engine);
    // Or onShutdown's own loop would never be empty.
    if let Some((fd, source)) = inbox {
        engine.remove_source(fd, source);
    }
    ended?;
    server.tell(ServerEvent::ManagerStop, &mut Vec::new(), false);
    lifecycle::close_loop();
    Ok(())
}

/// A child that has ended: its pid, exit code, signal, raw status.
fn reap() -> Option<(i32, i32, i32, i32)> {
    match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
        Ok(WaitStatus::Exited(pid, code)) => Some((pid.as_raw(), code, 0, code << 8)),
        Ok(WaitStatus::Signaled(pid, signal, core)) => {
            let signal = signal as i32;
            Some((pid.as_raw(), 0, signal, signal | if core { 0x80 } else { 0 }))
        }
        _ => None,
    }
}

fn id_of(server: &Server, pid: i32) -> Option<usize> {
    let shared = server.shared()?;
    (0..shared.worker_count()).find(|id| shared.worker(*id).is_some_and(|stats| stats.pid.load(Ordering::Relaxed) == pid))
}

/// Tells of a worker's end and forks its successor. `Some` in that one, when its life was cut short.
fn replace(server: &Rc<Server>, pid: i32, code: i32, signal: i32, status: i32) -> Option<PhpResult> {
    RELOAD.with_borrow_mut(|reload| {
        if let Some(reload) = reload {
            reload.waiting.retain(|waiting| *waiting != pid);
            if reload.told == Some(pid) {
                reload.told = None;
            }
        }
    });
    let left = LEAVING.with_borrow_mut(|leaving| {
        let at = leaving.iter().position(|(leaving, _)| *leaving == pid)?;
        Some(leaving.swap_remove(at).1)
    });
    let id = left.or_else(|| id_of(server, pid))?;
    let shared = server.shared()?;
    // Where it counted last.
    let place = if left.is_some() { shared.worker_count() - places(server) + id } else { id };
    if role_of(server, id) == Role::Event && server.settings.borrow().mode == Mode::Base {
        // What the dead one held open the kernel has closed.
        let closed = shared.close_all_of(pid);
        if let Some(stats) = shared.worker(place) {
            bump(&stats.closed, closed);
        }
    }
    if let Some(stats) = shared.worker(id)
        && left.is_none()
        && role_of(server, id) == Role::Task
        && server.task_queue.get().is_none()
        && stats.status.load(Ordering::Relaxed) == 1
    {
        stats.tasks.fetch_sub(1, Ordering::Relaxed);
    }
    // What it was working on when it died is under way no more.
    if let Some(stats) = shared.worker(place) {
        stats.concurrency.store(0, Ordering::Relaxed);
    }
    if status != 0 {
        worker_error(server, id, pid, code, signal, status);
    }
    if code != 0 {
        // A worker that fails at its start must not make the machine busy with forking.
        let started = shared.worker(id).map_or(0, |stats| stats.start_time.load(Ordering::Relaxed));
        if crate::server::microtime() as i64 - started < 1 {
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    if left.is_some() || ORDERS.with(|orders| orders.end.get()) {
        return None;
    }
    spawn(server, id)
}

/// Event and task workers.
fn places(server: &Server) -> usize {
    let settings = server.settings.borrow();
    settings.worker_num + settings.task_worker_num
}

fn worker_error(server: &Rc<Server>, id: usize, pid: i32, code: i32, signal: i32, status: i32) {
    let hint =
        if signal == libc::SIGSEGV { "\nA bug occurred in the server or in an extension: a core dump tells more" } else { "" };
    log::warning(
        "Worker::report_error",
        None,
        &format!("worker(pid={pid}, id={id}) abnormal exit, status={code}, signal={signal}{hint}"),
    );
    if server.settings.borrow().event_object {
        let info = new_object(ce::server_status_info());
        if let Some(this) = info.as_zval().obj() {
            for (slot, number) in
                [id as i64, i64::from(pid), i64::from(status), i64::from(code), i64::from(signal)].into_iter().enumerate()
            {
                this.slot(slot as u32).set_long(number);
            }
        }
        server.tell(ServerEvent::WorkerError, &mut vec![info.into_zval()], false);
    } else {
        let mut args = vec![long(id as i64), long(i64::from(pid)), long(i64::from(code)), long(i64::from(signal))];
        server.tell(ServerEvent::WorkerError, &mut args, false);
    }
}

fn kill(pid: i32, signo: i32) {
    if pid > 0 {
        // SAFETY: plain call (kill(2)); the pid is of a child that was not reaped yet.
        unsafe { libc::kill(pid, signo) };
    }
}

fn pids(server: &Server, ids: std::ops::Range<usize>) -> Vec<i32> {
    let Some(shared) = server.shared() else { return Vec::new() };
    ids.filter_map(|id| shared.worker(id)).map(|stats| stats.pid.load(Ordering::Relaxed)).filter(|pid| *pid > 0).collect()
}

fn reload_step(server: &Rc<Server>) -> Option<PhpResult> {
    let (all, tasks) = ORDERS.with(|orders| (orders.reload_all.take(), orders.reload_tasks.take()));
    let (workers, task_workers, at_once, wait) = {
        let settings = server.settings.borrow();
        (settings.worker_num, settings.task_worker_num, settings.reload_async, settings.max_wait_time)
    };
    if (all || tasks) && RELOAD.with_borrow(Option::is_none) {
        if tasks && !all && task_workers == 0 {
            log::warning("Manager::wait", None, "cannot reload task workers, task workers is not started");
            return None;
        }
        let what = if all { "all" } else { "task" };
        log::put(log::Level::Info as i32, format!("Server is reloading {what} workers now").as_bytes());
        server.tell(ServerEvent::BeforeReload, &mut Vec::new(), false);
        if all && let (Some(bus), Some(_)) = (server.bus.get(), server.lanes.get()) {
            let head = Head::new(Kind::Renew, usize::from(u16::MAX));
            if let Err(error) = bus.send(server.master_inbox(), &head, &[]) {
                log::warning("Manager::reload", None, &error.to_string());
            }
        }
        let waiting = pids(server, if all { 0..workers + task_workers } else { workers..workers + task_workers });
        let all_at_once = all && at_once;
        if all_at_once {
            waiting.iter().for_each(|pid| kill(*pid, libc::SIGTERM));
        }
        let reload = Reload { waiting, told: None, all_at_once, deadline: Instant::now() + wait + GRACE };
        RELOAD.with_borrow_mut(|slot| *slot = Some(reload));
    }
    let finished = RELOAD.with_borrow_mut(|slot| {
        let reload = slot.as_mut()?;
        if reload.waiting.is_empty() {
            *slot = None;
            return Some(());
        }
        if !wait.is_zero() && Instant::now() >= reload.deadline && (reload.all_at_once || reload.told.is_some()) {
            let stuck = if reload.all_at_once { reload.waiting.clone() } else { reload.told.into_iter().collect() };
            for pid in stuck {
                let id = id_of(server, pid).unwrap_or(0);
                log::warning("ReloadTask::kill_all", None, &format!("force kill worker process(pid={pid}, id={id})"));
                kill(pid, libc::SIGKILL);
            }
            reload.deadline = Instant::now() + Duration::from_secs(60);
        }
        if !reload.all_at_once && reload.told.is_none() {
            reload.told = reload.waiting.first().copied();
            reload.deadline = Instant::now() + wait + GRACE;
            if let Some(pid) = reload.told {
                kill(pid, libc::SIGTERM);
            }
        }
        None
    });
    if finished.is_some() {
        server.tell(ServerEvent::AfterReload, &mut Vec::new(), false);
    }
    None
}

/// Tells all workers to end, waits for them, and kills those that do not.
fn end_workers(server: &Rc<Server>, engine: &Engine) {
    let count = server.shared().map_or(0, |shared| shared.worker_count());
    let wait = server.settings.borrow().max_wait_time;
    let mut left = pids(server, 0..count);
    left.iter().for_each(|pid| kill(*pid, libc::SIGTERM));
    left.extend(LEAVING.with_borrow(|leaving| leaving.iter().map(|(pid, _)| *pid).collect::<Vec<_>>()));
    let deadline = Instant::now() + if wait.is_zero() { Duration::from_secs(3600) } else { wait * 2 };
    let mut killed = false;
    while !left.is_empty() {
        while let Some((pid, ..)) = reap() {
            left.retain(|other| *other != pid);
        }
        // SAFETY: signal 0 only asks whether the process is there (kill(2)).
        left.retain(|pid| unsafe { libc::kill(*pid, 0) } == 0);
        if left.is_empty() {
            break;
        }
        if Instant::now() >= deadline && !killed {
            killed = true;
            log::with_code(
                log::Level::Warning as i32,
                "Manager::terminate_all_worker",
                Some(Code::SERVER_WORKER_EXIT_TIMEOUT.0),
                "wait timeout, all worker processes will be forcibly terminated",
            );
            left.iter().for_each(|pid| kill(*pid, libc::SIGKILL));
        }
        if engine.turn(Some(Duration::from_millis(20))).is_err() {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Whether a process is there and no zombie, which a lazy parent may keep for long.
fn is_running(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
    state.is_some_and(|state| !matches!(state, 'Z' | 'X'))
}

/// The manager was killed: its workers, who have been told by the kernel, end before the master does.
pub(super) fn end_orphans(server: &Rc<Server>, engine: &Engine) {
    let count = server.shared().map_or(0, |shared| shared.worker_count());
    let wait = server.settings.borrow().max_wait_time;
    let mut left = pids(server, 0..count);
    left.iter().for_each(|pid| kill(*pid, libc::SIGTERM));
    let mut deadline = Instant::now() + wait + GRACE;
    let mut killed = false;
    loop {
        // They are somebody else's children now, or ours where we are process 1.
        left.retain(|pid| {
            let _ = waitpid(Pid::from_raw(*pid), Some(WaitPidFlag::WNOHANG));
            is_running(*pid)
        });
        let late = Instant::now() >= deadline;
        if left.is_empty() || (late && killed) {
            return;
        }
        if late {
            killed = true;
            deadline = Instant::now() + Duration::from_secs(1);
            left.iter().for_each(|pid| kill(*pid, libc::SIGKILL));
        }
        if engine.turn(Some(Duration::from_millis(10))).is_err() {
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// A signal for the manager. False: not one of its own.
pub fn signal(signo: i32) -> bool {
    if life::part() == Part::Master {
        return master::signal(signo);
    }
    ORDERS.with(|orders| match signo {
        libc::SIGTERM | libc::SIGINT => {
            orders.end.set(true);
            if let Some(server) = running().filter(|server| server.settings.borrow().mode == Mode::Base) {
                tell_before_shutdown(&server, false);
            }
            true
        }
        libc::SIGUSR1 => {
            orders.reload_all.set(true);
            true
        }
        libc::SIGUSR2 => {
            orders.reload_tasks.set(true);
            true
        }
        libc::SIGCHLD | libc::SIGHUP => true,
        _ => false,
    })
}

/// Sends a signal on to every worker.
pub fn pass_on(signo: i32) {
    if let Some(server) = running() {
        let count = server.shared().map_or(0, |shared| shared.worker_count());
        pids(&server, 0..count).into_iter().for_each(|pid| kill(pid, signo));
    }
}

pub(super) fn tell_before_shutdown(server: &Rc<Server>, in_coroutine: bool) {
    if let Some(shared) = server.shared()
        && shared.head().shutdown.swap(1, Ordering::Relaxed) == 0
    {
        server.tell(ServerEvent::BeforeShutdown, &mut Vec::new(), in_coroutine);
    }
}

/// Ends the server, from whichever of its processes.
pub fn shutdown() {
    let Some(server) = running() else { return };
    if life::part() == Part::Single {
        tell_before_shutdown(&server, message::in_coroutine(&server));
        life::stop_worker();
        return;
    }
    if let Some(shared) = server.shared() {
        let manager = shared.head().manager_pid.load(Ordering::Relaxed);
        let master = shared.head().master_pid.load(Ordering::Relaxed);
        let base = server.settings.borrow().mode == Mode::Base;
        kill(if base && manager > 0 { manager } else { master }, libc::SIGTERM);
    }
}

/// `Server::reload(bool $only_reload_taskworker = false): bool`
pub fn reload(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let Some(server) = started(call.this(), ret)? else { return Ok(()) };
    let tasks_only = call.args(0, 1)?.opt_bool()?.unwrap_or(false);
    let manager = server.shared().map_or(0, |shared| shared.head().manager_pid.load(Ordering::Relaxed));
    if manager == 0 {
        set_last(Code::OPERATION_NOT_SUPPORT);
        log::warning("Server::reload", Some(Code::OPERATION_NOT_SUPPORT.0), "not supported with single process mode");
        ret.set_bool(false);
        return Ok(());
    }
    if RELOAD.with_borrow(Option::is_some) {
        ret.set_bool(false);
        return Ok(());
    }
    kill(manager, if tasks_only { libc::SIGUSR2 } else { libc::SIGUSR1 });
    ret.set_bool(true);
    Ok(())
}
