//! The Iterator of a table: a copy of one row, and the slot to go on from.

use memory::table::Snapshot;

use super::{Ready, ready};
use crate::zend::{Call, PhpResult, Zval, ZvalExt};

impl Ready {
    fn forward(&self) {
        // SAFETY: no PHP code runs while the row is read, and nobody else has a reference to it.
        let row = unsafe { &mut *self.row.get() };
        match self.table.next_row(self.next.get(), row) {
            Some(next) => {
                self.next.set(next);
                self.has_row.set(true);
            }
            None => self.has_row.set(false),
        }
    }

    fn row(&self) -> Option<&Snapshot> {
        // SAFETY: changed by `forward` only, which no one calls while this reference is used.
        self.has_row.get().then(|| unsafe { &*self.row.get() })
    }
}

#[inline]
pub fn rewind(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let ready = ready(call)?;
    ready.next.set(0);
    ready.forward();
    Ok(())
}

#[inline]
pub fn next(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    ready(call)?.forward();
    Ok(())
}

#[inline]
pub fn valid(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    ret.give_bool(ready(call)?.has_row.get());
    Ok(())
}

#[inline]
pub fn current(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    let ready = ready(call)?;
    if let Some(row) = ready.row() {
        ready.row_to(row, ret);
    }
    Ok(())
}

#[inline]
pub fn key(call: &mut Call, ret: &mut Zval) -> PhpResult {
    call.no_args()?;
    if let Some(row) = ready(call)?.row() {
        ret.set_bytes(row.key());
    }
    Ok(())
}
