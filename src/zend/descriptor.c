/* The descriptors inside streams and sockets. */
#include "shim.h"
#include "php_streams.h"
#include <fcntl.h>

/* ext/sockets' object, as its header has it since PHP 8.0. */
typedef struct {
    int bsd_socket;
    int type;
    int error;
    int blocking;
    zval zstream;
    zend_object std;
} swrs_php_socket;

HIDDEN bool swrs_socket_object(zval *to, int fd, int domain)
{
    zend_class_entry *ce = zend_hash_str_find_ptr(CG(class_table), "socket", sizeof("socket") - 1);
    if (!ce || ce->type != ZEND_INTERNAL_CLASS || object_init_ex(to, ce) != SUCCESS) {
        return false;
    }
    if (Z_OBJ_P(to)->handlers->offset != XtOffsetOf(swrs_php_socket, std)) {
        zval_ptr_dtor(to);
        return false;
    }
    swrs_php_socket *socket = (swrs_php_socket *) ((char *) Z_OBJ_P(to) - XtOffsetOf(swrs_php_socket, std));
    socket->bsd_socket = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    socket->type = domain;
    socket->error = 0;
    socket->blocking = 0;
    return true;
}

HIDDEN int swrs_stream_fd(zval *value)
{
    ZVAL_DEREF(value);
    if (Z_TYPE_P(value) == IS_RESOURCE) {
        php_stream *stream = (php_stream *) zend_fetch_resource2_ex(value, NULL, php_file_le_stream(), php_file_le_pstream());
        if (stream) {
            int fd = -1;
            if (php_stream_cast(stream, PHP_STREAM_AS_FD_FOR_SELECT | PHP_STREAM_CAST_INTERNAL, (void *) &fd, 0) == SUCCESS && fd >= 0) {
                return fd;
            }
        }
        return -1;
    }
    if (Z_TYPE_P(value) == IS_OBJECT) {
        zend_object *object = Z_OBJ_P(value);
        if (zend_string_equals_literal(object->ce->name, "Socket") && object->handlers->offset > 0) {
            return ((swrs_php_socket *) ((char *) object - object->handlers->offset))->bsd_socket;
        }
        zval rv;
        zval *fd = zend_read_property(object->ce, object, "fd", sizeof("fd") - 1, 1, &rv);
        if (fd && Z_TYPE_P(fd) == IS_LONG) {
            return (int) Z_LVAL_P(fd);
        }
        fd = zend_read_property(object->ce, object, "sock", sizeof("sock") - 1, 1, &rv);
        if (fd && Z_TYPE_P(fd) == IS_LONG) {
            return (int) Z_LVAL_P(fd);
        }
    }
    return -1;
}

HIDDEN void swrs_stream_close(zval *value)
{
    php_stream *stream = (php_stream *) zend_fetch_resource2_ex(value, NULL, php_file_le_stream(), php_file_le_pstream());
    if (stream) {
        php_stream_free(stream, PHP_STREAM_FREE_KEEP_RSRC | PHP_STREAM_FREE_CLOSE
            | (stream->is_persistent ? PHP_STREAM_FREE_CLOSE_PERSISTENT : 0));
    }
}

/* The fd of a stream or of ext/sockets' Socket; -1: not one, -2: closed. plain: a file on a disk. */
HIDDEN int swrs_fd_of(zval *value, bool *plain)
{
    *plain = false;
    if (Z_TYPE_P(value) == IS_RESOURCE) {
        php_stream *stream;
        int fd = -1;
        php_stream_from_zval_no_verify(stream, value);
        if (stream && php_stream_cast(stream, PHP_STREAM_AS_FD_FOR_SELECT | PHP_STREAM_CAST_INTERNAL, (void **) &fd, 1) == SUCCESS && fd >= 0) {
            *plain = stream->wrapper && stream->wrapper->wops == php_plain_files_wrapper.wops;
            return fd;
        }
        return -1;
    }
    if (Z_TYPE_P(value) == IS_OBJECT && zend_string_equals_literal(Z_OBJCE_P(value)->name, "Socket")
        && Z_OBJCE_P(value)->type == ZEND_INTERNAL_CLASS) {
        /* php_socket begins with its descriptor (ext/sockets/php_sockets.h). */
        int fd = *(int *) ((char *) Z_OBJ_P(value) - Z_OBJ_HT_P(value)->offset);
        return fd < 0 ? -2 : fd;
    }
    return -1;
}
