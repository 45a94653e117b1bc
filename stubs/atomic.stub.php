<?php

namespace Swoole
{
    /**
     * An unsigned 32-bit number that processes share.
     *
     * @alias swoole_atomic
     * @not-serializable
     */
    class Atomic
    {
        public function __construct(int $value = 0) {}
        /** The sum, modulo 2^32. */
        public function add(int $add_value = 1): int {}
        public function sub(int $sub_value = 1): int {}
        public function get(): int {}
        public function set(int $value): void {}
        /** Passes when the value is 1, which becomes 0; else waits so many seconds for wakeup(). 0 or less is for ever. */
        public function wait(float $timeout = 1.0): bool {}
        /** Turns 0 into 1 and wakes up to $count who wait. */
        public function wakeup(int $count = 1): bool {}
        public function cmpset(int $cmp_value, int $new_value): bool {}
    }
}

namespace Swoole\Atomic
{
    /**
     * A signed 64-bit number that processes share.
     *
     * @alias swoole_atomic_long
     * @not-serializable
     */
    class Long
    {
        public function __construct(int $value = 0) {}
        public function add(int $add_value = 1): int {}
        public function sub(int $sub_value = 1): int {}
        public function get(): int {}
        public function set(int $value): void {}
        public function cmpset(int $cmp_value, int $new_value): bool {}
    }
}
