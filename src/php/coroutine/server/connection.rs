//! Swoole\Coroutine\Server\Connection: a socket that speaks in packets.

use std::rc::Rc;

use net::Socket;

use crate::php::coroutine::require_coroutine;
use crate::php::coroutine::socket::{self, io};
use crate::php::error;
use crate::zend::invoke;
use crate::zend::registration::ce;
use crate::zend::{Call, ObjectExt, PhpResult, Value, ZendObject, Zval, ZvalExt};

/// Numbers of the declared properties.
const SOCKET: u32 = 0;

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let conn = call.args(1, 1)?.object_of(ce::coroutine_socket())?;
    let value = Value::object(conn);
    call.this().slot(SOCKET).assign(value);
    Ok(())
}

/// The Socket object, kept alive while it is used, and its socket.
fn parts(this: &mut ZendObject) -> PhpResult<(Value, Rc<Socket>)> {
    let value = Value::copy_of(this.slot(SOCKET));
    match value.as_zval().obj() {
        Some(object) => {
            let socket = socket::socket(object)?;
            Ok((value, socket))
        }
        None => Err(error::not_constructed("Swoole\\Coroutine\\Server\\Connection")),
    }
}

pub fn recv(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let wait = call.args(0, 1)?.opt_double()?.unwrap_or(0.0);
    require_coroutine()?;
    let (keep, socket) = parts(call.this())?;
    let Some(object) = keep.as_zval().obj() else { return Ok(()) };
    io::packet(object, &socket, wait, ret)
}

pub fn send(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let data = call.args(1, 1)?.bytes()?;
    require_coroutine()?;
    let (keep, socket) = parts(call.this())?;
    let Some(object) = keep.as_zval().obj() else { return Ok(()) };
    io::whole(object, &socket, data, 0.0, ret)
}

pub fn close(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let (keep, _socket) = parts(call.this())?;
    let Some(object) = keep.as_zval().obj() else { return Ok(()) };
    invoke::method(object, b"close", &mut [])?.give(ret);
    Ok(())
}

pub fn export_socket(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let (keep, _socket) = parts(call.this())?;
    keep.give(ret);
    Ok(())
}
