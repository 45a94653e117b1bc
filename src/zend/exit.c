/* exit() inside coroutines ends the coroutine's chain by an exception. */
#include "shim.h"

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
