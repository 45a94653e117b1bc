//! Swoole\Table.

pub mod iterate;
mod values;

use std::cell::{Cell, UnsafeCell};
use std::fmt::Write;
use std::rc::Rc;

use memory::Table;
use memory::table::{Amount, ColumnType, IncrError, MAX_KEY, Schema, SchemaError, Snapshot};

use crate::php::error::{constructed_twice, no_memory, not_constructed};
use crate::php::report::{Line, fatal, notice};
use crate::zend::error::{E_ERROR, E_WARNING};
use crate::zend::string::ZStr;
use crate::zend::{
    Call, ClassEntry, ClassState, Handlers, ObjectExt, Pattern, PhpResult, Thrown, Value, Zval, ZvalExt, class_state, guarded,
    state_of,
};

/// Values of the TYPE_* constants.
const TYPE_INT: i64 = 1;
const TYPE_FLOAT: i64 = 2;
const TYPE_STRING: i64 = 3;

/// Numbers of the declared properties.
const SIZE: u32 = 0;
const MEMORY_SIZE: u32 = 1;

/// What a table is before `create()`.
struct Plan {
    rows: u64,
    conflict: f64,
    schema: Schema,
}

/// A table in use. Handlers that let PHP code run meanwhile hold an `Rc` of it: the code may destroy it.
struct Ready {
    table: Table,
    /// The columns' names, interned: looking one up in an array mostly is a comparison of pointers.
    names: Vec<ZStr>,
    pattern: Pattern,
    /// What `get()` reads into; nothing runs between filling and emptying it.
    scratch: UnsafeCell<Snapshot>,
    /// The iterator: its row, and the slot to go on from.
    row: UnsafeCell<Snapshot>,
    has_row: Cell<bool>,
    next: Cell<usize>,
}

enum Phase {
    /// The constructor did not run, or `destroy()` did.
    None,
    Plan(Plan),
    Ready(Rc<Ready>),
}

pub struct State(UnsafeCell<Phase>);

impl Default for State {
    fn default() -> Self {
        State(UnsafeCell::new(Phase::None))
    }
}

static HANDLERS: Handlers = Handlers::new();

impl ClassState for State {
    fn handlers() -> &'static Handlers {
        &HANDLERS
    }
}

pub fn class_init(class: &mut ClassEntry) {
    class_state::<State>(class);
}

/// The state of the object, to be looked at or changed before any PHP code can run.
#[inline]
#[expect(clippy::mut_from_ref, reason = "one PHP thread, and no reference is kept across a call into PHP")]
fn phase(call: &Call) -> &mut Phase {
    // SAFETY: the handlers of this class and its children only; see the reason above.
    unsafe { &mut *state_of::<State>(call.this()).0.get() }
}

/// The table in use.
#[inline]
fn ready(call: &Call) -> PhpResult<&Rc<Ready>> {
    match phase(call) {
        Phase::Ready(ready) => Ok(ready),
        other => Err(not_ready(matches!(other, Phase::None))),
    }
}

#[cold]
fn not_ready(unconstructed: bool) -> Thrown {
    if unconstructed {
        return not_constructed("Swoole\\Table");
    }
    // A fatal error jumps; there is nothing to be dropped here, and the guard makes it a result.
    let _ = guarded(|| fatal(E_ERROR, "table is not created or has been destroyed"));
    Thrown::Bailout
}

pub fn construct(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    if !matches!(phase(call), Phase::None) {
        return Err(constructed_twice(call));
    }
    let mut args = call.args(1, 2)?;
    let rows = args.long()?;
    let conflict = args.opt_double()?.unwrap_or(0.2);
    // A negative number is a huge one, as it always was.
    let rows = u64::try_from(rows).unwrap_or(u64::MAX);
    *phase(call) = Phase::Plan(Plan { rows, conflict, schema: Schema::new() });
    Ok(())
}

#[inline]
pub fn column(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 3)?;
    let (name, kind, size) = (args.bytes()?, args.long()?, args.opt_long()?.unwrap_or(0));
    ret.give_bool(false);
    if matches!(phase(call), Phase::None) {
        return Err(not_constructed("Swoole\\Table"));
    }
    if kind == TYPE_STRING && size < 1 {
        fatal(E_WARNING, "the length of string type values has to be more than zero");
        return Ok(());
    }
    let Phase::Plan(plan) = phase(call) else {
        fatal(E_WARNING, "unable to add column after table has been created");
        return Ok(());
    };
    let kind = match kind {
        TYPE_INT => ColumnType::Int,
        TYPE_FLOAT => ColumnType::Float,
        TYPE_STRING => ColumnType::Str,
        _ => {
            tracing::warn!("unknown column type");
            return Ok(());
        }
    };
    match plan.schema.push(name, kind, usize::try_from(size).unwrap_or(0)) {
        // The first of two columns of one name stays.
        Ok(()) | Err(SchemaError::Duplicate) => ret.give_bool(true),
        Err(SchemaError::BadSize) => fatal(E_WARNING, "a string column of this length is not possible"),
    }
    Ok(())
}

#[inline]
pub fn create(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    ret.give_bool(false);
    let plan = match phase(call) {
        Phase::Plan(plan) => plan,
        Phase::None => return Err(not_constructed("Swoole\\Table")),
        Phase::Ready(_) => {
            return Err(crate::php::error::swoole_exception(0, "the table has been created already"));
        }
    };
    let table = Table::new(plan.rows, plan.conflict, plan.schema.clone()).map_err(no_memory)?;
    let names: Vec<ZStr> = table.schema().columns().iter().map(|column| ZStr::interned(column.name())).collect();
    let (size, bytes) = (table.size() as i64, table.memory_size() as i64);
    let pattern = Pattern::new(&names);
    *phase(call) = Phase::Ready(Rc::new(Ready {
        table,
        names,
        pattern,
        scratch: UnsafeCell::default(),
        row: UnsafeCell::default(),
        has_row: Cell::new(false),
        next: Cell::new(0),
    }));
    let this = call.this();
    this.slot(SIZE).assign(Value::long(size));
    this.slot(MEMORY_SIZE).assign(Value::long(bytes));
    ret.give_bool(true);
    Ok(())
}

#[inline]
pub fn destroy(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    ready(call)?;
    *phase(call) = Phase::None;
    ret.give_bool(true);
    Ok(())
}

#[inline]
pub fn set(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let (key, values) = (args.bytes()?, args.array()?);
    let ready = ready(call)?;
    ret.give_bool(false);
    if key.len() > MAX_KEY {
        key_too_long(key)?;
        // An error handler may have destroyed the table.
        return set_again(call, ret, key, values);
    }
    values::store(ready, key, values, ret)
}

#[cold]
fn set_again(call: &Call, ret: &mut Zval, key: &[u8], values: crate::zend::Array<'_>) -> PhpResult {
    values::store(ready(call)?, key, values, ret)
}

#[cold]
fn key_too_long(key: &[u8]) -> PhpResult {
    let mut text = Line::<1024>::default();
    let _ = write!(text, "key[{}] is too long", String::from_utf8_lossy(key));
    guarded(|| fatal(E_WARNING, text.text())).result()
}

#[cold]
fn full(key: &[u8]) -> PhpResult {
    let mut text = Line::<256>::default();
    let _ = write!(text, "failed to set('{}'), unable to allocate memory", String::from_utf8_lossy(key));
    guarded(|| notice(E_WARNING, text.text())).result()
}

#[inline]
pub fn get(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(1, 2)?;
    let key = args.bytes()?;
    let field = if args.left() == 0 { None } else { args.opt_bytes_or_null()? };
    let ready = ready(call)?;
    let schema = ready.table.schema();
    // SAFETY: no PHP code runs before the last use below.
    let scratch = unsafe { &mut *ready.scratch.get() };
    match field {
        None => {
            if ready.table.get(key, None, scratch) {
                ready.row_to(scratch, ret);
            } else {
                ret.give_bool(false);
            }
        }
        Some(field) => match schema.find(field) {
            Some(column) if ready.table.get(key, Some(column), scratch) => {
                values::give(scratch.value(schema, column), ret);
            }
            _ => ret.give_bool(false),
        },
    }
    Ok(())
}

impl Ready {
    /// The row in a snapshot as an array.
    #[inline]
    fn row_to(&self, row: &Snapshot, ret: &mut Zval) {
        let schema = self.table.schema();
        self.pattern.build(ret, |column, slot| values::give(row.value(schema, column), slot));
    }
}

#[inline]
pub fn exists(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let key = call.args(1, 1)?.bytes()?;
    ret.give_bool(ready(call)?.table.exists(key));
    Ok(())
}

#[inline]
pub fn del(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let key = call.args(1, 1)?.bytes()?;
    ret.give_bool(ready(call)?.table.del(key));
    Ok(())
}

#[inline]
pub fn incr(call: &mut Call, ret: &mut Zval) -> PhpResult {
    change(call, ret, false)
}

#[inline]
pub fn decr(call: &mut Call, ret: &mut Zval) -> PhpResult {
    change(call, ret, true)
}

#[inline]
fn change(call: &mut Call, ret: &mut Zval, down: bool) -> PhpResult {
    let mut args = call.args(2, 3)?;
    let (key, field) = (args.bytes()?, args.bytes()?);
    let by = args.opt_value();
    let mut ready = ready(call)?;
    let column = ready.table.schema().find(field);
    let kind = column.map(|column| ready.table.schema().columns()[column].kind());
    let (Some(column), Some(kind @ (ColumnType::Int | ColumnType::Float))) = (column, kind) else {
        return not_a_number(ret, field, down, column.is_some());
    };
    let amount = match by {
        None => Amount::Int(1),
        Some(by) if by.is_long() => Amount::Int(by.to_long()),
        Some(by) => {
            // An object's conversion runs PHP code.
            let mut amount = Amount::Int(0);
            guarded(|| {
                amount = if kind == ColumnType::Int { Amount::Int(by.to_long()) } else { Amount::Float(by.to_double()) };
            })
            .result()?;
            ready = self::ready(call)?;
            amount
        }
    };
    let amount = match amount {
        Amount::Int(n) if down => Amount::Int(n.wrapping_neg()),
        Amount::Float(x) if down => Amount::Float(-x),
        up => up,
    };
    match ready.table.incr(key, column, amount) {
        Ok(Amount::Int(n)) => ret.give_long(n),
        Ok(Amount::Float(x)) => ret.give_double(x),
        Err(IncrError::Full | IncrError::NotNumeric) => {
            ret.give_bool(false);
            fatal(E_WARNING, "unable to allocate memory");
        }
    }
    Ok(())
}

#[cold]
fn not_a_number(ret: &mut Zval, field: &[u8], down: bool, exists: bool) -> PhpResult {
    ret.give_bool(false);
    let mut text = Line::<256>::default();
    let _ = if exists {
        write!(text, "can't execute '{}' on a string type column", if down { "decr" } else { "incr" })
    } else {
        write!(text, "column[{}] does not exist", String::from_utf8_lossy(field))
    };
    guarded(|| fatal(E_WARNING, text.text())).result()
}

#[inline]
pub fn count(call: &mut Call, ret: &mut Zval) -> PhpResult {
    // COUNT_RECURSIVE, undeclared, counts the fields.
    let recursive = call.args(0, 1)?.opt_long()?.unwrap_or(0) != 0;
    ret.give_long(match phase(call) {
        Phase::Ready(ready) if recursive => (ready.table.count() * ready.names.len()) as i64,
        Phase::Ready(ready) => ready.table.count() as i64,
        _ => 0,
    });
    Ok(())
}

#[inline]
pub fn get_size(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    ret.give_long(match phase(call) {
        Phase::Ready(ready) => ready.table.size() as i64,
        Phase::Plan(plan) => Table::rounded(plan.rows) as i64,
        Phase::None => 0,
    });
    Ok(())
}

#[inline]
pub fn get_memory_size(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    ret.give_long(match phase(call) {
        Phase::Ready(ready) => ready.table.memory_size() as i64,
        _ => 0,
    });
    Ok(())
}

#[inline]
pub fn stats(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let Phase::Ready(ready) = phase(call) else {
        ret.give_bool(false);
        return Ok(());
    };
    let stats = ready.table.stats();
    let rows = [
        ("num", stats.rows as i64),
        ("conflict_count", stats.conflicts as i64),
        ("conflict_max_level", i64::from(stats.max_chain)),
        ("insert_count", stats.inserts as i64),
        ("update_count", stats.updates as i64),
        ("delete_count", stats.deletes as i64),
        ("available_slice_num", stats.spare_free as i64),
        ("total_slice_num", stats.spare_total as i64),
    ];
    ret.set_new_array(rows.len() as u32);
    if let Some(mut array) = ret.as_array_mut() {
        for (name, number) in rows {
            array.set(name, Value::long(number));
        }
    }
    Ok(())
}
