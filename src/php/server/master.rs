//! PROCESS mode's master: it forks the manager, starts the gates, and waits.

use std::cell::{Cell, RefCell};
use std::os::fd::RawFd;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use coroutine::{Source, engine};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, fork};
use protocol::framing::Framer;
use reactor::{Interest, Readiness};

use super::dispatch::{self, long};
use super::events::{PortEvent, ServerEvent};
use super::life::{self, Part};
use super::{Server, manager, message, prop};
use crate::log;
use crate::php::lifecycle;
use crate::server::gate::{Gate, GateHandle, GatePort, GateSettings, Plan};
use crate::server::{Framing, worker};
use crate::zend::{ObjectExt, PhpResult, Value, Zval, ZvalExt};

/// Reads the certificates again, for connections from now on.
pub fn renew(server: &Rc<Server>) {
    let mut certificates = Vec::new();
    for listen in server.ports.borrow().iter() {
        if let Err(error) = listen.port.load_tls() {
            log::warning("Port::load_tls", None, &error.to_string());
        }
        certificates.push(listen.port.tls_context.borrow().clone());
    }
    HANDLES.with_borrow(|handles| handles.iter().for_each(|handle| handle.renew(certificates.clone())));
}

thread_local! {
    static HANDLES: RefCell<Vec<Arc<GateHandle>>> = const { RefCell::new(Vec::new()) };
    static END: Cell<bool> = const { Cell::new(false) };
    static CHILD: Cell<bool> = const { Cell::new(false) };
    static REAPING: Cell<bool> = const { Cell::new(false) };
    static MANAGER_REAPED: Cell<bool> = const { Cell::new(false) };
}

/// Runs the master's life.
///
/// # Errors
/// A callback ended the request: in this process, or in the forked one that this is now.
pub fn run(server: &Rc<Server>) -> PhpResult {
    let (Some(shared), Some(lanes)) = (server.shared().cloned(), server.lanes.get()) else { return Ok(()) };
    let parent = nix::unistd::getpid();
    // SAFETY: before this process has made any thread.
    let child = match unsafe { fork() } {
        Ok(ForkResult::Child) => {
            lifecycle::after_fork();
            let _ = nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGTERM);
            if nix::unistd::getppid() != parent {
                manager::quit(0);
            }
            manager::manage(server)?;
            if nix::unistd::getppid() != parent {
                log::warning("Manager::wait", None, "the master process has ended, the server ends too");
                manager::cleanup(server);
            }
            manager::quit(0)
        }
        Ok(ForkResult::Parent { child }) => child,
        Err(error) => {
            log::warning("Server::start", Some(error as i32), &format!("fork() failed, Error: {error}"));
            return Ok(());
        }
    };
    shared.head().manager_pid.store(child.as_raw(), Ordering::Relaxed);
    life::set_part(Part::Master);
    log::set_identity(log::Role::Master, 0);
    let engine = lifecycle::loop_engine();
    life::watch_signals(engine);
    if let Ok(reactor) = engine.reactor() {
        let _ = reactor.watch_signal(libc::SIGCHLD);
    }
    let gates = match Gates::start(server, lanes) {
        Ok(gates) => gates,
        Err(error) => {
            log::warning("Server::start", error.raw_os_error(), &format!("failed to start the reactor: {error}"));
            end_manager(child);
            return Ok(());
        }
    };
    let inbox = server.bus.get().and_then(|bus| {
        let fd = bus.inbox(server.master_inbox())?;
        let inbox = Inbox { server: Rc::clone(server), bus: Rc::clone(bus) };
        let source = engine.add_source(fd, Interest::READ, Rc::new(inbox));
        source.map_err(|error| log::warning("Server::start", None, &error.to_string())).ok().map(|source| (fd, source))
    });
    if let Some(this) = server.this() {
        this.slot(prop::MASTER_PID).set_long(i64::from(std::process::id()));
        this.slot(prop::MANAGER_PID).set_long(i64::from(child.as_raw()));
    }
    server.tell(ServerEvent::Start, &mut Vec::new(), message::in_coroutine(server));
    let mut manager_lives = true;
    while !END.get() && !engine.is_aborted() {
        if engine.turn(None).is_err() {
            break;
        }
        if CHILD.take() {
            reap_orphans_later(engine, child);
            let ended =
                matches!(waitpid(child, Some(WaitPidFlag::WNOHANG)), Ok(WaitStatus::Exited(..) | WaitStatus::Signaled(..)));
            manager_lives &= !ended;
        }
        if !manager_lives || MANAGER_REAPED.get() {
            manager_lives = false;
            log::warning("Server::signal_handler_child_exit", None, "the manager process has ended, the server ends too");
            break;
        }
    }
    manager::tell_before_shutdown(server, message::in_coroutine(server));
    if manager_lives {
        end_manager(child);
    } else {
        manager::end_orphans(server, engine);
    }
    gates.stop();
    // Or onShutdown's own loop would never be empty.
    if let Some((fd, source)) = inbox {
        engine.remove_source(fd, source);
    }
    if let Ok(reactor) = engine.reactor() {
        let _ = reactor.unwatch_signal(libc::SIGCHLD);
    }
    life::unwatch_signals(engine);
    lifecycle::close_loop();
    dispatch::check()
}

/// As process 1 of a container the master is given every orphan. Children of the script's own in this process can be
/// waited for before that.
fn reap_orphans_later(engine: &'static coroutine::Engine, manager: Pid) {
    if std::process::id() != 1 || REAPING.replace(true) {
        return;
    }
    let reap = engine.call_at(Instant::now() + std::time::Duration::from_secs(1), move || {
        REAPING.set(false);
        while let Ok(WaitStatus::Exited(pid, _) | WaitStatus::Signaled(pid, ..)) = waitpid(None, Some(WaitPidFlag::WNOHANG)) {
            if pid == manager {
                MANAGER_REAPED.set(true);
            }
        }
    });
    if reap.is_err() {
        REAPING.set(false);
    }
}

fn end_manager(manager: Pid) {
    let _ = nix::sys::signal::kill(manager, nix::sys::signal::Signal::SIGTERM);
    let _ = waitpid(manager, None);
}

/// Sends a signal on to the manager.
pub fn pass_on(signo: i32) {
    if let Some(shared) = super::running().as_ref().and_then(|server| server.shared().cloned()) {
        let manager = shared.head().manager_pid.load(Ordering::Relaxed);
        // SAFETY: plain call (kill(2)); the manager is a child that was not reaped yet.
        unsafe { libc::kill(manager, signo) };
    }
}

/// A signal for the master.
pub fn signal(signo: i32) -> bool {
    match signo {
        libc::SIGTERM | libc::SIGINT => {
            END.set(true);
            if let Some(engine) = engine() {
                engine.stop();
            }
            true
        }
        libc::SIGUSR1 | libc::SIGUSR2 => {
            pass_on(signo);
            true
        }
        libc::SIGCHLD => {
            CHILD.set(true);
            true
        }
        libc::SIGHUP => true,
        _ => false,
    }
}

/// The gates, on threads of their own or (`single_thread`) in the main thread's loop.
struct Gates {
    handles: Vec<Arc<GateHandle>>,
    threads: Vec<std::thread::JoinHandle<()>>,
    own: Option<Rc<Gate>>,
}

impl Gates {
    fn start(server: &Rc<Server>, lanes: &'static crate::server::Lanes) -> std::io::Result<Self> {
        let (settings, ports, single) = plan(server);
        let settings = Arc::new(settings);
        let handles: Vec<_> = (0..lanes.gates).map(|gate| GateHandle::new(lanes.gate_bell(gate))).collect();
        let mut threads = Vec::new();
        let mut own = None;
        let Some(shared) = server.shared() else { return Err(std::io::Error::from_raw_os_error(libc::ENOMEM)) };
        let (made, outcomes) = std::sync::mpsc::channel();
        let start = Arc::new(std::sync::Barrier::new(if single { 1 } else { lanes.gates + 1 }));
        for id in 0..lanes.gates {
            let inbox = server.bus.get().and_then(|bus| bus.inbox(settings.processes + id)).unwrap_or(-1);
            let plan = Plan {
                id,
                lanes,
                ports: ports.clone(),
                settings: Arc::clone(&settings),
                shared: Arc::clone(shared),
                all: handles.clone(),
                inbox,
            };
            if single {
                own = Some(in_main_loop(server, plan)?);
                continue;
            }
            let (made, start) = (made.clone(), Arc::clone(&start));
            let thread = std::thread::Builder::new().name(format!("gate{id}")).spawn(move || {
                block_signals();
                let gate = Gate::new(plan, None, Box::new(|_| None));
                let (gate, outcome) = match gate {
                    Ok(gate) => (Some(gate), Ok(())),
                    Err(error) => (None, Err(error)),
                };
                let _ = made.send(outcome);
                start.wait();
                if let Some(gate) = gate {
                    if let Err(error) = gate.begin() {
                        log::warning("Gate::begin", error.raw_os_error(), &error.to_string());
                    }
                    gate.run();
                }
            })?;
            threads.push(thread);
        }
        let failed = outcomes.iter().take(threads.len()).find_map(Result::err);
        if failed.is_some() {
            handles.iter().for_each(|handle| handle.stop());
        }
        start.wait();
        if let Some(error) = failed {
            return Err(error);
        }
        HANDLES.set(handles.clone());
        Ok(Self { handles, threads, own })
    }

    fn stop(self) {
        self.handles.iter().for_each(|handle| handle.stop());
        if let Some(gate) = self.own {
            gate.step();
        }
        for thread in self.threads {
            let _ = thread.join();
        }
    }
}

/// Signals belong to the main thread.
fn block_signals() {
    let _ = nix::sys::signal::SigSet::all().thread_block();
}

fn plan(server: &Rc<Server>) -> (GateSettings, Vec<GatePort>, bool) {
    let settings = server.settings.borrow();
    let ports = server.ports.borrow();
    let ports = ports
        .iter()
        .map(|listen| {
            let port = &listen.port;
            let own = port.settings.borrow().clone();
            let passthrough = own.is_passed_through();
            GatePort {
                index: port.index,
                kind: port.kind,
                fd: port.fd(),
                framing: if passthrough { Framing::Raw } else { port.framing().clone() },
                passthrough,
                tls: port.tls_context.borrow().clone(),
                tells: passthrough
                    || server.callback(port.index, PortEvent::Connect).is_some()
                    || server.callback(port.index, PortEvent::Close).is_some(),
                settings: own,
            }
        })
        .collect();
    let gate = GateSettings {
        dispatch: settings.dispatch_mode,
        workers: settings.worker_num,
        processes: settings.worker_num + settings.task_worker_num + server.users.borrow().len(),
        max_connection: settings.max_connection,
        max_queued_bytes: settings.max_queued_bytes,
        tells: settings.tells(),
        delay_receive: settings.enable_delay_receive,
        heartbeat: settings.heartbeat_check_interval,
    };
    (gate, ports, settings.single_thread)
}

/// A gate inside the main thread's loop, where its PHP callables may run.
fn in_main_loop(server: &Rc<Server>, plan: Plan) -> std::io::Result<Rc<Gate>> {
    let choose = server.dispatch_function.borrow().clone().map(|callable| {
        let server = Rc::clone(server);
        let choose: crate::server::gate::Chooser = Box::new(move |id, kind, data| {
            let mut args: [Zval; 4] =
                [server.object().into_zval(), long(id), long(i64::from(kind)), Value::string(data).into_zval()];
            let chosen = dispatch::call(&callable, &mut args)?;
            match chosen.as_zval().to_long() {
                // Left to the dispatch mode.
                -3 => None,
                number => Some(usize::try_from(number).unwrap_or(usize::MAX)),
            }
        });
        choose
    });
    let owner = Rc::clone(server);
    let framer = move |port: usize| {
        let listen = owner.port(port)?;
        let max = listen.port.settings.borrow().package_max_length;
        let function = listen.length_function()?;
        Some(Framer::function(Box::new(dispatch::LengthCallback(function)), max))
    };
    let gate = Gate::new(plan, choose, Box::new(framer))?;
    if let Some(engine) = engine() {
        let source: Rc<dyn Source> = Rc::new(Nested(Rc::clone(&gate)));
        engine
            .add_source(gate.reactor().epoll_fd(), Interest::READ, source)
            .map_err(|error| std::io::Error::other(error.to_string()))?;
        gate.begin()?;
        gate.step();
        tick(Rc::clone(&gate));
    }
    Ok(gate)
}

/// Heartbeats are looked at in each step; this makes one happen now and then.
fn tick(gate: Rc<Gate>) {
    if let Some(engine) = engine() {
        let _ = engine.call_at(Instant::now() + gate.rhythm(), move || {
            gate.step();
            tick(gate);
        });
    }
    debug_assert!(worker().is_none(), "the master is no worker");
}

/// Answers to the master's commands.
struct Inbox {
    server: Rc<Server>,
    bus: Rc<crate::server::Bus>,
}

impl Source for Inbox {
    fn ready(&self, _fd: RawFd, _ready: Readiness) {
        let own = self.server.master_inbox();
        while self.bus.receive(own, |head, payload| message::deliver(&self.server, head, payload)) {}
    }
}

/// An epoll instance inside another: readable when it has events.
struct Nested(Rc<Gate>);

impl Source for Nested {
    fn ready(&self, _fd: RawFd, _ready: Readiness) {
        self.0.step();
    }
}
