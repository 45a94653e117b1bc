//! Commands that are answered from what the server itself knows: ports, connections, sockets, threads.

use std::sync::atomic::Ordering::Relaxed;

use super::super::command::{EVENT_WORKER, MANAGER, MASTER, REACTOR_THREAD, TASK_WORKER};
use super::super::port::type_number;
use super::super::{Server, of};
use super::{Answer, Command, MISSING, REFUSED, commands, found, given, list_of, named, php, refused, text};
use crate::server::{Mode, Slot, flag, worker};
use crate::zend::{Value, ZendObject, ZvalExt};

const ALL: i64 = MASTER | REACTOR_THREAD | EVENT_WORKER | TASK_WORKER | MANAGER;
/// The system refused.
const FAILED: i64 = 5001;

pub(super) fn commands(server: &Server) -> Vec<Command> {
    let mut list = commands!(ALL => {
        "get_all_sockets" => sockets,
        "get_all_commands" => names,
        "get_socket_info" => socket,
        "get_thread_info" => thread,
        "get_memory_info" => memory,
        "get_all_unix_sockets" => unix_sockets,
    });
    list.extend(commands!(MANAGER => { "get_manager_info" => manager, }));
    list.extend(commands!(MASTER => { "get_all_ports" => ports, }));
    let settings = server.settings.borrow();
    let own = settings.mode == Mode::Base || settings.single_thread;
    let keepers = if own { EVENT_WORKER | MASTER } else { REACTOR_THREAD };
    list.extend(commands!(keepers => {
        "get_connections" => connections,
        "get_connection_info" => connection,
    }));
    list
}

/// What a descriptor is: `socket:[1234]`, a path …
fn link(fd: i32) -> String {
    std::fs::read_link(format!("/proc/self/fd/{fd}"))
        .map_or_else(|_| String::new(), |target| target.to_string_lossy().into_owned())
}

fn option(fd: i32, name: i32) -> i64 {
    let (mut value, mut size) = (0i32, size_of::<i32>() as libc::socklen_t);
    // SAFETY: an int and its size (getsockopt(2)); a wrong descriptor is an error.
    let ended = unsafe { libc::getsockopt(fd, libc::SOL_SOCKET, name, (&raw mut value).cast(), &mut size) };
    if ended == 0 { i64::from(value) } else { -1 }
}

/// The sockets that this process has open.
fn open_sockets() -> Vec<i32> {
    let Ok(entries) = std::fs::read_dir("/proc/self/fd") else { return Vec::new() };
    let all = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let mut all: Vec<i32> = all.filter(|fd| link(*fd).starts_with("socket:")).collect();
    all.sort_unstable();
    all
}

fn described(fd: i32) -> Value {
    let local = crate::server::Address::local_of(fd);
    let host = local.host();
    named([
        ("fd", Value::long(i64::from(fd))),
        ("address", text(&host)),
        ("port", Value::long(i64::from(local.port()))),
        ("domain", Value::long(option(fd, libc::SO_DOMAIN))),
        ("type", Value::long(option(fd, libc::SO_TYPE))),
        ("listening", Value::bool(option(fd, libc::SO_ACCEPTCONN) == 1)),
        ("recv_buffer", Value::long(option(fd, libc::SO_RCVBUF))),
        ("send_buffer", Value::long(option(fd, libc::SO_SNDBUF))),
    ])
}

fn sockets(_server: &mut ZendObject, _asked: &Value) -> Answer {
    found(list_of(open_sockets().into_iter().map(described)))
}

fn unix_sockets(_server: &mut ZendObject, _asked: &Value) -> Answer {
    let all = open_sockets().into_iter().filter(|fd| option(*fd, libc::SO_DOMAIN) == i64::from(libc::AF_UNIX));
    found(list_of(all.map(described)))
}

fn names(server: &mut ZendObject, _asked: &Value) -> Answer {
    let all = of(server)?.commands.names();
    let entry =
        |(name, types): (Vec<u8>, i64)| named([("name", Value::string(&name)), ("accepted_process_types", Value::long(types))]);
    found(list_of(all.into_iter().map(entry)))
}

/// A number that a form may have sent as text.
fn number(asked: &Value, name: &str) -> Option<i64> {
    given(asked, name).map(ZvalExt::to_long)
}

/// tcp(7)'s TCP_INFO of a socket.
fn socket(_server: &mut ZendObject, asked: &Value) -> Answer {
    let Some(fd) = number(asked, "fd") else { return refused("require parameter fd", REFUSED) };
    // SAFETY: plain data, all zeroes are valid.
    let mut info: libc::tcp_info = unsafe { std::mem::zeroed() };
    let mut size = size_of::<libc::tcp_info>() as libc::socklen_t;
    // SAFETY: the struct and its size (getsockopt(2)); a wrong descriptor is an error.
    let ended = unsafe { libc::getsockopt(fd as i32, libc::IPPROTO_TCP, libc::TCP_INFO, (&raw mut info).cast(), &mut size) };
    if ended != 0 {
        return refused("failed to getsockopt(TCP_INFO) for socket", FAILED);
    }
    let pairs = [
        ("state", i64::from(info.tcpi_state)),
        ("ca_state", i64::from(info.tcpi_ca_state)),
        ("retransmits", i64::from(info.tcpi_retransmits)),
        ("probes", i64::from(info.tcpi_probes)),
        ("backoff", i64::from(info.tcpi_backoff)),
        ("options", i64::from(info.tcpi_options)),
        ("rto", i64::from(info.tcpi_rto)),
        ("ato", i64::from(info.tcpi_ato)),
        ("snd_mss", i64::from(info.tcpi_snd_mss)),
        ("rcv_mss", i64::from(info.tcpi_rcv_mss)),
        ("unacked", i64::from(info.tcpi_unacked)),
        ("sacked", i64::from(info.tcpi_sacked)),
        ("lost", i64::from(info.tcpi_lost)),
        ("retrans", i64::from(info.tcpi_retrans)),
        ("fackets", i64::from(info.tcpi_fackets)),
        ("last_data_sent", i64::from(info.tcpi_last_data_sent)),
        ("last_data_recv", i64::from(info.tcpi_last_data_recv)),
        ("last_ack_recv", i64::from(info.tcpi_last_ack_recv)),
        ("pmtu", i64::from(info.tcpi_pmtu)),
        ("rcv_ssthresh", i64::from(info.tcpi_rcv_ssthresh)),
        ("rtt", i64::from(info.tcpi_rtt)),
        ("rttvar", i64::from(info.tcpi_rttvar)),
        ("snd_ssthresh", i64::from(info.tcpi_snd_ssthresh)),
        ("snd_cwnd", i64::from(info.tcpi_snd_cwnd)),
        ("advmss", i64::from(info.tcpi_advmss)),
        ("reordering", i64::from(info.tcpi_reordering)),
        ("rcv_rtt", i64::from(info.tcpi_rcv_rtt)),
        ("rcv_space", i64::from(info.tcpi_rcv_space)),
        ("total_retrans", i64::from(info.tcpi_total_retrans)),
    ];
    found(named(pairs.map(|(name, value)| (name, Value::long(value)))))
}

/// Timers and waits of this process's loop.
fn thread(server: &mut ZendObject, _asked: &Value) -> Answer {
    let server = of(server)?;
    let (events, timers) = coroutine::engine()
        .filter(|engine| engine.has_reactor())
        .and_then(|engine| engine.reactor().ok())
        .map_or((0, 0), |reactor| (reactor.wait_count() + reactor.source_count(), reactor.timer_count()));
    let id = server.commands.thread().unwrap_or_else(|| worker().map_or(0, |worker| worker.id() as i64));
    // SAFETY: asks for the calling thread's id.
    let tid = unsafe { libc::gettid() };
    found(named([
        ("tid", text(&tid.to_string())),
        ("id", Value::long(id)),
        ("event_num", Value::long(events as i64)),
        ("timer_num", Value::long(timers as i64)),
    ]))
}

fn manager(_server: &mut ZendObject, _asked: &Value) -> Answer {
    found(named([("pid", Value::long(i64::from(std::process::id())))]))
}

fn memory(server: &mut ZendObject, _asked: &Value) -> Answer {
    let php = php(c"memory_get_usage", [Value::bool(true)])?;
    let server = of(server)?;
    let connections = server.settings.borrow().max_connection * size_of::<Slot>();
    let workers = server.shared().map_or(0, |shared| shared.worker_count()) * size_of::<crate::server::WorkerStats>();
    let queued: usize = worker().map_or(0, |worker| worker.connections().iter().map(|conn| conn.buffered()).sum());
    found(named([
        ("server", Value::long(size_of::<Server>() as i64)),
        ("workers", Value::long(workers as i64)),
        ("connection_list", Value::long(connections as i64)),
        ("socket_out_buffer", Value::long(queued as i64)),
        ("php_memory", php),
    ]))
}

fn ports(server: &mut ZendObject, _asked: &Value) -> Answer {
    let server = of(server)?;
    let mut list = Vec::new();
    for listen in server.ports.borrow().iter() {
        let port = &listen.port;
        let settings = port.settings.borrow();
        let protocols = [
            (settings.open_eof_check, "eof"),
            (settings.open_length_check, "length"),
            (settings.open_http_protocol, "http"),
            (settings.open_http2_protocol, "http2"),
            (settings.open_websocket_protocol, "websocket"),
            (settings.open_mqtt_protocol, "mqtt"),
            (settings.open_redis_protocol, "redis"),
        ];
        let protocols: Vec<Value> = protocols.iter().filter(|(on, _)| *on).map(|(_, name)| text(name)).collect();
        let protocols = if protocols.is_empty() { list_of([text("raw")]) } else { list_of(protocols) };
        let index = port.index as u32;
        let count = server.shared().map_or(0, |shared| shared.list(0, usize::MAX, |slot| slot.port.load(Relaxed) == index).len());
        list.push(named([
            ("host", text(&port.host)),
            ("port", Value::long(i64::from(port.number))),
            ("backlog", Value::long(i64::from(settings.backlog))),
            ("type", Value::long(type_number(port.kind))),
            ("ssl", Value::long(i64::from(port.ssl))),
            ("protocols", protocols),
            ("connection_num", Value::long(count as i64)),
        ]));
    }
    found(list_of(list))
}

fn about(server: &Server, id: i64, slot: &Slot) -> Option<Value> {
    let listen = server.port(slot.port.load(Relaxed) as usize)?;
    let address = slot.address();
    let seconds = |at: &std::sync::atomic::AtomicU64| Value::double(at.load(Relaxed) as f64 / 1e6);
    let bytes = |count: &std::sync::atomic::AtomicU64| Value::long(count.load(Relaxed) as i64);
    Some(named([
        ("session_id", Value::long(id)),
        ("reactor_id", Value::long(i64::from(slot.owner.load(Relaxed)))),
        ("fd", Value::long(i64::from(slot.fd.load(Relaxed)))),
        ("server_port", text(&format!("{}:{}", listen.port.host, listen.port.number))),
        ("address", text(&address.host())),
        ("port", Value::long(i64::from(address.port()))),
        ("overflow", Value::long(i64::from(slot.has(flag::OVERFLOW)))),
        ("connect_time", seconds(&slot.connected_at)),
        ("last_recv_time", seconds(&slot.received_at)),
        ("last_send_time", seconds(&slot.sent_at)),
        ("recv_queued_bytes", bytes(&slot.recv_queued)),
        ("send_queued_bytes", bytes(&slot.send_queued)),
        ("uid", Value::long(slot.uid.load(Relaxed))),
    ]))
}

/// The connections of the reactor thread that is asked about, or of this process.
fn connections(server: &mut ZendObject, _asked: &Value) -> Answer {
    let server = of(server)?;
    let owner = server.commands.thread().or_else(|| worker().map(|worker| worker.id() as i64)).unwrap_or(0);
    let Some(shared) = server.shared() else { return found(Value::array(0)) };
    let ids = shared.list(0, usize::MAX, |slot| i64::from(slot.owner.load(Relaxed)) == owner);
    found(list_of(ids.into_iter().filter_map(|id| about(&server, id, shared.find(id)?))))
}

fn connection(server: &mut ZendObject, asked: &Value) -> Answer {
    let Some(id) = number(asked, "session_id") else { return refused("require parameter session_id", REFUSED) };
    let server = of(server)?;
    let info = server.shared().and_then(|shared| about(&server, id, shared.find(id)?));
    match info {
        Some(info) => found(info),
        None => refused("connection not exists", MISSING),
    }
}
