<?php

namespace Swoole\Coroutine
{
    /**
     * A connection to a server (TCP, UDP, unix; TLS with SWOOLE_SSL in the type).
     *
     * @shortname Co\Client
     * @alias swoole_coroutine_client
     * @not-serializable
     */
    class Client
    {
        public const MSG_OOB = 1;
        public const MSG_PEEK = 2;
        public const MSG_DONTWAIT = 64;
        public const MSG_WAITALL = 256;
        /** Of the last call that failed: an errno, or one of SWOOLE_ERROR_*. */
        public $errCode = 0;
        public $errMsg = '';
        public $fd = -1;
        /** The connection's Swoole\Coroutine\Socket, null without one. */
        public $socket;
        public $type = 1;
        public $setting;
        public $connected = false;
        public function __construct(int $type) {}
        public function __destruct() {}
        /** Time-outs, framing, TLS, proxies: settings add up. */
        public function set(array $settings): bool {}
        /** $timeout in seconds bounds the connecting, and each read and write after it; 0 leaves the settings' own. */
        public function connect(string $host, int $port = 0, float $timeout = 0, int $sock_flag = 0): bool {}
        /** A packet, as the settings frame them, else what is there; empty when the server has closed. */
        public function recv(float $timeout = 0): string|false {}
        /** What is there, left in place; never waits. */
        public function peek(int $length = 65535): string|false {}
        public function send(string $data, float $timeout = 0): int|false {}
        public function sendfile(string $filename, int $offset = 0, int $length = 0): bool {}
        public function sendto(string $address, int $port, string $data): bool {}
        public function recvfrom(int $length, mixed &$address, mixed &$port = 0): string|false {}
        public function enableSSL(): bool {}
        /** The server's certificate in PEM. */
        public function getPeerCert(): string|false {}
        public function verifyPeerCert(bool $allow_self_signed = false): bool {}
        public function isConnected(): bool {}
        public function getsockname(): array|false {}
        public function getpeername(): array|false {}
        public function close(): bool {}
        public function exportSocket(): \Swoole\Coroutine\Socket|false {}
    }
}

namespace Swoole
{
    /**
     * A connection to a server that blocks; with SWOOLE_KEEP in the type it is kept for the next object.
     *
     * @alias swoole_client
     * @not-serializable
     */
    class Client
    {
        public const MSG_OOB = 1;
        public const MSG_PEEK = 2;
        public const MSG_DONTWAIT = 64;
        public const MSG_WAITALL = 256;
        public const SHUT_RDWR = 2;
        public const SHUT_RD = 0;
        public const SHUT_WR = 1;
        public $errCode = 0;
        public $sock = -1;
        public $reuse = false;
        public $reuseCount = 0;
        public $type = 0;
        public $id;
        public $setting;
        public function __construct(int $type, bool $async = \SWOOLE_SOCK_SYNC, string $id = '') {}
        public function __destruct() {}
        public function set(array $settings): bool {}
        public function connect(string $host, int $port = 0, float $timeout = 0.5, int $sock_flag = 0): bool {}
        public function recv(int $size = 65536, int $flag = 0): string|false {}
        public function send(string $data, int $flag = 0): int|false {}
        public function sendfile(string $filename, int $offset = 0, int $length = 0): bool {}
        public function sendto(string $ip, int $port, string $data): bool {}
        public function shutdown(int $how): bool {}
        public function enableSSL(?callable $onSslReady = null): bool {}
        public function getPeerCert(): string|bool {}
        public function verifyPeerCert(): bool {}
        public function isConnected(): bool {}
        public function getsockname(): array|false {}
        public function getpeername(): array|false {}
        public function close(bool $force = false): bool {}
        public function getSocket(): \Socket|false {}
    }
}

namespace Swoole\Async
{
    /**
     * A connection whose events call functions: connect, receive, error, close, bufferFull, bufferEmpty.
     *
     * @alias swoole_async_client
     * @not-serializable
     */
    class Client extends \Swoole\Client
    {
        private $onConnect;
        private $onError;
        private $onReceive;
        private $onClose;
        private $onBufferFull;
        private $onBufferEmpty;
        private $onSSLReady;
        /** @handler php::async_client::construct */
        public function __construct(int $type) {}
        /** @handler php::async_client::destruct */
        public function __destruct() {}
        /** @handler php::async_client::connect */
        public function connect(string $host, int $port = 0, float $timeout = 0.5, int $sock_flag = 0): bool {}
        /** @handler php::async_client::sleep */
        public function sleep(): bool {}
        /** @handler php::async_client::wakeup */
        public function wakeup(): bool {}
        /** @handler php::async_client::sleep */
        public function pause(): bool {}
        /** @handler php::async_client::wakeup */
        public function resume(): bool {}
        /** @handler php::async_client::enable_ssl */
        public function enableSSL(?callable $onSslReady = null): bool {}
        /** @handler php::async_client::is_connected */
        public function isConnected(): bool {}
        /** @handler php::async_client::close */
        public function close(bool $force = false): bool {}
        /** @handler php::async_client::on */
        public function on(string $host, callable $callback): bool {}
    }
}

namespace
{
    /**
     * Leaves in the arrays what is ready for reading, for writing, or broken.
     *
     * @handler php::client::select::select
     */
    function swoole_client_select(?array &$read, ?array &$write, ?array &$except, ?float $timeout = 0.5): int|false {}

    /** @handler php::client::select::select */
    function swoole_select(?array &$read, ?array &$write, ?array &$except, ?float $timeout = 0.5): int|false {}
}
