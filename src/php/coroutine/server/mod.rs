//! Swoole\Coroutine\Server: a listening socket, and a coroutine for each connection.

pub mod connection;

use std::rc::Rc;
use std::time::Duration;

use coroutine::{SpawnError, Wake};
use net::{Address, Errno, Fault, Socket, deadline};

use super::require_coroutine;
use super::socket::{self, options};
use crate::php::code::Code;
use crate::php::lifecycle::loop_engine;
use crate::php::{error, stream_settings};
use crate::zend::error::throw;
use crate::zend::invoke::{Native, native};
use crate::zend::registration::ce;
use crate::zend::{Call, Callable, ObjectExt, PhpResult, Thrown, Value, ZendObject, Zval, ZvalExt, error::plain, host};

/// Numbers of the declared properties.
const HOST: u32 = 0;
const PORT: u32 = 1;
const TYPE: u32 = 2;
const FD: u32 = 3;
const ERR_CODE: u32 = 4;
const SETTING: u32 = 5;
const RUNNING: u32 = 6;
const FN: u32 = 7;
const SOCKET: u32 = 8;

const E_USER_WARNING: i32 = 512;

/// How long accept() rests when the process is out of fds.
const REST: Duration = Duration::from_secs(1);

/// TLS before the callback.
static SERVE_TLS: Native = native!(c"{closure}", serve_tls);

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 4)?;
    let host = args.bytes()?;
    let port = args.opt_long()?.unwrap_or(0);
    let ssl = args.opt_bool()?.unwrap_or(false);
    let reuse_port = args.opt_bool()?.unwrap_or(false);
    let this = call.this();
    let (domain, host) = match host.strip_prefix(b"unix:") {
        _ if host.windows(2).any(|pair| pair == b"::") => (libc::AF_INET6, host),
        Some(path) if path.starts_with(b"/") => (libc::AF_UNIX, path),
        _ => (libc::AF_INET, host),
    };
    this.slot(TYPE).set_long(i64::from(domain));
    this.slot(HOST).assign(Value::string(host));
    loop_engine();
    let listener = Socket::new(domain, libc::SOCK_STREAM, 0).map_err(|Errno(code)| {
        let text = format!("new Socket() failed. Error: {} [{code}]", Code(code).text());
        throw(ce::coroutine_socket_exception(), i64::from(code), &text)
    })?;
    listener.timeouts.set(socket::default_timeouts());
    options::set_int(&listener, libc::SOL_SOCKET, libc::SO_REUSEADDR, 1);
    if reuse_port {
        options::set_int(&listener, libc::SOL_SOCKET, libc::SO_REUSEPORT, 1);
    }
    let refused = |fault: Fault, text: String| {
        let Fault::Errno(Errno(code)) = fault else { return Thrown::Exception };
        throw(ce::exception(), i64::from(code), &text)
    };
    let bound = socket::bind_to(&listener, host, port);
    bound.map_err(|fault| refused(fault, format!("bind({}:{port}) failed", String::from_utf8_lossy(host))))?;
    listener.listen(512).map_err(|fault| refused(fault, "listen() failed".to_owned()))?;
    let port = Address::local(listener.fd()).map_or(0, |address| address.host_port().1);
    this.slot(PORT).set_long(i64::from(port));
    this.slot(FD).set_long(i64::from(listener.fd()));
    this.slot(SOCKET).assign(socket::wrap(listener));
    if let Some(mut setting) = this.slot(SETTING).as_array_mut() {
        setting.set("open_ssl", Value::bool(ssl));
    }
    Ok(())
}

/// Later calls add to what earlier ones have set.
pub fn set(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let new = call.args(1, 1)?.array()?;
    if let Some(mut setting) = call.this().slot(SETTING).as_array_mut() {
        new.each(|key, value| {
            match key {
                crate::zend::array::Key::Name(name) => setting.set_bytes(name, Value::copy_of(value)),
                crate::zend::array::Key::Index(_) => setting.push(Value::copy_of(value)),
            }
            true
        });
    }
    Ok(())
}

pub fn handle(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let function = call.args(1, 1)?.callable()?;
    let value = Value::copy_of(function.value());
    call.this().slot(FN).assign(value);
    Ok(())
}

/// The listening Socket object, kept alive.
fn listener(this: &mut ZendObject) -> PhpResult<(Value, Rc<Socket>)> {
    let value = Value::copy_of(this.slot(SOCKET));
    match value.as_zval().obj() {
        Some(object) => {
            let socket = socket::socket(object)?;
            Ok((value, socket))
        }
        None => Err(error::not_constructed("Swoole\\Coroutine\\Server")),
    }
}

pub fn shutdown(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    this.slot(RUNNING).set_bool(false);
    let (object, socket) = listener(this)?;
    let holder = socket.bound(reactor::Interest::READ);
    if holder == 0 {
        if let Some(object) = object.as_zval().obj() {
            socket::set_error(object, Code::CO_CANNOT_CANCEL.0);
        }
        ret.set_bool(false);
        return Ok(());
    }
    ret.set_bool(loop_engine().cancel(holder, false)?);
    Ok(())
}

fn refuse(this: &mut ZendObject, ret: &mut Zval) -> PhpResult {
    this.slot(ERR_CODE).set_long(i64::from(libc::EINVAL));
    ret.set_bool(false);
    Ok(())
}

pub fn start(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let this = call.this();
    this.slot(RUNNING).set_bool(true);
    let Some(function) = Callable::new(this.slot(FN)) else { return refuse(this, ret) };
    let (object, listener) = listener(this)?;
    let Some(object) = object.as_zval().obj() else { return refuse(this, ret) };
    let setting = Value::copy_of(this.slot(SETTING));
    let applied =
        setting.as_zval().as_array().is_some_and(|options| socket::apply_protocol(socket::state(object), &listener, options));
    if !applied {
        return refuse(this, ret);
    }
    require_coroutine()?;
    while this.slot(RUNNING).to_bool() {
        let result = listener.accept(deadline(listener.timeouts.get().read));
        match result {
            Ok(connection) => {
                socket::after_wait()?;
                // set() may have been called meanwhile.
                let setting = Value::copy_of(this.slot(SETTING));
                if !serve(object, connection, &setting, &function)? {
                    rest()?;
                }
            }
            Err(Fault::Errno(Errno(code))) => {
                socket::after_wait()?;
                socket::set_error(object, code);
                match code {
                    libc::EMFILE | libc::ENFILE => rest()?,
                    libc::ETIMEDOUT => {}
                    libc::ECANCELED => break,
                    _ => {
                        let text = format!("accept failed, Error: {}[{code}]", Code(code).text());
                        crate::zend::guarded(|| plain(E_USER_WARNING, &text)).result()?;
                        break;
                    }
                }
            }
            Err(Fault::Busy(interest, holder)) => {
                return Err(socket::busy(object.slot(0).to_long(), interest, holder));
            }
        }
    }
    ret.set_bool(true);
    Ok(())
}

fn rest() -> PhpResult {
    let wake = coroutine::sleep(REST);
    if wake == Wake::Canceled {
        return socket::after_wait();
    }
    socket::after_wait()
}

/// Gives a connection to the callback in a coroutine of its own; false when none can be made.
fn serve(listener: &mut ZendObject, connection: Socket, setting: &Value, function: &Callable) -> PhpResult<bool> {
    let socket_object = socket::accepted(listener, connection);
    let options = setting.as_zval().as_array();
    if let (Some(object), Some(options)) = (socket_object.as_zval().obj(), options) {
        let socket = socket::socket(object)?;
        if let Ok(framer) = stream_settings::client_framer(options) {
            socket.set_framer(framer);
        }
    }
    let mut connection = crate::zend::new_object(ce::coroutine_server_connection());
    if let Some(object) = connection.as_mut().obj() {
        object.slot(0).assign(socket_object);
    }
    let secure = options.and_then(|options| options.setting("open_ssl")).is_some_and(ZvalExt::to_bool);
    let spawned = if secure {
        let mut args = [Value::copy_of(function.value()).into_zval(), connection.into_zval()];
        host::spawn(function.value(), SERVE_TLS.cache(), &mut args)
    } else {
        host::spawn(function.value(), function.cache(), &mut [connection.into_zval()])
    };
    match spawned {
        Ok(_) => Ok(true),
        Err(SpawnError::Aborted(_)) => Err(Thrown::Bailout),
        Err(_) => Ok(false),
    }
}

/// The body of a TLS connection's coroutine: `(callable, Connection)`.
pub(crate) fn serve_tls(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let function = Callable::new(args.value()?);
    let connection = args.value()?;
    let Some(holder) = connection.obj() else { return Ok(()) };
    let socket_object = Value::copy_of(holder.slot(0));
    let (Some(function), Some(object)) = (function, socket_object.as_zval().obj()) else { return Ok(()) };
    if socket::handshake_as_set(object)? {
        function.invoke(&mut [Value::copy_of(connection).into_zval()])?;
    }
    Ok(())
}
