<?php

namespace Swoole
{
    /**
     * @alias swoole_process
     * @not-serializable
     */
    class Process
    {
        public const IPC_NOWAIT = 256;
        public const PIPE_MASTER = 1;
        public const PIPE_WORKER = 2;
        public const PIPE_READ = 3;
        public const PIPE_WRITE = 4;
        public const PIPE_TYPE_NONE = 0;
        public const PIPE_TYPE_STREAM = 1;
        public const PIPE_TYPE_DGRAM = 2;
        public $pipe;
        public $msgQueueId;
        public $msgQueueKey;
        public $pid;
        public $id;
        private $callback;
        public function __construct(callable $callback, bool $redirect_stdin_and_stdout = false, int $pipe_type = \SOCK_DGRAM, bool $enable_coroutine = false) {}
        public function __destruct() {}
        /** @handler php::process::life::wait */
        public static function wait(bool $blocking = true): array|false {}
        /** @handler php::process::control::signal */
        public static function signal(int $signal_no, ?callable $callback = null): bool {}
        /** @handler php::process::control::alarm */
        public static function alarm(int $usec, int $type = 0): bool {}
        /** @handler php::process::control::kill */
        public static function kill(int $pid, int $signal_no = \SIGTERM): bool {}
        /** @handler php::process::life::daemon */
        public static function daemon(bool $nochdir = true, bool $noclose = true, array $pipes = []): bool {}
        /** @handler php::process::control::set_affinity */
        public static function setAffinity(array $cpu_settings): bool {}
        /** @handler php::process::control::get_affinity */
        public static function getAffinity(): array {}
        /** @handler php::process::control::set_priority */
        public function setPriority(int $which, int $priority, ?int $who = null): bool {}
        /** @handler php::process::control::get_priority */
        public function getPriority(int $which, ?int $who = null): int|false {}
        public function set(array $settings): void {}
        public function setTimeout(float $seconds): bool {}
        public function setBlocking(bool $blocking): bool {}
        /** @handler php::process::queue::use_queue */
        public function useQueue(int $key = 0, int $mode = 2, int $capacity = -1): bool {}
        /** @handler php::process::queue::stat_queue */
        public function statQueue(): array|false {}
        /** @handler php::process::queue::free_queue */
        public function freeQueue(): bool {}
        /** @handler php::process::life::start */
        public function start(): int|bool {}
        public function write(string $data): int|false {}
        public function close(int $which = 0): bool {}
        public function read(int $size = 8192): string|false {}
        /** @handler php::process::queue::push */
        public function push(string $data): bool {}
        /** @handler php::process::queue::pop */
        public function pop(int $size = 65536): string|false {}
        /** @handler php::process::life::exit */
        public function exit(int $exit_code = 0): void {}
        /** @handler php::process::life::exec */
        public function exec(string $exec_file, array $args): bool {}
        public function exportSocket(): \Swoole\Coroutine\Socket|false {}
        /** @handler php::process::control::name */
        public function name(string $process_name): bool {}
    }
}

namespace Swoole\Process
{
    /**
     * A master that keeps a number of worker processes alive.
     *
     * @alias swoole_process_pool
     * @not-serializable
     */
    class Pool
    {
        public $master_pid = -1;
        public $workerPid = -1;
        public $workerId = -1;
        public $workers;
        public $workerRunning = true;
        public $running = true;
        public function __construct(int $worker_num, int $ipc_type = \SWOOLE_IPC_NONE, int $msgqueue_key = 0, bool $enable_coroutine = false) {}
        public function __destruct() {}
        public function set(array $settings): void {}
        public function on(string $name, callable $callback): bool {}
        public function getProcess(int $work_id = -1): \Swoole\Process|false {}
        public function listen(string $host, int $port = 0, int $backlog = 2048): bool {}
        public function write(string $data): bool {}
        public function sendMessage(string $data, int $dst_worker_id): bool {}
        public function detach(): bool {}
        public function start(): ?false {}
        public function stop(): void {}
        public function shutdown(): bool {}
    }
}

namespace Swoole\Process
{
    /**
     * Processes of different kinds in one pool: each add() is a process more.
     *
     * @alias Swoole\Process\ProcessManager
     * @userland
     */
    class Manager
    {
        protected $pool;
        protected $ipcType = \SWOOLE_IPC_NONE;
        protected $msgQueueKey = 0;
        protected $startFuncMap = [];
        public function __construct(int $ipcType = 0, int $msgQueueKey = 0) {}
        public function add(callable $func, bool $enableCoroutine = false): self {}
        public function addBatch(int $workerNum, callable $func, bool $enableCoroutine = false): self {}
        public function start(): void {}
        public function setIPCType(int $ipcType): self {}
        public function getIPCType(): int {}
        public function setMsgQueueKey(int $msgQueueKey): self {}
        public function getMsgQueueKey(): int {}
    }
}
