//! The module entry, and what build.rs generates from the stubs: function tables, classes, constants.
//!
//! `HANDLERS` and registration.c are numbered alike: the C tables refer to a handler by its index.

use std::cell::UnsafeCell;
use std::ffi::{CStr, c_char, c_int};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::OnceLock;

use ext_php_rs::ffi::{
    CONST_PERSISTENT, ZEND_MODULE_API_NO, ext_php_rs_php_build_id, zend_register_bool_constant, zend_register_long_constant,
    zend_register_string_constant,
};
use ext_php_rs::types::Zval;
use ext_php_rs::zend::{ExecuteData, FunctionEntry, ModuleEntry};

use super::{Call, ClassEntry, PhpResult, Thrown, panicked};

type Handler = unsafe extern "C" fn(*mut ExecuteData, *mut Zval);
type ClassInit = unsafe extern "C" fn(*mut ClassEntry);

/// A constant's value that is known only at start-up.
pub enum ConstantValue {
    Bool(bool),
    Int(i64),
    Text(&'static CStr),
}

/// Calls a handler. Nothing unwinds into Zend; a bailout goes on only when no Rust frame owns anything.
#[inline(always)]
pub(super) unsafe fn enter(mut call: Call, ret: *mut Zval, handler: impl FnOnce(&mut Call, &mut Zval) -> PhpResult) {
    // SAFETY: Zend hands over a return slot that holds null and outlives the call.
    let outcome = catch_unwind(AssertUnwindSafe(|| unsafe { handler(&mut call, &mut *ret) }));
    match outcome {
        Ok(Ok(()) | Err(Thrown::Exception)) => {}
        Ok(Err(Thrown::Bailout)) => super::bailout(),
        Err(payload) => {
            let _ = panicked(payload);
        }
    }
}

macro_rules! entry {
    ($handler:path, $call:ident) => {{
        unsafe extern "C" fn entry(ex: *mut ExecuteData, ret: *mut Zval) {
            // SAFETY: called by Zend only, with a live frame and a return slot.
            unsafe { enter(Call::$call(ex), ret, $handler) }
        }
        entry
    }};
}

#[allow(unused_macros)]
macro_rules! init {
    ($init:path) => {{
        unsafe extern "C" fn init(ce: *mut ClassEntry) {
            // SAFETY: the class that has just been registered; nobody else looks at it yet.
            $init(unsafe { &mut *ce })
        }
        init
    }};
}

include!(concat!(env!("OUT_DIR"), "/handlers.rs"));

/// The `swoole.*` settings of php.ini, as registration.c keeps them; changed by `ini_set()` only.
#[repr(C)]
pub struct Ini {
    pub enable_library: bool,
    pub enable_fiber_mock: bool,
    pub enable_preemptive_scheduler: bool,
    pub display_errors: bool,
    pub use_shortname: bool,
    pub blocking_detection: bool,
    pub profile: bool,
    pub leak_detection: bool,
    /// Ours alone: refuse to make a coroutine whose stack has no guard page.
    pub require_stack_guard: bool,
    /// Bytes.
    pub socket_buffer_size: i64,
    /// Microseconds.
    pub blocking_threshold: i64,
}

/// Memory of C's.
#[repr(transparent)]
struct Shared<T>(UnsafeCell<T>);

// SAFETY: only PHP's thread looks at it, through `ini` and `set_display_errors`.
unsafe impl<T> Sync for Shared<T> {}

unsafe extern "C" {
    static swrs_ini: Shared<Ini>;
    fn swrs_functions(handlers: *const Handler) -> *const FunctionEntry;
    fn swrs_register(handlers: *const Handler, inits: *const ClassInit, module_number: c_int, shortnames: bool);
    fn swrs_ini_register(module_number: c_int);
    fn swrs_ini_unregister(module_number: c_int);
    fn swrs_ini_display_errors() -> bool;
    fn swrs_info(module: *mut ModuleEntry, rows: *const *const c_char, count: usize);
    fn swrs_module_deps() -> *const ext_php_rs::ffi::_zend_module_dep;
}

/// A copy of one setting: `ini(|ini| ini.display_errors)`.
pub fn ini<T: Copy>(field: impl FnOnce(&Ini) -> T) -> T {
    // SAFETY: PHP's thread alone reads and (in ini_set) writes it, and no reference outlives this call.
    field(unsafe { &*swrs_ini.0.get() })
}

/// Overwrites `swoole.display_errors`, as `Coroutine::set(['display_errors' => …])` does.
pub fn set_display_errors(on: bool) {
    // SAFETY: as in `ini`.
    unsafe { (*swrs_ini.0.get()).display_errors = on };
}

/// Gives `swoole.display_errors` the value back that PHP has it at.
pub fn reset_display_errors() {
    // SAFETY: reads Zend's table of settings, on its own thread.
    set_display_errors(unsafe { swrs_ini_display_errors() });
}

/// The number that Zend gave to the module.
static MODULE_NUMBER: OnceLock<c_int> = OnceLock::new();

/// Registers settings, classes, functions under short names and constants: MINIT's first step.
pub fn register(module_number: c_int) {
    let _ = MODULE_NUMBER.set(module_number);
    // SAFETY: Zend's own thread, at module start; the tables are static.
    unsafe {
        swrs_ini_register(module_number);
        swrs_register(HANDLERS.as_ptr(), CLASS_INITS.as_ptr(), module_number, ini(|ini| ini.use_shortname));
    }
    super::resource::register(c"process/coroutine", module_number);
    for (name, value) in &CONSTANTS {
        let (text, length) = (name.as_ptr(), name.count_bytes());
        let flags = CONST_PERSISTENT as c_int;
        // SAFETY: static names and texts; constants are copied or kept by Zend.
        unsafe {
            match value() {
                ConstantValue::Bool(on) => zend_register_bool_constant(text, length, on, flags, module_number),
                ConstantValue::Int(number) => zend_register_long_constant(text, length, number, flags, module_number),
                ConstantValue::Text(value) => zend_register_string_constant(text, length, value.as_ptr(), flags, module_number),
            };
        }
    }
}

/// MSHUTDOWN's last step.
pub fn unregister() {
    if let Some(number) = MODULE_NUMBER.get() {
        // SAFETY: the number that the settings were registered with.
        unsafe { swrs_ini_unregister(*number) };
    }
}

/// Runs a step of the module's life; a panic there fails the step instead of unwinding into Zend.
fn step(run: fn() -> bool) -> c_int {
    if catch_unwind(run).unwrap_or(false) { 0 } else { -1 }
}

unsafe extern "C" fn minit(_kind: c_int, module_number: c_int) -> c_int {
    register(module_number);
    step(crate::module_start)
}

unsafe extern "C" fn mshutdown(_kind: c_int, _module_number: c_int) -> c_int {
    let done = step(crate::module_end);
    unregister();
    done
}

unsafe extern "C" fn rinit(_kind: c_int, _module_number: c_int) -> c_int {
    step(crate::request_start)
}

unsafe extern "C" fn rshutdown(_kind: c_int, _module_number: c_int) -> c_int {
    step(crate::request_end)
}

unsafe extern "C" fn minfo(module: *mut ModuleEntry) {
    let mut rows: Vec<*const c_char> = crate::INFO.iter().flat_map(|(name, value)| [name.as_ptr(), value.as_ptr()]).collect();
    rows.extend([c"openssl".as_ptr(), net::tls::library_version().as_ptr()]);
    // SAFETY: pairs of static C strings; output may bail out, which leaks the small vector at worst.
    unsafe { swrs_info(module, rows.as_ptr(), rows.len() / 2) };
}

/// Zend keeps the pointer and writes to the entry while the module is loaded.
struct Entry(std::cell::UnsafeCell<ModuleEntry>);
// SAFETY: written by Zend alone, on its own thread.
unsafe impl Sync for Entry {}
// SAFETY: as above; it is made once and never moves between threads afterwards.
unsafe impl Send for Entry {}

#[unsafe(no_mangle)]
extern "C" fn get_module() -> *mut ModuleEntry {
    static ENTRY: OnceLock<Entry> = OnceLock::new();
    let entry = ENTRY.get_or_init(|| {
        // SAFETY: all fields are integers, pointers and options of function pointers, for which zero is a value.
        let mut entry: ModuleEntry = unsafe { std::mem::zeroed() };
        entry.size = size_of::<ModuleEntry>() as u16;
        entry.zend_api = ZEND_MODULE_API_NO;
        // SAFETY: static tables of registration.c.
        unsafe {
            entry.deps = swrs_module_deps();
            entry.functions = swrs_functions(HANDLERS.as_ptr());
            entry.build_id = ext_php_rs_php_build_id();
        }
        entry.name = c"swoole".as_ptr();
        entry.version = crate::VERSION.as_ptr();
        entry.module_startup_func = Some(minit);
        entry.module_shutdown_func = Some(mshutdown);
        entry.request_startup_func = Some(rinit);
        entry.request_shutdown_func = Some(rshutdown);
        entry.info_func = Some(minfo);
        entry.module_started = 0;
        entry.type_ = 0;
        entry.handle = ptr::null_mut();
        Entry(std::cell::UnsafeCell::new(entry))
    });
    entry.0.get()
}
