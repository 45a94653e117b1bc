/* TCP streams that know they are in a coroutine: a read takes what is there before it asks whether something is, and
   a connection is made without asking the socket for the flags it was just made with. Whatever is not the plain case
   goes the way of PHP's own operations. */
#include "shim.h"
#include "php_network.h"
#include "php_streams.h"
#include <fcntl.h>
#include <netinet/tcp.h>
#include <time.h>

/* Mirrored by zend::sockets::Waits. */
typedef struct {
    /* Would a wait for a TCP connection suspend? */
    bool (*may_suspend)(void);
    /* poll(2) of one descriptor, which suspends. */
    int (*poll)(int fd, int events, int milliseconds);
    /* The next poll of this descriptor need not look before it waits. */
    void (*expect)(int fd);
    /* close(2) of a descriptor that may have been waited for. */
    int (*close)(int fd);
} swrs_waits;

static const swrs_waits *waits;
static php_stream_transport_factory plain_factory;
/* The operations of "tcp" streams as they were, and ours. */
static const php_stream_ops *plain_ops;
static php_stream_ops tcp_ops;

/* Sets of the lower descriptors. */
typedef uint64_t swrs_set[16];
/* Connections whose handshake the first request is to acknowledge. */
static swrs_set unacknowledged;
/* Connections that were written to since they were read from. */
static swrs_set asked;
/* The one that was just found empty; -1 for none. */
static int empty = -1;
/* How often in a row a question's answer was not there yet. Who always has to wait need not look before. */
static uint8_t late[1024];

static bool swrs_has(const swrs_set set, int fd)
{
    return fd >= 0 && fd < 1024 && set[fd / 64] >> (fd % 64) & 1;
}

static void swrs_put(swrs_set set, int fd, bool in)
{
    if (fd >= 0 && fd < 1024) {
        uint64_t bit = (uint64_t) 1 << (fd % 64);
        set[fd / 64] = in ? set[fd / 64] | bit : set[fd / 64] & ~bit;
    }
}

static bool swrs_is_late(int fd)
{
    /* Now and then it is looked whether that still holds. */
    return swrs_has(asked, fd) && late[fd] >= 4 && late[fd] % 16 != 0;
}

/* Was what the last write asked for there? */
static void swrs_answered(int fd, bool in_time)
{
    if (swrs_has(asked, fd)) {
        late[fd] = in_time ? 0 : late[fd] == UINT8_MAX ? 16 : late[fd] + 1;
    }
}

static void swrs_acknowledge(int fd)
{
    static const int on = 1;
    if (swrs_has(unacknowledged, fd)) {
        setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
        swrs_put(unacknowledged, fd, false);
    }
}

/* A function that was given an HTTP URL: a request follows the handshake at once, and may acknowledge it on its way
   (HAProxy's `tcp-smart-connect`). One packet less, and the server wakes once for both. */
static bool swrs_speaks_first(void)
{
    static const char scheme[] = "http://";
    const zend_execute_data *ex = EG(current_execute_data);
    if (!ex || !ex->func || ex->func->type != ZEND_INTERNAL_FUNCTION || ZEND_CALL_NUM_ARGS(ex) < 1) {
        return false;
    }
    const zval *url = ZEND_CALL_ARG(ex, 1);
    return Z_TYPE_P(url) == IS_STRING && strncasecmp(Z_STRVAL_P(url), scheme, sizeof(scheme) - 1) == 0;
}

/* A read that is to leave at once when nothing is there. */
static bool prefetching;

static ssize_t swrs_tcp_read(php_stream *stream, char *buffer, size_t count)
{
    php_netstream_data_t *sock = stream->abstract;
    if (!sock || sock->socket < 0 || !sock->is_blocked || !waits->may_suspend()) {
        return plain_ops->read(stream, buffer, count);
    }
    if (stream->eof) {
        /* A connection's end is final. */
        sock->timeout_event = 0;
        return 0;
    }
    ssize_t got = -1;
    if (empty == sock->socket) {
        errno = EAGAIN;
    } else {
        if (swrs_is_late(sock->socket)) {
            errno = EAGAIN;
        } else {
            got = recv(sock->socket, buffer, count, MSG_DONTWAIT);
        }
        swrs_answered(sock->socket, got >= 0);
    }
    empty = -1;
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        if (prefetching) {
            empty = sock->socket;
            return 0;
        }
        swrs_put(asked, sock->socket, false);
        swrs_acknowledge(sock->socket);
        waits->expect(sock->socket);
        return plain_ops->read(stream, buffer, count);
    }
    swrs_put(asked, sock->socket, false);
    sock->timeout_event = 0;
    if (got > 0) {
        php_stream_notify_progress_increment(PHP_STREAM_CONTEXT(stream), got, 0);
    } else {
        stream->eof = 1;
    }
    return got;
}

static ssize_t swrs_tcp_write(php_stream *stream, const char *buffer, size_t count)
{
    php_netstream_data_t *sock = stream->abstract;
    if (sock) {
        swrs_put(unacknowledged, sock->socket, false);
        swrs_put(asked, sock->socket, true);
        empty = -1;
    }
    return plain_ops->write(stream, buffer, count);
}

/* Is the peer still there? Asked by a function that has sent its question and reads the answer next: what one byte
   looked at would show is better taken whole. Not where the script itself asks, which may have other plans. */
static bool swrs_prefetches(const php_stream *stream, const php_netstream_data_t *sock)
{
    const zend_execute_data *ex = EG(current_execute_data);
    return swrs_has(asked, sock->socket) && sock->is_blocked && !(stream->flags & PHP_STREAM_FLAG_NO_BUFFER)
        && stream->writepos == stream->readpos && ex && ex->func && ex->func->type == ZEND_INTERNAL_FUNCTION
        && ex->func->common.function_name && !zend_string_equals_literal(ex->func->common.function_name, "feof")
        && waits->may_suspend();
}

static bool swrs_prefetch(php_stream *stream)
{
    prefetching = true;
    _php_stream_fill_read_buffer(stream, stream->chunk_size);
    prefetching = false;
    return stream->writepos != stream->readpos || !stream->eof;
}

static bool swrs_is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        return ntohl(((const struct sockaddr_in *) address)->sin_addr.s_addr) >> 24 == 127;
    }
    const struct in6_addr *six = &((const struct sockaddr_in6 *) address)->sin6_addr;
    return IN6_IS_ADDR_LOOPBACK(six) || (IN6_IS_ADDR_V4MAPPED(six) && six->s6_addr[12] == 127);
}

static int64_t swrs_milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Connects `fd`, which is non-blocking; an errno, 0 when it is connected. A negative `deadline` is none. */
static int swrs_connect_one(int fd, const struct sockaddr *address, socklen_t length, int64_t deadline)
{
    if (connect(fd, address, length) == 0) {
        return 0;
    }
    /* On the way back from the first call the other end has answered already, if it is this machine. */
    if (errno == EINPROGRESS && swrs_is_loopback(address) && connect(fd, address, length) == 0) {
        return 0;
    }
    if (errno != EINPROGRESS && errno != EALREADY) {
        return errno;
    }
    int64_t left = deadline < 0 ? -1 : deadline - swrs_milliseconds();
    int ready = waits->poll(fd, POLLIN | POLLOUT, left < 0 ? (deadline < 0 ? -1 : 0) : (int) MIN(left, INT_MAX));
    if (ready <= 0) {
        return ready == 0 ? ETIMEDOUT : errno;
    }
    int error = 0;
    socklen_t size = sizeof(error);
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

/* host:port or [host]:port; anything else is PHP's to judge. */
static bool swrs_split(const char *name, size_t length, char host[256], unsigned short *port)
{
    bool bracket = length > 0 && name[0] == '[';
    const char *start = name + bracket;
    const char *end = memchr(name, bracket ? ']' : ':', length);
    if (!end || end == start || end - start > 255) {
        return false;
    }
    const char *digit = end + bracket;
    if (digit >= name + length || *digit++ != ':' || digit == name + length) {
        return false;
    }
    uint32_t number = 0;
    for (; digit < name + length; digit++) {
        if (*digit < '0' || *digit > '9' || (number = number * 10 + (*digit - '0')) > 65535) {
            return false;
        }
    }
    memcpy(host, start, end - start);
    host[end - start] = 0;
    *port = (unsigned short) number;
    return true;
}

/* The port of the option `bindto` when it names no address, as PHP itself does not allow; 0 without the option, -1
   where PHP has to look at it. */
static int swrs_own_port(php_stream_context *context)
{
    const zval *bind = context ? php_stream_context_get_option(context, "socket", "bindto") : NULL;
    if (!bind) {
        return 0;
    }
    if (Z_TYPE_P(bind) != IS_STRING || Z_STRLEN_P(bind) < 2 || Z_STRLEN_P(bind) > 6 || Z_STRVAL_P(bind)[0] != ':') {
        return -1;
    }
    zend_ulong port;
    return ZEND_HANDLE_NUMERIC_STR(Z_STRVAL_P(bind) + 1, Z_STRLEN_P(bind) - 1, port) && port <= 65535 ? (int) port : -1;
}

/* Binds to a port of any address; an errno, 0 when it is done. */
static int swrs_bind_port(int fd, int family, int port)
{
    static const int on = 1;
    struct sockaddr_storage any = { .ss_family = family };
    socklen_t length = sizeof(struct sockaddr_in);
    if (family == AF_INET6) {
        ((struct sockaddr_in6 *) &any)->sin6_port = htons(port);
        length = sizeof(struct sockaddr_in6);
    } else {
        ((struct sockaddr_in *) &any)->sin_port = htons(port);
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    return bind(fd, (struct sockaddr *) &any, length) == 0 ? 0 : errno;
}

/* Connects as the plain operation would; false: it has to. */
static bool swrs_tcp_connect(php_stream *stream, php_netstream_data_t *sock, php_stream_xport_param *param)
{
    char host[256];
    unsigned short port;
    php_stream_context *context = PHP_STREAM_CONTEXT(stream);
    const struct timeval *timeout = param->inputs.timeout;
    int own_port = swrs_own_port(context);
    if (own_port < 0 || (context && php_stream_context_get_option(context, "socket", "tcp_nodelay"))) {
        return false;
    }
    if ((timeout && timeout->tv_sec < 0) || !swrs_split(param->inputs.name, param->inputs.namelen, host, &port)) {
        return false;
    }
    int64_t deadline = timeout ? swrs_milliseconds() + timeout->tv_sec * 1000 + timeout->tv_usec / 1000 : -1;
    zend_string **text = param->want_errortext ? &param->outputs.error_text : NULL;
    struct sockaddr **addresses;
    param->outputs.returncode = -1;
    param->outputs.error_code = 0;
    if (php_network_getaddresses(host, SOCK_STREAM, &addresses, text) == 0) {
        return true;
    }
    int error = ETIMEDOUT;
    for (struct sockaddr **each = addresses; *each; each++) {
        socklen_t length;
        if ((*each)->sa_family == AF_INET) {
            ((struct sockaddr_in *) *each)->sin_port = htons(port);
            length = sizeof(struct sockaddr_in);
        } else if ((*each)->sa_family == AF_INET6) {
            ((struct sockaddr_in6 *) *each)->sin6_port = htons(port);
            length = sizeof(struct sockaddr_in6);
        } else {
            continue;
        }
        int fd = socket((*each)->sa_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
        if (fd < 0) {
            error = errno;
            continue;
        }
        bool first = fd < 1024 && swrs_speaks_first();
        if (first) {
            static const int off = 0;
            setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &off, sizeof(off));
        }
        error = own_port > 0 ? swrs_bind_port(fd, (*each)->sa_family, own_port) : 0;
        if (error == 0) {
            error = swrs_connect_one(fd, *each, length, deadline);
        }
        if (error == 0) {
            swrs_put(unacknowledged, fd, first);
            swrs_put(asked, fd, false);
            if (fd < 1024) {
                late[fd] = 0;
            }
            fcntl(fd, F_SETFL, 0);
            sock->socket = fd;
            param->outputs.returncode = 0;
            break;
        }
        waits->close(fd);
        if (error == ECANCELED || (deadline >= 0 && swrs_milliseconds() >= deadline)) {
            break;
        }
    }
    php_network_freeaddresses(addresses);
    param->outputs.error_code = error;
    if (error != 0 && text) {
        if (*text) {
            zend_string_release(*text);
        }
        *text = php_socket_error_str(error);
    }
    return true;
}

static int swrs_tcp_option(php_stream *stream, int option, int value, void *parameter)
{
    php_netstream_data_t *sock = stream->abstract;
    if (option == PHP_STREAM_OPTION_CHECK_LIVENESS && value == 0 && sock && swrs_prefetches(stream, sock)) {
        return swrs_prefetch(stream) ? PHP_STREAM_OPTION_RETURN_OK : PHP_STREAM_OPTION_RETURN_ERR;
    }
    if (option == PHP_STREAM_OPTION_CRYPTO_API) {
        /* From now on a read is not what recv() says. */
        stream->ops = plain_ops;
    } else if (option == PHP_STREAM_OPTION_XPORT_API && sock) {
        php_stream_xport_param *param = parameter;
        if (param->op == STREAM_XPORT_OP_CONNECT && waits->may_suspend() && swrs_tcp_connect(stream, sock, param)) {
            return PHP_STREAM_OPTION_RETURN_OK;
        }
    }
    return plain_ops->set_option(stream, option, value, parameter);
}

static int swrs_tcp_cast(php_stream *stream, int as, void **to)
{
    php_netstream_data_t *sock = stream->abstract;
    if (sock) {
        swrs_acknowledge(sock->socket);
    }
    return plain_ops->cast(stream, as, to);
}

static php_stream *swrs_tcp_factory(const char *proto, size_t protolen, const char *resource, size_t resource_len,
    const char *persistent_id, int options, int flags, struct timeval *timeout, php_stream_context *context STREAMS_DC)
{
    php_stream *stream = plain_factory(proto, protolen, resource, resource_len, persistent_id, options, flags, timeout,
        context STREAMS_REL_CC);
    if (!stream) {
        return NULL;
    }
    if (!plain_ops) {
        plain_ops = stream->ops;
        tcp_ops = *plain_ops;
        tcp_ops.read = swrs_tcp_read;
        tcp_ops.write = swrs_tcp_write;
        tcp_ops.cast = swrs_tcp_cast;
        tcp_ops.set_option = swrs_tcp_option;
    }
    if (stream->ops == plain_ops) {
        stream->ops = &tcp_ops;
    }
    return stream;
}

/* Once, at module start. */
HIDDEN void swrs_register_sockets(const swrs_waits *given)
{
    waits = given;
    plain_factory = zend_hash_str_find_ptr(php_stream_xport_get_hash(), ZEND_STRL("tcp"));
    if (plain_factory) {
        php_stream_xport_register("tcp", swrs_tcp_factory);
    }
}
