/* Arguments of our functions, as Zend parses them and as it refuses them. */
#include "shim.h"

_Static_assert(ZEND_CALL_HAS_EXTRA_NAMED_PARAMS == 1 << 27, "zend::call::Call::extra_named looks for it");

/* A size as php.ini has it: "8M". False for what PHP finds wrong with it, which goes to `problem`. */
HIDDEN bool swrs_parse_quantity(const zval *text, zend_long *size, char *problem, size_t room)
{
    zend_string *error = NULL;
    *size = zend_ini_parse_quantity(Z_STR_P(text), &error);
    snprintf(problem, room, "%s", error ? ZSTR_VAL(error) : "");
    if (error) {
        zend_string_release(error);
        return false;
    }
    return true;
}
HIDDEN const char *swrs_type_name(const zval *value) { return zend_zval_type_name(value); }
HIDDEN void swrs_named_error(void) { zend_unexpected_extra_named_error(); }
HIDDEN void swrs_count_error(uint32_t min, uint32_t max) { zend_wrong_parameters_count_error(min, max); }

/* expected: an index into this table, mirrored by zend::call::Expected. */
HIDDEN void swrs_type_error(uint32_t num, int expected, zval *arg)
{
    static const zend_expected_type types[] = {
        Z_EXPECTED_LONG, Z_EXPECTED_BOOL, Z_EXPECTED_DOUBLE, Z_EXPECTED_STRING, Z_EXPECTED_ARRAY, Z_EXPECTED_OBJECT,
        Z_EXPECTED_LONG_OR_NULL, Z_EXPECTED_DOUBLE_OR_NULL, Z_EXPECTED_STRING_OR_NULL, Z_EXPECTED_ARRAY_OR_NULL,
        Z_EXPECTED_BOOL_OR_NULL, Z_EXPECTED_RESOURCE,
    };
    if (!EG(exception)) {
        zend_wrong_parameter_type_error(num, types[expected], arg);
    }
}
HIDDEN void swrs_class_error(uint32_t num, const char *name, zval *arg) { if (!EG(exception)) zend_wrong_parameter_class_error(num, name, arg); }
HIDDEN void swrs_argument_error(zend_class_entry *ce, uint32_t num, const char *text) { zend_argument_error(ce, num, "%s", text); }

HIDDEN bool swrs_parse_long(zval *arg, zend_long *to, bool *is_null, bool nullable, uint32_t num) { return zend_parse_arg_long(arg, to, is_null, nullable, num); }
HIDDEN bool swrs_parse_bool(zval *arg, bool *to, bool *is_null, bool nullable, uint32_t num) { return zend_parse_arg_bool(arg, to, is_null, nullable, num); }
HIDDEN bool swrs_parse_double(zval *arg, double *to, bool *is_null, bool nullable, uint32_t num) { return zend_parse_arg_double(arg, to, is_null, nullable, num); }
HIDDEN bool swrs_parse_str(zval *arg, zend_string **to, bool nullable, uint32_t num) { return zend_parse_arg_str(arg, to, nullable, num); }

HIDDEN bool swrs_parse_callable(zval *arg, zend_fcall_info_cache *fcc, bool nullable, uint32_t num)
{
    zend_fcall_info fci;
    char *error = NULL;
    if (EXPECTED(Z_TYPE_P(arg) == IS_OBJECT && Z_OBJCE_P(arg) == zend_ce_closure)) {
        /* What the get_closure handler gives; only a static one's class needs asking for. */
        zval *this = zend_get_closure_this_ptr(arg);
        fcc->function_handler = (zend_function *) zend_get_closure_method_def(Z_OBJ_P(arg));
        fcc->calling_scope = fcc->function_handler->common.scope;
        fcc->called_scope = NULL;
        fcc->object = NULL;
        if (Z_TYPE_P(this) == IS_OBJECT) {
            fcc->object = Z_OBJ_P(this);
            fcc->called_scope = fcc->object->ce;
        } else if (fcc->calling_scope) {
            Z_OBJ_HANDLER_P(arg, get_closure)(Z_OBJ_P(arg), &fcc->called_scope, &fcc->function_handler, &fcc->object, 0);
        }
        return true;
    }
    if (nullable && Z_TYPE_P(arg) == IS_NULL) {
        fcc->function_handler = NULL;
        return true;
    }
    /* And not zend_parse_arg_func(), whose parameters differ between the releases of 8.3. */
    if (zend_fcall_info_init(arg, 0, &fci, fcc, NULL, &error) == SUCCESS) {
        /* A trampoline is found anew at the call. */
        zend_release_fcall_info_cache(fcc);
        return true;
    }
    if (!EG(exception)) {
        if (error) {
            zend_wrong_callback_error(num, error);
        } else {
            zend_wrong_parameter_type_error(num, Z_EXPECTED_FUNC, arg);
        }
    } else if (error) {
        efree(error);
    }
    return false;
}

HIDDEN zend_string *swrs_callable_name(zval *arg) { return zend_get_callable_name(arg); }
HIDDEN bool swrs_is_callable(zval *arg, zend_fcall_info_cache *fcc)
{
    char *error = NULL;
    bool ok = zend_is_callable_ex(arg, NULL, 0, NULL, fcc, &error);
    if (error) {
        efree(error);
    }
    if (ok) {
        zend_release_fcall_info_cache(fcc);
    }
    return ok;
}
