/* Values, strings and arrays. */
#include "shim.h"

HIDDEN void swrs_copy(zval *to, const zval *from) { ZVAL_COPY(to, from); }
HIDDEN void swrs_copy_deref(zval *to, zval *from) { ZVAL_COPY_DEREF(to, from); }
HIDDEN void swrs_obj_release(zend_object *object) { OBJ_RELEASE(object); }
HIDDEN void swrs_set_strl(zval *to, const char *text, size_t length) { ZVAL_STRINGL_FAST(to, text, length); }
HIDDEN zend_string *swrs_str_alloc(size_t length) { zend_string *s = zend_string_alloc(length, 0); ZSTR_VAL(s)[length] = 0; return s; }
HIDDEN zend_string *swrs_str_init(const char *text, size_t length) { return zend_string_init_fast(text, length); }
HIDDEN zend_string *swrs_str_truncate(zend_string *s, size_t length) { s = zend_string_truncate(s, length, 0); ZSTR_VAL(s)[length] = 0; return s; }
HIDDEN zend_string *swrs_str_persistent(const char *text, size_t length) { zend_string *s = zend_string_init_interned(text, length, 1); return s; }
HIDDEN void swrs_set_str(zval *to, zend_string *s) { ZVAL_STR(to, s); }
HIDDEN void swrs_str_addref(zend_string *s) { zend_string_addref(s); }
HIDDEN void swrs_str_release(zend_string *s) { zend_string_release(s); }
HIDDEN void swrs_array_init(zval *to, uint32_t size) { array_init_size(to, size); }
HIDDEN void swrs_separate_array(zval *value) { SEPARATE_ARRAY(value); }
HIDDEN zval *swrs_deref(zval *value) { ZVAL_DEREF(value); return value; }
HIDDEN zval *swrs_array_find(HashTable *ht, const char *key, size_t length) {
    zval *found = zend_hash_str_find(ht, key, length);
    if (found && Z_TYPE_P(found) == IS_INDIRECT) found = Z_INDIRECT_P(found);
    if (found) ZVAL_DEREF(found);
    return found && Z_TYPE_P(found) != IS_UNDEF ? found : NULL;
}
HIDDEN zval *swrs_array_index(HashTable *ht, zend_ulong index) { zval *found = zend_hash_index_find(ht, index); if (found) ZVAL_DEREF(found); return found; }
HIDDEN void swrs_array_set(HashTable *ht, const char *key, size_t length, zval *value) { zend_hash_str_update(ht, key, length, value); }
HIDDEN void swrs_array_set_zstr(HashTable *ht, zend_string *key, zval *value) { zend_hash_update(ht, key, value); }
/* Rust's keys end without a zero, and an empty one is no address at all: Zend looks at the first byte or two of any. */
static zend_always_inline bool swrs_numeric(const char *key, size_t length, zend_ulong *index)
{
    return length > 0 && !(length == 1 && *key == '-') && ZEND_HANDLE_NUMERIC_STR(key, length, *index);
}
HIDDEN void swrs_array_set_sym(HashTable *ht, const char *key, size_t length, zval *value)
{
    zend_ulong index;
    if (swrs_numeric(key, length, &index)) {
        zend_hash_index_update(ht, index, value);
    } else {
        zend_hash_str_update(ht, key, length, value);
    }
}
HIDDEN zval *swrs_array_find_sym(HashTable *ht, const char *key, size_t length)
{
    zend_ulong index;
    zval *found = swrs_numeric(key, length, &index) ? zend_hash_index_find(ht, index) : zend_hash_str_find(ht, key, length);
    if (found) {
        ZVAL_DEREF(found);
    }
    return found;
}
HIDDEN void swrs_array_del_sym(HashTable *ht, const char *key, size_t length)
{
    zend_ulong index;
    if (swrs_numeric(key, length, &index)) {
        zend_hash_index_del(ht, index);
    } else {
        zend_hash_str_del(ht, key, length);
    }
}
HIDDEN void swrs_array_set_index(HashTable *ht, zend_ulong index, zval *value) { zend_hash_index_update(ht, index, value); }
HIDDEN void swrs_array_push(HashTable *ht, zval *value) { zend_hash_next_index_insert(ht, value); }
HIDDEN void swrs_array_del_index(HashTable *ht, zend_ulong index) { zend_hash_index_del(ht, index); }
HIDDEN uint32_t swrs_array_count(HashTable *ht) { return zend_hash_num_elements(ht); }

/* By a key that is interned or at least hashed. */
HIDDEN zval *swrs_array_find_known(HashTable *ht, zend_string *key)
{
    zval *found = zend_hash_find_known_hash(ht, key);
    if (found && Z_TYPE_P(found) == IS_INDIRECT) found = Z_INDIRECT_P(found);
    if (found) ZVAL_DEREF(found);
    return found && Z_TYPE_P(found) != IS_UNDEF ? found : NULL;
}

/* Rows that all have the same keys: a pattern of nulls, and copies of it to be filled by position. */
_Static_assert(sizeof(Bucket) == 32, "zend::array::Pattern counts in these");
HIDDEN void swrs_pattern_init(zval *to, uint32_t size)
{
    array_init_size(to, size);
    if (size > 0) {
        zend_hash_real_init_mixed(Z_ARRVAL_P(to));
    }
}
HIDDEN void swrs_pattern_add(HashTable *ht, zend_string *key) { zval none; ZVAL_NULL(&none); zend_symtable_update(ht, key, &none); }
HIDDEN zval *swrs_pattern_copy(zval *to, HashTable *pattern)
{
    ZVAL_ARR(to, zend_array_dup(pattern));
    return &Z_ARRVAL_P(to)->arData->val;
}

typedef bool (*swrs_each)(void *context, zend_string *key, zend_ulong index, zval *value);
HIDDEN void swrs_array_each(HashTable *ht, swrs_each each, void *context)
{
    zend_ulong index;
    zend_string *key;
    zval *value;
    ZEND_HASH_FOREACH_KEY_VAL_IND(ht, index, key, value) {
        ZVAL_DEREF(value);
        if (!each(context, key, index, value)) {
            break;
        }
    } ZEND_HASH_FOREACH_END();
}

HIDDEN zend_long swrs_to_long(zval *value) { return zval_get_long(value); }
HIDDEN double swrs_to_double(zval *value) { return zval_get_double(value); }
HIDDEN bool swrs_to_bool(zval *value) { return zend_is_true(value); }
HIDDEN zend_string *swrs_to_str(zval *value) { return zval_try_get_string(value); }
