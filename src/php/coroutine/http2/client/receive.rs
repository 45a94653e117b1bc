//! What the server says: responses, parts of them, and its goodbyes.

use std::rc::Rc;
use std::time::Instant;

use net::{Deadline, Errno, Fault, Socket};
use protocol::http2::{Error, Event};
use reactor::Interest;

use super::{CANCELED, Client, Connection, ERR_CODE, Leaving, SERVER_LAST_STREAM_ID, TIMED_OUT, set_error, set_fault, set_text};
use crate::php::code::Code;
use crate::php::coroutine::socket::until;
use crate::zend::{ObjectExt, PhpResult, Value, ZendObject, Zval, ZvalExt};

/// Whether the fault is the connection's end.
fn is_loss(fault: Fault) -> bool {
    matches!(fault, Fault::Errno(Errno(code)) if code != libc::ETIMEDOUT && code != libc::ECANCELED)
}

/// What an event came to.
enum Outcome {
    Nothing,
    Response(Value),
    GoAway { last_stream: u32, code: u32, debug: bytes::Bytes },
    Closed(Option<Error>),
    Broken,
}

impl Client {
    /// The next response, or part of one when `parts` are wanted.
    pub(super) fn recv(&self, this: &mut ZendObject, ret: &mut Zval, wait: f64, parts: bool) -> PhpResult {
        ret.set_bool(false);
        let Some(socket) = self.available(this) else { return Ok(()) };
        if let Err(fault) = socket.available(Interest::READ) {
            return set_fault(this, &socket, fault);
        }
        let end = until(wait, socket.timeouts.get().read);
        loop {
            // Deal with all that is known before waiting for more.
            loop {
                let event = match self.connection.borrow_mut().as_mut() {
                    Some(connection) => connection.events.pop_front(),
                    None => return Ok(()),
                };
                let Some(event) = event else { break };
                match self.handle(event, parts) {
                    Outcome::Nothing => {}
                    Outcome::Response(response) => {
                        response.give(ret);
                        self.flush(this, &socket)?;
                        let left = self.connection.borrow_mut().as_mut().and_then(|connection| connection.left());
                        if let Some(Leaving { last_stream, .. }) = left {
                            // The next request needs another connection, and `$connected` says so.
                            this.slot(SERVER_LAST_STREAM_ID).assign(Value::long(i64::from(last_stream)));
                            self.close(this)?;
                        }
                        return Ok(());
                    }
                    Outcome::GoAway { last_stream, code, debug } => {
                        this.slot(SERVER_LAST_STREAM_ID).assign(Value::long(i64::from(last_stream)));
                        self.close(this)?;
                        set_text(this, code as i32, &debug);
                        return Ok(());
                    }
                    Outcome::Closed(error) => {
                        self.flush(this, &socket)?;
                        self.close(this)?;
                        match error {
                            Some(Error::Protocol { code, .. }) => set_text(this, code as i32, b"HTTP/2 protocol error"),
                            _ => set_error(this, libc::ECONNRESET),
                        }
                        return Ok(());
                    }
                    Outcome::Broken => {
                        set_error(this, Code::PROTOCOL_ERROR.0);
                        return Ok(());
                    }
                }
            }
            // A server that takes nothing more may have sent its answer before.
            if !self.flush(this, &socket)? && matches!(this.slot(ERR_CODE).long(), Some(TIMED_OUT | CANCELED)) {
                return Ok(());
            }
            if let Err(fault) = self.listen(&socket, end) {
                if is_loss(fault) {
                    self.close(this)?;
                }
                return set_fault(this, &socket, fault);
            }
        }
    }

    /// Takes what the server says next.
    fn listen(&self, socket: &Socket, until: Deadline) -> Result<(), Fault> {
        let mut bytes = [0u8; 16 * 1024];
        let n = socket.recv(&mut bytes, until)?;
        let mut connection = self.connection.borrow_mut();
        let Some(connection) = connection.as_mut() else { return Ok(()) };
        if n == 0 {
            connection.session.push_eof();
        } else {
            connection.frames.push(&bytes[..n]);
            connection.session.push(&bytes[..n]);
        }
        connection.collect();
        if n == 0 && connection.events.is_empty() {
            connection.events.push_back(Event::Closed { error: Some(Error::Eof) });
        }
        Ok(())
    }

    /// Whether the server has gone while it owed nothing, as it does after a time or a number of requests: the next one
    /// would be lost. Then the connection is closed.
    pub(super) fn has_left(&self, this: &mut ZendObject, socket: &Rc<Socket>) -> PhpResult<bool> {
        let waits = |connection: &Connection| connection.leaving.is_some() || !connection.streams.is_empty();
        if socket.bound(Interest::READ) == 0 && !self.connection.borrow().as_deref().is_some_and(waits) {
            let gone = loop {
                let over = |event: &Event| match event {
                    Event::GoAway { last_stream, .. } => Some(Some(*last_stream)),
                    Event::Closed { .. } => Some(None),
                    _ => None,
                };
                let found = self.connection.borrow().as_deref().and_then(|connection| connection.events.iter().find_map(over));
                match found {
                    Some(last_stream) => break Some(last_stream),
                    None => match self.listen(socket, Some(Instant::now())) {
                        Ok(()) => {}
                        Err(fault) => break is_loss(fault).then_some(None),
                    },
                }
            };
            let Some(last_stream) = gone else { return Ok(false) };
            if let Some(last_stream) = last_stream {
                this.slot(SERVER_LAST_STREAM_ID).assign(Value::long(i64::from(last_stream)));
            }
            self.close(this)?;
        } else if self.connection.borrow().as_deref().is_none_or(|connection| connection.leaving.is_none()) {
            return Ok(false);
        }
        set_error(this, Code::CLIENT_NO_CONNECTION.0);
        Ok(true)
    }

    fn handle(&self, event: Event, parts: bool) -> Outcome {
        let mut connection = self.connection.borrow_mut();
        let Some(connection) = connection.as_mut() else { return Outcome::Nothing };
        match event {
            Event::Response { stream: id, head, end } => {
                if let Some(stream) = connection.streams.get_mut(&id) {
                    stream.head(&head);
                }
                if end { finish(connection, id) } else { Outcome::Nothing }
            }
            Event::Data { stream: id, data } => {
                connection.session.release(id, data.len());
                let ends = connection.ends(id);
                let Some(stream) = connection.streams.get_mut(&id) else { return Outcome::Nothing };
                if !stream.data(&data) {
                    crate::log::warning("parse_frame", None, "decompress failed");
                    return Outcome::Broken;
                }
                if (parts || stream.pipeline_read) && !ends { Outcome::Response(stream.part()) } else { Outcome::Nothing }
            }
            Event::Trailers { stream: id, headers } => {
                if let Some(stream) = connection.streams.get_mut(&id) {
                    stream.fields(&headers);
                }
                Outcome::Nothing
            }
            Event::End { stream } => finish(connection, stream),
            Event::Reset { stream: id, code } => match connection.streams.remove(&id) {
                // With the connection gone, the program is told of that instead.
                Some(stream) if !connection.session.is_closed() => Outcome::Response(stream.reset(code)),
                _ => Outcome::Nothing,
            },
            Event::GoAway { last_stream, code: 0, debug } => {
                connection.leaving = Some(Leaving { last_stream, debug });
                match connection.left() {
                    Some(Leaving { last_stream, debug }) => Outcome::GoAway { last_stream, code: 0, debug },
                    None => Outcome::Nothing,
                }
            }
            Event::GoAway { last_stream, code, debug } => Outcome::GoAway { last_stream, code, debug },
            Event::Closed { error } => Outcome::Closed(error),
            Event::Request { .. } | Event::Drained { .. } | Event::Pong => Outcome::Nothing,
        }
    }
}

fn finish(connection: &mut Connection, id: u32) -> Outcome {
    connection.streams.remove(&id).map_or(Outcome::Nothing, |stream| Outcome::Response(stream.finish()))
}
