//! Swoole\Http\Request: its arrays are made when they are read.

use std::cell::RefCell;

use protocol::form::{self, Array, Key};
use protocol::http1::{KnownHeader, Method, Parser, Progress, Version};
use protocol::{cookie, percent};

use super::data::{Incoming, RequestData, form_limits};
use super::names::{self, names};
use super::settings::HttpSettings;
use super::upload::{FileLeaf, Leaf, Spool, boundary};
use crate::php::code::{Code, set_last};
use crate::server::Address;
use crate::zend::lazy::{LazyState, Map, lazy_properties, make_lazy};
use crate::zend::registration::ce;
use crate::zend::{
    Call, ClassEntry, ClassState, Handlers, ObjectExt, PhpResult, Value, ZStr, ZendObject, Zval, ZvalExt, class_state, guarded,
    new_object, state_of,
};

#[derive(Default)]
pub struct State(RefCell<Option<Box<RequestData>>>);

static HANDLERS: Handlers = Handlers::new();

impl ClassState for State {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }
}

impl Drop for State {
    fn drop(&mut self) {
        if let Some(data) = self.0.take() {
            data.give();
        }
    }
}

pub fn class_init(class: &mut ClassEntry) {
    class_state::<State>(class);
    lazy_properties::<State>();
    names::start();
}

/// Numbers of the declared properties.
const FD: u32 = 0;
const STREAM_ID: u32 = 1;
const HEADER: u32 = 2;
const SERVER: u32 = 3;
const COOKIE: u32 = 4;
const GET: u32 = 5;
const FILES: u32 = 6;
const POST: u32 = 7;
const TMPFILES: u32 = 8;
const LAZY: std::ops::RangeInclusive<u32> = HEADER..=TMPFILES;

fn state(object: &ZendObject) -> &'static State {
    // SAFETY: the handlers of this class and its children only.
    unsafe { state_of::<State>(object) }
}

/// A request object around what came.
pub fn make(data: Box<RequestData>, fd: i64, stream: i64) -> Value {
    let object = new_object(ce::http_request());
    if let Some(this) = object.as_zval().obj() {
        this.slot(FD).set_long(fd);
        this.slot(STREAM_ID).set_long(stream);
        make_lazy(this, LAZY);
        let over = over_limit(&data);
        *state(this).0.borrow_mut() = Some(data);
        if over != [false; 3] {
            for (n, _) in [GET, COOKIE, POST].into_iter().zip(over).filter(|(_, over)| *over) {
                fill_slot(this, n);
            }
        }
    }
    object
}

/// Runs `read` on what is behind a request object; none when there is nothing (a constructor by hand).
pub fn with_data<T>(object: &ZendObject, read: impl FnOnce(&mut RequestData) -> T) -> Option<T> {
    state(object).0.borrow_mut().as_deref_mut().map(read)
}

pub fn set_fd(object: &mut ZendObject, fd: i64) {
    object.slot(FD).set_long(fd);
}

fn data_or_false<T>(object: &ZendObject, ret: &mut Zval, read: impl FnOnce(&RequestData) -> T) -> Option<T> {
    let found = state(object).0.borrow().as_deref().map(read);
    if found.is_none() {
        set_last(Code::HTTP_CONTEXT_UNAVAILABLE);
        ret.set_bool(false);
    }
    found
}

// ---- properties ------------------------------------------------------------------------------------

/// The handlers of lazy properties ask here before they look.
impl LazyState for State {
    fn fill(object: &mut ZendObject, name: &[u8]) {
        let n = match name {
            b"header" => HEADER,
            b"server" => SERVER,
            b"cookie" => COOKIE,
            b"get" => GET,
            b"files" => FILES,
            b"post" => POST,
            b"tmpfiles" => TMPFILES,
            _ => return,
        };
        fill_slot(object, n);
    }

    fn fill_all(object: &mut ZendObject) {
        for n in LAZY {
            fill_slot(object, n);
        }
    }
}

fn fill_slot(object: &mut ZendObject, n: u32) {
    if !object.slot(n).is_undef() {
        return;
    }
    let mut value = Value::null();
    // What is made owns Rust memory meanwhile, which a bailout (out of memory) would skip.
    let ended = guarded(|| {
        if let Ok(data) = state(object).0.try_borrow()
            && let Some(data) = data.as_deref()
        {
            value = make_property(data, n);
        }
    });
    let slot = object.slot(n);
    // SAFETY: an undef slot holds nothing.
    unsafe { std::ptr::write(slot, value.into_zval()) };
    if ended == crate::zend::Ended::Bailout {
        crate::zend::bailout();
    }
    if EXCESS.take() {
        let most = crate::zend::lazy::input_limits().0;
        crate::log::warning(
            "Request::parse",
            None,
            &format!("Input variables exceeded {most}. To increase the limit change max_input_vars in php.ini."),
        );
    }
}

/// The properties that hold more variables than `max_input_vars` allows: they are made before the callback,
/// so that the log has the warning even where the script never looks.
fn over_limit(data: &RequestData) -> [bool; 3] {
    let most = crate::zend::lazy::input_limits().0;
    let many = |text: &[u8], separator: u8| {
        // Each takes two bytes at least.
        text.len() >= most.saturating_mul(2) && memchr::memchr_iter(separator, text).count() >= most
    };
    let settings = data.settings.as_deref();
    let cookie = settings.is_none_or(|settings| settings.parse_cookie)
        && data.known(KnownHeader::Cookie).is_some_and(|text| many(text, b';'));
    let post = settings.is_none_or(|settings| settings.parse_post) && many(data.body_bytes(), b'&') && data.is_urlencoded();
    [many(data.query(), b'&'), cookie, post]
}

thread_local! {
    /// More variables came than `max_input_vars` allows: the log tells.
    static EXCESS: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

fn make_property(data: &RequestData, n: u32) -> Value {
    let settings = data.settings.as_deref();
    let complete = data.incoming.is_none();
    match n {
        HEADER if complete => headers(data),
        SERVER if complete => server(data),
        HEADER | SERVER => Value::array(0),
        COOKIE if settings.is_none_or(|settings| settings.parse_cookie) => cookies(data),
        GET => {
            let query = data.query();
            if query.is_empty() { Value::null() } else { form_array(query) }
        }
        POST => post(data, settings),
        FILES => match &data.upload {
            Some(upload) if !upload.files.is_empty() => from_files(&upload.files),
            _ => Value::null(),
        },
        TMPFILES => match &data.upload {
            Some(upload) if !upload.paths.is_empty() => {
                let mut list = Value::array(upload.paths.len() as u32);
                let mut array = list.array_mut();
                for path in &upload.paths {
                    array.push(Value::string(path));
                }
                list
            }
            _ => Value::null(),
        },
        _ => Value::null(),
    }
}

fn headers(data: &RequestData) -> Value {
    let names = names();
    let keep_cookie = data.settings.as_deref().is_some_and(|settings| !settings.parse_cookie);
    let mut map = Map::new(data.head.headers.len() as u32);
    for field in &data.head.headers {
        let value = field.value.of(&data.raw);
        match field.known {
            KnownHeader::Cookie if !keep_cookie => {}
            KnownHeader::Other => map.merge_text(field.name.of(&data.raw), value),
            // The last one counts.
            known @ (KnownHeader::Host
            | KnownHeader::UserAgent
            | KnownHeader::Accept
            | KnownHeader::ContentType
            | KnownHeader::ContentLength
            | KnownHeader::Authorization
            | KnownHeader::Connection
            | KnownHeader::AcceptEncoding) => map.put_text(names.lower[known as usize], value),
            known => map.merge_text(known.name().as_bytes(), value),
        }
    }
    map.finish()
}

fn server(data: &RequestData) -> Value {
    let names = names();
    let mut map = Map::new(16);
    let query = data.query();
    if !query.is_empty() {
        map.add(names.query_string, Value::string(query));
    }
    map.add(names.request_method, names.methods[data.head.method as usize].value());
    let path = data.path();
    let uri = if path == b"/" { names.root.value() } else { Value::string(path) };
    let plain = !path.iter().any(|byte| matches!(byte, b'%' | b'+'));
    map.add(names.request_uri, uri.clone());
    map.add(names.path_info, if plain { uri } else { Value::string(&percent::url_decode(path)) });
    map.add(names.request_time, Value::long((data.time / 1_000_000) as i64));
    map.add(names.request_time_float, Value::double(data.time as f64 / 1e6));
    let protocol = match data.head.version {
        _ if data.http2 => names.http2,
        Version::Http10 => names.http10,
        Version::Http11 => names.http11,
    };
    map.add(names.server_protocol, protocol.value());
    if let Some(origin) = &data.origin {
        let (remote, local) = (origin.remote(), origin.local());
        map.add(names.server_port, Value::long(i64::from(local.port())));
        map.add(names.remote_port, Value::long(i64::from(remote.port())));
        map.add(names.server_addr, host(&local));
        map.add(names.remote_addr, host(&remote));
        map.add(names.master_time, Value::long(origin.received_at()));
    }
    map.finish()
}

fn host(address: &Address) -> Value {
    if address.host_bytes() == [127, 0, 0, 1] { names().loopback.value() } else { Value::string(address.host().as_bytes()) }
}

fn cookies(data: &RequestData) -> Value {
    let mut fields =
        data.head.headers.iter().filter(|field| field.known == KnownHeader::Cookie).map(|field| field.value.of(&data.raw));
    let Some(first) = fields.next() else { return Value::null() };
    let second = fields.next();
    // Names that need no thought, as nearly all do.
    if second.is_none() && !first.iter().any(|byte| matches!(byte, b'%' | b'[' | b'.' | 0)) {
        let mut all = Value::array(4);
        let mut array = all.array_mut();
        let most = crate::zend::lazy::input_limits().0;
        for item in first.split(|byte| *byte == b';') {
            if array.read().len() >= most {
                return slow_cookies(data);
            }
            let item = item.trim_ascii_start();
            let (name, value) = match memchr(b'=', item) {
                Some(at) => (&item[..at], &item[at + 1..]),
                None => (item, &[][..]),
            };
            if name.is_empty() {
                continue;
            }
            if name.contains(&b' ') {
                return slow_cookies(data);
            }
            if array.read().get_symbol(name).is_none() {
                array.set_symbol(name, Value::string(value));
            }
        }
        return all;
    }
    slow_cookies(data)
}

fn slow_cookies(data: &RequestData) -> Value {
    let limits = form_limits();
    let mut all = Array::new();
    for field in data.head.headers.iter().filter(|field| field.known == KnownHeader::Cookie) {
        let excess = cookie::parse_into(&mut all, field.value.of(&data.raw), &limits);
        EXCESS.set(EXCESS.get() | excess.vars);
    }
    from_form(&all)
}

fn post(data: &RequestData, settings: Option<&HttpSettings>) -> Value {
    if let Some(upload) = &data.upload {
        return if upload.fields.is_empty() { Value::null() } else { from_form(&upload.fields) };
    }
    if !settings.is_none_or(|settings| settings.parse_post) || !data.is_urlencoded() {
        return Value::null();
    }
    let body = data.body_bytes();
    if body.is_empty() { Value::null() } else { form_array(body) }
}

/// Bytes that a form's text does not stand for itself with.
static NOT_PLAIN: [bool; 256] = {
    let mut table = [false; 256];
    let special = b"%+[. \0";
    let mut n = 0;
    while n < special.len() {
        table[special[n] as usize] = true;
        n += 1;
    }
    table
};

/// A query string or form as PHP's array.
fn form_array(text: &[u8]) -> Value {
    let limits = form_limits();
    let plain = limits.separators == b"&" && !text.iter().any(|byte| NOT_PLAIN[usize::from(*byte)]);
    if !plain {
        let (all, excess) = form::parse(text, &limits);
        EXCESS.set(EXCESS.get() | excess.vars);
        return from_form(&all);
    }
    let mut all = Value::array(4);
    let mut array = all.array_mut();
    for (count, item) in text.split(|byte| *byte == b'&').filter(|item| !item.is_empty()).enumerate() {
        if count >= limits.max_vars {
            EXCESS.set(true);
            break;
        }
        match memchr(b'=', item) {
            Some(0) => {}
            Some(at) => array.set_symbol(&item[..at], Value::string(&item[at + 1..])),
            None => array.set_symbol(item, Value::string(b"")),
        }
    }
    all
}

fn memchr(byte: u8, bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|other| *other == byte)
}

fn from_form(array: &Array<Vec<u8>>) -> Value {
    from_array(array, &|leaf| Value::string(leaf))
}

fn from_files(array: &Array<Leaf>) -> Value {
    from_array(array, &|leaf| match leaf {
        Leaf::Text(text) => Value::string(text),
        Leaf::Number(number) => Value::long(*number),
        Leaf::File(file) => from_file(file),
    })
}

fn from_file(file: &FileLeaf) -> Value {
    let mut all = Value::array(5);
    let mut to = all.array_mut();
    to.set_bytes(b"type", Value::string(&file.kind));
    to.set_bytes(b"tmp_name", Value::string(&file.path));
    to.set_bytes(b"size", Value::long(file.size));
    to.set_bytes(b"name", Value::string(&file.name));
    to.set_bytes(b"error", Value::long(file.error));
    all
}

fn from_array<V>(array: &Array<V>, leaf: &dyn Fn(&V) -> Value) -> Value {
    let mut all = Value::array(array.len() as u32);
    let mut to = all.array_mut();
    for (key, value) in array.iter() {
        let value = match value {
            form::Value::Leaf(value) => leaf(value),
            form::Value::Array(inner) => from_array(inner, leaf),
        };
        match key {
            Key::Int(number) => to.set_index(*number, value),
            Key::Str(text) => to.set_bytes(text, value),
        }
    }
    all
}

// ---- methods ---------------------------------------------------------------------------------------

/// `Request::getContent(): string|false`
pub fn get_content(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    match data_or_false(call.this(), ret, |data| data.body.clone()) {
        Some(Some(body)) => ret.set_str(body),
        Some(None) => ret.set_bytes(b""),
        None => {}
    }
    Ok(())
}

/// `Request::rawContent(): string|false`
pub fn raw_content(call: &mut Call, ret: &mut Zval) -> PhpResult {
    get_content(call, ret)
}

/// `Request::getData(): string|false`
pub fn get_data(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    let Some(http2) = data_or_false(this, ret, |data| data.http2) else { return Ok(()) };
    if http2 {
        crate::php::report::fatal(crate::zend::error::E_WARNING, "unable to get data from HTTP2 request");
        ret.set_bool(false);
        return Ok(());
    }
    data_or_false(this, ret, |data| {
        let incoming = data.incoming.as_ref().map_or(&[][..], |incoming| &incoming.bytes);
        [&data.raw, data.body_bytes(), incoming].concat()
    })
    .inspect(|all| ret.set_bytes(all));
    Ok(())
}

/// `Request::getMethod(): string|false`
pub fn get_method(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let method = data_or_false(call.this(), ret, |data| match &data.incoming {
        // Known as soon as its bytes are there.
        Some(incoming) => incoming.bytes.split(|byte| *byte == b' ').next().and_then(Method::from_bytes).unwrap_or_default(),
        None => data.head.method,
    });
    if let Some(method) = method {
        names().methods[method as usize].value().give(ret);
    }
    Ok(())
}

/// `Request::isCompleted(): bool`
pub fn is_completed(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    if let Some(whole) = data_or_false(call.this(), ret, |data| data.incoming.is_none()) {
        ret.set_bool(whole);
    }
    Ok(())
}

/// `Request::read(int $length = 0, float $timeout = -1): string|false`
pub fn read(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(0, 2)?;
    let most = usize::try_from(args.opt_long()?.unwrap_or(0)).unwrap_or(0);
    let wait = args.opt_double()?.unwrap_or(-1.0);
    let this = call.this();
    let Some(stream) = data_or_false(this, ret, |data| data.stream.clone()) else { return Ok(()) };
    let Some(stream) = stream else {
        // The body is here already: all of it once, then its end.
        let body = with_data(this, |data| data.body.take()).flatten();
        match body {
            Some(body) if most > 0 && body.len() > most => {
                ret.set_bytes(&body[..most]);
                let rest = ZStr::new(&body[most..]);
                with_data(this, |data| data.body = Some(rest));
            }
            Some(body) => ret.set_str(body),
            None => ret.set_bytes(b""),
        }
        return Ok(());
    };
    let piece = stream.read(most, crate::php::coroutine::timeout(wait));
    match &piece {
        Some(piece) => ret.set_bytes(piece),
        None => ret.set_bool(false),
    }
    drop((piece, stream));
    crate::php::server::dispatch::check()?;
    crate::zend::error::check()
}

/// `Request::create(array $options = []): Request`
pub fn create(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let options = call.args(0, 1)?.opt_array()?;
    let mut settings = HttpSettings { parse_files: true, ..HttpSettings::default() };
    if let Some(given) = options {
        settings.apply(given);
        let flags: [(&str, &mut bool); 4] = [
            ("parse_cookie", &mut settings.parse_cookie),
            ("parse_body", &mut settings.parse_post),
            ("parse_files", &mut settings.parse_files),
            ("enable_compression", &mut settings.compression),
        ];
        for (key, field) in flags {
            if let Some(value) = given.setting(key) {
                *field = value.to_bool();
            }
        }
    }
    let mut data = RequestData::take();
    let limits = protocol::http1::Limits { max_request: u32::MAX, ..settings.limits() };
    data.settings = Some(std::rc::Rc::new(settings));
    data.time = crate::server::now_us();
    data.incoming = Some(Box::new(Incoming { parser: Parser::new(limits), bytes: Vec::new() }));
    make(data, 0, 0).give(ret);
    Ok(())
}

/// `Request::parse(string $data): int|false`
pub fn parse(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let bytes = call.args(1, 1)?.bytes()?;
    let this = call.this();
    let outcome = with_data(this, |data| {
        let mut incoming = data.incoming.take()?;
        let before = incoming.bytes.len();
        incoming.bytes.extend_from_slice(bytes);
        match incoming.parser.parse(&incoming.bytes) {
            Progress::Complete { consumed } => {
                incoming.parser.swap_head(&mut data.head);
                let head_len = data.head.head_len as usize;
                data.raw.clear();
                data.raw.extend_from_slice(&incoming.bytes[..head_len]);
                let mut body = Vec::new();
                data.head.copy_body(&incoming.bytes, &mut body);
                Some((Some(body), consumed.saturating_sub(before)))
            }
            Progress::Reject(_) | Progress::Http2Preface => {
                data.incoming = Some(incoming);
                Some((None, 0))
            }
            Progress::Head | Progress::Incomplete { .. } => {
                data.incoming = Some(incoming);
                Some((None, bytes.len()))
            }
        }
    });
    let Some(Some((body, used))) = outcome else {
        set_last(Code::HTTP_CONTEXT_UNAVAILABLE);
        ret.set_bool(false);
        return Ok(());
    };
    if let Some(body) = body {
        let upload = with_data(this, |data| data.multipart_parameters().map(<[u8]>::to_vec)).flatten().and_then(|parameters| {
            let (dir, parse_files) = with_data(this, |data| {
                data.settings.as_ref().map(|settings| (settings.upload_tmp_dir.clone(), settings.parse_files))
            })??;
            let mut spool = Spool::new(boundary(&parameters)?, &dir, parse_files, &form_limits()).ok()?;
            spool.push(&body).ok()?;
            spool.finish().ok()
        });
        let body = if body.is_empty() { None } else { Some(ZStr::new(&body)) };
        with_data(this, |data| {
            data.body = body;
            data.upload = upload.map(Box::new);
        });
        // What was read before now is read anew.
        make_lazy(this, LAZY);
    }
    ret.set_long(used as i64);
    Ok(())
}
