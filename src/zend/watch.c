/* Watches calls of internal functions from outside: how long each took. Their handlers are wrapped, not the way they
   are called by: code that was compiled before is watched too. */
#include "shim.h"

/* Mirrored by zend::watch::Span. */
typedef struct {
    int64_t coroutine;
    uint64_t began;
    uint64_t reports;
    uint32_t wait;
} swrs_span;

static bool (*swrs_span_begin)(swrs_span *);
static void (*swrs_span_end)(const swrs_span *, zend_execute_data *);
/* Where a function, and every copy that PHP makes of it, keeps its own handler. */
static int slot = -1;
static bool watching;

static void swrs_watched(zend_execute_data *ex, zval *ret)
{
    zif_handler own = (zif_handler) ex->func->internal_function.reserved[slot];
    swrs_span span;
    bool watched = watching && swrs_span_begin(&span);
    own(ex, ret);
    if (watched) {
        swrs_span_end(&span, ex);
    }
}

static void swrs_wrap(HashTable *functions, bool on)
{
    zend_function *function;
    ZEND_HASH_FOREACH_PTR(functions, function) {
        /* An abstract method has no handler. */
        if (function->type != ZEND_INTERNAL_FUNCTION || !function->internal_function.handler) {
            continue;
        }
        zend_internal_function *internal = &function->internal_function;
        if (on && internal->handler != swrs_watched) {
            internal->reserved[slot] = (void *) internal->handler;
            internal->handler = swrs_watched;
        } else if (!on && internal->handler == swrs_watched) {
            internal->handler = (zif_handler) internal->reserved[slot];
        }
    } ZEND_HASH_FOREACH_END();
}

static void swrs_wrap_all(bool on)
{
    zend_class_entry *ce;
    swrs_wrap(CG(function_table), on);
    ZEND_HASH_FOREACH_PTR(CG(class_table), ce) {
        /* opcache shares immutable classes between processes. */
        if (ce->type == ZEND_INTERNAL_CLASS || !(ce->ce_flags & ZEND_ACC_IMMUTABLE)) {
            swrs_wrap(&ce->function_table, on);
        }
    } ZEND_HASH_FOREACH_END();
}

/* Once, at module start. */
HIDDEN void swrs_start_watch(void)
{
    slot = zend_get_resource_handle("swoole");
}

/* Null: no more. False: PHP has no room for what we have to remember of each function. */
HIDDEN bool swrs_watch(bool (*begin)(swrs_span *), void (*end)(const swrs_span *, zend_execute_data *))
{
    if (slot < 0) {
        return false;
    }
    if (begin) {
        swrs_span_begin = begin;
        swrs_span_end = end;
    }
    watching = begin != NULL;
    swrs_wrap_all(watching);
    return true;
}
