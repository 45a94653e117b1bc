//! curl_easy_perform: a cancelled transfer is one that the application aborted.

use libc::{c_int, c_void};

use crate::{engine, table};

/// curl/curl.h
const ABORTED_BY_CALLBACK: c_int = 42;

type Perform = unsafe extern "C" fn(*mut c_void) -> c_int;

pub unsafe extern "C" fn easy_perform(handle: *mut c_void) -> c_int {
    static REAL: std::sync::OnceLock<usize> = std::sync::OnceLock::new();
    let real = *REAL.get_or_init(|| table::real_address("curl_easy_perform"));
    // SAFETY: a slot is only patched where it held this very function, so it is there and of this type.
    let real = unsafe { std::mem::transmute::<usize, Perform>(real) };
    let Some(engine) = engine::current() else {
        // SAFETY: the caller's argument, unchanged.
        return unsafe { real(handle) };
    };
    engine::forget_cancel();
    // SAFETY: as above.
    let code = unsafe { real(handle) };
    // libcurl takes a poll that failed for a mistake of its caller's.
    if code != 0 && engine::was_canceled(engine) { ABORTED_BY_CALLBACK } else { code }
}
