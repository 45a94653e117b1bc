//! From `set()`'s array to settings. What is out of range is brought into it, as Swoole does.

use std::ffi::c_int;
use std::fmt::Write;
use std::rc::Rc;
use std::time::Duration;

use super::Server;
use super::port::Listen;
use crate::php::{report, settings};
use crate::server::DispatchMode;
use crate::server::cpu_num;
use crate::zend::error::{E_ERROR, E_WARNING};
use crate::zend::{Array, Callable, Zval, ZvalExt};
use protocol::framing::{PackType, eof::MAX_EOF};

/// A setting that cannot be; told when nothing is owned any more, as an error does not return.
pub struct Problem {
    level: c_int,
    text: report::Line<512>,
}

impl Problem {
    pub fn error(text: std::fmt::Arguments<'_>) -> Self {
        Self::new(E_ERROR, text)
    }

    pub fn new(level: c_int, text: std::fmt::Arguments<'_>) -> Self {
        let mut line = report::Line::default();
        let _ = line.write_fmt(text);
        Self { level, text: line }
    }

    pub fn raise(&self) {
        report::fatal(self.level, self.text.text());
    }
}

/// A text setting.
pub fn text(value: &Zval) -> Option<String> {
    let text = value.to_zstr()?;
    Some(String::from_utf8_lossy(&text).into_owned())
}

fn number(value: &Zval, least: i64, most: i64) -> i64 {
    value.to_long().clamp(least, most)
}

fn bytes(value: &Zval) -> usize {
    settings::size(value).clamp(0, i64::from(u32::MAX)) as usize
}

/// Coroutine settings that `Server::set` shares with `Coroutine::set`.
pub fn coroutine(given: Array<'_>) {
    crate::php::coroutine::options::apply(given);
}

/// Sizes in bytes, which may be texts such as `8M`.
const SIZES: [&str; 21] = [
    "package_max_length",
    "socket_buffer_size",
    "buffer_high_watermark",
    "buffer_low_watermark",
    "kernel_socket_recv_buffer_size",
    "kernel_socket_send_buffer_size",
    "input_buffer_size",
    "buffer_input_size",
    "output_buffer_size",
    "buffer_output_size",
    "max_queued_bytes",
    "upload_max_filesize",
    "http_compression_min_length",
    "compression_min_length",
    "http2_header_table_size",
    "http2_max_concurrent_streams",
    "http2_init_window_size",
    "http2_max_frame_size",
    "http2_max_header_list_size",
    "c_stack_size",
    "stack_size",
];

/// Lists, and what is said of anything else in their place.
const LISTS: [(&str, &str); 6] = [
    ("http_compression_types", "http_compression_types must be array"),
    ("compression_types", "http_compression_types must be array"),
    ("static_handler_locations", "static_handler_locations num must be array"),
    ("http_index_files", "http_index_files must be array"),
    ("url_rewrite_rules", "The `url_rewrite_rules` must be array"),
    ("cpu_affinity_ignore", "cpu_affinity_ignore must be array"),
];

/// What has a value of a kind that means nothing. Told before anything is applied.
pub fn misshapen(given: Array<'_>) -> Option<Problem> {
    let size = SIZES.iter().find_map(|name| {
        let value = given.setting(name)?;
        let problem = settings::size_problem(value)?;
        let shown = String::from_utf8_lossy(value.bytes()?);
        Some(Problem::error(format_args!("failed to parse '{shown}' to size, Error: {}", problem.text())))
    });
    let list = || {
        let (_, text) =
            LISTS.iter().find(|(name, _)| given.setting(name).is_some_and(|value| !value.dereference().is_array()))?;
        Some(Problem::error(format_args!("{text}")))
    };
    size.or_else(list).or_else(|| {
        let dir = given.setting("upload_tmp_dir").and_then(text)?;
        std::fs::create_dir_all(&dir).err().map(|_| Problem::error(format_args!("Unable to create upload_tmp_dir[{dir}]")))
    })
}

/// Warns of a setting that should be a function and is none.
fn not_callable(value: &Zval) -> Problem {
    let named = if value.dereference().is_array() { None } else { value.to_zstr() };
    match named {
        Some(name) => Problem::new(E_WARNING, format_args!("function '{}' is not callable", String::from_utf8_lossy(&name))),
        None => Problem::new(E_WARNING, format_args!("illegal callback function")),
    }
}

/// The settings of the server as a whole.
pub fn server(server: &Rc<Server>, given: Array<'_>) -> Option<Problem> {
    let get = |key| given.setting(key);
    let mut settings = server.settings.borrow_mut();
    let to = &mut *settings;
    let u32_of = |value: &Zval| number(value, 0, i64::from(u32::MAX)) as u32;

    if let Some(value) = get("chroot") {
        to.chroot = text(value);
    }
    if let Some(value) = get("user") {
        to.user = text(value);
    }
    if let Some(value) = get("group") {
        to.group = text(value);
    }
    if let Some(value) = get("daemonize") {
        to.daemonize = value.to_bool();
    }
    if let Some(value) = get("pid_file") {
        to.pid_file = text(value);
    }
    let count = |value: &Zval, most| match number(value, 0, most) {
        0 => cpu_num(),
        number => number as usize,
    };
    if let Some(value) = get("reactor_num") {
        to.reactor_num = count(value, 65_535);
    }
    if let Some(value) = get("single_thread") {
        to.single_thread = value.to_bool();
    }
    if let Some(value) = get("worker_num") {
        to.worker_num = count(value, i64::from(u32::MAX));
    }
    if let Some(value) = get("max_wait_time") {
        to.max_wait_time = Duration::from_secs(u64::from(u32_of(value)));
    }
    if let Some(value) = get("max_queued_bytes") {
        to.max_queued_bytes = bytes(value);
    }
    if let Some(value) = get("max_concurrency") {
        to.max_concurrency = u32_of(value).max(1);
        if to.worker_max_concurrency == u32::MAX {
            to.worker_max_concurrency = to.max_concurrency;
        }
    }
    if let Some(value) = get("worker_max_concurrency") {
        to.worker_max_concurrency = u32_of(value).max(1);
    }
    to.enable_coroutine = match get("enable_coroutine") {
        Some(value) => value.to_bool(),
        None => settings::read(|all| all.enable_coroutine),
    };
    if let Some(value) = get("send_timeout") {
        to.send_timeout = value.to_double();
    }
    if let Some(value) = get("dispatch_mode") {
        // A number that means nothing: whoever is idle, as in Swoole.
        to.dispatch_mode = DispatchMode::from_number(value.to_long()).unwrap_or(DispatchMode::Idle);
    }
    let mut problem = None;
    to.send_yield = match get("send_yield") {
        Some(value) => {
            let wanted = value.to_bool();
            if wanted && !matches!(to.dispatch_mode, DispatchMode::Fd | DispatchMode::Ip) {
                problem = Some("'send_yield' option can only be set when using dispatch_mode=2/4");
                false
            } else {
                wanted
            }
        }
        None => to.enable_coroutine,
    };
    let mut no_function = None;
    if let Some(value) = get("dispatch_func") {
        match Callable::new(value) {
            Some(function) => {
                *server.dispatch_function.borrow_mut() = Some(Rc::new(function));
                to.single_thread = true;
            }
            None => no_function = Some(not_callable(value)),
        }
    }
    let flags: [(&str, &mut bool); 6] = [
        ("discard_timeout_request", &mut to.discard_timeout_request),
        ("enable_unsafe_event", &mut to.enable_unsafe_event),
        ("enable_delay_receive", &mut to.enable_delay_receive),
        ("enable_reuse_port", &mut to.enable_reuse_port),
        ("task_enable_coroutine", &mut to.task_enable_coroutine),
        ("reload_async", &mut to.reload_async),
    ];
    for (key, field) in flags {
        if let Some(value) = get(key) {
            *field = value.to_bool();
        }
    }
    if let Some(value) = get("task_use_object").or_else(|| get("task_object")) {
        to.task_object = value.to_bool();
    }
    if let Some(value) = get("event_object") {
        to.event_object = value.to_bool();
        to.task_object |= to.event_object;
    }
    if let Some(value) = get("task_worker_num") {
        to.task_worker_num = u32_of(value) as usize;
    }
    if let Some(value) = get("task_ipc_mode") {
        to.task_ipc_mode = number(value, 0, 255) as u8;
    }
    if let Some(value) = get("task_tmpdir").and_then(text) {
        to.task_tmpdir = value;
    }
    const MIN_REQUEST: u32 = 10;
    if let Some(value) = get("task_max_request") {
        to.task_max_request = u32_of(value);
        match get("task_max_request_grace") {
            Some(value) => to.task_max_request_grace = u32_of(value),
            None if to.task_max_request > MIN_REQUEST => to.task_max_request_grace = to.task_max_request / 2,
            None => {}
        }
    }
    if let Some(value) = get("max_connection").or_else(|| get("max_conn")) {
        max_connection(to, u32_of(value) as usize);
    }
    if let Some(value) = get("start_session_id") {
        to.start_session_id = value.to_long();
    }
    if let Some(value) = get("heartbeat_check_interval") {
        to.heartbeat_check_interval = number(value, 0, 65_535) as u32;
    } else if let Some(value) = get("heartbeat_idle_time") {
        let idle = value.to_long();
        to.heartbeat_check_interval = if idle > 2 { (idle / 2).min(65_535) as u32 } else { 1 };
    }
    if let Some(value) = get("max_request") {
        to.max_request = u32_of(value);
        match get("max_request_grace") {
            Some(value) => to.max_request_grace = u32_of(value),
            None if to.max_request > MIN_REQUEST => to.max_request_grace = to.max_request / 2,
            None => {}
        }
    }
    if let Some(value) = get("open_cpu_affinity") {
        to.open_cpu_affinity = value.to_bool();
    }
    if let Some(ignored) = get("cpu_affinity_ignore").and_then(|value| value.as_array()) {
        let cpus = cpu_num();
        if ignored.len() >= cpus {
            return Some(Problem::error(format_args!("cpu_affinity_ignore num must be less than cpu num ({cpus})")));
        }
        let mut without = Vec::new();
        ignored.each(|_, value| {
            without.push(value.to_long());
            true
        });
        to.cpu_affinity = (0..cpus).filter(|cpu| !without.contains(&(*cpu as i64))).collect();
    }
    if let Some(value) = get("input_buffer_size").or_else(|| get("buffer_input_size")) {
        to.input_buffer_size = bytes(value);
    }
    if let Some(value) = get("output_buffer_size").or_else(|| get("buffer_output_size")) {
        to.output_buffer_size = bytes(value);
    }
    if let Some(value) = get("message_queue_key") {
        to.message_queue_key = value.to_long().max(0);
    }
    if to.task_enable_coroutine && matches!(to.task_ipc_mode, 2 | 3) {
        return Some(Problem::error(format_args!("cannot use msgqueue when `task_enable_coroutine` is enable")));
    }
    drop(settings);
    if let Some(text) = problem {
        report::notice(E_WARNING, text);
    }
    if let Some(problem) = no_function {
        problem.raise();
    }
    None
}

/// As many connections as descriptors and sense allow.
fn max_connection(to: &mut crate::server::Settings, wanted: usize) {
    let limit = crate::server::open_files_limit();
    let warn = |text: String| crate::log::warning("Server::set_max_connection", None, &text);
    to.max_connection = if wanted == 0 {
        crate::server::default_max_connection()
    } else if wanted > limit {
        warn(format!("max_connection is exceed the maximum value, it's reset to {limit}"));
        limit
    } else if wanted < 2 * to.worker_num + 32 {
        let least = 2 * to.worker_num + 32;
        warn(format!("max_connection must be bigger than {least}, it's reset to {limit}"));
        limit
    } else {
        wanted
    };
}

/// The settings of one port.
pub fn port(server: &Rc<Server>, listen: &Rc<Listen>, given: Array<'_>) -> Option<Problem> {
    let get = |key| given.setting(key);
    let mut settings = listen.port.settings.borrow_mut();
    let to = &mut *settings;
    let i32_of = |value: &Zval| number(value, i64::from(i32::MIN), i64::from(i32::MAX)) as i32;

    if let Some(value) = get("backlog") {
        to.backlog = number(value, 0, 65_535) as i32;
    }
    let size = |value: &Zval| match settings::size(value) {
        bytes if bytes <= 0 => i32::MAX as usize,
        bytes => bytes.min(i64::from(i32::MAX)) as usize,
    };
    if let Some(value) = get("socket_buffer_size") {
        to.socket_buffer_size = size(value);
    }
    if let Some(value) = get("kernel_socket_recv_buffer_size") {
        to.kernel_recv_buffer = size(value);
    }
    if let Some(value) = get("kernel_socket_send_buffer_size") {
        to.kernel_send_buffer = size(value);
    }
    if let Some(value) = get("heartbeat_idle_time") {
        to.heartbeat_idle_time = number(value, 0, 65_535) as u32;
    }
    if let Some(value) = get("buffer_high_watermark") {
        to.buffer_high_watermark = bytes(value);
    }
    if let Some(value) = get("buffer_low_watermark") {
        to.buffer_low_watermark = bytes(value);
    }
    to.open_tcp_nodelay = get("open_tcp_nodelay").is_none_or(|value| value.to_bool());
    let flags: [(&str, &mut bool); 8] = [
        ("open_tcp_keepalive", &mut to.open_tcp_keepalive),
        ("open_eof_check", &mut to.open_eof_check),
        ("open_eof_split", &mut to.open_eof_split),
        ("open_http_protocol", &mut to.open_http_protocol),
        ("open_mqtt_protocol", &mut to.open_mqtt_protocol),
        ("open_redis_protocol", &mut to.open_redis_protocol),
        ("tcp_fastopen", &mut to.tcp_fastopen),
        ("open_length_check", &mut to.open_length_check),
    ];
    for (key, field) in flags {
        if let Some(value) = get(key) {
            *field = value.to_bool();
        }
    }
    to.open_eof_check |= to.open_eof_split;
    if let Some(value) = get("open_websocket_protocol") {
        to.open_websocket_protocol = value.to_bool();
        to.open_http_protocol |= to.open_websocket_protocol;
    }
    if let Some(value) = get("open_http2_protocol") {
        to.open_http2_protocol = value.to_bool();
        to.open_http_protocol |= to.open_http2_protocol;
    }
    let numbers: [(&str, &mut i32); 5] = [
        ("tcp_defer_accept", &mut to.tcp_defer_accept),
        ("tcp_keepidle", &mut to.tcp_keepidle),
        ("tcp_keepinterval", &mut to.tcp_keepinterval),
        ("tcp_keepcount", &mut to.tcp_keepcount),
        ("tcp_user_timeout", &mut to.tcp_user_timeout),
    ];
    for (key, field) in numbers {
        if let Some(value) = get(key) {
            *field = i32_of(value);
        }
    }
    if let Some(value) = get("max_idle_time") {
        to.max_idle_time = value.to_double().max(0.001);
    }
    if let Some(marker) = get("package_eof").and_then(|value| value.to_zstr()) {
        if marker.is_empty() {
            return Some(Problem::error(format_args!("package_eof cannot be an empty string")));
        }
        if marker.len() > MAX_EOF {
            return Some(Problem::error(format_args!("package_eof max length is {MAX_EOF}")));
        }
        to.package_eof = marker.to_vec();
    }
    if let Some(letter) = get("package_length_type").and_then(|value| value.to_zstr()) {
        let letter = letter.first().copied().unwrap_or(0);
        if PackType::parse(letter).is_none() {
            return Some(Problem::error(format_args!("unknown package_length_type, see pack(). Link: https://php.net/pack")));
        }
        to.package_length_type = letter;
    }
    /// A header must lie within the first bytes that are looked at.
    const MAX_OFFSET: usize = 8192;
    let mut too_large = None;
    if let Some(value) = get("package_length_offset") {
        to.package_length_offset = number(value, 0, 65_535) as usize;
        if to.package_length_offset > MAX_OFFSET {
            too_large = Some("package_length_offset");
        }
    }
    if let Some(value) = get("package_body_offset").or_else(|| get("package_body_start")) {
        to.package_body_offset = number(value, 0, 65_535) as usize;
        if to.package_body_offset > MAX_OFFSET {
            too_large = Some("package_body_offset");
        }
    }
    if let Some(name) = too_large {
        return Some(Problem::error(format_args!("'{name}' value is too large")));
    }
    if let Some(function) = get("package_length_func") {
        match Callable::new(function) {
            Some(callable) => {
                to.has_length_function = true;
                listen.length_function.set(Some(Rc::new(callable)));
                server.settings.borrow_mut().single_thread = true;
            }
            None => return Some(not_callable(function)),
        }
    }
    if let Some(value) = get("package_max_length") {
        to.package_max_length = bytes(value);
    }
    None
}
