//! Swoole\RemoteObject\Server: makes objects for clients, calls them, and keeps them until they are given back or
//! the connection that asked for them ends.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};

use super::{name_of, named, refuse};
use crate::zend::array::Key;
use crate::zend::invoke::{Native, native, take_exception};
use crate::zend::registration::ce;
use crate::zend::{
    Array, Call, ClassEntry, ClassState, Handlers, ObjectExt, PhpResult, Thrown, Value, ZStr, ZendObject, Zval, ZvalExt,
    class_state, invoke, property, state_of,
};

/// Numbers of the declared properties.
const SERVER: u32 = 0;
const OBJECTS: u32 = 1;
const CLASSES: u32 = 2;
const FUNCTIONS: u32 = 3;
const NEXT_ID: u32 = 4;
const API_KEY: u32 = 5;

/// `Server::DEFAULT_PORT`
pub(super) const DEFAULT_PORT: i64 = 9567;
/// How deep an answer's arrays may be nested; one that contains itself would be without end.
const DEEPEST: usize = 256;

#[derive(Default)]
pub struct State {
    /// The ids of the objects that were made over a connection, by its descriptor.
    made: RefCell<HashMap<i64, HashSet<i64>>>,
    /// The connection of the request under way.
    connection: Cell<i64>,
}

static HANDLERS: Handlers = Handlers::new();

impl ClassState for State {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }
}

pub fn class_init(class: &mut ClassEntry) {
    class_state::<State>(class);
}

static CLOSED: Native = native!(c"{closure}", closed);

fn state(this: &ZendObject) -> &'static State {
    // SAFETY: only called with `$this` of this class and its children.
    unsafe { state_of::<State>(this) }
}

/// A list of names as a set, so that looking one up is one step.
fn allowed(options: &mut Value, name: &str) -> PhpResult<Value> {
    let list = options.as_zval().as_array().and_then(|options| options.setting(name)).map(Value::copy_of);
    options.array_mut().remove_symbol(name.as_bytes());
    match list {
        None => Ok(Value::array(0)),
        Some(list) if list.as_zval().is_array() => invoke::function(c"array_flip", &mut [list.into_zval()]),
        Some(_) => Err(refuse(0, &format!("{name} must be an array"))),
    }
}

fn take(options: &mut Value, name: &str) -> Option<Value> {
    let value = options.as_zval().as_array()?.setting(name).map(Value::copy_of);
    options.array_mut().remove_symbol(name.as_bytes());
    value
}

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(0, 3)?;
    let host = Value::string(args.opt_bytes()?.unwrap_or(b"127.0.0.1"));
    let port = Value::long(args.opt_long()?.unwrap_or(DEFAULT_PORT));
    args.opt_array()?;
    let mut options = super::arguments(call, 2);
    // Swoole's default is one thread for each worker, which this build of PHP has not.
    let mode = take(&mut options, "server_mode").unwrap_or_else(|| Value::long(super::BASE_MODE));
    let kind = take(&mut options, "socket_type").unwrap_or_else(|| Value::long(super::TCP));
    let (classes, functions) = (allowed(&mut options, "allowed_classes")?, allowed(&mut options, "allowed_functions")?);
    let key = take(&mut options, "api_key");
    let server = invoke::construct(ce::http_server(), &mut [host, port, mode, kind].map(Value::into_zval))?;
    let this = call.this();
    let own = Value::object(this);
    let handler = |method: &[u8]| {
        let mut pair = Value::array(2);
        pair.array_mut().push(own.clone());
        pair.array_mut().push(Value::string(method));
        pair
    };
    if let Some(server) = server.as_zval().obj() {
        if options.as_zval().as_array().is_some_and(|options| !options.is_empty()) {
            invoke::method(server, b"set", &mut [options.into_zval()])?;
        }
        let closed = CLOSED.closure(ce::remote_object_server(), this);
        for (event, callback) in [("request", handler(b"onRequest")), ("start", handler(b"onStart")), ("close", closed)] {
            invoke::method(server, b"on", &mut [Value::string(event.as_bytes()).into_zval(), callback.into_zval()])?;
        }
    }
    let next = invoke::construct(ce::atomic_long(), &mut [Value::long(0).into_zval()])?;
    this.slot(SERVER).assign(server);
    this.slot(CLASSES).assign(classes);
    this.slot(FUNCTIONS).assign(functions);
    this.slot(NEXT_ID).assign(next);
    this.slot(API_KEY)
        .assign(key.and_then(|key| key.as_zval().to_zstr()).map_or_else(|| Value::string(b""), |key| Value::string(&key)));
    Ok(())
}

fn inner(this: &mut ZendObject, slot: u32) -> PhpResult<Value> {
    let value = Value::copy_of(this.slot(slot));
    if value.as_zval().is_object() { Ok(value) } else { Err(crate::php::error::not_constructed("Swoole\\RemoteObject\\Server")) }
}

fn method(object: &Value, name: &[u8], args: &mut [Zval]) -> PhpResult<Value> {
    match object.as_zval().obj() {
        Some(object) => invoke::method(object, name, args),
        None => Err(refuse(0, "not an object")),
    }
}

pub fn start(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let server = inner(call.this(), SERVER)?;
    ret.set_bool(method(&server, b"start", &mut [])?.as_zval().to_bool());
    Ok(())
}

/// Also the handler of the event, which passes the server.
pub fn on_start(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let server = inner(call.this(), SERVER)?;
    let Some(server) = server.as_zval().obj() else { return Ok(()) };
    let text =
        |value: Value| value.as_zval().to_zstr().map_or_else(String::new, |text| String::from_utf8_lossy(&text).into_owned());
    let (host, port) = (text(property::read(server, b"host")?), text(property::read(server, b"port")?));
    let line = format!("remote objects: serving at {host}:{port}\n");
    invoke::function(c"printf", &mut [Value::string(b"%s").into_zval(), Value::string(line.as_bytes()).into_zval()])?;
    Ok(())
}

/// A connection has ended: what it made is out of reach.
pub(crate) fn closed(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let connection = call.raw_arg(1).and_then(|fd| fd.long()).unwrap_or(-1);
    let this = call.this();
    let made = state(this).made.borrow_mut().remove(&connection).unwrap_or_default();
    for id in made {
        forget(this, id);
    }
    Ok(())
}

fn forget(this: &mut ZendObject, id: i64) -> bool {
    // The object's destructor may run, so it is taken out first and dropped with the list at rest.
    let Some(object) = find(this, id) else { return false };
    if let Some(mut objects) = this.slot(OBJECTS).as_array_mut() {
        objects.remove_index(id);
    }
    drop(object);
    true
}

fn find(this: &mut ZendObject, id: i64) -> Option<Value> {
    this.slot(OBJECTS).as_array().and_then(|objects| objects.get_index(id)).map(Value::copy_of)
}

pub fn on_request(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, u32::MAX)?;
    let request = Value::object(args.object_of(ce::http_request())?);
    let response = Value::object(args.object_of(ce::http_response())?);
    let this = call.this();
    let context =
        invoke::construct(ce::remote_object_context(), &mut [request.clone().into_zval(), response.clone().into_zval()])?;
    let answer = if let_in(this, &request)? {
        match answer(this, &request, &context) {
            Err(Thrown::Exception) => told(take_exception())?,
            other => other?,
        }
    } else {
        method(&response, b"status", &mut [Value::long(403).into_zval()])?;
        named([("code", Value::long(-3)), ("msg", Value::string(b"invalid api key"))])
    };
    method(&context, b"end", &mut [answer.into_zval()])?;
    Ok(())
}

/// Whether the request has the key, if there is one.
fn let_in(this: &mut ZendObject, request: &Value) -> PhpResult<bool> {
    let key = this.slot(API_KEY).to_zstr().ok_or(Thrown::Exception)?;
    if key.is_empty() {
        return Ok(true);
    }
    let Some(request) = request.as_zval().obj() else { return Ok(false) };
    let headers = property::read(request, b"header")?;
    let given = headers.as_zval().as_array().and_then(|headers| headers.get("x-api-key")).and_then(ZvalExt::to_zstr);
    // The time that this takes tells nothing about where the two differ.
    Ok(given
        .is_some_and(|given| given.len() == key.len() && given.iter().zip(key.iter()).fold(0, |all, (a, b)| all | (a ^ b)) == 0))
}

/// An exception as an answer.
fn told(exception: Option<Value>) -> PhpResult<Value> {
    let mut fields = named([]);
    if let Some(object) = exception.as_ref().and_then(|exception| exception.as_zval().obj()) {
        fields.array_mut().set("message", invoke::method(object, b"getMessage", &mut [])?);
        fields.array_mut().set("code", invoke::method(object, b"getCode", &mut [])?);
        fields.array_mut().set("class", Value::string(object.class_name().as_bytes()));
    }
    Ok(named([("code", Value::long(-2)), ("exception", fields)]))
}

/// The fields of a request.
struct Asked<'a>(&'a Value);

impl Asked<'_> {
    fn text(&self, name: &str) -> PhpResult<ZStr> {
        let value = method(self.0, b"getParam", &mut [Value::string(name.as_bytes()).into_zval()])?;
        value.as_zval().to_zstr().ok_or(Thrown::Exception)
    }

    fn data(&self, name: &str) -> PhpResult<Value> {
        method(self.0, b"getDataParam", &mut [Value::string(name.as_bytes()).into_zval()])
    }

    fn maybe(&self, name: &str) -> PhpResult<Option<Value>> {
        let request = match self.0.as_zval().obj() {
            Some(context) => property::read(context, b"request")?,
            None => return Ok(None),
        };
        let Some(request) = request.as_zval().obj() else { return Ok(None) };
        let fields = property::read(request, b"post")?;
        Ok(fields.as_zval().as_array().and_then(|fields| fields.setting(name)).map(Value::copy_of))
    }

    /// The name of a class or function, without the backslash that may stand before it.
    fn name(&self, field: &str) -> PhpResult<ZStr> {
        let text = self.text(field)?;
        let name = text.trim_ascii();
        Ok(ZStr::new(name.strip_prefix(b"\\").unwrap_or(name).trim_ascii()))
    }
}

fn answer(this: &mut ZendObject, request: &Value, context: &Value) -> PhpResult<Value> {
    let path = method(context, b"getHandler", &mut [])?;
    let path = path.as_zval().to_zstr().ok_or(Thrown::Exception)?;
    if let Some(request) = request.as_zval().obj() {
        state(this).connection.set(property::read(request, b"fd")?.as_zval().to_long());
    }
    let asked = Asked(context);
    if let Some(gone) = asked.maybe("gone")?.and_then(|gone| gone.as_zval().to_zstr()) {
        for id in gone.split(|byte| *byte == b',') {
            destroy(this, str::from_utf8(id).ok().and_then(|id| id.parse().ok()).unwrap_or(0));
        }
    }
    match path.as_bytes() {
        b"_ping" => Ok(done()),
        b"_new" => create(this, &asked),
        b"_call_function" => call_function(this, &asked),
        b"_call_method" => call_method(this, &asked),
        b"_read_property" => {
            let property = asked.text("property")?;
            let value = with(this, &asked, |object| property::read(object, &property))?;
            give(this, context, "property", &value)
        }
        b"_write_property" => {
            let (property, value) = (asked.text("property")?, asked.data("value")?);
            let value = real(this, value.as_zval())?;
            with(this, &asked, |object| property::write(object, &property, value.as_zval()))?;
            Ok(done())
        }
        b"_destroy" => {
            let id = object_id(&asked)?;
            if destroy(this, id) { Ok(done()) } else { Err(no_object(id)) }
        }
        b"_to_string" => {
            let object = wanted(this, &asked)?;
            let text = object.as_zval().to_zstr().ok_or(Thrown::Exception)?;
            Ok(named([("code", Value::long(0)), ("value", Value::string(&text))]))
        }
        b"_offset_get" => {
            let value = on_element(this, &asked, b"offsetGet", None)?;
            give(this, context, "value", &value)
        }
        b"_offset_set" => {
            let value = asked.data("value")?;
            let value = real(this, value.as_zval())?;
            on_element(this, &asked, b"offsetSet", Some(value))?;
            Ok(done())
        }
        b"_offset_unset" => {
            on_element(this, &asked, b"offsetUnset", None)?;
            Ok(done())
        }
        b"_offset_exists" => {
            let exists = Value::bool(on_element(this, &asked, b"offsetExists", None)?.as_zval().to_bool());
            // Swoole's client reads the second name.
            Ok(named([("code", Value::long(0)), ("value", exists.clone()), ("exists", exists)]))
        }
        _ => Ok(named([("code", Value::long(-1)), ("msg", Value::string(b"invalid request"))])),
    }
}

fn done() -> Value {
    named([("code", Value::long(0))])
}

fn no_object(id: i64) -> Thrown {
    refuse(0, &format!("object[#{id}] not found"))
}

fn object_id(asked: &Asked<'_>) -> PhpResult<i64> {
    let text = asked.text("object")?;
    Ok(str::from_utf8(&text).ok().and_then(|text| text.parse().ok()).unwrap_or(0))
}

fn wanted(this: &mut ZendObject, asked: &Asked<'_>) -> PhpResult<Value> {
    let id = object_id(asked)?;
    find(this, id).ok_or_else(|| no_object(id))
}

/// Works on the object that is asked for; a resource has no methods, properties or elements.
fn with<T>(this: &mut ZendObject, asked: &Asked<'_>, work: impl FnOnce(&ZendObject) -> PhpResult<T>) -> PhpResult<T> {
    let object = wanted(this, asked)?;
    match object.as_zval().obj() {
        Some(object) => work(object),
        None => Err(refuse(0, "a resource can only be an argument")),
    }
}

fn destroy(this: &mut ZendObject, id: i64) -> bool {
    for made in state(this).made.borrow_mut().values_mut() {
        if made.remove(&id) {
            break;
        }
    }
    forget(this, id)
}

/// Keeps an object (or resource) for the connection under way, under an id that no other worker uses.
fn keep(this: &mut ZendObject, object: &Zval) -> PhpResult<i64> {
    let counter = inner(this, NEXT_ID)?;
    let id = method(&counter, b"add", &mut [])?.as_zval().to_long();
    if let Some(mut objects) = this.slot(OBJECTS).as_array_mut() {
        objects.set_index(id, Value::copy_of(object));
    }
    let state = state(this);
    state.made.borrow_mut().entry(state.connection.get()).or_default().insert(id);
    Ok(id)
}

/// The elements of an array, each put through `work`, under the same keys.
fn mapped(list: Array<'_>, mut work: impl FnMut(&Zval) -> PhpResult<Value>) -> PhpResult<Value> {
    let mut made = Value::array(list.len() as u32);
    let mut array = made.array_mut();
    let mut ended = Ok(());
    // Copied first: `work` may run PHP code, and walks may not be disturbed.
    let mut elements = Vec::with_capacity(list.len());
    list.each(|key, value| {
        let key = match key {
            Key::Index(index) => Ok(index),
            Key::Name(name) => Err(name.to_vec()),
        };
        elements.push((key, Value::copy_of(value)));
        true
    });
    for (key, value) in elements {
        match work(value.as_zval()) {
            Ok(value) => match key {
                Ok(index) => array.set_index(index, value),
                Err(name) => array.set_bytes(&name, value),
            },
            Err(thrown) => {
                ended = Err(thrown);
                break;
            }
        }
    }
    ended.map(|()| made)
}

/// A value for the client: objects and resources are kept here, and it gets their names.
fn sendable(this: &mut ZendObject, context: &Value, value: &Zval, depth: usize) -> PhpResult<Value> {
    let value = value.dereference();
    if let Some(list) = value.as_array() {
        if depth == DEEPEST {
            return Err(refuse(0, "the answer is nested too deeply"));
        }
        return mapped(list, |element| sendable(this, context, element, depth + 1));
    }
    if !value.is_object() && !value.is_resource() {
        return Ok(Value::copy_of(value));
    }
    let coroutine = method(context, b"getCoroutineId", &mut [])?.as_zval().to_long();
    let client = method(context, b"getClientId", &mut [])?;
    let id = keep(this, value)?;
    Ok(name_of(id, coroutine, client.as_zval().bytes().unwrap_or_default()))
}

/// A value from the client: names of objects become the objects.
fn real(this: &mut ZendObject, value: &Zval) -> PhpResult<Value> {
    let value = value.dereference();
    if let Some(list) = value.as_array() {
        return mapped(list, |element| real(this, element));
    }
    match value.obj() {
        Some(object) if object.is_a(ce::remote_object()) => {
            let id = object.slot(super::OBJECT_ID).to_long();
            find(this, id).ok_or_else(|| no_object(id))
        }
        _ => Ok(Value::copy_of(value)),
    }
}

fn give(this: &mut ZendObject, context: &Value, name: &str, value: &Value) -> PhpResult<Value> {
    Ok(named([("code", Value::long(0)), (name, sendable(this, context, value.as_zval(), 0)?)]))
}

/// The arguments of a call.
fn list(this: &mut ZendObject, asked: &Asked<'_>) -> PhpResult<Value> {
    let args = asked.data("args")?;
    let args = real(this, args.as_zval())?;
    if args.as_zval().is_array() { Ok(args) } else { Err(refuse(0, "the arguments are no serialized array")) }
}

/// Whether a list of what is allowed, if there is one, has the name.
fn permitted(this: &mut ZendObject, slot: u32, name: &[u8]) -> bool {
    this.slot(slot).as_array().is_none_or(|list| list.is_empty() || list.get_symbol(name).is_some())
}

fn lossy(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

fn spread<'a>(args: &'a Value) -> PhpResult<Array<'a>> {
    args.as_zval().as_array().ok_or(Thrown::Exception)
}

fn create(this: &mut ZendObject, asked: &Asked<'_>) -> PhpResult<Value> {
    let name = asked.name("class")?;
    if !permitted(this, CLASSES, &name) {
        return Err(refuse(0, &format!("class[{}] not allowed", lossy(&name))));
    }
    let args = list(this, asked)?;
    let object = invoke::construct_spread(invoke::class(&name)?, spread(&args)?)?;
    let id = keep(this, object.as_zval())?;
    Ok(named([("code", Value::long(0)), ("object", Value::long(id))]))
}

fn call_function(this: &mut ZendObject, asked: &Asked<'_>) -> PhpResult<Value> {
    let name = asked.name("function")?;
    if !permitted(this, FUNCTIONS, &name) {
        return Err(refuse(0, &format!("function[{}] not allowed", lossy(&name))));
    }
    let args = list(this, asked)?;
    if !invoke::function_exists(&lossy(&name).to_ascii_lowercase()) {
        return Err(refuse(0, &format!("function[{}] not found", lossy(&name))));
    }
    let result = invoke::callable_spread(Value::string(&name).as_zval(), spread(&args)?)?;
    give(this, asked.0, "result", &result)
}

fn call_method(this: &mut ZendObject, asked: &Asked<'_>) -> PhpResult<Value> {
    let name = asked.text("method")?;
    let args = list(this, asked)?;
    let object = wanted(this, asked)?;
    let mut pair = Value::array(2);
    pair.array_mut().push(object.clone());
    pair.array_mut().push(Value::string(&name));
    let callable = invoke::function(c"is_callable", &mut [pair.into_zval()])?.as_zval().to_bool();
    let Some(target) = object.as_zval().obj().filter(|_| callable) else {
        let owner = object.as_zval().obj().map_or_else(|| "resource".to_owned(), |object| object.class_name().to_owned());
        return Err(refuse(0, &format!("method[{owner}::{}] not found", lossy(&name))));
    };
    let result = invoke::method_spread(target, &name, spread(&args)?)?;
    give(this, asked.0, "result", &result)
}

/// An operation on an element: of an ArrayAccess by its method, of any other object on the property of that name.
fn on_element(this: &mut ZendObject, asked: &Asked<'_>, name: &[u8], value: Option<Value>) -> PhpResult<Value> {
    let key = match asked.maybe("key")? {
        Some(_) => real(this, asked.data("key")?.as_zval())?,
        None => Value::string(&asked.text("offset")?),
    };
    let access = invoke::class(b"ArrayAccess")?;
    with(this, asked, |object| {
        if object.is_a(access) {
            let mut args: Vec<Zval> = std::iter::once(key).chain(value).map(Value::into_zval).collect();
            return invoke::method(object, name, &mut args);
        }
        let key = key.as_zval().to_zstr().ok_or(Thrown::Exception)?;
        match (name, value) {
            (b"offsetGet", _) => property::read(object, &key),
            (b"offsetSet", Some(value)) => property::write(object, &key, value.as_zval()).map(|()| Value::null()),
            (b"offsetUnset", _) => property::unset(object, &key).map(|()| Value::null()),
            _ => property::is_set(object, &key).map(Value::bool),
        }
    })
}
