//! `proc_open()` in coroutines: its resource has a type of its own name, "process/coroutine", with PHP's inside.

use std::cell::Cell;

use crate::zend::replace::{self, Replacement};
use crate::zend::{Call, PhpResult, Zval, resource};

static OPEN: &[Replacement] = &[Replacement { name: c"proc_open", takes: |_| coroutine::in_coroutine(), handler: open }];

/// What PHP knows to do with a process. They stay replaced: a process may outlive the hooks that it was opened under.
static REST: &[Replacement] = &[
    Replacement { name: c"proc_close", takes: is_wrapped, handler: on_inner },
    Replacement { name: c"proc_get_status", takes: is_wrapped, handler: on_inner },
    Replacement { name: c"proc_terminate", takes: is_wrapped, handler: on_inner },
];

thread_local! {
    static ON: Cell<bool> = const { Cell::new(false) };
}

/// Switches the replacement; once more is nothing.
pub fn switch(on: bool) {
    if ON.replace(on) == on {
        return;
    }
    if on {
        replace::put(OPEN);
        replace::put(REST);
    } else {
        replace::undo(OPEN);
    }
}

fn is_wrapped(call: &Call) -> bool {
    call.raw_arg(0).is_some_and(|process| resource::is_wrapped(process))
}

fn open(call: &mut Call, ret: &mut Zval) -> PhpResult {
    replace::original(call, ret)?;
    resource::wrap(ret);
    Ok(())
}

fn on_inner(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let closes = call.name() == "proc_close";
    let Some(process) = call.raw_arg(0) else { return Ok(()) };
    let wrapping = resource::unwrap_argument(process);
    let result = replace::original(call, ret);
    wrapping.release(closes && result.is_ok());
    result
}
