//! Swoole's error codes: one table for what PHP code reads in `errCode` and `swoole_last_error()`.

use std::ffi::CStr;
use std::sync::atomic::{AtomicI32, Ordering};

use crate::php::general::give;
use crate::zend::{Call, PhpResult, Zval};

/// A code of this table, or an errno below 500.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Code(pub i32);

macro_rules! codes {
    ($($name:ident = $code:literal, $text:literal;)*) => {
        #[allow(dead_code)]
        impl Code {
            $(pub const $name: Self = Self($code);)*
        }

        /// In the order of the codes.
        const TEXTS: &[(i32, &str)] = &[$(($code, $text)),*];
    };
}

codes! {
    MALLOC_FAIL = 501, "Malloc fail";
    SYSTEM_CALL_FAIL = 502, "System call fail";
    PHP_FATAL_ERROR = 503, "PHP fatal error";
    NAME_TOO_LONG = 504, "Name too long";
    INVALID_PARAMS = 505, "Invalid params";
    QUEUE_FULL = 506, "Queue full";
    OPERATION_NOT_SUPPORT = 507, "Operation not support";
    PROTOCOL_ERROR = 508, "Protocol error";
    WRONG_OPERATION = 509, "Wrong operation";
    PHP_RUNTIME_NOTICE = 510, "PHP runtime notice";
    FOR_TEST = 511, "For test";
    NO_PAYLOAD = 550, "No payload";
    UNDEFINED_BEHAVIOR = 600, "Undefined behavior";
    NOT_THREAD_SAFETY = 601, "Not thread safety";
    FILE_NOT_EXIST = 700, "File not exist";
    FILE_TOO_LARGE = 701, "File too large";
    FILE_EMPTY = 702, "File empty";
    DIR_NOT_EXIST = 703, "Dir not exist";
    DNSLOOKUP_DUPLICATE_REQUEST = 710, "DNS Lookup duplicate request";
    DNSLOOKUP_RESOLVE_FAILED = 711, "DNS Lookup resolve failed";
    DNSLOOKUP_RESOLVE_TIMEOUT = 712, "DNS Lookup resolve timeout";
    DNSLOOKUP_UNSUPPORTED = 713, "DNS Lookup unsupported";
    DNSLOOKUP_NO_SERVER = 714, "DNS Lookup no server";
    BAD_IPV6_ADDRESS = 720, "Bad ipv6 address";
    UNREGISTERED_SIGNAL = 721, "Unregistered signal";
    BAD_HOST_ADDR = 722, "Bad host addr";
    BAD_PORT = 723, "Bad port";
    BAD_SOCKET_TYPE = 724, "Bad socket type";
    EVENT_REMOVE_FAILED = 800, "Event remove failed";
    EVENT_ADD_FAILED = 801, "Event add failed";
    EVENT_UPDATE_FAILED = 802, "Event update failed";
    EVENT_UNKNOWN_DATA = 803, "Event unknown data";
    SESSION_CLOSED_BY_SERVER = 1001, "Session closed by server";
    SESSION_CLOSED_BY_CLIENT = 1002, "Session closed by client";
    SESSION_CLOSING = 1003, "Session closing";
    SESSION_CLOSED = 1004, "Session closed";
    SESSION_NOT_EXIST = 1005, "Session not exist";
    SESSION_INVALID_ID = 1006, "Session invalid id";
    SESSION_DISCARD_TIMEOUT_DATA = 1007, "Session discard timeout data";
    SESSION_DISCARD_DATA = 1008, "Session discard data";
    OUTPUT_BUFFER_OVERFLOW = 1009, "Output buffer overflow";
    OUTPUT_SEND_YIELD = 1010, "Output send yield";
    SSL_NOT_READY = 1011, "SSL not ready";
    SSL_CANNOT_USE_SENFILE = 1012, "SSL cannot use senfile";
    SSL_EMPTY_PEER_CERTIFICATE = 1013, "SSL empty peer certificate";
    SSL_VERIFY_FAILED = 1014, "SSL verify failed";
    SSL_BAD_CLIENT = 1015, "SSL bad client";
    SSL_BAD_PROTOCOL = 1016, "SSL bad protocol";
    SSL_RESET = 1017, "SSL reset";
    SSL_HANDSHAKE_FAILED = 1018, "SSL handshake failed";
    SSL_CREATE_CONTEXT_FAILED = 1019, "SSL create context failed";
    SSL_CREATE_SESSION_FAILED = 1020, "SSL create session failed";
    PACKAGE_LENGTH_TOO_LARGE = 1201, "Package length too large";
    PACKAGE_LENGTH_NOT_FOUND = 1202, "Package length not found";
    DATA_LENGTH_TOO_LARGE = 1203, "Data length too large";
    PACKAGE_MALFORMED_DATA = 1204, "Package malformed data";
    TASK_PACKAGE_TOO_BIG = 2001, "Task package too big";
    TASK_DISPATCH_FAIL = 2002, "Task dispatch fail";
    TASK_TIMEOUT = 2003, "Task timeout";
    HTTP2_STREAM_ID_TOO_BIG = 3001, "Http2 stream id too big";
    HTTP2_STREAM_NO_HEADER = 3002, "Http2 stream no header";
    HTTP2_STREAM_NOT_FOUND = 3003, "Http2 stream not found";
    HTTP2_STREAM_IGNORE = 3004, "Http2 stream ignore";
    HTTP2_SEND_CONTROL_FRAME_FAILED = 3005, "Http2 send control frame failed";
    HTTP2_INTERNAL_ERROR = 3006, "Http2 internal error";
    AIO_BAD_REQUEST = 4001, "Aio bad request";
    AIO_CANCELED = 4002, "Aio canceled";
    AIO_TIMEOUT = 4003, "Aio timeout";
    CLIENT_NO_CONNECTION = 5001, "Client no connection";
    SOCKET_CLOSED = 6001, "Socket closed";
    SOCKET_POLL_TIMEOUT = 6002, "Socket poll timeout";
    SOCKET_NOT_EXISTS = 6003, "Socket not exists";
    SOCKS5_UNSUPPORT_VERSION = 7001, "Socks5 unsupport version";
    SOCKS5_UNSUPPORT_METHOD = 7002, "Socks5 unsupport method";
    SOCKS5_AUTH_FAILED = 7003, "Socks5 auth failed";
    SOCKS5_SERVER_ERROR = 7004, "Socks5 server error";
    SOCKS5_HANDSHAKE_FAILED = 7005, "Socks5 handshake failed";
    SOCKS5_CONNECT_FAILED = 7006, "Socks5 connect failed";
    HTTP_PROXY_HANDSHAKE_ERROR = 7101, "Http proxy handshake error";
    HTTP_INVALID_PROTOCOL = 7102, "Http invalid protocol";
    HTTP_PROXY_HANDSHAKE_FAILED = 7103, "Http proxy handshake failed";
    HTTP_PROXY_BAD_RESPONSE = 7104, "Http proxy bad response";
    HTTP_CONFLICT_HEADER = 7105, "Http conflict header";
    HTTP_CONTEXT_UNAVAILABLE = 7106, "Http context unavailable";
    HTTP_COOKIE_UNAVAILABLE = 7107, "Http cookie unavailable";
    WEBSOCKET_BAD_CLIENT = 8501, "Websocket bad client";
    WEBSOCKET_BAD_OPCODE = 8502, "Websocket bad opcode";
    WEBSOCKET_UNCONNECTED = 8503, "Websocket unconnected";
    WEBSOCKET_HANDSHAKE_FAILED = 8504, "Websocket handshake failed";
    WEBSOCKET_PACK_FAILED = 8505, "Websocket pack failed";
    WEBSOCKET_UNPACK_FAILED = 8506, "Websocket unpack failed";
    WEBSOCKET_INCOMPLETE_PACKET = 8507, "Websocket incomplete packet";
    SERVER_MUST_CREATED_BEFORE_CLIENT = 9001, "Server must created before client";
    SERVER_TOO_MANY_SOCKET = 9002, "Server too many socket";
    SERVER_WORKER_TERMINATED = 9003, "Server worker terminated";
    SERVER_INVALID_LISTEN_PORT = 9004, "Server invalid listen port";
    SERVER_TOO_MANY_LISTEN_PORT = 9005, "Server too many listen port";
    SERVER_PIPE_BUFFER_FULL = 9006, "Server pipe buffer full";
    SERVER_NO_IDLE_WORKER = 9007, "Server no idle worker";
    SERVER_ONLY_START_ONE = 9008, "Server only start one";
    SERVER_SEND_IN_MASTER = 9009, "Server send in master";
    SERVER_INVALID_REQUEST = 9010, "Server invalid request";
    SERVER_CONNECT_FAIL = 9011, "Server connect fail";
    SERVER_INVALID_COMMAND = 9012, "Server invalid command";
    SERVER_IS_NOT_REGULAR_FILE = 9013, "Server is not regular file";
    SERVER_SEND_TO_WOKER_TIMEOUT = 9014, "Server send to woker timeout";
    SERVER_INVALID_CALLBACK = 9015, "Server invalid callback";
    SERVER_UNRELATED_THREAD = 9016, "Server unrelated thread";
    SERVER_WORKER_EXIT_TIMEOUT = 9101, "Server worker exit timeout";
    SERVER_WORKER_ABNORMAL_PIPE_DATA = 9102, "Server worker abnormal pipe data";
    SERVER_WORKER_UNPROCESSED_DATA = 9103, "Server worker unprocessed data";
    CO_OUT_OF_COROUTINE = 10001, "Coroutine out of coroutine";
    CO_HAS_BEEN_BOUND = 10002, "Coroutine has been bound";
    CO_HAS_BEEN_DISCARDED = 10003, "Coroutine has been discarded";
    CO_MUTEX_DOUBLE_UNLOCK = 10004, "Coroutine mutex double unlock";
    CO_BLOCK_OBJECT_LOCKED = 10005, "Coroutine block object locked";
    CO_BLOCK_OBJECT_WAITING = 10006, "Coroutine block object waiting";
    CO_YIELD_FAILED = 10007, "Coroutine yield failed";
    CO_GETCONTEXT_FAILED = 10008, "Coroutine getcontext failed";
    CO_SWAPCONTEXT_FAILED = 10009, "Coroutine swapcontext failed";
    CO_MAKECONTEXT_FAILED = 10010, "Coroutine makecontext failed";
    CO_IOCPINIT_FAILED = 10011, "Coroutine iocpinit failed";
    CO_PROTECT_STACK_FAILED = 10012, "Coroutine protect stack failed";
    CO_STD_THREAD_LINK_ERROR = 10013, "Coroutine std thread link error";
    CO_DISABLED_MULTI_THREAD = 10014, "Coroutine disabled multi thread";
    CO_CANNOT_CANCEL = 10015, "Coroutine cannot cancel";
    CO_NOT_EXISTS = 10016, "Coroutine not exists";
    CO_CANCELED = 10017, "Coroutine canceled";
    CO_TIMEDOUT = 10018, "Coroutine timedout";
    CO_SOCKET_CLOSE_WAIT = 10019, "Coroutine socket close wait";
}

/// Codes below are errno's.
const FIRST: i32 = 500;

impl Code {
    /// The text of a code: the system's for an errno.
    pub fn text(self) -> String {
        if self.0 < FIRST {
            return system_text(self.0);
        }
        match TEXTS.binary_search_by_key(&self.0, |(code, _)| *code) {
            Ok(at) => TEXTS[at].1.to_owned(),
            Err(_) => format!("Unknown error {}", self.0),
        }
    }
}

/// What went wrong last, for `swoole_last_error()`. Of the process, as errno is of the thread.
static LAST: AtomicI32 = AtomicI32::new(0);

pub fn set_last(code: Code) {
    LAST.store(code.0, Ordering::Relaxed);
}

/// Takes over this thread's errno as the last error.
pub fn set_last_errno() -> Code {
    let code = Code(std::io::Error::last_os_error().raw_os_error().unwrap_or(0));
    set_last(code);
    code
}

pub fn last() -> Code {
    Code(LAST.load(Ordering::Relaxed))
}

/// `strerror(3)`.
pub fn system_text(errno: i32) -> String {
    let mut buffer = [0u8; 256];
    // SAFETY: XSI strerror_r writes at most `len` bytes, with the final zero.
    unsafe { libc::strerror_r(errno, buffer.as_mut_ptr().cast(), buffer.len()) };
    CStr::from_bytes_until_nul(&buffer).map_or_else(|_| String::new(), |text| text.to_string_lossy().into_owned())
}

/// A resolver's code (`gai_strerror(3)`): negative.
pub fn resolver_text(code: i32) -> String {
    // SAFETY: always gives a static string.
    unsafe { CStr::from_ptr(libc::gai_strerror(code)) }.to_string_lossy().into_owned()
}

unsafe extern "C" {
    /// `hstrerror(3)`: texts of the old resolver's h_errno, a static string each.
    safe fn hstrerror(code: std::ffi::c_int) -> *const std::ffi::c_char;
}

fn old_resolver_text(code: i32) -> String {
    // SAFETY: a static string, never null in glibc.
    unsafe { CStr::from_ptr(hstrerror(code)) }.to_string_lossy().into_owned()
}

/// `SWOOLE_STRERROR_*`.
const GAI: i64 = 1;
const DNS: i64 = 2;
const SWOOLE: i64 = 9;

pub fn strerror(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let code = args.long()? as i32;
    let kind = args.opt_long()?.unwrap_or(0);
    let text = match kind {
        GAI => resolver_text(code),
        DNS => old_resolver_text(code),
        SWOOLE => Code(code).text(),
        _ if TEXTS.binary_search_by_key(&code, |(known, _)| *known).is_ok() => Code(code).text(),
        _ => system_text(code),
    };
    give(ret, text.as_bytes())
}

/// The code that the last failing call left.
pub fn last_error(_call: &mut Call, ret: &mut Zval) -> PhpResult {
    ret.set_long(i64::from(last().0));
    Ok(())
}

pub fn clear_error(_call: &mut Call, _ret: &mut Zval) -> PhpResult {
    set_last(Code(0));
    Ok(())
}

/// C's errno.
pub fn errno(_call: &mut Call, ret: &mut Zval) -> PhpResult {
    // Parsing allocates nothing, so errno is as the caller left it.
    let errno = std::io::Error::last_os_error().raw_os_error().unwrap_or(0);
    ret.set_long(i64::from(errno));
    Ok(())
}
