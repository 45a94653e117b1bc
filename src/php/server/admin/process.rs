//! Commands about a process: its timers, coroutines, objects, memory, and the server's processes.

use super::super::prop;
use super::{
    Answer, Command, EVERYWHERE, MISSING, REFUSED, commands, elements, found, given, list_of, lossy, named, new, php, refused,
    string, text,
};
use crate::zend::registration::ce;
use crate::zend::{ObjectExt, PhpResult, Value, ZendObject, Zval, ZvalExt, invoke, property};

pub(super) fn commands() -> Vec<Command> {
    commands!(EVERYWHERE => {
        "server_reload" => reload,
        "server_shutdown" => shutdown,
        "coroutine_stats" => coroutine_stats,
        "coroutine_list" => coroutine_list,
        "coroutine_bt" => backtrace,
        "server_stats" => stats,
        "server_setting" => setting,
        "get_client_info" => client_info,
        "gc_status" => gc_status,
        "getpid" => pid,
        "memory_usage" => own_memory,
    })
}

fn of_server<const N: usize>(server: &mut ZendObject, method: &[u8], args: [Value; N]) -> PhpResult<Value> {
    invoke::method(server, method, &mut args.map(Value::into_zval))
}

fn of_coroutine<const N: usize>(method: &std::ffi::CStr, args: [Value; N]) -> PhpResult<Value> {
    invoke::static_method(ce::coroutine(), method, &mut args.map(Value::into_zval))
}

fn of_timer<const N: usize>(method: &std::ffi::CStr, args: [Value; N]) -> PhpResult<Value> {
    invoke::static_method(ce::timer(), method, &mut args.map(Value::into_zval))
}

fn listed(iterator: Value) -> PhpResult<Value> {
    php(c"iterator_to_array", [iterator, Value::bool(false)])
}

fn reload(server: &mut ZendObject, _asked: &Value) -> Answer {
    of_server(server, b"reload", [])?;
    found(text("Operation succeeded"))
}

fn shutdown(server: &mut ZendObject, _asked: &Value) -> Answer {
    of_server(server, b"shutdown", [])?;
    found(text("Operation succeeded"))
}

fn coroutine_stats(_server: &mut ZendObject, _asked: &Value) -> Answer {
    found(of_coroutine(c"stats", [])?)
}

fn coroutine_list(_server: &mut ZendObject, _asked: &Value) -> Answer {
    found(listed(of_coroutine(c"list", [])?)?)
}

fn backtrace(_server: &mut ZendObject, asked: &Value) -> Answer {
    let id = given(asked, "cid").map_or(0, ZvalExt::to_long);
    let trace = of_coroutine(c"getbacktrace", [Value::long(id)])?;
    if trace.as_zval().is_array() { found(trace) } else { refused(&format!("Coroutine#{id} not exists"), MISSING) }
}

fn stats(server: &mut ZendObject, _asked: &Value) -> Answer {
    found(of_server(server, b"stats", [])?)
}

fn setting(server: &mut ZendObject, _asked: &Value) -> Answer {
    let mut all = Value::copy_of(server.slot(prop::SETTING));
    let own = [
        ("mode", prop::MODE),
        ("host", prop::HOST),
        ("port", prop::PORT),
        ("master_pid", prop::MASTER_PID),
        ("manager_pid", prop::MANAGER_PID),
    ];
    for (name, slot) in own {
        let value = Value::copy_of(server.slot(slot));
        all.array_mut().set(name, value);
    }
    found(all)
}

fn client_info(server: &mut ZendObject, asked: &Value) -> Answer {
    match given(asked, "session_id").map(ZvalExt::to_long) {
        Some(id) => found(of_server(server, b"getClientInfo", [Value::long(id)])?),
        None => refused("require session_id", REFUSED),
    }
}

fn gc_status(_server: &mut ZendObject, _asked: &Value) -> Answer {
    found(php(c"gc_status", [])?)
}

fn pid(_server: &mut ZendObject, _asked: &Value) -> Answer {
    found(named([("pid", Value::long(i64::from(std::process::id())))]))
}

fn own_memory(_server: &mut ZendObject, _asked: &Value) -> Answer {
    let real = php(c"memory_get_usage", [Value::bool(true)])?;
    found(named([("usage", php(c"memory_get_usage", [])?), ("real_usage", real)]))
}

pub(super) fn resources(_server: &mut ZendObject, _asked: &Value) -> Answer {
    let mut list = Vec::new();
    for (_, resource) in elements(&php(c"get_resources", [])?) {
        let kind = php(c"get_resource_type", [resource.clone()])?;
        let is_stream = kind.as_zval().bytes() == Some(b"stream");
        let mut info = named([("id", php(c"get_resource_id", [resource.clone()])?), ("type", kind)]);
        if is_stream {
            info.array_mut().set("info", php(c"stream_get_meta_data", [resource])?);
        }
        list.push(info);
    }
    found(list_of(list))
}

pub(super) fn worker(server: &mut ZendObject, _asked: &Value) -> Answer {
    found(named([
        ("id", of_server(server, b"getWorkerId", [])?),
        ("pid", of_server(server, b"getWorkerPid", [])?),
        ("gc_status", php(c"gc_status", [])?),
        ("memory_usage", php(c"memory_get_usage", [])?),
        ("memory_real_usage", php(c"memory_get_usage", [Value::bool(true)])?),
        ("process_status", status(i64::from(std::process::id()))),
        ("coroutine_stats", of_coroutine(c"stats", [])?),
        ("timer_stats", of_timer(c"stats", [])?),
        ("vm_status", php(c"swoole_get_vm_status", [])?),
    ]))
}

pub(super) fn close_session(server: &mut ZendObject, asked: &Value) -> Answer {
    let Some(id) = given(asked, "session_id").map(ZvalExt::to_long) else { return refused("require session_id", REFUSED) };
    let force = given(asked, "force").is_some();
    if of_server(server, b"close", [Value::long(id), Value::bool(force)])?.as_zval().to_bool() {
        return found(Value::array(0));
    }
    Ok((named([("error", php(c"swoole_last_error", [])?)]), MISSING))
}

pub(super) fn timers(_server: &mut ZendObject, _asked: &Value) -> Answer {
    let mut list = Vec::new();
    for (_, id) in elements(&listed(of_timer(c"list", [])?)?) {
        list.push(named([("id", id.clone()), ("info", of_timer(c"info", [id])?)]));
    }
    found(list_of(list))
}

pub(super) fn coroutines(_server: &mut ZendObject, _asked: &Value) -> Answer {
    let mut list = Vec::new();
    for (_, id) in elements(&listed(of_coroutine(c"list", [])?)?) {
        // DEBUG_BACKTRACE_IGNORE_ARGS
        let trace = of_coroutine(c"getbacktrace", [id.clone(), Value::long(2), Value::long(1)])?;
        list.push(named([
            ("id", id.clone()),
            ("elapsed", of_coroutine(c"getelapsed", [id.clone()])?),
            ("stack_usage", of_coroutine(c"getstackusage", [id])?),
            ("backTrace", trace),
        ]));
    }
    found(list_of(list))
}

/// Sizes of Zend's structs, as the class's constants have them.
const ZVAL: i64 = 16;
const STRING: i64 = 32;
const OBJECT: i64 = 56;
const ARRAY: i64 = 56;
/// Arrays inside arrays that are counted; a reference may lead round in a circle.
const DEEPEST: u32 = 32;

fn size(value: &Zval, depth: u32) -> i64 {
    if let Some(bytes) = value.bytes() {
        return ZVAL + STRING + bytes.len() as i64;
    }
    let Some(array) = value.as_array().filter(|_| depth < DEEPEST) else { return ZVAL };
    let mut total = ZVAL + ARRAY;
    array.each(|key, value| {
        total += size(value, depth + 1);
        total += match key {
            crate::zend::array::Key::Name(name) => ZVAL + STRING + name.len() as i64,
            crate::zend::array::Key::Index(_) => ZVAL,
        };
        true
    });
    total
}

pub(super) fn objects(_server: &mut ZendObject, _asked: &Value) -> Answer {
    let mut list = Vec::new();
    for (_, object) in elements(&php(c"swoole_get_objects", [])?) {
        let name = php(c"get_class", [object.clone()])?;
        let (file, line) = super::code::place(&new(b"ReflectionClass", [name.clone()])?)?;
        let mut memory = OBJECT;
        for (_, value) in elements(&php(c"get_object_vars", [object.clone()])?) {
            memory += size(value.as_zval(), 0);
        }
        list.push(named([
            ("id", php(c"spl_object_id", [object.clone()])?),
            ("hash", php(c"spl_object_hash", [object])?),
            ("class", name),
            ("filename", file),
            ("line", line),
            ("memory_size", Value::long(memory)),
        ]));
    }
    found(list_of(list))
}

pub(super) fn object(_server: &mut ZendObject, asked: &Value) -> Answer {
    let (Some(id), Some(hash)) = (given(asked, "object_id"), given(asked, "object_hash")) else {
        return Ok((named([("error", text("Params Error!"))]), MISSING));
    };
    let object = php(c"swoole_get_object_by_handle", [Value::long(id.to_long())])?;
    let gone = !object.as_zval().is_object()
        || string(&php(c"spl_object_hash", [object.clone()])?)?.as_bytes() != hash.bytes().unwrap_or_default();
    if gone {
        return Ok((named([("error", text("Object destroyed!"))]), MISSING));
    }
    // Unlike var_export(), it stands an object that contains itself.
    found(php(c"print_r", [object, Value::bool(true)])?)
}

pub(super) fn version(_server: &mut ZendObject, _asked: &Value) -> Answer {
    let addresses = elements(&php(c"swoole_get_local_ip", [])?);
    let is_public =
        |ip: &str| ip.parse::<std::net::Ipv4Addr>().is_ok_and(|ip| !ip.is_private() && !ip.is_loopback() && !ip.is_link_local());
    let ip = addresses.iter().find(|(_, ip)| is_public(&lossy(ip))).or_else(|| addresses.first());
    let system = format!("{}-{}", lossy(&php(c"php_uname", [text("s")])?), lossy(&php(c"php_uname", [text("r")])?));
    found(named([
        ("os", text(&system)),
        ("swoole", php(c"swoole_version", [])?),
        ("php", php(c"phpversion", [])?),
        ("ip", ip.map_or_else(|| text(""), |(_, ip)| ip.clone())),
    ]))
}

/// `/proc/PID/status` (proc_pid_status(5)) as names and values; empty when there is no such process.
fn status(pid: i64) -> Value {
    let mut all = Value::array(48);
    let content = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let mut array = all.array_mut();
    for (name, value) in content.lines().filter_map(|line| line.split_once(':')) {
        array.set(name, text(value.trim()));
    }
    all
}

/// The pages that a process holds in memory, in bytes.
fn resident(pid: i64) -> i64 {
    let kilobytes = status(pid).as_zval().as_array().and_then(|status| status.get("VmRSS")).map_or(0, ZvalExt::to_long);
    kilobytes * 1024
}

/// Clock ticks of all processors, and those of one process in user and kernel mode (proc_stat(5), proc_pid_stat(5)).
fn ticks(pid: i64) -> Option<(i64, i64)> {
    let all = std::fs::read_to_string("/proc/stat").ok()?;
    let all = all.lines().next()?.split_ascii_whitespace().skip(1).take(4).filter_map(|ticks| ticks.parse::<i64>().ok()).sum();
    let own = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name, in parentheses, may contain anything.
    let fields: Vec<&str> = own.rsplit_once(')')?.1.split_ascii_whitespace().collect();
    Some((all, fields.get(11)?.parse::<i64>().ok()? + fields.get(12)?.parse::<i64>().ok()?))
}

/// Ids of the master and the manager, 0 where there is none, and of the workers by name.
type Processes = (i64, i64, Vec<(String, i64)>);

fn processes(server: &mut ZendObject) -> PhpResult<Processes> {
    const PROCESS: i64 = 2;
    let master = if server.slot(prop::MODE).to_long() == PROCESS { server.slot(prop::MASTER_PID).to_long() } else { 0 };
    let manager = server.slot(prop::MANAGER_PID).to_long();
    let settings = property::read(server, b"setting")?;
    let number = |name: &str| given(&settings, name).map_or(0, ZvalExt::to_long);
    let mut workers = Vec::new();
    for id in 0..number("worker_num") + number("task_worker_num") {
        let pid = of_server(server, b"getWorkerPid", [Value::long(id)])?.as_zval().to_long();
        workers.push((format!("worker-{id}"), pid));
    }
    Ok((master, manager, workers))
}

pub(super) fn memory_usage(server: &mut ZendObject, _asked: &Value) -> Answer {
    let (master, manager, workers) = processes(server)?;
    let mut result = Value::array(8);
    let mut total = 0;
    let named = [("master".to_owned(), master), ("manager".to_owned(), manager)];
    for (name, pid) in named.into_iter().chain(workers) {
        let size = if pid > 0 { resident(pid) } else { 0 };
        total += size;
        result.array_mut().set(&name, Value::long(size));
    }
    let info = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let all = info.lines().find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix("kB")?.trim().parse::<i64>().ok());
    result.array_mut().set("total", Value::long(total));
    result.array_mut().set("memory_size", Value::long(all.unwrap_or(0) * 1024));
    found(result)
}

pub(super) fn cpu_usage(server: &mut ZendObject, _asked: &Value) -> Answer {
    let (master, manager, workers) = processes(server)?;
    let mut result = Value::array(8);
    let mut total = 0;
    for (name, pid) in [("master", master), ("manager", manager)] {
        let value = match ticks(pid).filter(|_| pid > 0) {
            Some((all, own)) => {
                total += own;
                list_of([Value::long(all), Value::long(own)])
            }
            None => Value::long(0),
        };
        result.array_mut().set(name, value);
    }
    for (name, pid) in workers {
        let own = ticks(pid).map_or(0, |(_, own)| own);
        total += own;
        result.array_mut().set(&name, Value::long(own));
    }
    result.array_mut().set("total", Value::long(total));
    result.array_mut().set("cpu_num", php(c"swoole_cpu_num", [])?);
    found(result)
}
