<?php

namespace
{
    /** @handler php::sockets::create */
    function swoole_socket_create(int $domain, int $type, int $protocol) {}
    /** @handler php::sockets::connect */
    function swoole_socket_connect(\Swoole\Coroutine\Socket $socket, string $address, int $port = 0) {}
    /** Type PHP_NORMAL_READ reads a line. @handler php::sockets::read */
    function swoole_socket_read(\Swoole\Coroutine\Socket $socket, int $length, int $type = 2) {}
    /** @handler php::sockets::write */
    function swoole_socket_write(\Swoole\Coroutine\Socket $socket, string $buffer, int $length = 0) {}
    /** @handler php::sockets::send */
    function swoole_socket_send(\Swoole\Coroutine\Socket $socket, string $buffer, int $length, int $flags) {}
    /** Knows MSG_PEEK, MSG_WAITALL and MSG_DONTWAIT. @handler php::sockets::recv */
    function swoole_socket_recv(\Swoole\Coroutine\Socket $socket, &$buffer, int $length, int $flags) {}
    /** @handler php::sockets::sendto */
    function swoole_socket_sendto(\Swoole\Coroutine\Socket $socket, string $buffer, int $length, int $flags, string $addr, int $port = 0) {}
    /** @handler php::sockets::recvfrom */
    function swoole_socket_recvfrom(\Swoole\Coroutine\Socket $socket, &$buffer, int $length, int $flags, &$name, &$port = null) {}
    /** @handler php::sockets::bind */
    function swoole_socket_bind(\Swoole\Coroutine\Socket $socket, string $address, int $port = 0): bool {}
    /** @handler php::sockets::listen */
    function swoole_socket_listen(\Swoole\Coroutine\Socket $socket, int $backlog = 0): bool {}
    /** @handler php::sockets::create_listen */
    function swoole_socket_create_listen(int $port, int $backlog = 128) {}
    /** @handler php::sockets::accept */
    function swoole_socket_accept(\Swoole\Coroutine\Socket $socket) {}
    /** @handler php::sockets::getpeername */
    function swoole_socket_getpeername(\Swoole\Coroutine\Socket $socket, &$address, &$port = null) {}
    /** @handler php::sockets::getsockname */
    function swoole_socket_getsockname(\Swoole\Coroutine\Socket $socket, &$address, &$port = null) {}
    /** @handler php::sockets::set_option */
    function swoole_socket_set_option(\Swoole\Coroutine\Socket $socket, int $level, int $optname, $optval): bool {}
    /** @handler php::sockets::set_option */
    function swoole_socket_setopt(\Swoole\Coroutine\Socket $socket, int $level, int $optname, $optval): bool {}
    /** @handler php::sockets::get_option */
    function swoole_socket_get_option(\Swoole\Coroutine\Socket $socket, int $level, int $optname) {}
    /** @handler php::sockets::get_option */
    function swoole_socket_getopt(\Swoole\Coroutine\Socket $socket, int $level, int $optname) {}
    /** @handler php::sockets::shutdown */
    function swoole_socket_shutdown(\Swoole\Coroutine\Socket $socket, int $how = 2): bool {}
    /** @handler php::sockets::close */
    function swoole_socket_close(\Swoole\Coroutine\Socket $socket) {}
    /** @handler php::sockets::clear_error */
    function swoole_socket_clear_error(?\Swoole\Coroutine\Socket $socket = null) {}
    /** @handler php::sockets::last_error */
    function swoole_socket_last_error(?\Swoole\Coroutine\Socket $socket = null): int {}
    /** @handler php::sockets::set_block */
    function swoole_socket_set_block(\Swoole\Coroutine\Socket $socket) {}
    /** Reads and accepts give up after a millisecond. @handler php::sockets::set_nonblock */
    function swoole_socket_set_nonblock(\Swoole\Coroutine\Socket $socket) {}
    /** @handler php::sockets::create_pair */
    function swoole_socket_create_pair(int $domain, int $type, int $protocol, array &$pair) {}
    /** @handler php::sockets::import_stream */
    function swoole_socket_import_stream(mixed $stream): \Swoole\Coroutine\Socket|false {}
}
