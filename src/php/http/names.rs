//! Ready-made keys and values of requests and responses.

use std::sync::OnceLock;

use protocol::http1::{KnownHeader, Method};

use crate::zend::lazy::Interned;

pub struct Names {
    /// By [`KnownHeader`]'s discriminant.
    pub lower: Vec<Interned>,
    /// As responses write them.
    pub title: Vec<Interned>,
    /// By [`Method`]'s discriminant.
    pub methods: Vec<Interned>,
    pub query_string: Interned,
    pub request_method: Interned,
    pub request_uri: Interned,
    pub path_info: Interned,
    pub request_time: Interned,
    pub request_time_float: Interned,
    pub server_protocol: Interned,
    pub server_port: Interned,
    pub remote_port: Interned,
    pub server_addr: Interned,
    pub remote_addr: Interned,
    pub master_time: Interned,
    pub http10: Interned,
    pub http11: Interned,
    pub http2: Interned,
    pub loopback: Interned,
    pub root: Interned,
}

static NAMES: OnceLock<Names> = OnceLock::new();

/// To be called while the module starts: interned strings are permanent only then.
pub fn start() {
    let _ = NAMES.get_or_init(Names::new);
}

#[inline]
pub fn names() -> &'static Names {
    NAMES.get_or_init(Names::new)
}

impl Names {
    fn new() -> Self {
        let new = |text: &str| Interned::new(text.as_bytes());
        let title = |known: &KnownHeader| {
            let mut text = Vec::new();
            protocol::http1::header::push_title_case(&mut text, known.name().as_bytes());
            Interned::new(&text)
        };
        Self {
            lower: KnownHeader::ALL.iter().map(|known| new(known.name())).collect(),
            title: KnownHeader::ALL.iter().map(title).collect(),
            methods: Method::ALL.iter().map(|method| new(method.as_str())).collect(),
            query_string: new("query_string"),
            request_method: new("request_method"),
            request_uri: new("request_uri"),
            path_info: new("path_info"),
            request_time: new("request_time"),
            request_time_float: new("request_time_float"),
            server_protocol: new("server_protocol"),
            server_port: new("server_port"),
            remote_port: new("remote_port"),
            server_addr: new("server_addr"),
            remote_addr: new("remote_addr"),
            master_time: new("master_time"),
            http10: new("HTTP/1.0"),
            http11: new("HTTP/1.1"),
            http2: new("HTTP/2"),
            loopback: new("127.0.0.1"),
            root: new("/"),
        }
    }
}
