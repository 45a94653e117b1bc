//! Swoole\RemoteObject: an object in another process, used through a client.
//!
//! Requests are HTTP POSTs of a form, one path for each kind of operation; arguments and answers are
//! serialized PHP values. docs/library.md has the list.

pub mod client;
pub mod context;
pub mod daemon;
pub mod dns;
pub mod proxy_trait;
pub mod server;

use crate::zend::error::throw;
use crate::zend::invoke::take_exception;
use crate::zend::registration::ce;
use crate::zend::{Array, Call, ObjectExt, PhpResult, Thrown, Value, ZendObject, Zval, ZvalExt, invoke, new_object};

/// Numbers of the declared properties.
const OBJECT_ID: u32 = 0;
const COROUTINE_ID: u32 = 1;
const CLIENT_ID: u32 = 2;
const CLIENT: u32 = 3;

/// `SWOOLE_BASE`, `SWOOLE_SOCK_TCP`, `SWOOLE_SOCK_UNIX_STREAM`
const BASE_MODE: i64 = 1;
const TCP: i64 = 1;
const UNIX_STREAM: i64 = 5;

/// A RemoteObject\Exception.
pub(super) fn refuse(code: i64, text: &str) -> Thrown {
    throw(ce::remote_object_exception(), code, text)
}

/// An array of named values.
pub(super) fn named<const N: usize>(pairs: [(&str, Value); N]) -> Value {
    let mut list = Value::array(N as u32);
    let mut array = list.array_mut();
    for (name, value) in pairs {
        array.set(name, value);
    }
    list
}

pub(super) fn serialized(value: &Zval) -> PhpResult<Value> {
    invoke::function(c"serialize", &mut [Value::copy_of(value).into_zval()])
}

/// The running coroutine's id; -1 outside of all.
pub(super) fn coroutine_id() -> i64 {
    coroutine::current().unwrap_or(-1)
}

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let (coroutine, client) = (args.long()?, Value::string(args.bytes()?));
    fill(call.this(), 0, coroutine, client);
    Ok(())
}

fn fill(this: &mut ZendObject, id: i64, coroutine: i64, client: Value) {
    this.slot(OBJECT_ID).set_long(id);
    this.slot(COROUTINE_ID).assign(Value::long(coroutine));
    this.slot(CLIENT_ID).assign(client);
}

/// A new object of this class; the caller fills it.
fn blank() -> Value {
    new_object(ce::remote_object())
}

fn id(this: &mut ZendObject) -> Value {
    Value::copy_of(this.slot(OBJECT_ID))
}

/// Asks the server through a client, and takes one element out of the answer.
fn ask(client: &Zval, path: &str, fields: Value, wanted: &str) -> PhpResult<Value> {
    let Some(client) = client.obj() else {
        return Err(refuse(0, "this remote object has no client, so nothing can be asked of it"));
    };
    let path = Value::string(path.as_bytes());
    let answer = invoke::method(client, b"execute", &mut [path.into_zval(), fields.into_zval()])?;
    let element = answer.as_zval().as_array().and_then(|answer| answer.get(wanted).map(Value::copy_of));
    Ok(element.unwrap_or_else(Value::null))
}

fn execute(this: &mut ZendObject, path: &str, fields: Value, wanted: &str) -> PhpResult<Value> {
    let client = Value::copy_of(this.slot(CLIENT));
    ask(client.as_zval(), path, fields, wanted)
}

fn call_method(this: &mut ZendObject, method: &[u8], args: &Zval) -> PhpResult<Value> {
    let fields = named([("object", id(this)), ("method", Value::string(method)), ("args", serialized(args)?)]);
    execute(this, "/call_method", fields, "result")
}

/// Calls a method without arguments.
fn plainly(call: &mut Call, method: &str) -> PhpResult<Value> {
    call.no_args()?;
    call_method(call.this(), method.as_bytes(), Value::array(0).as_zval())
}

/// An object whose server cannot be asked now is given back with the client's next request, or when the
/// connection ends; so is one whose end comes where nobody can wait.
pub fn destruct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    let (client, id) = (Value::copy_of(this.slot(CLIENT)), this.slot(OBJECT_ID).to_long());
    let Some(client_object) = client.as_zval().obj() else { return Ok(()) };
    if id <= 0 {
        return Ok(());
    }
    if !client::can_ask(client_object) {
        client::give_back_later(client_object, id);
        return Ok(());
    }
    match ask(client.as_zval(), "/destroy", named([("object", Value::long(id))]), "code") {
        Err(Thrown::Exception) => {
            // The connection is lost, and the object with it: nothing is left to be done.
            take_exception();
            Ok(())
        }
        other => other.map(drop),
    }
}

pub(crate) fn arguments(call: &Call, n: u32) -> Value {
    call.raw_arg(n).map_or_else(|| Value::array(0), |list| Value::copy_of(list))
}

pub fn call(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let method = args.bytes()?;
    args.array()?;
    call_method(call.this(), method, arguments(call, 1).as_zval())?.give(ret);
    Ok(())
}

pub fn invoke(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let list = call.variadic(0)?;
    call_method(call.this(), b"__invoke", list.as_zval())?.give(ret);
    Ok(())
}

pub fn get(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let property = Value::string(call.args(1, 1)?.bytes()?);
    let this = call.this();
    let fields = named([("object", id(this)), ("property", property)]);
    execute(this, "/read_property", fields, "property")?.give(ret);
    Ok(())
}

pub fn set(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let (property, value) = (Value::string(args.bytes()?), args.value()?);
    let this = call.this();
    let fields = named([("object", id(this)), ("property", property), ("value", serialized(value)?)]);
    execute(this, "/write_property", fields, "code").map(drop)
}

pub fn serialize(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    let text = |value: &Zval| if value.is_undef() { Value::string(b"") } else { Value::copy_of(value) };
    let client = text(this.slot(CLIENT_ID));
    let coroutine = Value::long(this.slot(COROUTINE_ID).long().unwrap_or(-1));
    named([("objectId", id(this)), ("coroutineId", coroutine), ("clientId", client)]).give(ret);
    Ok(())
}

pub fn unserialize(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let data: Array<'_> = call.args(1, 1)?.array()?;
    let number = |name: &str| data.get(name).and_then(Zval::long);
    let client = data.get("clientId").and_then(|client| client.bytes()).filter(|client| !client.is_empty());
    let (Some(id), Some(coroutine), Some(client)) = (number("objectId"), number("coroutineId"), client) else {
        return Err(refuse(0, "not the data of a remote object"));
    };
    let this = call.this();
    fill(this, id, coroutine, Value::string(client));
    // On the server nobody has that id, and the object stays a mere name.
    this.slot(CLIENT).assign(client::find(client));
    Ok(())
}

pub fn to_string(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    let fields = named([("object", id(this))]);
    let text = execute(this, "/to_string", fields, "value")?;
    let text = text.as_zval().to_zstr().ok_or(Thrown::Exception)?;
    ret.set_str(text);
    Ok(())
}

/// The arguments of `call()` and `create()`: a client, a name, arguments.
fn of_client(call: &Call) -> PhpResult<(Value, Value, Value)> {
    let mut args = call.args(3, 3)?;
    let client = Value::object(args.object_of(ce::remote_object_client())?);
    let name = Value::string(args.bytes()?);
    args.array()?;
    let list = serialized(arguments(call, 2).as_zval())?;
    Ok((client, name, list))
}

pub fn call_function(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let (client, name, args) = of_client(call)?;
    let fields = named([("function", name), ("args", args)]);
    ask(client.as_zval(), "/call_function", fields, "result")?.give(ret);
    Ok(())
}

pub fn create(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let (client, name, args) = of_client(call)?;
    let made = ask(client.as_zval(), "/new", named([("class", name), ("args", args)]), "object")?;
    let object = blank();
    if let (Some(this), Some(owner)) = (object.as_zval().obj(), client.as_zval().obj()) {
        fill(this, made.as_zval().to_long(), coroutine_id(), client::id(owner));
        this.slot(CLIENT).assign(client);
    }
    object.give(ret);
    Ok(())
}

pub fn marshal(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(3, 3)?;
    name_of(args.long()?, args.long()?, args.bytes()?).give(ret);
    Ok(())
}

/// What a server sends in an object's place.
fn name_of(id: i64, coroutine: i64, client: &[u8]) -> Value {
    let object = blank();
    if let Some(this) = object.as_zval().obj() {
        fill(this, id, coroutine, Value::string(client));
    }
    object
}

pub fn get_object_id(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    id(call.this()).give(ret);
    Ok(())
}

/// The fields of an operation on an element. `offset` is for servers that know no `key`.
fn element(this: &mut ZendObject, offset: &Zval) -> PhpResult<Value> {
    let mut fields = named([("object", id(this)), ("key", serialized(offset)?)]);
    if let Some(text) = (offset.is_string() || offset.is_long()).then(|| offset.to_zstr()).flatten() {
        fields.array_mut().set("offset", Value::string(&text));
    }
    Ok(fields)
}

pub fn offset_get(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let offset = call.args(1, 1)?.value()?;
    let this = call.this();
    let fields = element(this, offset)?;
    execute(this, "/offset_get", fields, "value")?.give(ret);
    Ok(())
}

pub fn offset_set(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let (offset, value) = (args.value()?, args.value()?);
    let this = call.this();
    let mut fields = element(this, offset)?;
    fields.array_mut().set("value", serialized(value)?);
    execute(this, "/offset_set", fields, "code").map(drop)
}

pub fn offset_unset(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let offset = call.args(1, 1)?.value()?;
    let this = call.this();
    let fields = element(this, offset)?;
    execute(this, "/offset_unset", fields, "code").map(drop)
}

pub fn offset_exists(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let offset = call.args(1, 1)?.value()?;
    let this = call.this();
    let fields = element(this, offset)?;
    ret.set_bool(execute(this, "/offset_exists", fields, "value")?.as_zval().to_bool());
    Ok(())
}

pub fn current(call: &mut Call, ret: &mut Zval) -> PhpResult {
    plainly(call, "current")?.give(ret);
    Ok(())
}

pub fn next(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    plainly(call, "next").map(drop)
}

pub fn key(call: &mut Call, ret: &mut Zval) -> PhpResult {
    plainly(call, "key")?.give(ret);
    Ok(())
}

pub fn valid(call: &mut Call, ret: &mut Zval) -> PhpResult {
    ret.set_bool(plainly(call, "valid")?.as_zval().to_bool());
    Ok(())
}

pub fn rewind(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    plainly(call, "rewind").map(drop)
}

pub fn count(call: &mut Call, ret: &mut Zval) -> PhpResult {
    ret.set_long(plainly(call, "count")?.as_zval().to_long());
    Ok(())
}
