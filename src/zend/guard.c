/* Calls into PHP at which a bailout stops. */
#include "shim.h"

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

/* Calls fcc with argc arguments, and those of `named` (null: none), where string keys are parameter names. The
   exception, if one comes, stays in EG(exception). */
HIDDEN int swrs_call_named(zend_fcall_info_cache *fcc, uint32_t argc, zval *argv, HashTable *named, zval *ret)
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
    fci.named_params = named;
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

HIDDEN int swrs_call(zend_fcall_info_cache *fcc, uint32_t argc, zval *argv, zval *ret)
{
    return swrs_call_named(fcc, argc, argv, NULL, ret);
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
HIDDEN bool swrs_report_uncaught(void)
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

/* What a destructor threw after the code that could catch it had ended: a warning, of which nobody dies. */
HIDDEN bool swrs_report_unheard(void)
{
    zend_object *exception = EG(exception);
    if (zend_is_unwind_exit(exception) || zend_is_graceful_exit(exception)) {
        zend_clear_exception();
        return true;
    }
    zend_exception_error(exception, E_WARNING);
    if (EG(exception)) {
        /* An error handler's, of the warning. */
        zend_clear_exception();
    }
    return false;
}

static int swrs_guarded_report(bool (*report)(void))
{
    volatile int ended = SWRS_OK;
    JMP_BUF *outer = EG(bailout);
    JMP_BUF here;
    EG(bailout) = &here;
    if (SETJMP(here) == 0) {
        ended = report() ? SWRS_BAILOUT : SWRS_OK;
    } else {
        ended = SWRS_BAILOUT;
    }
    EG(bailout) = outer;
    return ended;
}

/* An uncaught exception at the bottom of an event callback. */
HIDDEN int swrs_uncaught(void)
{
    return swrs_guarded_report(swrs_report_uncaught);
}

HIDDEN int swrs_unheard(void)
{
    return swrs_guarded_report(swrs_report_unheard);
}
