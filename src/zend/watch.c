/* Watches calls of internal functions from outside: how long each took. */
#include "shim.h"

/* Mirrored by zend::watch::Span. */
typedef struct {
    int64_t coroutine;
    uint64_t began;
    uint64_t reports;
    uint32_t wait;
} swrs_span;

static void (*swrs_next_internal)(zend_execute_data *, zval *);
static bool (*swrs_span_begin)(swrs_span *);
static void (*swrs_span_end)(const swrs_span *, zend_execute_data *);

static void swrs_watched_internal(zend_execute_data *ex, zval *ret)
{
    swrs_span span;
    bool watched = swrs_span_begin(&span);
    if (swrs_next_internal) {
        swrs_next_internal(ex, ret);
    } else {
        execute_internal(ex, ret);
    }
    if (watched) {
        swrs_span_end(&span, ex);
    }
}

/* Code that was compiled before calls functions that it knew then by a shorter way, past us. */
HIDDEN void swrs_watch(bool (*begin)(swrs_span *), void (*end)(const swrs_span *, zend_execute_data *))
{
    if (begin && zend_execute_internal != swrs_watched_internal) {
        swrs_span_begin = begin;
        swrs_span_end = end;
        swrs_next_internal = zend_execute_internal;
        zend_execute_internal = swrs_watched_internal;
    } else if (!begin && zend_execute_internal == swrs_watched_internal) {
        zend_execute_internal = swrs_next_internal;
    }
}
