/* PHP's own functions with another handler, and a class under another's name for a while. */
#include "shim.h"

/* A function of PHP or of an extension, by its lower-case name; one that disable_functions took away is none. */
HIDDEN zend_function *swrs_internal_function(const char *name, size_t length)
{
    zend_function *function = zend_hash_str_find_ptr(CG(function_table), name, length);
    return function && function->type == ZEND_INTERNAL_FUNCTION ? function : NULL;
}

HIDDEN zif_handler swrs_set_handler(zend_function *function, zif_handler handler)
{
    zif_handler old = function->internal_function.handler;
    function->internal_function.handler = handler;
    return old;
}

/* Makes `ce`, which has no parent, a child of the class of that lower-case name, in name alone; or takes that back.
   Not with a JIT: code that it has compiled by now calls functions past their replacements, and would take `ce`'s
   objects for the parent's. */
HIDDEN bool swrs_adopt(zend_class_entry *ce, const char *name, size_t length)
{
    zend_class_entry *parent = zend_hash_str_find_ptr(CG(class_table), name, length);
    if (zend_ini_long("opcache.jit_buffer_size", sizeof("opcache.jit_buffer_size") - 1, 0) != 0) {
        return false;
    }
    if (!parent || parent->type != ZEND_INTERNAL_CLASS || ce->parent || parent->default_properties_count != 0) {
        return false;
    }
    ce->parent = parent;
    ce->ce_flags |= ZEND_ACC_RESOLVED_PARENT;
    return true;
}

HIDDEN void swrs_orphan(zend_class_entry *ce)
{
    ce->parent = NULL;
    ce->ce_flags &= ~ZEND_ACC_RESOLVED_PARENT;
}

/* Assigns to an argument taken by reference, as its type (of a property, say) allows; takes over `value`. */
HIDDEN void swrs_assign_ref(zval *argument, zval *value)
{
    if (Z_ISREF_P(argument)) {
        ZEND_TRY_ASSIGN_REF_TMP(argument, value);
    } else {
        zval_ptr_dtor(value);
    }
}
