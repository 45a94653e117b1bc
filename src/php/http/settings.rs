//! The HTTP settings of a port, from the arrays that `set()` was given.

use std::rc::Rc;

use protocol::http1::Limits;

use crate::php::server::Server;
use crate::php::server::port::Listen;
use crate::php::settings::size;
use crate::zend::{Array, ObjectExt, Value, ZvalExt};

/// One of `url_rewrite_rules`.
pub enum RewriteRule {
    /// What a path starts with, and what stands for that.
    Prefix(Vec<u8>, Vec<u8>),
    /// `~pattern~`, with `$1` in its replacement.
    Pattern(regex::bytes::Regex, Vec<u8>),
}

impl RewriteRule {
    /// None for a pattern that is none.
    fn new(from: &[u8], to: &[u8]) -> Option<Self> {
        match from {
            [b'~', pattern @ .., b'~'] => {
                Some(Self::Pattern(regex::bytes::Regex::new(str::from_utf8(pattern).ok()?).ok()?, to.to_vec()))
            }
            _ => Some(Self::Prefix(from.to_vec(), to.to_vec())),
        }
    }
}

pub struct HttpSettings {
    pub parse_cookie: bool,
    pub parse_post: bool,
    pub parse_files: bool,
    pub compression: bool,
    pub compression_level: i32,
    /// Bytes below which a body is sent as it is.
    pub compression_min_length: usize,
    /// Only these media types, where any are named.
    pub compression_types: Vec<Vec<u8>>,
    pub upload_tmp_dir: String,
    /// Bytes; files of a multipart body may make it exceed `package_max_length` up to this. 0: they may not.
    pub upload_max_filesize: usize,
    /// The request event comes with the head, and the body is read by `$request->read()`.
    pub request_stream: bool,
    pub package_max_length: usize,
    pub static_handler: bool,
    pub document_root: String,
    pub static_locations: Vec<Vec<u8>>,
    pub index_files: Vec<String>,
    pub autoindex: bool,
    /// Applied to the paths of static files; the first that fits counts.
    pub rewrite_rules: Vec<RewriteRule>,
    pub websocket_subprotocol: Option<String>,
    pub websocket_compression: bool,
    pub open_close_frame: bool,
    pub open_ping_frame: bool,
    pub open_pong_frame: bool,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            parse_cookie: true,
            parse_post: true,
            parse_files: false,
            compression: true,
            compression_level: 1,
            compression_min_length: 20,
            compression_types: Vec::new(),
            upload_tmp_dir: "/tmp".to_owned(),
            upload_max_filesize: 0,
            request_stream: false,
            package_max_length: 2 * 1024 * 1024,
            static_handler: false,
            document_root: String::new(),
            static_locations: Vec::new(),
            index_files: Vec::new(),
            autoindex: false,
            rewrite_rules: Vec::new(),
            websocket_subprotocol: None,
            websocket_compression: false,
            open_close_frame: false,
            open_ping_frame: false,
            open_pong_frame: false,
        }
    }
}

impl HttpSettings {
    /// Of a server's port; made once, when its first connection comes.
    pub fn of_port(server: &Rc<Server>, listen: &Rc<Listen>) -> Rc<Self> {
        let made = listen.port.data(|| {
            let mut settings = Self::default();
            let whole = server.this().map(|this| Value::copy_of(this.slot(crate::php::server::prop::SETTING)));
            let own = listen.setting();
            for array in [whole, Some(own)].iter().flatten().filter_map(|value| value.as_zval().as_array()) {
                settings.apply(array);
            }
            settings.package_max_length = listen.port.settings.borrow().package_max_length;
            settings
        });
        made.unwrap_or_default()
    }

    pub fn limits(&self) -> Limits {
        Limits {
            max_target: 60 * 1024,
            max_request: u32::try_from(self.package_max_length).unwrap_or(u32::MAX),
            ..Limits::default()
        }
    }

    /// Takes what `given` says; what is not there stays.
    pub fn apply(&mut self, given: Array<'_>) {
        let get = |key| given.setting(key);
        let flags: [(&str, &mut bool); 11] = [
            ("http_parse_cookie", &mut self.parse_cookie),
            ("http_parse_post", &mut self.parse_post),
            ("http_parse_files", &mut self.parse_files),
            ("http_compression", &mut self.compression),
            ("http_request_stream", &mut self.request_stream),
            ("enable_static_handler", &mut self.static_handler),
            ("http_autoindex", &mut self.autoindex),
            ("websocket_compression", &mut self.websocket_compression),
            ("open_websocket_close_frame", &mut self.open_close_frame),
            ("open_websocket_ping_frame", &mut self.open_ping_frame),
            ("open_websocket_pong_frame", &mut self.open_pong_frame),
        ];
        for (key, field) in flags {
            if let Some(value) = get(key) {
                *field = value.to_bool();
            }
        }
        if let Some(value) = get("http_compression_level").or_else(|| get("http_gzip_level")).or_else(|| get("compression_level"))
        {
            self.compression_level = value.to_long().clamp(0, 9) as i32;
        }
        if let Some(value) = get("http_compression_min_length").or_else(|| get("compression_min_length")) {
            self.compression_min_length = usize::try_from(size(value)).unwrap_or(0);
        }
        if let Some(array) = get("http_compression_types").or_else(|| get("compression_types")).and_then(|value| value.as_array())
        {
            self.compression_types = texts(array);
        }
        if let Some(dir) = get("upload_tmp_dir").and_then(|value| value.to_zstr()) {
            self.upload_tmp_dir = String::from_utf8_lossy(&dir).into_owned();
        }
        if let Some(value) = get("upload_max_filesize") {
            self.upload_max_filesize = usize::try_from(size(value)).unwrap_or(0);
        }
        if let Some(value) = get("package_max_length") {
            self.package_max_length = usize::try_from(size(value)).unwrap_or(0).max(2048);
        }
        if let Some(root) = get("document_root").and_then(|value| value.to_zstr()) {
            let root = String::from_utf8_lossy(&root).into_owned();
            self.document_root = std::fs::canonicalize(&root).map_or(root, |path| path.to_string_lossy().into_owned());
        }
        if let Some(array) = get("static_handler_locations").and_then(|value| value.as_array()) {
            self.static_locations = texts(array);
        }
        if let Some(array) = get("http_index_files").and_then(|value| value.as_array()) {
            self.index_files = texts(array).iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
        }
        if let Some(array) = get("url_rewrite_rules").and_then(|value| value.as_array()) {
            let mut rules = Vec::new();
            array.each(|key, value| {
                if let (crate::zend::array::Key::Name(pattern), Some(to)) = (key, value.bytes()) {
                    rules.extend(RewriteRule::new(pattern, to));
                }
                true
            });
            self.rewrite_rules = rules;
        }
        if let Some(name) = get("websocket_subprotocol").and_then(|value| value.to_zstr()) {
            self.websocket_subprotocol = Some(String::from_utf8_lossy(&name).into_owned());
        }
    }
}

fn texts(array: Array<'_>) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    array.each(|_, value| {
        if let Some(text) = value.bytes().filter(|text| !text.is_empty()) {
            all.push(text.to_vec());
        }
        true
    });
    all
}
