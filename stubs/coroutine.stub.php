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
        /**
         * Options of coroutines and of the process: max_coroutine, hook_flags, stack_size, exit_condition,
         * socket_*_timeout in seconds, log_* and others. Later calls add to earlier ones.
         *
         * @handler php::coroutine::options::set
         */
        public static function set(array $options): void {}
        /**
         * All that set() was given; null when it was not called.
         *
         * @handler php::coroutine::options::get_options
         */
        public static function getOptions(): ?array {}
        public static function exists(int $cid): bool {}
        /** Suspends the current coroutine until resume(). False when it was cancelled. */
        public static function yield(): bool {}
        /** Ends the wait of a coroutine, which goes on at once; with $throw_exception by a CanceledException. */
        public static function cancel(int $cid, bool $throw_exception = false): bool {}
        /** Waits, for at most $timeout seconds, until all of these coroutines have ended. */
        public static function join(array $cid_array, float $timeout = -1): bool {}
        /** Whether the last wait of the current coroutine was cancelled. */
        public static function isCanceled(): bool {}
        /** Throws a TimeoutException in the current coroutine $timeout seconds from now, if it still waits then. */
        public static function setTimeLimit(float $timeout): bool {}
        /** @handler php::coroutine::yield */
        public static function suspend(): bool {}
        /** Runs a coroutine that has yielded, until it waits again. */
        public static function resume(int $cid): bool {}
        /**
         * Counts of the loop, of the blocking pool (aio_*) and of coroutines; c_stack_size in bytes.
         *
         * @handler php::coroutine::inspect::stats
         */
        public static function stats(): array {}
        /** The id of the current coroutine; -1 outside. */
        public static function getCid(): int {}
        /** @handler php::coroutine::get_cid */
        public static function getuid(): int {}
        /**
         * The id of the coroutine that made this one; -1 if none did, false if there is no such coroutine.
         *
         * @handler php::coroutine::inspect::get_pcid
         */
        public static function getPcid(int $cid = 0): int|false {}
        /**
         * An object of the coroutine's own, which ends with it.
         *
         * @handler php::coroutine::inspect::get_context
         */
        public static function getContext(int $cid = 0): ?\Swoole\Coroutine\Context {}
        /** @handler php::coroutine::inspect::get_back_trace */
        public static function getBackTrace(int $cid = 0, int $options = \DEBUG_BACKTRACE_PROVIDE_OBJECT, int $limit = 0): array|false {}
        /** @handler php::coroutine::inspect::print_back_trace */
        public static function printBackTrace(int $cid = 0, int $options = 0, int $limit = 0): void {}
        /**
         * Milliseconds since the coroutine was made; -1 if there is none.
         *
         * @handler php::coroutine::inspect::get_elapsed
         */
        public static function getElapsed(int $cid = 0): int {}
        /**
         * Bytes of PHP's stack that the coroutine holds.
         *
         * @handler php::coroutine::inspect::get_stack_usage
         */
        public static function getStackUsage(int $cid = 0): int|false {}
        /** @handler php::coroutine::inspect::list */
        public static function list(): \Swoole\Coroutine\Iterator {}
        /** @handler php::coroutine::inspect::list */
        public static function listCoroutines(): \Swoole\Coroutine\Iterator {}
        /**
         * Lets the preemptive scheduler interrupt the current coroutine again.
         *
         * @handler php::coroutine::preempt::enable_scheduler
         */
        public static function enableScheduler(): bool {}
        /** @handler php::coroutine::preempt::disable_scheduler */
        public static function disableScheduler(): bool {}
        /**
         * An address of the name, kept for dns_cache_expire seconds.
         *
         * @handler php::coroutine::dns::gethostbyname
         */
        public static function gethostbyname(string $domain_name, int $type = \AF_INET, float $timeout = -1): string|false {}
        /** @handler php::coroutine::dns::dns_lookup */
        public static function dnsLookup(string $domain_name, float $timeout = 60, int $type = \AF_INET): string|false {}
        /**
         * Runs a shell command: its code, signal and output (with its errors, if asked for).
         *
         * @handler php::coroutine::system::exec
         */
        public static function exec(string $command, bool $get_error_stream = false): array|false {}
        /**
         * Suspends for $seconds, at least 0.001.
         *
         * @handler php::coroutine::sleep
         */
        public static function sleep(float $seconds): bool {}
        /** @handler php::coroutine::dns::getaddrinfo */
        public static function getaddrinfo(string $domain, int $family = \AF_INET, int $socktype = \SOCK_STREAM, int $protocol = \STREAM_IPPROTO_TCP, ?string $service = null, float $timeout = -1): array|bool {}
        /** @handler php::coroutine::system::statvfs */
        public static function statvfs(string $path): array {}
        /** @handler php::coroutine::files::read_file */
        public static function readFile(string $filename, int $flag = 0): string|false {}
        /**
         * Bytes written. $flags: FILE_APPEND, FILE_LOCK.
         *
         * @handler php::coroutine::files::write_file
         */
        public static function writeFile(string $filename, string $fileContent, int $flags = 0): int|false {}
        /**
         * Waits for any child: its pid, code and signal.
         *
         * @handler php::coroutine::wait::wait
         */
        public static function wait(float $timeout = -1): array|false {}
        /** @handler php::coroutine::wait::wait_pid */
        public static function waitPid(int $pid, float $timeout = -1): array|false {}
        /** @handler php::coroutine::system::wait_signal */
        public static function waitSignal(array|int $signals, float $timeout = -1): int|false {}
        /**
         * Waits until the descriptor is ready: the SWOOLE_EVENT_* that are.
         *
         * @handler php::coroutine::system::wait_event
         */
        public static function waitEvent(mixed $socket, int $events = \SWOOLE_EVENT_READ, float $timeout = -1): int|false {}
    }

    /** What exit() throws in a coroutine, and in a server that runs. */
    class ExitException extends \Swoole\Exception
    {
        private $flags = 0;
        private $status = 0;
        /** SWOOLE_EXIT_IN_COROUTINE, SWOOLE_EXIT_IN_SERVER. */
        public function getFlags(): int {}
        /** What exit() was given. */
        public function getStatus(): mixed {}
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

    /**
     * wait() goes on when nobody holds the barrier any more.
     * @userland
     */
    class Barrier
    {
        private int $cid = -1;
        private $timer = -1;
        private static array $cancel_list = [];
        public function __destruct() {}
        public static function make(): self {}
        public static function wait(\Swoole\Coroutine\Barrier &$barrier, float $timeout = -1.0): void {}
    }

    /**
     * One holder at a time, among coroutines, or with $shared among processes as well.
     *
     * @alias swoole_coroutine_lock
     * @not-serializable
     */
    class Lock
    {
        public $errCode = 0;
        public function __construct(bool $shared = false) {}
        /** Holds already what the same coroutine locked before. $operation: LOCK_EX, with LOCK_NB. */
        public function lock(int $operation = \LOCK_EX): bool {}
        public function unlock(): bool {}
    }

    /**
     * Runs coroutines, and the loop until they are through.
     *
     * @shortname Co\Scheduler
     * @alias swoole_coroutine_scheduler
     * @not-serializable
     */
    final class Scheduler
    {
        public function add(callable $func, mixed ...$param): void {}
        public function parallel(int $n, callable $func, mixed ...$param): void {}
        /** @handler php::coroutine::options::set */
        public function set(array $settings): void {}
        /** @handler php::coroutine::options::get_options */
        public function getOptions(): ?array {}
        public function start(): bool {}
    }

    /**
     * @shortname Co\System
     * @alias swoole_coroutine_system
     * @not-instantiable
     */
    class System
    {
        /**
         * An address of the name, kept for dns_cache_expire seconds.
         *
         * @handler php::coroutine::dns::gethostbyname
         */
        public static function gethostbyname(string $domain_name, int $type = \AF_INET, float $timeout = -1): string|false {}
        /** @handler php::coroutine::dns::dns_lookup */
        public static function dnsLookup(string $domain_name, float $timeout = 60, int $type = \AF_INET): string|false {}
        /**
         * Runs a shell command: its code, signal and output (with its errors, if asked for).
         *
         * @handler php::coroutine::system::exec
         */
        public static function exec(string $command, bool $get_error_stream = false): array|false {}
        /**
         * Suspends for $seconds, at least 0.001.
         *
         * @handler php::coroutine::sleep
         */
        public static function sleep(float $seconds): bool {}
        /** @handler php::coroutine::dns::getaddrinfo */
        public static function getaddrinfo(string $domain, int $family = \AF_INET, int $socktype = \SOCK_STREAM, int $protocol = \STREAM_IPPROTO_TCP, ?string $service = null, float $timeout = -1): array|bool {}
        /** @handler php::coroutine::system::statvfs */
        public static function statvfs(string $path): array {}
        /** @handler php::coroutine::files::read_file */
        public static function readFile(string $filename, int $flag = 0): string|false {}
        /**
         * Bytes written. $flags: FILE_APPEND, FILE_LOCK.
         *
         * @handler php::coroutine::files::write_file
         */
        public static function writeFile(string $filename, string $fileContent, int $flags = 0): int|false {}
        /**
         * Waits for any child: its pid, code and signal.
         *
         * @handler php::coroutine::wait::wait
         */
        public static function wait(float $timeout = -1): array|false {}
        /** @handler php::coroutine::wait::wait_pid */
        public static function waitPid(int $pid, float $timeout = -1): array|false {}
        /** @handler php::coroutine::system::wait_signal */
        public static function waitSignal(array|int $signals, float $timeout = -1): int|false {}
        /**
         * Waits until the descriptor is ready: the SWOOLE_EVENT_* that are.
         *
         * @handler php::coroutine::system::wait_event
         */
        public static function waitEvent(mixed $socket, int $events = \SWOOLE_EVENT_READ, float $timeout = -1): int|false {}
    }

    /**
     * Waits for a number of things to be done.
     *
     * @shortname Co\WaitGroup
     * @userland
     */
    class WaitGroup
    {
        protected \Swoole\Coroutine\Channel $chan;
        protected int $count = 0;
        protected bool $waiting = false;
        public function __construct(int $delta = 0) {}
        public function add(int $delta = 1): void {}
        public function done(): void {}
        /** False when it took longer than $timeout seconds. */
        public function wait(float $timeout = -1.0): bool {}
        public function count(): int {}
    }

    /**
     * @shortname Co\Context
     * @alias swoole_coroutine_context
     */
    class Context extends \ArrayObject {}

    /** @shortname Co\Iterator */
    class Iterator extends \ArrayIterator {}

    /**
     * Calls all tasks at the same time: results by key, null for who is late.
     *
     * @handler php::coroutine::functions::batch
     * @userland
     */
    function batch(array $tasks, float $timeout = -1.0): array {}

    /**
     * @handler php::coroutine::inspect::deadlock_check
     * @userland
     */
    function deadlock_check() {}

    /**
     * @handler php::coroutine::defer
     * @userland
     */
    function defer(callable $fn) {}

    /**
     * @handler php::coroutine::functions::map
     * @userland
     */
    function map(array $list, callable $fn, float $timeout = -1.0): array {}

    /**
     * @handler php::coroutine::functions::parallel
     * @userland
     */
    function parallel(int $n, callable $fn): void {}

    /**
     * @handler php::coroutine::functions::run
     * @userland
     */
    function run(callable $fn, ...$args) {}

    /**
     * @handler php::coroutine::create
     * @userland
     */
    function go(callable $fn, ...$args) {}
}

namespace Co
{
    /**
     * @handler php::coroutine::defer @shortname
     * @userland
     */
    function defer(callable $fn) {}

    /**
     * @handler php::coroutine::functions::run @shortname
     * @userland
     */
    function run(callable $fn, ...$args) {}

    /**
     * @handler php::coroutine::create @shortname
     * @userland
     */
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

    /** @handler php::coroutine::defer */
    function swoole_coroutine_defer(callable $callback): void {}

    /**
     * Forgets the addresses that gethostbyname() and dnsLookup() have kept.
     * @handler php::coroutine::dns::clear_cache
     */
    function swoole_clear_dns_cache(): void {}

    /** @handler php::coroutine::dns::dns_lookup */
    function swoole_async_dns_lookup_coro(string $domain_name, float $timeout = 60, int $type = \AF_INET): string|false {}

    /**
     * Sleeps $count times for $sleep_time seconds in a coroutine without PHP code.
     *
     * @handler php::coroutine::functions::test_kernel
     */
    function swoole_test_kernel_coroutine(int $count = 100, float $sleep_time = 1.0): void {}

    /** errno's ECANCELED: a wait that was cancelled. */
    const SOCKET_ECANCELED = 125;
}
