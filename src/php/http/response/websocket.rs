//! A response of a coroutine server that has become a WebSocket.

use std::rc::Rc;

use super::body::finish;
use super::{link_of, object_fd, state, writable};
use crate::php::code::{Code, set_last};
use crate::php::http::link::{Link, SocketLink};
use crate::php::http::socket::Message;
use crate::php::http::upgrade as handshake;
use crate::php::report::{self, Line};
use crate::php::server::dispatch::check;
use crate::php::websocket::Outgoing;
use crate::zend::error::E_WARNING;
use crate::zend::{Call, PhpResult, ZendObject, Zval, ZvalExt};

/// The WebSocket behind a response of a coroutine server; none, with a warning, when it has become none.
fn websocket(object: &ZendObject, ret: &mut Zval) -> Option<Rc<dyn SocketLink>> {
    ret.set_bool(false);
    let state = state(object);
    if !state.progress.get().live {
        set_last(Code::SESSION_CLOSED);
        return None;
    }
    if let Link::Socket(socket) = &*state.link.borrow()
        && socket.is_websocket()
    {
        return Some(Rc::clone(socket));
    }
    let fd = object_fd(object);
    let mut line = Line::<96>::default();
    let _ = std::fmt::Write::write_fmt(&mut line, format_args!("fd[{fd}] is not a websocket conncetion"));
    report::fatal(E_WARNING, line.text());
    None
}

/// `Response::upgrade(): bool`: answers a WebSocket handshake of a coroutine server.
pub fn upgrade(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    let Some(state) = writable(this, ret) else { return Ok(()) };
    if !matches!(&*state.link.borrow(), Link::Socket(_)) {
        report::fatal(E_WARNING, "async server dose not support protocol upgrade");
        ret.set_bool(false);
        return Ok(());
    }
    state.coding.set(None);
    let accept = state.upgrading.borrow().as_ref().map_or(Err(400), |upgrading| upgrading.accept.clone());
    match accept {
        Ok(accept) => {
            handshake::put_fields(this, &accept, None);
            state.status.set(101);
            state.update(|progress| progress.upgrade = true);
            let sent = finish(this, state, None);
            ret.set_bool(sent);
        }
        Err(status) => {
            state.status.set(i64::from(status));
            finish(this, state, None);
            ret.set_bool(false);
        }
    }
    check()
}

/// `Response::push(Frame|string $data, int $opcode = TEXT, int $flags = FIN): bool`
pub fn push(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 3)?;
    let data = args.value()?;
    let opcode = args.opt_long()?.unwrap_or(1);
    let flags = args.opt_value().map_or(1, |value| ZvalExt::to_long(&*value));
    let Some(socket) = websocket(call.this(), ret) else { return Ok(()) };
    let Some(frame) = Outgoing::new(data, opcode, flags, 1000)? else {
        set_last(Code::WEBSOCKET_PACK_FAILED);
        return Ok(());
    };
    ret.set_bool(socket.push(&frame));
    check()
}

/// `Response::recv(float $timeout = 0): Frame|string|false`
pub fn recv(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let timeout = call.args(0, 1)?.opt_double()?.unwrap_or(0.0);
    let Some(socket) = websocket(call.this(), ret) else { return Ok(()) };
    match socket.receive(timeout) {
        Message::Frame(frame) => frame.give(ret),
        Message::Closed => {
            socket.close();
            ret.set_bytes(b"");
        }
        Message::Failed => {}
    }
    drop(socket);
    check()?;
    crate::zend::error::check()
}

/// `Response::disconnect(int $code = 1000, string $reason = ''): bool`
pub fn disconnect(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(0, 2)?;
    let code = args.opt_long()?.unwrap_or(1000);
    let mut empty = Zval::new();
    let reason = match args.opt_value() {
        Some(value) => value,
        None => &mut empty,
    };
    let Some(socket) = websocket(call.this(), ret) else { return Ok(()) };
    let Some(frame) = Outgoing::new(reason, 8, 1, code)? else {
        set_last(Code::WEBSOCKET_PACK_FAILED);
        return Ok(());
    };
    ret.set_bool(socket.push(&frame));
    socket.close();
    check()
}

/// `Response::ping(string $data = ''): bool`
pub fn ping(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(0, 1)?;
    let mut empty = Zval::new();
    let data = match args.opt_value() {
        Some(value) => value,
        None => &mut empty,
    };
    let link = link_of(state(call.this()));
    if let Link::Stream(stream) = link {
        ret.set_bool(stream.ping());
        return Ok(());
    }
    let there = matches!(&link, Link::Socket(socket) if socket.is_websocket());
    drop(link);
    if !there && state(call.this()).progress.get().live {
        report::fatal(E_WARNING, "only supports websocket or http2 client");
        ret.set_bool(false);
        return Ok(());
    }
    let Some(socket) = websocket(call.this(), ret) else { return Ok(()) };
    if let Some(frame) = Outgoing::new(data, 9, 1, 0)? {
        ret.set_bool(socket.push(&frame));
    }
    check()
}
