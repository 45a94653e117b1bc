/* Calls by name, functions that stand in no table, and properties as PHP code sees them. */
#include "shim.h"

HIDDEN int swrs_call(zend_fcall_info_cache *fcc, uint32_t argc, zval *argv, zval *ret);
HIDDEN int swrs_call_named(zend_fcall_info_cache *fcc, uint32_t argc, zval *argv, HashTable *named, zval *ret);

/* As PHP's own spread operator: an element for a parameter taken by reference becomes one, without a word.
   Gives `args`, or a copy that the caller destroys. */
static HashTable *swrs_by_reference(zend_function *function, HashTable *args)
{
    uint32_t count = zend_hash_num_elements(args), at = 0;
    bool any = false;
    for (uint32_t i = 1; i <= count && !any; i++) {
        any = ARG_SHOULD_BE_SENT_BY_REF(function, i);
    }
    if (!any) {
        return args;
    }
    args = zend_array_dup(args);
    zval *value;
    ZEND_HASH_FOREACH_VAL(args, value) {
        at++;
        if (ARG_SHOULD_BE_SENT_BY_REF(function, at)) {
            ZVAL_MAKE_REF(value);
        }
    } ZEND_HASH_FOREACH_END();
    return args;
}

/* A function by its lower-case name. */
HIDDEN int swrs_call_function(const char *name, size_t length, uint32_t argc, zval *argv, zval *ret)
{
    zend_fcall_info_cache fcc;
    memset(&fcc, 0, sizeof(fcc));
    fcc.function_handler = zend_hash_str_find_ptr(EG(function_table), name, length);
    if (!fcc.function_handler) {
        ZVAL_UNDEF(ret);
        zend_throw_error(NULL, "Call to undefined function %s()", name);
        return SWRS_EXCEPTION;
    }
    return swrs_call(&fcc, argc, argv, ret);
}

HIDDEN bool swrs_function_exists(const char *name, size_t length) { return zend_hash_str_exists(EG(function_table), name, length); }

/* A method by name, its overriding child's first; `own` reaches protected ones. Arguments either in argv or in an array. */
HIDDEN int swrs_call_method(zend_object *object, zend_string *name, bool own, HashTable *spread, uint32_t argc, zval *argv, zval *ret)
{
    zend_fcall_info_cache fcc;
    zend_function *method = NULL;
    memset(&fcc, 0, sizeof(fcc));
    ZVAL_UNDEF(ret);
    if (own) {
        zend_string *lower = zend_string_tolower(name);
        method = zend_hash_find_ptr(&object->ce->function_table, lower);
        zend_string_release(lower);
    }
    if (!method) {
        method = object->handlers->get_method(&object, name, NULL);
    }
    if (!method) {
        if (!EG(exception)) {
            zend_throw_error(NULL, "Call to undefined method %s::%s()", ZSTR_VAL(object->ce->name), ZSTR_VAL(name));
        }
        return SWRS_EXCEPTION;
    }
    fcc.function_handler = method;
    fcc.called_scope = object->ce;
    fcc.object = (method->common.fn_flags & ZEND_ACC_STATIC) ? NULL : object;
    if (!spread) {
        return swrs_call(&fcc, argc, argv, ret);
    }
    HashTable *args = swrs_by_reference(method, spread);
    int ended = swrs_call_named(&fcc, 0, NULL, args, ret);
    if (args != spread) {
        zend_array_destroy(args);
    }
    return ended;
}

/* A function by its lower-case name, on a property that it takes by reference as its first argument. */
HIDDEN int swrs_call_on_property(zend_object *object, uint32_t n, const char *name, size_t length, uint32_t argc, zval *argv, zval *ret)
{
    zval *slot = OBJ_PROP_NUM(object, n);
    ZVAL_MAKE_REF(slot);
    ZVAL_COPY(&argv[0], slot);
    int ended = swrs_call_function(name, length, argc, argv, ret);
    zval_ptr_dtor(&argv[0]);
    ZVAL_UNDEF(&argv[0]);
    if (ended != SWRS_BAILOUT && Z_ISREF_P(slot) && Z_REFCOUNT_P(slot) == 1) {
        ZVAL_UNREF(slot);
    }
    return ended;
}

/* A static method of a class, even a protected one. */
HIDDEN int swrs_call_static(zend_class_entry *ce, const char *lower, size_t length, uint32_t argc, zval *argv, zval *ret)
{
    zend_fcall_info_cache fcc;
    memset(&fcc, 0, sizeof(fcc));
    fcc.function_handler = zend_hash_str_find_ptr(&ce->function_table, lower, length);
    fcc.called_scope = ce;
    fcc.calling_scope = ce;
    if (!fcc.function_handler) {
        ZVAL_UNDEF(ret);
        zend_throw_error(NULL, "Call to undefined method %s::%s()", ZSTR_VAL(ce->name), lower);
        return SWRS_EXCEPTION;
    }
    return swrs_call(&fcc, argc, argv, ret);
}

/* What the running function is called, and how many arguments it declares; -1 as `most` is without end. */
HIDDEN zend_string *swrs_declared(zend_execute_data *ex, uint32_t *least, uint32_t *most)
{
    zend_function *function = ex->func;
    *least = function->common.required_num_args;
    *most = (function->common.fn_flags & ZEND_ACC_VARIADIC) ? UINT32_MAX : function->common.num_args;
    return function->common.function_name;
}

/* Any callable, with its arguments in an array. Returns -1 when it cannot be called. */
HIDDEN int swrs_call_array(zval *callable, HashTable *args, zval *ret)
{
    zend_fcall_info_cache fcc;
    ZVAL_UNDEF(ret);
    if (!zend_is_callable_ex(callable, NULL, 0, NULL, &fcc, NULL)) {
        return -1;
    }
    return swrs_call_named(&fcc, 0, NULL, args, ret);
}

/* A new object, its constructor run. */
HIDDEN int swrs_construct(zend_class_entry *ce, HashTable *spread, uint32_t argc, zval *argv, zval *object)
{
    zval ret;
    zend_fcall_info_cache fcc;
    ZVAL_UNDEF(object);
    if (object_init_ex(object, ce) != SUCCESS) {
        ZVAL_UNDEF(object);
        return SWRS_EXCEPTION;
    }
    if (!ce->constructor) {
        return SWRS_OK;
    }
    memset(&fcc, 0, sizeof(fcc));
    fcc.function_handler = ce->constructor;
    fcc.called_scope = ce;
    fcc.object = Z_OBJ_P(object);
    int ended = spread ? swrs_call_named(&fcc, 0, NULL, spread, &ret) : swrs_call(&fcc, argc, argv, &ret);
    if (ended == SWRS_OK) {
        zval_ptr_dtor(&ret);
    } else if (ended == SWRS_EXCEPTION) {
        zend_object_store_ctor_failed(Z_OBJ_P(object));
    }
    return ended;
}

/* Looks a class up, autoloading it. */
HIDDEN zend_class_entry *swrs_load_class(zend_string *name) { return zend_lookup_class(name); }

/* A function of ours that stands in no table: `function` is memory for it that stays. */
HIDDEN void swrs_native_init(zend_internal_function *function, const char *name, size_t length, zif_handler handler, zend_class_entry *scope)
{
    memset(function, 0, sizeof(*function));
    function->type = ZEND_INTERNAL_FUNCTION;
    function->fn_flags = ZEND_ACC_PUBLIC;
    function->function_name = zend_string_init_interned(name, length, true);
    function->handler = handler;
    function->scope = scope;
}
HIDDEN size_t swrs_native_size(void) { return sizeof(zend_internal_function); }
HIDDEN void swrs_native_closure(zval *to, zend_function *function, zend_object *this)
{
    zval object;
    ZVAL_OBJ(&object, this);
    zend_create_closure(to, function, function->common.scope, this->ce, &object);
}
HIDDEN void swrs_make_ref(zval *value) { ZVAL_MAKE_REF(value); }

/* ---- properties, from the scope of the running function; may run user code ------------------------------ */

HIDDEN void swrs_get_public(zend_object *object, zend_string *name, zval *to)
{
    zval buffer;
    ZVAL_UNDEF(&buffer);
    zval *found = object->handlers->read_property(object, name, BP_VAR_R, NULL, &buffer);
    ZVAL_COPY_DEREF(to, found);
    if (found == &buffer) {
        zval_ptr_dtor(&buffer);
    }
}
HIDDEN void swrs_set_public(zend_object *object, zend_string *name, zval *value) { object->handlers->write_property(object, name, value, NULL); }
HIDDEN bool swrs_has_public(zend_object *object, zend_string *name) { return object->handlers->has_property(object, name, ZEND_PROPERTY_ISSET, NULL); }
HIDDEN void swrs_unset_public(zend_object *object, zend_string *name) { object->handlers->unset_property(object, name, NULL); }

/* A class constant's value; none while it is still an expression of user code. */
HIDDEN zval *swrs_class_constant(zend_class_entry *ce, const char *name, size_t length)
{
    zend_class_constant *constant = zend_hash_str_find_ptr(CE_CONSTANTS_TABLE(ce), name, length);
    if (!constant) {
        return NULL;
    }
    if (Z_TYPE(constant->value) == IS_CONSTANT_AST && zval_update_constant_ex(&constant->value, constant->ce) != SUCCESS) {
        return NULL;
    }
    return &constant->value;
}

/* What @ does: fatal errors alone are reported. Gives the level to restore. */
HIDDEN int swrs_silence(void)
{
    int old = EG(error_reporting);
    EG(error_reporting) &= E_ERROR | E_CORE_ERROR | E_COMPILE_ERROR | E_USER_ERROR | E_RECOVERABLE_ERROR | E_PARSE;
    return old;
}
HIDDEN void swrs_loud(int old) { EG(error_reporting) = old; }
