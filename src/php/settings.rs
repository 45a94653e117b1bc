//! Settings of the whole process that `swoole_async_set`, `Coroutine::set` and `Server::set` share.

use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::code::{Code, set_last};
use super::coroutine::dns;
use super::lifecycle::is_loop_in_use;
use super::mime;
use super::report::{self, Line};
use crate::log;
use crate::zend::error::{E_ERROR, E_WARNING};
use crate::zend::registration::{reset_display_errors, set_display_errors};
use crate::zend::{Array, Call, PhpResult, Thrown, Zval, ZvalExt, sys};

/// Defaults that sockets, DNS and HTTP/2 take over when they are made.
#[derive(Clone, Debug)]
pub struct Settings {
    /// None waits for ever.
    pub dns_timeout: Option<Duration>,
    pub connect_timeout: Option<Duration>,
    pub read_timeout: Option<Duration>,
    pub write_timeout: Option<Duration>,
    /// Bytes; 0 leaves it to the kind of socket.
    pub socket_buffer_size: usize,
    /// Takes one of a name's addresses by chance instead of the first.
    pub dns_lookup_random: bool,
    /// The loop goes on while a signal handler is set.
    pub wait_signal: bool,
    pub enable_signalfd: bool,
    /// Callbacks of timers, events and servers run in coroutines.
    pub enable_coroutine: bool,
    /// Threads of the blocking pool: kept, and at most; 0 leaves it to the pool.
    pub min_threads: usize,
    pub max_threads: usize,
    pub print_backtrace_on_error: bool,
    pub http2: Http2,
}

/// HTTP/2 settings (RFC 9113, 6.5.2) of connections to come; none is the protocol's or our default.
#[derive(Clone, Debug, Default)]
pub struct Http2 {
    pub header_table_size: Option<u32>,
    pub enable_push: Option<u32>,
    pub max_concurrent_streams: Option<u32>,
    pub init_window_size: Option<u32>,
    pub max_frame_size: Option<u32>,
    pub max_header_list_size: Option<u32>,
}

impl Settings {
    const DEFAULT: Self = Self {
        dns_timeout: Some(Duration::from_secs(60)),
        connect_timeout: Some(Duration::from_secs(2)),
        read_timeout: None,
        write_timeout: None,
        socket_buffer_size: 0,
        dns_lookup_random: false,
        wait_signal: false,
        enable_signalfd: true,
        enable_coroutine: true,
        min_threads: 0,
        max_threads: 0,
        print_backtrace_on_error: false,
        http2: Http2 {
            header_table_size: None,
            enable_push: None,
            max_concurrent_streams: None,
            init_window_size: None,
            max_frame_size: None,
            max_header_list_size: None,
        },
    };
}

static SETTINGS: Mutex<Settings> = Mutex::new(Settings::DEFAULT);

/// Reads what is set now.
pub fn read<T>(of: impl FnOnce(&Settings) -> T) -> T {
    of(&SETTINGS.lock().unwrap_or_else(PoisonError::into_inner))
}

fn write(change: impl FnOnce(&mut Settings)) {
    change(&mut SETTINGS.lock().unwrap_or_else(PoisonError::into_inner));
}

/// Back to the defaults, as a request begins: it must not see what the one before has set.
pub fn reset() {
    write(|settings| *settings = Settings::DEFAULT);
    reset_display_errors();
    log::reset();
    mime::reset();
    dns::reset();
    set_last(Code(0));
}

/// Whether callbacks of the loop run in coroutines, from now on.
pub fn set_enable_coroutine(on: bool) {
    write(|settings| settings.enable_coroutine = on);
}

/// A timeout in seconds as settings give it: 0, below or past 2^31-1 is for ever.
pub fn timeout(seconds: f64) -> Option<Duration> {
    (seconds > 0.0 && seconds <= f64::from(i32::MAX)).then(|| Duration::from_secs_f64(seconds))
}

/// A size in bytes: a number, or a text such as `8M`, as php.ini has it.
pub fn size(value: &Zval) -> i64 {
    parse_size(value, &mut Line::default()).0
}

/// As [`size`]; `problem` takes what PHP has to say of the text.
fn parse_size(value: &Zval, problem: &mut Line<256>) -> (i64, bool) {
    if value.bytes().is_none() {
        return (value.to_long(), true);
    }
    let mut text = [0; 256];
    let mut size = 0;
    // SAFETY: a string; one number and as many bytes as it is told are written, the last a zero.
    let valid = unsafe { sys::swrs_parse_quantity(std::ptr::from_ref(value), &mut size, text.as_mut_ptr().cast(), text.len()) };
    if let Some(text) = std::ffi::CStr::from_bytes_until_nul(&text).ok().and_then(|text| text.to_str().ok()) {
        let _ = problem.write_str(text);
    }
    (size, valid)
}

/// What PHP has to say of a size that it cannot read.
pub fn size_problem(value: &Zval) -> Option<Line<256>> {
    let mut problem = Line::default();
    (!parse_size(value, &mut problem).1).then_some(problem)
}

/// A size that PHP cannot read ends the script, before anything owns something.
pub fn require_size(value: &Zval) {
    let (mut problem, mut line) = (Line::<256>::default(), Line::<512>::default());
    if !parse_size(value, &mut problem).1 {
        let text = str::from_utf8(value.bytes().unwrap_or_default()).unwrap_or_default();
        let _ = write!(line, "failed to parse '{text}' to size, Error: {}", problem.text());
        report::fatal(E_ERROR, line.text());
    }
}

/// A setting's text, in Rust's memory.
fn text(value: &Zval) -> Option<String> {
    let text = value.to_zstr()?;
    Some(String::from_utf8_lossy(&text).into_owned())
}

/// Applies the settings that concern the process; others are the caller's.
pub fn apply(options: Array<'_>) {
    let get = |key| options.setting(key);
    if let Some(value) = get("trace_flags") {
        log::set_trace_flags(value.to_long());
    }
    // Before the file is opened, whose name it changes.
    if let Some(value) = get("log_rotation") {
        log::set_rotation(log::Rotation::from_number(value.to_long()));
    }
    if let Some(path) = get("log_file").and_then(text) {
        log::set_file(&path);
    }
    if let Some(value) = get("log_level") {
        log::set_level(value.to_long());
    }
    if let Some(format) = get("log_date_format").and_then(text)
        && !log::set_date_format(format.as_bytes())
    {
        set_last(Code::INVALID_PARAMS);
    }
    if let Some(value) = get("log_date_with_microseconds") {
        log::set_microseconds(value.to_bool());
    }
    if let Some(value) = get("display_errors") {
        set_display_errors(value.to_bool());
    }
    if let Some(server) = get("dns_server").and_then(text) {
        let address = net::server_of(&server);
        if address.is_none() && !server.is_empty() {
            report::fatal(E_WARNING, "dns_server must be an address, with or without a port");
        }
        net::set_server(address);
    }
    flags(options);
    timeouts(options);
    http2(options);
}

fn flags(options: Array<'_>) {
    let fields: [(&str, fn(&mut Settings) -> &mut bool); 2] = [
        ("enable_signalfd", |settings| &mut settings.enable_signalfd),
        ("print_backtrace_on_error", |settings| &mut settings.print_backtrace_on_error),
    ];
    for (key, field) in fields {
        if let Some(on) = options.setting(key).map(|value| value.to_bool()) {
            write(|settings| *field(settings) = on);
        }
    }
}

fn timeouts(options: Array<'_>) {
    let fields: [(&str, fn(&mut Settings, Option<Duration>)); 7] = [
        ("socket_dns_timeout", |settings, value| settings.dns_timeout = value),
        ("socket_connect_timeout", |settings, value| settings.connect_timeout = value),
        ("socket_send_timeout", |settings, value| settings.write_timeout = value),
        ("socket_write_timeout", |settings, value| settings.write_timeout = value),
        ("socket_recv_timeout", |settings, value| settings.read_timeout = value),
        ("socket_read_timeout", |settings, value| settings.read_timeout = value),
        ("socket_timeout", |settings, value| (settings.read_timeout, settings.write_timeout) = (value, value)),
    ];
    for (key, set) in fields {
        if let Some(value) = options.setting(key).map(|value| timeout(value.to_double())) {
            write(|settings| set(settings, value));
        }
    }
    if let Some(bytes) = options.setting("socket_buffer_size").map(size) {
        write(|settings| settings.socket_buffer_size = usize::try_from(bytes).unwrap_or(0));
    }
}

fn http2(options: Array<'_>) {
    let fields: [(&str, fn(&mut Http2) -> &mut Option<u32>); 6] = [
        ("http2_header_table_size", |http2| &mut http2.header_table_size),
        ("http2_enable_push", |http2| &mut http2.enable_push),
        ("http2_max_concurrent_streams", |http2| &mut http2.max_concurrent_streams),
        ("http2_init_window_size", |http2| &mut http2.init_window_size),
        ("http2_max_frame_size", |http2| &mut http2.max_frame_size),
        ("http2_max_header_list_size", |http2| &mut http2.max_header_list_size),
    ];
    for (key, field) in fields {
        if let Some(value) = options.setting(key).map(size) {
            write(|settings| *field(&mut settings.http2) = u32::try_from(value).ok());
        }
    }
}

/// `swoole_async_set`: the process's settings, and those of the loop and the blocking pool.
pub fn async_set(call: &mut Call, ret: &mut Zval) -> PhpResult {
    if is_loop_in_use() {
        report::fatal(E_ERROR, "eventLoop has already been created. unable to change settings");
        return Err(Thrown::Bailout);
    }
    let options = call.args(1, 1)?.array()?;
    apply(options);
    for key in ["thread_num", "min_thread_num", "max_thread_num"] {
        if let Some(count) = options.setting(key).map(|value| value.to_long().clamp(1, i64::from(u32::MAX)) as usize) {
            let most = key == "max_thread_num";
            write(|settings| *(if most { &mut settings.max_threads } else { &mut settings.min_threads }) = count);
        }
    }
    let fields: [(&str, fn(&mut Settings) -> &mut bool); 3] = [
        ("wait_signal", |settings| &mut settings.wait_signal),
        ("dns_lookup_random", |settings| &mut settings.dns_lookup_random),
        ("enable_coroutine", |settings| &mut settings.enable_coroutine),
    ];
    for (key, field) in fields {
        if let Some(on) = options.setting(key).map(|value| value.to_bool()) {
            write(|settings| *field(settings) = on);
        }
    }
    if let Some(seconds) = options.setting("dns_cache_refresh_time").map(|value| value.to_double()) {
        super::coroutine::dns::set_expiry(seconds);
    }
    ret.set_bool(true);
    Ok(())
}
