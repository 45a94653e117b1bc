/* The swoole.* settings: Zend's own handlers keep them in one C struct, which Rust reads. */
#include "registration.h"
#include "shim.h"
#include "php_ini.h"
#include "ext/standard/info.h"

swrs_settings swrs_ini;

#define SWRS_BOOL(name, value, modifiable) \
    STD_ZEND_INI_BOOLEAN("swoole." #name, value, modifiable, OnUpdateBool, name, swrs_settings, swrs_ini)
#define SWRS_LONG(name, value, modifiable) \
    STD_PHP_INI_ENTRY("swoole." #name, value, modifiable, OnUpdateLong, name, swrs_settings, swrs_ini)

PHP_INI_BEGIN()
SWRS_BOOL(enable_library, "On", PHP_INI_ALL)
SWRS_BOOL(enable_fiber_mock, "Off", PHP_INI_ALL)
SWRS_BOOL(enable_preemptive_scheduler, "Off", PHP_INI_ALL)
SWRS_BOOL(display_errors, "On", PHP_INI_ALL)
SWRS_BOOL(use_shortname, "On", PHP_INI_SYSTEM)
SWRS_LONG(socket_buffer_size, "8388608", PHP_INI_ALL)
SWRS_BOOL(blocking_detection, "Off", PHP_INI_SYSTEM)
SWRS_LONG(blocking_threshold, "100000", PHP_INI_SYSTEM)
SWRS_BOOL(profile, "Off", PHP_INI_SYSTEM)
SWRS_BOOL(leak_detection, "Off", PHP_INI_SYSTEM)
PHP_INI_END()

void swrs_ini_register(int module_number)
{
    zend_register_ini_entries(ini_entries, module_number);
    /* Ours alone, so it is no INI entry that programs list: php.ini may still name it. */
    zval *guard = cfg_get_entry("swoole.require_stack_guard", sizeof("swoole.require_stack_guard") - 1);
    swrs_ini.require_stack_guard = guard && zval_is_true(guard);
}

/* What PHP has it at, whatever Coroutine::set() made of it since. */
bool swrs_ini_display_errors(void)
{
    zend_ini_entry *entry = zend_hash_str_find_ptr(EG(ini_directives), ZEND_STRL("swoole.display_errors"));
    return !entry || !entry->value || zend_ini_parse_bool(entry->value);
}

void swrs_ini_unregister(int module_number)
{
    zend_unregister_ini_entries(module_number);
}

void swrs_info(zend_module_entry *module, const char *const *rows, size_t count)
{
    php_info_print_table_start();
    php_info_print_table_header(2, "Swoole", "enabled");
    for (size_t i = 0; i < count; i++) {
        php_info_print_table_row(2, rows[2 * i], rows[2 * i + 1]);
    }
    php_info_print_table_end();
    display_ini_entries(module);
}

/* Optional: where one of these is loaded, its MINIT and RINIT come before ours. */
static const zend_module_dep deps[] = {
    ZEND_MOD_REQUIRED("json")
    ZEND_MOD_REQUIRED("standard")
    ZEND_MOD_REQUIRED("spl")
    ZEND_MOD_OPTIONAL("sockets")
    ZEND_MOD_OPTIONAL("curl")
    ZEND_MOD_OPTIONAL("mysqlnd")
    ZEND_MOD_OPTIONAL("pdo")
    ZEND_MOD_OPTIONAL("openssl")
    ZEND_MOD_OPTIONAL("pcntl")
    ZEND_MOD_END
};

const zend_module_dep *swrs_module_deps(void)
{
    return deps;
}
