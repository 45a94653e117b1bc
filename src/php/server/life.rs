//! The life of a worker, from its first event to its last, and the signals of all processes.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use coroutine::Engine;

use super::dispatch::{self, Script, long};
use super::events::ServerEvent;
use super::{Server, helper, manager, message, prop, tasks};
use crate::log;
use crate::php::code::Code;
use crate::php::lifecycle;
use crate::server::{Mode, Remote, Role, Settings, Worker, microtime, now_us, worker};
use crate::zend::{ObjectExt, PhpResult, Thrown};

/// What this process does with the server's signals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// No process of a running server.
    None,
    /// The only one.
    Single,
    Manager,
    Worker,
    /// PROCESS mode's owner of the connections.
    Master,
}

thread_local! {
    static PART: Cell<Part> = const { Cell::new(Part::None) };
}

pub fn set_part(part: Part) {
    PART.set(part);
}

pub fn part() -> Part {
    PART.get()
}

/// The life of a worker in this process.
///
/// # Errors
/// A callback ended the request.
pub fn run(server: &Rc<Server>, id: usize, role: Role) -> PhpResult {
    let engine = lifecycle::loop_engine();
    let Some(shared) = server.shared() else { return Ok(()) };
    let script = Rc::new(Script::new(server));
    let settings = Rc::new(server.settings.borrow().clone());
    let serves = role == Role::Event && settings.mode == Mode::Base;
    let ports = server.ports.borrow().iter().map(|listen| Rc::clone(&listen.port)).collect();
    let bus = server.bus.get().cloned();
    let ephemeral = !settings.dispatch_mode.is_sticky();
    let releases = settings.worker_num > 1 && (ephemeral || server.dispatch_function.borrow().is_some());
    let remote = match server.lanes.get().filter(|_| role == Role::Event).map(|lanes| Remote::new(lanes, id, releases, ephemeral))
    {
        Some(Ok(remote)) => Some(remote),
        Some(Err(error)) => {
            log::warning("Worker::start", error.raw_os_error(), &error.to_string());
            return Ok(());
        }
        None => None,
    };
    let processes = server.process_count();
    let worker =
        Worker::install(id, role, script, Rc::clone(&settings), std::sync::Arc::clone(shared), bus, remote, processes, ports);
    let name = if role == Role::Task { log::Role::TaskWorker } else { log::Role::Worker };
    log::set_identity(name, id as u32);
    let stats = worker.stats();
    stats.pid.store(std::process::id() as i32, Ordering::Relaxed);
    stats.start_time.store(microtime() as i64, Ordering::Relaxed);
    stats.status.store(2, Ordering::Relaxed);
    set_quota(worker, &settings);
    if part() != Part::Single {
        set_part(Part::Worker);
    }
    watch_signals(engine);
    let opened = worker
        .open_inbox()
        .and_then(|()| worker.remote().map_or(Ok(()), Remote::open))
        .and_then(|()| if serves { worker.listen() } else { Ok(()) });
    if let Err(error) = opened {
        log::warning("Worker::start", error.raw_os_error(), &error.to_string());
    }
    announce(server, worker);
    let in_coroutine = message::in_coroutine(server);
    if id == 0 && serves && shared.head().on_start_called.swap(1, Ordering::Relaxed) == 0 {
        server.tell(ServerEvent::Start, &mut Vec::new(), in_coroutine);
    } else if id == 0 && serves {
        // The admin server ended with the worker before us.
        helper::restart(server);
    }
    if let Some(this) = server.this() {
        this.slot(prop::WORKER_ID).set_long(id as i64);
        this.slot(prop::TASKWORKER).set_bool(role == Role::Task);
    }
    server.tell(ServerEvent::WorkerStart, &mut vec![long(id as i64)], in_coroutine);
    if serves && settings.heartbeat_check_interval > 0 {
        let interval = Duration::from_secs(u64::from(settings.heartbeat_check_interval));
        repeat(&HEARTBEAT, engine, worker, interval, |worker| drop(worker.heartbeat(true, true)));
    }
    if serves && let Some(interval) = worker.ports().iter().filter_map(|port| port.settings.borrow().idle_sweep()).min() {
        repeat(&SWEEP, engine, worker, interval, Worker::close_idle);
    }
    let first_task = settings.worker_num;
    let taking = if role == Role::Task { tasks::take_from_queue(server, engine, id - first_task) } else { None };
    while worker.is_running() && !engine.is_aborted() {
        if engine.run().is_err() {
            break;
        }
    }
    if let Some(taking) = taking {
        taking.end(engine);
    }
    stats.status.store(3, Ordering::Relaxed);
    dispatch::check()?;
    if let Some(remote) = worker.remote() {
        remote.deal_late(worker);
        dispatch::check()?;
    }
    drain(server, engine, worker)?;
    worker.close_inbox();
    worker.close_all();
    dispatch::check()?;
    server.tell(ServerEvent::WorkerStop, &mut vec![long(id as i64)], false);
    dispatch::check()?;
    if let Some(bus) = worker.bus() {
        bus.drain();
    }
    if let Some(remote) = worker.remote() {
        remote.drain();
    }
    unwatch_signals(engine);
    Worker::uninstall();
    lifecycle::close_loop();
    Ok(())
}

/// Makes this process known as a user process: it may send, but serves nothing.
pub fn join_as_user(server: &Rc<Server>, id: usize) {
    let Some(shared) = server.shared() else { return };
    let script = Rc::new(Script::new(server));
    let settings = Rc::new(server.settings.borrow().clone());
    let bus = server.bus.get().cloned();
    let shared = std::sync::Arc::clone(shared);
    let ports = server.ports.borrow().iter().map(|listen| Rc::clone(&listen.port)).collect();
    let worker = Worker::install(id, Role::User, script, settings, shared, bus, None, server.process_count(), ports);
    let stats = worker.stats();
    stats.pid.store(std::process::id() as i32, Ordering::Relaxed);
    stats.start_time.store(microtime() as i64, Ordering::Relaxed);
    announce(server, worker);
    if let Some(this) = server.this() {
        this.slot(prop::WORKER_ID).set_long(id as i64);
    }
}

/// The properties that tell a script where it runs.
fn announce(server: &Server, worker: &Worker) {
    let head = worker.shared().head();
    if let Some(this) = server.this() {
        this.slot(prop::MASTER_PID).set_long(i64::from(head.master_pid.load(Ordering::Relaxed)));
        this.slot(prop::MANAGER_PID).set_long(i64::from(head.manager_pid.load(Ordering::Relaxed)));
        this.slot(prop::WORKER_PID).set_long(i64::from(std::process::id()));
    }
}

/// `max_request`, with a grace by chance so that not all workers end at once.
fn set_quota(worker: &Worker, settings: &Settings) {
    let (most, grace) = match worker.role() {
        Role::Event => (settings.max_request, settings.max_request_grace),
        Role::Task => (settings.task_max_request, settings.task_max_request_grace),
        Role::User => (0, 0),
    };
    if most > 0 {
        let chance = u64::from(std::process::id()).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
        let grace = if grace > 0 { chance % (u64::from(grace) + 1) } else { 0 };
        worker.set_quota(u64::from(most) + grace);
    }
}

/// After the order to end: what is under way may finish, within `max_wait_time`.
fn drain(server: &Rc<Server>, engine: &Engine, worker: &'static Worker) -> PhpResult {
    if !worker.settings().reload_async && part() == Part::Worker {
        return Ok(());
    }
    let deadline = Instant::now() + worker.settings().max_wait_time;
    let serves = worker.role() == Role::Event && worker.settings().mode == Mode::Base;
    let mut told = false;
    let mut left = part() != Part::Worker || worker.shared().head().shutdown.load(Ordering::Relaxed) != 0;
    for timer in [HEARTBEAT.take(), SWEEP.take()].into_iter().flatten() {
        engine.cancel_call(timer);
    }
    // A client that has just come is served by whoever ends for a successor; a server that ends is left at once.
    let fresh = !left;
    let waits = || engine.reactor().is_ok_and(|reactor| reactor.timer_count() > 0 || reactor.wait_count() > 0);
    let stays = |conn: &Rc<crate::server::Conn>| conn.buffered() > 0 || (serves && conn.is_due(now_us(), fresh));
    let pending = || engine.live() > 0 || waits() || worker.connections().iter().any(stays);
    if serves {
        // What has arrived is answered.
        engine.turn(Some(Duration::ZERO)).map_err(Thrown::from)?;
    }
    while pending() {
        let now = Instant::now();
        if now >= deadline {
            log::with_code(
                log::Level::Warning as i32,
                "Worker::try_to_exit",
                Some(Code::SERVER_WORKER_EXIT_TIMEOUT.0),
                "worker exit timeout, forced termination",
            );
            break;
        }
        if !told {
            told = true;
            server.tell(ServerEvent::WorkerExit, &mut vec![long(worker.id() as i64)], false);
            continue;
        }
        if !left && !worker.app().awaits() {
            // This takes longer: the successor need not wait for it.
            left = true;
            worker.leave();
        }
        engine.turn(Some((deadline - now).min(Duration::from_millis(if serves { 20 } else { 100 })))).map_err(Thrown::from)?;
    }
    Ok(())
}

thread_local! {
    static HEARTBEAT: Timer = const { Cell::new(None) };
    static SWEEP: Timer = const { Cell::new(None) };
}

type Timer = Cell<Option<coroutine::CallId>>;

/// Does `work` each `interval` until the worker ends.
fn repeat(
    slot: &'static std::thread::LocalKey<Timer>,
    engine: &'static Engine,
    worker: &'static Worker,
    interval: Duration,
    work: fn(&Worker),
) {
    let timer = engine.call_at(Instant::now() + interval, move || {
        slot.set(None);
        if worker.is_running() {
            work(worker);
            repeat(slot, engine, worker, interval, work);
        }
    });
    slot.set(timer.ok());
}

fn signals() -> [i32; 8] {
    [libc::SIGTERM, libc::SIGINT, libc::SIGUSR1, libc::SIGUSR2, libc::SIGHUP, libc::SIGPIPE, libc::SIGWINCH, libc::SIGRTMIN()]
}

pub fn watch_signals(engine: &Engine) {
    if let Ok(reactor) = engine.reactor() {
        for signo in signals() {
            let _ = reactor.watch_signal(signo);
        }
    }
}

pub fn unwatch_signals(engine: &Engine) {
    if let Ok(reactor) = engine.reactor() {
        for signo in signals() {
            let _ = reactor.unwatch_signal(signo);
        }
    }
}

/// Whether this process's part in a server needs the signal, whoever else listens for it.
pub fn watches(signo: i32) -> bool {
    let serves = match part() {
        Part::None => false,
        Part::Worker => worker().is_some_and(|worker| worker.role() != Role::User),
        Part::Single | Part::Manager | Part::Master => true,
    };
    serves && signals().contains(&signo)
}

/// A signal for the server's own machinery. False: it is somebody else's.
pub fn signal(signo: i32) -> bool {
    let part = part();
    if part == Part::None {
        return false;
    }
    // What a worker's script waits for is the script's: it ends the worker itself, in its own time.
    if matches!(part, Part::Worker | Part::Single) && crate::php::signal::is_claimed(signo) {
        return false;
    }
    if signo == libc::SIGWINCH || signo == libc::SIGRTMIN() {
        log::reopen();
        match part {
            Part::Master => super::master::pass_on(signo),
            Part::Manager => manager::pass_on(libc::SIGWINCH),
            _ => {}
        }
        return true;
    }
    if signo == libc::SIGPIPE {
        log::warning(
            "signal_callback",
            Some(Code::UNREGISTERED_SIGNAL.0),
            &format!("Unable to find callback function for signal Broken pipe: {signo}"),
        );
        return true;
    }
    if signo == libc::SIGINT && crate::php::signal::has_handler(signo) {
        return false;
    }
    match (part, signo) {
        (Part::Single, libc::SIGTERM | libc::SIGINT) => manager::shutdown(),
        (Part::Single, libc::SIGUSR1 | libc::SIGUSR2) => {
            log::put(log::Level::Warning as i32, b"not supported with single process mode");
        }
        (Part::Worker, libc::SIGTERM) => stop_worker(),
        // A terminal sends it to the whole group: the manager tells us what to do.
        (Part::Worker, libc::SIGINT | libc::SIGUSR1 | libc::SIGUSR2) => {}
        (Part::Manager | Part::Master, _) => return manager::signal(signo),
        (_, libc::SIGHUP) => {}
        _ => return false,
    }
    true
}

/// Ends this worker: its loop returns, and [`run`] goes on behind it.
pub fn stop_worker() {
    if let Some(worker) = worker() {
        worker.stop();
    }
    if let Some(engine) = coroutine::engine() {
        engine.stop();
    }
}

/// The request ends while a worker runs: by `exit()` or a fatal error.
pub fn request_end() {
    let serves = matches!(part(), Part::Worker | Part::Single);
    if serves && worker().is_some_and(|worker| worker.is_running() && worker.role() != Role::User) {
        match crate::zend::host::last_error() {
            Some(text) => log::with_code(
                log::Level::Error as i32,
                "php_swoole_server_rshutdown",
                Some(Code::PHP_FATAL_ERROR.0),
                &format!("Fatal error: {text}"),
            ),
            None => log::with_code(
                log::Level::Notice as i32,
                "Server::worker_exit",
                Some(Code::SERVER_WORKER_TERMINATED.0),
                "worker process is terminated by exit()/die()",
            ),
        }
    }
    super::pack::forget();
    crate::php::http::load::forget();
}
