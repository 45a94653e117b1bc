//! `swoole_socket_*`: the functions of ext/sockets over Swoole\Coroutine\Socket objects.
//!
//! They call the object's methods by name, so that a child's are called, and that warnings name the method.

pub mod hook;

use net::deadline;
use reactor::Interest;

use super::code;
use super::coroutine::socket;
use crate::zend::error::{Builtin, throw_builtin};
use crate::zend::invoke::{construct, own_method};
use crate::zend::registration::ce;
use crate::zend::{Args, Call, ObjectExt, PhpResult, Thrown, Value, ZendObject, Zval, ZvalExt, replace};

/// ext/sockets' PHP_BINARY_READ.
const BINARY_READ: i64 = 2;
/// What a non-blocking read waits for, in seconds and microseconds.
const INSTANT: (f64, i64) = (0.001, 1000);

/// The arguments as functions written in PHP count them: too few is an error, too many are not.
fn arguments(call: &Call, least: u32) -> PhpResult<Args> {
    let given = call.count();
    if given >= least {
        return call.args(least, u32::MAX);
    }
    let name = call.name();
    let name = name.strip_prefix("swoole_").unwrap_or(name);
    let text = format!("Too few arguments to function swoole_{name}(), {given} passed and at least {least} expected");
    Err(throw_builtin(Builtin::ArgumentCountError, &text))
}

fn object(args: &mut Args) -> PhpResult<&'static mut ZendObject> {
    args.object_of(ce::coroutine_socket())
}

/// An object, the rest of the arguments.
fn with_object(call: &Call, least: u32) -> PhpResult<(&'static mut ZendObject, Args)> {
    let mut args = arguments(call, least)?;
    Ok((object(&mut args)?, args))
}

fn method<const N: usize>(object: &ZendObject, name: &str, args: [Value; N]) -> PhpResult<Value> {
    own_method(object, name, &mut args.map(Value::into_zval))
}

/// An int that PHP's own functions take null for.
fn port(args: &mut Args) -> PhpResult<i64> {
    Ok(args.opt_long_or_null()?.unwrap_or(0))
}

fn refuse(text: &str) -> Thrown {
    throw_builtin(Builtin::RuntimeException, text)
}

fn no_flags(flags: i64) -> PhpResult {
    if flags == 0 { Ok(()) } else { Err(refuse(&format!("$flags[{flags}] is not supported"))) }
}

fn only_datagrams(object: &ZendObject) -> PhpResult {
    if object.prop("type").as_zval().to_long() == i64::from(libc::SOCK_DGRAM) {
        return Ok(());
    }
    Err(refuse("only supports dgram type socket"))
}

/// The first `length` bytes; all of them where that is 0 or too much.
fn first(bytes: &[u8], length: i64) -> &[u8] {
    match usize::try_from(length) {
        Ok(length) if length > 0 && length < bytes.len() => &bytes[..length],
        _ => bytes,
    }
}

pub fn create(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = arguments(call, 3)?;
    let mut numbers = [args.long()?, args.long()?, args.long()?].map(|number| Value::long(number).into_zval());
    construct(ce::coroutine_socket(), &mut numbers)?.give(ret);
    Ok(())
}

pub fn connect(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let (object, mut args) = with_object(call, 2)?;
    let (address, port) = (args.bytes()?, port(&mut args)?);
    method(object, "connect", [Value::string(address), Value::long(port)])?.give(ret);
    Ok(())
}

pub fn read(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let (object, mut args) = with_object(call, 2)?;
    let length = Value::long(args.long()?);
    let binary = args.opt_long()?.is_none_or(|kind| kind == BINARY_READ);
    method(object, if binary { "recv" } else { "recvLine" }, [length])?.give(ret);
    Ok(())
}

pub fn write(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let (object, mut args) = with_object(call, 2)?;
    let (bytes, length) = (args.bytes()?, args.opt_long_or_null()?.unwrap_or(0));
    method(object, "send", [Value::string(first(bytes, length))])?.give(ret);
    Ok(())
}

pub fn send(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let (object, mut args) = with_object(call, 4)?;
    let (bytes, length) = (args.bytes()?, args.long()?);
    no_flags(args.long()?)?;
    method(object, "send", [Value::string(first(bytes, length))])?.give(ret);
    Ok(())
}

fn by_ref(args: &mut Args) -> PhpResult<&'static mut Zval> {
    args.by_ref().ok_or_else(|| refuse("an argument is missing"))
}

pub fn recv(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let (object, mut args) = with_object(call, 4)?;
    let (buffer, length, flags) = (by_ref(&mut args)?, args.long()?, args.long()? as i32);
    if flags & libc::MSG_OOB != 0 {
        return Err(refuse("$flags[MSG_OOB] is not supported"));
    }
    let wait = if flags & libc::MSG_DONTWAIT != 0 { INSTANT.0 } else { 0.0 };
    let length = Value::long(length);
    let got = if flags & libc::MSG_PEEK != 0 {
        wait_for_bytes(object, wait)?;
        method(object, "peek", [length])?
    } else {
        let name = if flags & libc::MSG_WAITALL != 0 { "recvAll" } else { "recv" };
        method(object, name, [length, Value::double(wait)])?
    };
    match got.as_zval().bytes() {
        Some(bytes) => ret.set_long(bytes.len() as i64),
        None => ret.set_bool(false),
    }
    replace::assign(buffer, got)
}

/// peek() does not wait, and MSG_PEEK does. How it ended the peek will tell.
fn wait_for_bytes(object: &ZendObject, wait: f64) -> PhpResult {
    let socket = socket::socket(object)?;
    if socket.buffered() == 0 && !socket.is_tls() {
        super::coroutine::require_coroutine()?;
        let _ = socket.wait(Interest::READ, socket::until(wait, socket.timeouts.get().read));
        socket::after_wait()?;
    }
    Ok(())
}

pub fn sendto(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let (object, mut args) = with_object(call, 5)?;
    let (bytes, length, flags) = (args.bytes()?, args.long()?, args.long()?);
    let (address, port) = (args.bytes()?, port(&mut args)?);
    no_flags(flags)?;
    only_datagrams(object)?;
    let data = Value::string(first(bytes, length));
    method(object, "sendto", [Value::string(address), Value::long(port), data])?.give(ret);
    Ok(())
}

pub fn recvfrom(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let (object, mut args) = with_object(call, 5)?;
    let (buffer, length, flags) = (by_ref(&mut args)?, args.long()?, args.long()?);
    let (name, port) = (by_ref(&mut args)?, args.by_ref());
    no_flags(flags)?;
    ret.set_bool(false);
    if length == 0 {
        object.set_prop("errCode", Value::long(i64::from(libc::EAGAIN)));
        return Ok(());
    }
    only_datagrams(object)?;
    let mut peer = [crate::zend::invoke::reference(Value::null())];
    let got = own_method(object, "recvfrom", &mut peer);
    let [peer] = peer.map(Value::from_zval);
    let got = got?;
    let Some(bytes) = got.as_zval().bytes() else { return Ok(()) };
    let from = |key| {
        let peer = peer.as_zval().as_array();
        peer.and_then(|peer| peer.get(key)).map_or_else(Value::null, Value::copy_of)
    };
    let bytes = first(bytes, length);
    ret.set_long(bytes.len() as i64);
    replace::assign(name, from("address"))?;
    if let Some(port) = port {
        replace::assign(port, from("port"))?;
    }
    replace::assign(buffer, Value::string(bytes))
}

pub fn bind(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let (object, mut args) = with_object(call, 2)?;
    let (address, port) = (args.bytes()?, port(&mut args)?);
    method(object, "bind", [Value::string(address), Value::long(port)])?.give(ret);
    Ok(())
}

pub fn listen(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let (object, mut args) = with_object(call, 1)?;
    let backlog = args.opt_long()?.unwrap_or(0);
    method(object, "listen", [Value::long(backlog)])?.give(ret);
    Ok(())
}

pub fn create_listen(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = arguments(call, 1)?;
    let (port, backlog) = (args.long()?, args.opt_long()?.unwrap_or(128));
    let mut kind = [libc::AF_INET, libc::SOCK_STREAM, libc::IPPROTO_TCP].map(|n| Value::long(i64::from(n)).into_zval());
    let made = construct(ce::coroutine_socket(), &mut kind)?;
    ret.set_bool(false);
    let Some(object) = made.as_zval().obj() else { return Ok(()) };
    let bound = method(object, "bind", [Value::string(b"0.0.0.0"), Value::long(port)])?;
    if bound.as_zval().to_bool() && method(object, "listen", [Value::long(backlog)])?.as_zval().to_bool() {
        made.give(ret);
    }
    Ok(())
}

pub fn accept(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let (object, _) = with_object(call, 1)?;
    method(object, "accept", [])?.give(ret);
    Ok(())
}

fn name(call: &mut Call, ret: &mut Zval, which: &str) -> PhpResult {
    let (object, mut args) = with_object(call, 2)?;
    let (address, port) = (by_ref(&mut args)?, args.by_ref());
    let found = method(object, which, [])?;
    let part = |key| {
        let both = found.as_zval().as_array();
        both.and_then(|both| both.get(key)).map(Value::copy_of)
    };
    ret.set_bool(false);
    let (Some(host), Some(number)) = (part("address"), part("port")) else { return Ok(()) };
    ret.set_bool(true);
    replace::assign(address, host)?;
    port.map_or(Ok(()), |port| replace::assign(port, number))
}

pub fn getpeername(call: &mut Call, ret: &mut Zval) -> PhpResult {
    name(call, ret, "getpeername")
}

pub fn getsockname(call: &mut Call, ret: &mut Zval) -> PhpResult {
    name(call, ret, "getsockname")
}

pub fn set_option(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let (object, mut args) = with_object(call, 4)?;
    let (level, name, value) = (args.long()?, args.long()?, args.value()?);
    method(object, "setOption", [Value::long(level), Value::long(name), Value::copy_of(value)])?.give(ret);
    Ok(())
}

pub fn get_option(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let (object, mut args) = with_object(call, 3)?;
    let (level, name) = (args.long()?, args.long()?);
    method(object, "getOption", [Value::long(level), Value::long(name)])?.give(ret);
    Ok(())
}

pub fn shutdown(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let (object, mut args) = with_object(call, 1)?;
    let how = args.opt_long()?.unwrap_or(2);
    method(object, "shutdown", [Value::long(how)])?.give(ret);
    Ok(())
}

pub fn close(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let (object, _) = with_object(call, 1)?;
    method(object, "close", []).map(drop)
}

/// The object, where one is given.
fn opt_object(call: &Call) -> PhpResult<Option<&'static mut ZendObject>> {
    let mut args = arguments(call, 0)?;
    match call.raw_arg(0) {
        Some(value) if !value.is_null() => object(&mut args).map(Some),
        _ => Ok(None),
    }
}

pub fn clear_error(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    if let Some(object) = opt_object(call)? {
        object.set_prop("errCode", Value::long(0));
    }
    code::set_last(code::Code(0));
    Ok(())
}

pub fn last_error(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let code = match opt_object(call)? {
        Some(object) => object.prop("errCode").as_zval().to_long(),
        None => i64::from(code::last().0),
    };
    ret.set_long(code);
    Ok(())
}

/// Where set_nonblock() leaves what set_block() needs: whether it is on, and the time-out to restore.
const NONBLOCK: &str = "__ext_sockets_nonblock";
const TIMEOUT: &str = "__ext_sockets_timeout";

fn receive_timeout(object: &ZendObject, value: Value) -> PhpResult {
    let option = [i64::from(libc::SOL_SOCKET), i64::from(libc::SO_RCVTIMEO)].map(Value::long);
    let [level, name] = option;
    method(object, "setOption", [level, name, value]).map(drop)
}

pub fn set_block(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let (object, _) = with_object(call, 1)?;
    let open = !socket::socket(object)?.is_closed();
    if open && object.prop(NONBLOCK).as_zval().to_bool() {
        receive_timeout(object, object.prop(TIMEOUT))?;
    }
    if open {
        object.set_prop(NONBLOCK, Value::bool(false));
    }
    ret.set_bool(open);
    Ok(())
}

pub fn set_nonblock(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let (object, _) = with_object(call, 1)?;
    let open = !socket::socket(object)?.is_closed();
    ret.set_bool(open);
    if !open || object.prop(NONBLOCK).as_zval().to_bool() {
        return Ok(());
    }
    object.set_prop(NONBLOCK, Value::bool(true));
    let option = [i64::from(libc::SOL_SOCKET), i64::from(libc::SO_RCVTIMEO)].map(Value::long);
    let before = method(object, "getOption", option)?;
    object.set_prop(TIMEOUT, before);
    let mut instant = Value::array(2);
    let mut array = instant.array_mut();
    array.set("sec", Value::long(0));
    array.set("usec", Value::long(INSTANT.1));
    receive_timeout(object, instant)
}

pub fn create_pair(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = arguments(call, 4)?;
    let numbers = [args.long()?, args.long()?, args.long()?];
    let pair = by_ref(&mut args)?;
    let mut numbers = numbers.map(|number| Value::long(number).into_zval());
    let made = crate::zend::invoke::function(c"swoole_coroutine_socketpair", &mut numbers)?;
    let done = made.as_zval().is_array();
    ret.set_bool(done);
    if done { replace::assign(pair, made) } else { Ok(()) }
}

pub fn import_stream(call: &mut Call, ret: &mut Zval) -> PhpResult {
    arguments(call, 1)?;
    socket::import(call, ret)
}

/// Waits until a message can be had (or sent), for those of PHP's own functions that work on a second descriptor.
fn wait_ready(object: &ZendObject, interest: Interest) -> PhpResult {
    let socket = socket::socket(object)?;
    let timeouts = socket.timeouts.get();
    let limit = if interest == Interest::READ { timeouts.read } else { timeouts.write };
    let _ = socket.wait(interest, deadline(limit));
    socket::after_wait()
}
