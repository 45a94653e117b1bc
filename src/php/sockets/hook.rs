//! SWOOLE_HOOK_SOCKETS: PHP's `socket_*` functions give and take Swoole\Coroutine\Socket objects in coroutines.
//!
//! A socket that PHP's own functions have made stays theirs. Functions that Swoole\Coroutine\Socket has nothing for
//! work on an object of ext/sockets with a copy of the descriptor.

use std::cell::Cell;

use reactor::Interest;

use super::wait_ready;
use crate::php::coroutine::socket;
use crate::zend::array::Key;
use crate::zend::error::{Builtin, throw_builtin};
use crate::zend::registration::ce;
use crate::zend::replace::{self, Replacement};
use crate::zend::{Call, ObjectExt, PhpResult, Thrown, Value, Zval, ZvalExt, stream};

macro_rules! replacements {
    ($($name:literal $takes:ident $handler:path;)*) => {
        &[$(Replacement { name: $name, takes: $takes, handler: $handler }),*]
    };
}

static ALL: &[Replacement] = replacements! {
    c"socket_create" in_coroutine super::create;
    c"socket_create_listen" in_coroutine super::create_listen;
    c"socket_create_pair" in_coroutine super::create_pair;
    c"socket_import_stream" in_coroutine super::import_stream;
    c"socket_connect" on_ours super::connect;
    c"socket_write" on_ours super::write;
    c"socket_read" on_ours super::read;
    c"socket_send" on_ours super::send;
    c"socket_recv" on_ours super::recv;
    c"socket_sendto" on_ours super::sendto;
    c"socket_recvfrom" on_ours super::recvfrom;
    c"socket_bind" on_ours super::bind;
    c"socket_listen" on_ours super::listen;
    c"socket_accept" on_ours super::accept;
    c"socket_getpeername" on_ours super::getpeername;
    c"socket_getsockname" on_ours super::getsockname;
    c"socket_getopt" on_ours super::get_option;
    c"socket_get_option" on_ours super::get_option;
    c"socket_setopt" on_ours super::set_option;
    c"socket_set_option" on_ours super::set_option;
    c"socket_set_block" on_ours super::set_block;
    c"socket_set_nonblock" on_ours super::set_nonblock;
    c"socket_shutdown" on_ours super::shutdown;
    c"socket_close" on_ours super::close;
    c"socket_clear_error" on_ours_or_none super::clear_error;
    c"socket_last_error" on_ours_or_none super::last_error;
    c"socket_sendmsg" on_ours with_copy;
    c"socket_recvmsg" on_ours with_copy;
    c"socket_atmark" on_ours with_copy;
    c"socket_export_stream" on_ours with_copy;
    c"socket_select" in_coroutine select;
};

fn in_coroutine(_: &Call) -> bool {
    coroutine::in_coroutine()
}

fn is_ours(value: &Zval) -> bool {
    value.obj().is_some_and(|object| object.is_a(ce::coroutine_socket()))
}

fn on_ours(call: &Call) -> bool {
    call.raw_arg(0).is_some_and(|first| is_ours(first))
}

fn on_ours_or_none(call: &Call) -> bool {
    match call.raw_arg(0) {
        Some(first) if !first.is_null() => is_ours(first),
        _ => coroutine::in_coroutine(),
    }
}

thread_local! {
    static ON: Cell<bool> = const { Cell::new(false) };
}

/// Switches the replacement; once more is nothing.
pub(crate) fn switch(on: bool) {
    if ON.replace(on) == on {
        return;
    }
    let class = ce::coroutine_socket();
    if on {
        replace::put(ALL);
        // Programs ask `instanceof Socket`. Every function of PHP's that takes a Socket is in the list above.
        replace::adopt(class, c"socket");
    } else {
        replace::orphan(class);
        replace::undo(ALL);
    }
}

/// ext/sockets' own object with a copy of this one's descriptor.
fn copy_of(value: &Zval) -> PhpResult<Value> {
    let Some(object) = value.obj() else { return Ok(Value::copy_of(value)) };
    let socket = socket::socket(object)?;
    let copy = stream::socket_of(socket.fd(), socket.domain());
    copy.ok_or_else(|| throw_builtin(Builtin::Error, "no object of ext/sockets could be made for the socket"))
}

/// PHP's own function, on a copy.
fn with_copy(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let Some(first) = call.raw_arg(0) else { return Ok(()) };
    if let Some(object) = first.obj() {
        match call.name() {
            "socket_sendmsg" => wait_ready(object, Interest::WRITE)?,
            "socket_recvmsg" => wait_ready(object, Interest::READ)?,
            _ => {}
        }
    }
    // In the frame, since PHP frees what lies there even when the call ends by a bailout.
    let copy = copy_of(first)?;
    first.assign(copy);
    replace::original(call, ret)
}

/// An array of sockets that the caller gave: its keys, with the objects that the caller knows.
struct Known {
    argument: u32,
    entries: Vec<(Option<Vec<u8>>, i64, Value)>,
}

impl Known {
    /// The same array with PHP's own objects in it; none where no object is ours.
    fn convert(call: &Call, argument: u32) -> PhpResult<Option<(Self, Value)>> {
        let Some(array) = call.raw_arg(argument).and_then(|given| given.as_array()) else { return Ok(None) };
        let mut entries = Vec::new();
        array.each(|key, value| {
            let (name, index) = match key {
                Key::Name(name) => (Some(name.to_vec()), 0),
                Key::Index(index) => (None, index),
            };
            entries.push((name, index, Value::copy_of(value)));
            true
        });
        if !entries.iter().any(|(_, _, value)| is_ours(value.as_zval())) {
            return Ok(None);
        }
        let mut copies = Value::array(entries.len() as u32);
        for (name, index, value) in &entries {
            let given = value.as_zval();
            let copy = if is_ours(given) { copy_of(given)? } else { Value::copy_of(given) };
            put(&mut copies, name.as_deref(), *index, copy);
        }
        Ok(Some((Self { argument, entries }, copies)))
    }

    /// Puts the caller's objects back: all, or those that are left in the array.
    fn restore(self, call: &Call, all: bool) -> PhpResult {
        let Some(argument) = call.raw_arg(self.argument) else { return Ok(()) };
        let mut back = Value::array(0);
        for (name, index, value) in self.entries {
            let left = argument.as_array();
            let ready = match &name {
                Some(name) => left.and_then(|left| left.get_bytes(name)),
                None => left.and_then(|left| left.get_index(index)),
            };
            if all || ready.is_some() {
                put(&mut back, name.as_deref(), index, value);
            }
        }
        replace::assign(argument, back)
    }
}

fn put(array: &mut Value, name: Option<&[u8]>, index: i64, value: Value) {
    match name {
        Some(name) => array.array_mut().set_bytes(name, value),
        None => array.array_mut().set_index(index, value),
    }
}

/// `socket_select()` with objects of both kinds. However it ends, the caller finds its own objects in its arrays.
fn select(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut converted = Vec::new();
    for argument in 0..3 {
        converted.extend(Known::convert(call, argument)?);
    }
    let (mut known, mut result) = (Vec::new(), Ok(()));
    for (array, copies) in converted {
        let Some(argument) = call.raw_arg(array.argument) else { continue };
        known.push(array);
        result = replace::assign(argument, copies);
        if result.is_err() {
            break;
        }
    }
    if result.is_ok() {
        result = replace::original(call, ret);
    }
    if matches!(result, Err(Thrown::Bailout)) {
        return result;
    }
    let all = ret.is_false() || result.is_err();
    for array in known {
        let restored = array.restore(call, all);
        result = result.and(restored);
    }
    result
}
