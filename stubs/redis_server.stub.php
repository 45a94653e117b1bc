<?php

namespace Swoole\Redis
{
    /**
     * A server that speaks the Redis protocol: each command has a handler.
     * @alias swoole_redis_server
     * @not-serializable
     */
    class Server extends \Swoole\Server
    {
        public const NIL = 1;
        public const ERROR = 0;
        public const STATUS = 2;
        public const INT = 3;
        public const STRING = 4;
        public const SET = 5;
        public const MAP = 6;
        /** @param callable(int, array<int, ?string>): ?string $callback gets the session id and the arguments; a string it returns is sent */
        public function setHandler(string $command, callable $callback): bool {}
        public function getHandler(string $command): \Closure {}
        /** A reply's bytes. Throws Swoole\Exception for a value that does not fit the type. */
        public static function format(int $type, mixed $value = null): string|false {}
    }
}
