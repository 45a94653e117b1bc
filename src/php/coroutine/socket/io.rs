//! Reading and writing methods of Swoole\Coroutine\Socket.

use std::fs::File;
use std::os::fd::AsRawFd;

use net::{Deadline, Errno, Fault, Socket, deadline};

use super::{fail, outcome, set_error, socket, until};
use crate::php::code::Code;
use crate::php::coroutine::require_coroutine;
use crate::php::report;
use crate::zend::error::E_WARNING;
use crate::zend::string::StrBuffer;
use crate::zend::{Call, PhpResult, ZendObject, Zval, ZvalExt};

/// Default length of reads, in bytes.
const DEFAULT_LENGTH: i64 = 65536;

fn length(asked: Option<i64>) -> usize {
    asked.filter(|length| *length > 0).unwrap_or(DEFAULT_LENGTH) as usize
}

/// Reads straight into a PHP string.
///
/// What came before an error is given all the same, with the error beside it.
fn read_into(
    call: &mut Call,
    ret: &mut Zval,
    read: fn(&Socket, &mut [u8], Deadline) -> Result<usize, (usize, Fault)>,
) -> PhpResult {
    let mut args = call.args(0, 2)?;
    let length = length(args.opt_long()?);
    let wait = args.opt_double()?.unwrap_or(0.0);
    require_coroutine()?;
    let this = call.this();
    let socket = socket(this)?;
    let end = until(wait, socket.timeouts.get().read);
    let mut buffer = StrBuffer::with_capacity(length);
    // SAFETY: `length` bytes of a fresh string that is ours alone; only written to by the kernel.
    let bytes = unsafe { std::slice::from_raw_parts_mut(buffer.as_mut_ptr(), length) };
    match read(&socket, bytes, end) {
        Err((n, Fault::Errno(Errno(code)))) if n > 0 => {
            set_error(this, code);
            ret.set_str(buffer.finish(n));
            super::after_wait()
        }
        result => {
            if let Some(n) = outcome(this, ret, result.map_err(|(_, fault)| fault))? {
                ret.set_str(buffer.finish(n));
            }
            Ok(())
        }
    }
}

pub fn recv(call: &mut Call, ret: &mut Zval) -> PhpResult {
    read_into(call, ret, |socket, bytes, end| socket.recv(bytes, end).map_err(|fault| (0, fault)))
}

pub fn recv_all(call: &mut Call, ret: &mut Zval) -> PhpResult {
    read_into(call, ret, Socket::recv_all)
}

pub fn peek(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let length = length(call.args(0, 1)?.opt_long()?);
    let this = call.this();
    let socket = socket(this)?;
    let mut bytes = vec![0u8; length];
    let result = socket.peek(&mut bytes);
    if let Some(n) = outcome(this, ret, result)? {
        ret.set_bytes(&bytes[..n]);
    }
    Ok(())
}

fn read_own(call: &mut Call, ret: &mut Zval, read: fn(&Socket, usize, Deadline) -> Result<Vec<u8>, Fault>) -> PhpResult {
    let mut args = call.args(0, 2)?;
    let length = length(args.opt_long()?);
    let wait = args.opt_double()?.unwrap_or(0.0);
    require_coroutine()?;
    let this = call.this();
    let socket = socket(this)?;
    let result = read(&socket, length, until(wait, socket.timeouts.get().read));
    if let Some(bytes) = outcome(this, ret, result)? {
        ret.set_bytes(&bytes);
    }
    Ok(())
}

pub fn recv_line(call: &mut Call, ret: &mut Zval) -> PhpResult {
    read_own(call, ret, Socket::recv_line)
}

pub fn recv_with_buffer(call: &mut Call, ret: &mut Zval) -> PhpResult {
    read_own(call, ret, Socket::recv_buffered)
}

pub fn recv_packet(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let wait = call.args(0, 1)?.opt_double()?.unwrap_or(0.0);
    require_coroutine()?;
    let this = call.this();
    let socket = socket(this)?;
    packet(this, &socket, wait, ret)
}

/// Reads one packet; the error, if any, goes to the Socket object.
pub(crate) fn packet(object: &mut ZendObject, socket: &Socket, wait: f64, ret: &mut Zval) -> PhpResult {
    let result = socket.recv_packet(until(wait, socket.timeouts.get().read));
    if let Some(bytes) = outcome(object, ret, result)? {
        ret.set_bytes(&bytes);
    }
    Ok(())
}

pub fn send(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let data = args.bytes()?;
    let wait = args.opt_double()?.unwrap_or(0.0);
    require_coroutine()?;
    let this = call.this();
    let socket = socket(this)?;
    let result = socket.send(data, until(wait, socket.timeouts.get().write));
    if let Some(n) = outcome(this, ret, result)? {
        ret.set_long(n as i64);
    }
    Ok(())
}

pub fn send_all(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let data = args.bytes()?;
    let wait = args.opt_double()?.unwrap_or(0.0);
    require_coroutine()?;
    let this = call.this();
    let socket = socket(this)?;
    whole(this, &socket, data, wait, ret)
}

/// Writes all; the error, if any, goes to the Socket object.
pub(crate) fn whole(this: &mut ZendObject, socket: &Socket, data: &[u8], wait: f64, ret: &mut Zval) -> PhpResult {
    match socket.send_all(data, until(wait, socket.timeouts.get().write)) {
        Ok(n) => {
            super::clear_error(this);
            ret.set_long(n as i64);
            super::after_wait()
        }
        // What went out counts, and the error tells why it was not all.
        Err((n, Fault::Errno(Errno(code)))) if n > 0 => {
            set_error(this, code);
            ret.set_long(n as i64);
            super::after_wait()
        }
        Err((_, fault)) => fail::<()>(this, ret, fault).map(drop),
    }
}

pub fn recvfrom(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let Some(peer) = args.by_ref() else { return Ok(()) };
    let wait = args.opt_double()?.unwrap_or(0.0);
    require_coroutine()?;
    let this = call.this();
    let socket = socket(this)?;
    let mut bytes = vec![0u8; DEFAULT_LENGTH as usize];
    let result = socket.recv_from(&mut bytes, until(wait, socket.timeouts.get().read));
    if let Some((n, from)) = outcome(this, ret, result)? {
        if n > 0 {
            peer.assign(super::host_port(&from));
        }
        ret.set_bytes(&bytes[..n]);
    }
    Ok(())
}

pub fn sendto(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(3, 3)?;
    let (host, port, data) = (args.bytes()?, args.long()?, args.bytes()?);
    require_coroutine()?;
    let this = call.this();
    let socket = socket(this)?;
    let end = deadline(socket.timeouts.get().write);
    let result = match super::address(&socket, host, port) {
        _ if socket.kind() == libc::SOCK_STREAM => Err(Fault::Errno(Errno(libc::EPROTONOSUPPORT))),
        Some(address) => socket.send_to(data, &address, end),
        None => match net::resolve(&String::from_utf8_lossy(host), socket.domain(), socket.timeouts.get().dns) {
            Ok(ip) => socket.send_to(data, &net::Address::inet(ip, port as u16), end),
            Err(_) => Err(Fault::Errno(Errno(Code::DNSLOOKUP_RESOLVE_FAILED.0))),
        },
    };
    if let Some(n) = outcome(this, ret, result)? {
        ret.set_long(n as i64);
    }
    Ok(())
}

pub fn send_file(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 3)?;
    let file = args.bytes()?;
    let (offset, length) = (args.opt_long()?.unwrap_or(0), args.opt_long()?.unwrap_or(0));
    require_coroutine()?;
    if file.is_empty() {
        report::fatal(E_WARNING, "file to send is empty");
        ret.set_bool(false);
        return Ok(());
    }
    let this = call.this();
    let socket = socket(this)?;
    let result = send_named_file(&socket, file, offset, length, deadline(socket.timeouts.get().write));
    if outcome(this, ret, result)?.is_some() {
        ret.set_bool(true);
    }
    Ok(())
}

/// Sends a file by name; length 0 is the rest of it.
pub(crate) fn send_named_file(socket: &Socket, name: &[u8], offset: i64, length: i64, until: Deadline) -> Result<(), Fault> {
    let name = String::from_utf8_lossy(name);
    let io = |error: std::io::Error| Fault::Errno(Errno(error.raw_os_error().unwrap_or(libc::EIO)));
    let file = File::open(&*name).map_err(io)?;
    let size = file.metadata().map_err(io)?.len() as i64;
    let length = if length == 0 { size - offset } else { length };
    if offset < 0 || length <= 0 || offset + length > size {
        return Err(Fault::Errno(Errno(libc::EINVAL)));
    }
    socket.send_file(file.as_raw_fd(), offset as u64, length as u64, until)
}

/// The value of an io vector's item, for messages.
pub(super) fn type_name(value: &Zval) -> &'static str {
    if value.is_null() {
        "null"
    } else if value.is_bool() {
        "bool"
    } else if value.is_long() {
        "int"
    } else if value.is_double() {
        "float"
    } else if value.is_string() {
        "string"
    } else if value.is_array() {
        "array"
    } else if value.is_object() {
        "object"
    } else {
        "resource"
    }
}
