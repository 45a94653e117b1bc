/* What of Zend's state belongs to one coroutine: the switch, and who is told of it. */
#include "shim.h"
#include <unistd.h>

/* Sizes that Rust checks at start-up. */
HIDDEN size_t swrs_local_size(void) { return sizeof(swrs_local); }
HIDDEN size_t swrs_fci_cache_size(void) { return sizeof(zend_fcall_info_cache); }

typedef struct {
    zend_fcall_info compare_fci;
    zend_fcall_info_cache compare_fcc;
    unsigned serialize_lock;
    struct { struct php_serialize_data *data; unsigned level; } serialize;
    struct { struct php_unserialize_data *data; unsigned level; } unserialize;
} swrs_callbacks;

#define SWRS_CALLBACKS_SET \
    (BG(user_compare_fci).size | BG(serialize_lock) | BG(serialize).level | BG(unserialize).level)

static zend_never_inline void swrs_save_callbacks(swrs_local *to)
{
    swrs_callbacks *saved = emalloc(sizeof(*saved));
    saved->compare_fci = BG(user_compare_fci);
    saved->compare_fcc = BG(user_compare_fci_cache);
    saved->serialize_lock = BG(serialize_lock);
    saved->serialize.data = BG(serialize).data;
    saved->serialize.level = BG(serialize).level;
    saved->unserialize.data = BG(unserialize).data;
    saved->unserialize.level = BG(unserialize).level;
    to->callbacks = saved;
    BG(user_compare_fci) = empty_fcall_info;
    BG(user_compare_fci_cache) = empty_fcall_info_cache;
    BG(serialize_lock) = 0;
    BG(serialize).data = NULL;
    BG(serialize).level = 0;
    BG(unserialize).data = NULL;
    BG(unserialize).level = 0;
}

static zend_never_inline void swrs_load_callbacks(swrs_local *from)
{
    swrs_callbacks *saved = from->callbacks;
    BG(user_compare_fci) = saved->compare_fci;
    BG(user_compare_fci_cache) = saved->compare_fcc;
    BG(serialize_lock) = saved->serialize_lock;
    BG(serialize).data = saved->serialize.data;
    BG(serialize).level = saved->serialize.level;
    BG(unserialize).data = saved->unserialize.data;
    BG(unserialize).level = saved->unserialize.level;
    from->callbacks = NULL;
    efree(saved);
}

/* Puts other output buffers in place, or none. Where output began is a fact of the process, and stays. */
static zend_never_inline void swrs_set_output(const zend_output_globals *to)
{
    zend_string *began_in = OG(output_start_filename);
    int began_at = OG(output_start_lineno);
    if (to) {
        memcpy(&output_globals, to, sizeof(zend_output_globals));
    } else {
        php_output_activate();
    }
    OG(output_start_filename) = began_in;
    OG(output_start_lineno) = began_at;
}

static zend_never_inline void swrs_save_output(swrs_local *to)
{
    to->output = emalloc(sizeof(zend_output_globals));
    memcpy(to->output, &output_globals, sizeof(zend_output_globals));
    swrs_set_output(NULL);
}

static zend_never_inline void swrs_load_output(swrs_local *from)
{
    /* Nothing of the one that leaves may stay: its handlers, if any, were saved by its own switch. */
    swrs_set_output(from->output);
    efree(from->output);
    from->output = NULL;
}

/* What is set only while an exception is on its way, a constructor converts errors, a JIT trace or a
   fiber runs: mostly all of it is zero on both sides of a switch, and then nothing is copied. */
#define SWRS_RARE_SET(from) \
    ((uintptr_t) from(exception_class) | (uintptr_t) from(exception) | (uintptr_t) from(prev_exception) \
     | (uintptr_t) from(opline_before_exception) | (uintptr_t) from(fake_scope) | (uintptr_t) from(active_fiber) \
     | (uintptr_t) from(error_handling) | (uintptr_t) from(jit_trace_num))

static zend_never_inline void swrs_save_rare(swrs_local *to)
{
    to->error_handling = EG(error_handling);
    to->exception_class = EG(exception_class);
    to->exception = EG(exception);
    to->prev_exception = EG(prev_exception);
    to->opline_before_exception = EG(opline_before_exception);
    to->jit_trace_num = EG(jit_trace_num);
    to->fake_scope = EG(fake_scope);
    to->active_fiber = EG(active_fiber);
    to->rare = true;
    EG(error_handling) = EH_NORMAL;
    EG(exception_class) = NULL;
    EG(exception) = NULL;
    EG(prev_exception) = NULL;
    EG(opline_before_exception) = NULL;
    EG(jit_trace_num) = 0;
    EG(fake_scope) = NULL;
    EG(active_fiber) = NULL;
}

static zend_never_inline void swrs_load_rare(swrs_local *from)
{
    EG(error_handling) = from->error_handling;
    EG(exception_class) = from->exception_class;
    EG(exception) = from->exception;
    EG(prev_exception) = from->prev_exception;
    EG(opline_before_exception) = from->opline_before_exception;
    EG(jit_trace_num) = from->jit_trace_num;
    EG(fake_scope) = from->fake_scope;
    EG(active_fiber) = from->active_fiber;
    from->rare = false;
}

/* Below `@`, EG(error_reporting) is not what error_reporting() set: that silence is the coroutine's own, the
   level is everybody's. */
HIDDEN int swrs_error_level(void)
{
    zend_ini_entry *entry = zend_hash_str_find_ptr(EG(ini_directives), ZEND_STRL("error_reporting"));
    return entry && entry->value ? atoi(ZSTR_VAL(entry->value)) : E_ALL;
}

static zend_never_inline void swrs_save_silence(swrs_local *to)
{
    int level = swrs_error_level();
    if (level != EG(error_reporting)) {
        to->error_reporting = EG(error_reporting);
        to->silent = true;
        EG(error_reporting) = level;
    }
}

/* Whether the running context has something of what only some use; mostly one comparison that says no. */
#define SWRS_EXTRAS_SET \
    (SWRS_RARE_SET(EG) | (uintptr_t) OG(handlers).elements | SWRS_CALLBACKS_SET \
     | (uintptr_t) E_HAS_ONLY_FATAL_ERRORS(EG(error_reporting)) | (uintptr_t) *swrs_soap_calling)

static zend_never_inline void swrs_save_extras(swrs_local *to)
{
    /* First: it keeps a silence of `@` along with its own. */
    if (*swrs_soap_calling) {
        swrs_save_soap(to);
    }
    if (E_HAS_ONLY_FATAL_ERRORS(EG(error_reporting))) {
        swrs_save_silence(to);
    }
    if (SWRS_RARE_SET(EG)) {
        swrs_save_rare(to);
    }
    if (OG(handlers).elements) {
        swrs_save_output(to);
    }
    if (SWRS_CALLBACKS_SET) {
        swrs_save_callbacks(to);
    }
    to->extras = true;
}

static zend_never_inline void swrs_load_extras(swrs_local *from)
{
    if (from->silent) {
        EG(error_reporting) = from->error_reporting;
        from->silent = false;
    }
    if (from->rare) {
        swrs_load_rare(from);
    }
    if (from->output != NULL) {
        swrs_load_output(from);
    }
    if (from->callbacks != NULL) {
        swrs_load_callbacks(from);
    }
    if (from->soap != NULL) {
        swrs_load_soap(from);
    }
    from->extras = false;
}

static zend_always_inline void swrs_save(swrs_local *to)
{
    to->bailout = EG(bailout);
    to->vm_stack = EG(vm_stack);
    to->vm_stack_top = EG(vm_stack_top);
    to->vm_stack_end = EG(vm_stack_end);
    to->vm_stack_page_size = EG(vm_stack_page_size);
    to->current_execute_data = EG(current_execute_data);
    to->current_fiber_context = EG(current_fiber_context);
#if PHP_VERSION_ID >= 80300
    to->stack_base = EG(stack_base);
    to->stack_limit = EG(stack_limit);
#endif
}

static zend_always_inline void swrs_load(swrs_local *from)
{
    EG(bailout) = from->bailout;
    EG(vm_stack) = from->vm_stack;
    EG(vm_stack_top) = from->vm_stack_top;
    EG(vm_stack_end) = from->vm_stack_end;
    EG(vm_stack_page_size) = from->vm_stack_page_size;
    EG(current_execute_data) = from->current_execute_data;
    EG(current_fiber_context) = from->current_fiber_context;
#if PHP_VERSION_ID >= 80300
    EG(stack_base) = from->stack_base;
    EG(stack_limit) = from->stack_limit;
#endif
}

/*
 * With swoole.enable_fiber_mock, debuggers and profilers are told of coroutines as if they were fibers.
 */
enum swrs_watch { SWRS_WATCHED_MAIN = 0, SWRS_UNWATCHED, SWRS_WATCHED };

/* Stays set once it was: watched coroutines may be alive. */
HIDDEN bool swrs_watching;
/* Who switched last. */
static swrs_local *swrs_switched_from;

/* Watchers ask for the file and line of a fiber's first frame: those of a body that is no user code. */
static zend_op swrs_no_code;
static zend_function swrs_no_function;

static zend_never_inline void swrs_tell_switch(swrs_local *from, swrs_local *to)
{
    zend_fiber_context *out = from->current_fiber_context, *in = to->current_fiber_context;
    swrs_switched_from = from;
    if (from->watch == SWRS_UNWATCHED || to->watch == SWRS_UNWATCHED) {
        return;
    }
    if (out->status == ZEND_FIBER_STATUS_RUNNING) {
        out->status = ZEND_FIBER_STATUS_SUSPENDED;
    }
    in->status = ZEND_FIBER_STATUS_RUNNING;
    zend_observer_fiber_switch_notify(out, in);
}

/* A coroutine's first switch, told when its function is known. */
HIDDEN zend_never_inline void swrs_tell_start(swrs_local *local, zend_function *function)
{
    zend_fiber_context *out = swrs_switched_from->current_fiber_context, *in = &local->fiber_context;
    if (!swrs_ini.enable_fiber_mock || swrs_switched_from->watch == SWRS_UNWATCHED) {
        return;
    }
    if (!function || function->type != ZEND_USER_FUNCTION) {
        function = &swrs_no_function;
    }
    local->watch = SWRS_WATCHED;
    memset(in->reserved, 0, sizeof(in->reserved));
    zend_observer_fiber_init_notify(in);
    zend_execute_data frame, *base = EG(current_execute_data);
    memset(&frame, 0, sizeof(frame));
    frame.func = function;
    frame.opline = function->op_array.opcodes;
    EG(current_execute_data) = &frame;
    if (out->status == ZEND_FIBER_STATUS_RUNNING) {
        out->status = ZEND_FIBER_STATUS_SUSPENDED;
    }
    zend_observer_fiber_switch_notify(out, in);
    in->status = ZEND_FIBER_STATUS_RUNNING;
    EG(current_execute_data) = base;
}

static zend_never_inline void swrs_switch_extras(swrs_local *from, swrs_local *to)
{
    if (SWRS_EXTRAS_SET) {
        swrs_save_extras(from);
    }
    if (to->extras) {
        swrs_load_extras(to);
    }
    if (swrs_watching) {
        swrs_tell_switch(from, to);
    }
}

HIDDEN void swrs_switch(swrs_local *from, swrs_local *to)
{
    swrs_save(from);
    swrs_load(to);
    if (UNEXPECTED(SWRS_EXTRAS_SET | to->extras | swrs_watching)) {
        swrs_switch_extras(from, to);
    }
}

/* Marks our coroutines' contexts, so that other extensions can tell them from PHP's fibers. */
static char swrs_fiber_kind;

/* The frame at the bottom of every coroutine: nameless and internal, so that an exception stops here. */
static zend_function swrs_base_function;

static zend_never_inline void swrs_start_extras(swrs_local *from)
{
    if (SWRS_EXTRAS_SET) {
        swrs_save_extras(from);
    }
    if (swrs_ini.enable_fiber_mock) {
        swrs_watching = true;
    }
    if (swrs_watching) {
        swrs_switched_from = from;
    }
}

/* A new coroutine's state, put in place of the creator's: what a later switch saves need not be written now. */
HIDDEN void swrs_start(swrs_local *from, swrs_local *local, char *page, size_t page_bytes, void *stack_low)
{
    swrs_save(from);
    zend_vm_stack vm = (zend_vm_stack) page;
    vm->top = ZEND_VM_STACK_ELEMENTS(vm);
    vm->end = (zval *) (page + page_bytes);
    vm->prev = NULL;

    zend_execute_data *base = (zend_execute_data *) vm->top;
    memset(base, 0, sizeof(*base));
    base->func = &swrs_base_function;

    EG(vm_stack) = vm;
    EG(vm_stack_top) = vm->top + ZEND_CALL_FRAME_SLOT;
    EG(vm_stack_end) = vm->end;
    EG(vm_stack_page_size) = 8192;
    EG(current_execute_data) = base;
    EG(current_fiber_context) = &local->fiber_context;
#if PHP_VERSION_ID >= 80300
    EG(stack_base) = (char *) local;
    EG(stack_limit) = (char *) stack_low + 16384;
#else
    (void) stack_low;
#endif
    local->extras = false;
    local->rare = false;
    local->silent = false;
    local->output = NULL;
    local->callbacks = NULL;
    local->soap = NULL;
    ZVAL_UNDEF(&local->context);
    local->defers = NULL;
    local->fiber_context.handle = NULL;
    local->fiber_context.stack = NULL;
    local->fiber_context.top_observed_frame = NULL;
    local->fiber_context.kind = &swrs_fiber_kind;
    local->fiber_context.status = ZEND_FIBER_STATUS_INIT;
    local->watch = SWRS_UNWATCHED;
    if (UNEXPECTED(SWRS_EXTRAS_SET | swrs_ini.enable_fiber_mock | swrs_watching)) {
        swrs_start_extras(from);
    }
}

/* What an ended coroutine may have left in the globals that only some use, and further pages of its VM stack. */
static zend_never_inline void swrs_end_extras(swrs_local *local, swrs_local *to)
{
    zend_vm_stack page = local->vm_stack;
    while (page->prev != NULL) {
        zend_vm_stack prev = page->prev;
        efree(page);
        page = prev;
    }
    if (SWRS_RARE_SET(EG)) {
        swrs_save_rare(local);
    }
    if (OG(handlers).elements) {
        zend_stack_destroy(&OG(handlers));
        swrs_set_output(NULL);
    }
    if (SWRS_CALLBACKS_SET) {
        swrs_save_callbacks(local);
        efree(local->callbacks);
    }
    if (*swrs_soap_calling) {
        swrs_end_soap(local);
    }
    if (to->extras) {
        swrs_load_extras(to);
    }
    if (swrs_watching) {
        local->current_fiber_context = &local->fiber_context;
        swrs_tell_switch(local, to);
        if (local->watch == SWRS_WATCHED) {
            zend_observer_fiber_destroy_notify(&local->fiber_context);
        }
    }
}

/* Back from a coroutine that has ended, on the resumer's stack: its state is dropped, not saved. */
HIDDEN void swrs_end(swrs_local *local, swrs_local *to)
{
    local->vm_stack = EG(vm_stack);
    swrs_load(to);
    if (UNEXPECTED(SWRS_EXTRAS_SET | (uintptr_t) local->vm_stack->prev | to->extras | swrs_watching)) {
        swrs_end_extras(local, to);
    }
}

/* In a signal handler, when the C stack of a coroutine is used up: reads only, and one write(2). */
HIDDEN void swrs_stack_overflow(zend_long id, size_t bytes)
{
    char line[512];
    const zend_execute_data *ex = EG(current_execute_data);
    while (ex && !(ex->func && ZEND_USER_CODE(ex->func->type))) {
        ex = ex->prev_execute_data;
    }
    int length = snprintf(line, sizeof(line),
        "PHP Fatal error:  The C stack of coroutine#" ZEND_LONG_FMT " (%zu bytes) has overflowed in %.200s on line %u; "
        "too deep a recursion, or c_stack_size is too small\n",
        id, bytes, ex ? ZSTR_VAL(ex->func->op_array.filename) : "Unknown", ex && ex->opline ? ex->opline->lineno : 0);
    if (length > 0 && write(STDERR_FILENO, line, length < (int) sizeof(line) ? (size_t) length : sizeof(line) - 1) < 0) {
        return;
    }
}

HIDDEN zval *swrs_local_context(swrs_local *local) { return &local->context; }
HIDDEN void **swrs_local_defers(swrs_local *local) { return &local->defers; }
HIDDEN zend_execute_data *swrs_local_frame(swrs_local *local) { return local->current_execute_data; }
/* Bytes of VM stack pages: of a suspended coroutine, or with NULL of whoever runs. */
HIDDEN size_t swrs_local_vm_used(swrs_local *local)
{
    size_t used = 0;
    for (zend_vm_stack page = local ? local->vm_stack : EG(vm_stack); page != NULL; page = page->prev) {
        used += (char *) page->end - (char *) ZEND_VM_STACK_ELEMENTS(page);
    }
    return used;
}

HIDDEN void swrs_startup(void)
{
    memset(&swrs_base_function, 0, sizeof(swrs_base_function));
    swrs_base_function.type = ZEND_INTERNAL_FUNCTION;
    swrs_base_function.common.fn_flags = 0;
    memset(&swrs_no_function, 0, sizeof(swrs_no_function));
    swrs_no_function.type = ZEND_USER_FUNCTION;
    swrs_no_function.op_array.filename = zend_string_init_interned(ZEND_STRL("[internal function]"), true);
    swrs_no_function.op_array.opcodes = &swrs_no_code;
}
