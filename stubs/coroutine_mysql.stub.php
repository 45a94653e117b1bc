<?php

namespace Swoole\Coroutine
{
    /**
     * A MySQL client. A method that fails returns false; errno and error (connect_errno and connect_error for
     * connect()) say why, in the numbers of MySQL's own clients.
     *
     * @shortname Co\MySQL
     * @not-serializable
     */
    class MySQL
    {
        /** What connect() was given. */
        public $serverInfo;
        public $sock = -1;
        public $connected = false;
        public $connect_errno = 0;
        public $connect_error = '';
        public $affected_rows = 0;
        public $insert_id = 0;
        public $error = '';
        public $errno = 0;
        public function __construct() {}
        public function __destruct() {}
        public function getDefer(): bool {}
        /** From now on query(), prepare() and execute() return once they are sent; recv() waits for the outcome. */
        public function setDefer(bool $defer = true): bool {}
        /**
         * host (a name, an address, or unix:/path), port, user, password, database, charset, timeout (seconds),
         * strict_type (numbers as numbers), fetch_mode (rows by fetch() and fetchAll())
         * @param ?array<string, mixed> $server_config
         */
        public function connect(?array $server_config = null): bool {}
        /** Rows, or true for a statement without any. */
        public function query(string $sql, float $timeout = 0): array|bool {}
        public function fetch(float $timeout = 0): array|false|null {}
        public function fetchAll(float $timeout = 0): array|false|null {}
        /** Goes on to what the next statement (or the procedure) gave; null when there is nothing more. */
        public function nextResult(float $timeout = 0): array|bool|null {}
        public function prepare(string $query, float $timeout = 0): MySQL\Statement|bool {}
        public function recv(float $timeout = 0): mixed {}
        public function begin(float $timeout = 0): bool {}
        public function commit(float $timeout = 0): bool {}
        public function rollback(float $timeout = 0): bool {}
        public function escape(string $string, int $flags = 0): string|false {}
        public function close(): bool {}
    }
}

namespace Swoole\Coroutine\MySQL
{
    /**
     * A prepared statement, made by MySQL::prepare().
     *
     * @shortname Co\MySQL\Statement
     * @not-serializable
     */
    class Statement
    {
        public $id = 0;
        public $affected_rows = 0;
        public $insert_id = 0;
        public $error = '';
        public $errno = 0;
        public function execute(array $params = [], float $timeout = 0): array|bool {}
        public function fetch(float $timeout = 0): array|false|null {}
        public function fetchAll(float $timeout = 0): array|false|null {}
        public function nextResult(float $timeout = 0): array|bool|null {}
        public function recv(float $timeout = 0): mixed {}
        public function close(): bool {}
    }

    /**
     * @shortname Co\MySQL\Exception
     */
    class Exception extends \Swoole\Exception
    {
    }
}
