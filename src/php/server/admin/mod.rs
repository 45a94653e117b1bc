//! Swoole\Server\Admin: commands that tell what goes on in a server, and the HTTP server that takes them.

mod api;
mod built_in;
mod code;
mod process;

use std::cell::RefCell;
use std::ffi::CStr;

use super::command::{EVENT_WORKER, MANAGER, MASTER, TASK_WORKER};
use super::of;
use crate::zend::invoke::{self, take_exception};
use crate::zend::registration::ce;
use crate::zend::{Array, Call, Callable, PhpResult, Thrown, Value, ZStr, ZendObject, Zval, ZvalExt, inspect};

/// Codes of answers that are none.
const REFUSED: i64 = 4003;
const MISSING: i64 = 4004;
const NO_JSON: i64 = 5010;
/// JSON_INVALID_UTF8_IGNORE
const IGNORE_INVALID: i64 = 1 << 20;

/// The processes that take all of the commands below.
const EVERYWHERE: i64 = MASTER | MANAGER | EVENT_WORKER | TASK_WORKER;

thread_local! {
    static TOKEN: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// What a command finds, and 0 or a code.
type Answer = PhpResult<(Value, i64)>;

fn found(value: Value) -> Answer {
    Ok((value, 0))
}

fn text(text: &str) -> Value {
    Value::string(text.as_bytes())
}

fn refused(reason: &str, code: i64) -> Answer {
    Ok((text(reason), code))
}

/// Calls a PHP function.
fn php<const N: usize>(name: &CStr, args: [Value; N]) -> PhpResult<Value> {
    invoke::function(name, &mut args.map(Value::into_zval))
}

/// Calls a method.
fn ask<const N: usize>(object: &Value, method: &[u8], args: [Value; N]) -> PhpResult<Value> {
    match object.as_zval().obj() {
        Some(object) => invoke::method(object, method, &mut args.map(Value::into_zval)),
        None => Ok(Value::null()),
    }
}

fn new<const N: usize>(class: &[u8], args: [Value; N]) -> PhpResult<Value> {
    invoke::construct(invoke::class(class)?, &mut args.map(Value::into_zval))
}

fn named<const N: usize>(pairs: [(&str, Value); N]) -> Value {
    let mut list = Value::array(N as u32);
    let mut array = list.array_mut();
    for (name, value) in pairs {
        array.set(name, value);
    }
    list
}

/// The elements of an array as a vector of their own, since what is done with them may run PHP code.
fn elements(list: &Value) -> Vec<(Value, Value)> {
    let mut all = Vec::new();
    if let Some(list) = list.as_zval().as_array() {
        list.each(|key, value| {
            let key = match key {
                crate::zend::array::Key::Index(index) => Value::long(index),
                crate::zend::array::Key::Name(name) => Value::string(name),
            };
            all.push((key, Value::copy_of(value)));
            true
        });
    }
    all
}

fn list_of(values: impl IntoIterator<Item = Value>) -> Value {
    let mut list = Value::array(8);
    let mut array = list.array_mut();
    values.into_iter().for_each(|value| array.push(value));
    list
}

fn string(value: &Value) -> PhpResult<ZStr> {
    value.as_zval().to_zstr().ok_or(Thrown::Exception)
}

fn lossy(value: &Value) -> String {
    value.as_zval().to_zstr().map_or_else(String::new, |text| String::from_utf8_lossy(&text).into_owned())
}

/// A value that is there and not empty, as PHP sees it.
fn given<'a>(from: &'a Value, name: &str) -> Option<&'a Zval> {
    from.as_zval().as_array().and_then(|from: Array<'a>| from.get(name)).filter(|value| value.to_bool())
}

/// An answer as JSON.
fn json(data: Value, code: i64) -> PhpResult<Value> {
    let answer = named([("code", Value::long(code)), ("data", data)]);
    let encoded = php(c"json_encode", [answer, Value::long(IGNORE_INVALID)])?;
    if encoded.as_zval().to_bool() {
        return Ok(encoded);
    }
    let (message, number) = (php(c"json_last_error_msg", [])?, php(c"json_last_error", [])?);
    let answer = named([("code", Value::long(NO_JSON)), ("data", named([("message", message), ("code", number)]))]);
    php(c"json_encode", [answer])
}

/// A handler: `work` gets the server and the message, which is JSON. What it throws is an answer too: nobody is there
/// to catch it, and a bad question must not end a worker.
fn answer(call: &Call, ret: &mut Zval, work: fn(&mut ZendObject, &Value) -> Answer) -> PhpResult {
    let mut args = call.args(2, u32::MAX)?;
    let server = args.object_of(ce::server())?;
    let message = args.bytes()?;
    let mut asked = Zval::new();
    // JSON_OBJECT_AS_ARRAY
    inspect::json_decode(&mut asked, message, 1, 512)?;
    let (data, code) = match work(server, &Value::from_zval(asked)) {
        Err(Thrown::Bailout) => return Err(Thrown::Bailout),
        Err(Thrown::Exception) => match take_exception() {
            Some(exception) => (ask(&exception, b"getMessage", [])?, REFUSED),
            None => (Value::null(), REFUSED),
        },
        Ok(answer) => answer,
    };
    json(data, code)?.give(ret);
    Ok(())
}

pub fn init(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let this = call.args(1, u32::MAX)?.object_of(ce::server())?;
    let server = of(this)?;
    let handlers = [
        ("close_session", "handlerCloseSession"),
        ("get_version_info", "handlerGetVersionInfo"),
        ("get_worker_info", "handlerGetWorkerInfo"),
        ("get_timer_list", "handlerGetTimerList"),
        ("get_coroutine_list", "handlerGetCoroutineList"),
        ("get_objects", "handlerGetObjects"),
        ("get_class_info", "handlerGetClassInfo"),
        ("get_function_info", "handlerGetFunctionInfo"),
        ("get_object_by_handle", "handlerGetObjectByHandle"),
        ("get_server_cpu_usage", "handlerGetServerCpuUsage"),
        ("get_server_memory_usage", "handlerGetServerMemoryUsage"),
        ("get_static_property_value", "handlerGetStaticPropertyValue"),
        ("get_defined_functions", "handlerGetDefinedFunctions"),
        ("get_declared_classes", "handlerGetDeclaredClasses"),
        ("get_resources", "handlerGetResources"),
    ];
    for (name, method) in handlers {
        let pair = list_of([text("Swoole\\Server\\Admin"), text(method)]);
        server.commands.add(name, EVERYWHERE, Callable::new(pair.as_zval()).ok_or(Thrown::Exception)?);
    }
    let own = ce::server();
    for (name, types, function) in process::commands().into_iter().chain(code::commands()).chain(built_in::commands(&server)) {
        let closure = function.closure(own, this);
        server.commands.add(name, types, Callable::new(closure.as_zval()).ok_or(Thrown::Exception)?);
    }
    Ok(())
}

pub fn get_access_token(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    TOKEN.with_borrow(|token| ret.set_bytes(token));
    Ok(())
}

pub fn start(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let server = call.args(1, u32::MAX)?.object_of(ce::server())?;
    api::serve(server)
}

pub fn handler_get_resources(call: &mut Call, ret: &mut Zval) -> PhpResult {
    answer(call, ret, process::resources)
}

pub fn handler_get_worker_info(call: &mut Call, ret: &mut Zval) -> PhpResult {
    answer(call, ret, process::worker)
}

pub fn handler_close_session(call: &mut Call, ret: &mut Zval) -> PhpResult {
    answer(call, ret, process::close_session)
}

pub fn handler_get_timer_list(call: &mut Call, ret: &mut Zval) -> PhpResult {
    answer(call, ret, process::timers)
}

pub fn handler_get_coroutine_list(call: &mut Call, ret: &mut Zval) -> PhpResult {
    answer(call, ret, process::coroutines)
}

pub fn handler_get_objects(call: &mut Call, ret: &mut Zval) -> PhpResult {
    answer(call, ret, process::objects)
}

pub fn handler_get_class_info(call: &mut Call, ret: &mut Zval) -> PhpResult {
    answer(call, ret, code::class_info)
}

pub fn handler_get_function_info(call: &mut Call, ret: &mut Zval) -> PhpResult {
    answer(call, ret, code::function_info)
}

pub fn handler_get_object_by_handle(call: &mut Call, ret: &mut Zval) -> PhpResult {
    answer(call, ret, process::object)
}

pub fn handler_get_version_info(call: &mut Call, ret: &mut Zval) -> PhpResult {
    answer(call, ret, process::version)
}

pub fn handler_get_defined_functions(call: &mut Call, ret: &mut Zval) -> PhpResult {
    answer(call, ret, code::functions)
}

pub fn handler_get_declared_classes(call: &mut Call, ret: &mut Zval) -> PhpResult {
    answer(call, ret, code::classes)
}

pub fn handler_get_server_memory_usage(call: &mut Call, ret: &mut Zval) -> PhpResult {
    answer(call, ret, process::memory_usage)
}

pub fn handler_get_server_cpu_usage(call: &mut Call, ret: &mut Zval) -> PhpResult {
    answer(call, ret, process::cpu_usage)
}

pub fn handler_get_static_property_value(call: &mut Call, ret: &mut Zval) -> PhpResult {
    answer(call, ret, code::static_property)
}

/// Commands that no method of the class stands for: name, processes, function.
type Command = (&'static str, i64, &'static invoke::Native);

/// `commands! { fn list: TYPES => { "name" => work, … } }`: a function that gives them.
macro_rules! commands {
    ($types:expr => { $($name:literal => $work:path,)* }) => {
        vec![$({
            pub(crate) fn handle(call: &mut $crate::zend::Call, ret: &mut $crate::zend::Zval) -> $crate::zend::PhpResult {
                $crate::php::server::admin::answer(call, ret, $work)
            }
            static COMMAND: $crate::zend::invoke::Native = $crate::zend::invoke::native!(c"{closure}", handle);
            ($name, $types, &COMMAND)
        },)*]
    };
}
use commands;
