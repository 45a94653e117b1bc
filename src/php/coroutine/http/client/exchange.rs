//! A request and its answer: connecting, reconnecting, sending, retrying, closing.

use std::fs::File;
use std::os::fd::AsRawFd;
use std::rc::Rc;

use net::{Deadline, Errno, Fault, Socket, deadline};
use reactor::Interest;

use super::request::FilePart;
use super::response::Received;
use super::*;
use crate::php::coroutine::socket::wrap_shared;

impl Client {
    pub(super) fn exec(&self, this: &mut ZendObject, path: &[u8]) -> PhpResult<bool> {
        for _ in 0..=self.max_retries.get() {
            if !self.send_request(this, path)? {
                return Ok(false);
            }
            if self.defer.get() {
                return Ok(true);
            }
            let Received::Done(status) = self.receive(this, 0.0)? else { return Ok(false) };
            if self.max_retries.get() > 0 && matches!(status, 502 | 503) {
                self.close(this, true)?;
                continue;
            }
            return Ok(true);
        }
        Ok(false)
    }

    pub(super) fn recv_response(&self, this: &mut ZendObject, wait: f64) -> PhpResult<bool> {
        if !self.wait_response.get() {
            return Ok(false);
        }
        Ok(matches!(self.receive(this, wait)?, Received::Done(_)))
    }

    /// Connects when there is no connection. False when that failed, with the error set.
    fn connect(&self, this: &mut ZendObject) -> PhpResult<bool> {
        if self.current().is_some() {
            return Ok(true);
        }
        loop_engine();
        let setting = Value::copy_of(this.slot(SETTING));
        let options = setting.as_zval().as_array().filter(|options| !options.is_empty());
        let socket = match link::open(link::kind_for(self.kind, options)) {
            Ok(socket) => Rc::new(socket),
            Err(fault) => {
                let code = if let Fault::Errno(Errno(code)) = fault { code } else { libc::EIO };
                set_failure(this, code, Failed::Connect);
                return Ok(false);
            }
        };
        self.websocket.take();
        let mut link = Link { tls: self.ssl.then(Default::default), no_tunnel: !self.ssl, ..Link::default() };
        if let Some(options) = options {
            link::apply(&socket, &mut link, options)?;
            socket.set_framer(None);
        }
        drop(setting);
        let mut timeouts = socket.timeouts.get();
        timeouts.connect = match self.connect_timeout.get() {
            0.0 => super::super::super::socket::default_timeouts().connect,
            seconds => crate::php::coroutine::timeout(seconds),
        };
        socket.timeouts.set(timeouts);
        *self.socket.borrow_mut() = Some(Rc::clone(&socket));
        let result = link::connect(&socket, &link, &self.host, self.port);
        self.link.replace(link);
        if let Err(fault) = result {
            let code = code_of(&socket, fault)?;
            let code = if socket.is_closed() { libc::ECONNABORTED } else { code };
            self.close(this, true)?;
            set_failure(this, code, Failed::Connect);
            return Ok(false);
        }
        let exported = wrap_shared(socket);
        this.slot(SOCKET).assign(exported.clone());
        *self.exported.borrow_mut() = Some(exported);
        this.slot(CONNECTED).assign(Value::bool(true));
        Ok(true)
    }

    /// Sees to a live connection. False when there is none to be had, with the error set.
    fn keep_alive_or_connect(&self, this: &mut ZendObject) -> PhpResult<bool> {
        if let Some(socket) = self.current().filter(|socket| socket.is_connected()) {
            match socket.check_liveness() {
                Ok(()) => return Ok(true),
                Err(fault) => {
                    let code = code_of(&socket, fault)?;
                    if let Err(fault) = socket.available(Interest::READ.union(Interest::WRITE)) {
                        code_of(&socket, fault)?;
                    }
                    set_failure(this, code, Failed::Reset);
                    self.close(this, false)?;
                }
            }
        } else if let Some(socket) = self.current() {
            // Another coroutine is connecting.
            if let Err(fault) = socket.available(Interest::READ.union(Interest::WRITE)) {
                code_of(&socket, fault)?;
            }
            self.close(this, false)?;
        }
        for _ in 0..=self.max_retries.get() {
            if self.connect(this)? {
                return Ok(true);
            }
            after_wait()?;
        }
        Ok(false)
    }

    /// Sends a request. False when it could not be sent, with the error set.
    fn send_request(&self, this: &mut ZendObject, path: &[u8]) -> PhpResult<bool> {
        if path.is_empty() {
            set_error(this, Code::INVALID_PARAMS.0);
            return Ok(false);
        }
        this.slot(HEADERS).assign(Value::null());
        this.slot(SET_COOKIE_HEADERS).assign(Value::null());
        this.slot(BODY).assign(Value::string(b""));
        if !self.keep_alive_or_connect(this)? {
            return Ok(false);
        }
        this.slot(ERR_CODE).assign(Value::long(0));
        if this.slot(ERR_MSG).bytes() != Some(b"") {
            this.slot(ERR_MSG).assign(Value::string(b""));
        }
        this.slot(STATUS_CODE).assign(Value::long(0));
        let Some(socket) = self.current() else {
            set_failure(this, Code::CLIENT_NO_CONNECTION.0, Failed::Connect);
            return Ok(false);
        };
        if let Err(fault) = socket.available(Interest::WRITE) {
            code_of(&socket, fault)?;
        }
        set_last(Code(0));
        let mut output = self.output.take();
        output.clear();
        let pieces = self.write_request(this, path, &mut output);
        let result = match &pieces {
            Ok(pieces) => send_pieces(&socket, &output, pieces, deadline(socket.timeouts.get().write)),
            Err(_) => Ok(()),
        };
        self.output.replace(output);
        pieces?;
        if let Err(fault) = result {
            let code = code_of(&socket, fault)?;
            set_failure(this, code, Failed::Send);
            self.close(this, true)?;
            return Ok(false);
        }
        self.wait_response.set(true);
        Ok(true)
    }

    /// Reads the answer, and leaves the connection as the answer asks for.
    fn receive(&self, this: &mut ZendObject, wait: f64) -> PhpResult<Received> {
        let Some(socket) = self.current() else {
            self.wait_response.set(false);
            set_failure(this, libc::ECONNRESET, Failed::Reset);
            return Ok(Received::Failed);
        };
        let seconds = if wait != 0.0 { wait } else { self.response_timeout.get() };
        let time = if seconds == 0.0 {
            super::super::super::socket::default_timeouts().read
        } else {
            crate::php::coroutine::timeout(seconds)
        };
        let end: Deadline = deadline(time);
        let mut incoming = self.incoming.take().unwrap_or_default();
        let outcome = self.read_response(this, &socket, &mut incoming, end);
        match outcome {
            Err(thrown) => {
                self.incoming.set(Some(incoming));
                Err(thrown)
            }
            Ok(Err(fault)) => {
                self.incoming.set(Some(incoming));
                let code = code_of(&socket, fault)?;
                set_failure(this, code, if code == libc::ETIMEDOUT { Failed::Timeout } else { Failed::Reset });
                self.close(this, true)?;
                Ok(Received::Failed)
            }
            Ok(Ok(answer)) => {
                let opened = answer.websocket && self.open_websocket(&socket, incoming.head(), &incoming)?;
                if answer.websocket && !opened {
                    set_failure(this, Code::WEBSOCKET_HANDSHAKE_FAILED.0, Failed::Reset);
                    self.incoming.set(Some(incoming));
                    self.close(this, true)?;
                    return Ok(Received::Failed);
                }
                self.incoming.set(Some(incoming));
                if !opened && (!self.keep_alive.get() || answer.close) {
                    self.close(this, true)?;
                } else {
                    self.reset(this);
                }
                Ok(Received::Done(answer.status))
            }
        }
    }

    /// After an answer, or the end of a connection: what concerned the last request goes.
    fn reset(&self, this: &mut ZendObject) {
        self.wait_response.set(false);
        if self.had_uploads.replace(false) {
            this.slot(UPLOAD_FILES).assign(Value::null());
        }
        if !this.slot(DOWNLOAD_FILE).is_null() && self.downloaded.replace(false) {
            this.slot(DOWNLOAD_FILE).assign(Value::null());
            this.slot(DOWNLOAD_OFFSET).assign(Value::long(0));
        }
    }

    /// Closes the connection; false when there was none, or others wait for it.
    pub(super) fn close(&self, this: &mut ZendObject, reset: bool) -> PhpResult<bool> {
        let Some(socket) = self.socket.borrow().clone() else { return Ok(false) };
        if self.in_callback.get() {
            self.close_asked.set(true);
            return Ok(true);
        }
        this.slot(CONNECTED).assign(Value::bool(false));
        if hang_up(&socket)? {
            set_error(this, Code::CO_SOCKET_CLOSE_WAIT.0);
            return Ok(false);
        }
        drop(self.socket.take());
        let exported = self.exported.take();
        this.slot(SOCKET).assign(Value::null());
        drop(exported);
        self.websocket.take();
        let closed = socket.close();
        if reset {
            self.reset(this);
        }
        Ok(closed)
    }
}

fn send_pieces(socket: &Socket, output: &[u8], pieces: &[FilePart], until: Deadline) -> Result<(), Fault> {
    let mut at = 0;
    for FilePart { after, path, offset, size } in pieces {
        send_all(socket, &output[at..*after], until)?;
        at = *after;
        let io = |error: std::io::Error| Fault::Errno(Errno(error.raw_os_error().unwrap_or(libc::EIO)));
        let file = File::open(path).map_err(io)?;
        socket.send_file(file.as_raw_fd(), *offset, *size, until)?;
    }
    send_all(socket, &output[at..], until)
}

pub(super) fn send_all(socket: &Socket, bytes: &[u8], until: Deadline) -> Result<(), Fault> {
    socket.send_all(bytes, until).map(drop).map_err(|(_, fault)| fault)
}
