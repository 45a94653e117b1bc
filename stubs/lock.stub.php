<?php

namespace Swoole
{
    /**
     * A lock between processes. When its owner dies, the next one who wants it gets it.
     *
     * @alias swoole_lock
     * @not-serializable
     */
    class Lock
    {
        public const MUTEX = 3;
        public const RWLOCK = 1;
        public const SPINLOCK = 5;
        /** errno of the last call that returned false. */
        public $errCode = 0;
        /** $type also takes 2 (a file lock, with the file's path as second argument) and 4 (a semaphore) of older versions. */
        public function __construct(int $type = \SWOOLE_MUTEX) {}
        /** Waits $timeout seconds at most, for ever when it is not positive, and not at all with LOCK_NB. */
        public function lock(int $operation = \LOCK_EX, float $timeout = -1): bool {}
        public function unlock(): bool {}
    }
}
