//! One stream of a session: a response's way back to its client.

use std::cell::Cell;
use std::rc::Weak;
use std::time::Duration;

use bytes::Bytes;
use coroutine::{CoId, Engine, Task, Wake, engine, suspend_for};
use http::{HeaderMap, Response, StatusCode};
use protocol::http2::{Error, ServerSession};

use super::Http2;

/// The way back to the client, held by the response.
pub struct Stream {
    session: Weak<Http2>,
    pub id: u32,
    waiter: Cell<Option<(CoId, u32)>>,
    pub(super) gone: Cell<bool>,
}

impl Stream {
    pub(super) fn new(session: Weak<Http2>, id: u32) -> Self {
        Self { session, id, waiter: Cell::new(None), gone: Cell::new(false) }
    }

    pub(super) fn wake(&self) {
        if let (Some(wait), Some(engine)) = (self.waiter.take(), engine()) {
            engine.wake_later(wait);
        }
    }

    pub fn is_open(&self) -> bool {
        !self.gone.get() && self.session.upgrade().is_some_and(|owner| owner.session.borrow().has_stream(self.id))
    }

    /// Runs a command on the session and sends what it makes. None when the connection is gone.
    fn with<T>(&self, work: impl FnOnce(&mut ServerSession) -> Result<T, Error>) -> Option<T> {
        let owner = self.session.upgrade().filter(|owner| owner.carrier.is_open())?;
        let result = work(&mut owner.session.borrow_mut());
        owner.flush();
        result.ok()
    }

    fn finish(&self) {
        if let Some(owner) = self.session.upgrade() {
            owner.streams.borrow_mut().remove(&self.id);
        }
    }

    /// A whole answer.
    pub fn answer(&self, status: u16, fields: HeaderMap, body: Bytes, trailers: Option<HeaderMap>) -> bool {
        let sent = self.with(|session| {
            session.respond(self.id, response(status, fields), body.is_empty() && trailers.is_none())?;
            if !body.is_empty() {
                session.send_data(self.id, body, trailers.is_none())?;
            }
            match trailers {
                Some(trailers) => session.send_trailers(self.id, trailers),
                None => Ok(()),
            }
        });
        // What waits for the peer's window is the session's from here on.
        self.finish();
        sent.is_some()
    }

    pub fn head(&self, status: u16, fields: HeaderMap) -> bool {
        self.with(|session| session.respond(self.id, response(status, fields), false)).is_some()
    }

    /// A piece of a body; in a coroutine it waits while the peer takes none.
    pub fn piece(&self, bytes: &[u8]) -> bool {
        let Some(waiting) = self.with(|session| session.send_data(self.id, Bytes::copy_from_slice(bytes), false)) else {
            return false;
        };
        if waiting > 0
            && let Some(ticket) = engine().filter(|engine| engine.can_suspend()).and_then(Engine::next_wait)
        {
            self.waiter.set(Some(ticket));
            let wake = suspend_for(None::<Duration>, Task::Wait);
            self.waiter.set(None);
            return wake == Wake::Resumed && !self.gone.get();
        }
        true
    }

    pub fn end(&self, last: &[u8], trailers: Option<HeaderMap>) -> bool {
        let sent = self.with(|session| {
            if !last.is_empty() || trailers.is_none() {
                session.send_data(self.id, Bytes::copy_from_slice(last), trailers.is_none())?;
            }
            match trailers {
                Some(trailers) => session.send_trailers(self.id, trailers),
                None => Ok(()),
            }
        });
        self.finish();
        sent.is_some()
    }

    pub fn ping(&self) -> bool {
        self.with(ServerSession::ping).is_some()
    }

    pub fn go_away(&self, code: u32) -> bool {
        self.with(|session| {
            if code == 0 {
                session.go_away();
            } else {
                session.abort(code);
            }
            Ok(())
        })
        .is_some()
    }

    pub fn close_connection(&self) -> bool {
        self.session.upgrade().is_some_and(|owner| owner.carrier.close())
    }
}

fn response(status: u16, fields: HeaderMap) -> Response<()> {
    let mut response = Response::new(());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    *response.headers_mut() = fields;
    response
}
