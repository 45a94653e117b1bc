//! Between PHP's values and a table's.

use std::rc::Rc;

use memory::table::{Column, ColumnType, Value as Field};

use super::{Ready, full};
use crate::zend::string::ZStr;
use crate::zend::{Array, PhpResult, Zval, ZvalExt, guarded};

/// Columns that are converted on the stack.
const FEW: usize = 16;

/// A column's value as PHP has it.
#[inline]
pub(super) fn give(value: Option<Field<'_>>, to: &mut Zval) {
    match value {
        Some(Field::Int(n)) => to.set_long(n),
        Some(Field::Float(x)) => to.set_double(x),
        Some(Field::Str(bytes)) => to.set_bytes(bytes),
        None => to.set_null(),
    }
}

/// `set()`: the array's values for the columns it names.
#[inline]
pub(super) fn store(ready: &Rc<Ready>, key: &[u8], values: Array<'_>, ret: &mut Zval) -> PhpResult {
    let columns = ready.table.schema().columns();
    if columns.len() > FEW {
        return store_converted(Rc::clone(ready), key, values, ret);
    }
    let mut fields = [(0, Field::Int(0)); FEW];
    let mut count = 0;
    for (n, name) in ready.names.iter().enumerate() {
        let Some(value) = values.get_known(name) else { continue };
        let Some(field) = direct(value, &columns[n]) else {
            return store_converted(Rc::clone(ready), key, values, ret);
        };
        fields[count] = (n, field);
        count += 1;
    }
    write(ready, key, &fields[..count], ret)
}

#[inline]
fn write(ready: &Ready, key: &[u8], fields: &[(usize, Field<'_>)], ret: &mut Zval) -> PhpResult {
    match ready.table.set(key, fields) {
        Ok(stored) => {
            ret.set_bool(true);
            if stored.truncated {
                log_truncated(ready, key, fields);
            }
            Ok(())
        }
        Err(memory::table::TableFull) => full(key),
    }
}

/// The value, where taking it makes nothing and runs nothing.
#[inline]
fn direct<'a>(value: &'a Zval, column: &Column) -> Option<Field<'a>> {
    match column.kind() {
        ColumnType::Int if value.is_long() => Some(Field::Int(value.to_long())),
        ColumnType::Float if value.is_double() => Some(Field::Float(value.to_double())),
        ColumnType::Str if value.is_string() => value.bytes().map(Field::Str),
        ColumnType::Str if value.is_null() || value.is_false() => Some(Field::Str(b"")),
        ColumnType::Int if is_scalar(value) => Some(Field::Int(value.to_long())),
        ColumnType::Float if is_scalar(value) => Some(Field::Float(value.to_double())),
        _ => None,
    }
}

#[inline]
fn is_scalar(value: &Zval) -> bool {
    value.is_long() || value.is_double() || value.is_bool() || value.is_null() || value.is_string()
}

/// A converted value, and what keeps its bytes.
enum Owned {
    Int(i64),
    Float(f64),
    Str(ZStr),
}

/// As PHP converts it; its code may run, throw, or end the request.
fn convert(value: &Zval, kind: ColumnType) -> PhpResult<Owned> {
    let mut converted = None;
    // The slot is outside of the guard, so that a bailout skips nothing that is to be dropped.
    guarded(|| {
        converted = match kind {
            ColumnType::Int => Some(Owned::Int(value.to_long())),
            ColumnType::Float => Some(Owned::Float(value.to_double())),
            ColumnType::Str => value.to_zstr().map(Owned::Str),
        }
    })
    .result()?;
    converted.ok_or(crate::zend::Thrown::Exception)
}

/// The way of objects, arrays and many columns. `ready` is kept: the conversions may destroy the table.
#[cold]
fn store_converted(ready: Rc<Ready>, key: &[u8], values: Array<'_>, ret: &mut Zval) -> PhpResult {
    let columns = ready.table.schema().columns();
    let mut owned = Vec::with_capacity(columns.len());
    for (n, name) in ready.names.iter().enumerate() {
        if let Some(value) = values.get_known(name) {
            owned.push((n, convert(value, columns[n].kind())?));
        }
    }
    let fields: Vec<(usize, Field<'_>)> = owned
        .iter()
        .map(|(n, value)| {
            let field = match value {
                Owned::Int(n) => Field::Int(*n),
                Owned::Float(x) => Field::Float(*x),
                Owned::Str(text) => Field::Str(text),
            };
            (*n, field)
        })
        .collect();
    write(&ready, key, &fields, ret)
}

#[cold]
fn log_truncated(ready: &Ready, key: &[u8], fields: &[(usize, Field<'_>)]) {
    for (n, field) in fields {
        let column = &ready.table.schema().columns()[*n];
        if matches!(field, Field::Str(text) if text.len() > column.size()) {
            tracing::warn!(
                "[key={},field={}]string value is too long",
                String::from_utf8_lossy(key),
                String::from_utf8_lossy(column.name())
            );
        }
    }
}
