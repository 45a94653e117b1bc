//! Declarations of the C files beside it (`shim.h`). The only place where its symbols are named.

use std::ffi::{c_char, c_int, c_void};

pub use ext_php_rs::ffi::{
    HashTable, zend_class_entry, zend_execute_data, zend_function, zend_object, zend_object_handlers, zend_string,
};
pub use ext_php_rs::types::Zval;

/// `zend_fcall_info_cache`: the handler, calling scope, called scope and object of a callable.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct FciCache {
    pub function_handler: *mut zend_function,
    pub calling_scope: *mut zend_class_entry,
    pub called_scope: *mut zend_class_entry,
    pub object: *mut zend_object,
    /// From 8.3 the cache is wider; unused before.
    pub closure: *mut zend_object,
}

impl FciCache {
    pub const EMPTY: Self = Self {
        function_handler: std::ptr::null_mut(),
        calling_scope: std::ptr::null_mut(),
        called_scope: std::ptr::null_mut(),
        object: std::ptr::null_mut(),
        closure: std::ptr::null_mut(),
    };
}

pub type EachFn = unsafe extern "C" fn(context: *mut c_void, key: *mut zend_string, index: u64, value: *mut Zval) -> bool;

unsafe extern "C" {
    pub fn swrs_local_size() -> usize;
    pub fn swrs_fci_cache_size() -> usize;
    pub fn swrs_switch(from: *mut u8, to: *mut u8);
    pub fn swrs_start(from: *mut u8, local: *mut u8, page: *mut u8, bytes: usize, low: *mut u8);
    pub fn swrs_end(local: *mut u8, to: *mut u8);
    pub fn swrs_stack_overflow(id: i64, bytes: usize);
    pub fn swrs_local_context(local: *mut u8) -> *mut Zval;
    pub fn swrs_local_defers(local: *mut u8) -> *mut *mut c_void;
    pub fn swrs_local_frame(local: *mut u8) -> *mut zend_execute_data;
    pub fn swrs_local_vm_used(local: *mut u8) -> usize;
    pub fn swrs_guard(body: unsafe extern "C" fn(*mut c_void), argument: *mut c_void) -> c_int;
    pub fn swrs_bailout() -> !;
    pub fn swrs_call(fcc: *mut FciCache, argc: u32, argv: *mut Zval, ret: *mut Zval) -> c_int;
    pub fn swrs_call_zval(callable: *mut Zval, argc: u32, argv: *mut Zval, ret: *mut Zval) -> c_int;
    pub fn swrs_call_function(name: *const c_char, length: usize, argc: u32, argv: *mut Zval, ret: *mut Zval) -> c_int;
    pub fn swrs_function_exists(name: *const u8, length: usize) -> bool;
    pub fn swrs_call_method(
        object: *mut zend_object,
        name: *mut zend_string,
        own: bool,
        spread: *const HashTable,
        argc: u32,
        argv: *mut Zval,
        ret: *mut Zval,
    ) -> c_int;
    pub fn swrs_call_on_property(
        object: *mut zend_object,
        n: u32,
        name: *const c_char,
        length: usize,
        argc: u32,
        argv: *mut Zval,
        ret: *mut Zval,
    ) -> c_int;
    pub fn swrs_call_static(
        ce: *mut zend_class_entry,
        lower: *const c_char,
        length: usize,
        argc: u32,
        argv: *mut Zval,
        ret: *mut Zval,
    ) -> c_int;
    pub fn swrs_declared(ex: *mut zend_execute_data, least: *mut u32, most: *mut u32) -> *mut zend_string;
    pub fn swrs_call_array(callable: *mut Zval, args: *const HashTable, ret: *mut Zval) -> c_int;
    pub fn swrs_construct(
        ce: *mut zend_class_entry,
        spread: *const HashTable,
        argc: u32,
        argv: *mut Zval,
        object: *mut Zval,
    ) -> c_int;
    pub fn swrs_load_class(name: *mut zend_string) -> *mut zend_class_entry;
    pub fn swrs_native_init(
        function: *mut c_void,
        name: *const c_char,
        length: usize,
        handler: unsafe extern "C" fn(*mut zend_execute_data, *mut Zval),
        scope: *mut zend_class_entry,
    );
    pub fn swrs_native_size() -> usize;
    pub fn swrs_start_watch();
    pub fn swrs_watch(
        begin: Option<unsafe extern "C" fn(*mut super::watch::Span) -> bool>,
        end: Option<unsafe extern "C" fn(*const super::watch::Span, *mut zend_execute_data)>,
    ) -> bool;
    pub fn swrs_wrapped_register(name: *const c_char, module_number: c_int);
    pub fn swrs_wrap_resource(value: *mut Zval);
    pub fn swrs_is_wrapped(value: *mut Zval) -> bool;
    pub fn swrs_unwrap_argument(argument: *mut Zval) -> *mut ext_php_rs::ffi::zend_resource;
    pub fn swrs_release_wrapping(wrapping: *mut ext_php_rs::ffi::zend_resource, close: bool);
    pub fn swrs_internal_function(name: *const c_char, length: usize) -> *mut zend_function;
    pub fn swrs_set_handler(function: *mut zend_function, handler: super::replace::RawHandler) -> super::replace::RawHandler;
    pub fn swrs_adopt(ce: *mut zend_class_entry, name: *const c_char, length: usize) -> bool;
    pub fn swrs_orphan(ce: *mut zend_class_entry);
    pub fn swrs_assign_ref(argument: *mut Zval, value: *mut Zval);
    pub fn swrs_native_closure(to: *mut Zval, function: *mut zend_function, this: *mut zend_object);
    pub fn swrs_make_ref(value: *mut Zval);
    pub fn swrs_get_public(object: *mut zend_object, name: *mut zend_string, to: *mut Zval);
    pub fn swrs_set_public(object: *mut zend_object, name: *mut zend_string, value: *mut Zval);
    pub fn swrs_has_public(object: *mut zend_object, name: *mut zend_string) -> bool;
    pub fn swrs_unset_public(object: *mut zend_object, name: *mut zend_string);
    pub fn swrs_class_constant(ce: *mut zend_class_entry, name: *const c_char, length: usize) -> *mut Zval;
    pub fn swrs_silence() -> c_int;
    pub fn swrs_loud(level: c_int);
    pub fn swrs_uncaught() -> c_int;
    pub fn swrs_unheard() -> c_int;
    pub fn swrs_main(local: *mut u8, fcc: *mut FciCache, callable: *mut Zval, owned: bool, argc: u32, argv: *mut Zval) -> c_int;
    pub fn swrs_count_error(min: u32, max: u32);
    pub fn swrs_named_error();
    pub fn swrs_type_name(value: *const Zval) -> *const c_char;
    pub fn swrs_parse_quantity(text: *const Zval, size: *mut i64, problem: *mut c_char, room: usize) -> bool;
    pub fn swrs_type_error(num: u32, expected: c_int, arg: *mut Zval);
    pub fn swrs_class_error(num: u32, name: *const c_char, arg: *mut Zval);
    pub fn swrs_argument_error(ce: *mut zend_class_entry, num: u32, text: *const c_char);
    pub fn swrs_parse_long(arg: *mut Zval, to: *mut i64, is_null: *mut bool, nullable: bool, num: u32) -> bool;
    pub fn swrs_parse_bool(arg: *mut Zval, to: *mut bool, is_null: *mut bool, nullable: bool, num: u32) -> bool;
    pub fn swrs_parse_double(arg: *mut Zval, to: *mut f64, is_null: *mut bool, nullable: bool, num: u32) -> bool;
    pub fn swrs_parse_str(arg: *mut Zval, to: *mut *mut zend_string, nullable: bool, num: u32) -> bool;
    pub fn swrs_parse_callable(arg: *mut Zval, fcc: *mut FciCache, nullable: bool, num: u32) -> bool;
    pub fn swrs_callable_name(arg: *mut Zval) -> *mut zend_string;
    pub fn swrs_is_callable(arg: *mut Zval, fcc: *mut FciCache) -> bool;
    pub fn swrs_copy(to: *mut Zval, from: *const Zval);
    pub fn swrs_copy_deref(to: *mut Zval, from: *mut Zval);
    pub fn swrs_obj_release(object: *mut zend_object);
    pub fn swrs_set_strl(to: *mut Zval, text: *const u8, length: usize);
    pub fn swrs_str_alloc(length: usize) -> *mut zend_string;
    pub fn swrs_str_init(text: *const u8, length: usize) -> *mut zend_string;
    pub fn swrs_str_truncate(s: *mut zend_string, length: usize) -> *mut zend_string;
    pub fn swrs_str_persistent(text: *const u8, length: usize) -> *mut zend_string;
    pub fn swrs_set_str(to: *mut Zval, s: *mut zend_string);
    pub fn swrs_str_addref(s: *mut zend_string);
    pub fn swrs_str_release(s: *mut zend_string);
    pub fn swrs_array_init(to: *mut Zval, size: u32);
    pub fn swrs_separate_array(value: *mut Zval);
    pub fn swrs_deref(value: *mut Zval) -> *mut Zval;
    pub fn swrs_array_find(ht: *const HashTable, key: *const u8, length: usize) -> *mut Zval;
    pub fn swrs_array_find_sym(ht: *const HashTable, key: *const u8, length: usize) -> *mut Zval;
    pub fn swrs_array_index(ht: *const HashTable, index: u64) -> *mut Zval;
    pub fn swrs_array_set(ht: *mut HashTable, key: *const u8, length: usize, value: *mut Zval);
    pub fn swrs_array_set_zstr(ht: *mut HashTable, key: *mut zend_string, value: *mut Zval);
    pub fn swrs_array_set_sym(ht: *mut HashTable, key: *const u8, length: usize, value: *mut Zval);
    pub fn swrs_array_set_index(ht: *mut HashTable, index: u64, value: *mut Zval);
    pub fn swrs_array_push(ht: *mut HashTable, value: *mut Zval);
    pub fn swrs_array_del_sym(ht: *mut HashTable, key: *const u8, length: usize);
    pub fn swrs_array_del_index(ht: *mut HashTable, index: u64);
    pub fn swrs_array_count(ht: *const HashTable) -> u32;
    pub fn swrs_array_each(ht: *const HashTable, each: EachFn, context: *mut c_void);
    pub fn swrs_array_find_known(ht: *const HashTable, key: *mut zend_string) -> *mut Zval;
    pub fn swrs_pattern_init(to: *mut Zval, size: u32);
    pub fn swrs_pattern_add(ht: *mut HashTable, key: *mut zend_string);
    pub fn swrs_pattern_copy(to: *mut Zval, pattern: *mut HashTable) -> *mut Zval;
    pub fn swrs_class_older(
        ce: *mut zend_class_entry,
        handlers: *mut zend_object_handlers,
        name: *const c_char,
        like: *const c_char,
    );
    pub fn swrs_to_long(value: *mut Zval) -> i64;
    pub fn swrs_to_double(value: *mut Zval) -> f64;
    pub fn swrs_to_bool(value: *mut Zval) -> bool;
    pub fn swrs_to_str(value: *mut Zval) -> *mut zend_string;
    pub fn swrs_object_alloc(head: usize, ce: *mut zend_class_entry) -> *mut u8;
    pub fn swrs_object_init(object: *mut zend_object, ce: *mut zend_class_entry, handlers: *const zend_object_handlers);
    pub fn swrs_object_std_dtor(object: *mut zend_object);
    pub fn swrs_handlers_init(handlers: *mut zend_object_handlers, offset: c_int, free: unsafe extern "C" fn(*mut zend_object));
    pub fn swrs_handlers_lend(
        handlers: *mut zend_object_handlers,
        child: *const c_char,
        ask: unsafe extern "C" fn(*mut zend_object) -> bool,
    );
    pub fn swrs_prop_slot(object: *mut zend_object, n: u32) -> *mut Zval;
    pub fn swrs_object_new(to: *mut Zval, ce: *mut zend_class_entry) -> c_int;
    pub fn swrs_set_obj(to: *mut Zval, object: *mut zend_object);
    pub fn swrs_instanceof(object: *mut zend_object, ce: *mut zend_class_entry) -> bool;
    pub fn swrs_update_prop(object: *mut zend_object, name: *const u8, length: usize, value: *mut Zval);
    pub fn swrs_read_prop(object: *mut zend_object, name: *const u8, length: usize, buffer: *mut Zval) -> *mut Zval;
    pub fn swrs_class_create(ce: *mut zend_class_entry, create: unsafe extern "C" fn(*mut zend_class_entry) -> *mut zend_object);
    pub fn swrs_class_not_serializable(ce: *mut zend_class_entry);
    pub fn swrs_class_name(ce: *mut zend_class_entry) -> *const c_char;
    pub fn swrs_find_class(name: *const u8, length: usize) -> *mut zend_class_entry;
    pub fn swrs_called_class(ex: *mut zend_execute_data) -> *mut zend_class_entry;
    pub fn swrs_gc_buffer() -> *mut c_void;
    pub fn swrs_gc_add(buffer: *mut c_void, value: *mut Zval);
    pub fn swrs_gc_use(object: *mut zend_object, buffer: *mut c_void, table: *mut *mut Zval, n: *mut c_int) -> *mut HashTable;
    pub fn swrs_handlers_gc(
        handlers: *mut zend_object_handlers,
        gc: unsafe extern "C" fn(*mut zend_object, *mut *mut Zval, *mut c_int) -> *mut HashTable,
    );
    pub fn swrs_warning(level: c_int, text: *const u8, length: usize);
    pub fn swrs_error(level: c_int, text: *const u8, length: usize);
    pub fn swrs_throw(ce: *mut zend_class_entry, code: i64, text: *const u8, length: usize);
    pub fn swrs_throw_object(object: *mut zend_object);
    pub fn swrs_take_exception() -> *mut zend_object;
    pub fn swrs_ce_of(which: c_int) -> *mut zend_class_entry;
    pub fn swrs_end_output();
    pub fn swrs_clean_output();
    pub fn swrs_write(text: *const u8, length: usize);
    pub fn swrs_backtrace(frame: *mut zend_execute_data, out: *mut Zval, skip_last: c_int, options: i64, limit: i64);
    pub fn swrs_executed_filename() -> *const c_char;
    pub fn swrs_forget_error();
    pub fn swrs_is_fatal() -> bool;
    pub fn swrs_in_last_destructor() -> bool;
    pub fn swrs_forget_random();
    pub fn swrs_fd_of(value: *mut Zval, plain: *mut bool) -> c_int;
    pub fn swrs_main_native(local: *mut u8, body: unsafe extern "C" fn(*mut c_void) -> c_int, argument: *mut c_void) -> c_int;
    pub fn swrs_trace_to_string(trace: *mut HashTable) -> *mut zend_string;
    pub fn swrs_sapi_name() -> *const c_char;
    pub fn swrs_extra_named(ex: *mut zend_execute_data) -> *const HashTable;
    pub fn swrs_error_at(level: c_int, file: *const u8, file_length: usize, line: u32, text: *const u8, length: usize);
    pub fn swrs_refcount(value: *const Zval) -> u32;
    pub fn swrs_handler_of(name: *const u8, length: usize) -> *mut c_void;
    pub fn swrs_set_exit_status(status: c_int);
    pub fn swrs_last_error(file: *mut *const c_char, line: *mut c_int) -> *const c_char;
    pub fn swrs_ini_entries() -> *const c_char;
    pub fn swrs_ini_path() -> *const c_char;
    pub fn swrs_ini_ignored() -> bool;
    pub fn swrs_vm_interrupt_ptr() -> *mut c_void;
    pub fn swrs_set_interrupt(handler: extern "C" fn());
    pub fn swrs_at_shutdown(name: *const c_char, function: *mut zend_function) -> bool;
    pub fn swrs_startup();
    pub fn swrs_find_soap();
    pub fn swrs_register_streams();
    pub fn swrs_register_sockets(waits: *const super::sockets::Waits);
    pub fn swrs_in_pdo() -> bool;
    pub fn swrs_rewriting() -> i64;
    pub fn swrs_stream_fd(value: *mut Zval) -> c_int;
    pub fn swrs_socket_object(to: *mut Zval, fd: c_int, domain: c_int) -> bool;
    pub fn swrs_stream_close(value: *mut Zval);
    pub fn swrs_hook_exit(hook: extern "C" fn(status: i64, message: *mut Zval) -> bool);
    pub fn swrs_hook_sections(section: extern "C" fn(step: c_int));
    pub fn swrs_hook_autoload(wait: extern "C" fn(*mut zend_string) -> bool, done: extern "C" fn(*mut zend_string));
}
