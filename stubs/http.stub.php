<?php

namespace Swoole\Http
{
    /**
     * A cookie to be set, built up by calls that return the object itself.
     * @alias swoole_http_cookie
     * @not-serializable
     */
    class Cookie
    {
        /** @param bool $encode percent-encode the value; else one that would need it is refused */
        public function __construct(bool $encode = true) {}
        public function withName(string $name): \Swoole\Http\Cookie {}
        /** An empty value deletes the cookie. */
        public function withValue(string $value = ''): \Swoole\Http\Cookie {}
        /** @param int $expires seconds since 1970; 0: with the session */
        public function withExpires(int $expires = 0): \Swoole\Http\Cookie {}
        public function withPath(string $path = '/'): \Swoole\Http\Cookie {}
        public function withDomain(string $domain = ''): \Swoole\Http\Cookie {}
        public function withSecure(bool $secure = false): \Swoole\Http\Cookie {}
        public function withHttpOnly(bool $httpOnly = false): \Swoole\Http\Cookie {}
        public function withSameSite(string $sameSite = ''): \Swoole\Http\Cookie {}
        public function withPriority(string $priority = ''): \Swoole\Http\Cookie {}
        public function withPartitioned(bool $partitioned = false): \Swoole\Http\Cookie {}
        /** The value of the Set-Cookie field; false, with a warning, for what cannot be sent. */
        public function toString(): string|false {}
        /** @return array<string, string|int|bool> */
        public function toArray(): array {}
        public function reset(): void {}
    }

    /**
     * A request. Its arrays are made when they are first read.
     * @alias swoole_http_request
     * @not-serializable
     */
    class Request
    {
        /** The connection's session id. */
        public $fd = 0;
        /** The stream of HTTP/2; 0 in HTTP/1. */
        public $streamId = 0;
        /** Fields by lower-case name. */
        public $header;
        /** Method, path, times and addresses, with lower-case keys. */
        public $server;
        public $cookie;
        public $get;
        public $files;
        public $post;
        /** Paths of the uploaded files, which go with the object. */
        public $tmpfiles;
        /** The body as it came. */
        public function getContent(): string|false {}
        public function rawContent(): string|false {}
        /** Head and body as they came. */
        public function getData(): string|false {}
        /** @param array<string, mixed> $options parse_cookie, parse_body, parse_files, upload_tmp_dir … */
        public static function create(array $options = []): \Swoole\Http\Request {}
        /** Takes more bytes; gives how many of them belong to the request. False once it is whole. */
        public function parse(string $data): int|false {}
        public function isCompleted(): bool {}
        public function getMethod(): string|false {}
        /**
         * The next piece of a body that is still coming (setting http_request_stream): at most $length bytes, 0
         * for whatever is there; '' at its end; false after $timeout seconds or when the client is gone.
         */
        public function read(int $length = 0, float $timeout = -1): string|false {}
    }

    /**
     * The answer to a request.
     * @alias swoole_http_response
     * @not-serializable
     */
    class Response
    {
        public $fd = 0;
        /** The socket of a coroutine server. */
        public $socket;
        public $header;
        public $cookie;
        public $trailer;
        public function initHeader(): bool {}
        /** Whether end() was not called yet. */
        public function isWritable(): bool {}
        /** @handler php::http::response::cookies::cookie */
        public function cookie(\Swoole\Http\Cookie|string $name_or_object, string $value = '', int $expires = 0, string $path = '/', string $domain = '', bool $secure = false, bool $httponly = false, string $samesite = '', string $priority = '', bool $partitioned = false): bool {}
        /** @handler php::http::response::cookies::set_cookie */
        public function setCookie(\Swoole\Http\Cookie|string $name_or_object, string $value = '', int $expires = 0, string $path = '/', string $domain = '', bool $secure = false, bool $httponly = false, string $samesite = '', string $priority = '', bool $partitioned = false): bool {}
        /** @handler php::http::response::cookies::rawcookie */
        public function rawcookie(\Swoole\Http\Cookie|string $name_or_object, string $value = '', int $expires = 0, string $path = '/', string $domain = '', bool $secure = false, bool $httponly = false, string $samesite = '', string $priority = '', bool $partitioned = false): bool {}
        /** @handler php::http::response::cookies::set_raw_cookie */
        public function setRawCookie(\Swoole\Http\Cookie|string $name_or_object, string $value = '', int $expires = 0, string $path = '/', string $domain = '', bool $secure = false, bool $httponly = false, string $samesite = '', string $priority = '', bool $partitioned = false): bool {}
        public function status(int $http_code, string $reason = ''): bool {}
        public function setStatusCode(int $http_code, string $reason = ''): bool {}
        /** @param bool $format write the name as Content-Type is written */
        public function header(string $key, array|string $value, bool $format = true): bool {}
        public function setHeader(string $key, array|string $value, bool $format = true): bool {}
        public function trailer(string $key, string $value): bool {}
        /**
         * Sends a piece of a body of unknown length; waits while the client is slow (setting send_yield).
         * @handler php::http::response::body::write
         */
        public function write(string $content): bool {}
        /** @handler php::http::response::body::end */
        public function end(?string $content = null): bool {}
        /**
         * Sends a file, or $length bytes of it (0: the rest) from $offset.
         * @handler php::http::response::body::sendfile
         */
        public function sendfile(string $filename, int $offset = 0, int $length = 0): bool {}
        /** @handler php::http::response::body::redirect */
        public function redirect(string $location, int $http_code = 302): bool {}
        /** Leaves the answer to another object, see create(). */
        public function detach(): bool {}
        /** A response for a session id, a server and its session id, a Socket, or [one of these, request]. */
        public static function create(object|array|int $server = -1, int $fd = -1): \Swoole\Http\Response|false {}
        /**
         * Answers a WebSocket handshake of a coroutine server; then push() and recv() work.
         * @handler php::http::response::websocket::upgrade
         */
        public function upgrade(): bool {}
        /** @handler php::http::response::websocket::push */
        public function push(\Swoole\WebSocket\Frame|string $data, int $opcode = \SWOOLE_WEBSOCKET_OPCODE_TEXT, int $flags = \SWOOLE_WEBSOCKET_FLAG_FIN): bool {}
        /**
         * The next message; '' when the client has closed, false after $timeout seconds (0: the socket's own).
         * @handler php::http::response::websocket::recv
         */
        public function recv(float $timeout = 0): \Swoole\WebSocket\Frame|string|false {}
        /**
         * Of a WebSocket or of HTTP/2.
         * @handler php::http::response::websocket::ping
         */
        public function ping(string $data = ''): bool {}
        /** HTTP/2 only: no new streams on this connection. */
        public function goaway(int $error_code = \SWOOLE_HTTP2_ERROR_NO_ERROR, string $debug_data = ''): bool {}
        public function close(): bool {}
        /** @handler php::http::response::websocket::disconnect */
        public function disconnect(int $code = \SWOOLE_WEBSOCKET_CLOSE_NORMAL, string $reason = ''): bool {}
    }

    /**
     * @alias swoole_http_server
     * @not-serializable
     */
    class Server extends \Swoole\Server
    {
    }
}
