//! The getters and setters of MysqliConfig, PDOConfig and RedisConfig: a method's name tells which property it is about.

use crate::zend::registration::ce;
use crate::zend::{Call, ObjectExt, PhpResult, Value, ZendObject, Zval, ZvalExt};

/// The declared properties, in their order.
const MYSQLI: &[&str] = &["Host", "Port", "UnixSocket", "Dbname", "Charset", "Username", "Password", "Options"];
const PDO: &[&str] = &["Driver", "Host", "Port", "UnixSocket", "Dbname", "Charset", "Username", "Password", "Options"];
const REDIS: &[&str] = &["Host", "Port", "Timeout", "Reserved", "RetryInterval", "ReadTimeout", "Auth", "DbIndex", "Options"];

/// The slot of the property that a method named `getX`, `withX` or `setX` is about.
fn slot<'a>(this: &'a mut ZendObject, method: &str) -> Option<(&'a mut Zval, &'static str)> {
    let name = method.strip_prefix("get").or_else(|| method.strip_prefix("with")).or_else(|| method.strip_prefix("set"))?;
    let all = if this.is_a(ce::database_mysqli_config()) {
        MYSQLI
    } else if this.is_a(ce::database_pdo_config()) {
        PDO
    } else {
        REDIS
    };
    let n = all.iter().position(|other| *other == name)?;
    Some((this.slot(n as u32), all[n]))
}

/// A property; null while it has no value.
pub fn get(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    match slot(call.this(), call.name()) {
        Some((slot, _)) if !slot.is_undef() => Value::copy_of(slot).give(ret),
        _ => ret.set_null(),
    }
    Ok(())
}

/// Sets a property and gives the object back.
pub fn with(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 1)?;
    let this = call.this();
    if let Some((slot, name)) = slot(this, call.name()) {
        let value = match name {
            "Port" | "RetryInterval" | "DbIndex" => Value::long(args.long()?),
            "Timeout" | "ReadTimeout" => Value::double(args.double()?),
            "UnixSocket" => args.opt_bytes_or_null()?.map_or_else(Value::null, Value::string),
            "Options" => {
                args.array()?;
                call.raw_arg(0).map_or_else(Value::null, |value| Value::copy_of(value))
            }
            _ => Value::string(args.bytes()?),
        };
        slot.assign(value);
    }
    Value::object(this).give(ret);
    Ok(())
}
