/* The objects of the running request, static properties, and PHP's decoders on part of a string. */
#include "php.h"
#include "zend_exceptions.h"
#include "ext/json/php_json.h"
#include "ext/standard/php_var.h"

uint32_t swrs_objects_top(void)
{
    return EG(objects_store).top;
}

uint32_t swrs_resource_count(void)
{
    return zend_hash_num_elements(&EG(regular_list));
}

/* The object with this handle, counted once more; null for a free slot or one whose destructor ran and storage went. */
zend_object *swrs_object_of(uint32_t handle)
{
    zend_objects_store *store = &EG(objects_store);
    if (handle == 0 || handle >= store->top) {
        return NULL;
    }
    zend_object *object = store->object_buckets[handle];
    if (!IS_OBJ_VALID(object) || (OBJ_FLAGS(object) & IS_OBJ_FREE_CALLED)) {
        return NULL;
    }
    GC_ADDREF(object);
    return object;
}

zval *swrs_read_static_prop(zend_class_entry *ce, const char *name, size_t length)
{
    zval *value = zend_read_static_property(ce, name, length, true);
    if (value) {
        ZVAL_DEREF(value);
    }
    return value;
}

void swrs_json_decode(zval *ret, const char *text, size_t length, zend_long options, zend_long depth)
{
    if (!(options & PHP_JSON_THROW_ON_ERROR)) {
        JSON_G(error_code) = PHP_JSON_ERROR_NONE;
    }
    /* PHP's scanner ends at a zero byte behind the text, which only the end of a string has. */
    if (text[length] == '\0') {
        php_json_decode_ex(ret, text, length, options, depth);
        return;
    }
    zend_string *copy = zend_string_init(text, length, false);
    php_json_decode_ex(ret, ZSTR_VAL(copy), length, options, depth);
    zend_string_release(copy);
}

void swrs_unserialize(zval *ret, const char *text, size_t length, HashTable *options)
{
    php_unserialize_with_options(ret, text, length, options, "swoole_substr_unserialize");
}

zend_ulong swrs_hash(const char *text, size_t length)
{
    return zend_hash_func(text, length);
}

/* The script's global variables, as a copy. */
void swrs_globals(zval *to) { ZVAL_ARR(to, zend_array_dup(&EG(symbol_table))); }
