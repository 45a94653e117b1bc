//! Swoole\RemoteObject\Client: one connection to a server of objects.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use coroutine::CoId;

use super::{coroutine_id, named, refuse};
use crate::zend::invoke::take_exception;
use crate::zend::registration::ce;
use crate::zend::{
    Array, Call, ClassEntry, ClassState, Handlers, ObjectExt, PhpResult, Thrown, Value, ZendObject, Zval, ZvalExt, class_state,
    inspect, invoke, property, state_of,
};

/// Numbers of the declared properties.
const HTTP: u32 = 0;
const TURN: u32 = 1;
const ID: u32 = 2;
const OWNER: u32 = 3;

thread_local! {
    /// Clients by id. They take themselves out when they are freed, so that no client lives for the list alone.
    static CLIENTS: RefCell<HashMap<Vec<u8>, *mut ZendObject>> = RefCell::new(HashMap::new());
}

#[derive(Default)]
pub struct State {
    id: RefCell<Vec<u8>>,
    /// The coroutine whose request is under way.
    asking: Cell<Option<CoId>>,
    /// Remote objects that are gone here; the next request tells the server.
    gone: RefCell<Vec<i64>>,
}

static HANDLERS: Handlers = Handlers::new();

impl ClassState for State {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }
}

impl Drop for State {
    fn drop(&mut self) {
        let id = self.id.take();
        if !id.is_empty() {
            // At the thread's end the list may be gone before its last clients.
            _ = CLIENTS.try_with(|clients| clients.borrow_mut().remove(&id));
        }
    }
}

pub fn class_init(class: &mut ClassEntry) {
    class_state::<State>(class);
}

fn state(object: &ZendObject) -> &'static State {
    // SAFETY: only called with objects of this class, as the callers' types of arguments make sure.
    unsafe { state_of::<State>(object) }
}

/// A random UUID (RFC 9562, version 4).
fn uuid() -> PhpResult<Vec<u8>> {
    let random = invoke::function(c"random_bytes", &mut [Value::long(16).into_zval()])?;
    let mut bytes = [0u8; 16];
    if let Some(random) = random.as_zval().bytes().filter(|random| random.len() == bytes.len()) {
        bytes.copy_from_slice(random);
    }
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut text = String::with_capacity(36);
    for (n, byte) in bytes.iter().enumerate() {
        if matches!(n, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    Ok(text.into_bytes())
}

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(0, 3)?;
    let host = args.opt_bytes()?.unwrap_or(b"127.0.0.1");
    let port = args.opt_long()?.unwrap_or(super::server::DEFAULT_PORT);
    let key = args.opt_array()?.and_then(|options: Array<'_>| options.setting("api_key")).map(Value::copy_of);
    let this = call.this();
    let http =
        invoke::construct(ce::coroutine_http_client(), &mut [Value::string(host).into_zval(), Value::long(port).into_zval()])?;
    let turn = invoke::construct(ce::coroutine_channel(), &mut [Value::long(1).into_zval()])?;
    let (id, owner) = (uuid()?, coroutine_id());
    let mut headers = named([("client-id", Value::string(&id)), ("coroutine-id", Value::string(owner.to_string().as_bytes()))]);
    if let Some(key) = key.as_ref().and_then(|key| key.as_zval().to_zstr()) {
        headers.array_mut().set("x-api-key", Value::string(&key));
    }
    if let Some(http) = http.as_zval().obj() {
        invoke::method(http, b"setHeaders", &mut [headers.into_zval()])?;
    }
    this.slot(HTTP).assign(http);
    this.slot(TURN).assign(turn);
    this.slot(ID).assign(Value::string(&id));
    this.slot(OWNER).assign(Value::long(owner));
    let old = state(this).id.replace(id.clone());
    let this: *mut ZendObject = this;
    CLIENTS.with_borrow_mut(|clients| {
        clients.remove(&old);
        clients.insert(id, this);
    });
    Ok(())
}

pub fn create(call: &mut Call, ret: &mut Zval) -> PhpResult {
    through(call, c"create")?.give(ret);
    Ok(())
}

pub fn call(call: &mut Call, ret: &mut Zval) -> PhpResult {
    through(call, c"call")?.give(ret);
    Ok(())
}

/// `RemoteObject::create()` or `call()` with this client and the arguments as a list.
fn through(call: &mut Call, method: &std::ffi::CStr) -> PhpResult<Value> {
    let name = Value::string(call.named_args(1)?.bytes()?);
    let list = call.variadic(1)?;
    let this = Value::object(call.this());
    invoke::static_method(ce::remote_object(), method, &mut [this.into_zval(), name.into_zval(), list.into_zval()])
}

/// The client of an id, or null.
pub(super) fn find(id: &[u8]) -> Value {
    CLIENTS.with_borrow(|clients| match clients.get(id) {
        // SAFETY: an object takes itself out of the list when it is freed.
        Some(object) => Value::object(unsafe { &mut **object }),
        None => Value::null(),
    })
}

pub fn get_instance(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let id = call.args(1, 1)?.bytes()?;
    if id.is_empty() {
        return Err(refuse(0, "the id of a client is empty"));
    }
    find(id).give(ret);
    Ok(())
}

/// `getId()`
pub(super) fn id(client: &mut ZendObject) -> Value {
    Value::copy_of(client.slot(ID))
}

pub fn get_id(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    id(call.this()).give(ret);
    Ok(())
}

/// Whether a request may be made now: in a coroutine that may wait, and is not in the midst of a request.
pub(super) fn can_ask(client: &ZendObject) -> bool {
    coroutine::in_coroutine() && state(client).asking.get() != coroutine::current()
}

pub(super) fn give_back_later(client: &ZendObject, object: i64) {
    state(client).gone.borrow_mut().push(object);
}

/// A request and the body of its response. Requests of several coroutines are made one after another.
fn exchange(this: &mut ZendObject, path: Value, mut fields: Value) -> PhpResult<Value> {
    let (http, turn) = (Value::copy_of(this.slot(HTTP)), Value::copy_of(this.slot(TURN)));
    let (Some(http), Some(turn)) = (http.as_zval().obj(), turn.as_zval().obj()) else {
        return Err(crate::php::error::not_constructed("Swoole\\RemoteObject\\Client"));
    };
    let state = state(this);
    if !invoke::method(turn, b"push", &mut [Value::bool(true).into_zval()])?.as_zval().to_bool() {
        return Err(refuse(0, "canceled while another request was under way"));
    }
    let gone = state.gone.take();
    if !gone.is_empty() {
        let list: Vec<String> = gone.iter().map(i64::to_string).collect();
        fields.array_mut().set("gone", Value::string(list.join(",").as_bytes()));
    }
    state.asking.set(coroutine::current());
    let sent = invoke::method(http, b"post", &mut [path.into_zval(), fields.into_zval()]);
    state.asking.set(None);
    if matches!(sent, Err(Thrown::Bailout)) {
        return Err(Thrown::Bailout);
    }
    // The next one's answer takes the place of this one's as soon as it has its turn.
    let answer = sent.and_then(|sent| {
        let of = |name: &[u8]| property::read(http, name);
        if sent.as_zval().to_bool() {
            return of(b"body");
        }
        state.gone.borrow_mut().extend(gone);
        let (code, text) = (of(b"errCode")?.as_zval().to_long(), of(b"errMsg")?);
        Err(refuse(code, &text_of(text.as_zval())))
    });
    let failed = if answer.is_err() { take_exception() } else { None };
    invoke::method(turn, b"pop", &mut [])?;
    match failed {
        Some(exception) => Err(invoke::rethrow(exception)),
        None => answer,
    }
}

fn text_of(value: &Zval) -> String {
    value.bytes().map_or_else(String::new, |text| String::from_utf8_lossy(text).into_owned())
}

pub fn execute(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let path = Value::string(args.bytes()?);
    args.array()?;
    let fields = super::arguments(call, 1);
    let body = exchange(call.this(), path, fields)?;
    let mut answer = Zval::new();
    if let Some(body) = body.as_zval().bytes() {
        inspect::unserialize(&mut answer, body, None)?;
    }
    let answer = Value::from_zval(answer);
    let Some(fields) = answer.as_zval().as_array() else {
        return Err(refuse(0, "the server's answer is no serialized array"));
    };
    if fields.get("code").and_then(Zval::long) == Some(0) {
        answer.give(ret);
        return Ok(());
    }
    let exception = fields.get("exception").and_then(|exception| exception.as_array());
    let (text, code) = match exception {
        Some(exception) => (exception.get("message"), exception.get("code")),
        None => (fields.get("msg"), fields.get("code")),
    };
    let text = format!("Server Error: {}", text.map_or_else(String::new, text_of));
    Err(refuse(code.and_then(Zval::long).unwrap_or(0), &text))
}

pub fn ping(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let args = &mut [Value::string(b"/ping").into_zval(), Value::array(0).into_zval()];
    match invoke::method(call.this(), b"execute", args) {
        Err(Thrown::Bailout) => return Err(Thrown::Bailout),
        Err(Thrown::Exception) => {
            take_exception();
            ret.set_bool(false);
        }
        Ok(_) => ret.set_bool(true),
    }
    Ok(())
}
