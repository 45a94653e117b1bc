<?php

namespace Swoole\Coroutine\Http
{
    /**
     * An HTTP/1.1 client, and after upgrade() a WebSocket.
     *
     * @shortname Co\Http\Client
     * @alias swoole_coroutine_http_client
     * @not-serializable
     */
    class Client
    {
        public $socket;
        public $errCode = 0;
        public $errMsg = '';
        public $connected = false;
        public $host = '';
        public $port = 0;
        public $ssl = false;
        public $setting;
        public $requestMethod;
        public $requestHeaders;
        public $requestBody;
        public $uploadFiles;
        public $downloadFile;
        public $downloadOffset = 0;
        /** The answer's status; SWOOLE_HTTP_CLIENT_ESTATUS_* without one. */
        public $statusCode = 0;
        public $headers;
        public $set_cookie_headers;
        public $cookies;
        public $body = '';
        public function __construct(string $host, int $port = 0, bool $ssl = false) {}
        public function __destruct() {}
        public function set(array $settings): bool {}
        public function getDefer(): bool {}
        /** From now on requests return once they are sent; recv() waits for the answer. */
        public function setDefer(bool $defer = true): bool {}
        public function setMethod(string $method): bool {}
        public function setHeaders(array $headers): bool {}
        public function setBasicAuth(string $username, #[\SensitiveParameter] string $password): void {}
        public function setCookies(array $cookies): bool {}
        /** A body: a string as it is, an array as a form. */
        public function setData(array|string $data): bool {}
        /** A part of a file (all of it without $length), for a multipart body. */
        public function addFile(string $path, string $name, ?string $type = null, ?string $filename = null, int $offset = 0, int $length = 0): bool {}
        public function addData(string $path, string $name, ?string $type = null, ?string $filename = null): bool {}
        public function execute(string $path): bool {}
        public function getpeername(): array|false {}
        public function getsockname(): array|false {}
        public function get(string $path): bool {}
        public function post(string $path, mixed $data): bool {}
        /** The body goes to $file, from $offset on. */
        public function download(string $path, string $file, int $offset = 0): bool {}
        public function getBody(): string|false {}
        public function getHeaders(): array|false|null {}
        public function getCookies(): array|false|null {}
        public function getStatusCode(): int|false {}
        /** The last request's head. */
        public function getHeaderOut(): string|false {}
        public function getPeerCert(): string|false {}
        public function upgrade(string $path): bool {}
        public function push(mixed $data, int $opcode = \SWOOLE_WEBSOCKET_OPCODE_TEXT, int $flags = \SWOOLE_WEBSOCKET_FLAG_FIN): bool {}
        public function recv(float $timeout = 0): \Swoole\WebSocket\Frame|string|bool {}
        public function close(): bool {}
        public function ping(string $data = ''): bool {}
        public function disconnect(int $code = \SWOOLE_WEBSOCKET_CLOSE_NORMAL, string $reason = ''): bool {}
    }
}
