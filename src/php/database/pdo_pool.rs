//! Swoole\Database\PDOPool.

use super::proxied::call as call_method;
use crate::php::connection_pool::{DEFAULT_SIZE, initialize, take};
use crate::zend::error::throw;
use crate::zend::invoke::{Native, native};
use crate::zend::registration::ce;
use crate::zend::{Call, ObjectExt, PhpResult, Value, ZStr, Zval, ZvalExt, invoke};

/// Number of `$config`, behind those of ConnectionPool.
const CONFIG: u32 = 5;

static CONNECT: Native = native!(c"{closure}", connect);

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let config = Value::object(args.object_of(ce::database_pdo_config())?);
    let size = args.opt_long()?.unwrap_or(DEFAULT_SIZE);
    let this = call.this();
    this.slot(CONFIG).assign(config);
    let constructor = CONNECT.closure(ce::database_pdo_pool(), this);
    initialize(this, constructor, size, Value::string(b"Swoole\\Database\\PDOProxy"))
}

/// The body of the closure that makes a connection.
pub(crate) fn connect(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let this = call.this();
    let config = Value::copy_of(this.slot(CONFIG));
    let driver = call_method(&config, b"getDriver", &mut [])?;
    let sqlite = driver.as_zval().bytes() == Some(b"sqlite");
    let dsn = invoke::own_method(this, "createDSN", &mut [driver.into_zval()])?;
    let pdo = invoke::class(b"PDO")?;
    let made = if sqlite {
        invoke::construct(pdo, &mut [dsn.into_zval()])?
    } else {
        let user = call_method(&config, b"getUsername", &mut [])?;
        let password = call_method(&config, b"getPassword", &mut [])?;
        let options = call_method(&config, b"getOptions", &mut [])?;
        let mut args = [dsn.into_zval(), user.into_zval(), password.into_zval(), options.into_zval()];
        invoke::construct(pdo, &mut args)?
    };
    made.give(ret);
    Ok(())
}

pub fn get(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let timeout = call.args(0, 1)?.opt_double()?.unwrap_or(-1.0);
    let pdo = take(call.this(), timeout)?;
    if let Some(object) = pdo.as_zval().obj() {
        invoke::method(object, b"reset", &mut [])?;
    }
    pdo.give(ret);
    Ok(())
}

fn refuse(text: &str) -> crate::zend::Thrown {
    throw(crate::zend::error::Builtin::Exception.class(), 0, text)
}

/// `PDOPool::createDSN()`: what PDO is told about the server.
pub fn create_dsn(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let driver = call.args(1, 1)?.bytes()?;
    let config = Value::copy_of(call.this().slot(CONFIG));
    let ask = |method: &[u8]| -> PhpResult<ZStr> {
        let value = call_method(&config, method, &mut [])?;
        value.as_zval().to_zstr().ok_or(crate::zend::Thrown::Exception)
    };
    let unix = call_method(&config, b"hasUnixSocket", &mut [])?.as_zval().to_bool();
    let address = |unix: bool| if unix { ask(b"getUnixSocket") } else { ask(b"getHost") };
    let mut dsn: Vec<u8> = Vec::new();
    match driver {
        b"mysql" if unix => {
            dsn.extend([&b"mysql:unix_socket="[..], &address(true)?].concat());
            dsn.extend([&b";dbname="[..], &ask(b"getDbname")?, b";charset=", &ask(b"getCharset")?].concat());
        }
        b"mysql" => {
            dsn.extend([&b"mysql:host="[..], &address(false)?, b";port=", &ask(b"getPort")?].concat());
            dsn.extend([&b";dbname="[..], &ask(b"getDbname")?, b";charset=", &ask(b"getCharset")?].concat());
        }
        b"pgsql" => {
            dsn.extend([&b"pgsql:host="[..], &address(unix)?, b";port=", &ask(b"getPort")?].concat());
            dsn.extend([&b";dbname="[..], &ask(b"getDbname")?].concat());
        }
        b"oci" => {
            dsn.extend([&b"oci:dbname="[..], &address(unix)?, b":", &ask(b"getPort")?].concat());
            dsn.extend([&b"/"[..], &ask(b"getDbname")?, b";charset=", &ask(b"getCharset")?].concat());
        }
        b"sqlite" => match &*ask(b"getDbname")? {
            // Each connection would have a database of its own.
            b"" => return Err(refuse("Connection pool in Swoole does not support temporary SQLite databases.")),
            b":memory:" => {
                let text = "Connection pool in Swoole does not support creating SQLite databases in memory.";
                return Err(refuse(text));
            }
            name => dsn.extend([b"sqlite:", name].concat()),
        },
        other => {
            return Err(refuse(&format!("Unsupported Database Driver:{}", String::from_utf8_lossy(other))));
        }
    }
    ret.set_bytes(&dsn);
    Ok(())
}
