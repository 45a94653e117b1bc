#include "shim.h"
#include "php_streams.h"

/* `async.tcp://`, `async.file://` and kin: names under which programs ask for streams that suspend. Here
   all streams do, so each is the plain one under a second name. */

#define PREFIX "async."
#define PREFIX_LEN (sizeof(PREFIX) - 1)

static php_stream *swrs_async_transport(const char *proto, size_t protolen, const char *resource,
    size_t resource_len, const char *persistent_id, int options, int flags, struct timeval *timeout,
    php_stream_context *context STREAMS_DC)
{
    const char *plain = proto + PREFIX_LEN;
    size_t plain_len = protolen - PREFIX_LEN;
    php_stream_transport_factory factory = zend_hash_str_find_ptr(php_stream_xport_get_hash(), plain, plain_len);
    if (factory == NULL) {
        return NULL;
    }
    return factory(plain, plain_len, resource, resource_len, persistent_id, options, flags, timeout, context
        STREAMS_REL_CC);
}

static const char *swrs_path(const char *url)
{
    static const char scheme[] = PREFIX "file://";
    return strncasecmp(url, scheme, sizeof(scheme) - 1) == 0 ? url + sizeof(scheme) - 1 : url;
}

#define PLAIN (&php_plain_files_wrapper)

static php_stream *swrs_file_open(php_stream_wrapper *wrapper, const char *filename, const char *mode, int options,
    zend_string **opened_path, php_stream_context *context STREAMS_DC)
{
    return PLAIN->wops->stream_opener(PLAIN, swrs_path(filename), mode, options, opened_path, context STREAMS_REL_CC);
}
static php_stream *swrs_file_opendir(php_stream_wrapper *wrapper, const char *filename, const char *mode, int options,
    zend_string **opened_path, php_stream_context *context STREAMS_DC)
{
    return PLAIN->wops->dir_opener(PLAIN, swrs_path(filename), mode, options, opened_path, context STREAMS_REL_CC);
}
static int swrs_file_stat(php_stream_wrapper *wrapper, const char *url, int flags, php_stream_statbuf *ssb,
    php_stream_context *context)
{
    return PLAIN->wops->url_stat(PLAIN, swrs_path(url), flags, ssb, context);
}
static int swrs_file_unlink(php_stream_wrapper *wrapper, const char *url, int options, php_stream_context *context)
{
    return PLAIN->wops->unlink(PLAIN, swrs_path(url), options, context);
}
static int swrs_file_rename(php_stream_wrapper *wrapper, const char *from, const char *to, int options,
    php_stream_context *context)
{
    return PLAIN->wops->rename(PLAIN, swrs_path(from), swrs_path(to), options, context);
}
static int swrs_file_mkdir(php_stream_wrapper *wrapper, const char *url, int mode, int options,
    php_stream_context *context)
{
    return PLAIN->wops->stream_mkdir(PLAIN, swrs_path(url), mode, options, context);
}
static int swrs_file_rmdir(php_stream_wrapper *wrapper, const char *url, int options, php_stream_context *context)
{
    return PLAIN->wops->stream_rmdir(PLAIN, swrs_path(url), options, context);
}
static int swrs_file_metadata(php_stream_wrapper *wrapper, const char *url, int option, void *value,
    php_stream_context *context)
{
    return PLAIN->wops->stream_metadata(PLAIN, swrs_path(url), option, value, context);
}

static const php_stream_wrapper_ops swrs_file_ops = {
    swrs_file_open, NULL, NULL, swrs_file_stat, swrs_file_opendir, PREFIX "file", swrs_file_unlink, swrs_file_rename,
    swrs_file_mkdir, swrs_file_rmdir, swrs_file_metadata,
};
static const php_stream_wrapper swrs_file_wrapper = { &swrs_file_ops, NULL, 0 };

/* Once, at module start. */
HIDDEN void swrs_register_streams(void)
{
    static const char *const transports[] = {"tcp", "udp", "unix", "udg", "ssl", "tls"};
    char name[16];
    for (size_t i = 0; i < sizeof(transports) / sizeof(*transports); i++) {
        snprintf(name, sizeof(name), PREFIX "%s", transports[i]);
        php_stream_xport_register(name, swrs_async_transport);
    }
    php_register_url_stream_wrapper(PREFIX "file", &swrs_file_wrapper);
}

/* Is the running function one of PDO's? It throws an exception for whatever its driver's library says. */
HIDDEN bool swrs_in_pdo(void)
{
    const zend_execute_data *ex = EG(current_execute_data);
    const zend_class_entry *scope = ex && ex->func ? ex->func->common.scope : NULL;
    return scope && scope->type == ZEND_INTERNAL_CLASS && strncmp(ZSTR_VAL(scope->name), "PDO", 3) == 0;
}

/* The length of the string that file_put_contents() is running with, on a plain file; -1 where one write in place does
   not take it. Whatever else it is given may let other code run while the file is open. */
HIDDEN int64_t swrs_rewriting(void)
{
    static const size_t most = 256 * 1024;
    const zend_execute_data *ex = EG(current_execute_data);
    if (!ex || !ex->func || ex->func->type != ZEND_INTERNAL_FUNCTION || ZEND_CALL_NUM_ARGS(ex) < 2
        || ex->func != zend_hash_str_find_ptr(CG(function_table), ZEND_STRL("file_put_contents"))) {
        return -1;
    }
    const zval *path = ZEND_CALL_ARG(ex, 1), *data = ZEND_CALL_ARG(ex, 2);
    bool plain = Z_TYPE_P(path) == IS_STRING && strstr(Z_STRVAL_P(path), "://") == NULL;
    return plain && Z_TYPE_P(data) == IS_STRING && Z_STRLEN_P(data) <= most ? (int64_t) Z_STRLEN_P(data) : -1;
}
