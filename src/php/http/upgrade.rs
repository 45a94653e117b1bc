//! From HTTP/1 to WebSocket on a server's connection.

use std::rc::Rc;
use std::sync::atomic::Ordering;

use protocol::http1::Version;
use protocol::websocket::{DeflateParams, DeflatePolicy, extension, handshake};

use super::data::RequestData;
use super::link::Link;
use super::response::{self, put_header};
use super::server::Http1;
use crate::php::server::dispatch;
use crate::php::server::events::PortEvent;
use crate::php::websocket::connection::{WebSocket, status};
use crate::server::{Conn, worker};
use crate::zend::{Value, ZendObject, ZvalExt};

/// What the answer to a handshake needs of the request.
pub struct Upgrading {
    /// `Sec-WebSocket-Extensions` as it came.
    pub extensions: Option<String>,
    pub deflate: Option<DeflateParams>,
    /// `Sec-WebSocket-Accept`, or the status of the refusal.
    pub accept: Result<String, u16>,
}

/// The fields of one name, joined.
fn field(data: &RequestData, name: &str) -> Option<Vec<u8>> {
    let mut joined: Option<Vec<u8>> = None;
    for header in &data.head.headers {
        if header.name.of(&data.raw).eq_ignore_ascii_case(name.as_bytes()) {
            let value = header.value.of(&data.raw);
            joined = Some(match joined {
                Some(before) => [&before, &b", "[..], value].concat(),
                None => value.to_vec(),
            });
        }
    }
    joined
}

/// The extensions offered, for a response to come.
pub fn upgrading(data: &RequestData) -> Box<Upgrading> {
    let extensions = field(data, "sec-websocket-extensions").and_then(|value| String::from_utf8(value).ok());
    Box::new(Upgrading { extensions, deflate: None, accept: accept(data).map_err(handshake::RequestError::status) })
}

/// The value of `Sec-WebSocket-Accept`; none for a request that opens no WebSocket.
fn accept(data: &RequestData) -> Result<String, handshake::RequestError> {
    let names = ["upgrade", "connection", "sec-websocket-version", "sec-websocket-key"];
    let fields = names.map(|name| (name, field(data, name)));
    handshake::accept_request(data.head.method.as_str().as_bytes(), data.head.version == Version::Http11, |name| {
        fields.iter().find(|(known, _)| *known == name)?.1.as_deref()
    })
}

/// Puts the fields of a 101 into a response.
pub fn put_fields(response: &mut ZendObject, accept: &str, subprotocol: Option<&str>) {
    let fields =
        [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", accept), ("Sec-WebSocket-Version", "13")];
    for (name, value) in fields {
        put_header(response, name.as_bytes(), Value::string(value.as_bytes()), false);
    }
    if let Some(name) = subprotocol {
        put_header(response, b"Sec-WebSocket-Protocol", Value::string(name.as_bytes()), false);
    }
}

/// A request for a WebSocket on a port that speaks it.
pub fn request(http: &Http1, conn: &Rc<Conn>, data: Box<RequestData>) {
    let Some(worker) = worker() else { return };
    worker.count_request();
    let in_coroutine = worker.settings().enable_coroutine;
    let server = http.server();
    let index = conn.port().index;
    let handshake = server.callback(index, PortEvent::Handshake);
    let upgrading = upgrading(&data);
    let accepted = upgrading.accept.clone();
    http.set_active();
    let id = conn.id();
    let set = |state: u8| {
        if let Some(slot) = conn.slot() {
            slot.websocket.store(state, Ordering::Relaxed);
        }
    };
    set(status::CONNECTION);
    let object = response::make(&data, http.settings(), Link::Conn(Rc::clone(conn)), id);
    let Some(response) = object.as_zval().obj() else { return };
    let state = response::state(response);
    state.coding.set(None);
    *state.upgrading.borrow_mut() = Some(upgrading);
    let request = super::request::make(data, id, 0);
    if let Some(callable) = handshake {
        set(status::HANDSHAKE);
        state.update(|progress| progress.upgrade = true);
        super::load::call(worker, &callable, request, object);
        return;
    }
    let accept = match accepted {
        Ok(accept) => accept,
        Err(refusal) => {
            state.status.set(i64::from(refusal));
            if refusal == 426 {
                put_header(response, b"Sec-WebSocket-Version", Value::string(b"13"), false);
            }
            state.update(|progress| progress.keep_alive = false);
            response::finish(response, state, None);
            return;
        }
    };
    put_fields(response, &accept, http.settings().websocket_subprotocol.as_deref());
    set(status::ACTIVE);
    if let Some(callable) = server.callback(index, PortEvent::BeforeHandshakeResponse) {
        let mut args = [server.object().into_zval(), request.clone().into_zval(), object.clone().into_zval()];
        dispatch::run(&callable, &mut args, in_coroutine);
        if !conn.is_open() {
            return;
        }
    }
    state.status.set(101);
    state.update(|progress| progress.upgrade = true);
    let sent = response::finish(response, state, None);
    drop(object);
    if !sent || !conn.is_open() {
        return;
    }
    if let Some(callable) = server.callback(index, PortEvent::Open) {
        dispatch::run(&callable, &mut [server.object().into_zval(), request.into_zval()], in_coroutine);
    }
}

/// Chooses an extension, before the head of a 101 is written.
pub fn choose_extension(response: &mut ZendObject, state: &response::State) {
    let compression = state.settings.borrow().as_ref().is_some_and(|settings| settings.websocket_compression);
    let mut upgrading = state.upgrading.borrow_mut();
    let Some(upgrading) = upgrading.as_mut().filter(|_| compression) else { return };
    if let Some((params, answer)) =
        upgrading.extensions.as_deref().and_then(|offers| extension::accept(offers, &DeflatePolicy::default()))
    {
        upgrading.deflate = Some(params);
        put_header(response, b"Sec-WebSocket-Extensions", Value::string(answer.as_bytes()), false);
    }
}

/// The answer to a handshake is out: from here on the connection speaks WebSocket, or it closes.
pub fn answered(conn: &Rc<Conn>, state: &response::State) {
    let Some(http) = conn.protocol_as::<Http1>() else { return };
    if state.status.get() != 101 {
        if let Some(slot) = conn.slot() {
            slot.websocket.store(0, Ordering::Relaxed);
        }
        conn.close();
        return;
    }
    let deflate = state.upgrading.borrow().as_ref().and_then(|upgrading| upgrading.deflate);
    if let Some(slot) = conn.slot() {
        slot.websocket.store(status::ACTIVE, Ordering::Relaxed);
    }
    conn.set_protocol(WebSocket::new(http.server(), http.settings(), deflate));
    http.answered(conn);
    http.leave();
}
