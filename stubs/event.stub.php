<?php

namespace Swoole
{
    /**
     * @alias swoole_event
     * @not-instantiable
     */
    class Event
    {
        public static function add(mixed $fd, ?callable $read_callback = null, ?callable $write_callback = null, int $events = \SWOOLE_EVENT_READ): int|false {}
        public static function del(mixed $fd): bool {}
        public static function set(mixed $fd, ?callable $read_callback = null, ?callable $write_callback = null, int $events = 0): bool {}
        public static function isset(mixed $fd, int $events = 1536): bool {}
        public static function dispatch(): bool {}
        public static function defer(callable $callback): bool {}
        public static function cycle(?callable $callback, bool $before = false): bool {}
        public static function write(mixed $fd, string $data): bool {}
        public static function wait(): void {}
        public static function rshutdown(): void {}
        public static function exit(): void {}
    }
}

namespace
{
    /** @handler php::event::add */
    function swoole_event_add(mixed $fd, ?callable $read_callback = null, ?callable $write_callback = null, int $events = \SWOOLE_EVENT_READ): int|false {}

    /** @handler php::event::cycle */
    function swoole_event_cycle(?callable $callback, bool $before = false): bool {}

    /** @handler php::event::defer */
    function swoole_event_defer(callable $callback): bool {}

    /** @handler php::event::del */
    function swoole_event_del(mixed $fd): bool {}

    /** @handler php::event::dispatch */
    function swoole_event_dispatch(): bool {}

    /** @handler php::event::exit */
    function swoole_event_exit(): void {}

    /** @handler php::event::isset */
    function swoole_event_isset(mixed $fd, int $events = 1536): bool {}

    /** @handler php::event::rshutdown */
    function swoole_event_rshutdown(): void {}

    /** @handler php::event::set */
    function swoole_event_set(mixed $fd, ?callable $read_callback = null, ?callable $write_callback = null, int $events = 0): bool {}

    /** @handler php::event::wait */
    function swoole_event_wait(): void {}

    /** @handler php::event::write */
    function swoole_event_write(mixed $fd, string $data): bool {}
}
