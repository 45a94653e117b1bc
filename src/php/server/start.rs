//! `Server::start`: checks, the process picture, and the life of an event worker.

use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use coroutine::Engine;

use super::dispatch::{self, Script, long};
use super::events::{PortEvent, ServerEvent};
use super::options::Problem;
use super::{Flavor, Phase, Server, class_name, of, prop};
use crate::log;
use crate::php::code::{Code, set_last};
use crate::php::{lifecycle, report};
use crate::server::{Conn, Protocol, Shared, Worker, socket, worker};
use crate::zend::error::E_WARNING;
use crate::zend::{Array, Call, ObjectExt, PhpResult, Thrown, Value, Zval, ZvalExt};

/// The protocol of a new connection on a port that speaks more than packets; none otherwise. HTTP and its
/// family are chosen here.
pub fn protocol_of(_server: &Rc<Server>, _conn: &Rc<Conn>) -> Option<Rc<dyn Protocol>> {
    None
}

/// `Server::start(): bool`
pub fn start(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    let server = of(this)?;
    let refused = match server.phase.get() {
        Phase::Started => Some("The server is running, unable to execute"),
        Phase::Ended => Some("The server have been shutdown, unable to execute"),
        Phase::Created => None,
    };
    let engine = coroutine::engine();
    let looping = engine.is_some_and(|engine| engine.is_looping() || engine.current().is_some() || engine.has_work());
    if refused.is_some() || looping {
        let mut line = report::Line::<256>::default();
        let name = class_name(this);
        let _ = match refused {
            Some(text) => std::fmt::Write::write_fmt(&mut line, format_args!("{text} {name}->start()")),
            None => std::fmt::Write::write_fmt(
                &mut line,
                format_args!("The event-loop has already been created, unable to start {name}"),
            ),
        };
        drop((server, name));
        report::fatal(E_WARNING, line.text());
        ret.set_bool(false);
        return Ok(());
    }
    let outcome = prepare(&server).and_then(|()| listen(&server));
    if let Err(problem) = outcome {
        drop(server);
        problem.raise();
        ret.set_bool(false);
        return Ok(());
    }
    server.phase.set(Phase::Started);
    let result = run_single(&server);
    server.phase.set(Phase::Ended);
    drop(server);
    result?;
    ret.set_bool(true);
    Ok(())
}

fn error(text: &str) -> Problem {
    Problem::error(format_args!("{text}"))
}

/// What must be right before anything is made; fills in `$setting`.
fn prepare(server: &Rc<Server>) -> Result<(), Problem> {
    {
        let mut settings = server.settings.borrow_mut();
        if settings.enable_coroutine {
            settings.reload_async = true;
        }
        if settings.send_timeout > 0.0 && settings.send_timeout < 0.001 {
            settings.send_timeout = 0.001;
        }
    }
    fill_setting(server);
    let ports = server.ports.borrow().clone();
    let Some(first) = ports.first() else { return Err(error("no port")) };
    match server.flavor {
        Flavor::Redis => {
            let mut settings = first.port.settings.borrow_mut();
            clear_protocols(&mut settings);
            settings.open_redis_protocol = true;
        }
        Flavor::Http | Flavor::WebSocket => {
            if server.flavor == Flavor::WebSocket {
                if !first.callbacks.has(PortEvent::Message as usize) {
                    return Err(error("require onMessage callback"));
                }
            } else if !first.callbacks.has(PortEvent::Request as usize) {
                return Err(error("require onRequest callback"));
            }
            let mut settings = first.port.settings.borrow_mut();
            let (http2, websocket) = (settings.open_http2_protocol, settings.open_websocket_protocol);
            clear_protocols(&mut settings);
            settings.open_http_protocol = true;
            settings.open_http2_protocol = http2;
            settings.open_websocket_protocol = websocket || server.flavor == Flavor::WebSocket;
        }
        Flavor::Plain => {
            let event = if first.port.kind.is_stream() { PortEvent::Receive } else { PortEvent::Packet };
            if !first.port.settings.borrow().open_http_protocol && !first.callbacks.has(event as usize) {
                return Err(Problem::error(format_args!("require on{} callback", event.name())));
            }
        }
    }
    for listen in ports.iter().skip(1) {
        if !listen.has_own_settings() {
            let setting = server.this().map(|this| Value::copy_of(this.slot(prop::SETTING)));
            if let Some(array) = setting.as_ref().and_then(|setting| setting.as_zval().as_array()) {
                if let Some(problem) = super::options::port(server, listen, array) {
                    return Err(problem);
                }
                listen.set_setting(array);
            }
        }
    }
    for listen in &ports {
        check_port(server, listen)?;
    }
    heartbeat(server);
    Ok(())
}

fn clear_protocols(settings: &mut crate::server::PortSettings) {
    settings.open_eof_check = false;
    settings.open_eof_split = false;
    settings.open_length_check = false;
    settings.open_http_protocol = false;
    settings.open_http2_protocol = false;
    settings.open_websocket_protocol = false;
    settings.open_mqtt_protocol = false;
    settings.open_redis_protocol = false;
}

fn check_port(server: &Rc<Server>, listen: &Rc<super::port::Listen>) -> Result<(), Problem> {
    let has = |event: PortEvent| server.callback(listen.port.index, event).is_some();
    let mut settings = listen.port.settings.borrow_mut();
    // A limit that no packet could keep.
    settings.package_max_length = settings.package_max_length.max(2048);
    if settings.buffer_high_watermark == 0 {
        settings.buffer_high_watermark = settings.socket_buffer_size / 10 * 8;
    }
    if !listen.port.kind.is_stream() {
        if !has(PortEvent::Packet) {
            return Err(error("require onPacket callback"));
        }
        return Ok(());
    }
    settings.open_http_protocol |= settings.open_websocket_protocol || settings.open_http2_protocol;
    if settings.open_http_protocol {
        if settings.open_websocket_protocol {
            if !has(PortEvent::Message) && !has(PortEvent::Receive) {
                return Err(error("require onMessage callback"));
            }
        } else if !has(PortEvent::Request) && !has(PortEvent::Receive) {
            return Err(error("require onRequest callback"));
        }
    } else if !settings.open_redis_protocol && !has(PortEvent::Receive) {
        return Err(error("require onReceive callback"));
    }
    Ok(())
}

/// Interval and idle times complete each other.
fn heartbeat(server: &Rc<Server>) {
    let mut settings = server.settings.borrow_mut();
    for listen in server.ports.borrow().iter() {
        let mut port = listen.port.settings.borrow_mut();
        if settings.heartbeat_check_interval > 0 && port.heartbeat_idle_time == 0 {
            port.heartbeat_idle_time = settings.heartbeat_check_interval * 2;
        }
        if port.heartbeat_idle_time > 0 {
            let expected = if port.heartbeat_idle_time > 2 { port.heartbeat_idle_time / 2 } else { 1 };
            let interval = &mut settings.heartbeat_check_interval;
            if *interval == 0 || *interval > expected {
                *interval = expected;
            }
        }
    }
}

fn fill_setting(server: &Rc<Server>) {
    let Some(this) = server.this() else { return };
    let settings = server.settings.borrow();
    let mut extra = Value::array(8);
    {
        let mut array = extra.array_mut();
        let slot = Value::copy_of(this.slot(prop::SETTING));
        let present = |key: &str| slot.as_zval().as_array().is_some_and(|array: Array<'_>| array.get(key).is_some());
        for (key, value) in [
            ("worker_num", settings.worker_num),
            ("task_worker_num", settings.task_worker_num),
            ("output_buffer_size", settings.output_buffer_size),
            ("max_connection", settings.max_connection),
        ] {
            if !present(key) {
                array.set(key, Value::long(value as i64));
            }
        }
        for (key, on) in match server.flavor {
            Flavor::Plain => vec![],
            Flavor::Http => vec![
                ("open_http_protocol", true),
                ("open_mqtt_protocol", false),
                ("open_eof_check", false),
                ("open_length_check", false),
            ],
            Flavor::WebSocket => vec![
                ("open_http_protocol", true),
                ("open_mqtt_protocol", false),
                ("open_eof_check", false),
                ("open_length_check", false),
                ("open_websocket_protocol", true),
            ],
            Flavor::Redis => vec![
                ("open_redis_protocol", true),
                ("open_http_protocol", false),
                ("open_mqtt_protocol", false),
                ("open_eof_check", false),
                ("open_length_check", false),
            ],
        } {
            array.set(key, Value::bool(on));
        }
    }
    drop(settings);
    if let Some(array) = extra.as_zval().as_array() {
        super::merge_setting(this.slot(prop::SETTING), array);
    }
    this.slot(prop::MASTER_PID).set_long(i64::from(std::process::id()));
}

/// Shared memory, and the listening sockets.
fn listen(server: &Rc<Server>) -> Result<(), Problem> {
    let settings = server.settings.borrow();
    let processes = settings.worker_num + settings.task_worker_num + 1;
    let shared = Shared::new(settings.max_connection, processes)
        .map_err(|error| Problem::error(format_args!("failed to create the server. Error: {error}")))?;
    shared.set_first_id(settings.start_session_id);
    let head = shared.head();
    head.master_pid.store(std::process::id() as i32, Ordering::Relaxed);
    head.start_time.store(crate::server::microtime() as i64, Ordering::Relaxed);
    head.started.store(1, Ordering::Relaxed);
    let _ = server.shared.set(Rc::new(shared));
    for listen in server.ports.borrow().iter() {
        let port = &listen.port;
        if let Err(error) = socket::listen(port.fd(), port.kind, &port.settings.borrow()) {
            let code = Code(error.raw_os_error().unwrap_or(libc::EINVAL));
            set_last(code);
            return Err(Problem::error(format_args!(
                "failed to start server. Error: listen({}) failed, Error: {}[{}]",
                port.describe(),
                code.text(),
                code.0
            )));
        }
    }
    Ok(())
}

/// BASE with one worker: this process is all there is.
fn run_single(server: &Rc<Server>) -> PhpResult {
    if let Some(path) = server.settings.borrow().pid_file.as_ref() {
        let _ = std::fs::write(path, std::process::id().to_string());
    }
    let result = run_worker(server, 0);
    if result.is_ok() {
        server.tell(ServerEvent::Shutdown, &mut Vec::new(), false);
    }
    cleanup(server);
    result?;
    dispatch::check()
}

/// Sockets and files that no process must leave behind.
fn cleanup(server: &Rc<Server>) {
    for listen in server.ports.borrow().iter() {
        listen.port.close();
        if listen.port.kind.is_unix() {
            let _ = std::fs::remove_file(&listen.port.host);
        }
    }
    if let Some(path) = server.settings.borrow().pid_file.as_ref() {
        let _ = std::fs::remove_file(path);
    }
}

/// The life of an event worker in this process.
///
/// # Errors
/// A callback ended the request.
fn run_worker(server: &Rc<Server>, id: usize) -> PhpResult {
    let engine = lifecycle::loop_engine();
    let Some(shared) = server.shared() else { return Ok(()) };
    let script = Rc::new(Script::new(server));
    let in_coroutine = script.coroutine;
    let settings = Rc::new(server.settings.borrow().clone());
    let interval = settings.heartbeat_check_interval;
    let ports = server.ports.borrow().iter().map(|listen| Rc::clone(&listen.port)).collect();
    let worker = Worker::install(id, script, settings, Rc::clone(shared), ports);
    log::set_identity(log::Role::Worker, id as u32);
    let stats = worker.stats();
    stats.pid.store(std::process::id() as i32, Ordering::Relaxed);
    stats.start_time.store(crate::server::microtime() as i64, Ordering::Relaxed);
    stats.status.store(2, Ordering::Relaxed);
    watch_signals(engine);
    if let Err(error) = worker.listen() {
        log::warning("Worker::listen", error.raw_os_error(), &error.to_string());
    }
    if let Some(this) = server.this() {
        let pid = i64::from(std::process::id());
        this.slot(prop::MASTER_PID).set_long(i64::from(shared.head().master_pid.load(Ordering::Relaxed)));
        this.slot(prop::MANAGER_PID).set_long(i64::from(shared.head().manager_pid.load(Ordering::Relaxed)));
        this.slot(prop::WORKER_PID).set_long(pid);
    }
    if id == 0 && shared.head().on_start_called.swap(1, Ordering::Relaxed) == 0 {
        server.tell(ServerEvent::Start, &mut Vec::new(), in_coroutine);
    }
    if let Some(this) = server.this() {
        this.slot(prop::WORKER_ID).set_long(id as i64);
        this.slot(prop::TASKWORKER).set_bool(false);
    }
    server.tell(ServerEvent::WorkerStart, &mut vec![long(id as i64)], in_coroutine);
    if interval > 0 {
        heartbeat_later(engine, worker, Duration::from_secs(u64::from(interval)));
    }
    while worker.is_running() && !engine.is_aborted() {
        if engine.run().is_err() {
            break;
        }
    }
    let ended = drain(server, engine, worker);
    unwatch_signals(engine);
    if ended.is_err() {
        return ended;
    }
    worker.close_all();
    dispatch::check()?;
    server.tell(ServerEvent::WorkerStop, &mut vec![long(id as i64)], false);
    Worker::uninstall();
    lifecycle::close_loop();
    dispatch::check()
}

/// After the order to end: coroutines under way may finish, within `max_wait_time`.
fn drain(server: &Rc<Server>, engine: &Engine, worker: &'static Worker) -> PhpResult {
    dispatch::check()?;
    let deadline = Instant::now() + worker.settings().max_wait_time;
    let mut told = false;
    let pending = || engine.live() > 0 || worker.connections().iter().any(|conn| conn.buffered() > 0);
    while pending() {
        let now = Instant::now();
        if now >= deadline {
            log::with_code(
                log::Level::Warning as i32,
                "Worker::exit",
                Some(Code::SERVER_WORKER_EXIT_TIMEOUT.0),
                "worker exit timeout, forced termination",
            );
            break;
        }
        if !told {
            told = true;
            server.tell(ServerEvent::WorkerExit, &mut vec![long(worker.id() as i64)], false);
        }
        engine.turn(Some((deadline - now).min(Duration::from_millis(100)))).map_err(Thrown::from)?;
    }
    Ok(())
}

fn heartbeat_later(engine: &'static Engine, worker: &'static Worker, interval: Duration) {
    let _ = engine.call_at(Instant::now() + interval, move || {
        if worker.is_running() {
            worker.heartbeat(true);
            heartbeat_later(engine, worker, interval);
        }
    });
}

const SIGNALS: [i32; 4] = [libc::SIGTERM, libc::SIGINT, libc::SIGUSR1, libc::SIGUSR2];

fn watch_signals(engine: &Engine) {
    if let Ok(reactor) = engine.reactor() {
        for signo in SIGNALS {
            let _ = reactor.watch_signal(signo);
        }
        let _ = reactor.watch_signal(libc::SIGRTMIN());
    }
}

fn unwatch_signals(engine: &Engine) {
    if let Ok(reactor) = engine.reactor() {
        for signo in SIGNALS {
            let _ = reactor.unwatch_signal(signo);
        }
        let _ = reactor.unwatch_signal(libc::SIGRTMIN());
    }
}

/// A signal for the server's own machinery. False: it is somebody else's.
pub fn signal(signo: i32) -> bool {
    let Some(worker) = worker() else { return false };
    match signo {
        libc::SIGTERM | libc::SIGINT => {
            stop_all();
            true
        }
        libc::SIGUSR1 | libc::SIGUSR2 => {
            log::put(log::Level::Info as i32, b"reload has no effect on a server of one process");
            true
        }
        signo if signo == libc::SIGRTMIN() => {
            log::reopen();
            true
        }
        _ => {
            let _ = worker;
            false
        }
    }
}

/// Ends the server, from whichever process.
pub fn stop_all() {
    let Some(server) = super::running() else { return };
    if let Some(shared) = server.shared()
        && shared.head().shutdown.swap(1, Ordering::Relaxed) == 0
    {
        let in_coroutine = server.settings.borrow().enable_coroutine;
        server.tell(ServerEvent::BeforeShutdown, &mut Vec::new(), in_coroutine);
    }
    stop_worker();
}

/// Ends this worker: its loop returns, and [`run_worker`] goes on behind it.
pub fn stop_worker() {
    if let Some(worker) = worker() {
        worker.stop();
    }
    if let Some(engine) = coroutine::engine() {
        engine.stop();
    }
}
