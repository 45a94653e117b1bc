//! A client's side of a connection.

use super::guard::Guard;
use super::pipe::Pipe;
use super::stream::{Outgoing, Stream, Streams};
use super::{Error, Event, Reason, Settings};
use bytes::Bytes;
use h2::client::{Connection, SendRequest};
use h2::{Ping, PingPong};
use http::{HeaderMap, Request};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

type Opening = Pin<Box<dyn Future<Output = Result<(SendRequest<Bytes>, Connection<Pipe, Bytes>), h2::Error>> + Send>>;

enum State {
    Handshake(Opening),
    Open(Box<Connection<Pipe, Bytes>>),
    Closed,
}

/// See [the module](super).
pub struct ClientSession {
    state: State,
    pipe: Pipe,
    sender: Option<SendRequest<Bytes>>,
    streams: Streams,
    waker: Waker,
    ping: Option<PingPong>,
    pinging: bool,
    guard: Guard,
    going_away: bool,
}

impl fmt::Debug for ClientSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientSession").field("streams", &self.streams.open.len()).finish_non_exhaustive()
    }
}

impl ClientSession {
    /// A session on a new connection. Requests can be made at once: the client need not wait for
    /// the server's settings. The server may not push.
    pub fn new(settings: &Settings) -> Self {
        let pipe = Pipe::new(settings.max_output);
        let mut builder = h2::client::Builder::new();
        builder
            .enable_push(false)
            .header_table_size(settings.header_table_size)
            .initial_window_size(Settings::window(settings.initial_window_size))
            .initial_connection_window_size(Settings::window(settings.connection_window_size))
            .max_frame_size(Settings::frame(settings.max_frame_size))
            .max_header_list_size(settings.max_header_list_size)
            .max_send_buffer_size(settings.max_send_buffer.min(u32::MAX as usize));
        let io = pipe.clone();
        let opening: Opening = Box::pin(async move { builder.handshake::<_, Bytes>(io).await });
        let streams = Streams::new();
        streams.flag.set();
        let mut session = Self {
            state: State::Handshake(opening),
            pipe,
            sender: None,
            waker: streams.flag.clone().into(),
            streams,
            ping: None,
            pinging: false,
            guard: Guard::client(),
            going_away: false,
        };
        session.drive();
        session
    }

    /// Takes bytes from the connection.
    pub fn push(&mut self, data: &[u8]) {
        if matches!(self.state, State::Closed) {
            return;
        }
        let mut going = Vec::new();
        self.guard.push(data, Duration::ZERO, |seen| {
            let super::guard::GoAway { last_stream, code, debug } = seen;
            going.push(Event::GoAway { last_stream, code, debug });
        });
        self.pipe.push(data);
        self.streams.flag.set();
        self.drive();
        // Behind what came with it: answers are mostly followed by the GOAWAY, and none may be lost to it.
        let events = &mut self.streams.events;
        let closed = if matches!(events.back(), Some(Event::Closed { .. })) { events.pop_back() } else { None };
        events.extend(going.into_iter().chain(closed));
    }

    /// The server has closed its side of the connection.
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
        let blocked = self.pipe.take_output(out);
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

    /// Sends a request, whose URI is absolute (scheme and authority); `end` when there is no body.
    /// Returns its stream. Above the server's limit of streams it waits until others ended.
    ///
    /// # Errors
    /// [`Error::SessionClosed`] also after a GOAWAY; [`Error::Usage`] for what HTTP/2 forbids.
    pub fn request(&mut self, request: Request<()>, end: bool) -> Result<u32, Error> {
        self.drive();
        if self.going_away {
            return Err(Error::SessionClosed);
        }
        if request.uri().authority().is_none() {
            return Err(Error::Usage("the request's URI names no authority".into()));
        }
        // A clone may have a request that waits for its turn of its own.
        let mut sender = self.sender.clone().ok_or(Error::SessionClosed)?;
        let (response, send) = sender.send_request(request, end)?;
        let stream = response.stream_id().as_u32();
        let outgoing = if end { Outgoing::Done } else { Outgoing::Open(send) };
        self.streams.insert(stream, Stream::new(outgoing, Some(response), None), true);
        self.streams.flag.set();
        Ok(stream)
    }

    /// Sends a piece of the request's body. What the server's window has no room for waits; the
    /// return value is how many bytes do. [`Event::Drained`] comes when they have gone.
    ///
    /// # Errors
    /// [`Error::NoStream`] also when the request has ended.
    pub fn send_data(&mut self, stream: u32, data: Bytes, end: bool) -> Result<usize, Error> {
        self.streams.send_data(stream, data, end)
    }

    /// Ends the request with trailers, once all the data before them has gone.
    ///
    /// # Errors
    /// [`Error::NoStream`] also when the request has ended.
    pub fn send_trailers(&mut self, stream: u32, trailers: HeaderMap) -> Result<(), Error> {
        self.streams.send_trailers(stream, trailers)
    }

    /// Bytes of the stream that wait for the server's window.
    pub fn waiting(&self, stream: u32) -> usize {
        self.streams.waiting(stream)
    }

    /// `bytes` of the received data are done with: the server may send as many more.
    pub fn release(&mut self, stream: u32, bytes: usize) {
        self.streams.release(stream, bytes);
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

    /// Sends GOAWAY with a code and debug data (at most 16 KiB of it are sent). No further
    /// requests can be made; the streams that are open go on.
    ///
    /// # Errors
    /// [`Error::SessionClosed`]; [`Error::Usage`] while more output waits than may: take it first.
    pub fn go_away(&mut self, code: u32, debug: &[u8]) -> Result<(), Error> {
        self.drive();
        if !matches!(self.state, State::Open(_)) {
            return Err(Error::SessionClosed);
        }
        // `h2` has no such call for clients. A frame of ours may stand only between two of its.
        if !self.pipe.is_aligned() {
            return Err(Error::Usage("output is waiting to be taken".into()));
        }
        let debug = &debug[..debug.len().min((16 << 10) - 8)];
        let [_, a, b, c] = (debug.len() as u32 + 8).to_be_bytes();
        // The server opened no streams: the last one that we looked at is 0.
        let mut frame = vec![a, b, c, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        frame.extend_from_slice(&code.to_be_bytes());
        frame.extend_from_slice(debug);
        self.pipe.append(&frame);
        self.going_away = true;
        Ok(())
    }

    fn drive(&mut self) {
        self.streams.watch_new();
        loop {
            let woken = self.streams.flag.take();
            if woken {
                self.poll_connection();
            }
            let any = self.streams.poll();
            self.streams.done = 0;
            if !woken && !any {
                return;
            }
        }
    }

    fn poll_connection(&mut self) {
        let waker = self.waker.clone();
        let mut cx = Context::from_waker(&waker);
        if let State::Handshake(opening) = &mut self.state {
            match opening.as_mut().poll(&mut cx) {
                Poll::Pending => return,
                Poll::Ready(Err(error)) => return self.close(Some(error.into())),
                Poll::Ready(Ok((sender, mut connection))) => {
                    self.ping = connection.ping_pong();
                    self.sender = Some(sender);
                    self.state = State::Open(Box::new(connection));
                }
            }
        }
        let State::Open(connection) = &mut self.state else {
            return;
        };
        let ended = Pin::new(&mut **connection).poll(&mut cx);
        if let Some(ping) = self.ping.as_mut().filter(|_| self.pinging)
            && let Poll::Ready(result) = ping.poll_pong(&mut cx)
        {
            self.pinging = false;
            if result.is_ok() {
                self.streams.events.push_back(Event::Pong);
            }
        }
        if let Poll::Ready(result) = ended {
            self.close(result.err().map(Error::from));
        }
    }

    fn close(&mut self, error: Option<Error>) {
        // What came whole before the end is still to be told.
        while self.streams.poll() {}
        let code = error.as_ref().map_or(Reason::CANCEL.into(), Error::code);
        self.state = State::Closed;
        self.sender = None;
        self.ping = None;
        self.streams.close_all(code);
        self.streams.events.push_back(Event::Closed { error });
    }
}
