//! What clients share: the settings of a connection, and the way to a server, through proxies and TLS.

use std::time::Duration;

use net::{Address, Deadline, Errno, Fault, Kind, Socket, deadline, tls};
use protocol::proxy::{HttpConnect, Progress, Socks5};

use super::socket::{address, connect_to, default_timeouts};
use crate::php::code::{Code, set_last};
use crate::php::{report, settings, stream_settings};
use crate::zend::error::{E_WARNING, throw};
use crate::zend::registration::ce;
use crate::zend::{Array, ArrayMut, Ended, PhpResult, Thrown, Value, ZendObject, Zval, ZvalExt, guarded};

/// Flags of a client's type beside its kind.
pub(crate) const SSL: i64 = 512;
pub(crate) const ASYNC: i64 = 1024;
const SYNC: i64 = 2048;
pub(crate) const KEEP: i64 = 4096;

/// The kind of a `SWOOLE_SOCK_*` value without its flags.
pub(crate) fn kind_of(kind: i64) -> Option<Kind> {
    Kind::from_constant(kind & !(SSL | ASYNC | SYNC | KEEP))
}

/// A warning while the caller may hold what needs dropping: a bailout in the user's error handler ends here.
pub(crate) fn warn(text: &str) -> PhpResult {
    settle(guarded(|| report::fatal(E_WARNING, text)))?;
    crate::zend::error::check()
}

/// What guarded code left behind, for a handler's end.
pub(crate) fn settle(ended: Ended) -> PhpResult {
    if ended == Ended::Bailout
        && let Some(engine) = coroutine::engine()
    {
        engine.abort();
    }
    ended.result()
}

/// What kind of stream a host asks for, and where: `unix:/path` (any case, any number of slashes) names a socket file, a
/// colon makes an IPv6 address.
pub(crate) fn place(host: &[u8]) -> (Kind, Vec<u8>) {
    match host.split_at_checked(6) {
        Some((scheme, path)) if scheme.eq_ignore_ascii_case(b"unix:/") => {
            let slashes = path.iter().take_while(|byte| **byte == b'/').count();
            (Kind::UnixStream, [b"/", &path[slashes..]].concat())
        }
        _ if host.contains(&b':') => (Kind::Tcp6, host.to_vec()),
        _ => (Kind::Tcp, host.to_vec()),
    }
}

/// A proxy in front of the server.
#[derive(Clone, Debug)]
pub(crate) struct Proxy {
    pub socks: bool,
    pub host: Vec<u8>,
    pub port: i64,
    pub login: Option<(Vec<u8>, Vec<u8>)>,
}

/// How the connection is to be made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Link {
    pub proxy: Option<Proxy>,
    /// Requests name the proxy's target themselves (plain HTTP): no tunnel.
    pub no_tunnel: bool,
    pub tls: Option<tls::Settings>,
    /// `ssl_host_name`: sent as SNI, and checked against the certificate when that is verified.
    pub host_name: Option<String>,
    pub alpn: Vec<String>,
}

fn seconds(options: Array<'_>, name: &str) -> Option<f64> {
    options.setting(name).map(ZvalExt::to_double).filter(|seconds| *seconds != 0.0)
}

pub(crate) fn bytes(options: Array<'_>, name: &str) -> Option<Vec<u8>> {
    options.setting(name)?.to_zstr().map(|text| text.to_vec())
}

/// Merges `more` into an object's `$setting` as array_merge() does.
pub(crate) fn merge_setting(slot: &mut Zval, more: Array<'_>) {
    if !slot.is_array() {
        slot.assign(Value::array(more.len() as u32));
    }
    if let Some(array) = slot.as_array_mut() {
        merge(array, more);
    }
}

fn merge(mut to: ArrayMut<'_>, from: Array<'_>) {
    from.each(|key, value| {
        match key {
            crate::zend::array::Key::Name(name) => to.set_bytes(name, Value::copy_of(value)),
            crate::zend::array::Key::Index(_) => to.push(Value::copy_of(value)),
        }
        true
    });
}

/// A socket of that kind with the process's time-outs.
pub(crate) fn open(kind: Kind) -> Result<Socket, Fault> {
    let socket = Socket::new(kind.domain(), kind.socket_type(), 0)?;
    socket.timeouts.set(default_timeouts());
    if matches!(kind, Kind::Tcp | Kind::Tcp6) {
        super::socket::options::set_int(&socket, libc::IPPROTO_TCP, libc::TCP_NODELAY, 1);
    }
    Ok(socket)
}

/// The kind that a proxy given by address asks for.
pub(crate) fn kind_for(kind: Kind, options: Option<Array<'_>>) -> Kind {
    let Some(options) = options else { return kind };
    let host = bytes(options, "socks5_host").or_else(|| bytes(options, "http_proxy_host"));
    let ip = host.and_then(|host| String::from_utf8(host).ok()?.parse::<std::net::IpAddr>().ok());
    match (kind, ip) {
        (Kind::Tcp, Some(std::net::IpAddr::V6(_))) => Kind::Tcp6,
        (Kind::Tcp6, Some(std::net::IpAddr::V4(_))) => Kind::Tcp,
        (kind, _) => kind,
    }
}

/// Changes the time-outs that the settings name.
pub(crate) fn apply_timeouts(socket: &Socket, options: Array<'_>) {
    let mut timeouts = socket.timeouts.get();
    if let Some(time) = seconds(options, "timeout") {
        let time = super::timeout(time);
        (timeouts.dns, timeouts.connect, timeouts.read, timeouts.write) = (time, time, time, time);
    }
    if let Some(time) = seconds(options, "connect_timeout") {
        timeouts.connect = super::timeout(time);
    }
    if let Some(time) = seconds(options, "read_timeout") {
        timeouts.read = super::timeout(time);
    }
    if let Some(time) = seconds(options, "write_timeout") {
        timeouts.write = super::timeout(time);
    }
    socket.timeouts.set(timeouts);
}

/// Applies the settings to a socket and to the way it will be connected. False after a warning.
pub(crate) fn apply(socket: &Socket, link: &mut Link, options: Array<'_>) -> PhpResult<bool> {
    apply_timeouts(socket, options);
    let mut good = bind(socket, options);
    if let Some(size) = options.setting("socket_buffer_size").map(settings::size) {
        if size <= 0 {
            warn(&format!("socket buffer size must be greater than 0, got {size}"))?;
            good = false;
        } else {
            let size = i32::try_from(size).unwrap_or(i32::MAX);
            super::socket::options::set_int(socket, libc::SOL_SOCKET, libc::SO_RCVBUF, size);
            super::socket::options::set_int(socket, libc::SOL_SOCKET, libc::SO_SNDBUF, size);
        }
    }
    if let Some(on) = options.setting("open_tcp_nodelay").map(ZvalExt::to_bool)
        && socket.domain() != libc::AF_UNIX
    {
        super::socket::options::set_int(socket, libc::IPPROTO_TCP, libc::TCP_NODELAY, i32::from(on));
    }
    good &= apply_tls(link, options)?;
    match quietly(|| stream_settings::client_framer(options))? {
        Ok(framer) => socket.set_framer(framer),
        Err(()) => good = false,
    }
    good &= proxy(socket, link, options)?;
    Ok(good)
}

/// Runs code that may warn; what it gives is dropped only if nothing jumped out of it.
fn quietly<T>(work: impl FnOnce() -> T) -> PhpResult<T> {
    let mut result = None;
    let slot = &mut result;
    settle(guarded(|| *slot = Some(work())))?;
    crate::zend::error::check()?;
    result.ok_or(Thrown::Bailout)
}

/// The `ssl_*` settings, when TLS is asked for by them or was before.
pub(crate) fn apply_tls(link: &mut Link, options: Array<'_>) -> PhpResult<bool> {
    if options.setting("open_ssl").is_some_and(ZvalExt::to_bool) && link.tls.is_none() {
        link.tls = Some(tls::Settings::default());
    }
    if link.tls.is_none() {
        return Ok(true);
    }
    if let Some(name) = bytes(options, "ssl_host_name") {
        link.host_name = Some(String::from_utf8_lossy(&name).into_owned());
    }
    match quietly(|| stream_settings::tls(options))? {
        Ok(tls) => {
            link.tls = Some(tls);
            Ok(true)
        }
        Err(()) => Ok(false),
    }
}

fn bind(socket: &Socket, options: Array<'_>) -> bool {
    let Some(host) = bytes(options, "bind_address").filter(|host| !host.is_empty()) else { return true };
    let port = options.setting("bind_port").map_or(0, |port| port.to_long().clamp(0, 65535));
    super::socket::options::set_int(socket, libc::SOL_SOCKET, libc::SO_REUSEADDR, 1);
    match address(socket, &host, port).map(|address| socket.bind(&address)) {
        Some(Ok(())) => true,
        Some(Err(Fault::Errno(Errno(code)))) => {
            set_last(Code(code));
            false
        }
        _ => false,
    }
}

fn proxy(socket: &Socket, link: &mut Link, options: Array<'_>) -> PhpResult<bool> {
    let socks = options.setting("socks5_host").is_some();
    let (host, port) = if socks { ("socks5_host", "socks5_port") } else { ("http_proxy_host", "http_proxy_port") };
    let Some(host) = bytes(options, host) else { return Ok(true) };
    if socket.domain() == libc::AF_UNIX {
        let what = if socks { "socks5" } else { "http" };
        let text = format!("Only tcp socket supports {what} proxy settings");
        return Err(throw(ce::exception(), i64::from(Code::OPERATION_NOT_SUPPORT.0), &text));
    }
    let Some(number) = options.setting(port).map(ZvalExt::to_long) else {
        warn(&format!("{port} should not be null"))?;
        return Ok(false);
    };
    let user = if socks {
        bytes(options, "socks5_username")
    } else {
        bytes(options, "http_proxy_username").or_else(|| bytes(options, "http_proxy_user"))
    };
    let password = bytes(options, if socks { "socks5_password" } else { "http_proxy_password" });
    let (login, good) = match (user, password) {
        (None, _) => (None, true),
        (Some(user), Some(password)) if !user.is_empty() => (Some((user, password)), true),
        _ => {
            warn("socks5_password should not be null")?;
            (None, false)
        }
    };
    link.proxy = Some(Proxy { socks, host, port: number, login });
    Ok(good)
}

/// Connects to the server, by way of the proxy, and shakes hands where TLS is asked for.
///
/// # Errors
/// The first step's that failed.
pub(crate) fn connect(socket: &Socket, link: &Link, host: &[u8], port: i64) -> Result<(), Fault> {
    let until = deadline(socket.timeouts.get().connect);
    match &link.proxy {
        None => connect_to(socket, host, port, until)?,
        Some(proxy) => {
            connect_to(socket, &proxy.host, proxy.port, until)?;
            if proxy.socks || !link.no_tunnel {
                tunnel(socket, proxy, host, port)?;
            }
        }
    }
    if link.tls.is_some() {
        handshake(socket, link, host)?;
    }
    Ok(())
}

fn code(code: Code) -> Fault {
    Fault::Errno(Errno(code.0))
}

/// The proxy's handshake. Time-outs are those of reads and writes.
fn tunnel(socket: &Socket, proxy: &Proxy, host: &[u8], port: i64) -> Result<(), Fault> {
    let failed = code(if proxy.socks { Code::SOCKS5_HANDSHAKE_FAILED } else { Code::HTTP_PROXY_HANDSHAKE_FAILED });
    let host = String::from_utf8_lossy(host);
    let login = proxy.login.as_ref().map(|(user, password)| (user.as_slice(), password.as_slice()));
    let until: Deadline =
        deadline(socket.timeouts.get().read.or(socket.timeouts.get().connect).or(Some(Duration::from_secs(60))));
    let (mut input, mut output) = (Vec::new(), Vec::new());
    let mut socks = None;
    let mut http = None;
    if proxy.socks {
        socks = Some(Socks5::new(&host, port as u16, login).map_err(|_| failed)?);
    } else {
        http = Some(HttpConnect::new(&host, port as u16, login).map_err(|_| failed)?);
    }
    if let Some(socks) = &mut socks {
        socks.start(&mut output);
    }
    if let Some(http) = &mut http {
        http.start(&mut output);
    }
    loop {
        if !output.is_empty() {
            socket.send_all(&output, until).map_err(|_| failed)?;
            output.clear();
        }
        let mut bytes = [0u8; 4096];
        let n = socket.recv(&mut bytes, until).map_err(|_| failed)?;
        if n == 0 {
            return Err(failed);
        }
        input.extend_from_slice(&bytes[..n]);
        let progress = match (&mut socks, &mut http) {
            (Some(socks), _) => socks.advance(&input, &mut output),
            (None, Some(http)) => http.advance(&input),
            (None, None) => return Err(failed),
        };
        match progress.map_err(|_| failed)? {
            Progress::Pending { consumed, .. } => {
                input.drain(..consumed);
            }
            Progress::Done { consumed } => {
                socket.unread(&input[consumed..]);
                return Ok(());
            }
        }
    }
}

/// TLS, and the verdict on the server's certificate when the settings ask for one.
pub(crate) fn handshake(socket: &Socket, link: &Link, host: &[u8]) -> Result<(), Fault> {
    let settings = link.tls.clone().unwrap_or_default();
    let settings = tls::Settings { alpn: link.alpn.clone(), datagram: socket.kind() == libc::SOCK_DGRAM, ..settings };
    // SNI is for names: an address is not sent.
    let target = String::from_utf8_lossy(host);
    let name =
        link.host_name.clone().or_else(|| (!target.is_empty() && socket.domain() != libc::AF_UNIX).then(|| target.into_owned()));
    let context = tls::Context::client(&settings).map_err(|error| {
        crate::log::warning("ssl_connect", Some(Code::SSL_CREATE_CONTEXT_FAILED.0), &error.to_string());
        code(Code::SSL_CREATE_CONTEXT_FAILED)
    })?;
    let session = tls::Session::client(&context, name.as_deref().filter(|name| !name.is_empty()))
        .map_err(|_| code(Code::SSL_CREATE_SESSION_FAILED))?;
    let time = socket.timeouts.get();
    let until = deadline(time.read.or(time.connect));
    socket.handshake(session, until).map_err(|fault| match fault {
        Fault::Errno(Errno(net::ERROR_SSL_BAD_PROTOCOL)) => code(Code::SSL_HANDSHAKE_FAILED),
        fault => fault,
    })?;
    if settings.verify_peer && !verify(socket, settings.allow_self_signed, link.host_name.as_deref()) {
        return Err(code(Code::SSL_VERIFY_FAILED));
    }
    Ok(())
}

/// X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT of X509_verify_cert(3).
const SELF_SIGNED: i32 = 18;

/// Whether the peer's certificate is good, and made out to `name` when one is given.
pub(crate) fn verify(socket: &Socket, allow_self_signed: bool, name: Option<&str>) -> bool {
    let verdict = socket.session(|session| {
        let result = session.verify_result().0;
        let good = result == 0 || (allow_self_signed && result == SELF_SIGNED);
        // Without a certificate OpenSSL has nothing to complain about.
        good && session.peer_certificate().is_some()
            && name.filter(|name| !name.is_empty()).is_none_or(|name| session.is_made_out_to(name))
    });
    verdict.unwrap_or(false)
}

/// Sets `$errCode` and `$errMsg` (the slots given) and swoole_last_error().
pub(crate) fn set_error(object: &mut ZendObject, err_code: u32, err_msg: u32, error: i32) {
    use crate::zend::ObjectExt;
    let error = Code(error);
    set_last(error);
    object.slot(err_code).assign(Value::long(i64::from(error.0)));
    object.slot(err_msg).assign(Value::string(error.text().as_bytes()));
}

/// The address as the clients' arrays show it.
pub(crate) fn name_of(ask: fn(i32) -> std::io::Result<Address>, socket: &Socket, with_host: bool) -> Result<Value, i32> {
    let address = ask(socket.fd()).map_err(|error| error.raw_os_error().unwrap_or(libc::EIO))?;
    let (host, port) = address.host_port();
    let host = Value::string(&host);
    let mut pair = Value::array(3);
    let mut array = pair.array_mut();
    if with_host {
        array.set("host", host.clone());
    }
    array.set("address", host);
    array.set("port", Value::long(i64::from(port)));
    Ok(pair)
}
