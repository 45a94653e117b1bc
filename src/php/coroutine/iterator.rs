//! Swoole\Coroutine\Iterator: an ArrayIterator over coroutine ids.

use crate::zend::{Callable, ClassEntry, PhpResult, Value, new_object};

/// An ArrayIterator of `class` over numbers.
pub(crate) fn make(class: *mut ClassEntry, ids: &[i64]) -> PhpResult<Value> {
    let mut list = Value::array(ids.len() as u32);
    let mut array = list.array_mut();
    for id in ids {
        array.push(Value::long(*id));
    }
    let iterator = new_object(class);
    let mut constructor = Value::array(2);
    let mut pair = constructor.array_mut();
    pair.push(iterator.clone());
    pair.push(Value::string(b"__construct"));
    if let Some(constructor) = Callable::new(constructor.as_zval()) {
        constructor.invoke(&mut [list.into_zval()])?;
    }
    Ok(iterator)
}
