<?php

namespace Swoole\Coroutine
{
    /**
     * A PostgreSQL client. A method that fails returns false; error, errCode, resultStatus and resultDiag say why.
     *
     * query() and prepare() give a statement, from which rows are fetched; a program of before may give it to the
     * client's own fetch methods instead.
     *
     * @shortname Co\PostgreSQL
     * @not-serializable
     */
    class PostgreSQL
    {
        public $error;
        public $errCode = 0;
        public $resultStatus = 0;
        /** The server's own words: severity, sqlstate, message_primary … */
        public $resultDiag;
        public $notices;
        public function __construct() {}
        public function __destruct() {}
        /** $conninfo as libpq has it: `host=… port=… dbname=… user=… password=…`, or a postgresql:// URI. */
        public function connect(string $conninfo, float $timeout = 2): bool {}
        /** Rows come as text from the server; integers, floats, bools and bytea are made PHP's. */
        public function query(string $query): PostgreSQLStatement|false {}
        /** With a name the statement is executed by that name, without it by itself. */
        public function prepare(string $name_or_query, ?string $query = null): PostgreSQLStatement|bool {}
        public function execute(string $name, array $params = []): PostgreSQLStatement|false {}
        /** The columns of a table. */
        public function metaData(string $table): array|false {}
        public function escape(string $string): string|false {}
        public function escapeLiteral(string $string): string|false {}
        public function escapeIdentifier(string $string): string|false {}
        /** @handler php::coroutine::postgresql_statement::read */
        public function fetchAll(PostgreSQLStatement $result, int $result_type = SW_PGSQL_ASSOC): array|false {}
        /** @handler php::coroutine::postgresql_statement::read */
        public function affectedRows(PostgreSQLStatement $result): int {}
        /** @handler php::coroutine::postgresql_statement::read */
        public function numRows(PostgreSQLStatement $result): int {}
        /** @handler php::coroutine::postgresql_statement::read */
        public function fieldCount(PostgreSQLStatement $result): int {}
        /** @handler php::coroutine::postgresql_statement::read */
        public function fetchObject(PostgreSQLStatement $result, ?int $row = null, ?string $class_name = null, array $ctor_params = []): object|false {}
        /** @handler php::coroutine::postgresql_statement::read */
        public function fetchAssoc(PostgreSQLStatement $result, ?int $row = null): array|false {}
        /** @handler php::coroutine::postgresql_statement::read */
        public function fetchArray(PostgreSQLStatement $result, ?int $row = null, int $result_type = SW_PGSQL_BOTH): array|false {}
        /** @handler php::coroutine::postgresql_statement::read */
        public function fetchRow(PostgreSQLStatement $result, ?int $row = null, int $result_type = SW_PGSQL_NUM): array|false {}
    }

    /**
     * A prepared statement and its result, or the result of a query.
     *
     * @shortname Co\PostgreSQLStatement
     * @not-serializable
     */
    final class PostgreSQLStatement
    {
        public $error;
        public $errCode = 0;
        public $resultStatus = 0;
        public $resultDiag;
        public $notices;
        public function execute(array $params = []): bool {}
        /** @handler php::coroutine::postgresql_statement::read */
        public function fetchAll(int $result_type = SW_PGSQL_ASSOC): array|false {}
        /** @handler php::coroutine::postgresql_statement::read */
        public function affectedRows(): int {}
        /** @handler php::coroutine::postgresql_statement::read */
        public function numRows(): int {}
        /** @handler php::coroutine::postgresql_statement::read */
        public function fieldCount(): int {}
        /**
         * $row from 0; without it the next one.
         * @handler php::coroutine::postgresql_statement::read
         */
        public function fetchObject(?int $row = null, ?string $class_name = null, array $ctor_params = []): object|false {}
        /** @handler php::coroutine::postgresql_statement::read */
        public function fetchAssoc(?int $row = null): array|false {}
        /** @handler php::coroutine::postgresql_statement::read */
        public function fetchArray(?int $row = null, int $result_type = SW_PGSQL_BOTH): array|false {}
        /** @handler php::coroutine::postgresql_statement::read */
        public function fetchRow(?int $row = null, int $result_type = SW_PGSQL_NUM): array|false {}
    }
}

namespace
{
const SW_PGSQL_ASSOC = 1;
const SW_PGSQL_NUM = 2;
const SW_PGSQL_BOTH = 3;
}
