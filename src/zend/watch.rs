//! Watching calls of internal functions from outside: how long each took.

use super::string::bytes_of;
use super::sys::{self, zend_execute_data};

/// A call under way, as watch.c has it on the stack.
#[repr(C)]
#[derive(Default)]
pub struct Span {
    pub coroutine: i64,
    /// Microseconds of a steady clock.
    pub began: u64,
    /// Calls reported so far.
    pub reports: u64,
    /// The number of the coroutine's next wait.
    pub wait: u32,
}

/// What is told of each call of an internal function.
pub trait Watcher {
    /// False: its end is of no interest.
    fn begin(span: &mut Span) -> bool;
    /// `name` is that of the function, its class before it.
    fn end(span: &Span, name: &str);
}

unsafe extern "C" fn begin<W: Watcher>(span: *mut Span) -> bool {
    // SAFETY: room for a span on the caller's stack.
    unsafe {
        span.write(Span::default());
        W::begin(&mut *span)
    }
}

unsafe extern "C" fn end<W: Watcher>(span: *const Span, frame: *mut zend_execute_data) {
    // SAFETY: the span that `begin` wrote, and the frame of an internal function, whose name and class live on.
    let (span, name, class) = unsafe {
        let function = &(*(*frame).func).common;
        let class = function.scope.as_ref().map(|scope| bytes_of(scope.name));
        (&*span, bytes_of(function.function_name), class)
    };
    let name = String::from_utf8_lossy(name);
    match class {
        Some(class) => W::end(span, &format!("{}::{name}", String::from_utf8_lossy(class))),
        None => W::end(span, &name),
    }
}

/// Once, at module start.
pub fn prepare() {
    // SAFETY: module start, on PHP's only thread.
    unsafe { sys::swrs_start_watch() }
}

/// Watches every internal function there is now, whoever calls it.
pub fn start<W: Watcher>() {
    // SAFETY: static functions; PHP's only thread.
    unsafe { sys::swrs_watch(Some(begin::<W>), Some(end::<W>)) };
}

pub fn stop() {
    // SAFETY: as above.
    unsafe { sys::swrs_watch(None, None) };
}
