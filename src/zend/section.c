/* No-suspend sections: the compiler and the collector of cycles are not to be left half-way. */
#include "shim.h"

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
