//! A server's side of a connection.

use super::guard::Guard;
use super::pipe::Pipe;
use super::stream::{Outgoing, Stream, Streams};
use super::{Error, Event, Reason, Settings};
use bytes::Bytes;
use h2::server::{Connection, Handshake};
use h2::{Ping, PingPong, RecvStream, server::SendResponse};
use http::{HeaderMap, Request, Response};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

enum State {
    Handshake(Box<Handshake<Pipe, Bytes>>),
    Open(Box<Connection<Pipe, Bytes>>),
    Closed,
}

/// See [the module](super).
pub struct ServerSession {
    state: State,
    pipe: Pipe,
    streams: Streams,
    waker: Waker,
    ping: Option<PingPong>,
    pinging: bool,
    guard: Guard,
    going_away: bool,
}

impl fmt::Debug for ServerSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerSession").field("streams", &self.streams.open.len()).finish_non_exhaustive()
    }
}

impl ServerSession {
    /// A session for a new connection. The client's preface is part of what is pushed.
    pub fn new(settings: &Settings) -> Self {
        let pipe = Pipe::new(settings.max_output);
        let handshake = h2::server::Builder::new()
            .header_table_size(settings.header_table_size)
            .max_concurrent_streams(settings.max_concurrent_streams)
            .initial_window_size(Settings::window(settings.initial_window_size))
            .initial_connection_window_size(Settings::window(settings.connection_window_size))
            .max_frame_size(Settings::frame(settings.max_frame_size))
            .max_header_list_size(settings.max_header_list_size)
            .max_send_buffer_size(settings.max_send_buffer.min(u32::MAX as usize))
            .handshake(pipe.clone());
        let streams = Streams::new();
        streams.flag.set();
        Self {
            state: State::Handshake(Box::new(handshake)),
            pipe,
            waker: streams.flag.clone().into(),
            streams,
            ping: None,
            pinging: false,
            guard: Guard::server(),
            going_away: false,
        }
    }

    /// Takes bytes from the connection. `now` comes from any clock that never goes back; it feeds
    /// the credit for control frames. A flood of them ends the session.
    pub fn push(&mut self, data: &[u8], now: Duration) {
        if matches!(self.state, State::Closed) {
            return;
        }
        let events = &mut self.streams.events;
        let verdict = self.guard.push(data, now, |seen| {
            let super::guard::GoAway { last_stream, code, debug } = seen;
            events.push_back(Event::GoAway { last_stream, code, debug });
        });
        match verdict.code() {
            None => self.pipe.push(data),
            Some(code) => {
                self.abort(code.into());
                self.pipe.discard_input();
            }
        }
        self.streams.flag.set();
        self.drive();
    }

    /// The peer has closed its side of the connection.
    pub fn push_eof(&mut self) {
        self.pipe.close_input();
        self.streams.flag.set();
        self.drive();
    }

    /// What happened, in order.
    pub fn next_event(&mut self) -> Option<Event> {
        if self.streams.events.is_empty() {
            self.drive();
        }
        self.streams.events.pop_front()
    }

    /// Moves what is to be written behind `out` (an empty one gives its allocation in exchange).
    /// True when more is there already: write, and ask again when the socket takes more.
    pub fn take_output(&mut self, out: &mut Vec<u8>) -> bool {
        self.drive();
        let before = out.len();
        let blocked = self.pipe.take_output(out);
        self.guard.sent(out.len() - before);
        if blocked {
            self.streams.flag.set();
        }
        blocked
    }

    /// Whether there is anything to write.
    pub fn has_output(&mut self) -> bool {
        self.drive();
        self.pipe.has_output()
    }

    /// Streams that have not ended.
    pub fn open_streams(&self) -> usize {
        self.streams.open.len()
    }

    /// Whether the stream is there to be written to or read from.
    pub fn has_stream(&self, stream: u32) -> bool {
        self.streams.open.contains_key(&stream)
    }

    /// True once [`Event::Closed`] was given.
    pub fn is_closed(&self) -> bool {
        matches!(self.state, State::Closed)
    }

    /// Answers a request; `end` when there is no body and there are no trailers. A status of 1xx
    /// other than 101 is informational, and the answer is still to come.
    ///
    /// # Errors
    /// [`Error::NoStream`]; [`Error::Usage`] for a second response, or fields that HTTP/2 forbids.
    pub fn respond(&mut self, stream: u32, response: Response<()>, end: bool) -> Result<(), Error> {
        self.streams.flag.set();
        let entry = self.streams.stream(stream)?;
        let Outgoing::Respond(respond) = &mut entry.outgoing else {
            return Err(Error::Usage("the response was sent already".into()));
        };
        if response.status().is_informational() {
            return Ok(respond.send_informational(response)?);
        }
        let send = respond.send_response(response, end)?;
        self.guard.piece_sent();
        entry.outgoing = if end { Outgoing::Done } else { Outgoing::Open(send) };
        if end && entry.incoming.is_none() {
            self.streams.stop_receiving(stream);
        }
        Ok(())
    }

    /// Sends a piece of the body, after [`ServerSession::respond`]. What the peer's window has no
    /// room for waits; the return value is how many bytes do. [`Event::Drained`] comes when they
    /// have gone.
    ///
    /// # Errors
    /// [`Error::NoStream`] also when the response has ended, or was not begun.
    pub fn send_data(&mut self, stream: u32, data: Bytes, end: bool) -> Result<usize, Error> {
        let waiting = self.streams.send_data(stream, data, end)?;
        self.guard.piece_sent();
        Ok(waiting)
    }

    /// Ends the body with trailers, once all the data before them has gone.
    ///
    /// # Errors
    /// [`Error::NoStream`] also when the response has ended, or was not begun.
    pub fn send_trailers(&mut self, stream: u32, trailers: HeaderMap) -> Result<(), Error> {
        self.streams.send_trailers(stream, trailers)?;
        self.guard.piece_sent();
        Ok(())
    }

    /// Bytes of the stream that wait for the peer's window.
    pub fn waiting(&self, stream: u32) -> usize {
        self.streams.waiting(stream)
    }

    /// `bytes` of the received data are done with: the peer may send as many more.
    pub fn release(&mut self, stream: u32, bytes: usize) {
        self.streams.release(stream, bytes);
    }

    /// The rest of the request's body is not wanted. The peer is told so once the response ended.
    pub fn stop_receiving(&mut self, stream: u32) {
        self.streams.stop_receiving(stream);
    }

    /// Ends a stream with an error code.
    ///
    /// # Errors
    /// [`Error::NoStream`].
    pub fn reset(&mut self, stream: u32, code: u32) -> Result<(), Error> {
        self.streams.reset(stream, code)
    }

    /// Sends a ping; [`Event::Pong`] is its answer.
    ///
    /// # Errors
    /// [`Error::Usage`] while another one is under way, [`Error::SessionClosed`].
    pub fn ping(&mut self) -> Result<(), Error> {
        self.drive();
        let ping = self.ping.as_mut().ok_or(Error::SessionClosed)?;
        ping.send_ping(Ping::opaque())?;
        self.pinging = true;
        self.streams.flag.set();
        Ok(())
    }

    /// Goes away with grace: no new streams; the session closes when those that are open ended.
    /// A client that does not answer the PING behind the first GOAWAY, or never ends its streams,
    /// keeps it open: the owner sets a time limit, then calls [`ServerSession::abort`].
    pub fn go_away(&mut self) {
        self.going_away = true;
        match &mut self.state {
            State::Open(connection) => connection.graceful_shutdown(),
            // Nothing was agreed on yet: the connection opens, and goes away at once.
            State::Handshake(_) | State::Closed => {}
        }
        self.streams.flag.set();
    }

    /// Goes away at once, with an error code; the streams are lost.
    pub fn abort(&mut self, code: u32) {
        match &mut self.state {
            State::Open(connection) => connection.abrupt_shutdown(code.into()),
            State::Handshake(_) => self.pipe.discard_input(),
            State::Closed => {}
        }
        self.streams.flag.set();
    }

    fn drive(&mut self) {
        self.streams.watch_new();
        loop {
            let woken = self.streams.flag.take();
            if woken {
                self.poll_connection();
            }
            let any = self.streams.poll();
            for _ in 0..std::mem::take(&mut self.streams.done) {
                self.guard.stream_done();
            }
            if !woken && !any {
                return;
            }
        }
    }

    fn poll_connection(&mut self) {
        let waker = self.waker.clone();
        let mut cx = Context::from_waker(&waker);
        if let State::Handshake(handshake) = &mut self.state {
            match Pin::new(&mut **handshake).poll(&mut cx) {
                Poll::Pending => return,
                Poll::Ready(Err(error)) => return self.close(Some(error.into())),
                Poll::Ready(Ok(mut connection)) => {
                    self.ping = connection.ping_pong();
                    if self.going_away {
                        connection.graceful_shutdown();
                    }
                    self.state = State::Open(Box::new(connection));
                }
            }
        }
        loop {
            let State::Open(connection) = &mut self.state else {
                return;
            };
            match connection.poll_accept(&mut cx) {
                Poll::Pending => break,
                Poll::Ready(Some(Ok((request, respond)))) => self.accept(request, respond),
                Poll::Ready(Some(Err(error))) => return self.close(Some(error.into())),
                Poll::Ready(None) => return self.close(None),
            }
        }
        if let Some(ping) = self.ping.as_mut().filter(|_| self.pinging)
            && let Poll::Ready(result) = ping.poll_pong(&mut cx)
        {
            self.pinging = false;
            if result.is_ok() {
                self.streams.events.push_back(Event::Pong);
            }
        }
    }

    fn accept(&mut self, request: Request<RecvStream>, respond: SendResponse<Bytes>) {
        let stream = respond.stream_id().as_u32();
        let (head, body) = request.into_parts();
        let end = body.is_end_stream();
        self.streams.events.push_back(Event::Request { stream, head: Box::new(head), end });
        let entry = Stream::new(Outgoing::Respond(respond), None, (!end).then_some(body));
        self.streams.insert(stream, entry, !end);
    }

    fn close(&mut self, error: Option<Error>) {
        // What came whole before the end is still to be told.
        while self.streams.poll() {}
        let code = error.as_ref().map_or(Reason::CANCEL.into(), Error::code);
        self.state = State::Closed;
        self.ping = None;
        self.streams.close_all(code);
        self.streams.events.push_back(Event::Closed { error });
    }
}
