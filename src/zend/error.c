/* Errors and exceptions. */
#include "shim.h"

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
