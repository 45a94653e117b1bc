<?php

namespace Swoole
{
    /**
     * @alias swoole_timer
     * @not-instantiable
     */
    class Timer
    {
        public static function tick(int $ms, callable $callback, mixed ...$params): int|false {}
        public static function after(int $ms, callable $callback, mixed ...$params): int|false {}
        public static function exists(int $timer_id): bool {}
        public static function info(int $timer_id): ?array {}
        public static function stats(): array {}
        public static function list(): \Swoole\Timer\Iterator {}
        public static function clear(int $timer_id): bool {}
        public static function clearAll(): bool {}
    }
}

namespace Swoole\Timer
{
    class Iterator extends \ArrayIterator
    {
    }
}

namespace
{
    /** @handler php::timer::after */
    function swoole_timer_after(int $ms, callable $callback): int|false {}

    /** @handler php::timer::clear */
    function swoole_timer_clear(int $timer_id): bool {}

    /** @handler php::timer::clear_all */
    function swoole_timer_clear_all(): bool {}

    /** @handler php::timer::exists */
    function swoole_timer_exists(int $timer_id): bool {}

    /** @handler php::timer::info */
    function swoole_timer_info(int $timer_id): ?array {}

    /** @handler php::timer::list */
    function swoole_timer_list(): \Swoole\Timer\Iterator {}

    /** @handler php::timer::stats */
    function swoole_timer_stats(): array {}

    /** @handler php::timer::tick */
    function swoole_timer_tick(int $ms, callable $callback): int|false {}
}
