#include "shim.h"
#include <fcntl.h>
#include <unistd.h>

#define HIDDEN __attribute__((visibility("hidden")))

/* ---- sizes that Rust checks at start-up ------------------------------------------------------- */

HIDDEN size_t swrs_local_size(void) { return sizeof(swrs_local); }
HIDDEN size_t swrs_fci_cache_size(void) { return sizeof(zend_fcall_info_cache); }

/* ---- VM state --------------------------------------------------------------------------------- */

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
static zend_never_inline void swrs_save_silence(swrs_local *to)
{
    zend_ini_entry *entry = zend_hash_str_find_ptr(EG(ini_directives), ZEND_STRL("error_reporting"));
    int level = entry && entry->value ? atoi(ZSTR_VAL(entry->value)) : E_ALL;
    if (level != EG(error_reporting)) {
        to->error_reporting = EG(error_reporting);
        to->silent = true;
        EG(error_reporting) = level;
    }
}

/* Whether the running context has something of what only some use; mostly one comparison that says no. */
#define SWRS_EXTRAS_SET \
    (SWRS_RARE_SET(EG) | (uintptr_t) OG(handlers).elements | SWRS_CALLBACKS_SET \
     | (uintptr_t) E_HAS_ONLY_FATAL_ERRORS(EG(error_reporting)))

static zend_never_inline void swrs_save_extras(swrs_local *to)
{
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
static bool swrs_watching;
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
static zend_never_inline void swrs_tell_start(swrs_local *local, zend_function *function)
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

/* ---- guarded calls ---------------------------------------------------------------------------- */

typedef void (*swrs_body)(void *argument);

/* Runs a Rust function that may call Zend; a bailout inside stops here. The function must own nothing
   that needs dropping while it is inside Zend. */
HIDDEN int swrs_guard(swrs_body body, void *argument)
{
    int ended = SWRS_OK;
    JMP_BUF *outer = EG(bailout);
    JMP_BUF here;
    EG(bailout) = &here;
    if (SETJMP(here) == 0) {
        body(argument);
        if (EG(exception)) {
            ended = SWRS_EXCEPTION;
        }
    } else {
        ended = SWRS_BAILOUT;
    }
    EG(bailout) = outer;
    return ended;
}

HIDDEN void swrs_bailout(void) { zend_bailout(); }

/* Calls fcc with argc arguments. The exception, if one comes, stays in EG(exception). */
HIDDEN int swrs_call(zend_fcall_info_cache *fcc, uint32_t argc, zval *argv, zval *ret)
{
    zend_fcall_info fci;
    volatile int ended = SWRS_OK;
    JMP_BUF *outer = EG(bailout);
    JMP_BUF here;
    fci.size = sizeof(fci);
    ZVAL_UNDEF(&fci.function_name);
    fci.object = fcc->object;
    fci.retval = ret;
    fci.param_count = argc;
    fci.params = argv;
    fci.named_params = NULL;
    ZVAL_UNDEF(ret);
    EG(bailout) = &here;
    if (SETJMP(here) == 0) {
        zend_call_function(&fci, fcc);
        if (EG(exception)) {
            ended = SWRS_EXCEPTION;
        }
    } else {
        ended = SWRS_BAILOUT;
    }
    EG(bailout) = outer;
    return ended;
}

/* As swrs_call, by function name or callable zval. Returns -1 when it cannot be called. */
HIDDEN int swrs_call_zval(zval *callable, uint32_t argc, zval *argv, zval *ret)
{
    zend_fcall_info_cache fcc;
    char *error = NULL;
    ZVAL_UNDEF(ret);
    if (!zend_is_callable_ex(callable, NULL, 0, NULL, &fcc, &error)) {
        if (error) {
            efree(error);
        }
        return -1;
    }
    if (error) {
        efree(error);
    }
    int ended = swrs_call(&fcc, argc, argv, ret);
    return ended;
}

/* Reports EG(exception), which nobody above can catch. True when the request is over. May bail out. */
static bool swrs_report_uncaught(void)
{
    zend_object *exception = EG(exception);
    if (zend_is_unwind_exit(exception)
#if PHP_VERSION_ID >= 80200
        || zend_is_graceful_exit(exception)
#endif
    ) {
        zend_clear_exception();
        return true;
    }
    zend_exception_error(exception, E_ERROR);
    EG(exception) = NULL;
    return true;
}

/* An uncaught exception at the bottom of an event callback. */
HIDDEN int swrs_uncaught(void)
{
    volatile int ended = SWRS_OK;
    JMP_BUF *outer = EG(bailout);
    JMP_BUF here;
    EG(bailout) = &here;
    if (SETJMP(here) == 0) {
        ended = swrs_report_uncaught() ? SWRS_BAILOUT : SWRS_OK;
    } else {
        ended = SWRS_BAILOUT;
    }
    EG(bailout) = outer;
    return ended;
}

/* Rust: runs the deferred functions, last first; gives SWRS_BAILOUT when one of them ended the request. */
extern int swrs_run_defers(void *defers, zval *result);

/* Destructors that run here must not find the dying context: false says that there was one. */
static zend_always_inline void swrs_drop_context(swrs_local *local)
{
    if (UNEXPECTED(Z_TYPE(local->context) != IS_UNDEF)) {
        zval context;
        ZVAL_COPY_VALUE(&context, &local->context);
        ZVAL_FALSE(&local->context);
        zval_ptr_dtor(&context);
    }
}

/*
 * Calls a user function as zend_call_function() does, but with nothing left to resolve or check: false when there
 * is. The frame of a closure gives up a reference to it when the function returns: one that is `given`, or a new one.
 */
static zend_always_inline bool swrs_call_user(zend_fcall_info_cache *fcc, bool given, uint32_t argc, zval *argv, zval *ret)
{
    zend_function *function = fcc->function_handler;
    const uint32_t odd = ZEND_ACC_ABSTRACT | ZEND_ACC_DEPRECATED | ZEND_ACC_CALL_VIA_TRAMPOLINE;
    if (UNEXPECTED(function->type != ZEND_USER_FUNCTION || (function->common.fn_flags & odd)
        || zend_observer_fcall_op_array_extension != -1)) {
        return false;
    }
    for (uint32_t i = 1; i <= argc; i++) {
        if (UNEXPECTED(ARG_SHOULD_BE_SENT_BY_REF(function, i) || Z_ISUNDEF(argv[i - 1]))) {
            return false;
        }
    }
    uint32_t info = ZEND_CALL_TOP_FUNCTION | ZEND_CALL_DYNAMIC;
    void *scope = fcc->called_scope;
    if (fcc->object) {
        info |= ZEND_CALL_HAS_THIS;
        scope = fcc->object;
    }
    if (EXPECTED(function->common.fn_flags & ZEND_ACC_CLOSURE)) {
        info |= ZEND_CALL_CLOSURE;
        if (function->common.fn_flags & ZEND_ACC_FAKE_CLOSURE) {
            info |= ZEND_CALL_FAKE_CLOSURE;
        }
        if (!given) {
            GC_ADDREF(ZEND_CLOSURE_OBJECT(function));
        }
    }
    zend_execute_data *call = zend_vm_stack_push_call_frame(info, function, argc, scope);
    for (uint32_t i = 0; i < argc; i++) {
        ZVAL_COPY_DEREF(ZEND_CALL_ARG(call, i + 1), &argv[i]);
    }
    zend_init_func_execute_data(call, &function->op_array, ret);
    zend_execute_ex(call);
    zend_vm_stack_free_call_frame(call);
    if (UNEXPECTED(EG(exception) != NULL)) {
        zval_ptr_dtor(ret);
        ZVAL_UNDEF(ret);
    }
    return true;
}

/* After a body, still below its SETJMP: its exception, its deferred functions, and what it leaves behind. */
static zend_always_inline int swrs_after_body(swrs_local *local, int ended, zval *ret, zval *keep)
{
    if (UNEXPECTED(EG(exception) != NULL) && swrs_report_uncaught()) {
        ended = SWRS_BAILOUT;
    }
    if (UNEXPECTED(local->defers != NULL)) {
        void *defers = local->defers;
        local->defers = NULL;
        if (swrs_run_defers(defers, ret) != SWRS_OK) {
            ended = SWRS_BAILOUT;
        }
    }
    if (UNEXPECTED(ended != SWRS_OK)) {
        return ended;
    }
    if (UNEXPECTED(Z_REFCOUNTED_P(ret))) {
        zval_ptr_dtor(ret);
    }
    swrs_drop_context(local);
    if (Z_REFCOUNTED_P(keep)) {
        zval_ptr_dtor(keep);
    }
    while (UNEXPECTED(OG(active) != NULL)) {
        php_output_end();
    }
    return UNEXPECTED(EG(exception) != NULL) && swrs_report_uncaught() ? SWRS_BAILOUT : SWRS_OK;
}

/* After a bailout out of a body. */
static zend_never_inline int swrs_bailed_out(void)
{
    if (EG(exception) && !zend_is_unwind_exit(EG(exception))) {
        swrs_report_uncaught();
    }
    EG(exception) = NULL;
    return SWRS_BAILOUT;
}

/*
 * The whole life of a coroutine's body. `owned` says that `callable` is a temporary whose reference may be taken: a
 * closure that nobody else holds is then freed with its frame, and never looks like a cycle to the collector.
 */
HIDDEN int swrs_main(swrs_local *local, zend_fcall_info_cache *fcc, zval *callable, bool owned, uint32_t argc, zval *argv)
{
    zend_function *function = fcc->function_handler;
    zval keep, ret;
    int ended;
    JMP_BUF here;

    ZVAL_UNDEF(&ret);
    bool closure = Z_TYPE_P(callable) == IS_OBJECT && function && function->type == ZEND_USER_FUNCTION
        && (function->common.fn_flags & ZEND_ACC_CLOSURE) && Z_OBJ_P(callable) == ZEND_CLOSURE_OBJECT(function);
    if (EXPECTED(owned && closure)) {
        ZVAL_COPY_VALUE(&keep, callable);
        ZVAL_NULL(callable);
    } else {
        ZVAL_COPY(&keep, callable);
    }
    EG(bailout) = &here;
    if (EXPECTED(SETJMP(here) == 0)) {
        if (UNEXPECTED(swrs_watching)) {
            swrs_tell_start(local, function);
        }
        if (EXPECTED(function && swrs_call_user(fcc, closure, argc, argv, &ret))) {
            if (closure) {
                ZVAL_UNDEF(&keep);
            }
        } else {
            zend_fcall_info_cache cache = *fcc;
            zend_fcall_info fci;
            fci.size = sizeof(fci);
            /* Looked at only where there is no function yet: one behind __call() is made anew for each call. */
            ZVAL_COPY_VALUE(&fci.function_name, &keep);
            fci.object = cache.object;
            fci.retval = &ret;
            fci.param_count = argc;
            fci.params = argv;
            fci.named_params = NULL;
            zend_call_function(&fci, &cache);
        }
        ended = swrs_after_body(local, SWRS_OK, &ret, &keep);
    } else {
        ended = swrs_bailed_out();
    }
    local->fiber_context.status = ZEND_FIBER_STATUS_DEAD;
    return ended;
}

/* As swrs_main, for a body of ours that calls PHP only through guards. */
HIDDEN int swrs_main_native(swrs_local *local, int (*body)(void *), void *argument)
{
    JMP_BUF here;
    zval none;
    int ended;

    ZVAL_UNDEF(&none);
    EG(bailout) = &here;
    if (EXPECTED(SETJMP(here) == 0)) {
        if (UNEXPECTED(swrs_watching)) {
            swrs_tell_start(local, NULL);
        }
        ended = swrs_after_body(local, body(argument), &none, &none);
    } else {
        ended = swrs_bailed_out();
    }
    local->fiber_context.status = ZEND_FIBER_STATUS_DEAD;
    return ended;
}

/* ---- parameters ------------------------------------------------------------------------------- */

HIDDEN void swrs_count_error(uint32_t min, uint32_t max) { zend_wrong_parameters_count_error(min, max); }

/* expected: an index into this table, mirrored by zend::call::Expected. */
HIDDEN void swrs_type_error(uint32_t num, int expected, zval *arg)
{
    static const zend_expected_type types[] = {
        Z_EXPECTED_LONG, Z_EXPECTED_BOOL, Z_EXPECTED_DOUBLE, Z_EXPECTED_STRING, Z_EXPECTED_ARRAY, Z_EXPECTED_OBJECT,
        Z_EXPECTED_LONG_OR_NULL, Z_EXPECTED_DOUBLE_OR_NULL, Z_EXPECTED_STRING_OR_NULL, Z_EXPECTED_ARRAY_OR_NULL,
        Z_EXPECTED_BOOL_OR_NULL, Z_EXPECTED_RESOURCE,
    };
    if (!EG(exception)) {
        zend_wrong_parameter_type_error(num, types[expected], arg);
    }
}
HIDDEN void swrs_class_error(uint32_t num, const char *name, zval *arg) { if (!EG(exception)) zend_wrong_parameter_class_error(num, name, arg); }
HIDDEN void swrs_argument_error(zend_class_entry *ce, uint32_t num, const char *text) { zend_argument_error(ce, num, "%s", text); }

HIDDEN bool swrs_parse_long(zval *arg, zend_long *to, bool *is_null, bool nullable, uint32_t num) { return zend_parse_arg_long(arg, to, is_null, nullable, num); }
HIDDEN bool swrs_parse_bool(zval *arg, bool *to, bool *is_null, bool nullable, uint32_t num) { return zend_parse_arg_bool(arg, to, is_null, nullable, num); }
HIDDEN bool swrs_parse_double(zval *arg, double *to, bool *is_null, bool nullable, uint32_t num) { return zend_parse_arg_double(arg, to, is_null, nullable, num); }
HIDDEN bool swrs_parse_str(zval *arg, zend_string **to, bool nullable, uint32_t num) { return zend_parse_arg_str(arg, to, nullable, num); }

HIDDEN bool swrs_parse_callable(zval *arg, zend_fcall_info_cache *fcc, bool nullable, uint32_t num)
{
    zend_fcall_info fci;
    char *error = NULL;
    if (EXPECTED(Z_TYPE_P(arg) == IS_OBJECT && Z_OBJCE_P(arg) == zend_ce_closure)) {
        /* What the get_closure handler gives; only a static one's class needs asking for. */
        zval *this = zend_get_closure_this_ptr(arg);
        fcc->function_handler = (zend_function *) zend_get_closure_method_def(Z_OBJ_P(arg));
        fcc->calling_scope = fcc->function_handler->common.scope;
        fcc->called_scope = NULL;
        fcc->object = NULL;
        if (Z_TYPE_P(this) == IS_OBJECT) {
            fcc->object = Z_OBJ_P(this);
            fcc->called_scope = fcc->object->ce;
        } else if (fcc->calling_scope) {
            Z_OBJ_HANDLER_P(arg, get_closure)(Z_OBJ_P(arg), &fcc->called_scope, &fcc->function_handler, &fcc->object, 0);
        }
        return true;
    }
#if PHP_VERSION_ID >= 80300
    if (zend_parse_arg_func(arg, &fci, fcc, nullable, &error, true)) {
#else
    if (zend_parse_arg_func(arg, &fci, fcc, nullable, &error)) {
#endif
        if (!nullable || Z_TYPE_P(arg) != IS_NULL) {
            /* a trampoline is found anew at the call */
            zend_release_fcall_info_cache(fcc);
        }
        return true;
    }
    if (!EG(exception)) {
        if (error) {
            zend_wrong_callback_error(num, error);
        } else {
            zend_wrong_parameter_type_error(num, Z_EXPECTED_FUNC, arg);
        }
    } else if (error) {
        efree(error);
    }
    return false;
}

HIDDEN zend_string *swrs_callable_name(zval *arg) { return zend_get_callable_name(arg); }
HIDDEN bool swrs_is_callable(zval *arg, zend_fcall_info_cache *fcc)
{
    char *error = NULL;
    bool ok = zend_is_callable_ex(arg, NULL, 0, NULL, fcc, &error);
    if (error) {
        efree(error);
    }
    if (ok) {
        zend_release_fcall_info_cache(fcc);
    }
    return ok;
}


/* ---- zvals, strings, arrays -------------------------------------------------------------------- */

HIDDEN void swrs_copy(zval *to, const zval *from) { ZVAL_COPY(to, from); }
HIDDEN void swrs_copy_deref(zval *to, zval *from) { ZVAL_COPY_DEREF(to, from); }
HIDDEN void swrs_obj_release(zend_object *object) { OBJ_RELEASE(object); }
HIDDEN void swrs_set_strl(zval *to, const char *text, size_t length) { ZVAL_STRINGL_FAST(to, text, length); }
HIDDEN zend_string *swrs_str_alloc(size_t length) { zend_string *s = zend_string_alloc(length, 0); ZSTR_VAL(s)[length] = 0; return s; }
HIDDEN zend_string *swrs_str_init(const char *text, size_t length) { return zend_string_init_fast(text, length); }
HIDDEN zend_string *swrs_str_truncate(zend_string *s, size_t length) { s = zend_string_truncate(s, length, 0); ZSTR_VAL(s)[length] = 0; return s; }
HIDDEN zend_string *swrs_str_persistent(const char *text, size_t length) { zend_string *s = zend_string_init_interned(text, length, 1); return s; }
HIDDEN void swrs_set_str(zval *to, zend_string *s) { ZVAL_STR(to, s); }
HIDDEN void swrs_str_addref(zend_string *s) { zend_string_addref(s); }
HIDDEN void swrs_str_release(zend_string *s) { zend_string_release(s); }
HIDDEN void swrs_array_init(zval *to, uint32_t size) { array_init_size(to, size); }
HIDDEN void swrs_separate_array(zval *value) { SEPARATE_ARRAY(value); }
HIDDEN zval *swrs_deref(zval *value) { ZVAL_DEREF(value); return value; }
HIDDEN zval *swrs_array_find(HashTable *ht, const char *key, size_t length) {
    zval *found = zend_hash_str_find(ht, key, length);
    if (found && Z_TYPE_P(found) == IS_INDIRECT) found = Z_INDIRECT_P(found);
    if (found) ZVAL_DEREF(found);
    return found && Z_TYPE_P(found) != IS_UNDEF ? found : NULL;
}
HIDDEN zval *swrs_array_index(HashTable *ht, zend_ulong index) { zval *found = zend_hash_index_find(ht, index); if (found) ZVAL_DEREF(found); return found; }
HIDDEN void swrs_array_set(HashTable *ht, const char *key, size_t length, zval *value) { zend_hash_str_update(ht, key, length, value); }
HIDDEN void swrs_array_set_zstr(HashTable *ht, zend_string *key, zval *value) { zend_hash_update(ht, key, value); }
HIDDEN void swrs_array_set_sym(HashTable *ht, const char *key, size_t length, zval *value) { zend_symtable_str_update(ht, key, length, value); }
HIDDEN zval *swrs_array_find_sym(HashTable *ht, const char *key, size_t length) { zval *found = zend_symtable_str_find(ht, key, length); if (found) ZVAL_DEREF(found); return found; }
HIDDEN void swrs_array_set_index(HashTable *ht, zend_ulong index, zval *value) { zend_hash_index_update(ht, index, value); }
HIDDEN void swrs_array_push(HashTable *ht, zval *value) { zend_hash_next_index_insert(ht, value); }
HIDDEN void swrs_array_del_index(HashTable *ht, zend_ulong index) { zend_hash_index_del(ht, index); }
HIDDEN uint32_t swrs_array_count(HashTable *ht) { return zend_hash_num_elements(ht); }

/* By a key that is interned or at least hashed. */
HIDDEN zval *swrs_array_find_known(HashTable *ht, zend_string *key)
{
    zval *found = zend_hash_find_known_hash(ht, key);
    if (found && Z_TYPE_P(found) == IS_INDIRECT) found = Z_INDIRECT_P(found);
    if (found) ZVAL_DEREF(found);
    return found && Z_TYPE_P(found) != IS_UNDEF ? found : NULL;
}

/* Rows that all have the same keys: a pattern of nulls, and copies of it to be filled by position. */
_Static_assert(sizeof(Bucket) == 32, "zend::array::Pattern counts in these");
HIDDEN void swrs_pattern_init(zval *to, uint32_t size)
{
    array_init_size(to, size);
    if (size > 0) {
        zend_hash_real_init_mixed(Z_ARRVAL_P(to));
    }
}
HIDDEN void swrs_pattern_add(HashTable *ht, zend_string *key) { zval none; ZVAL_NULL(&none); zend_symtable_update(ht, key, &none); }
HIDDEN zval *swrs_pattern_copy(zval *to, HashTable *pattern)
{
    ZVAL_ARR(to, zend_array_dup(pattern));
    return &Z_ARRVAL_P(to)->arData->val;
}

typedef bool (*swrs_each)(void *context, zend_string *key, zend_ulong index, zval *value);
HIDDEN void swrs_array_each(HashTable *ht, swrs_each each, void *context)
{
    zend_ulong index;
    zend_string *key;
    zval *value;
    ZEND_HASH_FOREACH_KEY_VAL_IND(ht, index, key, value) {
        ZVAL_DEREF(value);
        if (!each(context, key, index, value)) {
            break;
        }
    } ZEND_HASH_FOREACH_END();
}

HIDDEN zend_long swrs_to_long(zval *value) { return zval_get_long(value); }
HIDDEN double swrs_to_double(zval *value) { return zval_get_double(value); }
HIDDEN bool swrs_to_bool(zval *value) { return zend_is_true(value); }
HIDDEN zend_string *swrs_to_str(zval *value) { return zval_try_get_string(value); }

/* ---- objects ----------------------------------------------------------------------------------- */

HIDDEN void *swrs_object_alloc(size_t head, zend_class_entry *ce)
{
    char *memory = emalloc(head + sizeof(zend_object) + zend_object_properties_size(ce));
    return memory;
}
HIDDEN void swrs_object_init(zend_object *object, zend_class_entry *ce, const zend_object_handlers *handlers)
{
    zend_object_std_init(object, ce);
    object_properties_init(object, ce);
    object->handlers = handlers;
}
HIDDEN void swrs_object_std_dtor(zend_object *object) { zend_object_std_dtor(object); }
/* Properties that our classes declare are read by their handlers: they stay. */
static void unset_property(zend_object *object, zend_string *name, void **cache_slot)
{
    zend_property_info *info = zend_hash_find_ptr(&object->ce->properties_info, name);
    if (info && info->ce->type == ZEND_INTERNAL_CLASS) {
        zend_throw_error(NULL, "Property %s of class %s cannot be unset", ZSTR_VAL(name), ZSTR_VAL(object->ce->name));
        return;
    }
    zend_std_unset_property(object, name, cache_slot);
}

HIDDEN void swrs_handlers_init(zend_object_handlers *handlers, int offset, void (*free_obj)(zend_object *))
{
    memcpy(handlers, &std_object_handlers, sizeof(*handlers));
    handlers->offset = offset;
    handlers->free_obj = free_obj;
    handlers->clone_obj = NULL;
    handlers->unset_property = unset_property;
}
HIDDEN zval *swrs_prop_slot(zend_object *object, uint32_t n) { return OBJ_PROP_NUM(object, n); }
HIDDEN int swrs_object_new(zval *to, zend_class_entry *ce) { return object_init_ex(to, ce); }
HIDDEN void swrs_set_obj(zval *to, zend_object *object) { ZVAL_OBJ_COPY(to, object); }
HIDDEN bool swrs_instanceof(zend_object *object, zend_class_entry *ce) { return instanceof_function(object->ce, ce); }
HIDDEN void swrs_update_prop(zend_object *object, const char *name, size_t length, zval *value) { zend_update_property(object->ce, object, name, length, value); }
HIDDEN zval *swrs_read_prop(zend_object *object, const char *name, size_t length, zval *buffer) { zval *v = zend_read_property(object->ce, object, name, length, 1, buffer); ZVAL_DEREF(v); return v; }
HIDDEN void swrs_class_create(zend_class_entry *ce, zend_object *(*create)(zend_class_entry *)) { ce->create_object = create; }
HIDDEN void swrs_class_not_serializable(zend_class_entry *ce) { ce->ce_flags |= ZEND_ACC_NOT_SERIALIZABLE; }
HIDDEN const char *swrs_class_name(zend_class_entry *ce) { return ZSTR_VAL(ce->name); }
HIDDEN zend_class_entry *swrs_find_class(const char *name, size_t length)
{
    zend_string *key = zend_string_init(name, length, 0);
    zend_class_entry *ce = zend_lookup_class_ex(key, NULL, ZEND_FETCH_CLASS_NO_AUTOLOAD);
    zend_string_release(key);
    return ce;
}
HIDDEN zend_class_entry *swrs_called_class(zend_execute_data *ex) { return zend_get_called_scope(ex); }

/* Methods of older versions, which reflection does not show: calls to them find a twin of another method. */
#define SWRS_OLDER_MAX 8
static struct { zend_class_entry *ce; zend_internal_function function; } swrs_older[SWRS_OLDER_MAX];
static uint32_t swrs_older_count;

static zend_function *swrs_older_method(zend_object **object, zend_string *name, const zval *key)
{
    zend_function *function = zend_std_get_method(object, name, key);
    if (function == NULL && !EG(exception)) {
        for (uint32_t i = 0; i < swrs_older_count; i++) {
            if (zend_string_equals_ci(swrs_older[i].function.function_name, name) && instanceof_function((*object)->ce, swrs_older[i].ce)) {
                return (zend_function *) &swrs_older[i].function;
            }
        }
    }
    return function;
}
HIDDEN void swrs_class_older(zend_class_entry *ce, zend_object_handlers *handlers, const char *name, const char *like)
{
    zend_function *twin = zend_hash_str_find_ptr(&ce->function_table, like, strlen(like));
    if (twin && swrs_older_count < SWRS_OLDER_MAX) {
        swrs_older[swrs_older_count].ce = ce;
        swrs_older[swrs_older_count].function = twin->internal_function;
        swrs_older[swrs_older_count].function.function_name = zend_string_init_interned(name, strlen(name), 1);
        swrs_older_count++;
        handlers->get_method = swrs_older_method;
    }
}

/* ---- garbage collection ------------------------------------------------------------------------ */

HIDDEN void *swrs_gc_buffer(void) { return zend_get_gc_buffer_create(); }
HIDDEN void swrs_gc_add(void *buffer, zval *value) { zend_get_gc_buffer_add_zval(buffer, value); }
HIDDEN HashTable *swrs_gc_use(zend_object *object, void *buffer, zval **table, int *n)
{
    zend_get_gc_buffer_use(buffer, table, n);
    return zend_std_get_properties(object);
}
HIDDEN void swrs_handlers_gc(zend_object_handlers *handlers, HashTable *(*get_gc)(zend_object *, zval **, int *)) { handlers->get_gc = get_gc; }

/* ---- errors ------------------------------------------------------------------------------------ */

HIDDEN void swrs_warning(int level, const char *text, size_t length) { php_error_docref(NULL, level, "%.*s", (int) length, text); }
/* As if it were raised at a line of a file. */
HIDDEN void swrs_error_at(int level, const char *file, size_t file_length, uint32_t line, const char *text, size_t length)
{
    zend_string *name = zend_string_init(file, file_length, 0);
    zend_error_at(level, name, line, "%.*s", (int) length, text);
    zend_string_release(name);
}
HIDDEN uint32_t swrs_refcount(const zval *value) { return Z_REFCOUNTED_P(value) ? Z_REFCOUNT_P(value) : 1; }
HIDDEN void *swrs_handler_of(const char *name, size_t length)
{
    zend_function *function = zend_hash_str_find_ptr(EG(function_table), name, length);
    return function && function->type == ZEND_INTERNAL_FUNCTION ? (void *) function->internal_function.handler : NULL;
}
HIDDEN void swrs_set_exit_status(int status) { EG(exit_status) = status; }
HIDDEN void swrs_error(int level, const char *text, size_t length) { zend_error(level, "%.*s", (int) length, text); }
HIDDEN void swrs_throw(zend_class_entry *ce, zend_long code, const char *text, size_t length)
{
    zend_string *message = zend_string_init(text, length, 0);
    zend_throw_exception_ex(ce, code, "%s", ZSTR_VAL(message));
    zend_string_release(message);
}
HIDDEN void swrs_throw_object(zend_object *object) { zval v; ZVAL_OBJ(&v, object); zend_throw_exception_object(&v); }
HIDDEN zend_object *swrs_take_exception(void)
{
    zend_object *e = EG(exception);
    if (e) {
        GC_ADDREF(e);
        zend_clear_exception();
    }
    return e;
}
HIDDEN zend_class_entry *swrs_ce_of(int which)
{
    switch (which) {
        case 0: return zend_ce_exception;
        case 1: return zend_ce_error;
        case 2: return zend_ce_type_error;
        case 3: return zend_ce_value_error;
        case 4: return zend_ce_argument_count_error;
        case 5: return zend_ce_countable;
        case 6: return zend_ce_closure;
        case 7: return spl_ce_RuntimeException;
        default: return zend_ce_exception;
    }
}

/* ---- output, backtraces, ini, request ----------------------------------------------------------- */

HIDDEN void swrs_end_output(void) { php_output_end_all(); }
HIDDEN void swrs_clean_output(void) { php_output_clean_all(); }
HIDDEN void swrs_write(const char *text, size_t length) { php_output_write(text, length); }
HIDDEN void swrs_backtrace(zend_execute_data *frame, zval *trace_out, int skip_last, zend_long options, zend_long limit)
{
    zend_execute_data *current = EG(current_execute_data);
    if (frame) {
        EG(current_execute_data) = frame;
    }
    zend_fetch_debug_backtrace(trace_out, skip_last, (int) options, (int) limit);
    EG(current_execute_data) = current;
}
HIDDEN zend_string *swrs_trace_to_string(HashTable *trace)
{
#if PHP_VERSION_ID >= 80100
    return zend_trace_to_string(trace, false);
#endif
}
HIDDEN const char *swrs_executed_filename(void) { return zend_get_executed_filename(); }
/* Whether the script has died of an error that ends it. */
HIDDEN bool swrs_is_fatal(void)
{
    return PG(last_error_message)
        && (PG(last_error_type) & (E_ERROR | E_CORE_ERROR | E_COMPILE_ERROR | E_USER_ERROR | E_RECOVERABLE_ERROR));
}
/* The error that the script has died of. */
HIDDEN const char *swrs_last_error(const char **file, int *line)
{
    if (!swrs_is_fatal()) {
        return NULL;
    }
    *file = PG(last_error_file) ? ZSTR_VAL(PG(last_error_file)) : "";
    *line = PG(last_error_lineno);
    return ZSTR_VAL(PG(last_error_message));
}
/* Whether the caller of the running function is a destructor, and the script's end is under way. */
HIDDEN bool swrs_in_last_destructor(void)
{
    zend_execute_data *caller = EG(current_execute_data) ? EG(current_execute_data)->prev_execute_data : NULL;
    return (EG(flags) & EG_FLAGS_IN_SHUTDOWN) && caller && caller->func && caller->func->common.function_name
        && zend_string_equals_literal_ci(caller->func->common.function_name, "__destruct");
}
/* A child that goes on with its parent's random state would give the parent's numbers. */
HIDDEN void swrs_forget_random(void)
{
    RANDOM_G(mt19937_seeded) = false;
    RANDOM_G(combined_lcg_seeded) = false;
}

/* ---- descriptors --------------------------------------------------------------------------------- */

/* The fd of a stream or of ext/sockets' Socket; -1: not one, -2: closed. plain: a file on a disk. */
HIDDEN int swrs_fd_of(zval *value, bool *plain)
{
    *plain = false;
    if (Z_TYPE_P(value) == IS_RESOURCE) {
        php_stream *stream;
        int fd = -1;
        php_stream_from_zval_no_verify(stream, value);
        if (stream && php_stream_cast(stream, PHP_STREAM_AS_FD_FOR_SELECT | PHP_STREAM_CAST_INTERNAL, (void **) &fd, 1) == SUCCESS && fd >= 0) {
            *plain = stream->wrapper && stream->wrapper->wops == php_plain_files_wrapper.wops;
            return fd;
        }
        return -1;
    }
    if (Z_TYPE_P(value) == IS_OBJECT && zend_string_equals_literal(Z_OBJCE_P(value)->name, "Socket")
        && Z_OBJCE_P(value)->type == ZEND_INTERNAL_CLASS) {
        /* php_socket begins with its descriptor (ext/sockets/php_sockets.h). */
        int fd = *(int *) ((char *) Z_OBJ_P(value) - Z_OBJ_HT_P(value)->offset);
        return fd < 0 ? -2 : fd;
    }
    return -1;
}
HIDDEN const char *swrs_sapi_name(void) { return sapi_module.name; }

/* Arguments by names that the function does not declare; null when there are none. */
HIDDEN HashTable *swrs_extra_named(zend_execute_data *ex)
{
    return ZEND_CALL_INFO(ex) & ZEND_CALL_HAS_EXTRA_NAMED_PARAMS ? ex->extra_named_params : NULL;
}

/* What the command line said about the configuration: the settings of -d as lines of an ini file, -c, -n. */
HIDDEN const char *swrs_ini_entries(void) { return sapi_module.ini_entries; }
HIDDEN const char *swrs_ini_path(void) { return sapi_module.php_ini_path_override; }
HIDDEN bool swrs_ini_ignored(void) { return sapi_module.php_ini_ignore; }
HIDDEN void *swrs_vm_interrupt_ptr(void) { return &EG(vm_interrupt); }
typedef void (*swrs_interrupt)(void);
static swrs_interrupt swrs_on_interrupt;
static void (*swrs_previous_interrupt)(zend_execute_data *);
static void swrs_interrupted(zend_execute_data *ex)
{
    if (swrs_on_interrupt) {
        swrs_on_interrupt();
    }
    if (swrs_previous_interrupt) {
        swrs_previous_interrupt(ex);
    }
}
HIDDEN void swrs_set_interrupt(swrs_interrupt handler)
{
    swrs_on_interrupt = handler;
    if (zend_interrupt_function != swrs_interrupted) {
        swrs_previous_interrupt = zend_interrupt_function;
        zend_interrupt_function = swrs_interrupted;
    }
}

/* The loop runs at the script's end as the last shutdown function, where user code still may run. */
HIDDEN bool swrs_at_shutdown(const char *name, zend_function *function)
{
    php_shutdown_function_entry entry;
    zval callable;
    (void) function;
    memset(&entry, 0, sizeof(entry));
    ZVAL_STRING(&callable, name);
    if (zend_fcall_info_init(&callable, 0, &entry.fci, &entry.fci_cache, NULL, NULL) != SUCCESS) {
        zval_ptr_dtor(&callable);
        return false;
    }
    Z_TRY_ADDREF(entry.fci.function_name);
    zval_ptr_dtor(&callable);
    return append_user_shutdown_function(&entry);
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

/* ---- exit() inside coroutines -------------------------------------------------------------------- */

typedef bool (*swrs_exit_hook)(zend_long status, zval *message);
static swrs_exit_hook swrs_on_exit;
static user_opcode_handler_t swrs_previous_exit;

#ifdef ZEND_EXIT
static int swrs_exit_handler(zend_execute_data *execute_data)
{
    const zend_op *opline = EX(opline);
    if (swrs_on_exit) {
        zval *value = NULL;
        if (opline->op1_type == IS_CONST) {
            value = RT_CONSTANT(opline, opline->op1);
        } else if (opline->op1_type != IS_UNUSED) {
            value = EX_VAR(opline->op1.var);
            ZVAL_DEREF(value);
        }
        zval none;
        ZVAL_NULL(&none);
        if (swrs_on_exit(0, value ? value : &none)) {
            if (opline->op1_type & (IS_TMP_VAR | IS_VAR)) {
                zval_ptr_dtor_nogc(EX_VAR(opline->op1.var));
            }
            return ZEND_USER_OPCODE_CONTINUE;
        }
    }
    return swrs_previous_exit ? swrs_previous_exit(execute_data) : ZEND_USER_OPCODE_DISPATCH;
}
HIDDEN void swrs_hook_exit(swrs_exit_hook hook)
{
    swrs_on_exit = hook;
    swrs_previous_exit = zend_get_user_opcode_handler(ZEND_EXIT);
    zend_set_user_opcode_handler(ZEND_EXIT, swrs_exit_handler);
}
#else
/* From 8.4 exit is a function; its handler is replaced. */
static zif_handler swrs_real_exit;
static ZEND_FUNCTION(swrs_exit)
{
    if (swrs_on_exit) {
        zval none;
        ZVAL_NULL(&none);
        zval *value = ZEND_NUM_ARGS() > 0 ? ZEND_CALL_ARG(execute_data, 1) : &none;
        if (swrs_on_exit(0, value)) {
            return;
        }
    }
    swrs_real_exit(INTERNAL_FUNCTION_PARAM_PASSTHRU);
}
HIDDEN void swrs_hook_exit(swrs_exit_hook hook)
{
    zend_internal_function *exit = zend_hash_str_find_ptr(CG(function_table), "exit", 4);
    swrs_on_exit = hook;
    if (exit && exit->handler != ZEND_FN(swrs_exit)) {
        swrs_real_exit = exit->handler;
        exit->handler = ZEND_FN(swrs_exit);
    }
}
#endif

/* ---- no-suspend sections --------------------------------------------------------------------------- */

typedef void (*swrs_section)(int step);
static swrs_section swrs_no_suspend;
static zend_op_array *(*swrs_compile_file)(zend_file_handle *, int);
static zend_op_array *(*swrs_compile_string)(zend_string *, const char *
#if PHP_VERSION_ID >= 80200
    , zend_compile_position
#endif
);
static int (*swrs_gc_collect)(void);

/* A bailout out of the compiler leaves the count as it is; the request ends, and the count with it. */
static zend_op_array *swrs_guarded_compile(zend_file_handle *file, int type)
{
    swrs_no_suspend(1);
    zend_op_array *result = swrs_compile_file(file, type);
    swrs_no_suspend(-1);
    return result;
}
static zend_op_array *swrs_guarded_compile_string(zend_string *source, const char *filename
#if PHP_VERSION_ID >= 80200
    , zend_compile_position position
#endif
)
{
    swrs_no_suspend(1);
    zend_op_array *result = swrs_compile_string(source, filename
#if PHP_VERSION_ID >= 80200
        , position
#endif
    );
    swrs_no_suspend(-1);
    return result;
}
static int swrs_guarded_gc(void)
{
    swrs_no_suspend(1);
    int result = swrs_gc_collect();
    swrs_no_suspend(-1);
    return result;
}
HIDDEN void swrs_hook_sections(swrs_section section)
{
    swrs_no_suspend = section;
    swrs_compile_file = zend_compile_file;
    zend_compile_file = swrs_guarded_compile;
    swrs_compile_string = zend_compile_string;
    zend_compile_string = swrs_guarded_compile_string;
    swrs_gc_collect = gc_collect_cycles;
    gc_collect_cycles = swrs_guarded_gc;
}

/* ---- autoload: the second coroutine that needs a class waits for the first --------------------------- */

typedef bool (*swrs_autoload_wait)(zend_string *lc_name);
typedef void (*swrs_autoload_done)(zend_string *lc_name);
static zend_class_entry *(*swrs_autoload)(zend_string *name, zend_string *lc_name);
static swrs_autoload_wait swrs_wait_for_class;
static swrs_autoload_done swrs_class_loaded;

static zend_class_entry *swrs_serial_autoload(zend_string *name, zend_string *lc_name)
{
    /* zend_lookup_class_ex() has just put the name into EG(in_autoload), where it would make the next
       coroutine's look-up fail before we are asked. */
    zend_hash_del(EG(in_autoload), lc_name);
    if (!swrs_wait_for_class(lc_name)) {
        /* Another coroutine was loading it; whatever it found is what there is. */
        return zend_hash_find_ptr(EG(class_table), lc_name);
    }
    zend_class_entry *ce = swrs_autoload(name, lc_name);
    swrs_class_loaded(lc_name);
    return ce;
}
HIDDEN void swrs_hook_autoload(swrs_autoload_wait wait, swrs_autoload_done done)
{
    swrs_wait_for_class = wait;
    swrs_class_loaded = done;
    if (zend_autoload && zend_autoload != swrs_serial_autoload) {
        swrs_autoload = zend_autoload;
        zend_autoload = swrs_serial_autoload;
    }
}

/* ---- streams ---------------------------------------------------------------------------------------- */

/* ext/sockets' object, as its header has it since PHP 8.0. */
typedef struct {
    int bsd_socket;
    int type;
    int error;
    int blocking;
    zval zstream;
    zend_object std;
} swrs_php_socket;

HIDDEN bool swrs_socket_object(zval *to, int fd, int domain)
{
    zend_class_entry *ce = zend_hash_str_find_ptr(CG(class_table), "socket", sizeof("socket") - 1);
    if (!ce || ce->type != ZEND_INTERNAL_CLASS || object_init_ex(to, ce) != SUCCESS) {
        return false;
    }
    if (Z_OBJ_P(to)->handlers->offset != XtOffsetOf(swrs_php_socket, std)) {
        zval_ptr_dtor(to);
        return false;
    }
    swrs_php_socket *socket = (swrs_php_socket *) ((char *) Z_OBJ_P(to) - XtOffsetOf(swrs_php_socket, std));
    socket->bsd_socket = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    socket->type = domain;
    socket->error = 0;
    socket->blocking = 0;
    return true;
}

HIDDEN int swrs_stream_fd(zval *value)
{
    ZVAL_DEREF(value);
    if (Z_TYPE_P(value) == IS_RESOURCE) {
        php_stream *stream = (php_stream *) zend_fetch_resource2_ex(value, NULL, php_file_le_stream(), php_file_le_pstream());
        if (stream) {
            int fd = -1;
            if (php_stream_cast(stream, PHP_STREAM_AS_FD_FOR_SELECT | PHP_STREAM_CAST_INTERNAL, (void *) &fd, 0) == SUCCESS && fd >= 0) {
                return fd;
            }
        }
        return -1;
    }
    if (Z_TYPE_P(value) == IS_OBJECT) {
        zend_object *object = Z_OBJ_P(value);
        if (zend_string_equals_literal(object->ce->name, "Socket") && object->handlers->offset > 0) {
            return ((swrs_php_socket *) ((char *) object - object->handlers->offset))->bsd_socket;
        }
        zval rv;
        zval *fd = zend_read_property(object->ce, object, "fd", sizeof("fd") - 1, 1, &rv);
        if (fd && Z_TYPE_P(fd) == IS_LONG) {
            return (int) Z_LVAL_P(fd);
        }
        fd = zend_read_property(object->ce, object, "sock", sizeof("sock") - 1, 1, &rv);
        if (fd && Z_TYPE_P(fd) == IS_LONG) {
            return (int) Z_LVAL_P(fd);
        }
    }
    return -1;
}

HIDDEN void swrs_stream_close(zval *value)
{
    php_stream *stream = (php_stream *) zend_fetch_resource2_ex(value, NULL, php_file_le_stream(), php_file_le_pstream());
    if (stream) {
        php_stream_free(stream, PHP_STREAM_FREE_KEEP_RSRC | PHP_STREAM_FREE_CLOSE
            | (stream->is_persistent ? PHP_STREAM_FREE_CLOSE_PERSISTENT : 0));
    }
}

/* ---- methods lent by a child class ------------------------------------------------------------- */

static const char *swrs_lender;
static bool (*swrs_lends)(zend_object *object);

static zend_function *swrs_lent_method(zend_object **object, zend_string *name, const zval *key)
{
    zend_string *lower = zend_string_tolower(name);
    bool own = zend_hash_exists(&(*object)->ce->function_table, lower);
    zend_class_entry *child;
    zend_function *function = NULL;
    if (!own && swrs_lends(*object) && (child = zend_hash_str_find_ptr(CG(class_table), swrs_lender, strlen(swrs_lender)))) {
        function = zend_hash_find_ptr(&child->function_table, lower);
    }
    zend_string_release(lower);
    if (function && (function->common.fn_flags & ZEND_ACC_PUBLIC)) {
        return function;
    }
    return zend_std_get_method(object, name, key);
}

HIDDEN void swrs_handlers_lend(zend_object_handlers *handlers, const char *child, bool (*lends)(zend_object *object))
{
    swrs_lender = child;
    swrs_lends = lends;
    handlers->get_method = swrs_lent_method;
}
