//! The client as a WebSocket: opening, frames in and out.

use net::{Socket, deadline};
use protocol::http1::{KnownHeader, ResponseHead};
use protocol::websocket::{Config, Decoder, DeflatePolicy, Encoder, Error, MaskRule, Opcode, Step, extension, handshake};

use super::exchange::send_all;
use super::response::Incoming;
use super::*;
use crate::php::coroutine::socket::until;
use crate::php::stream_settings::PACKAGE_MAX_LENGTH;
use crate::php::websocket::{FLAG_FIN, FLAG_MASK, FLAG_RSV1, LEVEL, Outgoing, mask_key, object, random};

/// `websocket_*` and `open_websocket_*`.
#[derive(Clone, Copy)]
pub(super) struct Settings {
    mask: bool,
    compression: bool,
    close_frame: bool,
    ping_frame: bool,
    pong_frame: bool,
    max_message: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            mask: true,
            compression: false,
            close_frame: false,
            ping_frame: false,
            pong_frame: false,
            max_message: PACKAGE_MAX_LENGTH,
        }
    }
}

impl Settings {
    pub fn apply(mut self, options: Array<'_>) -> Self {
        let fields: [(&str, &mut bool); 5] = [
            ("websocket_mask", &mut self.mask),
            ("websocket_compression", &mut self.compression),
            ("open_websocket_close_frame", &mut self.close_frame),
            ("open_websocket_ping_frame", &mut self.ping_frame),
            ("open_websocket_pong_frame", &mut self.pong_frame),
        ];
        for (name, field) in fields {
            if let Some(value) = options.setting(name) {
                *field = value.to_bool();
            }
        }
        if let Some(value) = options.setting("package_max_length") {
            self.max_message = usize::try_from(crate::php::settings::size(value)).unwrap_or(0);
        }
        self
    }
}

/// An open WebSocket.
pub(super) struct Connection {
    decoder: Decoder,
    encoder: Encoder,
    /// Bytes read and not yet decoded, from `at` on.
    input: Vec<u8>,
    at: usize,
    compresses: bool,
    output: Vec<u8>,
}

/// What the next step of a reader is.
enum Next {
    Give(Value),
    Answer(Opcode, Vec<u8>),
    Read,
    Again,
    Broken(Error),
}

impl Client {
    pub(super) fn upgrade(&self, this: &mut ZendObject, path: &[u8]) -> PhpResult<bool> {
        self.defer.set(false);
        let key = handshake::encode_key(random());
        let headers = this.slot(REQUEST_HEADERS);
        if !headers.is_array() {
            headers.assign(Value::array(5));
        }
        if let Some(mut headers) = headers.as_array_mut() {
            headers.set("Connection", Value::string(b"Upgrade"));
            headers.set("Upgrade", Value::string(b"websocket"));
            headers.set("Sec-WebSocket-Version", Value::string(b"13"));
            headers.set("Sec-WebSocket-Key", Value::string(key.as_bytes()));
            if self.websocket_settings.get().compression {
                let offer = extension::offer(&DeflatePolicy::default());
                headers.set("Sec-WebSocket-Extensions", Value::string(offer.as_bytes()));
            }
        }
        this.slot(REQUEST_METHOD).assign(Value::string(b"GET"));
        self.exec(this, path)
    }

    /// The server has switched: false when it did so in a way that was not offered.
    pub(super) fn open_websocket(&self, socket: &Socket, head: &ResponseHead, incoming: &Incoming) -> PhpResult<bool> {
        let raw = incoming.raw();
        let settings = self.websocket_settings.get();
        // A server that computes no accept value is borne with; one that computes a wrong one is not.
        if let Some(accept) = head.known(raw, KnownHeader::SecWebSocketAccept) {
            let output = self.output.borrow();
            let key = sent_header(&output, b"sec-websocket-key").unwrap_or_default();
            if accept.trim_ascii() != handshake::accept_key(key).as_bytes() {
                return Ok(false);
            }
        }
        let params = match head.known(raw, KnownHeader::SecWebSocketExtensions).map(str::from_utf8) {
            None => None,
            Some(Ok(answer)) if settings.compression => match extension::confirm(answer, &DeflatePolicy::default()) {
                Ok(params) => params,
                Err(_) => return Ok(false),
            },
            Some(_) => None,
        };
        let (deflater, inflater) = match params.map(|params| params.client_streams(LEVEL)) {
            Some((deflater, inflater)) => (Some(deflater), Some(inflater)),
            None => (None, None),
        };
        // Text is not checked: programs send any bytes as text, as they always could here.
        let config = Config { mask: MaskRule::Any, max_message: settings.max_message, check_utf8: false, join: true };
        *self.websocket.borrow_mut() = Some(Box::new(Connection {
            decoder: Decoder::new(config, inflater),
            compresses: deflater.is_some(),
            encoder: Encoder::new(deflater),
            input: incoming.rest().to_vec(),
            at: 0,
            output: Vec::new(),
        }));
        socket.set_framer(None);
        Ok(true)
    }

    /// Sends one frame.
    pub(super) fn push(&self, this: &mut ZendObject, data: &Zval, opcode: i64, flags: i64, code: i64) -> PhpResult<bool> {
        if self.websocket.borrow().is_none() {
            set_last(Code::WEBSOCKET_HANDSHAKE_FAILED);
            let text = "websocket handshake failed, cannot push data";
            link::warn(text)?;
            set_failure(this, Code::WEBSOCKET_HANDSHAKE_FAILED.0, Failed::Connect);
            this.slot(ERR_MSG).assign(Value::string(text.as_bytes()));
            return Ok(false);
        }
        let frame = match Outgoing::new(data, opcode, flags, code)? {
            Some(mut frame) => {
                if self.websocket_settings.get().mask {
                    frame.flags |= FLAG_MASK;
                }
                frame
            }
            None => {
                set_error(this, Code::WEBSOCKET_PACK_FAILED.0);
                this.slot(ERR_MSG).assign(Value::string(b"websocket frame pack failed"));
                return Ok(false);
            }
        };
        let Some(socket) = self.available(this) else { return Ok(false) };
        if let Err(fault) = socket.available(Interest::WRITE) {
            code_of(&socket, fault)?;
        }
        let mut output = Vec::new();
        if let Some(connection) = self.websocket.borrow_mut().as_mut() {
            connection.encode(&frame, &mut output);
        }
        self.send_frame(this, &socket, output)
    }

    fn send_frame(&self, this: &mut ZendObject, socket: &Socket, mut output: Vec<u8>) -> PhpResult<bool> {
        let result = send_all(socket, &output, deadline(socket.timeouts.get().write));
        output.clear();
        if let Some(connection) = self.websocket.borrow_mut().as_mut() {
            // The allocation serves the next frame, unless it is a rare large one.
            if output.capacity() <= 64 * 1024 {
                connection.output = output;
            }
        }
        if let Err(fault) = result {
            let code = code_of(socket, fault)?;
            set_failure(this, code, Failed::Reset);
            self.close(this, true)?;
            return Ok(false);
        }
        Ok(true)
    }

    /// The next message as a Frame; an empty string at the connection's end, false on errors.
    pub(super) fn recv_frame(&self, this: &mut ZendObject, ret: &mut Zval, wait: f64) -> PhpResult {
        let Some(socket) = self.available(this) else { return Ok(()) };
        if let Err(fault) = socket.available(Interest::READ) {
            code_of(&socket, fault)?;
        }
        let end = until(wait, socket.timeouts.get().read);
        let settings = self.websocket_settings.get();
        let fd = i64::from(socket.fd());
        loop {
            let next = match self.websocket.borrow_mut().as_mut() {
                Some(connection) => connection.next(settings, fd),
                None => return Ok(()),
            };
            match next {
                Next::Give(frame) => {
                    frame.give(ret);
                    return Ok(());
                }
                Next::Again => {}
                Next::Answer(opcode, payload) => {
                    let mut output = Vec::new();
                    let mask = settings.mask.then(mask_key);
                    protocol::websocket::frame::encode(&mut output, true, false, opcode, mask, &payload);
                    // A peer that does not read its answer is found out by the next read.
                    let _ = socket.send_all(&output, end);
                    after_wait()?;
                }
                Next::Broken(error) => {
                    if let Some(text) = complaint(error) {
                        crate::log::warning("recv_frame", Some(Code::PROTOCOL_ERROR.0), text);
                    }
                    let code = match error {
                        Error::TooBig { .. } => Code::PACKAGE_LENGTH_TOO_LARGE,
                        _ => Code::PROTOCOL_ERROR,
                    };
                    if let Some((payload, length)) = protocol::websocket::CloseFrame::payload(error.close_code(), b"") {
                        let mut output = Vec::new();
                        let mask = settings.mask.then(mask_key);
                        protocol::websocket::frame::encode(&mut output, true, false, Opcode::Close, mask, &payload[..length]);
                        let _ = socket.send_all(&output, end);
                    }
                    set_failure(this, code.0, Failed::Reset);
                    self.close(this, true)?;
                    ret.set_bool(false);
                    return Ok(());
                }
                Next::Read => {
                    let mut bytes = [0u8; 16 * 1024];
                    match socket.recv(&mut bytes, end) {
                        Ok(0) => {
                            self.close(this, true)?;
                            ret.set_bytes(b"");
                            return Ok(());
                        }
                        Ok(n) => {
                            if let Some(connection) = self.websocket.borrow_mut().as_mut() {
                                connection.input.extend_from_slice(&bytes[..n]);
                            }
                        }
                        Err(fault) => {
                            let code = code_of(&socket, fault)?;
                            set_failure(this, code, Failed::Reset);
                            if code != libc::ETIMEDOUT {
                                self.close(this, true)?;
                            }
                            ret.set_bool(false);
                            return Ok(());
                        }
                    }
                }
            }
        }
    }
}

impl Connection {
    fn encode(&mut self, frame: &Outgoing, output: &mut Vec<u8>) {
        *output = std::mem::take(&mut self.output);
        let mask = (frame.flags & FLAG_MASK != 0).then(mask_key);
        let whole = frame.fin() && frame.opcode != Opcode::Continuation && !frame.payload().is_empty();
        let compress = self.compresses && whole;
        if !compress && frame.is_packed() {
            protocol::websocket::frame::encode(output, frame.fin(), true, frame.opcode, mask, frame.payload());
            return;
        }
        self.encoder.push(output, frame.opcode, frame.fin(), compress, mask, frame.payload());
    }

    fn next(&mut self, settings: Settings, fd: i64) -> Next {
        let step = match self.decoder.next(&mut self.input[self.at..]) {
            Ok(step) => step,
            Err(error) => return Next::Broken(error),
        };
        match step {
            Step::NeedMore { consumed, .. } => {
                self.input.drain(..self.at + consumed);
                self.at = 0;
                Next::Read
            }
            Step::Frame { frame, consumed } => {
                let payload = self.decoder.payload(&frame, &self.input[self.at..]);
                let shown = match frame.opcode {
                    Opcode::Ping => settings.ping_frame,
                    Opcode::Pong => settings.pong_frame,
                    Opcode::Close => settings.close_frame,
                    _ => true,
                };
                let next = if shown {
                    let mut flags = FLAG_FIN;
                    if frame.compressed {
                        flags |= FLAG_RSV1;
                    }
                    Next::Give(object(frame.opcode, payload, flags, Some(fd)))
                } else {
                    match frame.opcode {
                        Opcode::Ping => Next::Answer(Opcode::Pong, payload.to_vec()),
                        Opcode::Close => Next::Answer(Opcode::Close, payload.to_vec()),
                        _ => Next::Again,
                    }
                };
                self.at += consumed;
                next
            }
        }
    }
}

/// What the log says about a server's mistake: for fragments, the rule of RFC 6455, section 5.4, in Swoole's words.
fn complaint(error: Error) -> Option<&'static str> {
    match error {
        Error::ContinuationExpected => {
            Some("All fragments of a message, except for the initial frame, must use the continuation frame opcode(0).")
        }
        Error::UnexpectedContinuation => Some(
            "A continuation frame cannot stand alone and MUST be preceded by an initial frame whose opcode indicates either text or binary data.",
        ),
        // The program learns of these by errCode, as ever.
        _ => None,
    }
}

/// A header's value in the request that was sent.
fn sent_header<'a>(request: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    request.split(|byte| *byte == b'\n').find_map(|line| {
        let colon = memchr::memchr(b':', line)?;
        line[..colon].eq_ignore_ascii_case(name).then(|| line[colon + 1..].trim_ascii())
    })
}

use reactor::Interest;
