//! HTTP/2 on a connection of a server's worker.

use std::any::Any;
use std::rc::{Rc, Weak};

use http::HeaderMap;
use protocol::http1::Method;

use super::{Carrier, Http2, Stream};
use crate::php::http::data::RequestData;
use crate::php::http::link::Link;
use crate::php::http::server::{Ends, last_heard};
use crate::php::http::settings::HttpSettings;
use crate::php::http::{files, load, request, response};
use crate::php::server::Server;
use crate::php::server::events::PortEvent;
use crate::server::{Address, Closer, Conn, Input, Protocol, worker};

struct Connection {
    server: Rc<Server>,
    conn: Weak<Conn>,
}

/// The protocol of a connection whose client speaks HTTP/2.
pub fn protocol(server: &Rc<Server>, settings: &Rc<HttpSettings>, conn: &Rc<Conn>) -> Rc<Http2> {
    Http2::new(Box::new(Connection { server: Rc::clone(server), conn: Rc::downgrade(conn) }), settings)
}

impl Carrier for Connection {
    fn write(&self, bytes: &[u8]) -> bool {
        self.conn.upgrade().is_some_and(|conn| conn.write(bytes).is_ok())
    }

    fn buffered(&self) -> usize {
        self.conn.upgrade().map_or(0, |conn| conn.buffered())
    }

    fn is_open(&self) -> bool {
        self.conn.upgrade().is_some_and(|conn| conn.is_open())
    }

    fn close(&self) -> bool {
        self.conn.upgrade().is_some_and(|conn| conn.close())
    }

    fn ends(&self) -> Option<(Address, Address)> {
        let ends = Ends::of(&*self.conn.upgrade()?);
        Some((ends.remote, ends.local))
    }

    fn last_heard(&self) -> i64 {
        self.conn.upgrade().map_or(0, |conn| last_heard(&conn))
    }

    fn request(&self, settings: &Rc<HttpSettings>, data: Box<RequestData>, stream: Rc<Stream>) {
        if worker().is_some_and(load::is_full) {
            data.give();
            stream.answer(503, HeaderMap::new(), bytes::Bytes::new(), None);
            return;
        }
        if settings.static_handler
            && matches!(data.head.method, Method::Get | Method::Head)
            && files::serve(files::To::Stream(&stream), &data)
        {
            data.give();
            return;
        }
        let Some(conn) = self.conn.upgrade() else { return };
        let Some(callable) = self.server.callback(conn.port().index, PortEvent::Request) else {
            data.give();
            stream.answer(404, HeaderMap::new(), bytes::Bytes::new(), None);
            return;
        };
        let Some(worker) = worker() else { return };
        worker.count_request();
        let (fd, id) = (conn.id(), i64::from(stream.id));
        let response = response::make(&data, settings, Link::Stream(stream), fd);
        let request = request::make(data, fd, id);
        load::call(worker, &callable, request, response);
    }
}

impl Protocol for Http2 {
    fn data(&self, _conn: &Rc<Conn>, bytes: &[u8]) -> Input {
        self.receive(bytes);
        Input::all(bytes)
    }

    fn drained(&self, _conn: &Rc<Conn>) {
        self.turn();
    }

    fn closed(&self, _conn: &Rc<Conn>, _by: Closer) -> bool {
        self.abandon();
        true
    }

    fn shutdown(&self, _conn: &Rc<Conn>) -> bool {
        self.go_away();
        true
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
