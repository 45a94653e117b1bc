//! What a script asks: clients, statistics, processes.

use std::fmt::Write;
use std::sync::atomic::Ordering::Relaxed;

use super::dispatch::double;
use super::port::type_number;
use super::send::complain;
use super::{dispatch, of, started};
use crate::php::report;
use crate::server::{DispatchMode, WorkerStats, worker};
use crate::zend::error::E_WARNING;
use crate::zend::{Call, PhpResult, Value, Zval};

/// `Server::getClientInfo(int $fd, int $reactor_id = -1, bool $ignoreError = false): array|false`
pub fn get_client_info(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let Some(server) = started(call.this(), ret)? else { return Ok(()) };
    let mut args = call.args(1, 3)?;
    let id = args.long()?;
    ret.set_bool(false);
    if let Some(info) = client_info(&server, id) {
        info.give(ret);
    }
    Ok(())
}

/// A connection as an array; none when there is no such.
pub fn client_info(server: &super::Server, id: i64) -> Option<Value> {
    let slot = server.shared()?.find(id)?;
    let listen = server.port(slot.port.load(Relaxed) as usize)?;
    let dispatch_mode = server.settings.borrow().dispatch_mode;
    let micros = |at: &std::sync::atomic::AtomicU64| at.load(Relaxed) as f64 / 1e6;
    let address = slot.address();
    let mut info = Value::array(16);
    let mut array = info.array_mut();
    let uid = slot.uid.load(Relaxed);
    if uid > 0 || dispatch_mode == DispatchMode::Uid {
        array.set("uid", Value::long(uid));
    }
    let bound = i64::from(slot.worker.load(Relaxed)) - 1;
    if bound > 0 || dispatch_mode == DispatchMode::CoConnection {
        array.set("worker_id", Value::long(bound.max(0)));
    }
    if listen.port.settings.borrow().open_websocket_protocol {
        array.set("websocket_status", Value::long(i64::from(slot.websocket.load(Relaxed))));
    }
    if let Some(certificate) = super::send::find(id).and_then(|conn| conn.peer_certificate()) {
        array.set("ssl_client_cert", Value::string(&certificate));
    }
    array.set("server_port", Value::long(i64::from(listen.port.number)));
    array.set("server_fd", Value::long(i64::from(listen.port.fd())));
    array.set("socket_fd", Value::long(i64::from(slot.fd.load(Relaxed))));
    array.set("socket_type", Value::long(type_number(listen.port.kind)));
    array.set("remote_port", Value::long(i64::from(address.port())));
    array.set("remote_ip", Value::string(address.host().as_bytes()));
    array.set("reactor_id", Value::long(i64::from(slot.owner.load(Relaxed))));
    array.set("connect_time", Value::long(micros(&slot.connected_at) as i64));
    array.set("last_time", Value::long(micros(&slot.received_at) as i64));
    array.set("last_recv_time", Value::from_zval(double(micros(&slot.received_at))));
    array.set("last_send_time", Value::from_zval(double(micros(&slot.sent_at))));
    array.set("last_dispatch_time", Value::from_zval(double(micros(&slot.received_at))));
    array.set("close_errno", Value::long(i64::from(slot.close_errno.load(Relaxed))));
    array.set("recv_queued_bytes", Value::long(slot.recv_queued.load(Relaxed) as i64));
    array.set("send_queued_bytes", Value::long(slot.send_queued.load(Relaxed) as i64));
    drop(array);
    Some(info)
}

/// Connections that this process can name: its own in BASE, all in PROCESS.
pub fn list(server: &super::Server, after: i64, most: usize, port: Option<usize>) -> Vec<i64> {
    let Some(shared) = server.shared() else { return Vec::new() };
    let own = match (server.settings.borrow().mode, worker()) {
        (crate::server::Mode::Base, Some(worker)) => Some(worker.id() as u32),
        _ => None,
    };
    shared.list(after, most, |slot| {
        own.is_none_or(|own| slot.owner.load(Relaxed) == own)
            && port.is_none_or(|port| slot.port.load(Relaxed) as usize == port)
            && !slot.has(crate::server::flag::CLOSING)
    })
}

/// `Server::getClientList(int $start_fd = 0, int $find_count = 10): array|false`
pub fn get_client_list(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let Some(server) = started(call.this(), ret)? else { return Ok(()) };
    const MOST: i64 = 100;
    let mut args = call.args(0, 2)?;
    let after = args.opt_long()?.unwrap_or(0);
    let most = args.opt_long()?.unwrap_or(10);
    ret.set_bool(false);
    if most > MOST {
        drop(server);
        complain!("swoole connection list max_find_count={MOST}");
        return Ok(());
    }
    if after != 0 && server.shared().is_none_or(|shared| shared.find(after).is_none()) {
        return Ok(());
    }
    let found = match usize::try_from(most) {
        Ok(most) if most > 0 => list(&server, after, most, None),
        _ => Vec::new(),
    };
    if found.is_empty() && list(&server, 0, 1, None).is_empty() {
        return Ok(());
    }
    let mut ids = Value::array(found.len() as u32);
    {
        let mut array = ids.array_mut();
        for id in found {
            array.push(Value::long(id));
        }
    }
    ids.give(ret);
    Ok(())
}

/// `Server::heartbeat(bool $ifCloseConnection = true): array|false`
pub fn heartbeat(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let Some(server) = started(call.this(), ret)? else { return Ok(()) };
    let close = call.args(0, 1)?.opt_bool()?.unwrap_or(false);
    ret.set_bool(false);
    if server.settings.borrow().heartbeat_check_interval < 1 {
        return Ok(());
    }
    drop(server);
    let idle = worker().map(|worker| worker.heartbeat(close, false)).unwrap_or_default();
    dispatch::check()?;
    let mut ids = Value::array(idle.len() as u32);
    for id in idle {
        ids.array_mut().push(Value::long(id));
    }
    ids.give(ret);
    Ok(())
}

/// `Server::getSocket(int $port = 0): Socket|false`
pub fn get_socket(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let server = of(call.this())?;
    let index = call.args(0, 1)?.opt_long()?.unwrap_or(0);
    let listen = usize::try_from(index).ok().and_then(|index| server.port(index));
    ret.set_bool(false);
    if let Some(socket) = listen.and_then(|listen| super::port::socket_of(&listen)) {
        socket.give(ret);
    }
    Ok(())
}

/// `Server::stats(): array`
pub fn stats(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let Some(server) = started(call.this(), ret)? else { return Ok(()) };
    call.no_args()?;
    let Some(shared) = server.shared() else { return Ok(()) };
    let settings = server.settings.borrow();
    let head = shared.head();
    let sum = |counter: fn(&WorkerStats) -> &std::sync::atomic::AtomicU64| shared.sum(counter) as i64;
    let idle = |from: usize, count: usize| {
        (from..from + count).filter(|n| shared.worker(*n).is_some_and(|stats| stats.status.load(Relaxed) == 2)).count() as i64
    };
    let mut result = Value::array(28);
    let mut array = result.array_mut();
    let mut set = |key: &str, number: i64| array.set(key, Value::long(number));
    set("start_time", head.start_time.load(Relaxed));
    set("connection_num", shared.connection_count());
    set("abort_count", sum(|stats| &stats.aborted));
    set("accept_count", sum(|stats| &stats.accepted));
    set("close_count", sum(|stats| &stats.closed));
    set("worker_num", settings.worker_num as i64);
    set("task_worker_num", settings.task_worker_num as i64);
    set("user_worker_num", server.users.borrow().len() as i64);
    set("idle_worker_num", idle(0, settings.worker_num));
    set("dispatch_count", sum(|stats| &stats.dispatched));
    set("request_count", sum(|stats| &stats.requests));
    set("response_count", sum(|stats| &stats.responses));
    set("total_recv_bytes", sum(|stats| &stats.received_bytes));
    set("total_send_bytes", sum(|stats| &stats.sent_bytes));
    set("pipe_packet_msg_id", head.message_id.load(Relaxed));
    set("concurrency", sum(|stats| &stats.concurrency));
    set("session_round", shared.last_id());
    let fds: Vec<i64> = server.ports.borrow().iter().map(|listen| i64::from(listen.port.fd())).collect();
    set("min_fd", fds.iter().copied().max().unwrap_or(0));
    set("max_fd", fds.iter().copied().max().unwrap_or(0) + shared.connection_count());
    if let Some(worker) = worker() {
        let own = worker.stats();
        set("worker_request_count", own.requests.load(Relaxed) as i64);
        set("worker_response_count", own.responses.load(Relaxed) as i64);
        set("worker_dispatch_count", own.dispatched.load(Relaxed) as i64);
        set("worker_concurrency", own.concurrency.load(Relaxed) as i64);
    }
    if let Some((messages, bytes)) = server.task_queue.get().and_then(|queue| queue.stat()) {
        set("task_queue_num", messages as i64);
        set("task_queue_bytes", bytes as i64);
    }
    if settings.task_worker_num > 0 {
        set("task_idle_worker_num", idle(settings.worker_num, settings.task_worker_num));
        set("tasking_num", head.tasking.load(Relaxed).max(0));
        set("task_count", head.task_id.load(Relaxed));
    }
    if let Some(engine) = coroutine::engine() {
        set("coroutine_num", engine.live() as i64);
        set("coroutine_peek_num", engine.peak() as i64);
    }
    result.give(ret);
    Ok(())
}

/// `Server::getWorkerId(): int|false`
pub fn get_worker_id(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    match worker() {
        Some(worker) => ret.set_long(worker.id() as i64),
        None => ret.set_bool(false),
    }
    Ok(())
}

fn stats_of(server: &super::Server, id: i64) -> Option<&WorkerStats> {
    let own = worker().filter(|worker| id < 0 || id == worker.id() as i64);
    match own {
        // Which is another place once a successor has ours.
        Some(worker) => Some(worker.stats()),
        None => server.shared()?.worker(usize::try_from(id).ok()?),
    }
}

/// `Server::getWorkerPid(int $worker_id = -1): int|false`
pub fn get_worker_pid(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let server = of(call.this())?;
    let id = call.args(0, 1)?.opt_long()?.unwrap_or(-1);
    match stats_of(&server, id) {
        _ if worker().is_some_and(|worker| id < 0 || id == worker.id() as i64) => ret.set_long(i64::from(std::process::id())),
        Some(stats) => ret.set_long(i64::from(stats.pid.load(Relaxed))),
        None => ret.set_bool(false),
    }
    Ok(())
}

/// `Server::getWorkerStatus(int $worker_id = -1): int|false`
pub fn get_worker_status(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let Some(server) = started(call.this(), ret)? else { return Ok(()) };
    let id = call.args(0, 1)?.opt_long()?.unwrap_or(-1);
    match stats_of(&server, id) {
        Some(stats) => ret.set_long(i64::from(stats.status.load(Relaxed))),
        None => ret.set_bool(false),
    }
    Ok(())
}

/// `Server::getManagerPid(): int`
pub fn get_manager_pid(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let server = of(call.this())?;
    ret.set_long(server.shared().map_or(0, |shared| i64::from(shared.head().manager_pid.load(Relaxed))));
    Ok(())
}

/// `Server::getMasterPid(): int`
pub fn get_master_pid(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let server = of(call.this())?;
    ret.set_long(server.shared().map_or(0, |shared| i64::from(shared.head().master_pid.load(Relaxed))));
    Ok(())
}
