//! `stream_select()` in coroutines: it lets others run in any case, and counts streams.

use std::cell::Cell;
use std::collections::HashSet;

use crate::zend::replace::{self, Replacement};
use crate::zend::{Call, PhpResult, Zval, ZvalExt, stream};

static ALL: &[Replacement] = &[Replacement { name: c"stream_select", takes: |_| coroutine::in_coroutine(), handler: select }];

thread_local! {
    static ON: Cell<bool> = const { Cell::new(false) };
}

/// Switches the replacement; once more is nothing.
pub fn switch(on: bool) {
    if ON.replace(on) != on {
        if on { replace::put(ALL) } else { replace::undo(ALL) }
    }
}

/// PHP's own, whose count has a stream twice that is in two of the arrays.
fn select(call: &mut Call, ret: &mut Zval) -> PhpResult {
    ::runtime::suspending_first(|| replace::original(call, ret))?;
    if ret.long().is_none_or(|ready| ready < 2) {
        return Ok(());
    }
    let mut streams = HashSet::new();
    for n in 0..3 {
        if let Some(array) = call.raw_arg(n).and_then(|argument| argument.as_array()) {
            array.each(|_, value| {
                streams.insert(stream::handle_of(value));
                true
            });
        }
    }
    ret.set_long(streams.len() as i64);
    Ok(())
}
