//! Calls into Zend from which a bailout must not escape.

use std::ffi::{c_int, c_void};
use std::mem::ManuallyDrop;

use super::error::{PhpResult, Thrown};
use super::sys;

/// How a guarded call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    Ok,
    /// The exception is pending.
    Exception,
    Bailout,
}

impl From<c_int> for Ended {
    fn from(code: c_int) -> Self {
        match code {
            0 => Ended::Ok,
            1 => Ended::Exception,
            _ => Ended::Bailout,
        }
    }
}

impl Ended {
    pub fn result(self) -> PhpResult {
        match self {
            Ended::Ok => Ok(()),
            Ended::Exception => Err(Thrown::Exception),
            Ended::Bailout => Err(Thrown::Bailout),
        }
    }
}

/// Runs `body`, which calls Zend; a bailout inside ends here. `body` must own nothing that needs
/// dropping while it is inside Zend: a bailout skips its frames.
pub fn guarded<F: FnOnce()>(body: F) -> Ended {
    unsafe extern "C" fn run<F: FnOnce()>(argument: *mut c_void) {
        // SAFETY: `argument` is the cell below, read once.
        let body = unsafe { ManuallyDrop::take(&mut *argument.cast::<ManuallyDrop<F>>()) };
        body();
    }
    let mut body = ManuallyDrop::new(body);
    // SAFETY: `run::<F>` takes the closure out of the cell; the cell outlives the call.
    unsafe { sys::swrs_guard(run::<F>, (&raw mut body).cast()) }.into()
}

/// Deals with what a callback left behind when nobody above can catch it: the user's exception handler,
/// else PHP's fatal error. True when the request is over.
pub fn uncaught(ended: Ended) -> bool {
    match ended {
        Ended::Ok => false,
        // SAFETY: an exception is pending, as `ended` says.
        Ended::Exception => unsafe { sys::swrs_uncaught() != 0 },
        Ended::Bailout => true,
    }
}

/// Deals with what a destructor threw at a coroutine's end: a warning. True when the request is over.
pub fn unheard(ended: Ended) -> bool {
    match ended {
        Ended::Ok => false,
        // SAFETY: an exception is pending, as `ended` says.
        Ended::Exception => unsafe { sys::swrs_unheard() != 0 },
        Ended::Bailout => true,
    }
}
