<?php

namespace Swoole\Coroutine\Http
{
    /**
     * An HTTP server inside one coroutine: start() accepts, each connection gets a coroutine of its own.
     * @shortname Co\Http\Server
     * @alias swoole_coroutine_http_server
     * @not-serializable
     */
    final class Server
    {
        public $fd = -1;
        public $host;
        public $port = -1;
        public $ssl = false;
        public $settings;
        public $errCode = 0;
        public $errMsg = '';
        /** @param string $host an address, or unix:/path */
        public function __construct(string $host, int $port = 0, bool $ssl = false, bool $reuse_port = false) {}
        public function set(array $settings): bool {}
        /** @param callable(\Swoole\Http\Request, \Swoole\Http\Response): void $callback for paths that start with $pattern */
        public function handle(string $pattern, callable $callback): bool {}
        private function onAccept(\Swoole\Coroutine\Socket $conn): void {}
        public function start(): bool {}
        /** Ends start(), and the connections that wait for a request. */
        public function shutdown(): void {}
    }
}
