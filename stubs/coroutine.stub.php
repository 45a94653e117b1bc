<?php

namespace Swoole
{
    /**
     * Coroutines: cheap threads of one process that switch only where they wait.
     *
     * @shortname Co
     * @alias swoole_coroutine
     * @not-instantiable
     */
    class Coroutine
    {
        /** Runs $func in a new coroutine at once, until it first waits. The coroutine's id, or false at the limit. */
        public static function create(callable $func, mixed ...$param): int|false {}
        /** Calls $callback when the current coroutine ends, last deferred first. */
        public static function defer(callable $callback): void {}
        public static function exists(int $cid): bool {}
        /** Suspends the current coroutine until resume(). False when it was cancelled. */
        public static function yield(): bool {}
        /** @handler php::coroutine::yield */
        public static function suspend(): bool {}
        /** Runs a coroutine that has yielded, until it waits again. */
        public static function resume(int $cid): bool {}
        /** The id of the current coroutine; -1 outside. */
        public static function getCid(): int {}
        /** @handler php::coroutine::get_cid */
        public static function getuid(): int {}
        /** Suspends for $seconds, at least 0.001. */
        public static function sleep(float $seconds): bool {}
    }
}

namespace Swoole\Coroutine
{
    /**
     * A queue between coroutines.
     *
     * @shortname chan
     * @shortname Co\Channel
     * @alias swoole_coroutine_channel
     * @not-serializable
     */
    class Channel
    {
        public $capacity = 0;
        /** SWOOLE_CHANNEL_* of the last push or pop. */
        public $errCode = 0;
        public function __construct(int $size = 1) {}
        public function push(mixed $data, float $timeout = -1): bool {}
        public function pop(float $timeout = -1): mixed {}
        public function isEmpty(): bool {}
        public function isFull(): bool {}
        public function close(): bool {}
        /** Keys consumer_num, producer_num, queue_num. */
        public function stats(): array {}
        public function length(): int {}
    }

    /** @handler php::coroutine::functions::run */
    function run(callable $fn, ...$args) {}

    /** @handler php::coroutine::create */
    function go(callable $fn, ...$args) {}
}

namespace Co
{
    /** @handler php::coroutine::functions::run @shortname */
    function run(callable $fn, ...$args) {}

    /** @handler php::coroutine::create @shortname */
    function go(callable $fn, ...$args) {}
}

namespace
{
    /** @handler php::coroutine::create @shortname */
    function go(callable $func): int|false {}

    /** @handler php::coroutine::defer @shortname */
    function defer(callable $callback): void {}

    /** @handler php::coroutine::create */
    function swoole_coroutine_create(callable $func, mixed ...$params): int|false {}

    /** @handler php::event::wait */
    function swoole_event_wait(): void {}

    /** @handler php::event::rshutdown */
    function swoole_event_rshutdown(): void {}
}
