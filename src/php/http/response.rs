//! Swoole\Http\Response: the object and the head of an answer.

pub mod body;
pub mod cookies;
pub mod websocket;

pub use body::finish;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use protocol::accept_encoding::{Coding, negotiate};
use protocol::http1::{KnownHeader, Method, Version};

use super::data::RequestData;
use super::link::{self, Link};
use super::names::names;
use super::settings::HttpSettings;
use super::upgrade::Upgrading;
use crate::php::code::{Code, set_last};
use crate::php::report::{self, Line};
use crate::php::server::dispatch::check;
use crate::zend::error::E_WARNING;
use crate::zend::object::object_behind;
use crate::zend::registration::ce;
use crate::zend::{
    Call, ClassEntry, ClassState, Handlers, ObjectExt, PhpResult, Value, ZStr, ZendObject, Zval, ZvalExt, class_state,
    new_object, state_of,
};

/// Numbers of the declared properties.
const FD: u32 = 0;
pub const SOCKET: u32 = 1;
pub const HEADER: u32 = 2;
pub const COOKIE: u32 = 3;
pub const TRAILER: u32 = 4;

/// What became of a response so far, and what it was asked for with.
#[derive(Clone, Copy, Default)]
pub struct Progress {
    /// There is something behind the object.
    pub live: bool,
    pub ended: bool,
    pub detached: bool,
    pub head_sent: bool,
    /// `write()` was called: pieces of unknown total.
    pub streaming: bool,
    /// Pieces go as chunks (not to HTTP/1.0).
    pub chunked: bool,
    /// The head said that no body follows (HEAD, 204, 304).
    pub bodyless: bool,
    pub has_trailer: bool,
    pub keep_alive: bool,
    pub http10: bool,
    pub head_request: bool,
    /// It answers a WebSocket handshake.
    pub upgrade: bool,
    /// A header was left out; still to be told.
    pub bad_header: BadHeader,
}

/// Why headers were left out.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct BadHeader {
    line_end: bool,
    nul: bool,
}

impl BadHeader {
    /// What cannot be sent of a name or value.
    pub fn of(text: &[u8]) -> Self {
        Self { line_end: text.iter().any(|byte| matches!(byte, b'\r' | b'\n')), nul: text.contains(&0) }
    }

    pub fn and(self, other: Self) -> Self {
        Self { line_end: self.line_end || other.line_end, nul: self.nul || other.nul }
    }

    fn tell(self) {
        if self.line_end {
            report::notice(E_WARNING, "Header may not contain more than a single header, new line detected");
        }
        if self.nul {
            report::notice(E_WARNING, "Header may not contain NUL bytes");
        }
    }
}

#[derive(Default)]
pub struct State {
    pub progress: Cell<Progress>,
    pub link: RefCell<Link>,
    /// 0: nobody has set one.
    pub status: Cell<i64>,
    pub reason: RefCell<Option<ZStr>>,
    /// What the client accepts and the settings allow.
    pub coding: Cell<Option<Coding>>,
    pub settings: RefCell<Option<Rc<HttpSettings>>>,
    /// Of a WebSocket handshake.
    pub upgrading: RefCell<Option<Box<Upgrading>>>,
    /// Counts as a request under way (`max_concurrency`).
    pub share: Cell<Option<super::load::Share>>,
}

static HANDLERS: Handlers = Handlers::new();

impl ClassState for State {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }
}

pub fn class_init(class: &mut ClassEntry) {
    class_state::<State>(class);
}

impl Drop for State {
    /// An answer that nobody gave.
    fn drop(&mut self) {
        let progress = self.progress.get();
        let over = coroutine::engine().is_none_or(coroutine::Engine::is_aborted);
        if !progress.live || progress.ended || progress.detached || over {
            return;
        }
        if progress.head_sent && !progress.streaming {
            return;
        }
        if self.status.get() == 0 {
            self.status.set(500);
        }
        // SAFETY: the state lies in its object, whose properties are freed after it.
        let object = unsafe { object_behind::<Self>(self) };
        if self.link.borrow().is_open() {
            finish(object, self, None);
        }
    }
}

pub fn state(object: &ZendObject) -> &'static State {
    // SAFETY: the handlers of this class and its children only.
    unsafe { state_of::<State>(object) }
}

/// The state, when the response can still be worked on; else the error code is left.
fn writable(object: &ZendObject, ret: &mut Zval) -> Option<&'static State> {
    let state = state(object);
    let progress = state.progress.get();
    if progress.live && !progress.ended && !progress.detached {
        return Some(state);
    }
    set_last(Code::HTTP_CONTEXT_UNAVAILABLE);
    ret.set_bool(false);
    None
}

/// The link, which outlives the object should a write suspend.
fn link_of(state: &State) -> Link {
    state.link.borrow().clone()
}

impl State {
    pub fn update(&self, change: impl FnOnce(&mut Progress)) {
        let mut progress = self.progress.get();
        change(&mut progress);
        self.progress.set(progress);
    }
}

/// A response object that answers `request` over `link`.
pub fn make(request: &RequestData, settings: &Rc<HttpSettings>, link: Link, fd: i64) -> Value {
    let object = new_object(ce::http_response());
    if let Some(this) = object.as_zval().obj() {
        this.slot(FD).set_long(fd);
        bind(this, Some(request), Some(settings), link);
    }
    object
}

/// Gives a response object something behind it.
pub fn bind(this: &mut ZendObject, request: Option<&RequestData>, settings: Option<&Rc<HttpSettings>>, link: Link) {
    let state = state(this);
    let mut progress = Progress { live: true, keep_alive: true, ..Progress::default() };
    if let Some(request) = request {
        progress.keep_alive = request.head.keep_alive;
        progress.http10 = request.head.version == Version::Http10 && !request.http2;
        progress.head_request = request.head.method == Method::Head;
        if settings.is_some_and(|settings| settings.compression)
            && let Some(accepted) = request.known(KnownHeader::AcceptEncoding)
        {
            state.coding.set(negotiate(accepted, Coding::PREFERENCE));
        }
    }
    state.progress.set(progress);
    *state.settings.borrow_mut() = settings.cloned();
    *state.link.borrow_mut() = link;
}

// ---- head -------------------------------------------------------------------------------------------

fn make_array(slot: &mut Zval) {
    if !slot.is_array() {
        slot.assign(Value::array(8));
    }
}

/// `Response::initHeader(): bool`
pub fn init_header(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    if writable(this, ret).is_some() {
        for n in [HEADER, COOKIE, TRAILER] {
            make_array(this.slot(n));
        }
        ret.set_bool(true);
    }
    Ok(())
}

/// `Response::isWritable(): bool`
pub fn is_writable(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let progress = state(call.this()).progress.get();
    ret.set_bool(progress.live && !progress.ended && !progress.detached);
    Ok(())
}

/// Longest name of a header, bytes.
const MAX_NAME: usize = 127;

/// Whether that name can be sent; if not, it is told.
fn is_name(name: &[u8]) -> bool {
    if name.len() > MAX_NAME {
        report::notice(E_WARNING, "header key is too long");
        return false;
    }
    if !protocol::http1::header::is_safe_value(name) {
        BadHeader::of(name).tell();
        return false;
    }
    true
}

/// Puts a header of a sound name into the object's array.
pub fn put_header(this: &mut ZendObject, name: &[u8], value: Value, format: bool) -> bool {
    let slot = this.slot(HEADER);
    make_array(slot);
    let Some(mut array) = slot.as_array_mut() else { return false };
    if !format {
        array.set_bytes(name, value);
        return true;
    }
    match KnownHeader::classify(name) {
        KnownHeader::Other => {
            let mut title = [0; MAX_NAME];
            let name = &name[..name.len().min(MAX_NAME)];
            let mut upper = true;
            for (to, from) in title.iter_mut().zip(name) {
                *to = if upper { from.to_ascii_uppercase() } else { from.to_ascii_lowercase() };
                upper = *from == b'-';
            }
            array.set_bytes(&title[..name.len()], value);
        }
        known => array.set_interned(names().title[known as usize], value),
    }
    true
}

/// `Response::header(string $key, array|string $value, bool $format = true): bool`
pub fn header(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 3)?;
    let name = args.bytes()?;
    let value = args.value()?;
    let format = args.opt_bool()?.unwrap_or(true);
    let this = call.this();
    if writable(this, ret).is_none() {
        return Ok(());
    }
    if !is_name(name) {
        ret.set_bool(false);
        return check();
    }
    // An object's text is made now, while its method may still throw into the caller.
    let value = if value.is_object() {
        match value.to_zstr() {
            Some(text) => {
                let mut made = Zval::new();
                made.set_str(text);
                Value::from_zval(made)
            }
            None => return Err(crate::zend::Thrown::Exception),
        }
    } else {
        Value::copy_of(value)
    };
    ret.set_bool(put_header(this, name, value, format));
    Ok(())
}

/// `Response::setHeader()`
pub fn set_header(call: &mut Call, ret: &mut Zval) -> PhpResult {
    header(call, ret)
}

/// `Response::trailer(string $key, string $value): bool`
pub fn trailer(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let name = args.bytes()?;
    let value = args.value()?;
    let this = call.this();
    let Some(state) = writable(this, ret) else { return Ok(()) };
    if name.len() > MAX_NAME {
        report::notice(E_WARNING, "trailer key is too long");
        ret.set_bool(false);
        return Ok(());
    }
    let value = Value::copy_of(value);
    let slot = this.slot(TRAILER);
    make_array(slot);
    if let Some(mut array) = slot.as_array_mut() {
        array.set_bytes(&name.to_ascii_lowercase(), value);
    }
    state.update(|progress| progress.has_trailer = true);
    ret.set_bool(true);
    Ok(())
}

/// `Response::status(int $http_code, string $reason = ''): bool`
pub fn status(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let status = args.long()?;
    let reason = args.opt_bytes()?.unwrap_or_default();
    let Some(state) = writable(call.this(), ret) else { return Ok(()) };
    state.status.set(status);
    *state.reason.borrow_mut() = (!reason.is_empty()).then(|| ZStr::new(reason));
    ret.set_bool(true);
    Ok(())
}

/// `Response::setStatusCode()`
pub fn set_status_code(call: &mut Call, ret: &mut Zval) -> PhpResult {
    status(call, ret)
}

// ---- the object ---------------------------------------------------------------------------------------

/// `Response::detach(): bool`
pub fn detach(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    if let Some(state) = writable(call.this(), ret) {
        state.update(|progress| progress.detached = true);
        ret.set_bool(true);
    }
    Ok(())
}

/// `Response::create(object|array|int $server = -1, int $fd = -1): Response|false`
pub fn create(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(0, 2)?;
    let first = args.opt_value();
    let mut fd = args.opt_long()?.unwrap_or(-1);
    ret.set_bool(false);
    let refuse = |text: &str| report::fatal(E_WARNING, text);
    let (mut target, mut request) = (None, None);
    match &first {
        Some(value) if value.is_object() => target = value.obj(),
        Some(value) if value.is_array() => {
            let array = value.as_array();
            let class = ce::http_request();
            request = array.and_then(|array| array.get_index(1)).and_then(ZvalExt::obj).filter(|object| object.is_a(class));
            if request.is_none() {
                refuse("parameter $1.second must be instanceof Http\\Request");
                return Ok(());
            }
            target = array.and_then(|array| array.get_index(0)).and_then(ZvalExt::obj);
            if target.is_none() {
                refuse("parameter $1 must be instanceof Server or Coroutine\\Socket");
                return Ok(());
            }
        }
        Some(value) => fd = value.to_long(),
        None => {}
    }
    let mut socket = None;
    let link = match target {
        Some(object) if object.is_a(ce::server()) => {
            if crate::php::server::started(object, ret)?.is_none() {
                return Ok(());
            }
            let conn = crate::server::worker().and_then(|worker| worker.find(fd));
            let Some(link) = conn.map(Link::Conn).or_else(|| link::exists(fd).then_some(Link::Remote(fd))) else {
                let mut line = Line::<128>::default();
                let _ = std::fmt::Write::write_fmt(
                    &mut line,
                    format_args!("parameter $2 ({fd}) must be valid connection session_id"),
                );
                refuse(line.text());
                return Ok(());
            };
            link
        }
        Some(object) => match super::socket::link(object) {
            Some(link) => {
                fd = link.fd();
                socket = Some(Value::object(object));
                Link::Socket(link)
            }
            None => {
                refuse("parameter $1 must be instanceof Server or Coroutine\\Socket");
                return Ok(());
            }
        },
        None => match crate::server::worker() {
            Some(worker) => worker.find(fd).map_or(Link::None, Link::Conn),
            None => {
                refuse("server is not running");
                return Ok(());
            }
        },
    };
    let object = new_object(ce::http_response());
    if let Some(this) = object.as_zval().obj() {
        this.slot(FD).set_long(fd);
        if let Some(socket) = socket {
            this.slot(SOCKET).assign(socket);
        }
        match request {
            Some(request) => {
                super::request::set_fd(request, fd);
                super::request::with_data(request, |data| {
                    let settings = data.settings.clone();
                    bind(this, Some(data), settings.as_ref(), link);
                });
            }
            None => bind(this, None, None, link),
        }
    }
    object.give(ret);
    Ok(())
}

fn object_fd(object: &ZendObject) -> i64 {
    object.prop("fd").as_zval().to_long()
}

/// `Response::goaway(int $error_code = 0, string $debug_data = ''): bool`: HTTP/2 only.
pub fn goaway(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(0, 2)?;
    let code = args.opt_long()?.unwrap_or(0);
    let _ = args.opt_bytes_or_null()?;
    let this = call.this();
    let Some(state) = writable(this, ret) else { return Ok(()) };
    let link = link_of(state);
    match &link {
        Link::Stream(stream) => ret.set_bool(stream.go_away(u32::try_from(code).unwrap_or(0))),
        _ => {
            let fd = object_fd(this);
            drop(link);
            let mut line = Line::<96>::default();
            let _ = std::fmt::Write::write_fmt(&mut line, format_args!("fd[{fd}] is not a HTTP2 conncetion"));
            report::fatal(E_WARNING, line.text());
            ret.set_bool(false);
        }
    }
    Ok(())
}

/// `Response::close(): bool`
pub fn close(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let state = state(call.this());
    if !state.progress.get().live {
        set_last(Code::SESSION_CLOSED);
        ret.set_bool(false);
        return Ok(());
    }
    ret.set_bool(link_of(state).close());
    check()
}
