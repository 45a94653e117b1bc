//! Responses over a `Swoole\Coroutine\Socket`, and WebSockets there.

use std::cell::RefCell;
use std::fs::File;
use std::os::fd::AsRawFd;
use std::rc::Rc;

use net::{Deadline, Errno, Fault, Socket, deadline};
use protocol::websocket::{Decoder, DeflateParams, Encoder, Opcode, Step, frame as wire};

use super::link::SocketLink;
use super::settings::HttpSettings;
use crate::php::code::{Code, set_last};
use crate::php::websocket::{self, FLAG_FIN, FLAG_MASK, FLAG_RSV1, LEVEL, Outgoing};
use crate::zend::registration::ce;
use crate::zend::{ObjectExt, Value, ZendObject};

/// A socket of a coroutine server, with what was read of the next request.
pub struct CoLink {
    pub socket: Rc<Socket>,
    pub input: RefCell<Vec<u8>>,
    websocket: RefCell<Option<Frames>>,
}

/// The WebSocket that a connection has become.
struct Frames {
    decoder: Decoder,
    encoder: Encoder,
    settings: Rc<HttpSettings>,
}

/// How a wait for a message ended.
pub enum Message {
    Frame(Value),
    Closed,
    Failed,
}

impl CoLink {
    pub fn new(socket: &Rc<Socket>) -> Rc<Self> {
        Rc::new(Self { socket: Rc::clone(socket), input: RefCell::default(), websocket: RefCell::new(None) })
    }

    /// Reads what comes next; false when nothing will.
    pub fn more(&self) -> bool {
        self.more_until(deadline(self.socket.timeouts.get().read)).is_ok_and(|got| got > 0)
    }

    pub fn more_until(&self, until: Deadline) -> Result<usize, Fault> {
        let mut bytes = [0u8; 16 * 1024];
        let got = self.socket.recv(&mut bytes, until)?;
        self.input.borrow_mut().extend_from_slice(&bytes[..got]);
        Ok(got)
    }
}

impl SocketLink for CoLink {
    fn write(&self, parts: &[&[u8]]) -> bool {
        write(&self.socket, parts)
    }

    fn send_file(&self, file: File, offset: u64, length: usize) -> bool {
        send_file(&self.socket, &file, offset, length)
    }

    fn is_open(&self) -> bool {
        !self.socket.is_closed()
    }

    fn close(&self) -> bool {
        self.socket.close()
    }

    fn finished(&self, keep_alive: bool) {
        if !keep_alive {
            self.socket.close();
        }
    }

    fn fd(&self) -> i64 {
        i64::from(self.socket.fd())
    }

    fn upgraded(&self, settings: &Rc<HttpSettings>, deflate: Option<DeflateParams>) {
        let (deflater, inflater) = deflate.map(|params| params.server_streams(LEVEL)).unzip();
        *self.websocket.borrow_mut() = Some(Frames {
            decoder: Decoder::new(websocket::server_config(settings.package_max_length), inflater),
            encoder: Encoder::new(deflater),
            settings: Rc::clone(settings),
        });
    }

    fn push(&self, frame: &Outgoing) -> bool {
        let mut out = Vec::with_capacity(frame.payload().len() + 14);
        {
            let mut websocket = self.websocket.borrow_mut();
            let Some(frames) = websocket.as_mut() else { return false };
            let compress = frame.fin() && frame.opcode != Opcode::Continuation && !frame.payload().is_empty();
            if compress && frames.encoder.can_compress() {
                frames.encoder.push(&mut out, frame.opcode, true, true, None, frame.payload());
            } else {
                wire::encode(&mut out, frame.fin(), frame.is_packed(), frame.opcode, None, frame.payload());
            }
        }
        write(&self.socket, &[&out])
    }

    fn receive(&self, timeout: f64) -> Message {
        let until = crate::php::coroutine::http::server::wait(timeout, self.socket.timeouts.get().read);
        loop {
            let mut reply = Vec::new();
            let found = {
                let mut websocket = self.websocket.borrow_mut();
                let mut input = self.input.borrow_mut();
                let Some(frames) = websocket.as_mut() else { return Message::Failed };
                frames.next(&mut input, self.fd(), &mut reply)
            };
            if !reply.is_empty() && !write(&self.socket, &[&reply]) {
                return Message::Closed;
            }
            match found {
                Some(message) => return message,
                None if !reply.is_empty() => {}
                None => match self.more_until(until) {
                    Ok(0) => return Message::Closed,
                    Ok(_) => {}
                    Err(Fault::Errno(Errno(code))) => {
                        set_last(Code(code));
                        return Message::Failed;
                    }
                    Err(Fault::Busy(..)) => {
                        set_last(Code::CO_HAS_BEEN_BOUND);
                        return Message::Failed;
                    }
                },
            }
        }
    }

    fn is_websocket(&self) -> bool {
        self.websocket.borrow().is_some()
    }
}

impl Frames {
    /// The next message in `input`, or what has to be said in answer to a control frame.
    fn next(&mut self, input: &mut Vec<u8>, fd: i64, reply: &mut Vec<u8>) -> Option<Message> {
        match self.decoder.next(input) {
            Ok(Step::NeedMore { consumed, .. }) => {
                input.drain(..consumed);
                None
            }
            Ok(Step::Frame { frame, consumed }) => {
                let payload = self.decoder.payload(&frame, input).to_vec();
                input.drain(..consumed);
                let answer = match frame.opcode {
                    Opcode::Ping if !self.settings.open_ping_frame => Some(Opcode::Pong),
                    Opcode::Close if !self.settings.open_close_frame => Some(Opcode::Close),
                    Opcode::Pong if !self.settings.open_pong_frame => {
                        return self.next(input, fd, reply);
                    }
                    _ => None,
                };
                if let Some(opcode) = answer {
                    wire::encode(reply, true, false, opcode, None, &payload);
                    return (opcode == Opcode::Close).then_some(Message::Closed);
                }
                let flags = FLAG_FIN | if frame.masked { FLAG_MASK } else { 0 } | if frame.compressed { FLAG_RSV1 } else { 0 };
                Some(Message::Frame(websocket::object(frame.opcode, &payload, flags, Some(fd))))
            }
            Err(error) => {
                if let Some((payload, length)) = protocol::websocket::CloseFrame::payload(error.close_code(), b"") {
                    wire::encode(reply, true, false, Opcode::Close, None, &payload[..length]);
                }
                set_last(Code::PROTOCOL_ERROR);
                Some(Message::Failed)
            }
        }
    }
}

/// Writes all parts, suspending where the peer is slow.
pub fn write(socket: &Socket, parts: &[&[u8]]) -> bool {
    let until = deadline(socket.timeouts.get().write);
    match parts {
        [one] => socket.send_all(one, until).is_ok(),
        // Two small writes would be two packets, and two calls.
        parts if parts.iter().map(|part| part.len()).sum::<usize>() <= 64 * 1024 => {
            socket.send_all(&parts.concat(), until).is_ok()
        }
        parts => parts.iter().all(|part| part.is_empty() || socket.send_all(part, until).is_ok()),
    }
}

fn send_file(socket: &Socket, file: &File, offset: u64, length: usize) -> bool {
    let until = deadline(socket.timeouts.get().write);
    socket.send_file(file.as_raw_fd(), offset, length as u64, until).is_ok()
}

/// The link of a Socket object; none for objects of other classes.
pub fn link(object: &ZendObject) -> Option<Rc<dyn SocketLink>> {
    if !object.is_a(ce::coroutine_socket()) {
        return None;
    }
    let socket = crate::php::coroutine::socket::socket(object).ok()?;
    Some(CoLink::new(&socket))
}
