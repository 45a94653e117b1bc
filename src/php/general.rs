//! The functions that belong to no class: versions, the machine, the process, the log.

use std::cell::Cell;
use std::ffi::CStr;

use super::code::Code;
use super::report;
use crate::log;
use crate::zend::error::{Builtin, E_WARNING, throw_builtin, warning};
use crate::zend::inspect;
use crate::zend::registration::{ConstantValue, ce, ini};
use crate::zend::{Call, Callable, PhpResult, Thrown, Value, Zval, ZvalExt, guarded, sys};

/// The version of the API that programs ask for.
pub const VERSION_C: &CStr = c"6.2.2";

/// The rows of `php --ri swoole`.
pub const INFO: &[(&CStr, &CStr)] = &[
    (c"Version", VERSION_C),
    (c"swoole-rs", RS_VERSION),
    (c"coroutine", c"enabled with corosensei"),
    (c"epoll", c"enabled"),
    (c"eventfd", c"enabled"),
    (c"signalfd", c"enabled"),
    (c"dtls", c"enabled"),
    (c"http2", c"enabled"),
    (c"json", c"enabled"),
    (c"zlib", c"enabled"),
    (c"brotli", c"enabled"),
];

const RS_VERSION: &CStr = match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
    Ok(version) => version,
    Err(_) => c"",
};

pub fn rs_version() -> ConstantValue {
    ConstantValue::Text(RS_VERSION)
}

pub fn use_shortname() -> ConstantValue {
    ConstantValue::Bool(ini(|ini| ini.use_shortname))
}

/// The most buffers that one writev takes.
pub fn iov_max() -> ConstantValue {
    // SAFETY: asks for a limit.
    ConstantValue::Int(unsafe { libc::sysconf(libc::_SC_IOV_MAX) }.max(16))
}

/// Puts a string into a return slot, a bailout (no memory left) kept from the caller's Rust frames.
pub(crate) fn give(ret: &mut Zval, bytes: &[u8]) -> PhpResult {
    guarded(|| ret.set_bytes(bytes)).result()
}

pub fn version(_call: &mut Call, ret: &mut Zval) -> PhpResult {
    give(ret, VERSION_C.to_bytes())
}

fn cpus() -> i64 {
    // SAFETY: asks for a number.
    unsafe { libc::sysconf(libc::_SC_NPROCESSORS_ONLN) }.max(1)
}

/// Processors that are online.
pub fn cpu_num(_call: &mut Call, ret: &mut Zval) -> PhpResult {
    ret.set_long(cpus());
    Ok(())
}

/// The processors that a container's CPU quota amounts to (at least 1 whole one, else all of them);
/// the environment variable SWOOLE_CPU_NUM comes first.
pub fn container_cpu_num(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let told = std::env::var("SWOOLE_CPU_NUM").ok().and_then(|number| number.trim().parse().ok()).filter(|number| *number > 0);
    let count = told.or_else(|| if in_container() { quota().filter(|cpus| *cpus >= 1) } else { None });
    ret.set_long(count.unwrap_or_else(cpus));
    Ok(())
}

pub fn is_in_container(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    ret.set_bool(in_container());
    Ok(())
}

fn in_container() -> bool {
    std::fs::read_to_string("/proc/self/mountinfo").is_ok_and(|mounts| mounts.contains("kubepods") || mounts.contains("docker"))
}

/// Whole processors of the cgroup's quota (cgroups(7): cpu.max of v2, cpu.cfs_* of v1).
fn quota() -> Option<i64> {
    let (quota, period) = match std::fs::read_to_string("/sys/fs/cgroup/cpu.max") {
        Ok(line) => {
            let mut fields = line.split_whitespace();
            (fields.next()?.to_owned(), fields.next().unwrap_or("100000").to_owned())
        }
        Err(_) => {
            let read = |name| std::fs::read_to_string(format!("/sys/fs/cgroup/cpu,cpuacct/{name}")).ok();
            (read("cpu.cfs_quota_us")?, read("cpu.cfs_period_us")?)
        }
    };
    let (quota, period): (f64, f64) = (quota.trim().parse().ok()?, period.trim().parse().ok()?);
    Some((quota / period) as i64)
}

/// Writes to the log, at any level number.
pub fn error_log(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let (level, message) = (args.long()?, args.bytes()?);
    log::put(level as i32, message);
    Ok(())
}

/// As error_log, with an error code, which becomes the last error.
pub fn error_log_ex(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(3, 3)?;
    let (level, code, message) = (args.long()? as i32, args.long()? as i32, args.bytes()?);
    super::code::set_last(Code(code));
    log::with_code(level, "swoole_error_log_ex", Some(code), &String::from_utf8_lossy(message));
    Ok(())
}

pub fn ignore_error(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let code = call.args(1, 1)?.long()?;
    log::ignore(code as i32);
    Ok(())
}

/// The title that ps(1) shows; PHP's CLI owns the memory behind it.
pub fn set_process_name(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let title = call.args(1, 1)?.value()?;
    let name = Value::string(b"cli_set_process_title");
    let Some(function) = Callable::new(name.as_zval()) else {
        drop(name);
        report::fatal(E_WARNING, "swoole_set_process_name only support in CLI mode");
        ret.set_bool(false);
        return Ok(());
    };
    let title = Value::copy_of(title);
    let mut arguments = [title.into_zval()];
    let outcome = function.invoke(&mut arguments);
    let [title] = arguments;
    drop(Value::from_zval(title));
    outcome?.give(ret);
    Ok(())
}

/// `name` as Zend hashes it (type 0), or Bob Jenkins' one-at-a-time hash (type 1).
pub fn hashcode(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let (data, kind) = (args.bytes()?, args.opt_long()?.unwrap_or(0));
    match kind {
        0 => ret.set_long(inspect::hash(data) as i64),
        1 => ret.set_long(i64::from(one_at_a_time(data))),
        _ => ret.set_bool(false),
    }
    Ok(())
}

fn one_at_a_time(data: &[u8]) -> u32 {
    // Bytes count as signed: the hash is defined on C's char.
    let mixed = data.iter().fold(0u32, |hash, byte| {
        let hash = hash.wrapping_add(*byte as i8 as u32);
        let hash = hash.wrapping_add(hash << 10);
        hash ^ (hash >> 6)
    });
    let mixed = mixed.wrapping_add(mixed << 3);
    let mixed = mixed ^ (mixed >> 11);
    mixed.wrapping_add(mixed << 15)
}

pub fn get_vm_status(_call: &mut Call, ret: &mut Zval) -> PhpResult {
    ret.set_new_array(2);
    if let Some(mut array) = ret.as_array_mut() {
        let alive = (1..inspect::objects_top()).filter(|handle| inspect::object_of(*handle).is_some()).count();
        array.set("object_num", Value::long(alive as i64));
        array.set("resource_num", Value::long(i64::from(inspect::resource_count())));
    }
    Ok(())
}

/// All objects that are alive; false when there never was one.
pub fn get_objects(_call: &mut Call, ret: &mut Zval) -> PhpResult {
    if inspect::objects_top() <= 1 {
        ret.set_bool(false);
        return Ok(());
    }
    ret.set_new_array(0);
    if let Some(mut array) = ret.as_array_mut() {
        for object in (1..inspect::objects_top()).filter_map(inspect::object_of) {
            array.push(object);
        }
    }
    Ok(())
}

pub fn get_object_by_handle(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let handle = call.args(1, 1)?.long()?;
    match u32::try_from(handle).ok().and_then(inspect::object_of) {
        Some(object) => object.give(ret),
        None => ret.set_bool(false),
    }
    Ok(())
}

/// Where a part of a string begins; negative counts from the end. None when that is outside.
fn start_of(length: usize, offset: i64) -> Option<usize> {
    let start = if offset < 0 { i64::try_from(length).ok()? + offset } else { offset };
    usize::try_from(start).ok().filter(|start| *start < length)
}

/// `length` bytes from `start`; all that is left when it is 0, negative or too long.
fn part(text: &[u8], start: usize, length: i64) -> &[u8] {
    let rest = &text[start..];
    match usize::try_from(length) {
        Ok(length) if length > 0 && length <= rest.len() => &rest[..length],
        _ => rest,
    }
}

pub fn substr_unserialize(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 4)?;
    let (text, offset, length) = (args.bytes()?, args.long()?, args.opt_long()?.unwrap_or(0));
    let options = if args.left() > 0 {
        let options = args.value()?;
        if !options.is_array() {
            let text = "swoole_substr_unserialize(): Argument #4 ($options) must be of type array";
            return Err(throw_builtin(Builtin::TypeError, text));
        }
        Some(&*options)
    } else {
        None
    };
    match start_of(text.len(), offset) {
        Some(start) => inspect::unserialize(ret, part(text, start, length), options),
        None => {
            ret.set_bool(false);
            Ok(())
        }
    }
}

/// `JSON_OBJECT_AS_ARRAY`.
const OBJECT_AS_ARRAY: i64 = 1;

pub fn substr_json_decode(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 6)?;
    let (text, offset, length) = (args.bytes()?, args.long()?, args.opt_long()?.unwrap_or(0));
    let associative = args.opt_bool_or_null()?;
    let (depth, flags) = (args.opt_long()?.unwrap_or(512), args.opt_long()?.unwrap_or(0));
    if depth <= 0 || depth > i64::from(i32::MAX) {
        let text = "swoole_substr_json_decode(): Argument #5 ($depth) must be greater than 0 and fit 32 bits";
        return Err(throw_builtin(Builtin::ValueError, text));
    }
    let problem = match (text.len() as i64, offset) {
        (0, _) => Some("Non-empty string required"),
        (length, offset) if offset < -length => Some("Offset must be not less than the negative length of the string"),
        (length, offset) if offset >= length => Some("Offset must be less than the length of the string"),
        _ => None,
    };
    let Some(start) = start_of(text.len(), offset).filter(|_| problem.is_none()) else {
        warning(problem.unwrap_or_default());
        ret.set_null();
        return Ok(());
    };
    // The flag that says the same gives way to the argument.
    let flags = match associative {
        Some(true) => flags | OBJECT_AS_ARRAY,
        Some(false) => flags & !OBJECT_AS_ARRAY,
        None => flags,
    };
    inspect::json_decode(ret, part(text, start, length), flags, depth)
}

/// The static property that holds the library's options.
fn library_options() -> Option<&'static mut Zval> {
    inspect::static_prop(ce::swoole_library(), "options")
}

/// One of the library's options, when it is set and not null.
pub(crate) fn library_option(name: &[u8]) -> Option<Value> {
    let options = library_options()?.as_array()?;
    options.get_symbol(name).filter(|value| !value.is_null()).map(Value::copy_of)
}

pub fn library_set_options(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 1)?;
    let options = args.value()?;
    if !options.is_array() {
        let text = "swoole_library_set_options(): Argument #1 ($options) must be of type array";
        return Err(throw_builtin(Builtin::TypeError, text));
    }
    let options = Value::copy_of(options);
    if let Some(slot) = library_options() {
        slot.assign(options);
    }
    Ok(())
}

pub fn library_get_options(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    if let Some(options) = library_options() {
        Value::copy_of(options).give(ret);
    }
    Ok(())
}

pub fn library_set_option(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let (key, value) = (args.bytes()?, args.value()?);
    if let Some(mut options) = library_options().and_then(|options| options.as_array_mut()) {
        options.set_symbol(key, Value::copy_of(value));
    }
    Ok(())
}

pub fn library_get_option(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let key = call.args(1, 1)?.bytes()?;
    let found = library_options().and_then(|options| options.as_array()).and_then(|options| options.get_symbol(key));
    match found {
        Some(value) => Value::copy_of(value).give(ret),
        None => ret.set_null(),
    }
    Ok(())
}

thread_local! {
    /// Whether `swoole_internal_call_user_shutdown_begin()` was called.
    static SHUTDOWN_BEGUN: Cell<bool> = const { Cell::new(false) };
}

pub fn call_user_shutdown_begin(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let first = !SHUTDOWN_BEGUN.replace(true);
    ret.set_bool(first);
    if !first {
        warning("can not call this function in user level");
    }
    Ok(())
}

pub fn implicit_fn(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let name = args.bytes()?;
    let value = args.opt_value();
    if name.eq_ignore_ascii_case(b"fatal_error") {
        return Err(super::error::fatal(Code::FOR_TEST, "test"));
    }
    if name.eq_ignore_ascii_case(b"bailout") {
        // SAFETY: writes a global of PHP's thread.
        unsafe { sys::swrs_set_exit_status(value.map_or(95, |value| value.to_long() as i32)) };
        return Err(Thrown::Bailout);
    }
    if name.eq_ignore_ascii_case(b"abort") {
        std::process::abort();
    }
    if name.eq_ignore_ascii_case(b"refcount") {
        // SAFETY: a live argument.
        ret.set_long(value.map_or(0, |value| i64::from(unsafe { sys::swrs_refcount(value) })));
        return Ok(());
    }
    if name.eq_ignore_ascii_case(b"func_handler") {
        let function = value.and_then(|value| value.to_zstr()).map(|name| name.to_ascii_lowercase()).unwrap_or_default();
        // SAFETY: a live name; reads a table.
        let handler = unsafe { sys::swrs_handler_of(function.as_ptr(), function.len()) };
        if handler.is_null() {
            ret.set_bool(false);
        } else {
            println!("zif_handler={handler:p}");
        }
        return Ok(());
    }
    let text = format!("unknown fn '{}'", String::from_utf8_lossy(name));
    Err(super::error::swoole_exception(i64::from(Code::INVALID_PARAMS.0), &text))
}
