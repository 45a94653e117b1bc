/* Objects whose properties are made when they are read: until then their slots are undef, which every fast
   path of the VM and of the JIT leaves to these handlers. */
#include "shim.h"
#include "php_globals.h"

/* Rust: fills the slot of that property if it is still to be made; nothing for other names. */
extern void swrs_lazy_fill(zend_object *object, const char *name, size_t length);
extern void swrs_lazy_fill_all(zend_object *object);

static zval *lazy_read(zend_object *object, zend_string *name, int type, void **cache, zval *rv)
{
    swrs_lazy_fill(object, ZSTR_VAL(name), ZSTR_LEN(name));
    return zend_std_read_property(object, name, type, cache, rv);
}

static int lazy_has(zend_object *object, zend_string *name, int check, void **cache)
{
    swrs_lazy_fill(object, ZSTR_VAL(name), ZSTR_LEN(name));
    return zend_std_has_property(object, name, check, cache);
}

static zval *lazy_pointer(zend_object *object, zend_string *name, int type, void **cache)
{
    swrs_lazy_fill(object, ZSTR_VAL(name), ZSTR_LEN(name));
    return zend_std_get_property_ptr_ptr(object, name, type, cache);
}

static HashTable *lazy_properties(zend_object *object)
{
    swrs_lazy_fill_all(object);
    return zend_std_get_properties(object);
}

/* What is not made yet holds nothing: the collector must not have it made. */
static HashTable *lazy_gc(zend_object *object, zval **table, int *n)
{
    if (object->properties) {
        *table = NULL;
        *n = 0;
        return object->properties;
    }
    *table = object->properties_table;
    *n = object->ce->default_properties_count;
    return NULL;
}

HIDDEN void swrs_lazy_handlers(zend_object_handlers *handlers)
{
    handlers->read_property = lazy_read;
    handlers->has_property = lazy_has;
    handlers->get_property_ptr_ptr = lazy_pointer;
    handlers->get_properties = lazy_properties;
    handlers->get_gc = lazy_gc;
}

HIDDEN void swrs_set_undef(zval *slot) { ZVAL_UNDEF(slot); }

/* ---- arrays with ready-made keys ------------------------------------------------------------------- */

HIDDEN HashTable *swrs_map(zval *to, uint32_t size)
{
    array_init_size(to, size);
    zend_hash_real_init_mixed(Z_ARRVAL_P(to));
    return Z_ARRVAL_P(to);
}
HIDDEN void swrs_map_add(HashTable *ht, zend_string *key, zval *value) { zend_hash_add_new(ht, key, value); }
HIDDEN void swrs_map_add_str(HashTable *ht, zend_string *key, const char *text, size_t length)
{
    zval value;
    ZVAL_STRINGL_FAST(&value, text, length);
    zend_hash_update(ht, key, &value);
}

/* A header that came again becomes a list. */
HIDDEN void swrs_map_merge(HashTable *ht, const char *name, size_t name_length, const char *text, size_t length)
{
    zval value;
    zend_string *key = zend_string_alloc(name_length, 0);
    zend_str_tolower_copy(ZSTR_VAL(key), name, name_length);
    ZVAL_STRINGL_FAST(&value, text, length);
    zval *found = zend_hash_find(ht, key);
    if (!found) {
        zend_hash_add_new(ht, key, &value);
    } else if (Z_TYPE_P(found) == IS_ARRAY) {
        zend_hash_next_index_insert(Z_ARRVAL_P(found), &value);
    } else {
        zval list;
        array_init_size(&list, 2);
        zend_hash_next_index_insert(Z_ARRVAL(list), found);
        Z_TRY_ADDREF_P(found);
        zend_hash_next_index_insert(Z_ARRVAL(list), &value);
        zend_hash_update(ht, key, &list);
    }
    zend_string_release(key);
}

/* ---- uploaded files, for is_uploaded_file() --------------------------------------------------------- */

HIDDEN void swrs_upload_add(const char *path, size_t length)
{
    zval name;
    if (!SG(rfc1867_uploaded_files)) {
        ALLOC_HASHTABLE(SG(rfc1867_uploaded_files));
        zend_hash_init(SG(rfc1867_uploaded_files), 8, NULL, ZVAL_PTR_DTOR, 0);
    }
    ZVAL_STRINGL(&name, path, length);
    zend_hash_str_update(SG(rfc1867_uploaded_files), path, length, &name);
}
HIDDEN void swrs_upload_remove(const char *path, size_t length)
{
    if (SG(rfc1867_uploaded_files)) {
        zend_hash_str_del(SG(rfc1867_uploaded_files), path, length);
    }
}

/* ---- php.ini's limits on input ----------------------------------------------------------------------- */

HIDDEN void swrs_input_limits(zend_long *vars, zend_long *nesting, const char **separators)
{
    *vars = PG(max_input_vars);
    *nesting = PG(max_input_nesting_level);
    *separators = PG(arg_separator).input;
}
