//! Swoole\ExitException: what exit() throws in a coroutine, and in a server that runs.

use crate::zend::registration::ce;
use crate::zend::{Call, ObjectExt, PhpResult, Value, Zval, ZvalExt, host, new_object, sys};

/// `SWOOLE_EXIT_IN_COROUTINE` and `SWOOLE_EXIT_IN_SERVER`.
const IN_COROUTINE: i64 = 2;
const IN_SERVER: i64 = 4;

/// Numbers of the declared properties come after Exception's: by name it is.
const FLAGS: &str = "flags";
const STATUS: &str = "status";

pub fn start() {
    host::on_exit(on_exit);
}

/// exit() is about to end the script: throws instead where others still run.
extern "C" fn on_exit(_status: i64, message: *mut Zval) -> bool {
    let mut flags = 0;
    if super::callback::in_own_coroutine() {
        flags |= IN_COROUTINE;
    }
    if crate::php::server::running().is_some_and(|server| server.phase.get() == crate::php::server::Phase::Started) {
        flags |= IN_SERVER;
    }
    if flags == 0 {
        return false;
    }
    let exception = new_object(ce::exit_exception());
    let Some(object) = exception.as_zval().obj() else { return false };
    object.set_prop("message", Value::string(b"swoole exit"));
    object.set_prop(FLAGS, Value::long(flags));
    // SAFETY: exit's operand, live while the instruction runs.
    object.set_prop(STATUS, unsafe { message.as_ref() }.map_or_else(Value::null, Value::copy_of));
    let raw = std::ptr::from_mut(object);
    std::mem::forget(exception);
    // SAFETY: the reference that we held goes to the executor.
    unsafe { sys::swrs_throw_object(raw) };
    true
}

fn property(call: &mut Call, ret: &mut Zval, name: &str) -> PhpResult {
    call.no_args()?;
    call.this().prop(name).give(ret);
    Ok(())
}

pub fn get_flags(call: &mut Call, ret: &mut Zval) -> PhpResult {
    property(call, ret, FLAGS)
}

pub fn get_status(call: &mut Call, ret: &mut Zval) -> PhpResult {
    property(call, ret, STATUS)
}
