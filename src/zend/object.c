/* Objects of our classes: state in front of them, properties, methods, garbage collection. */
#include "shim.h"

HIDDEN void *swrs_object_alloc(size_t head, zend_class_entry *ce)
{
    char *memory = emalloc(head + sizeof(zend_object) + zend_object_properties_size(ce));
    return memory;
}
HIDDEN void swrs_object_init(zend_object *object, zend_class_entry *ce, const zend_object_handlers *handlers)
{
    zend_object_std_init(object, ce);
    object_properties_init(object, ce);
    object->handlers = handlers;
}
HIDDEN void swrs_object_std_dtor(zend_object *object) { zend_object_std_dtor(object); }
/* Properties that our classes declare are read by their handlers: they stay. */
static void unset_property(zend_object *object, zend_string *name, void **cache_slot)
{
    zend_property_info *info = zend_hash_find_ptr(&object->ce->properties_info, name);
    if (info && info->ce->type == ZEND_INTERNAL_CLASS) {
        zend_throw_error(NULL, "Property %s of class %s cannot be unset", ZSTR_VAL(name), ZSTR_VAL(object->ce->name));
        return;
    }
    zend_std_unset_property(object, name, cache_slot);
}

HIDDEN void swrs_handlers_init(zend_object_handlers *handlers, int offset, void (*free_obj)(zend_object *))
{
    memcpy(handlers, &std_object_handlers, sizeof(*handlers));
    handlers->offset = offset;
    handlers->free_obj = free_obj;
    handlers->clone_obj = NULL;
    handlers->unset_property = unset_property;
}
HIDDEN zval *swrs_prop_slot(zend_object *object, uint32_t n) { return OBJ_PROP_NUM(object, n); }
HIDDEN int swrs_object_new(zval *to, zend_class_entry *ce) { return object_init_ex(to, ce); }
HIDDEN void swrs_set_obj(zval *to, zend_object *object) { ZVAL_OBJ_COPY(to, object); }
HIDDEN bool swrs_instanceof(zend_object *object, zend_class_entry *ce) { return instanceof_function(object->ce, ce); }
HIDDEN void swrs_update_prop(zend_object *object, const char *name, size_t length, zval *value) { zend_update_property(object->ce, object, name, length, value); }
HIDDEN zval *swrs_read_prop(zend_object *object, const char *name, size_t length, zval *buffer) { zval *v = zend_read_property(object->ce, object, name, length, 1, buffer); ZVAL_DEREF(v); return v; }
HIDDEN void swrs_class_create(zend_class_entry *ce, zend_object *(*create)(zend_class_entry *)) { ce->create_object = create; }
HIDDEN void swrs_class_not_serializable(zend_class_entry *ce) { ce->ce_flags |= ZEND_ACC_NOT_SERIALIZABLE; }
HIDDEN const char *swrs_class_name(zend_class_entry *ce) { return ZSTR_VAL(ce->name); }
HIDDEN zend_class_entry *swrs_find_class(const char *name, size_t length)
{
    zend_string *key = zend_string_init(name, length, 0);
    zend_class_entry *ce = zend_lookup_class_ex(key, NULL, ZEND_FETCH_CLASS_NO_AUTOLOAD);
    zend_string_release(key);
    return ce;
}
HIDDEN zend_class_entry *swrs_called_class(zend_execute_data *ex) { return zend_get_called_scope(ex); }

/* Methods of older versions, which reflection does not show: calls to them find a twin of another method. */
#define SWRS_OLDER_MAX 8
static struct { zend_class_entry *ce; zend_internal_function function; } swrs_older[SWRS_OLDER_MAX];
static uint32_t swrs_older_count;

static zend_function *swrs_older_method(zend_object **object, zend_string *name, const zval *key)
{
    zend_function *function = zend_std_get_method(object, name, key);
    if (function == NULL && !EG(exception)) {
        for (uint32_t i = 0; i < swrs_older_count; i++) {
            if (zend_string_equals_ci(swrs_older[i].function.function_name, name) && instanceof_function((*object)->ce, swrs_older[i].ce)) {
                return (zend_function *) &swrs_older[i].function;
            }
        }
    }
    return function;
}
HIDDEN void swrs_class_older(zend_class_entry *ce, zend_object_handlers *handlers, const char *name, const char *like)
{
    zend_function *twin = zend_hash_str_find_ptr(&ce->function_table, like, strlen(like));
    if (twin && swrs_older_count < SWRS_OLDER_MAX) {
        swrs_older[swrs_older_count].ce = ce;
        swrs_older[swrs_older_count].function = twin->internal_function;
        swrs_older[swrs_older_count].function.function_name = zend_string_init_interned(name, strlen(name), 1);
        swrs_older_count++;
        handlers->get_method = swrs_older_method;
    }
}

/* ---- methods lent by a child class ------------------------------------------------------------- */

static const char *swrs_lender;
static bool (*swrs_lends)(zend_object *object);

static zend_function *swrs_lent_method(zend_object **object, zend_string *name, const zval *key)
{
    zend_string *lower = zend_string_tolower(name);
    bool own = zend_hash_exists(&(*object)->ce->function_table, lower);
    zend_class_entry *child;
    zend_function *function = NULL;
    if (!own && swrs_lends(*object) && (child = zend_hash_str_find_ptr(CG(class_table), swrs_lender, strlen(swrs_lender)))) {
        function = zend_hash_find_ptr(&child->function_table, lower);
    }
    zend_string_release(lower);
    if (function && (function->common.fn_flags & ZEND_ACC_PUBLIC)) {
        return function;
    }
    return zend_std_get_method(object, name, key);
}

HIDDEN void swrs_handlers_lend(zend_object_handlers *handlers, const char *child, bool (*lends)(zend_object *object))
{
    swrs_lender = child;
    swrs_lends = lends;
    handlers->get_method = swrs_lent_method;
}

/* ---- garbage collection ------------------------------------------------------------------------ */

HIDDEN void *swrs_gc_buffer(void) { return zend_get_gc_buffer_create(); }
HIDDEN void swrs_gc_add(void *buffer, zval *value) { zend_get_gc_buffer_add_zval(buffer, value); }
HIDDEN HashTable *swrs_gc_use(zend_object *object, void *buffer, zval **table, int *n)
{
    zend_get_gc_buffer_use(buffer, table, n);
    return zend_std_get_properties(object);
}
HIDDEN void swrs_handlers_gc(zend_object_handlers *handlers, HashTable *(*get_gc)(zend_object *, zval **, int *)) { handlers->get_gc = get_gc; }
