//! Swoole\Http\Response.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::rc::Rc;

use protocol::accept_encoding::{Coding, negotiate};
use protocol::cookie::SetCookie;
use protocol::http1::{KnownHeader, Method, Version};

use super::cookie;
use super::data::RequestData;
use super::head::{self, Body};
use super::link::Link;
use super::names::names;
use super::settings::HttpSettings;
use super::socket::Message;
use super::upgrade::{self, Upgrading};
use crate::php::code::{Code, set_last};
use crate::php::report::{self, Line};
use crate::php::server::dispatch::check;
use crate::php::websocket::Outgoing;
use crate::zend::error::E_WARNING;
use crate::zend::object::object_behind;
use crate::zend::registration::ce;
use crate::zend::{
    Args, Call, ClassEntry, ClassState, Handlers, ObjectExt, PhpResult, Value, ZStr, ZendObject, Zval, ZvalExt, class_state,
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
    /// A header was left out because of a line break in it; still to be told.
    pub bad_header: bool,
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

impl State {
    pub fn update(&self, change: impl FnOnce(&mut Progress)) {
        let mut progress = self.progress.get();
        change(&mut progress);
        self.progress.set(progress);
    }
}

/// A response object that answers `request` over `link`.
pub fn make(request: &RequestData, settings: &Rc<HttpSettings>, link: Link, fd: i64) -> Value {
    let object = new_object(std::ptr::from_ref(ce::http_response()).cast_mut());
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

/// Puts a header into the object's array. False: not a name that can be sent.
pub fn put_header(this: &mut ZendObject, name: &[u8], value: Value, format: bool) -> bool {
    if name.len() > MAX_NAME {
        report::notice(E_WARNING, "header key is too long");
        return false;
    }
    if !protocol::http1::header::is_safe_value(name) {
        return false;
    }
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

fn add_cookie(call: &mut Call, ret: &mut Zval, encode: bool) -> PhpResult {
    let mut args = call.args(1, 10)?;
    let first = args.value()?;
    let made = if first.is_object() {
        let class = std::ptr::from_ref(ce::http_cookie()).cast_mut();
        let Some(object) = first.obj().filter(|object| object.is_a(class)) else {
            return not_a_cookie(ret);
        };
        let made = cookie::with(object, |fields| cookie::encode(&fields.as_cookie()))?;
        if made.is_err() {
            cookie::with(object, |fields| *fields = cookie::Fields::default())?;
        }
        made
    } else {
        let Some(name) = first.bytes() else { return not_a_cookie(ret) };
        cookie::encode(&cookie_of(name, &mut args, encode)?)
    };
    let this = call.this();
    if writable(this, ret).is_none() {
        return Ok(());
    }
    match made {
        Ok(text) => {
            let slot = this.slot(COOKIE);
            make_array(slot);
            if let Some(mut array) = slot.as_array_mut() {
                array.push(Value::string(&text));
            }
            ret.set_bool(true);
        }
        Err(problem) => {
            report::notice(E_WARNING, problem);
            ret.set_bool(false);
        }
    }
    Ok(())
}

fn not_a_cookie(ret: &mut Zval) -> PhpResult {
    report::notice(E_WARNING, "The first argument must be a string or an cookie object");
    ret.set_bool(false);
    Ok(())
}

fn cookie_of<'a>(name: &'a [u8], args: &mut Args, encode: bool) -> PhpResult<SetCookie<'a>> {
    Ok(SetCookie {
        name,
        encode,
        value: args.opt_bytes()?.unwrap_or_default(),
        expires: args.opt_long()?.unwrap_or(0),
        path: args.opt_bytes()?.unwrap_or_default(),
        domain: args.opt_bytes()?.unwrap_or_default(),
        secure: args.opt_bool()?.unwrap_or(false),
        http_only: args.opt_bool()?.unwrap_or(false),
        same_site: args.opt_bytes()?.unwrap_or_default(),
        priority: args.opt_bytes()?.unwrap_or_default(),
        partitioned: args.opt_bool()?.unwrap_or(false),
    })
}

/// `Response::cookie(Cookie|string $name_or_object, …): bool`
pub fn cookie(call: &mut Call, ret: &mut Zval) -> PhpResult {
    add_cookie(call, ret, true)
}

pub fn set_cookie(call: &mut Call, ret: &mut Zval) -> PhpResult {
    add_cookie(call, ret, true)
}

/// `Response::rawcookie(Cookie|string $name_or_object, …): bool`
pub fn rawcookie(call: &mut Call, ret: &mut Zval) -> PhpResult {
    add_cookie(call, ret, false)
}

pub fn set_raw_cookie(call: &mut Call, ret: &mut Zval) -> PhpResult {
    add_cookie(call, ret, false)
}

// ---- body -------------------------------------------------------------------------------------------

/// Tells of a header that could not be sent. A user's error handler may run: nothing is owned here.
fn tell_bad_header(state: &State) {
    if state.progress.get().bad_header {
        state.update(|progress| progress.bad_header = false);
        report::notice(E_WARNING, "Header may not contain more than a single header, new line detected");
    }
}

/// The link, which outlives the object should a write suspend.
fn link_of(state: &State) -> Link {
    state.link.borrow().clone()
}

/// `Response::write(string $content): bool`
pub fn write(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let content = call.args(1, 1)?.bytes()?;
    let this = call.this();
    let Some(state) = writable(this, ret) else { return Ok(()) };
    // Pieces are sent as they are: a compressed stream would hold them back.
    state.coding.set(None);
    let sent = send_piece(this, state, content);
    tell_bad_header(state);
    if content.is_empty() {
        report::with_code(E_WARNING, Code::NO_PAYLOAD, "the data sent must not be empty");
        ret.set_bool(false);
    } else {
        ret.set_bool(sent);
    }
    check()
}

/// Sends a piece of a body of unknown total, the head before it if that is still to go.
fn send_piece(this: &mut ZendObject, state: &State, content: &[u8]) -> bool {
    let link = link_of(state);
    if let Link::Stream(stream) = &link {
        if !state.progress.get().head_sent {
            let (status, fields, _) = head::fields(this, state, Body::Stream);
            if !stream.head(status, fields) {
                return false;
            }
            state.update(|progress| (progress.head_sent, progress.streaming) = (true, true));
        }
        return content.is_empty() || stream.piece(content);
    }
    let mut out = head::scratch();
    let fresh = !state.progress.get().head_sent;
    if fresh {
        head::build(&mut out, this, state, Body::Stream);
    }
    let progress = state.progress.get();
    let sent = if progress.bodyless || content.is_empty() {
        out.is_empty() || link.write(&[&out])
    } else if progress.chunked {
        protocol::http1::response::push_chunk_size(&mut out, content.len() as u64);
        link.write(&[&out, content, b"\r\n"])
    } else {
        link.write(&[&out, content])
    };
    if fresh && !sent {
        state.update(|progress| (progress.head_sent, progress.streaming) = (false, false));
    }
    head::give_scratch(out);
    sent
}

/// `Response::end(?string $content = null): bool`
pub fn end(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(0, 1)?;
    let content = args.opt_bytes_or_null()?;
    let this = call.this();
    let Some(state) = writable(this, ret) else { return Ok(()) };
    ret.set_bool(finish(this, state, content));
    tell_bad_header(state);
    check()
}

/// Sends the whole answer, or what is left of it.
pub fn finish(this: &mut ZendObject, state: &State, content: Option<&[u8]>) -> bool {
    let mut content = content.unwrap_or_default();
    drop(state.share.take());
    let link = link_of(state);
    if let Link::Stream(stream) = &link {
        return finish_stream(this, state, stream, content);
    }
    // A length of the program's own that is shorter than the body counts: no more than that is sent.
    if let Some(length) = head::own_length(this).filter(|length| *length < content.len() && state.coding.get().is_none()) {
        content = &content[..length];
    }
    let progress = state.progress.get();
    if progress.upgrade && !progress.streaming && state.status.get() == 101 {
        upgrade::choose_extension(this, state);
    }
    let mut out = head::scratch();
    let sent = if progress.streaming {
        let content = if progress.bodyless { &[][..] } else { content };
        if progress.chunked {
            if !content.is_empty() {
                protocol::http1::response::push_chunk_size(&mut out, content.len() as u64);
                // Small ones are copied: one part is sent with less ado than three.
                if content.len() <= head::INLINE_BODY {
                    out.extend_from_slice(content);
                    out.extend_from_slice(b"\r\n");
                } else if !link.write(&[&out, content, b"\r\n"]) {
                    head::give_scratch(out);
                    return false;
                } else {
                    out.clear();
                }
            }
            head::push_end(&mut out, this, progress.has_trailer);
            link.write(&[&out])
        } else {
            content.is_empty() || link.write(&[content])
        }
    } else {
        let compressed = head::build(&mut out, this, state, Body::Whole(content));
        let body = compressed.as_deref().unwrap_or(content);
        let progress = state.progress.get();
        if progress.bodyless || body.is_empty() {
            link.write(&[&out])
        } else if body.len() <= head::INLINE_BODY {
            out.extend_from_slice(body);
            link.write(&[&out])
        } else {
            link.write(&[&out, body])
        }
    };
    head::give_scratch(out);
    state.update(|progress| progress.ended = true);
    if sent {
        match &link {
            Link::Conn(conn) if progress.upgrade => upgrade::answered(conn, state),
            Link::Socket(socket) if progress.upgrade && state.status.get() == 101 => {
                let deflate = state.upgrading.borrow().as_ref().and_then(|upgrading| upgrading.deflate);
                let settings = state.settings.borrow().clone().unwrap_or_default();
                socket.upgraded(&settings, deflate);
            }
            _ => link.finished(state.progress.get().keep_alive),
        }
    } else {
        link.close();
    }
    sent
}

/// The same on HTTP/2.
fn finish_stream(this: &mut ZendObject, state: &State, stream: &Rc<super::http2::Stream>, content: &[u8]) -> bool {
    let progress = state.progress.get();
    let trailers = progress.has_trailer.then(|| head::trailers(this));
    let sent = if progress.streaming {
        stream.end(content, trailers)
    } else {
        let (status, fields, compressed) = head::fields(this, state, Body::Whole(content));
        let body = if progress.head_request { Vec::new() } else { compressed.unwrap_or_else(|| content.to_vec()) };
        stream.answer(status, fields, body.into(), trailers)
    };
    state.update(|progress| (progress.ended, progress.head_sent) = (true, true));
    sent
}

/// `Response::sendfile(string $filename, int $offset = 0, int $length = 0): bool`
pub fn sendfile(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 3)?;
    let name = args.bytes()?;
    let offset = args.opt_long()?.unwrap_or(0);
    let length = args.opt_long()?.unwrap_or(0);
    let this = call.this();
    let Some(state) = writable(this, ret) else { return Ok(()) };
    ret.set_bool(false);
    if state.progress.get().streaming {
        report::fatal(E_WARNING, "can't use sendfile when HTTP chunk is enabled");
        return Ok(());
    }
    if name.is_empty() {
        report::notice(E_WARNING, "file name is empty");
        return Ok(());
    }
    let mut line = Line::<1024>::default();
    let told = |line: &mut Line<1024>, text: std::fmt::Arguments<'_>| {
        let _ = std::fmt::Write::write_fmt(line, text);
    };
    let shown = str::from_utf8(name).unwrap_or_default();
    let path = std::ffi::OsStr::from_bytes(name);
    let size = match std::fs::metadata(path) {
        Ok(found) if found.is_file() => found.len() as i64,
        Ok(_) => {
            told(&mut line, format_args!("parameter $file[{shown}] given is not a regular file"));
            report::with_code(E_WARNING, Code::SERVER_IS_NOT_REGULAR_FILE, line.text());
            return Ok(());
        }
        Err(_) => {
            told(&mut line, format_args!("stat({shown}) failed"));
            report::system(E_WARNING, line.text());
            return Ok(());
        }
    };
    if offset < 0 || size < offset {
        told(&mut line, format_args!("parameter $offset[{offset}] exceeds the file size"));
        report::notice(E_WARNING, line.text());
        return Ok(());
    }
    if length < 0 || length > size - offset {
        told(&mut line, format_args!("parameter $length[{length}] exceeds the file size"));
        report::notice(E_WARNING, line.text());
        return Ok(());
    }
    let length = if length == 0 { size - offset } else { length };
    let Ok(file) = File::open(path) else {
        told(&mut line, format_args!("open({shown}) failed"));
        report::system(E_WARNING, line.text());
        return Ok(());
    };
    ret.set_bool(send_file(this, state, name, file, offset as u64, length as usize));
    check()
}

fn send_file(this: &mut ZendObject, state: &State, name: &[u8], file: File, offset: u64, length: usize) -> bool {
    let slot = this.slot(HEADER);
    make_array(slot);
    let typed = slot.as_array().is_some_and(|array| array.get("Content-Type").is_some());
    if !typed {
        put_header(this, b"Content-Type", Value::string(&crate::php::mime::type_of(name)), true);
    }
    state.coding.set(None);
    drop(state.share.take());
    let link = link_of(state);
    if let Link::Stream(stream) = &link {
        use std::os::unix::fs::FileExt;
        let mut body = vec![0; length];
        if file.read_exact_at(&mut body, offset).is_err() {
            return false;
        }
        return finish_stream(this, state, stream, &body);
    }
    let mut out = head::scratch();
    head::build(&mut out, this, state, Body::File(length as u64));
    let mut sent = link.write(&[&out]);
    head::give_scratch(out);
    if !sent {
        state.update(|progress| progress.head_sent = false);
        return false;
    }
    if length > 0 && !state.progress.get().bodyless {
        sent = link.send_file(file, offset, length);
    }
    if !sent {
        link.close();
        return false;
    }
    state.update(|progress| progress.ended = true);
    link.finished(state.progress.get().keep_alive);
    true
}

/// `Response::redirect(string $location, int $http_code = 302): bool`
pub fn redirect(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let location = args.zstr()?;
    let status = args.opt_long()?.unwrap_or(302);
    let this = call.this();
    let Some(state) = writable(this, ret) else { return Ok(()) };
    state.status.set(status);
    let mut value = Zval::new();
    value.set_str(ZStr::share(location));
    put_header(this, b"Location", Value::from_zval(value), false);
    ret.set_bool(finish(this, state, None));
    check()
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
            let class = std::ptr::from_ref(ce::http_request()).cast_mut();
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
        Some(object) if object.is_a(std::ptr::from_ref(ce::server()).cast_mut()) => {
            if crate::php::server::started(object, ret)?.is_none() {
                return Ok(());
            }
            let Some(conn) = crate::server::worker().and_then(|worker| worker.find(fd)) else {
                let mut line = Line::<128>::default();
                let _ = std::fmt::Write::write_fmt(
                    &mut line,
                    format_args!("parameter $2 ({fd}) must be valid connection session_id"),
                );
                refuse(line.text());
                return Ok(());
            };
            Link::Conn(conn)
        }
        Some(object) => {
            match super::socket::link(object) {
                Some(link) => {
                    fd = link.fd();
                    socket = Some(Value::object(object));
                    Link::Socket(link)
                }
                None => {
                    refuse("parameter $1 must be instanceof Server or Coroutine\\Socket");
                    return Ok(());
                }
            }
        }
        None => match crate::server::worker() {
            Some(worker) => worker.find(fd).map_or(Link::None, Link::Conn),
            None => {
                refuse("server is not running");
                return Ok(());
            }
        },
    };
    let object = new_object(std::ptr::from_ref(ce::http_response()).cast_mut());
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

/// The WebSocket behind a response of a coroutine server; none, with a warning, when it has become none.
fn websocket(object: &ZendObject, ret: &mut Zval) -> Option<Rc<dyn super::link::SocketLink>> {
    ret.set_bool(false);
    let state = state(object);
    if !state.progress.get().live {
        set_last(Code::SESSION_CLOSED);
        return None;
    }
    if let Link::Socket(socket) = &*state.link.borrow()
        && socket.is_websocket()
    {
        return Some(Rc::clone(socket));
    }
    let fd = object_fd(object);
    let mut line = Line::<96>::default();
    let _ = std::fmt::Write::write_fmt(&mut line, format_args!("fd[{fd}] is not a websocket conncetion"));
    report::fatal(E_WARNING, line.text());
    None
}

fn object_fd(object: &ZendObject) -> i64 {
    object.prop("fd").as_zval().to_long()
}

/// `Response::upgrade(): bool`: answers a WebSocket handshake of a coroutine server.
pub fn upgrade(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    let Some(state) = writable(this, ret) else { return Ok(()) };
    if !matches!(&*state.link.borrow(), Link::Socket(_)) {
        report::fatal(E_WARNING, "async server dose not support protocol upgrade");
        ret.set_bool(false);
        return Ok(());
    }
    state.coding.set(None);
    let accept = state.upgrading.borrow().as_ref().map_or(Err(400), |upgrading| upgrading.accept.clone());
    match accept {
        Ok(accept) => {
            upgrade::put_fields(this, &accept, None);
            state.status.set(101);
            state.update(|progress| progress.upgrade = true);
            let sent = finish(this, state, None);
            ret.set_bool(sent);
        }
        Err(status) => {
            state.status.set(i64::from(status));
            finish(this, state, None);
            ret.set_bool(false);
        }
    }
    check()
}

/// `Response::push(Frame|string $data, int $opcode = TEXT, int $flags = FIN): bool`
pub fn push(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 3)?;
    let data = args.value()?;
    let opcode = args.opt_long()?.unwrap_or(1);
    let flags = args.opt_value().map_or(1, |value| ZvalExt::to_long(&*value));
    let Some(socket) = websocket(call.this(), ret) else { return Ok(()) };
    let Some(frame) = Outgoing::new(data, opcode, flags, 1000)? else {
        set_last(Code::WEBSOCKET_PACK_FAILED);
        return Ok(());
    };
    ret.set_bool(socket.push(&frame));
    check()
}

/// `Response::recv(float $timeout = 0): Frame|string|false`
pub fn recv(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let timeout = call.args(0, 1)?.opt_double()?.unwrap_or(0.0);
    let Some(socket) = websocket(call.this(), ret) else { return Ok(()) };
    match socket.receive(timeout) {
        Message::Frame(frame) => frame.give(ret),
        Message::Closed => {
            socket.close();
            ret.set_bytes(b"");
        }
        Message::Failed => {}
    }
    drop(socket);
    check()?;
    crate::zend::error::check()
}

/// `Response::disconnect(int $code = 1000, string $reason = ''): bool`
pub fn disconnect(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(0, 2)?;
    let code = args.opt_long()?.unwrap_or(1000);
    let mut empty = Zval::new();
    let reason = match args.opt_value() {
        Some(value) => value,
        None => &mut empty,
    };
    let Some(socket) = websocket(call.this(), ret) else { return Ok(()) };
    let Some(frame) = Outgoing::new(reason, 8, 1, code)? else {
        set_last(Code::WEBSOCKET_PACK_FAILED);
        return Ok(());
    };
    ret.set_bool(socket.push(&frame));
    socket.close();
    check()
}

/// `Response::ping(string $data = ''): bool`
pub fn ping(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(0, 1)?;
    let mut empty = Zval::new();
    let data = match args.opt_value() {
        Some(value) => value,
        None => &mut empty,
    };
    let link = link_of(state(call.this()));
    if let Link::Stream(stream) = link {
        ret.set_bool(stream.ping());
        return Ok(());
    }
    drop(link);
    let Some(socket) = websocket(call.this(), ret) else { return Ok(()) };
    if let Some(frame) = Outgoing::new(data, 9, 1, 0)? {
        ret.set_bool(socket.push(&frame));
    }
    check()
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
