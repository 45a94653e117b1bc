<?php

namespace Swoole
{
    /**
     * Rows of fixed columns in shared memory: made before a fork, all relatives read and write them, and none
     * ever sees a row half written, whoever is killed.
     *
     * @alias swoole_table
     * @not-serializable
     */
    class Table implements \Iterator, \Countable
    {
        /** 8 bytes, signed. */
        public const TYPE_INT = 1;
        public const TYPE_STRING = 3;
        public const TYPE_FLOAT = 2;
        /** Rows asked for, rounded up to a power of two; null before create(). */
        public $size;
        /** Bytes of shared memory; null before create(). */
        public $memorySize;
        /** A table for at least $table_size rows whatever their keys, and that share of them more (0.2 to 1). */
        public function __construct(int $table_size, float $conflict_proportion = 0.2) {}
        /** Adds a column; $size is a string's most bytes, rounded up to 8. */
        public function column(string $name, int $type, int $size = 0): bool {}
        /** Maps the memory. Throws Swoole\Exception when the machine has not that much. */
        public function create(): bool {}
        /** Gives this process's view of the memory back; relatives keep theirs. */
        public function destroy(): bool {}
        /** Writes the columns named in $value as one step; columns of a new row that are not named are 0, 0.0, "". */
        public function set(string $key, array $value): bool {}
        /** A row, or one of its columns; false when there is none. */
        public function get(string $key, ?string $field = null): array|string|int|float|false {}
        public function count(): int {}
        public function del(string $key): bool {}
        /** @handler php::table::del */
        public function delete(string $key): bool {}
        public function exists(string $key): bool {}
        /** @handler php::table::exists */
        public function exist(string $key): bool {}
        /** Adds to a number column, making the row when there is none; the new value. */
        public function incr(string $key, string $column, int|float $incrby = 1): int|float {}
        public function decr(string $key, string $column, int|float $incrby = 1): int|float {}
        public function getSize(): int {}
        public function getMemorySize(): int {}
        /** Keys num, conflict_count, conflict_max_level, insert_count, update_count, delete_count, available_slice_num, total_slice_num. */
        public function stats(): array|false {}
        /** @handler php::table::iterate::rewind */
        public function rewind(): void {}
        /** @handler php::table::iterate::valid */
        public function valid(): bool {}
        /** @handler php::table::iterate::next */
        public function next(): void {}
        /** @handler php::table::iterate::current */
        public function current(): mixed {}
        /** @handler php::table::iterate::key */
        public function key(): mixed {}
    }
}
