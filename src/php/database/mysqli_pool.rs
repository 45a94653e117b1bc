//! Swoole\Database\MysqliPool.

use super::proxied::{call as call_method, entries};
use crate::php::connection_pool::{DEFAULT_SIZE, initialize};
use crate::zend::error::throw;
use crate::zend::invoke::{Native, native};
use crate::zend::registration::ce;
use crate::zend::{Call, ObjectExt, PhpResult, Value, Zval, ZvalExt, invoke, property};

/// Number of `$config`, behind those of ConnectionPool.
const CONFIG: u32 = 5;

static CONNECT: Native = native!(c"{closure}", connect);

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let config = Value::object(args.object_of(ce::database_mysqli_config())?);
    let size = args.opt_long()?.unwrap_or(DEFAULT_SIZE);
    let this = call.this();
    this.slot(CONFIG).assign(config);
    let constructor = CONNECT.closure(ce::database_mysqli_pool(), this);
    initialize(this, constructor, size, Value::string(b"Swoole\\Database\\MysqliProxy"))
}

/// The body of the closure that makes a connection.
pub(crate) fn connect(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let config = Value::copy_of(call.this().slot(CONFIG));
    let ask = |method: &[u8]| call_method(&config, method, &mut []);
    let made = invoke::construct(invoke::class(b"mysqli")?, &mut [])?;
    for (option, value) in entries(ask(b"getOptions")?.as_zval()) {
        call_method(&made, b"options", &mut [option.into_zval(), value.into_zval()])?;
    }
    let mut args = [
        ask(b"getHost")?.into_zval(),
        ask(b"getUsername")?.into_zval(),
        ask(b"getPassword")?.into_zval(),
        ask(b"getDbname")?.into_zval(),
        ask(b"getPort")?.into_zval(),
        ask(b"getUnixSocket")?.into_zval(),
    ];
    call_method(&made, b"real_connect", &mut args)?;
    if let Some(mysqli) = made.as_zval().obj() {
        let code = property::read(mysqli, b"connect_errno")?.as_zval().to_long();
        if code != 0 {
            let text = property::read(mysqli, b"connect_error")?;
            return Err(failed(code, &text));
        }
    }
    call_method(&made, b"set_charset", &mut [ask(b"getCharset")?.into_zval()])?;
    made.give(ret);
    Ok(())
}

/// A MysqliException.
pub(super) fn failed(code: i64, text: &Value) -> crate::zend::Thrown {
    let text = text.as_zval().bytes().map_or_else(String::new, |text| String::from_utf8_lossy(text).into_owned());
    throw(ce::database_mysqli_exception(), code, &text)
}
