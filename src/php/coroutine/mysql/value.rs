//! Values, from MySQL's to PHP's and back.

use mysql_async::Column;
use mysql_async::Value as Sql;
use mysql_async::consts::{ColumnFlags, ColumnType};

use crate::zend::{Array, PhpResult, Value, Zval, ZvalExt};

/// One row as the program gets it. `strict`: the text protocol's numbers become numbers.
pub(super) fn row(columns: &[Column], values: &[Sql], strict: bool) -> Value {
    let mut row = Value::array(columns.len() as u32);
    for (column, value) in columns.iter().zip(values) {
        let value = php(column, value, strict);
        row.array_mut().set_symbol(column.name_ref(), value);
    }
    row
}

fn php(column: &Column, value: &Sql, strict: bool) -> Value {
    match value {
        Sql::NULL => Value::null(),
        Sql::Int(number) => Value::long(*number),
        Sql::UInt(number) => unsigned(*number),
        Sql::Float(number) => {
            // As short as it was written: 1.1f32 is not 1.10000002384.
            Value::double(number.to_string().parse().unwrap_or_else(|_| f64::from(*number)))
        }
        Sql::Double(number) => Value::double(*number),
        Sql::Bytes(bytes) if strict => typed(column, bytes),
        Sql::Bytes(bytes) => Value::string(bytes),
        Sql::Date(year, month, day, hour, minute, second, micros) => {
            let mut text = format!("{year:04}-{month:02}-{day:02}");
            if column.column_type() != ColumnType::MYSQL_TYPE_DATE {
                text.push_str(&format!(" {hour:02}:{minute:02}:{second:02}{}", fraction(*micros, column.decimals())));
            }
            Value::string(text.as_bytes())
        }
        Sql::Time(negative, days, hours, minutes, seconds, micros) => {
            let (sign, hours) = (if *negative { "-" } else { "" }, days * 24 + u32::from(*hours));
            let text = format!("{sign}{hours:02}:{minutes:02}:{seconds:02}{}", fraction(*micros, column.decimals()));
            Value::string(text.as_bytes())
        }
    }
}

/// `.123` for three decimals, nothing for none.
fn fraction(micros: u32, decimals: u8) -> String {
    match usize::from(decimals) {
        0 => String::new(),
        // 31 stands for "not fixed".
        n => format!(".{micros:06}")[..n.min(6) + 1].to_owned(),
    }
}

fn unsigned(number: u64) -> Value {
    i64::try_from(number).map_or_else(|_| Value::string(number.to_string().as_bytes()), Value::long)
}

fn typed(column: &Column, bytes: &[u8]) -> Value {
    use ColumnType as T;
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let number = match column.column_type() {
        T::MYSQL_TYPE_TINY
        | T::MYSQL_TYPE_SHORT
        | T::MYSQL_TYPE_LONG
        | T::MYSQL_TYPE_LONGLONG
        | T::MYSQL_TYPE_INT24
        | T::MYSQL_TYPE_YEAR => {
            if column.flags().contains(ColumnFlags::UNSIGNED_FLAG) {
                text.parse().ok().map(unsigned)
            } else {
                text.parse().ok().map(Value::long)
            }
        }
        T::MYSQL_TYPE_FLOAT | T::MYSQL_TYPE_DOUBLE => text.parse().ok().map(Value::double),
        _ => None,
    };
    number.unwrap_or_else(|| Value::string(bytes))
}

/// A statement's parameters, in the array's order.
pub(super) fn params(given: Array<'_>) -> PhpResult<Vec<Sql>> {
    let mut values = Vec::with_capacity(given.len());
    given.each(|_, value| {
        values.push(sql(value));
        true
    });
    crate::zend::error::check()?;
    Ok(values)
}

fn sql(value: &Zval) -> Sql {
    let value = value.dereference();
    if value.is_null() {
        Sql::NULL
    } else if value.is_long() || value.is_bool() || value.is_true() || value.is_false() {
        Sql::Int(value.to_long())
    } else if value.is_double() {
        Sql::Double(value.to_double())
    } else {
        value.to_zstr().map_or(Sql::NULL, |text| Sql::Bytes(text.to_vec()))
    }
}
