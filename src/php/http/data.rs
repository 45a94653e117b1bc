//! What a request object holds: the bytes of the head, where things are in them, and the body.

use std::cell::RefCell;
use std::rc::Rc;

use protocol::form;
use protocol::http1::{KnownHeader, Method, Parser, RequestHead};

use super::settings::HttpSettings;
use super::upload::Upload;
use crate::server::Address;
use crate::zend::ZStr;

/// Where a request came from, as `$request->server` tells it.
pub trait Origin {
    fn remote(&self) -> Address;
    /// Of the socket that the client has reached.
    fn local(&self) -> Address;
    /// Seconds since 1970 of the last bytes.
    fn received_at(&self) -> i64;
}

pub struct RequestData {
    /// The head as it came; spans of `head` point into it.
    pub raw: Vec<u8>,
    pub head: RequestHead,
    pub http2: bool,
    pub body: Option<ZStr>,
    /// Of a multipart body.
    pub upload: Option<Box<Upload>>,
    pub origin: Option<Rc<dyn Origin>>,
    /// Microseconds since 1970.
    pub time: u64,
    pub settings: Option<Rc<HttpSettings>>,
    /// Bytes given to `Request::parse()` so far, as long as the request is not whole.
    pub incoming: Option<Box<Incoming>>,
    /// Of a body that is read as it comes.
    pub stream: Option<Rc<super::stream::BodyStream>>,
}

pub struct Incoming {
    pub parser: Parser,
    pub bytes: Vec<u8>,
}

thread_local! {
    /// Used ones, so that a request costs no allocation beside PHP's objects.
    static POOL: RefCell<Vec<Box<RequestData>>> = const { RefCell::new(Vec::new()) };
}

const POOLED: usize = 128;
const LARGEST_POOLED: usize = 16 * 1024;

impl RequestData {
    fn new() -> Self {
        Self {
            raw: Vec::new(),
            head: RequestHead::default(),
            http2: false,
            body: None,
            upload: None,
            origin: None,
            time: 0,
            settings: None,
            incoming: None,
            stream: None,
        }
    }

    pub fn take() -> Box<Self> {
        POOL.with_borrow_mut(Vec::pop).unwrap_or_else(|| Box::new(Self::new()))
    }

    pub fn give(mut self: Box<Self>) {
        if self.raw.capacity() > LARGEST_POOLED || self.head.headers.capacity() > 128 || self.head.body_parts.capacity() > 128 {
            return;
        }
        self.raw.clear();
        self.http2 = false;
        // These may hold the last reference to something that comes back here when it is dropped.
        let rest = (
            self.body.take(),
            self.upload.take(),
            self.origin.take(),
            self.settings.take(),
            self.incoming.take(),
            self.stream.take(),
        );
        drop(rest);
        POOL.with_borrow_mut(|pool| {
            if pool.len() < POOLED {
                pool.push(self);
            }
        });
    }

    pub fn path(&self) -> &[u8] {
        let path = self.head.path.of(&self.raw);
        // `http://host` and `OPTIONS *` aside, a path starts with a slash.
        if path.is_empty() { b"/" } else { path }
    }

    pub fn query(&self) -> &[u8] {
        self.head.query.of(&self.raw)
    }

    pub fn known(&self, known: KnownHeader) -> Option<&[u8]> {
        self.head.known(&self.raw, known)
    }

    pub fn body_bytes(&self) -> &[u8] {
        self.body.as_ref().map_or(&[], ZStr::as_bytes)
    }

    /// Methods whose bodies are taken for forms.
    pub fn may_have_form(&self) -> bool {
        matches!(self.head.method, Method::Post | Method::Put | Method::Delete | Method::Patch)
    }

    pub fn is_urlencoded(&self) -> bool {
        const TYPE: &[u8] = b"application/x-www-form-urlencoded";
        self.may_have_form()
            && self
                .known(KnownHeader::ContentType)
                .is_some_and(|value| value.get(..TYPE.len()).is_some_and(|start| start.eq_ignore_ascii_case(TYPE)))
    }

    /// What follows `multipart/form-data` in the content type.
    pub fn multipart_parameters(&self) -> Option<&[u8]> {
        const TYPE: &[u8] = b"multipart/form-data";
        let value = self.known(KnownHeader::ContentType).filter(|_| self.may_have_form())?;
        value.get(..TYPE.len()).filter(|start| start.eq_ignore_ascii_case(TYPE)).map(|_| &value[TYPE.len()..])
    }
}

/// php.ini's limits, for the parsers.
pub fn form_limits() -> form::Limits<'static> {
    let (max_vars, max_nesting, separators) = crate::zend::lazy::input_limits();
    form::Limits { max_vars, max_nesting, separators }
}
