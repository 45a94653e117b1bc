/* A resource of PHP's inside a resource of ours, whose type has another name. */
#include "shim.h"

static int swrs_wrapped_type;

static void swrs_free_wrapped(zend_resource *resource)
{
    zend_resource *inner = resource->ptr;
    resource->ptr = NULL;
    if (inner) {
        zend_list_delete(inner);
    }
}

HIDDEN void swrs_wrapped_register(const char *name, int module_number)
{
    swrs_wrapped_type = zend_register_list_destructors_ex(swrs_free_wrapped, NULL, name, module_number);
}

/* Puts the resource that `value` is into one of ours, which takes its place. */
HIDDEN void swrs_wrap_resource(zval *value)
{
    if (Z_TYPE_P(value) == IS_RESOURCE) {
        ZVAL_RES(value, zend_register_resource(Z_RES_P(value), swrs_wrapped_type));
    }
}

HIDDEN bool swrs_is_wrapped(zval *value)
{
    ZVAL_DEREF(value);
    return Z_TYPE_P(value) == IS_RESOURCE && Z_RES_TYPE_P(value) == swrs_wrapped_type && Z_RES_VAL_P(value);
}

/* Puts what is inside in the place of the wrapping, in a frame's argument; gives the wrapping, with its count. */
HIDDEN zend_resource *swrs_unwrap_argument(zval *argument)
{
    if (Z_ISREF_P(argument)) {
        ZVAL_UNREF(argument);
    }
    zend_resource *wrapping = Z_RES_P(argument);
    zend_resource *inner = wrapping->ptr;
    GC_ADDREF(inner);
    ZVAL_RES(argument, inner);
    return wrapping;
}

/* Gives back what swrs_unwrap_argument() gave; `close`: what is inside is gone. */
HIDDEN void swrs_release_wrapping(zend_resource *wrapping, bool close)
{
    if (close) {
        zend_list_close(wrapping);
    }
    zend_list_delete(wrapping);
}
