/* The life of a coroutine's body: the call, its deferred functions, its end. */
#include "shim.h"

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
 * is. The frame of a closure gives up a reference to it when the function returns, and the caller may hold the last
 * one (`kept`): what the closure has captured is then destroyed when the body has ended, and not as a part of it.
 */
static zend_always_inline bool swrs_call_user(zend_fcall_info_cache *fcc, bool kept, uint32_t argc, zval *argv, zval *ret)
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
        GC_ADDREF(ZEND_CLOSURE_OBJECT(function));
        if (kept) {
            /* Two references and then one: to the collector that looks like a cycle. */
            GC_ADD_FLAGS(ZEND_CLOSURE_OBJECT(function), GC_NOT_COLLECTABLE);
        }
    }
    zend_execute_data *call = zend_vm_stack_push_call_frame(info, function, argc, scope);
    for (uint32_t i = 0; i < argc; i++) {
        ZVAL_COPY_DEREF(ZEND_CALL_ARG(call, i + 1), &argv[i]);
    }
    zend_init_func_execute_data(call, &function->op_array, ret);
    zend_execute_ex(call);
    zend_vm_stack_free_call_frame(call);
    if (EXPECTED(kept)) {
        GC_DEL_FLAGS(ZEND_CLOSURE_OBJECT(function), GC_NOT_COLLECTABLE);
    }
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
    if (UNEXPECTED(EG(exception) != NULL) && swrs_report_unheard()) {
        return SWRS_BAILOUT;
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
 * closure that nobody else holds is then freed at the end, and never looks like a cycle to the collector.
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
        if (UNEXPECTED(!function || !swrs_call_user(fcc, closure, argc, argv, &ret))) {
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
