<?php

namespace Swoole
{
    /**
     * Connections that coroutines share: made on demand up to $size; who finds none free waits.
     * @userland
     */
    class ConnectionPool
    {
        public const DEFAULT_SIZE = 64;
        protected ?\Swoole\Coroutine\Channel $pool;
        protected $constructor;
        protected int $size;
        protected int $num = 0;
        protected ?string $proxy;
        public function __construct(callable $constructor, int $size = self::DEFAULT_SIZE, ?string $proxy = null) {}
        public function fill(): void {}
        public function get(float $timeout = -1.0) {}
        /** Gives a connection back; null replaces a broken one. A PDO in a transaction is rolled back. */
        public function put($connection): void {}
        public function close(): void {}
        protected function make(): void {}
    }

    /**
     * Passes everything on to another object.
     * @userland
     */
    class ObjectProxy
    {
        protected $__object;
        public function __construct(object $object) {}
        public function __getObject() {}
        public function __get(string $name) {}
        public function __set(string $name, $value): void {}
        public function __isset($name) {}
        public function __unset(string $name): void {}
        public function __call(string $name, array $arguments) {}
        public function __invoke(...$arguments) {}
    }
}

namespace Swoole\Database
{
    /**
     * Knows a lost connection by the text of its exception.
     * @userland
     */
    class DetectsLostConnections
    {
        private const ERROR_MESSAGES = [
            'server has gone away',
            'Server has gone away',
            'no connection to the server',
            'Lost connection',
            'is dead or not enabled',
            'Error while sending',
            'decryption failed or bad record mac',
            'server closed the connection unexpectedly',
            'SSL connection has been closed unexpectedly',
            'Error writing data to the connection',
            'Resource deadlock avoided',
            'Transaction() on null',
            'child connection forced to terminate due to client_idle_limit',
            'query_wait_timeout',
            'reset by peer',
            'Physical connection is not usable',
            'TCP Provider: Error code 0x68',
            'ORA-03113',
            'ORA-03114',
            'Packets out of order. Expected',
            'Adaptive Server connection failed',
            'Communication link failure',
            'connection is no longer usable',
            'Login timeout expired',
            'SQLSTATE[HY000] [2002] Connection refused',
            'running with the --read-only option so it cannot execute this statement',
            'The connection is broken and recovery is not possible. The connection is marked by the client driver as unrecoverable. No attempt was made to restore the connection.',
            'SQLSTATE[HY000] [2002] php_network_getaddresses: getaddrinfo failed: Try again',
            'SQLSTATE[HY000] [2002] php_network_getaddresses: getaddrinfo failed: Name or service not known',
            'SQLSTATE[HY000] [2002] php_network_getaddresses: getaddrinfo for',
            'SQLSTATE[HY000]: General error: 7 SSL SYSCALL error: EOF detected',
            'SSL error: unexpected eof',
            'SQLSTATE[HY000] [2002] Connection timed out',
            'SSL: Connection timed out',
            'SQLSTATE[HY000]: General error: 1105 The last transaction was aborted due to Seamless Scaling. Please retry.',
            'Temporary failure in name resolution',
            'SQLSTATE[08S01]: Communication link failure',
            'SQLSTATE[08006] [7] could not connect to server: Connection refused Is the server running on host',
            'SQLSTATE[HY000]: General error: 7 SSL SYSCALL error: No route to host',
            'The client was disconnected by the server because of inactivity. See wait_timeout and interactive_timeout for configuring this behavior.',
            'SQLSTATE[08006] [7] could not translate host name',
            'TCP Provider: Error code 0x274C',
            'SQLSTATE[HY000] [2002] No such file or directory',
            'SSL: Operation timed out',
            'Reason: Server is in script upgrade mode. Only administrator can connect at this time.',
            'Unknown $curl_error_code: 77',
            'SSL: Handshake timed out',
            'SQLSTATE[08006] [7] SSL error: sslv3 alert unexpected message',
            'SQLSTATE[08006] [7] unrecognized SSL error code:',
            'SQLSTATE[HY000] [1045] Access denied for user',
            'SQLSTATE[HY000] [2002] No connection could be made because the target machine actively refused it',
            'SQLSTATE[HY000] [2002] A connection attempt failed because the connected party did not properly respond after a period of time, or established connection failed because connected host has failed to respond',
            'SQLSTATE[HY000] [2002] Network is unreachable',
            'SQLSTATE[HY000] [2002] The requested address is not valid in its context',
            'SQLSTATE[HY000] [2002] A socket operation was attempted to an unreachable network',
            'SQLSTATE[HY000] [2002] Operation now in progress',
            'SQLSTATE[HY000] [2002] Operation in progress',
            'SQLSTATE[HY000]: General error: 3989',
            'went away',
            'No such file or directory',
            'server is shutting down',
            'failed to connect to',
            'Channel connection is closed',
            'Connection lost',
            'Broken pipe',
            'SQLSTATE[25006]: Read only sql transaction: 7',
            'vtgate connection error: no healthy endpoints',
            'primary is not serving, there may be a reparent operation in progress',
            'current keyspace is being resharded',
            'no healthy tablet available',
            'transaction pool connection limit exceeded',
            'SSL operation failed with code 5',
            'timed out',
            'Error reading result',
        ];
        public static function causedByLostConnection(\Throwable $e): bool {}
    }

    /**
     * Where a MysqliPool connects.
     * @userland
     */
    class MysqliConfig
    {
        protected string $host = '127.0.0.1';
        protected int $port = 3306;
        protected ?string $unixSocket;
        protected string $dbname = 'test';
        protected string $charset = 'utf8mb4';
        protected string $username = 'root';
        protected string $password = 'root';
        protected array $options = [];
        /** @handler php::database::config::get */
        public function getHost(): string {}
        /** @handler php::database::config::with */
        public function withHost(string $host): self {}
        /** @handler php::database::config::get */
        public function getPort(): int {}
        /** @handler php::database::config::get */
        public function getUnixSocket(): ?string {}
        /** @handler php::database::config::with */
        public function withUnixSocket(?string $unixSocket): self {}
        /** @handler php::database::config::with */
        public function withPort(int $port): self {}
        /** @handler php::database::config::get */
        public function getDbname(): string {}
        /** @handler php::database::config::with */
        public function withDbname(string $dbname): self {}
        /** @handler php::database::config::get */
        public function getCharset(): string {}
        /** @handler php::database::config::with */
        public function withCharset(string $charset): self {}
        /** @handler php::database::config::get */
        public function getUsername(): string {}
        /** @handler php::database::config::with */
        public function withUsername(string $username): self {}
        /** @handler php::database::config::get */
        public function getPassword(): string {}
        /** @handler php::database::config::with */
        public function withPassword(string $password): self {}
        /** @handler php::database::config::get */
        public function getOptions(): array {}
        /** @handler php::database::config::with */
        public function withOptions(array $options): self {}
    }

    /**
     * Where a PDOPool connects.
     * @userland
     */
    class PDOConfig
    {
        public const DRIVER_MYSQL = 'mysql';
        protected string $driver = 'mysql';
        protected string $host = '127.0.0.1';
        protected int $port = 3306;
        protected ?string $unixSocket;
        protected string $dbname = 'test';
        protected string $charset = 'utf8mb4';
        protected string $username = 'root';
        protected string $password = 'root';
        protected array $options = [];
        /** @handler php::database::config::get */
        public function getDriver(): string {}
        /** @handler php::database::config::with */
        public function withDriver(string $driver): self {}
        /** @handler php::database::config::get */
        public function getHost(): string {}
        /** @handler php::database::config::with */
        public function withHost(string $host): self {}
        /** @handler php::database::config::get */
        public function getPort(): int {}
        public function hasUnixSocket(): bool {}
        /** @handler php::database::config::get */
        public function getUnixSocket(): ?string {}
        /** @handler php::database::config::with */
        public function withUnixSocket(?string $unixSocket): self {}
        /** @handler php::database::config::with */
        public function withPort(int $port): self {}
        /** @handler php::database::config::get */
        public function getDbname(): string {}
        /** @handler php::database::config::with */
        public function withDbname(string $dbname): self {}
        /** @handler php::database::config::get */
        public function getCharset(): string {}
        /** @handler php::database::config::with */
        public function withCharset(string $charset): self {}
        /** @handler php::database::config::get */
        public function getUsername(): string {}
        /** @handler php::database::config::with */
        public function withUsername(string $username): self {}
        /** @handler php::database::config::get */
        public function getPassword(): string {}
        /** @handler php::database::config::with */
        public function withPassword(string $password): self {}
        /** @handler php::database::config::get */
        public function getOptions(): array {}
        /** @handler php::database::config::with */
        public function withOptions(array $options): self {}
        public static function getAvailableDrivers(): array {}
    }

    /**
     * Where a RedisPool connects. Times in seconds, the retry interval in milliseconds.
     * @userland
     */
    class RedisConfig
    {
        protected string $host = '127.0.0.1';
        protected int $port = 6379;
        protected float $timeout = 0.0;
        protected string $reserved = '';
        protected int $retry_interval = 0;
        protected float $read_timeout = 0.0;
        protected string $auth = '';
        protected int $dbIndex = 0;
        protected array $options = [];
        /** @handler php::database::config::get */
        public function getHost(): string {}
        /** @handler php::database::config::with */
        public function withHost(string $host): self {}
        /** @handler php::database::config::get */
        public function getPort(): int {}
        /** @handler php::database::config::with */
        public function withPort(int $port): self {}
        /** @handler php::database::config::get */
        public function getTimeout(): float {}
        /** @handler php::database::config::with */
        public function withTimeout(float $timeout): self {}
        /** @handler php::database::config::get */
        public function getReserved(): string {}
        /** @handler php::database::config::with */
        public function withReserved(string $reserved): self {}
        /** @handler php::database::config::get */
        public function getRetryInterval(): int {}
        /** @handler php::database::config::with */
        public function withRetryInterval(int $retry_interval): self {}
        /** @handler php::database::config::get */
        public function getReadTimeout(): float {}
        /** @handler php::database::config::with */
        public function withReadTimeout(float $read_timeout): self {}
        /** @handler php::database::config::get */
        public function getAuth(): string {}
        /** @handler php::database::config::with */
        public function withAuth(string $auth): self {}
        /** @handler php::database::config::get */
        public function getDbIndex(): int {}
        /** @handler php::database::config::with */
        public function withDbIndex(int $dbIndex): self {}
        public function withOption(int $option, mixed $value): self {}
        /** @handler php::database::config::with */
        public function setOptions(array $options): self {}
        /** @handler php::database::config::get */
        public function getOptions(): array {}
    }

    /** @userland */
    class MysqliPool extends \Swoole\ConnectionPool
    {
        protected \Swoole\Database\MysqliConfig $config;
        public function __construct(\Swoole\Database\MysqliConfig $config, int $size = self::DEFAULT_SIZE) {}
    }

    /** @userland */
    class ObjectProxy extends \Swoole\ObjectProxy
    {
        final public function __clone(): void {}
    }

    /** @userland */
    class PDOPool extends \Swoole\ConnectionPool
    {
        protected \Swoole\Database\PDOConfig $config;
        public function __construct(\Swoole\Database\PDOConfig $config, int $size = self::DEFAULT_SIZE) {}
        public function get(float $timeout = -1.0) {}
        private function createDSN(string $driver): string {}
    }

    /** @userland */
    class RedisPool extends \Swoole\ConnectionPool
    {
        protected \Swoole\Database\RedisConfig $config;
        public function __construct(\Swoole\Database\RedisConfig $config, int $size = self::DEFAULT_SIZE) {}
    }

    /**
     * A mysqli that connects anew when its connection is lost; false of an I/O method becomes a MysqliException.
     * @userland
     */
    class MysqliProxy extends \Swoole\Database\ObjectProxy
    {
        public const IO_METHOD_REGEX = '/^autocommit|begin_transaction|change_user|close|commit|kill|multi_query|ping|prepare|query|real_connect|real_query|reap_async_query|refresh|release_savepoint|rollback|savepoint|select_db|send_query|set_charset|ssl_set$/i';
        public const IO_ERRORS = [
            2002,
            2006,
            2013,
        ];
        protected $__object;
        protected string $charsetContext;
        protected array $setOptContext = [];
        protected array $changeUserContext;
        protected $constructor;
        protected int $round = 0;
        public function __construct(callable $constructor) {}
        public function __call(string $name, array $arguments) {}
        public function getRound(): int {}
        public function reconnect(): void {}
        public function options(int $option, $value): bool {}
        /** @handler php::database::mysqli_proxy::options */
        public function set_opt(int $option, $value): bool {}
        public function set_charset(string $charset): bool {}
        public function change_user(string $user, string $password, ?string $database): bool {}
    }

    /**
     * A mysqli_stmt that is prepared and bound anew when its connection is lost.
     * @userland
     */
    class MysqliStatementProxy extends \Swoole\Database\ObjectProxy
    {
        public const IO_METHOD_REGEX = '/^close|execute|fetch|prepare$/i';
        protected $__object;
        protected ?string $queryString;
        protected array $attrSetContext = [];
        protected array $bindParamContext;
        protected array $bindResultContext;
        protected \Swoole\Database\MysqliProxy $parent;
        protected int $parentRound;
        public function __construct(\mysqli_stmt $object, ?string $queryString, \Swoole\Database\MysqliProxy $parent) {}
        public function __call(string $name, array $arguments) {}
        public function attr_set($attr, $mode): bool {}
        public function bind_param($types, &...$arguments): bool {}
        public function bind_result(&...$arguments): bool {}
    }

    /**
     * A PDO that connects anew when its connection is lost outside a transaction.
     * @userland
     */
    class PDOProxy extends \Swoole\Database\ObjectProxy
    {
        protected $__object;
        protected array $setAttributeContext = [];
        protected $constructor;
        protected int $round = 0;
        protected int $inTransaction = 0;
        public function __construct(callable $constructor) {}
        public function __call(string $name, array $arguments) {}
        public function getRound(): int {}
        public function reconnect(): void {}
        public function setAttribute(int $attribute, $value): bool {}
        public function inTransaction(): bool {}
        public function reset(): void {}
    }

    /**
     * A PDOStatement that is prepared and bound anew when its connection is lost outside a transaction.
     * @userland
     */
    class PDOStatementProxy extends \Swoole\Database\ObjectProxy
    {
        protected $__object;
        protected array $setAttributeContext = [];
        protected array $setFetchModeContext;
        protected array $bindParamContext = [];
        protected array $bindColumnContext = [];
        protected array $bindValueContext = [];
        protected \Swoole\Database\PDOProxy $parent;
        protected $parentRound;
        public function __construct(\PDOStatement $object, \Swoole\Database\PDOProxy $parent) {}
        public function __call(string $name, array $arguments) {}
        public function setAttribute(int $attribute, $value): bool {}
        public function setFetchMode(int $mode, ...$params): bool {}
        public function bindParam($parameter, &$variable, $data_type = \PDO::PARAM_STR, $length = 0, $driver_options = null): bool {}
        public function bindColumn($column, &$param, $type = null, $maxlen = null, $driverdata = null): bool {}
        public function bindValue($parameter, $value, $data_type = \PDO::PARAM_STR): bool {}
    }
}
