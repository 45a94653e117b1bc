//! HTTP/2 on a coroutine server's socket: a coroutine reads, and each request gets one of its own.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use net::{Errno, Fault, deadline};

use super::server;
use crate::php::http::data::{Origin, RequestData};
use crate::php::http::http2::{Carrier, Http2, Stream};
use crate::php::http::link::{Link, SocketLink};
use crate::php::http::settings::HttpSettings;
use crate::php::http::socket::{self, CoLink};
use crate::php::http::{request, response};
use crate::php::server::dispatch;
use crate::server::Address;
use crate::zend::{ObjectExt, PhpResult, Value, ZvalExt};

/// How often a server that shuts down looks whether the last stream has ended.
const LOOK: Duration = Duration::from_millis(50);
/// How long a client has, once its last stream has ended, to take the answers and close.
const LINGER: Duration = Duration::from_millis(500);

struct Connection {
    /// The server's object.
    server: Value,
    /// The Socket object.
    object: Value,
    link: Rc<CoLink>,
    ends: Rc<dyn Origin>,
    /// Some coroutine is writing; it takes along what others add.
    writing: Cell<bool>,
    queue: RefCell<Vec<u8>>,
}

impl Carrier for Connection {
    fn write(&self, bytes: &[u8]) -> bool {
        if self.writing.get() {
            self.queue.borrow_mut().extend_from_slice(bytes);
            return self.is_open();
        }
        self.writing.set(true);
        let mut sent = socket::write(&self.link.socket, &[bytes]);
        loop {
            let more = self.queue.take();
            if more.is_empty() {
                break;
            }
            sent = sent && socket::write(&self.link.socket, &[&more]);
        }
        self.writing.set(false);
        if !sent {
            // The reader finds it closed, and ends.
            let _ = self.link.socket.shutdown(libc::SHUT_RDWR);
        }
        sent
    }

    fn buffered(&self) -> usize {
        self.queue.borrow().len()
    }

    fn is_open(&self) -> bool {
        !self.link.socket.is_closed()
    }

    /// The reader closes it, once it has been told.
    fn close(&self) -> bool {
        self.is_open() && self.link.socket.shutdown(libc::SHUT_RDWR).is_ok()
    }

    fn ends(&self) -> Option<(Address, Address)> {
        Some((self.ends.remote(), self.ends.local()))
    }

    fn last_heard(&self) -> i64 {
        self.ends.received_at()
    }

    fn request(&self, settings: &Rc<HttpSettings>, data: Box<RequestData>, stream: Rc<Stream>) {
        let callable = self.server.as_zval().obj().and_then(|server| server::handler_for(server, data.path()));
        let (fd, id) = (self.link.fd(), i64::from(stream.id));
        let Some(callable) = callable else {
            data.give();
            stream.answer(404, http::HeaderMap::new(), bytes::Bytes::new(), None);
            return;
        };
        let response = response::make(&data, settings, Link::Stream(stream), fd);
        if let Some(this) = response.as_zval().obj() {
            this.slot(response::SOCKET).assign(self.object.clone());
        }
        let request = request::make(data, fd, id);
        let mut args = [request.into_zval(), response.into_zval()];
        dispatch::run(&callable, &mut args, true);
    }
}

/// Serves the connection until either side ends it.
pub(super) fn serve(
    state: &server::State,
    server: &Value,
    object: &Value,
    link: &Rc<CoLink>,
    ends: &Rc<dyn Origin>,
    settings: &Rc<HttpSettings>,
) -> PhpResult {
    let carrier = Connection {
        server: server.clone(),
        object: object.clone(),
        link: Rc::clone(link),
        ends: Rc::clone(ends),
        writing: Cell::new(false),
        queue: RefCell::default(),
    };
    let session = Http2::new(Box::new(carrier), settings);
    let mut leaving = false;
    let mut rests_until = None;
    loop {
        let bytes = link.input.take();
        if !bytes.is_empty() {
            session.receive(&bytes);
            drop(bytes);
            dispatch::check()?;
        }
        if !state.is_running() && !leaving {
            leaving = true;
            session.go_away();
        }
        if leaving && session.open_streams() == 0 {
            // The client answers the goodbye, and closes. Bytes of its that nobody read would reset the connection, and
            // the last answer could be lost.
            let end = *rests_until.get_or_insert_with(|| Instant::now() + LINGER);
            if Instant::now() >= end {
                break;
            }
        }
        let until = if leaving { deadline(Some(LOOK)) } else { deadline(link.socket.timeouts.get().read) };
        let got = state.while_idle(&link.socket, || link.more_until(until));
        dispatch::check()?;
        match got {
            Ok(0) => break,
            Ok(_) => {}
            Err(Fault::Errno(Errno(libc::ETIMEDOUT))) if leaving => {}
            // shutdown() cancels who waits for a request.
            Err(Fault::Errno(Errno(libc::ECANCELED))) if !state.is_running() => {}
            Err(_) => break,
        }
    }
    session.abandon();
    link.socket.close();
    Ok(())
}
