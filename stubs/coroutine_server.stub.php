<?php

namespace Swoole\Coroutine
{
    /**
     * A TCP or unix server of one process: start() accepts until shutdown(), and runs the handler in a coroutine for each
     * connection.
     *
     * @shortname Co\Server
     * @userland
     */
    class Server
    {
        public $host = '';
        /** The port it listens on: the one the kernel chose when 0 was asked for. */
        public $port = 0;
        /** AF_INET, AF_INET6 or AF_UNIX. */
        public $type = 2;
        public $fd = -1;
        /** errno of a start() that gave false. */
        public $errCode = 0;
        public $setting = [];
        protected $running = false;
        protected $fn;
        protected $socket;
        /** $host may be an IPv4 or IPv6 address, or "unix:/path". Throws Swoole\Exception when it cannot be bound. */
        public function __construct(string $host, int $port = 0, bool $ssl = false, bool $reuse_port = false) {}
        /** Framing and ssl_* settings, as of Socket::setProtocol(). */
        public function set(array $setting): void {}
        /** $fn gets a Coroutine\Server\Connection. */
        public function handle(callable $fn): void {}
        /** Ends start(). Connections stay open. */
        public function shutdown(): bool {}
        public function start(): bool {}
    }
}

namespace Swoole\Coroutine\Server
{
    /**
     * @shortname Co\Server\Connection
     * @userland
     */
    class Connection
    {
        protected $socket;
        public function __construct(\Swoole\Coroutine\Socket $conn) {}
        /** A packet; '' when the peer has closed, false on an error or after $timeout seconds. */
        public function recv(float $timeout = 0.0) {}
        public function send(string $data) {}
        public function close(): bool {}
        public function exportSocket(): \Swoole\Coroutine\Socket {}
    }
}
