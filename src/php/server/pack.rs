//! Values between processes: strings and scalars as they are, all else serialized.

use std::cell::RefCell;

use super::dispatch;
use crate::zend::string::ZStr;
use crate::zend::{Callable, Value, Zval, ZvalExt, guard, guarded, inspect};

/// How a payload is to be read; the low bits of a message's flags.
pub const TAG: u8 = 0x0f;
const STRING: u8 = 0;
const SERIALIZED: u8 = 1;
const LONG: u8 = 2;
const DOUBLE: u8 = 3;
const TRUE: u8 = 4;
const FALSE: u8 = 5;
const NULL: u8 = 6;

/// A value on its way to another process.
pub enum Packed<'a> {
    Bytes(u8, &'a [u8]),
    Text(u8, ZStr),
    Number(u8, [u8; 8]),
}

impl Packed<'_> {
    pub fn tag(&self) -> u8 {
        match self {
            Self::Bytes(tag, _) | Self::Text(tag, _) | Self::Number(tag, _) => *tag,
        }
    }

    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Bytes(_, bytes) => bytes,
            Self::Text(_, text) => text,
            Self::Number(_, bytes) => bytes,
        }
    }
}

thread_local! {
    static SERIALIZE: RefCell<Option<Callable>> = const { RefCell::new(None) };
}

/// Forgets what belongs to a request.
pub fn forget() {
    SERIALIZE.with_borrow_mut(|slot| *slot = None);
}

fn serialize(value: &Zval) -> Option<ZStr> {
    let callable = SERIALIZE.with_borrow_mut(|slot| {
        if slot.is_none() {
            *slot = Callable::new(Value::string(b"serialize").as_zval());
        }
        slot.clone()
    })?;
    let text = dispatch::call(&callable, &mut [Value::copy_of(value).into_zval()])?;
    text.as_zval().zstr().map(ZStr::share)
}

/// None when the value cannot be serialized; the exception has been told.
pub fn pack(value: &Zval) -> Option<Packed<'_>> {
    if let Some(bytes) = value.bytes() {
        return Some(Packed::Bytes(STRING, bytes));
    }
    if value.is_long() {
        return Some(Packed::Number(LONG, value.to_long().to_ne_bytes()));
    }
    if value.is_double() {
        return Some(Packed::Number(DOUBLE, value.to_double().to_ne_bytes()));
    }
    if value.is_null() {
        return Some(Packed::Bytes(NULL, &[]));
    }
    if value.is_bool() {
        return Some(Packed::Bytes(if value.to_bool() { TRUE } else { FALSE }, &[]));
    }
    Some(Packed::Text(SERIALIZED, serialize(value)?))
}

/// None when the bytes are no such value.
pub fn unpack(tag: u8, bytes: &[u8]) -> Option<Value> {
    let number = || bytes.try_into().ok();
    Some(match tag & TAG {
        STRING => Value::string(bytes),
        LONG => Value::long(i64::from_ne_bytes(number()?)),
        DOUBLE => Value::from_zval(dispatch::double(f64::from_ne_bytes(number()?))),
        TRUE => Value::bool(true),
        FALSE => Value::bool(false),
        NULL => Value::null(),
        SERIALIZED => {
            let mut value = Zval::new();
            let mut outcome = Ok(());
            // Wake-up methods run inside; the text must end with a zero, which only a PHP string promises.
            let text = ZStr::new(bytes);
            let ended = guarded(|| outcome = inspect::unserialize(&mut value, &text, None));
            if ended != guard::Ended::Ok || outcome.is_err() {
                let ended = if outcome.is_err() { guard::Ended::Exception } else { ended };
                if guard::uncaught(ended) {
                    dispatch::abort();
                }
                return None;
            }
            Value::from_zval(value)
        }
        _ => return None,
    })
}
