//! Calls of user functions, and allocations, told to whoever traces them.

use std::ffi::c_void;

use super::string::bytes_of;
use super::sys::{zend_execute_data, zend_string};

unsafe extern "C" {
    fn swrs_trace_calls(begun: unsafe extern "C" fn(*mut zend_execute_data), ended: unsafe extern "C" fn(*mut zend_execute_data));
    fn swrs_traced_function(
        ex: *mut zend_execute_data,
        scope: *mut *const zend_string,
        name: *mut *const zend_string,
        file: *mut *const zend_string,
        line: *mut u32,
    );
    fn swrs_trace_blocks(
        made: unsafe extern "C" fn(*mut c_void, usize),
        moved: unsafe extern "C" fn(*mut c_void, *mut c_void, usize),
        freed: unsafe extern "C" fn(*mut c_void),
    );
    fn swrs_untrace_blocks();
    fn swrs_running_line(line: *mut u32) -> *const zend_string;
}

/// The function of a call.
pub struct Function<'a> {
    pub class: Option<&'a [u8]>,
    pub name: &'a [u8],
    pub file: &'a [u8],
    pub line: u32,
}

/// Who is told of calls. Neither method may run PHP code.
pub trait Calls {
    /// `frame` tells calls apart while they last.
    fn begun(frame: usize, function: impl FnOnce(&mut dyn FnMut(&Function<'_>)));
    fn ended(frame: usize);
}

unsafe extern "C" fn call_begun<C: Calls>(ex: *mut zend_execute_data) {
    C::begun(ex as usize, |tell| {
        let (mut class, mut name, mut file, mut line) = (std::ptr::null(), std::ptr::null(), std::ptr::null(), 0);
        // SAFETY: the frame of a user function that begins; its names live as long as the function.
        unsafe {
            swrs_traced_function(ex, &mut class, &mut name, &mut file, &mut line);
            let text = |string: *const zend_string| if string.is_null() { &[][..] } else { bytes_of(&*string) };
            let class = (!class.is_null()).then(|| text(class));
            tell(&Function { class, name: text(name), file: text(file), line });
        }
    });
}

unsafe extern "C" fn call_ended<C: Calls>(ex: *mut zend_execute_data) {
    C::ended(ex as usize);
}

/// From module start on, to the process's end.
pub fn calls<C: Calls>() {
    // SAFETY: module start, on PHP's thread; the functions stay.
    unsafe { swrs_trace_calls(call_begun::<C>, call_ended::<C>) }
}

/// Who is told of PHP's allocations. No method may run PHP code or allocate from PHP's heap.
pub trait Blocks {
    fn made(block: usize, size: usize);
    fn moved(from: usize, to: usize, size: usize);
    fn freed(block: usize);
}

unsafe extern "C" fn block_made<B: Blocks>(block: *mut c_void, size: usize) {
    B::made(block as usize, size);
}

unsafe extern "C" fn block_moved<B: Blocks>(from: *mut c_void, to: *mut c_void, size: usize) {
    B::moved(from as usize, to as usize, size);
}

unsafe extern "C" fn block_freed<B: Blocks>(block: *mut c_void) {
    B::freed(block as usize);
}

/// For the request that begins, until [`end_blocks`].
pub fn blocks<B: Blocks>() {
    // SAFETY: PHP's thread and heap; the functions stay.
    unsafe { swrs_trace_blocks(block_made::<B>, block_moved::<B>, block_freed::<B>) }
}

pub fn end_blocks() {
    // SAFETY: as above.
    unsafe { swrs_untrace_blocks() }
}

/// The file and line of the script that runs, and an address that is the file's as long as the request lasts.
pub fn running_line<'a>() -> Option<(usize, &'a [u8], u32)> {
    let mut line = 0;
    // SAFETY: a slot for the line; file names live as long as their code.
    unsafe {
        let file = swrs_running_line(&mut line).as_ref()?;
        Some((std::ptr::from_ref(file) as usize, bytes_of(file), line))
    }
}
