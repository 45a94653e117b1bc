//! WebSocket on a server's connection, after its handshake.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::atomic::Ordering;

use protocol::websocket::{CloseFrame, Decoder, DeflateParams, Encoder, Opcode, Step, frame as wire};

use super::{FLAG_FIN, FLAG_MASK, FLAG_RSV1, LEVEL, Outgoing};
use crate::log;
use crate::php::http::settings::HttpSettings;
use crate::php::server::events::PortEvent;
use crate::php::server::{Server, dispatch};
use crate::server::{Closer, Conn, Input, Protocol, bump, worker};

/// Where a connection is, as `$server->getClientInfo()['websocket_status']` tells it.
pub mod status {
    /// A handshake was asked for.
    pub const CONNECTION: u8 = 1;
    /// The script is answering it.
    pub const HANDSHAKE: u8 = 2;
    pub const ACTIVE: u8 = 3;
    pub const CLOSING: u8 = 4;
}

pub struct WebSocket {
    server: Rc<Server>,
    settings: Rc<HttpSettings>,
    decoder: RefCell<Decoder>,
    /// Where compression was agreed on.
    encoder: RefCell<Option<Box<Encoder>>>,
    /// Bytes of a frame that is not all here; partly unmasked already.
    partial: RefCell<Vec<u8>>,
    closing: Cell<bool>,
}

thread_local! {
    /// Frames are unmasked in place, which the loop's own buffer is not there for.
    static INPUT: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
    static OUTPUT: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

const KEPT_BUFFER: usize = 128 * 1024;

impl WebSocket {
    pub fn new(server: &Rc<Server>, settings: &Rc<HttpSettings>, deflate: Option<DeflateParams>) -> Rc<Self> {
        let (encoder, inflater) = match deflate {
            Some(params) => {
                let (deflater, inflater) = params.server_streams(LEVEL);
                (Some(Box::new(Encoder::new(Some(deflater)))), Some(inflater))
            }
            None => (None, None),
        };
        Rc::new(Self {
            server: Rc::clone(server),
            settings: Rc::clone(settings),
            decoder: RefCell::new(Decoder::new(super::server_config(settings.package_max_length), inflater)),
            encoder: RefCell::new(encoder),
            partial: RefCell::default(),
            closing: Cell::new(false),
        })
    }

    /// Sends a frame; one that is a whole message goes compressed where that was agreed on.
    pub fn push(&self, conn: &Rc<Conn>, frame: &Outgoing) -> bool {
        let mut out = OUTPUT.take();
        out.clear();
        let compressed = {
            let mut encoder = self.encoder.borrow_mut();
            match encoder.as_mut().filter(|_| frame.fin() && frame.opcode != Opcode::Continuation && !frame.opcode.is_control()) {
                Some(encoder) => {
                    encoder.push(&mut out, frame.opcode, true, !frame.payload().is_empty(), None, frame.payload());
                    true
                }
                None => false,
            }
        };
        if !compressed {
            wire::encode(&mut out, frame.fin(), frame.is_packed(), frame.opcode, None, frame.payload());
        }
        let sent = crate::php::http::link::write_conn(conn, &[&out]);
        if out.capacity() <= KEPT_BUFFER {
            OUTPUT.set(out);
        }
        if let Some(worker) = worker().filter(|_| sent) {
            bump(&worker.stats().responses, 1);
        }
        sent
    }

    /// Sends a close frame, then closes.
    pub fn disconnect(&self, conn: &Rc<Conn>, frame: &Outgoing) -> bool {
        if !self.push(conn, frame) {
            return false;
        }
        self.close(conn);
        true
    }

    fn close(&self, conn: &Rc<Conn>) {
        self.note_closing(conn);
        conn.close();
    }

    fn note_closing(&self, conn: &Conn) {
        self.closing.set(true);
        if let Some(slot) = conn.slot() {
            slot.websocket.store(status::CLOSING, Ordering::Relaxed);
        }
    }

    /// Says goodbye with a code, and closes.
    fn fail(&self, conn: &Rc<Conn>, code: u16) {
        if let Some((payload, length)) = CloseFrame::payload(code, b"") {
            let mut out = Vec::with_capacity(8);
            wire::encode(&mut out, true, false, Opcode::Close, None, &payload[..length]);
            let _ = conn.write(&out);
        }
        self.close(conn);
    }

    /// Frames of a buffer; how many bytes of it are done with.
    fn frames(&self, conn: &Rc<Conn>, bytes: &mut [u8]) -> usize {
        let mut at = 0;
        while at < bytes.len() && conn.is_open() {
            let step = self.decoder.borrow_mut().next(&mut bytes[at..]);
            match step {
                Ok(Step::NeedMore { consumed, .. }) => return at + consumed,
                Ok(Step::Frame { frame, consumed }) => {
                    let end = at + consumed;
                    if end < bytes.len() {
                        conn.cork();
                    }
                    let flags =
                        FLAG_FIN | if frame.masked { FLAG_MASK } else { 0 } | if frame.compressed { FLAG_RSV1 } else { 0 };
                    let object = {
                        let decoder = self.decoder.borrow();
                        let payload = decoder.payload(&frame, &bytes[at..]);
                        self.before(conn, frame.opcode, payload)
                            .then(|| super::object(frame.opcode, payload, flags, Some(conn.id())))
                    };
                    if let Some(object) = object {
                        self.message(conn, object);
                    }
                    if frame.opcode == Opcode::Close {
                        let payload = {
                            let decoder = self.decoder.borrow();
                            decoder.payload(&frame, &bytes[at..]).to_vec()
                        };
                        if !self.closing.get() && conn.is_open() {
                            let mut out = Vec::with_capacity(payload.len() + 2);
                            wire::encode(&mut out, true, false, Opcode::Close, None, &payload);
                            let _ = conn.write(&out);
                        }
                        self.note_closing(conn);
                        conn.close_as_asked();
                        return bytes.len();
                    }
                    at = end;
                    if coroutine::engine().is_some_and(coroutine::Engine::is_aborted) {
                        return bytes.len();
                    }
                }
                Err(error) => {
                    log::put(log::Level::Notice as i32, format!("WebSocket session#{} fails: {error}", conn.id()).as_bytes());
                    self.fail(conn, error.close_code());
                    return bytes.len();
                }
            }
        }
        at
    }

    /// What a control frame means by itself. True: the script gets the frame.
    fn before(&self, conn: &Rc<Conn>, opcode: Opcode, payload: &[u8]) -> bool {
        match opcode {
            Opcode::Ping if !self.settings.open_ping_frame => {
                let mut out = Vec::with_capacity(payload.len() + 2);
                wire::encode(&mut out, true, false, Opcode::Pong, None, payload);
                let _ = conn.write(&out);
                false
            }
            Opcode::Pong => self.settings.open_pong_frame,
            Opcode::Close => self.settings.open_close_frame && !self.closing.get(),
            _ => true,
        }
    }

    fn message(&self, conn: &Rc<Conn>, frame: crate::zend::Value) {
        let Some(worker) = worker() else { return };
        worker.count_request();
        let Some(callable) = self.server.callback(conn.port().index, PortEvent::Message) else { return };
        let mut args = [self.server.object().into_zval(), frame.into_zval()];
        dispatch::run(&callable, &mut args, worker.settings().enable_coroutine);
    }
}

impl Protocol for WebSocket {
    fn data(&self, conn: &Rc<Conn>, bytes: &[u8]) -> Input {
        let mut partial = self.partial.take();
        if partial.is_empty() {
            let mut input = INPUT.take();
            input.clear();
            input.extend_from_slice(bytes);
            let used = self.frames(conn, &mut input).min(input.len());
            if used < input.len() {
                partial.extend_from_slice(&input[used..]);
            }
            if input.capacity() <= KEPT_BUFFER {
                INPUT.set(input);
            }
        } else {
            partial.extend_from_slice(bytes);
            let used = self.frames(conn, &mut partial).min(partial.len());
            partial.drain(..used);
            if partial.is_empty() {
                partial = Vec::new();
            }
        }
        *self.partial.borrow_mut() = partial;
        Input::all(bytes)
    }

    fn closed(&self, conn: &Rc<Conn>, _by: Closer) -> bool {
        self.closing.set(true);
        if let Some(slot) = conn.slot() {
            slot.websocket.store(0, Ordering::Relaxed);
        }
        true
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}
