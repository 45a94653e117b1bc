//! The settings of a server and of its ports, parsed. Defaults are Swoole's.

use std::time::Duration;

use protocol::framing::{Eof, Framer, LengthField, PackType};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Base,
    Process,
}

/// Which worker gets a packet (`dispatch_mode`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DispatchMode {
    Round = 1,
    Fd = 2,
    Idle = 3,
    Ip = 4,
    Uid = 5,
    Stream = 7,
    CoConnection = 8,
    CoRequest = 9,
    ConcurrentLeast = 10,
}

impl DispatchMode {
    pub fn from_number(number: i64) -> Option<Self> {
        Some(match number {
            1 => Self::Round,
            2 => Self::Fd,
            3 => Self::Idle,
            4 => Self::Ip,
            5 => Self::Uid,
            7 => Self::Stream,
            8 => Self::CoConnection,
            9 => Self::CoRequest,
            10 => Self::ConcurrentLeast,
            _ => return None,
        })
    }

    /// Each connection stays with one worker, so that order and state hold.
    pub fn is_sticky(self) -> bool {
        matches!(self, Self::Fd | Self::Ip | Self::Uid | Self::CoConnection)
    }
}

#[derive(Clone, Debug)]
pub struct Settings {
    pub mode: Mode,
    pub reactor_num: usize,
    pub worker_num: usize,
    pub task_worker_num: usize,
    pub single_thread: bool,
    pub dispatch_mode: DispatchMode,
    pub enable_coroutine: bool,
    pub task_enable_coroutine: bool,
    pub event_object: bool,
    pub task_object: bool,
    pub send_yield: bool,
    /// Seconds; 0: for ever.
    pub send_timeout: f64,
    pub max_connection: usize,
    pub max_concurrency: u32,
    pub worker_max_concurrency: u32,
    pub max_request: u32,
    pub max_request_grace: u32,
    pub task_max_request: u32,
    pub task_max_request_grace: u32,
    pub task_ipc_mode: u8,
    pub message_queue_key: i64,
    pub task_tmpdir: String,
    pub max_wait_time: Duration,
    pub reload_async: bool,
    pub enable_reuse_port: bool,
    pub enable_unsafe_event: bool,
    pub enable_delay_receive: bool,
    pub discard_timeout_request: bool,
    pub max_queued_bytes: usize,
    /// Seconds; 0: no check.
    pub heartbeat_check_interval: u32,
    pub start_session_id: i64,
    pub daemonize: bool,
    pub pid_file: Option<String>,
    pub user: Option<String>,
    pub group: Option<String>,
    pub chroot: Option<String>,
    pub open_cpu_affinity: bool,
    pub cpu_affinity: Vec<usize>,
    pub output_buffer_size: usize,
    pub input_buffer_size: usize,
}

/// The number of processors that this process may use.
pub fn cpu_num() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

impl Settings {
    pub fn new(mode: Mode) -> Self {
        let many = match mode {
            Mode::Base => 1,
            Mode::Process => cpu_num(),
        };
        Self {
            mode,
            reactor_num: many,
            worker_num: many,
            task_worker_num: 0,
            single_thread: false,
            dispatch_mode: DispatchMode::Fd,
            enable_coroutine: true,
            task_enable_coroutine: false,
            event_object: false,
            task_object: false,
            send_yield: true,
            send_timeout: 0.0,
            max_connection: default_max_connection(),
            max_concurrency: u32::MAX,
            worker_max_concurrency: u32::MAX,
            max_request: 0,
            max_request_grace: 0,
            task_max_request: 0,
            task_max_request_grace: 0,
            task_ipc_mode: 1,
            message_queue_key: 0,
            task_tmpdir: "/tmp".to_owned(),
            max_wait_time: Duration::from_secs(3),
            reload_async: true,
            enable_reuse_port: false,
            enable_unsafe_event: false,
            enable_delay_receive: false,
            discard_timeout_request: false,
            max_queued_bytes: 0,
            heartbeat_check_interval: 0,
            start_session_id: 0,
            daemonize: false,
            pid_file: None,
            user: None,
            group: None,
            chroot: None,
            open_cpu_affinity: false,
            cpu_affinity: Vec::new(),
            output_buffer_size: u32::MAX as usize,
            input_buffer_size: 2 * 1024 * 1024,
        }
    }

    /// Whether workers hear of a connection's beginning and end: only where it stays with one of them, or
    /// the program insists.
    pub fn tells(&self) -> bool {
        self.mode == Mode::Base || self.dispatch_mode.is_sticky() || self.enable_unsafe_event
    }

    /// Whether one process does everything, without a manager.
    pub fn is_single_process(&self, user_processes: usize) -> bool {
        self.mode == Mode::Base
            && self.worker_num == 1
            && self.task_worker_num == 0
            && self.max_request == 0
            && user_processes == 0
    }
}

/// The limit on open files, at most 100 000.
pub fn default_max_connection() -> usize {
    open_files_limit().clamp(1, 100_000)
}

/// The soft limit on open files of this process.
pub fn open_files_limit() -> usize {
    match nix::sys::resource::getrlimit(nix::sys::resource::Resource::RLIMIT_NOFILE) {
        Ok((soft, _)) => usize::try_from(soft).unwrap_or(usize::MAX),
        Err(_) => 1024,
    }
}

/// How a stream port's bytes become packets.
#[derive(Clone, Debug)]
pub enum Framing {
    Raw,
    EofCheck(Eof),
    EofSplit(Eof),
    Length {
        kind: PackType,
        offset: usize,
        body_offset: usize,
    },
    /// `package_length_func`.
    Function,
    Mqtt,
}

impl Framing {
    /// None for [`Framing::Raw`] and for [`Framing::Function`], which only the script's side can make.
    pub fn framer(&self, max: usize) -> Option<Framer> {
        Some(match self {
            Self::Raw | Self::Function => return None,
            Self::EofCheck(eof) => Framer::eof_check(eof.clone(), max),
            Self::EofSplit(eof) => Framer::eof_split(eof.clone(), max),
            Self::Length { kind, offset, body_offset } => Framer::length(LengthField::new(*kind, *offset, *body_offset, max)),
            Self::Mqtt => Framer::mqtt(max),
        })
    }
}

#[derive(Clone, Debug)]
pub struct PortSettings {
    pub backlog: i32,
    /// Most bytes that may wait in a connection's write queue.
    pub socket_buffer_size: usize,
    pub kernel_send_buffer: usize,
    pub kernel_recv_buffer: usize,
    /// Seconds; 0: none.
    pub heartbeat_idle_time: u32,
    pub buffer_high_watermark: usize,
    pub buffer_low_watermark: usize,
    pub open_tcp_nodelay: bool,
    pub tcp_defer_accept: i32,
    pub open_tcp_keepalive: bool,
    pub tcp_keepidle: i32,
    pub tcp_keepinterval: i32,
    pub tcp_keepcount: i32,
    pub tcp_user_timeout: i32,
    pub tcp_fastopen: bool,
    pub max_idle_time: f64,
    pub open_eof_check: bool,
    pub open_eof_split: bool,
    pub package_eof: Vec<u8>,
    pub open_length_check: bool,
    pub package_length_type: u8,
    pub package_length_offset: usize,
    pub package_body_offset: usize,
    pub has_length_function: bool,
    pub package_max_length: usize,
    pub open_http_protocol: bool,
    pub open_http2_protocol: bool,
    pub open_websocket_protocol: bool,
    pub open_mqtt_protocol: bool,
    pub open_redis_protocol: bool,
}

impl Default for PortSettings {
    fn default() -> Self {
        Self {
            backlog: 512,
            socket_buffer_size: 8 * 1024 * 1024,
            kernel_send_buffer: 0,
            kernel_recv_buffer: 0,
            heartbeat_idle_time: 0,
            buffer_high_watermark: 0,
            buffer_low_watermark: 0,
            open_tcp_nodelay: true,
            tcp_defer_accept: 0,
            open_tcp_keepalive: false,
            tcp_keepidle: 3600,
            tcp_keepinterval: 60,
            tcp_keepcount: 5,
            tcp_user_timeout: 0,
            tcp_fastopen: false,
            max_idle_time: 0.0,
            open_eof_check: false,
            open_eof_split: false,
            package_eof: b"\r\n".to_vec(),
            open_length_check: false,
            package_length_type: b'N',
            package_length_offset: 0,
            package_body_offset: 0,
            has_length_function: false,
            package_max_length: 2 * 1024 * 1024,
            open_http_protocol: false,
            open_http2_protocol: false,
            open_websocket_protocol: false,
            open_mqtt_protocol: false,
            open_redis_protocol: false,
        }
    }
}

impl PortSettings {
    /// How often connections must be looked at for `max_idle_time` to be kept within a tenth.
    pub fn idle_sweep(&self) -> Option<Duration> {
        (self.max_idle_time > 0.0).then(|| Duration::from_secs_f64((self.max_idle_time / 10.0).clamp(0.01, 1.0)))
    }

    /// What workers, not gates, cut into packets.
    pub fn is_passed_through(&self) -> bool {
        self.open_http_protocol || self.open_redis_protocol || self.open_websocket_protocol
    }

    /// The framing that these settings choose, by Swoole's order of precedence.
    pub fn framing(&self) -> Framing {
        if (self.open_eof_check || self.open_eof_split)
            && let Some(eof) = Eof::new(&self.package_eof)
        {
            return if self.open_eof_split { Framing::EofSplit(eof) } else { Framing::EofCheck(eof) };
        }
        if self.open_length_check {
            if self.has_length_function {
                return Framing::Function;
            }
            if let Some(kind) = PackType::parse(self.package_length_type) {
                return Framing::Length { kind, offset: self.package_length_offset, body_offset: self.package_body_offset };
            }
        }
        if self.open_mqtt_protocol { Framing::Mqtt } else { Framing::Raw }
    }
}
