//! What a script does to a connection: send, close, pause.

use std::fmt::Write;
use std::fs::File;
use std::rc::Rc;
use std::sync::atomic::Ordering;

use super::{Server, dispatch, life, manager, started};
use crate::php::code::{Code, set_last};
use crate::php::report;
use crate::server::{Address, Conn, Head, Kind, PortKind, SendError, flag, socket, worker};
use crate::zend::error::E_WARNING;
use crate::zend::{Call, PhpResult, Zval, ZvalExt};

/// Warns with a formatted text that owns nothing.
macro_rules! complain {
    ($($text:tt)*) => {{
        let mut line = report::Line::<256>::default();
        let _ = line.write_fmt(format_args!($($text)*));
        report::fatal(E_WARNING, line.text());
    }};
}
pub(super) use complain;

/// The connection of this process with that id.
pub fn find(id: i64) -> Option<Rc<Conn>> {
    worker()?.find(id)
}

/// Writes with Swoole's rules: past `socket_buffer_size` a coroutine waits (`send_yield`), others fail.
pub fn write(server: &Server, conn: &Rc<Conn>, bytes: &[u8]) -> bool {
    loop {
        match conn.write(bytes) {
            Ok(()) => return true,
            Err(SendError::Full) => {
                let (wait, timeout) = {
                    let settings = server.settings.borrow();
                    (settings.send_yield, settings.send_timeout)
                };
                let timeout = (timeout > 0.0).then(|| std::time::Duration::from_secs_f64(timeout));
                set_last(Code::OUTPUT_SEND_YIELD);
                if wait && coroutine::in_coroutine() {
                    if conn.wait_drained(timeout) {
                        continue;
                    }
                    set_last(if conn.is_open() { Code(libc::ETIMEDOUT) } else { Code(libc::ECONNRESET) });
                    return false;
                }
                set_last(Code::OUTPUT_BUFFER_OVERFLOW);
                crate::log::warning(
                    "Server::send_to_connection",
                    Some(Code::OUTPUT_BUFFER_OVERFLOW.0),
                    &format!("connection#{} output buffer overflow", conn.id()),
                );
                return false;
            }
            Err(SendError::Closed) => {
                set_last(Code::SESSION_CLOSED);
                return false;
            }
            Err(SendError::Gone) => {
                set_last(Code::SESSION_NOT_EXIST);
                return false;
            }
            Err(SendError::ClosedByPeer) => {
                set_last(Code::SESSION_CLOSED_BY_CLIENT);
                return false;
            }
        }
    }
}

/// `Server::send(string|int $fd, string $data, int $serverSocket = -1): bool`
pub fn send(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let Some(server) = started(call.this(), ret)? else { return Ok(()) };
    let mut args = call.args(2, 3)?;
    let target = args.value()?;
    let data = args.bytes()?;
    let socket_fd = args.opt_long()?.unwrap_or(-1);
    ret.set_bool(false);
    if target.is_null() {
        drop(server);
        complain!("fd can not be null");
        return Ok(());
    }
    if data.is_empty() {
        drop(server);
        report::with_code(E_WARNING, Code::NO_PAYLOAD, "the data sent must not be empty");
        return Ok(());
    }
    if let Some(path) = target.bytes().filter(|path| path.first() == Some(&b'/')) {
        let port = server
            .ports
            .borrow()
            .iter()
            .map(|listen| Rc::clone(&listen.port))
            .find(|port| port.kind == PortKind::UnixDgram && (socket_fd < 0 || i64::from(port.fd()) == socket_fd));
        if let (Some(port), Ok(to)) = (port, Address::unix(path)) {
            ret.set_bool(socket::send_to(port.fd(), data, &to).is_ok());
        }
        return Ok(());
    }
    let id = target.to_long();
    if id <= 0 {
        drop(server);
        complain!("invalid fd[{id}]");
        return Ok(());
    }
    let sent = match find(id) {
        Some(conn) => {
            if let Some(worker) = worker() {
                crate::server::bump(&worker.stats().responses, 1);
            }
            write(&server, &conn, data)
        }
        None if forward(&server, Kind::Send, id, 0, data) => true,
        None => {
            set_last(Code::SESSION_NOT_EXIST);
            false
        }
    };
    ret.set_bool(sent);
    dispatch::check()
}

/// `Server::sendwait(int $fd, string $data): bool`: BASE only; returns when the kernel has all of it.
pub fn sendwait(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let Some(server) = started(call.this(), ret)? else { return Ok(()) };
    let mut args = call.args(2, 2)?;
    let id = args.long()?;
    let data = args.bytes()?;
    ret.set_bool(false);
    let base = server.settings.borrow().mode == crate::server::Mode::Base;
    drop(server);
    if data.is_empty() {
        report::with_code(E_WARNING, Code::NO_PAYLOAD, "the data sent must not be empty");
        return Ok(());
    }
    if !base || worker().is_none() {
        complain!("can only be used with base mode and must be within worker process");
        return Ok(());
    }
    let Some(conn) = find(id) else {
        set_last(Code::SESSION_NOT_EXIST);
        return Ok(());
    };
    let mut at = 0;
    while at < data.len() {
        match socket::send(conn.fd(), &data[at..]) {
            Ok(sent) => at += sent,
            Err(error) if socket::would_block(&error) => {
                let mut poll = [nix::poll::PollFd::new(
                    // SAFETY: the connection holds the socket open during the call.
                    unsafe { std::os::fd::BorrowedFd::borrow_raw(conn.fd()) },
                    nix::poll::PollFlags::POLLOUT,
                )];
                if nix::poll::poll(&mut poll, nix::poll::PollTimeout::from(30_000u16)).is_ok_and(|ready| ready == 0) {
                    return Ok(());
                }
            }
            Err(_) => {
                set_last(Code::SESSION_CLOSED_BY_CLIENT);
                return Ok(());
            }
        }
    }
    ret.set_bool(true);
    Ok(())
}

/// `Server::sendto(string $ip, int $port, string $data, int $server_socket = -1): bool`
pub fn sendto(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let Some(server) = started(call.this(), ret)? else { return Ok(()) };
    let mut args = call.args(3, 4)?;
    let host = args.bytes()?;
    let number = args.long()?;
    let data = args.bytes()?;
    let socket_fd = args.opt_long()?.unwrap_or(-1);
    ret.set_bool(false);
    if data.is_empty() {
        drop(server);
        report::with_code(E_WARNING, Code::NO_PAYLOAD, "the data sent must not be empty");
        return Ok(());
    }
    let (kind, name) = if host.first() == Some(&b'/') {
        (PortKind::UnixDgram, "UnixDgram")
    } else if host.contains(&b':') {
        (PortKind::Udp6, "UDP6")
    } else {
        (PortKind::Udp4, "UDP")
    };
    let fd = server
        .ports
        .borrow()
        .iter()
        .map(|listen| Rc::clone(&listen.port))
        .find(|port| port.kind == kind && (socket_fd < 0 || i64::from(port.fd()) == socket_fd))
        .map(|port| port.fd());
    drop(server);
    let Some(fd) = fd else {
        complain!("{name} listener has to be added before executing sendto");
        return Ok(());
    };
    let text = str::from_utf8(host).unwrap_or_default();
    match Address::parse(kind, text, number.clamp(0, 65_535) as u16).and_then(|to| socket::send_to(fd, data, &to)) {
        Ok(_) => ret.set_bool(true),
        Err(error) => set_last(Code(error.raw_os_error().unwrap_or(libc::EINVAL))),
    }
    Ok(())
}

/// `Server::sendfile(int $fd, string $filename, int $offset = 0, int $length = 0): bool`
pub fn sendfile(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let Some(_server) = started(call.this(), ret)? else { return Ok(()) };
    let mut args = call.args(2, 4)?;
    let id = args.long()?;
    let name = args.bytes()?;
    let offset = args.opt_long()?.unwrap_or(0);
    let length = args.opt_long()?.unwrap_or(0);
    ret.set_bool(false);
    if id <= 0 {
        set_last(Code::SESSION_INVALID_ID);
        crate::log::warning("Server::sendfile", Some(Code::SESSION_INVALID_ID.0), &format!("invalid fd[{id}]"));
        return Ok(());
    }
    let path = String::from_utf8_lossy(name).into_owned();
    let Some((file, offset, length)) = open_part(&path, offset, length) else { return Ok(()) };
    match find(id) {
        Some(conn) => ret.set_bool(conn.send_file(file, offset, length).is_ok()),
        None => set_last(Code::SESSION_NOT_EXIST),
    }
    Ok(())
}

/// Opens a regular file and brings offset and length into it; logs and sets the code where it cannot.
pub fn open_part(path: &str, offset: i64, length: i64) -> Option<(File, u64, usize)> {
    let fail = |code: Code, text: String| {
        set_last(code);
        crate::log::warning("Server::sendfile", Some(code.0), &text);
    };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) => {
            let errno = error.raw_os_error().unwrap_or(libc::ENOENT);
            fail(Code(errno), format!("sendfile name[{path}] not exists"));
            return None;
        }
    };
    let metadata = file.metadata().ok()?;
    if !metadata.is_file() {
        fail(Code::SERVER_IS_NOT_REGULAR_FILE, format!("sendfile name[{path}] is not regular file"));
        return None;
    }
    let size = metadata.len() as i64;
    if offset < 0 || offset > size {
        fail(Code::INVALID_PARAMS, format!("file[offset={offset}] exceeds the file size"));
        return None;
    }
    if length < 0 || length > size - offset {
        fail(Code::INVALID_PARAMS, format!("file[offset={offset}, length={length}] exceeds the file size"));
        return None;
    }
    let length = if length == 0 { size - offset } else { length };
    Some((file, offset as u64, length as usize))
}

/// `Server::close(int $fd, bool $reset = false): bool`
pub fn close(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let Some(server) = started(call.this(), ret)? else { return Ok(()) };
    let mut args = call.args(1, 2)?;
    let id = args.long()?;
    let reset = args.opt_bool()?.unwrap_or(false);
    let closed = match find(id) {
        Some(conn) if reset => conn.abort(),
        Some(conn) => conn.close(),
        None => forward(&server, Kind::Close, id, u8::from(reset), &[]),
    };
    if !closed {
        let known = server.shared().is_some_and(|shared| shared.find(id).is_some());
        set_last(if known { Code::SESSION_CLOSED } else { Code::SESSION_NOT_EXIST });
    }
    ret.set_bool(closed);
    dispatch::check()
}

/// `Server::pause(int $fd): bool`
pub fn pause(call: &mut Call, ret: &mut Zval) -> PhpResult {
    reading(call, ret, false)
}

/// `Server::resume(int $fd): bool`, `Server::confirm(int $fd): bool`
pub fn resume(call: &mut Call, ret: &mut Zval) -> PhpResult {
    reading(call, ret, true)
}

fn reading(call: &mut Call, ret: &mut Zval, on: bool) -> PhpResult {
    let Some(_server) = started(call.this(), ret)? else { return Ok(()) };
    let id = call.args(1, 1)?.long()?;
    match find(id) {
        Some(conn) => {
            if on {
                conn.resume();
            } else {
                conn.pause();
            }
            ret.set_bool(true);
        }
        None => {
            set_last(Code::SESSION_NOT_EXIST);
            ret.set_bool(false);
        }
    }
    Ok(())
}

/// `Server::exists(int $fd): bool`
pub fn exists(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let Some(server) = started(call.this(), ret)? else { return Ok(()) };
    let id = call.args(1, 1)?.long()?;
    let found = server.shared().and_then(|shared| shared.find(id)).is_some_and(|slot| !slot.has(flag::CLOSING));
    ret.set_bool(found);
    Ok(())
}

/// `Server::protect(int $fd, bool $is_protected = true): bool`
pub fn protect(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let Some(server) = started(call.this(), ret)? else { return Ok(()) };
    let mut args = call.args(1, 2)?;
    let id = args.long()?;
    let on = args.opt_bool()?.unwrap_or(true);
    let slot = server.shared().and_then(|shared| shared.find(id));
    if let Some(slot) = slot {
        slot.set(flag::PROTECTED, on);
    }
    ret.set_bool(slot.is_some());
    Ok(())
}

/// `Server::bind(int $fd, int $uid): bool`
pub fn bind(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let Some(server) = started(call.this(), ret)? else { return Ok(()) };
    let mut args = call.args(2, 2)?;
    let id = args.long()?;
    let uid = args.long()?;
    ret.set_bool(false);
    if uid > i64::from(u32::MAX) || uid < i64::from(i32::MIN) {
        drop(server);
        complain!("uid can not be greater than {} or less than {}", u32::MAX, i32::MIN);
        return Ok(());
    }
    if let Some(slot) = server.shared().and_then(|shared| shared.find(id)) {
        let bound = slot.uid.compare_exchange(0, i64::from(uid as u32), Ordering::Relaxed, Ordering::Relaxed);
        ret.set_bool(bound.is_ok());
    }
    Ok(())
}

/// `Server::shutdown(): bool`
pub fn shutdown(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let server = super::of(call.this())?;
    let running = server.phase.get() == super::Phase::Started;
    drop(server);
    if running {
        manager::shutdown();
    }
    ret.set_bool(running);
    dispatch::check()
}

/// `Server::stop(int $workerId = -1): bool`
pub fn stop(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let Some(server) = started(call.this(), ret)? else { return Ok(()) };
    let id = call.args(0, 1)?.opt_long()?.unwrap_or(-1);
    let mine = worker().map(|worker| worker.id() as i64);
    ret.set_bool(true);
    if id < 0 || mine == Some(id) {
        if mine.is_none() {
            ret.set_bool(false);
        }
        life::stop_worker();
        return Ok(());
    }
    let from = mine.map_or(usize::from(u16::MAX), |id| id as usize);
    let sent = server.bus.get().is_some_and(|bus| bus.send(id as usize, &Head::new(Kind::Stop, from), &[]).is_ok());
    ret.set_bool(sent);
    Ok(())
}

/// Hands an order about a connection to the process that has it, from one that is no worker (the manager).
/// False: there is no such connection.
pub fn forward(server: &Server, kind: Kind, id: i64, flags: u8, payload: &[u8]) -> bool {
    let Some(owner) = server.shared().and_then(|shared| shared.find(id)).map(|slot| slot.owner.load(Ordering::Relaxed)) else {
        return false;
    };
    let from = worker().map_or(usize::from(u16::MAX), |worker| worker.id());
    let head = Head { flags, id, ..Head::new(kind, from) };
    // Gates come behind the processes.
    let process_mode = server.settings.borrow().mode == crate::server::Mode::Process;
    let before = if process_mode { server.process_count() } else { 0 };
    server.bus.get().is_some_and(|bus| bus.send(before + owner as usize, &head, payload).is_ok())
}
