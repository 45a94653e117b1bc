//! What both kinds of session do with their streams.

use super::wake::{Flag, Ready, StreamWaker};
use super::{Error, Event, Reason};
use bytes::Bytes;
use h2::client::ResponseFuture;
use h2::server::SendResponse;
use h2::{FlowControl, RecvStream, SendStream};
use http::HeaderMap;
use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// A whole body up to this size goes to `h2` as it is, without asking for window first.
const SMALL_BODY: usize = 64 << 10;

/// The way out.
pub(super) enum Outgoing {
    /// A server that has not answered.
    Respond(SendResponse<Bytes>),
    Open(SendStream<Bytes>),
    /// All that is to be sent was given to `h2`.
    Done,
}

pub(super) struct Stream {
    pub outgoing: Outgoing,
    pub response: Option<ResponseFuture>,
    pub incoming: Option<RecvStream>,
    /// Outlives `incoming`: the last data is released after the body's end was seen.
    flow: Option<FlowControl>,
    /// A client has its response's head.
    answered: bool,
    waiting: VecDeque<Bytes>,
    waiting_bytes: usize,
    end: bool,
    trailers: Option<HeaderMap>,
    waker: Option<Arc<StreamWaker>>,
}

impl Stream {
    pub fn new(outgoing: Outgoing, response: Option<ResponseFuture>, mut incoming: Option<RecvStream>) -> Self {
        let flow = incoming.as_mut().map(|body| body.flow_control().clone());
        Self {
            outgoing,
            response,
            incoming,
            flow,
            answered: false,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            end: false,
            trailers: None,
            waker: None,
        }
    }

    fn is_done(&self) -> bool {
        matches!(self.outgoing, Outgoing::Done) && self.incoming.is_none() && self.response.is_none()
    }

    /// Takes all that the stream has to say. An error means that the stream is gone.
    fn poll(&mut self, id: u32, cx: &mut Context<'_>, events: &mut VecDeque<Event>) -> Result<(), Error> {
        if let Some(future) = &mut self.response
            && let Poll::Ready(response) = Pin::new(future).poll(cx)
        {
            let (head, mut body) = response?.into_parts();
            self.response = None;
            self.answered = true;
            self.flow = Some(body.flow_control().clone());
            let end = body.is_end_stream();
            self.incoming = (!end).then_some(body);
            events.push_back(Event::Response { stream: id, head: Box::new(head), end });
        }
        self.receive(id, cx, events)?;
        // Each of these also notes whom to wake.
        let reset = match &mut self.outgoing {
            Outgoing::Respond(respond) => respond.poll_reset(cx),
            Outgoing::Open(send) => send.poll_reset(cx),
            Outgoing::Done => Poll::Pending,
        };
        if let Poll::Ready(reason) = reset {
            let code = u32::from(reason?);
            // The server needs no more of the request than it has (RFC 9113, section 8.1): its
            // response is whole, and stands.
            if code == 0 && self.answered && self.incoming.is_none() {
                self.outgoing = Outgoing::Done;
                self.waiting.clear();
                self.waiting_bytes = 0;
                return Ok(());
            }
            return Err(Error::Protocol { code, by_peer: true });
        }
        let waited = self.waiting_bytes > 0;
        self.flush(cx)?;
        if waited && self.waiting_bytes == 0 {
            events.push_back(Event::Drained { stream: id });
        }
        Ok(())
    }

    fn receive(&mut self, id: u32, cx: &mut Context<'_>, events: &mut VecDeque<Event>) -> Result<(), Error> {
        while let Some(body) = &mut self.incoming {
            match body.poll_data(cx) {
                Poll::Pending => break,
                Poll::Ready(Some(data)) => {
                    let data = data?;
                    if !data.is_empty() {
                        events.push_back(Event::Data { stream: id, data });
                    }
                }
                Poll::Ready(None) => match body.poll_trailers(cx) {
                    Poll::Pending => break,
                    Poll::Ready(trailers) => {
                        if let Some(headers) = trailers? {
                            events.push_back(Event::Trailers { stream: id, headers });
                        }
                        self.incoming = None;
                        events.push_back(Event::End { stream: id });
                    }
                },
            }
        }
        Ok(())
    }

    /// Gives `h2` as much of what waits as the windows allow.
    fn flush(&mut self, cx: &mut Context<'_>) -> Result<(), Error> {
        let Outgoing::Open(send) = &mut self.outgoing else {
            return Ok(());
        };
        while let Some(front) = self.waiting.front_mut() {
            send.reserve_capacity(self.waiting_bytes);
            let capacity = send.capacity();
            if capacity == 0 {
                match send.poll_capacity(cx) {
                    Poll::Ready(Some(Ok(_))) => continue,
                    Poll::Ready(Some(Err(error))) => return Err(error.into()),
                    Poll::Ready(None) => return Err(Error::SessionClosed),
                    Poll::Pending => return Ok(()),
                }
            }
            let piece = front.split_to(capacity.min(front.len()));
            if front.is_empty() {
                self.waiting.pop_front();
            }
            self.waiting_bytes -= piece.len();
            let last = self.waiting.is_empty() && self.end && self.trailers.is_none();
            send.send_data(piece, last)?;
            if last {
                self.outgoing = Outgoing::Done;
                return Ok(());
            }
        }
        if self.end {
            match self.trailers.take() {
                Some(trailers) => send.send_trailers(trailers)?,
                None => send.send_data(Bytes::new(), true)?,
            }
            self.outgoing = Outgoing::Done;
        }
        Ok(())
    }
}

/// The streams of a session, and what happened on them.
pub(super) struct Streams {
    pub open: HashMap<u32, Stream>,
    pub events: VecDeque<Event>,
    /// For the connection itself.
    pub flag: Arc<Flag>,
    ready: Arc<Ready>,
    turn: Vec<u32>,
    /// Streams that no one waits for yet. Those that are answered in the turn they came in never
    /// need a waker.
    unwatched: Vec<u32>,
    /// Streams that ended well since the last look.
    pub done: usize,
}

impl Streams {
    pub fn new() -> Self {
        Self {
            open: HashMap::new(),
            events: VecDeque::new(),
            flag: Arc::new(Flag::default()),
            ready: Arc::new(Ready::default()),
            turn: Vec::new(),
            unwatched: Vec::new(),
            done: 0,
        }
    }

    /// A new stream; `now` polls it in this turn already, since there is more of it to come.
    pub fn insert(&mut self, id: u32, stream: Stream, now: bool) {
        self.open.insert(id, stream);
        if now {
            self.ready.push(id);
        } else {
            self.unwatched.push(id);
        }
    }

    /// Begins a turn: streams left over from the last one are to be watched.
    pub fn watch_new(&mut self) {
        for id in self.unwatched.drain(..) {
            self.ready.push(id);
        }
    }

    /// Polls the streams that were woken. False when there were none.
    pub fn poll(&mut self) -> bool {
        let mut turn = std::mem::take(&mut self.turn);
        self.ready.take(&mut turn);
        let any = !turn.is_empty();
        for id in turn.drain(..) {
            self.poll_stream(id);
        }
        self.turn = turn;
        any
    }

    fn poll_stream(&mut self, id: u32) {
        let Some(stream) = self.open.get_mut(&id) else {
            return;
        };
        let waker = stream.waker.get_or_insert_with(|| StreamWaker::new(id, &self.ready)).clone();
        waker.rearm();
        let result = stream.poll(id, &mut Context::from_waker(&waker.waker()), &mut self.events);
        self.settle(id, result);
    }

    /// After a stream was worked on: it may have ended, well or not.
    fn settle(&mut self, id: u32, result: Result<(), Error>) {
        match result {
            Err(error) => {
                if self.open.remove(&id).is_some() {
                    self.events.push_back(Event::Reset { stream: id, code: error.code() });
                }
            }
            Ok(()) => {
                if self.open.get(&id).is_some_and(Stream::is_done) {
                    self.open.remove(&id);
                    self.done += 1;
                }
            }
        }
    }

    /// The connection has ended: so have the streams.
    pub fn close_all(&mut self, code: u32) {
        let mut ids: Vec<u32> = self.open.drain().map(|(id, _)| id).collect();
        ids.sort_unstable();
        self.events.extend(ids.into_iter().map(|stream| Event::Reset { stream, code }));
    }

    pub fn stream(&mut self, id: u32) -> Result<&mut Stream, Error> {
        self.open.get_mut(&id).ok_or(Error::NoStream(id))
    }

    pub fn send_data(&mut self, id: u32, data: Bytes, end: bool) -> Result<usize, Error> {
        let stream = self.open.get_mut(&id).ok_or(Error::NoStream(id))?;
        let Outgoing::Open(send) = &mut stream.outgoing else {
            return Err(Error::NoStream(id));
        };
        if stream.end {
            return Err(Error::NoStream(id));
        }
        self.flag.set();
        if end && stream.waiting.is_empty() && data.len() <= SMALL_BODY {
            if send.send_data(data, true).is_err() {
                return Err(self.lost(id));
            }
            stream.outgoing = Outgoing::Done;
        } else {
            stream.waiting_bytes += data.len();
            if !data.is_empty() {
                stream.waiting.push_back(data);
            }
            stream.end = end;
            self.flush(id).map_err(|_| self.lost(id))?;
        }
        self.settle(id, Ok(()));
        Ok(self.waiting(id))
    }

    pub fn send_trailers(&mut self, id: u32, trailers: HeaderMap) -> Result<(), Error> {
        let stream = self.open.get_mut(&id).ok_or(Error::NoStream(id))?;
        if stream.end || !matches!(stream.outgoing, Outgoing::Open(_)) {
            return Err(Error::NoStream(id));
        }
        stream.end = true;
        stream.trailers = Some(trailers);
        self.flag.set();
        self.flush(id).map_err(|_| self.lost(id))?;
        self.settle(id, Ok(()));
        Ok(())
    }

    fn flush(&mut self, id: u32) -> Result<(), Error> {
        let Some(stream) = self.open.get_mut(&id) else {
            return Ok(());
        };
        let waker = stream.waker.get_or_insert_with(|| StreamWaker::new(id, &self.ready)).clone();
        stream.flush(&mut Context::from_waker(&waker.waker()))
    }

    /// The stream cannot be written to: it was reset, and polling it will tell.
    fn lost(&self, id: u32) -> Error {
        self.ready.push(id);
        Error::NoStream(id)
    }

    pub fn waiting(&self, id: u32) -> usize {
        self.open.get(&id).map_or(0, |stream| stream.waiting_bytes)
    }

    pub fn release(&mut self, id: u32, bytes: usize) {
        // A stream that is gone gave its window back when it went.
        if let Some(flow) = self.open.get_mut(&id).and_then(|stream| stream.flow.as_mut()) {
            let bytes = bytes.min(flow.used_capacity());
            if flow.release_capacity(bytes).is_ok() {
                self.flag.set();
            }
        }
    }

    pub fn reset(&mut self, id: u32, code: u32) -> Result<(), Error> {
        let mut stream = self.open.remove(&id).ok_or(Error::NoStream(id))?;
        let reason = Reason::from(code);
        match &mut stream.outgoing {
            Outgoing::Respond(respond) => respond.send_reset(reason),
            Outgoing::Open(send) => send.send_reset(reason),
            // Dropping what is left of the stream cancels it.
            Outgoing::Done => {}
        }
        self.flag.set();
        Ok(())
    }

    pub fn stop_receiving(&mut self, id: u32) {
        if let Some(stream) = self.open.get_mut(&id) {
            stream.incoming = None;
            stream.response = None;
            // What nobody will read must not hold the other streams' window.
            if let Some(mut flow) = stream.flow.take() {
                let bytes = flow.used_capacity();
                // Fails only for more than is used.
                let _ = flow.release_capacity(bytes);
            }
            self.flag.set();
        }
        self.settle(id, Ok(()));
    }
}
