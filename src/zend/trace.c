/* Calls of user functions, and allocations, told to whoever traces them. */
#include "shim.h"
#include "zend_alloc.h"

static void (*swrs_call_begun)(zend_execute_data *);
static void (*swrs_call_ended)(zend_execute_data *);

static void swrs_traced_begin(zend_execute_data *ex) { swrs_call_begun(ex); }
static void swrs_traced_end(zend_execute_data *ex, zval *ret) { swrs_call_ended(ex); }

static zend_observer_fcall_handlers swrs_traced(zend_execute_data *ex)
{
    zend_observer_fcall_handlers none = {NULL, NULL}, ours = {swrs_traced_begin, swrs_traced_end};
    return ex->func && ex->func->type == ZEND_USER_FUNCTION && ex->func->common.function_name ? ours : none;
}

/* At module start. Zend keeps track of open frames for each fiber, so coroutines must look like some. */
HIDDEN void swrs_trace_calls(void (*begun)(zend_execute_data *), void (*ended)(zend_execute_data *))
{
    swrs_call_begun = begun;
    swrs_call_ended = ended;
    swrs_ini.enable_fiber_mock = true;
    zend_observer_fcall_register(swrs_traced);
}

/* The function of a frame: its class or null, its name, where it is written. */
HIDDEN void swrs_traced_function(zend_execute_data *ex, zend_string **scope, zend_string **name, zend_string **file, uint32_t *line)
{
    zend_op_array *function = &ex->func->op_array;
    *scope = function->scope ? function->scope->name : NULL;
    *name = function->function_name;
    *file = function->filename;
    *line = function->line_start;
}

static void (*swrs_block_made)(void *, size_t);
static void (*swrs_block_moved)(void *, void *, size_t);
static void (*swrs_block_freed)(void *);

static void *swrs_traced_malloc(size_t size)
{
    void *block = zend_mm_alloc(zend_mm_get_heap(), size);
    swrs_block_made(block, size);
    return block;
}

static void swrs_traced_free(void *block)
{
    swrs_block_freed(block);
    zend_mm_free(zend_mm_get_heap(), block);
}

static void *swrs_traced_realloc(void *block, size_t size)
{
    void *moved = zend_mm_realloc(zend_mm_get_heap(), block, size);
    swrs_block_moved(block, moved, size);
    return moved;
}

/* From now on until swrs_untrace_blocks. Blocks of before are freed as all others are. */
HIDDEN void swrs_trace_blocks(void (*made)(void *, size_t), void (*moved)(void *, void *, size_t), void (*freed)(void *))
{
    swrs_block_made = made;
    swrs_block_moved = moved;
    swrs_block_freed = freed;
    zend_mm_set_custom_handlers(zend_mm_get_heap(), swrs_traced_malloc, swrs_traced_free, swrs_traced_realloc);
}

HIDDEN void swrs_untrace_blocks(void) { zend_mm_set_custom_handlers(zend_mm_get_heap(), NULL, NULL, NULL); }

/* The line of the script that runs; null outside of all. Allocates nothing. */
HIDDEN zend_string *swrs_running_line(uint32_t *line)
{
    zend_execute_data *ex = EG(current_execute_data);
    while (ex && (!ex->func || !ZEND_USER_CODE(ex->func->common.type))) {
        ex = ex->prev_execute_data;
    }
    if (!ex || !ex->opline) {
        return NULL;
    }
    const zend_op *opline = ex->opline;
    if (EG(exception) && opline->opcode == ZEND_HANDLE_EXCEPTION && opline->lineno == 0 && EG(opline_before_exception)) {
        opline = EG(opline_before_exception);
    }
    *line = opline->lineno;
    return ex->func->op_array.filename;
}
