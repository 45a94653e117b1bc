/* What the generated registration.c is made of: see build.rs. */
#ifndef SWRS_REGISTRATION_H
#define SWRS_REGISTRATION_H

#include "php.h"
#include "zend_attributes.h"
#include "zend_interfaces.h"

typedef void (*swrs_class_init)(zend_class_entry *ce);

/* An entry of a function table; its handler is filled in from Rust's table when the module starts. */
#define SWRS_FE(name, arginfo, fn_flags) \
    {.fname = name, .arg_info = arginfo, \
     .num_args = (uint32_t) (sizeof(arginfo) / sizeof(arginfo[0]) - 1), .flags = fn_flags},
#define SWRS_NO_HANDLER UINT16_MAX

static zend_function_entry *swrs_fill(zend_function_entry *table, const uint16_t *index, const zif_handler *handlers)
{
    for (size_t i = 0; table[i].fname; i++) {
        table[i].handler = index[i] == SWRS_NO_HANDLER ? NULL : handlers[index[i]];
    }
    return table;
}

/*
 * Names are strings already (codegen/strings.rs), and no business of PHP's table of strings: it would allocate each, and
 * grow by half. It asks these two for the string of a text and for the one string that is like another; while we
 * register, they know our array.
 */
#define SWRS_GC ((uint64_t) (GC_STRING | ((IS_STR_INTERNED | IS_STR_PERMANENT) << GC_FLAGS_SHIFT)) << 32 | 1)
#define SWRS_WORD(big_endian) __builtin_bswap64(big_endian)
#define SWRS_STRING(at) ((zend_string *) (swrs_strings + (at)))
#define SWRS_TEXT(at) ((const char *) (swrs_strings + (at) + 3))

_Static_assert(offsetof(zend_string, h) == 8 && offsetof(zend_string, len) == 16 && offsetof(zend_string, val) == 24
    && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "codegen/strings.rs lays them out so");

static uint64_t *swrs_names;
static size_t swrs_names_size;
static zend_string *swrs_last_name, *swrs_class_name;
static zend_string_init_interned_func_t swrs_init_before;
static zend_new_interned_string_func_t swrs_new_before;

static zend_string *swrs_init_interned(const char *text, size_t length, bool permanent)
{
    if ((uintptr_t) text - (uintptr_t) swrs_names < swrs_names_size) {
        return swrs_last_name = (zend_string *) (text - offsetof(zend_string, val));
    }
    return swrs_init_before(text, length, permanent);
}

/* PHP has just made `string` of a name: of that which it has asked for, or of the class's. */
static zend_string *swrs_new_interned(zend_string *string)
{
    zend_string *names[] = {swrs_last_name, swrs_class_name};
    for (int i = 0; i < 2 && !ZSTR_IS_INTERNED(string); i++) {
        if (names[i] && ZSTR_LEN(names[i]) == ZSTR_LEN(string)) {
            zend_string *lower = (zend_string *) (swrs_names + ((uint64_t *) names[i])[-1]);
            if (memcmp(ZSTR_VAL(lower), ZSTR_VAL(string), ZSTR_LEN(string)) == 0) {
                zend_string_release(string);
                return lower;
            }
        }
    }
    return swrs_new_before(string);
}

static void swrs_begin(uint64_t *names, size_t size)
{
    swrs_names = names;
    swrs_names_size = size;
    swrs_init_before = zend_string_init_interned;
    swrs_new_before = zend_new_interned_string;
    zend_string_init_interned = swrs_init_interned;
    zend_new_interned_string = swrs_new_interned;
}

static void swrs_end(void)
{
    zend_string_init_interned = swrs_init_before;
    zend_new_interned_string = swrs_new_before;
}

static zend_string *swrs_str(const char *text, size_t length)
{
    return zend_string_init_interned(text, length, true);
}

/* A class of PHP itself or of another extension, which was registered before. */
static zend_class_entry *swrs_foreign(const char *lower_name, size_t length)
{
    zend_class_entry *ce = zend_hash_str_find_ptr(CG(class_table), lower_name, length);
    if (!ce) {
        zend_error_noreturn(E_CORE_ERROR, "swoole: class %s is not known to this PHP", lower_name);
    }
    return ce;
}

static zend_class_entry *swrs_class(zend_string *name, zend_function_entry *methods, zend_class_entry *parent)
{
    zend_class_entry ce;
    swrs_class_name = name;
    INIT_CLASS_ENTRY_EX(ce, ZSTR_VAL(name), ZSTR_LEN(name), methods);
    return zend_register_internal_class_ex(&ce, parent);
}

static zend_class_entry *swrs_interface(zend_string *name, zend_function_entry *methods)
{
    zend_class_entry ce;
    swrs_class_name = name;
    INIT_CLASS_ENTRY_EX(ce, ZSTR_VAL(name), ZSTR_LEN(name), methods);
    return zend_register_internal_interface(&ce);
}

static void swrs_alias(zend_class_entry *ce, zend_string *name)
{
    swrs_class_name = name;
    zend_register_class_alias_ex(ZSTR_VAL(name), ZSTR_LEN(name), ce, true);
}

/* For classes of static methods alone. */
static zend_object *swrs_no_object(zend_class_entry *ce)
{
    zend_object *object = zend_objects_new(ce);
    object_properties_init(object, ce);
    zend_throw_error(NULL, "The object of %s can not be created for security reasons", ZSTR_VAL(ce->name));
    return object;
}

static void swrs_implement(zend_class_entry *ce, zend_class_entry *interface)
{
    if (!zend_class_implements_interface(ce, interface)) {
        zend_class_implements(ce, 1, interface);
    }
}

/* Before the interface is implemented, which checks the method's return type. */
static void swrs_return_will_change(zend_class_entry *ce, const char *lower_name, size_t length)
{
    zend_function *method = zend_hash_str_find_ptr(&ce->function_table, lower_name, length);
    zend_add_function_attribute(method, swrs_str(ZEND_STRL("ReturnTypeWillChange")), 0);
}

static void swrs_constant(zend_class_entry *ce, zend_string *name, zval *value, int flags)
{
    zend_declare_class_constant_ex(ce, name, value, flags, NULL);
}

static void swrs_property(zend_class_entry *ce, zend_string *name, zval *value, int flags, zend_type type)
{
    if (ZEND_TYPE_IS_SET(type)) {
        zend_declare_typed_property(ce, name, value, flags, NULL, type);
    } else {
        zend_declare_property_ex(ce, name, value, flags, NULL);
    }
}

/* An array that lives as long as the process: immutable, so that no reader counts references to it. */
static HashTable *swrs_array(zval *value, uint32_t size)
{
    HashTable *table = pemalloc(sizeof(HashTable), true);
    zend_hash_init(table, size, NULL, NULL, true);
    zend_hash_real_init_mixed(table);
    GC_SET_REFCOUNT(table, 2);
    GC_ADD_FLAGS(table, GC_IMMUTABLE);
    Z_ARR_P(value) = table;
    Z_TYPE_INFO_P(value) = IS_ARRAY;
    return table;
}

#endif
