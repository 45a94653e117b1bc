/* What Rust needs of Zend that is a macro, a setjmp or an inline function in C. */
#ifndef SWRS_SHIM_H
#define SWRS_SHIM_H

#include "php.h"
#include "php_ini.h"
#include "php_output.h"
#include "SAPI.h"
#include "zend_builtin_functions.h"
#include "zend_exceptions.h"
#include "zend_fibers.h"
#include "zend_interfaces.h"
#include "zend_observer.h"
#include "zend_closures.h"
#include "ext/standard/basic_functions.h"
#include "ext/random/php_random.h"
#include "ext/spl/spl_exceptions.h"

/* For what only this library calls. */
#define HIDDEN __attribute__((visibility("hidden")))

/* The swoole.* settings; mirrored by zend::registration::Ini. */
typedef struct {
    bool enable_library;
    bool enable_fiber_mock;
    bool enable_preemptive_scheduler;
    bool display_errors;
    bool use_shortname;
    bool blocking_detection;
    bool profile;
    bool leak_detection;
    bool require_stack_guard;
    zend_long socket_buffer_size;
    zend_long blocking_threshold;
} swrs_settings;
extern swrs_settings swrs_ini;

/* How a guarded call ended; mirrored by zend::guard::Ended. */
enum swrs_ended {
    SWRS_OK = 0,
    SWRS_EXCEPTION = 1,
    SWRS_BAILOUT = 2,
};

/* The part of Zend's state that belongs to one coroutine. */
typedef struct {
    JMP_BUF *bailout;
    zend_vm_stack vm_stack;
    zval *vm_stack_top;
    zval *vm_stack_end;
    size_t vm_stack_page_size;
    zend_execute_data *current_execute_data;
    zend_error_handling_t error_handling;
    zend_class_entry *exception_class;
    zend_object *exception;
    zend_object *prev_exception;
    const zend_op *opline_before_exception;
    int error_reporting;     /* below @, when silent */
    uint32_t jit_trace_num;
    zend_class_entry *fake_scope;
    zend_fiber *active_fiber;
    zend_fiber_context *current_fiber_context;
#if PHP_VERSION_ID >= 80300
    void *stack_base;
    void *stack_limit;
#endif
    /* Rarely in use: saved aside only when something is there. */
    zend_output_globals *output;
    void *callbacks;
    void *soap;
    /* What the coroutine brings along. */
    zend_fiber_context fiber_context;
    zval context;            /* Coroutine\Context, made on first use */
    void *defers;            /* Rust: the defer list */
    uint8_t watch;           /* enum swrs_watch */
    bool extras;             /* something is saved aside */
    bool rare;               /* the fields of swrs_save_rare() are saved here */
    bool silent;             /* suspended below @ */
} swrs_local;

/* Reports EG(exception), which nobody above can catch: true when the request is over. May bail out. */
HIDDEN bool swrs_report_uncaught(void);
bool swrs_report_unheard(void);
/* Whether coroutines are told of to debuggers; then the first switch to each is told by swrs_tell_start(). */
extern HIDDEN bool swrs_watching;
HIDDEN void swrs_tell_start(swrs_local *local, zend_function *function);
/* The level that error_reporting() set, whatever `@` and kin make of it now. */
HIDDEN int swrs_error_level(void);
/* Whether the running context is inside a call of ext/soap, whose state a switch takes along. */
extern HIDDEN bool *swrs_soap_calling;
HIDDEN void swrs_save_soap(swrs_local *to);
HIDDEN void swrs_load_soap(swrs_local *from);
HIDDEN void swrs_end_soap(swrs_local *local);

#endif
