/* The request around us: output, backtraces, settings, interrupts, the script's end. */
#include "shim.h"

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
HIDDEN void swrs_forget_error(void)
{
    PG(last_error_type) = 0;
    if (PG(last_error_message)) {
        zend_string_release(PG(last_error_message));
        PG(last_error_message) = NULL;
    }
    if (PG(last_error_file)) {
        zend_string_release(PG(last_error_file));
        PG(last_error_file) = NULL;
    }
}
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
