//! Swoole\Database\RedisConfig: where a RedisPool connects.

use crate::zend::{Call, ObjectExt, PhpResult, Value, Zval, ZvalExt};

/// Number of `$options` among the declared properties.
const OPTIONS: u32 = 8;

/// One option more, for `Redis::setOption()`.
pub fn with_option(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let (option, value) = (args.long()?, Value::copy_of(args.value()?));
    let this = call.this();
    if let Some(mut options) = this.slot(OPTIONS).as_array_mut() {
        options.set_index(option, value);
    }
    Value::object(this).give(ret);
    Ok(())
}
