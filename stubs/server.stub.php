<?php

namespace Swoole\Connection
{
    /** The connections of a server, or of one port: `$server->connections`. Iterates over fds. */
    class Iterator implements \Iterator, \ArrayAccess, \Countable
    {
        public function __construct() {}
        public function __destruct() {}
        public function rewind(): void {}
        public function next(): void {}
        public function current(): mixed {}
        public function key(): mixed {}
        public function valid(): bool {}
        public function count(): int {}
        public function offsetExists(mixed $fd): bool {}
        /** What getClientInfo() gives. */
        public function offsetGet(mixed $fd): mixed {}
        public function offsetSet(mixed $fd, mixed $value): void {}
        public function offsetUnset(mixed $fd): void {}
    }
}

namespace Swoole
{
    /**
     * A TCP, UDP and unix socket server of one or many processes.
     *
     * @alias swoole_server
     * @not-serializable
     */
    class Server
    {
        private $onStart;
        private $onBeforeShutdown;
        private $onShutdown;
        private $onWorkerStart;
        private $onWorkerStop;
        private $onBeforeReload;
        private $onAfterReload;
        private $onWorkerExit;
        private $onWorkerError;
        private $onTask;
        private $onFinish;
        private $onManagerStart;
        private $onManagerStop;
        private $onPipeMessage;
        public $setting;
        public $connections;
        public $host = '';
        public $port = 0;
        public $type = 0;
        public $ssl = false;
        public $mode = 0;
        public $ports;
        public $master_pid = 0;
        public $manager_pid = 0;
        public $worker_id = -1;
        public $taskworker = false;
        public $worker_pid = 0;
        public $stats_timer;
        public $admin_server;
        public function __construct(string $host = '0.0.0.0', int $port = 0, int $mode = \SWOOLE_BASE, int $sock_type = \SWOOLE_SOCK_TCP) {}
        public function __destruct() {}
        public function listen(string $host, int $port, int $sock_type): \Swoole\Server\Port|false {}
        /** @handler php::server::listen */
        public function addlistener(string $host, int $port, int $sock_type): \Swoole\Server\Port|false {}
        /** Sets the callable for an event; names in any letter case. */
        public function on(string $event_name, callable $callback): bool {}
        public function getCallback(string $event_name): \Closure|array|string|null {}
        public function set(array $settings): bool {}
        /**
         * Runs the server; returns when it has ended.
         *
         * @handler php::server::start::start
         */
        public function start(): bool {}
        /** @handler php::server::send::send */
        public function send(string|int $fd, string $send_data, int $serverSocket = -1): bool {}
        /** @handler php::server::send::sendto */
        public function sendto(string $ip, int $port, string $send_data, int $server_socket = -1): bool {}
        /** @handler php::server::send::sendwait */
        public function sendwait(int $conn_fd, string $send_data): bool {}
        /** @handler php::server::send::exists */
        public function exists(int $fd): bool {}
        /** @handler php::server::send::exists */
        public function exist(int $fd): bool {}
        /**
         * A protected connection is left alone by the heartbeat check.
         *
         * @handler php::server::send::protect
         */
        public function protect(int $fd, bool $is_protected = true): bool {}
        /** @handler php::server::send::sendfile */
        public function sendfile(int $conn_fd, string $filename, int $offset = 0, int $length = 0): bool {}
        /** @handler php::server::send::close */
        public function close(int $fd, bool $reset = false): bool {}
        /** @handler php::server::send::resume */
        public function confirm(int $fd): bool {}
        /** @handler php::server::send::pause */
        public function pause(int $fd): bool {}
        /** @handler php::server::send::resume */
        public function resume(int $fd): bool {}
        /**
         * Hands $data to a task process; the task's id. The result comes to $finishCallback or onFinish.
         *
         * @handler php::server::tasks::task
         */
        public function task(mixed $data, int $taskWorkerIndex = -1, ?callable $finishCallback = null): int|false {}
        /** @handler php::server::tasks::taskwait */
        public function taskwait(mixed $data, float $timeout = 0.5, int $taskWorkerIndex = -1): mixed {}
        /** @handler php::server::tasks::task_wait_multi */
        public function taskWaitMulti(array $tasks, float $timeout = 0.5): array|false {}
        /** @handler php::server::tasks::task_co */
        public function taskCo(array $tasks, float $timeout = 0.5): array|false {}
        /** @handler php::server::tasks::finish */
        public function finish(mixed $data): bool {}
        /** @handler php::server::manager::reload */
        public function reload(bool $only_reload_taskworker = false): bool {}
        /** @handler php::server::send::shutdown */
        public function shutdown(): bool {}
        /** @handler php::server::send::stop */
        public function stop(int $workerId = -1): bool {}
        /** @handler php::code::last_error */
        public function getLastError(): int {}
        /** @handler php::server::info::heartbeat */
        public function heartbeat(bool $ifCloseConnection = true): array|false {}
        /**
         * A port's listening socket, for ext/sockets.
         *
         * @handler php::server::info::get_socket
         */
        public function getSocket(int $port = 0): \Socket|false {}
        /** @handler php::server::info::get_client_info */
        public function getClientInfo(int $fd, int $reactor_id = -1, bool $ignoreError = false): array|false {}
        /** @handler php::server::info::get_client_list */
        public function getClientList(int $start_fd = 0, int $find_count = 10): array|false {}
        /** @handler php::server::info::get_worker_id */
        public function getWorkerId(): int|false {}
        /** @handler php::server::info::get_worker_pid */
        public function getWorkerPid(int $worker_id = -1): int|false {}
        /** @handler php::server::info::get_worker_status */
        public function getWorkerStatus(int $worker_id = -1): int|false {}
        /** @handler php::server::info::get_manager_pid */
        public function getManagerPid(): int {}
        /** @handler php::server::info::get_master_pid */
        public function getMasterPid(): int {}
        /** @handler php::server::info::get_client_info */
        public function connection_info(int $fd, int $reactor_id = -1, bool $ignoreError = false): array|false {}
        /** @handler php::server::info::get_client_list */
        public function connection_list(int $start_fd = 0, int $find_count = 10): array|false {}
        /**
         * Runs a command in another process of the server and waits for its answer. Only in a coroutine of the
         * master (PROCESS) or of worker 0 (BASE).
         *
         * @handler php::server::command::command
         */
        public function command(string $name, int $process_id, int $process_type, mixed $data, bool $json_decode = true): array|string|false {}
        /**
         * Adds a command; $accepted_process_types are SWOOLE_SERVER_COMMAND_* bits.
         *
         * @handler php::server::command::add_command
         */
        public function addCommand(string $name, int $accepted_process_types, callable $callback): bool {}
        /**
         * Sends a value to another process of the server, where it becomes a PipeMessage event.
         *
         * @handler php::server::message::send_message
         */
        public function sendMessage(mixed $message, int $dst_worker_id): bool {}
        /**
         * Adds a process of the program's own, which the manager forks and keeps alive.
         */
        public function addProcess(\Swoole\Process $process): int|false {}
        /** @handler php::server::info::stats */
        public function stats(): array {}
        /**
         * Binds a connection to a user id, for dispatch_mode 5; once.
         *
         * @handler php::server::send::bind
         */
        public function bind(int $fd, int $uid): bool {}
    }
}

namespace Swoole\Server
{
    /**
     * What Connect, Receive and Close get under `event_object`.
     *
     * @alias swoole_server_event
     */
    #[\AllowDynamicProperties]
    class Event
    {
        public $reactor_id = 0;
        public $fd = 0;
        /** Seconds since 1970. */
        public $dispatch_time = 0.0;
        public $data;
    }

    /**
     * A datagram, under `event_object`.
     *
     * @alias swoole_server_packet
     */
    #[\AllowDynamicProperties]
    class Packet
    {
        public $server_socket = 0;
        public $server_port = 0;
        /** Seconds since 1970. */
        public $dispatch_time = 0.0;
        public $address;
        public $port = 0;
    }

    /**
     * One listening port, with settings and events of its own.
     *
     * @alias swoole_server_port
     * @not-serializable
     */
    class Port
    {
        private $onConnect;
        private $onReceive;
        private $onClose;
        private $onPacket;
        private $onBufferFull;
        private $onBufferEmpty;
        private $onRequest;
        private $onHandshake;
        private $onOpen;
        private $onMessage;
        private $onDisconnect;
        private $onBeforeHandshakeResponse;
        public $host;
        public $port = 0;
        public $type = 0;
        public $sock = -1;
        public $ssl = false;
        public $setting;
        public $connections;
        private function __construct() {}
        public function __destruct() {}
        public function set(array $settings): void {}
        public function on(string $event_name, callable $callback): bool {}
        public function getCallback(string $event_name): ?\Closure {}
        /** The listening socket, for ext/sockets. */
        public function getSocket(): \Socket|false {}
    }

    /**
     * What PipeMessage gets under `event_object`.
     *
     * @alias swoole_server_pipemessage
     */
    #[\AllowDynamicProperties]
    class PipeMessage
    {
        public $source_worker_id = 0;
        public $worker_id = 0;
        /** Seconds since 1970. */
        public $dispatch_time = 0.0;
        public $data;
    }

    /**
     * What WorkerError gets under `event_object`.
     *
     * @alias swoole_server_statusinfo
     */
    #[\AllowDynamicProperties]
    class StatusInfo
    {
        public $worker_id = 0;
        public $worker_pid = 0;
        public $status = 0;
        public $exit_code = 0;
        public $signal = 0;
    }

    /**
     * A task, under `task_object` or `task_enable_coroutine`.
     *
     * @alias swoole_server_task
     * @not-serializable
     */
    final class Task
    {
        public $data;
        /** Seconds since 1970. */
        public $dispatch_time = 0.0;
        public $id = -1;
        public $worker_id = -1;
        public $flags = 0;
        public function finish(mixed $data): bool {}
        public static function pack(mixed $data): string|false {}
        public static function unpack(string $data): mixed {}
    }

    /**
     * A task's result, under `event_object`.
     *
     * @alias swoole_server_taskresult
     */
    #[\AllowDynamicProperties]
    class TaskResult
    {
        public $task_id = 0;
        public $task_worker_id = 0;
        /** Seconds since 1970. */
        public $dispatch_time = 0.0;
        public $data;
    }
}
