//! swoole_table(): a Swoole\Table by a description of its columns.

use crate::zend::error::throw;
use crate::zend::registration::ce;
use crate::zend::{Call, PhpResult, Thrown, Value, Zval, ZvalExt, invoke};

/// Part of the rows that may share a slot of the hash.
const CONFLICT: f64 = 0.25;

fn refuse(text: &str) -> Thrown {
    match invoke::class(b"RuntimeException") {
        Ok(class) => throw(class, 0, text),
        Err(thrown) => thrown,
    }
}

/// A column: its name, the value of TYPE_*, its size in bytes.
fn column(field: &str) -> Result<(&str, i64, i64), String> {
    let mut parts = field.trim().split(':').map(str::trim);
    let (name, kind) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let kind = match kind {
        "i" | "int" => 1,
        "f" | "float" => 2,
        "s" | "string" => 3,
        other => return Err(format!("unknown field type[{other}]")),
    };
    if kind != 3 {
        return Ok((name, kind, 0));
    }
    let length = parts.next().ok_or("need to give string length")?;
    match length.parse::<i64>() {
        Ok(bytes) if bytes > 0 => Ok((name, kind, bytes)),
        Ok(bytes) => Err(format!("invalid string length[{bytes}]")),
        Err(_) => Err("invalid string length[0]".to_owned()),
    }
}

/// `swoole_table(int $size, string $fields): Table`
pub fn make(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let (size, fields) = (args.long()?, args.bytes()?);
    let fields = String::from_utf8_lossy(fields);
    let mut conflict = Zval::new();
    conflict.set_double(CONFLICT);
    let class = ce::table();
    let table = invoke::construct(class, &mut [Value::long(size).into_zval(), conflict])?;
    let Some(object) = table.as_zval().obj() else { return Err(Thrown::Exception) };
    for field in fields.trim().split(',') {
        let (name, kind, length) = column(field).map_err(|text| refuse(&text))?;
        let mut args =
            [Value::string(name.as_bytes()).into_zval(), Value::long(kind).into_zval(), Value::long(length).into_zval()];
        invoke::method(object, b"column", &mut args)?;
    }
    if !invoke::method(object, b"create", &mut [])?.as_zval().to_bool() {
        return Err(refuse("failed to create table"));
    }
    table.give(ret);
    Ok(())
}
