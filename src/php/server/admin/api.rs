//! The HTTP server of `admin_server`: `/api/COMMAND/PROCESS`.

use super::super::command::{EVENT_WORKER, MANAGER, MASTER, REACTOR_THREAD, TASK_WORKER};
use super::{REFUSED, TOKEN, ask, elements, given, json, list_of, lossy, named, php, text};
use crate::log;
use crate::zend::invoke::{self, Native, native};
use crate::zend::registration::ce;
use crate::zend::{Call, PhpResult, Value, ZendObject, Zval, ZvalExt, inspect, property};

static API: Native = native!(c"{closure}", api);
static ELSEWHERE: Native = native!(c"{closure}", elsewhere);

/// Commands that change something.
const BY_POST: [&str; 3] = ["server_reload", "server_shutdown", "close_session"];

/// Name and secret, if there are any; host; port.
type Place<'a> = (Option<(&'a str, &'a str)>, &'a str, i64);

/// `[name:secret@]host:port`
fn parse(address: &str) -> Option<Place<'_>> {
    let (login, place) = match address.rsplit_once('@') {
        Some((login, place)) => (Some(login.split_once(':')?), place),
        None => (None, address),
    };
    let (host, port) = place.rsplit_once(':')?;
    Some((login, host.trim_start_matches('[').trim_end_matches(']'), port.parse().ok()?))
}

/// Runs until the server shuts it down; in a coroutine.
pub(super) fn serve(server: &mut ZendObject) -> PhpResult {
    let settings = property::read(server, b"setting")?;
    let address = given(&settings, "admin_server").map_or_else(Value::null, Value::copy_of);
    let address = lossy(&address);
    let parsed = if address.starts_with("unix:/") { None } else { parse(&address) };
    let Some((login, host, port)) = parsed else {
        log::with_code(
            log::Level::Error as i32,
            "Server::admin_server",
            None,
            &format!("admin_server[{address}] is not supported"),
        );
        return Ok(());
    };
    if let Some((name, secret)) = login {
        let token = php(c"sha1", [text(&format!("{name}{secret}"))])?;
        TOKEN.with_borrow_mut(|own| *own = token.as_zval().bytes().unwrap_or_default().to_vec());
    }
    let admin = invoke::construct(ce::coroutine_http_server(), &mut [text(host).into_zval(), Value::long(port).into_zval()])?;
    let own = ce::server();
    ask(&admin, b"handle", [text("/api"), API.closure(own, server)])?;
    ask(&admin, b"handle", [text("/"), ELSEWHERE.closure(own, server)])?;
    property::write(server, b"admin_server", admin.as_zval())?;
    ask(&admin, b"start", []).map(drop)
}

pub(crate) fn elsewhere(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let response = call.raw_arg(1).map_or_else(Value::null, |response| Value::copy_of(response));
    ask(&response, b"status", [Value::long(404)])?;
    ask(&response, b"end", []).map(drop)
}

/// Why a request is not answered.
struct Refusal(&'static str);

pub(crate) fn api(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let arg = |n: u32| call.raw_arg(n).map_or_else(Value::null, |value| Value::copy_of(value));
    let (request, response) = (arg(0), arg(1));
    let headers = [
        ("Server", "swoole-admin-server"),
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Allow-Methods", "GET, POST, OPTIONS"),
        ("Access-Control-Allow-Headers", "X-ACCESS-TOKEN, X-ADMIN-SERVER-ACCESS-TOKEN"),
    ];
    for (name, value) in headers {
        ask(&response, b"header", [text(name), text(value)])?;
    }
    let body = match answer(call.this(), &request)? {
        Ok(body) => body,
        Err(Refusal(reason)) => {
            ask(&response, b"status", [Value::long(403)])?;
            json(text(reason), REFUSED)?
        }
    };
    ask(&response, b"end", [body]).map(drop)
}

fn of(object: &Value, name: &[u8]) -> PhpResult<Value> {
    match object.as_zval().obj() {
        Some(object) => property::read(object, name),
        None => Ok(Value::null()),
    }
}

fn element(list: &Value, name: &str) -> String {
    list.as_zval().as_array().and_then(|list| list.get(name)).map_or_else(String::new, |value| lossy(&Value::copy_of(value)))
}

fn answer(server: &mut ZendObject, request: &Value) -> PhpResult<Result<Value, Refusal>> {
    let uri = element(&of(request, b"server")?, "request_uri");
    let parts: Vec<&str> = uri.trim_matches('/').split('/').collect();
    let (command, process) = match parts[..] {
        [_, command] => (command, "master"),
        [_, command, process] => (command, process),
        _ => return Ok(Err(Refusal("Bad API path"))),
    };
    let method = lossy(&ask(request, b"getMethod", [])?);
    if method == "OPTIONS" {
        return Ok(Ok(text("")));
    }
    let header = element(&of(request, b"header")?, "x-admin-server-access-token");
    let let_in = TOKEN.with_borrow(|token| {
        let same = token.iter().zip(header.bytes()).fold(0, |all, (a, b)| all | (a ^ b)) == 0;
        token.is_empty() || (token.len() == header.len() && same)
    });
    if !let_in {
        return Ok(Err(Refusal("Bad access token")));
    }
    if BY_POST.contains(&command) && method != "POST" {
        return Ok(Err(Refusal("Bad request method")));
    }
    if command == "multi" {
        let body = ask(request, b"getContent", [])?;
        let mut list = Zval::new();
        inspect::json_decode(&mut list, body.as_zval().bytes().unwrap_or_default(), 1, 512)?;
        let list = Value::from_zval(list);
        if method != "POST" || list.as_zval().as_array().is_none_or(|list| list.is_empty()) {
            return Ok(Err(Refusal("Bad process")));
        }
        return Ok(Ok(php(c"json_encode", [multi(server, &list)?, Value::long(super::IGNORE_INVALID)])?));
    }
    let data = of(request, if method == "GET" { b"get" } else { b"post" })?;
    let Some(target) = Target::parse(process) else { return Ok(Err(Refusal("Bad process"))) };
    let Target::One(kind, id) = target else {
        let result = all(server, &target, command, &data)?;
        return Ok(Ok(json(result, 0)?));
    };
    let result = run(server, command, (kind, id), &data, false)?;
    if result.as_zval().to_bool() {
        return Ok(Ok(result));
    }
    let code = php(c"swoole_last_error", [])?;
    let reason = php(c"swoole_strerror", [code.clone()])?;
    Ok(Ok(json(reason, code.as_zval().to_long())?))
}

/// Who is asked.
enum Target {
    One(i64, i64),
    All,
    Reactors,
    Workers,
    TaskWorkers,
    /// Those that `workers` names.
    Some,
}

impl Target {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "all" => Self::All,
            "all_reactor" | "all_reactor_thread" => Self::Reactors,
            "all_worker" | "all_event_worker" => Self::Workers,
            "all_task" | "all_task_worker" => Self::TaskWorkers,
            "specific" => Self::Some,
            _ if text.starts_with("master") => Self::One(MASTER, 0),
            _ if text.starts_with("manager") => Self::One(MANAGER, 0),
            _ => {
                let (kind, id) = text.split_once('-')?;
                let kind = match kind {
                    "reactor" | "reactor_thread" => REACTOR_THREAD,
                    "worker" | "event_worker" => EVENT_WORKER,
                    "task" | "task_worker" => TASK_WORKER,
                    _ => return None,
                };
                Self::One(kind, id.parse().ok()?)
            }
        })
    }
}

/// `Server::command()`
fn run(server: &mut ZendObject, command: &str, (kind, id): (i64, i64), data: &Value, decode: bool) -> PhpResult<Value> {
    let mut args = [text(command), Value::long(id), Value::long(kind), data.clone(), Value::bool(decode)].map(Value::into_zval);
    invoke::method(server, b"command", &mut args)
}

/// The answers of several processes, by their names.
fn all(server: &mut ZendObject, target: &Target, command: &str, data: &Value) -> PhpResult<Value> {
    let settings = property::read(server, b"setting")?;
    let number = |name: &str| given(&settings, name).map_or(0, ZvalExt::to_long);
    let some = |name: &str, kind: i64, count: i64| (0..count).map(|id| (format!("{name}-{id}"), (kind, id))).collect::<Vec<_>>();
    let workers = some("worker", EVENT_WORKER, number("worker_num"));
    let tasks = some("task_worker", TASK_WORKER, number("task_worker_num"));
    let list = match target {
        Target::One(kind, id) => vec![("process".to_owned(), (*kind, *id))],
        Target::All => {
            let first = [("master".to_owned(), (MASTER, 0)), ("manager".to_owned(), (MANAGER, 0))];
            first.into_iter().chain(workers).chain(tasks).collect()
        }
        Target::Reactors => {
            let gates = super::of(server)?.lanes.get().map_or(0, |lanes| lanes.gates as i64);
            some("reactor", REACTOR_THREAD, gates)
        }
        Target::Workers => workers,
        Target::TaskWorkers => tasks,
        Target::Some => {
            let names = given(data, "workers").map_or_else(|| list_of([]), Value::copy_of);
            let names = elements(&names).into_iter().map(|(_, name)| lossy(&name));
            names
                .map(|name| {
                    let one = Target::parse(&name);
                    (name, if let Some(Target::One(kind, id)) = one { (kind, id) } else { (0, 0) })
                })
                .collect()
        }
    };
    let mut results = Value::array(list.len() as u32);
    for (name, who) in list {
        let result = if who.0 == 0 { named([]) } else { run(server, command, who, data, true)? };
        results.array_mut().set(&name, result);
    }
    Ok(results)
}

/// Several commands in one request: `{"key": {"path": "/api/command/process?a=b", "post": {…}}, …}`.
fn multi(server: &mut ZendObject, list: &Value) -> PhpResult<Value> {
    let mut results = Value::array(4);
    for (key, wanted) in elements(list) {
        let full = element(&wanted, "path");
        let (path, query) = full.split_once('?').unwrap_or((&full, ""));
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        let (command, target) = match parts[..] {
            [_, command] => (command, Some(Target::One(MASTER, 0))),
            [_, command, process] => (command, Target::parse(process)),
            _ => ("", None),
        };
        let mut data = invoke::reference(Value::array(0));
        if !query.is_empty() {
            let mut args = [text(query).into_zval(), Value::share(&data).into_zval()];
            invoke::function(c"parse_str", &mut args)?;
        }
        let mut fields = Value::copy_of(&data);
        data.clear();
        if let Some(post) = given(&wanted, "post").filter(|post| post.is_array()) {
            fields = php(c"array_merge", [fields, Value::copy_of(post)])?;
        }
        let result = match target {
            None => named([]),
            Some(Target::One(kind, id)) => run(server, command, (kind, id), &fields, true)?,
            Some(target) => named([("code", Value::long(0)), ("data", all(server, &target, command, &fields)?)]),
        };
        let mut array = results.array_mut();
        match key.as_zval().bytes() {
            Some(name) => array.set_bytes(name, result),
            None => array.set_index(key.as_zval().to_long(), result),
        }
    }
    Ok(results)
}
