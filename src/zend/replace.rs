//! PHP's own functions with another handler, while hooks say so.
//!
//! Compiled code holds on to a function's entry and not to its handler, so that a change reaches code that runs
//! already; arguments are still sent as PHP's own declaration says.

use std::cell::RefCell;
use std::ffi::CStr;

use ext_php_rs::zend::ExecuteData;

use super::sys::{self, Zval, zend_class_entry, zend_function};
use super::value::Value;
use super::{Call, PhpResult, registration};

pub(super) type RawHandler = unsafe extern "C" fn(*mut ExecuteData, *mut Zval);
type Handler = fn(&mut Call, &mut Zval) -> PhpResult;

/// What stands in for a function of PHP's.
pub struct Replacement {
    /// In lower case.
    pub name: &'static CStr,
    /// Whether a call is ours; PHP's own handler gets the others.
    pub takes: fn(&Call) -> bool,
    pub handler: Handler,
}

#[derive(Clone, Copy)]
struct Entry {
    function: *mut zend_function,
    original: RawHandler,
    ours: &'static Replacement,
    /// Compiled code of a JIT may hold on to our handler longer than the function's entry does.
    active: bool,
}

thread_local! {
    static ENTRIES: RefCell<Vec<Entry>> = const { RefCell::new(Vec::new()) };
}

fn entry_of(function: *mut zend_function) -> Option<Entry> {
    ENTRIES.with_borrow(|entries| entries.iter().find(|entry| entry.function == function).copied())
}

unsafe extern "C" fn dispatch(ex: *mut ExecuteData, ret: *mut Zval) {
    // SAFETY: called by Zend only, with a frame and a return slot; nothing here needs dropping.
    unsafe {
        let Some(entry) = entry_of((*ex).func) else { return };
        if entry.active && (entry.ours.takes)(&Call::new(ex)) {
            registration::enter(Call::new(ex), ret, entry.ours.handler);
        } else {
            (entry.original)(ex, ret);
        }
    }
}

/// Puts `all` in the place of what they name. Functions that this PHP does not have are left out.
pub fn put(all: &'static [Replacement]) {
    for ours in all {
        // SAFETY: a static name; internal functions live as long as the process.
        let function = unsafe { sys::swrs_internal_function(ours.name.as_ptr(), ours.name.count_bytes()) };
        if function.is_null() || entry_of(function).is_some_and(|entry| entry.active) {
            continue;
        }
        // SAFETY: an internal function, whose handler PHP's only thread changes.
        let original = unsafe { sys::swrs_set_handler(function, dispatch) };
        ENTRIES.with_borrow_mut(|entries| {
            entries.retain(|entry| entry.function != function);
            entries.push(Entry { function, original, ours, active: true });
        });
    }
}

/// Gives the functions that `all` name their own handlers back.
pub fn undo(all: &'static [Replacement]) {
    ENTRIES.with_borrow_mut(|entries| {
        for entry in entries.iter_mut().filter(|entry| all.iter().any(|ours| std::ptr::eq(ours, entry.ours))) {
            if std::mem::take(&mut entry.active) {
                // SAFETY: as in `put`.
                unsafe { sys::swrs_set_handler(entry.function, entry.original) };
            }
        }
    });
}

/// PHP's own handler on the running function's frame, from within its replacement.
///
/// # Errors
/// Its exception, a bailout.
pub fn original(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let frame = call.frame();
    // SAFETY: a live frame.
    let Some(entry) = entry_of(unsafe { (*frame).func }) else { return Ok(()) };
    let ret: *mut Zval = ret;
    // SAFETY: the frame and the slot outlive the call; the closure owns nothing.
    super::guarded(|| unsafe { (entry.original)(frame, ret) }).result()
}

/// Makes `class` a child of the class of that lower-case name: `instanceof` says so, nothing is inherited. False when
/// it has a parent, or there is no such class.
pub fn adopt(class: *mut zend_class_entry, parent: &CStr) -> bool {
    // SAFETY: a registered class of ours.
    unsafe { sys::swrs_adopt(class, parent.as_ptr(), parent.count_bytes()) }
}

/// Takes an [`adopt`] back.
pub fn orphan(class: *mut zend_class_entry) {
    // SAFETY: a registered class of ours, which inherits nothing.
    unsafe { sys::swrs_orphan(class) }
}

/// Assigns to an argument taken by reference, whose type may refuse.
///
/// # Errors
/// A TypeError, or what a conversion throws.
pub fn assign(argument: &mut Zval, value: Value) -> PhpResult {
    let mut value = std::mem::ManuallyDrop::new(value.into_zval());
    let (to, from) = (&raw mut *argument, &raw mut *value);
    // SAFETY: live zvals; the value is taken over. The closure owns nothing.
    super::guarded(|| unsafe { sys::swrs_assign_ref(to, from) }).result()
}
