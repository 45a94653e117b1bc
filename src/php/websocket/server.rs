//! Swoole\WebSocket\Server.

use std::rc::Rc;
use std::sync::atomic::Ordering;

use protocol::websocket::Opcode;

use super::connection::{WebSocket, status};
use super::{FLAG_FIN, FLAG_MASK, Outgoing};
use crate::php::code::{Code, set_last};
use crate::php::report::{self, Line};
use crate::php::server::dispatch::check;
use crate::php::server::{Server, send, started};
use crate::server::{Kind, Slot};
use crate::zend::error::E_WARNING;
use crate::zend::{Call, PhpResult, Zval};

/// The place of a connection in shared memory, whichever process has it.
fn slot(server: &Server, id: i64) -> Option<&Slot> {
    server.shared()?.find(id)
}

/// Sends a frame to a connection of this process or, uncompressed, of another. Warns where it is none.
fn deliver(server: &Rc<Server>, id: i64, frame: &Outgoing, close: bool) -> Result<bool, Line<160>> {
    let mut line = Line::default();
    if id <= 0 {
        let _ = std::fmt::Write::write_fmt(&mut line, format_args!("fd[{id}] is invalid"));
        return Err(line);
    }
    if slot(server, id).is_none_or(|slot| slot.websocket.load(Ordering::Relaxed) < status::HANDSHAKE) {
        let _ = std::fmt::Write::write_fmt(
            &mut line,
            format_args!("the connected client of connection[{id}] is not a websocket client or closed"),
        );
        return Err(line);
    }
    if let Some(conn) = send::find(id) {
        if let Some(websocket) = conn.protocol_as::<WebSocket>() {
            return Ok(if close { websocket.disconnect(&conn, frame) } else { websocket.push(&conn, frame) });
        }
        // Its handshake is being answered: the frame follows what was written so far.
        let mut out = Vec::new();
        frame.encode(&mut out);
        let sent = send::write(server, &conn, &out);
        if sent && close {
            conn.close();
        }
        return Ok(sent);
    }
    let mut out = Vec::new();
    frame.encode(&mut out);
    let mut sent = send::forward(server, Kind::Send, id, 0, &out);
    if sent && close {
        sent = send::forward(server, Kind::Close, id, 0, &[]);
    }
    if !sent {
        set_last(Code::SESSION_NOT_EXIST);
    }
    Ok(sent)
}

fn finish(ret: &mut Zval, outcome: Result<bool, Line<160>>) -> PhpResult {
    match outcome {
        Ok(sent) => ret.set_bool(sent),
        Err(line) => {
            report::fatal(E_WARNING, line.text());
            set_last(Code::WEBSOCKET_UNCONNECTED);
            ret.set_bool(false);
        }
    }
    check()
}

/// `Server::push(int $fd, Frame|string $data, int $opcode = TEXT, int $flags = FIN): bool`
pub fn push(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let Some(server) = started(call.this(), ret)? else { return Ok(()) };
    let mut args = call.args(2, 4)?;
    let id = args.long()?;
    let data = args.value()?;
    let opcode = args.opt_long()?.unwrap_or(Opcode::Text as i64);
    // Older programs pass a bool: whether the message is finished.
    let flags = args.opt_value().map_or(FLAG_FIN, |value| crate::zend::ZvalExt::to_long(&*value));
    if slot(&server, id).is_none() {
        drop(server);
        let mut line = Line::<96>::default();
        let _ = std::fmt::Write::write_fmt(&mut line, format_args!("session#{id} does not exists"));
        report::fatal(E_WARNING, line.text());
        set_last(Code::SESSION_NOT_EXIST);
        ret.set_bool(false);
        return Ok(());
    }
    let Some(frame) = Outgoing::new(data, opcode, flags & !FLAG_MASK, 1000)? else {
        set_last(Code::WEBSOCKET_PACK_FAILED);
        ret.set_bool(false);
        return Ok(());
    };
    let outcome = deliver(&server, id, &frame, false);
    drop((frame, server));
    finish(ret, outcome)
}

/// `Server::disconnect(int $fd, int $code = 1000, string $reason = ''): bool`
pub fn disconnect(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let Some(server) = started(call.this(), ret)? else { return Ok(()) };
    let mut args = call.args(1, 3)?;
    let id = args.long()?;
    let code = args.opt_long()?.unwrap_or(1000);
    let mut reason = Zval::new();
    if args.left() > 0 {
        let _ = args.bytes()?;
        if let Some(text) = call.raw_arg(2) {
            reason = crate::zend::Value::copy_of(text).into_zval();
        }
    }
    let Some(frame) = Outgoing::new(&reason, Opcode::Close as i64, FLAG_FIN, code)? else {
        ret.set_bool(false);
        return Ok(());
    };
    let outcome = deliver(&server, id, &frame, true);
    drop((frame, server, reason));
    finish(ret, outcome)
}

/// `Server::ping(int $fd, string $data = ''): bool`
pub fn ping(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let Some(server) = started(call.this(), ret)? else { return Ok(()) };
    let mut args = call.args(1, 2)?;
    let id = args.long()?;
    let mut empty = Zval::new();
    let data = match args.opt_value() {
        Some(value) => value,
        None => &mut empty,
    };
    let Some(frame) = Outgoing::new(data, Opcode::Ping as i64, FLAG_FIN, 0)? else {
        set_last(Code::WEBSOCKET_PACK_FAILED);
        ret.set_bool(false);
        return Ok(());
    };
    let outcome = deliver(&server, id, &frame, false);
    drop((frame, server));
    finish(ret, outcome)
}

/// `Server::isEstablished(int $fd): bool`
pub fn is_established(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let Some(server) = started(call.this(), ret)? else { return Ok(()) };
    let id = call.args(1, 1)?.long()?;
    ret.set_bool(slot(&server, id).is_some_and(|slot| slot.websocket.load(Ordering::Relaxed) >= status::ACTIVE));
    Ok(())
}

/// `Server::pack()`: as `Frame::pack()`.
pub fn pack(call: &mut Call, ret: &mut Zval) -> PhpResult {
    super::frame::pack(call, ret)
}

/// `Server::unpack()`: as `Frame::unpack()`.
pub fn unpack(call: &mut Call, ret: &mut Zval) -> PhpResult {
    super::frame::unpack(call, ret)
}
