//! `Server::start`: what must be right and ready before the first process.

use std::rc::Rc;
use std::sync::atomic::Ordering;

use super::events::{PortEvent, ServerEvent};
use super::options::Problem;
use super::{Flavor, Phase, Server, class_name, dispatch, manager, of, prop};
use crate::php::code::{Code, set_last};
use crate::php::report;
use crate::server::{Bus, Conn, DispatchMode, Protocol, Shared, TaskQueue, socket};
use crate::zend::error::E_WARNING;
use crate::zend::{Array, Call, ObjectExt, PhpResult, Value, Zval, ZvalExt};

/// The protocol of a new connection on a port that speaks more than packets; none otherwise. HTTP and its
/// family are chosen here.
pub fn protocol_of(server: &Rc<Server>, conn: &Rc<Conn>) -> Option<Rc<dyn Protocol>> {
    let listen = server.port(conn.port().index)?;
    let (http, websocket, redis) = {
        let settings = listen.port.settings.borrow();
        (settings.open_http_protocol, settings.open_websocket_protocol, settings.open_redis_protocol)
    };
    if redis && server.flavor == Flavor::Redis {
        return Some(crate::php::redis::server::protocol(server, conn));
    }
    // A port with an onReceive of its own and no onRequest is a plain one, whatever the settings say.
    let wanted =
        http && (listen_has(server, conn, PortEvent::Request) || (websocket && listen_has(server, conn, PortEvent::Message)));
    wanted.then(|| crate::php::http::server::protocol(server, &listen, conn))
}

fn listen_has(server: &Rc<Server>, conn: &Rc<Conn>, event: PortEvent) -> bool {
    server.callback(conn.port().index, event).is_some()
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
    // Timers of the script go on in the process that it becomes.
    let looping = engine.is_some_and(|engine| {
        engine.is_looping() || engine.current().is_some() || engine.live() > 0 || engine.has_work_besides_timers()
    });
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
    let outcome = prepare(&server);
    if outcome.is_ok() {
        super::helper::before_start(this)?;
    }
    let outcome = outcome.and_then(|()| listen(&server));
    if let Err(problem) = outcome {
        drop(server);
        problem.raise();
        ret.set_bool(false);
        return Ok(());
    }
    // What loops before this one have left would be missing in the processes to come.
    crate::php::fork::end_threads();
    server.phase.set(Phase::Started);
    let result = manager::run(&server);
    // A process of addProcess() goes on until its loop has run, at the script's end.
    let user = crate::server::worker().is_some_and(|worker| worker.role() == crate::server::Role::User);
    if !user {
        server.phase.set(Phase::Ended);
    }
    if result.is_ok() {
        // Another server may be made now, though this object lives on.
        super::end_running(&server);
    }
    drop(server);
    result?;
    dispatch::check()?;
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
    events_of_mode(server, &ports);
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
            let stream = first.port.kind.has_connections(first.port.ssl);
            let (event, name) = if stream { (PortEvent::Receive, "Receive") } else { (PortEvent::Packet, "Packet") };
            if !first.port.settings.borrow().open_http_protocol && !first.callbacks.has(event as usize) {
                return Err(Problem::error(format_args!("require on{name} callback")));
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
    if server.settings.borrow().task_worker_num > 0 && server.own_callback(ServerEvent::Task).is_none() {
        return Err(error("failed to start server. Error: require 'onTask' callback"));
    }
    for listen in &ports {
        check_port(server, listen)?;
    }
    heartbeat(server);
    ports.iter().try_for_each(|listen| tls(server, listen))
}

/// Where packets go to any worker, none can be told what becomes of a connection.
fn events_of_mode(server: &Rc<Server>, ports: &[Rc<super::port::Listen>]) {
    let mut settings = server.settings.borrow_mut();
    if settings.mode == crate::server::Mode::Base {
        settings.max_queued_bytes = 0;
        return;
    }
    settings.send_yield &= matches!(settings.dispatch_mode, DispatchMode::Fd | DispatchMode::Ip | DispatchMode::CoConnection);
    if settings.tells() {
        return;
    }
    for event in [PortEvent::Connect, PortEvent::Close, PortEvent::BufferFull, PortEvent::BufferEmpty] {
        let cleared = ports.iter().filter(|listen| listen.callbacks.clear(event as usize)).count();
        if cleared > 0 {
            let mode = settings.dispatch_mode as u8;
            crate::log::warning(
                "Server::start_check",
                Some(Code::SERVER_INVALID_CALLBACK.0),
                &format!("cannot set 'on{event:?}' event when using dispatch_mode={mode}"),
            );
        }
    }
}

/// Certificates of a port with TLS.
fn tls(server: &Rc<Server>, listen: &Rc<super::port::Listen>) -> Result<(), Problem> {
    if !listen.port.ssl {
        return Ok(());
    }
    let own = listen.property(super::port::SETTING);
    let common = server.this().map(|this| Value::copy_of(this.slot(prop::SETTING)));
    let Some(given) = own.as_zval().as_array().or_else(|| common.as_ref()?.as_zval().as_array()) else {
        return Err(error("ssl require cert file"));
    };
    let Ok(mut settings) = crate::php::stream_settings::tls(given) else { return Err(error("ssl require cert file")) };
    settings.datagram = !listen.port.kind.is_stream();
    if settings.verify_peer && settings.client_cert_file.is_none() && settings.cafile.is_none() && settings.capath.is_none() {
        return Err(error("server open verify peer require `ssl_client_cert_file` or `ssl_capath` or `ssl_cafile` config"));
    }
    {
        let port = listen.port.settings.borrow();
        if port.open_http2_protocol {
            settings.alpn = vec!["h2".to_owned(), "http/1.1".to_owned()];
        } else if port.open_http_protocol {
            settings.alpn = vec!["http/1.1".to_owned()];
        }
    }
    *listen.port.tls_settings.borrow_mut() = Some(settings);
    listen.port.load_tls().map_err(|error| Problem::error(format_args!("failed to create the server. Error: {error}")))
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
    if !listen.port.kind.has_connections(listen.port.ssl) {
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
    let process_mode = settings.mode == crate::server::Mode::Process;
    let gates = if !process_mode {
        0
    } else if settings.single_thread {
        1
    } else {
        settings.reactor_num.clamp(1, 64)
    };
    let users = server.users.borrow().len();
    let processes = settings.worker_num + settings.task_worker_num + users + gates;
    // Behind these, where a worker counts that its successor has replaced.
    let places = processes + settings.worker_num + settings.task_worker_num;
    let shared = Shared::new(settings.max_connection, places)
        .map_err(|error| Problem::error(format_args!("failed to create the server. Error: {error}")))?;
    shared.set_first_id(settings.start_session_id + 1);
    let head = shared.head();
    head.master_pid.store(std::process::id() as i32, Ordering::Relaxed);
    head.start_time.store(crate::server::microtime() as i64, Ordering::Relaxed);
    head.started.store(1, Ordering::Relaxed);
    let _ = server.shared.set(std::sync::Arc::new(shared));
    if !settings.is_single_process(users) {
        // Behind these the master's, the manager's, and those of workers whose successors have theirs.
        let room = server.port(0).map_or(0, |listen| listen.port.settings.borrow().socket_buffer_size);
        let bus = Bus::new(places + 2, room)
            .map_err(|error| Problem::error(format_args!("failed to create the server. Error: {error}")))?;
        let _ = server.bus.set(Rc::new(bus));
    }
    if settings.task_worker_num > 0 && matches!(settings.task_ipc_mode, 2 | 3) {
        let run = i64::from(std::process::id()) << 32 | crate::server::microtime() as i64 & 0xffff_ffff;
        let any = settings.task_ipc_mode == 3;
        let queue = TaskQueue::open(settings.message_queue_key, any, &settings.task_tmpdir, run)
            .map_err(|error| Problem::error(format_args!("failed to create the server. Error: msgget() failed, {error}")))?;
        let _ = server.task_queue.set(queue);
    }
    if process_mode {
        let lanes = crate::server::Lanes::new(gates, settings.worker_num)
            .map_err(|error| Problem::error(format_args!("failed to create the server. Error: {error}")))?;
        server.lanes.set(Some(lanes));
    }
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
        port.note_file();
    }
    Ok(())
}
