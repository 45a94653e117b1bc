<?php

namespace Swoole
{
    /**
     * An array with its functions as methods. Those that change it give the object back, those that derive one give a new
     * object; get() and its like wrap strings and arrays they find.
     * @userland
     */
    class ArrayObject implements \ArrayAccess, \Serializable, \Countable, \Iterator
    {
        protected $array;
        public function __construct(array $array = []) {}
        public function __toArray(): array {}
        /** @handler php::array_object::to_array */
        public function __serialize(): array {}
        /** @handler php::array_object::restore */
        public function __unserialize(array $data): void {}
        public static function from(array $array = []): static {}
        public function toArray(): array {}
        public function isEmpty(): bool {}
        public function count(): int {}
        /** @handler php::array_object::through::read */
        #[\ReturnTypeWillChange]
        public function current() {}
        /** @handler php::array_object::through::read */
        #[\ReturnTypeWillChange]
        public function key() {}
        public function valid(): bool {}
        /** @handler php::array_object::through::change */
        #[\ReturnTypeWillChange]
        public function rewind() {}
        /** @handler php::array_object::through::change */
        #[\ReturnTypeWillChange]
        public function next() {}
        public function get(mixed $key) {}
        public function getOr(mixed $key, mixed $default = null) {}
        public function last() {}
        /** @handler php::array_object::through::read */
        public function firstKey() {}
        /** @handler php::array_object::through::read */
        public function lastKey() {}
        public function first() {}
        public function set(mixed $key, mixed $value): self {}
        public function delete(mixed $key): self {}
        public function remove(mixed $value, bool $strict = true, bool $loop = false): self {}
        public function clear(): self {}
        #[\ReturnTypeWillChange]
        public function offsetGet(mixed $key) {}
        public function offsetSet(mixed $key, mixed $value): void {}
        public function offsetUnset(mixed $key): void {}
        #[\ReturnTypeWillChange]
        public function offsetExists(mixed $key) {}
        public function exists(mixed $key): bool {}
        /** @handler php::array_object::through::look_up */
        public function contains(mixed $value, bool $strict = true): bool {}
        /** @handler php::array_object::through::look_up */
        public function indexOf(mixed $value, bool $strict = true) {}
        public function lastIndexOf(mixed $value, bool $strict = true) {}
        /** @handler php::array_object::through::look_up */
        public function search(mixed $needle, bool $strict = true) {}
        /** @handler php::array_object::through::join */
        public function join(string $glue = ''): \Swoole\StringObject {}
        /** @handler php::array_object::through::read */
        public function serialize(): string {}
        /** @handler php::array_object::through::unserialize */
        public function unserialize(\Stringable|\Swoole\StringObject|string $string): self {}
        /** @handler php::array_object::through::read */
        public function sum() {}
        /** @handler php::array_object::through::read */
        public function product() {}
        /** @handler php::array_object::through::change */
        public function push(mixed $value) {}
        /** @handler php::array_object::through::change */
        public function pushFront(mixed $value) {}
        /** @handler php::array_object::through::arrange */
        public function append(...$values): \Swoole\ArrayObject {}
        /** @handler php::array_object::through::change */
        public function pushBack(mixed $value) {}
        /** @handler php::array_object::through::insert */
        public function insert(int $offset, mixed $value): self {}
        /** @handler php::array_object::through::change */
        public function pop() {}
        /** @handler php::array_object::through::change */
        public function popFront() {}
        /** @handler php::array_object::through::change */
        public function popBack() {}
        /** @handler php::array_object::through::derive */
        public function slice(int $offset, ?int $length = null, bool $preserve_keys = false): static {}
        /** @handler php::array_object::through::random_get */
        public function randomGet() {}
        /** @handler php::array_object::through::arrange */
        public function each(callable $fn): self {}
        /** @handler php::array_object::through::map */
        public function map(callable $fn, ...$args): static {}
        /** @handler php::array_object::through::read */
        public function reduce(callable $fn, $initial = null) {}
        /** @handler php::array_object::through::derive */
        public function keys(...$args): static {}
        /** @handler php::array_object::through::derive */
        public function values(): static {}
        /** @handler php::array_object::through::derive */
        public function column(mixed $column_key, mixed $index = null): static {}
        /** @handler php::array_object::through::derive */
        public function unique(int $sort_flags = \SORT_STRING): static {}
        /** @handler php::array_object::through::derive */
        public function reverse(bool $preserve_keys = false): static {}
        /** @handler php::array_object::through::derive */
        public function chunk(int $size, bool $preserve_keys = false): static {}
        /** @handler php::array_object::through::derive */
        public function flip(): static {}
        /** @handler php::array_object::through::derive */
        public function filter(callable $fn, int $flag = 0): static {}
        /** @handler php::array_object::through::arrange */
        public function asort(int $sort_flags = \SORT_REGULAR): self {}
        /** @handler php::array_object::through::arrange */
        public function arsort(int $sort_flags = \SORT_REGULAR): self {}
        /** @handler php::array_object::through::arrange */
        public function krsort(int $sort_flags = \SORT_REGULAR): self {}
        /** @handler php::array_object::through::arrange */
        public function ksort(int $sort_flags = \SORT_REGULAR): self {}
        /** @handler php::array_object::through::arrange */
        public function natcasesort(): self {}
        /** @handler php::array_object::through::arrange */
        public function natsort(): self {}
        /** @handler php::array_object::through::arrange */
        public function rsort(int $sort_flags = \SORT_REGULAR): self {}
        /** @handler php::array_object::through::arrange */
        public function shuffle(): self {}
        /** @handler php::array_object::through::arrange */
        public function sort(int $sort_flags = \SORT_REGULAR): self {}
        /** @handler php::array_object::through::arrange */
        public function uasort(callable $value_compare_func): self {}
        /** @handler php::array_object::through::arrange */
        public function uksort(callable $value_compare_func): self {}
        /** @handler php::array_object::through::arrange */
        public function usort(callable $value_compare_func): self {}
        protected static function detectType(mixed $value) {}
        protected static function detectStringType(string $value): \Swoole\StringObject {}
        protected static function detectArrayType(array $value): static {}
    }

    /**
     * A string with its functions as methods; each result that is a string is a new object.
     * @userland
     */
    class StringObject implements \Stringable
    {
        protected string $string;
        public function __construct(string $string = '') {}
        public function __toString(): string {}
        public static function from(string $string = ''): static {}
        /** @handler php::string_object::read */
        public function length(): int {}
        /** @handler php::string_object::read */
        public function indexOf(string $needle, int $offset = 0): int|false {}
        /** @handler php::string_object::read */
        public function lastIndexOf(string $needle, int $offset = 0): int|false {}
        /** @handler php::string_object::read */
        public function pos(string $needle, int $offset = 0): int|false {}
        /** @handler php::string_object::read */
        public function rpos(string $needle, int $offset = 0): int|false {}
        /** @handler php::string_object::derive */
        public function reverse(): static {}
        /** @handler php::string_object::read */
        public function ipos(string $needle) {}
        /** @handler php::string_object::derive */
        public function lower(): static {}
        /** @handler php::string_object::derive */
        public function upper(): static {}
        public function trim(string $characters = ''): static {}
        /** @handler php::string_object::derive */
        public function ltrim(): self {}
        /** @handler php::string_object::derive */
        public function rtrim(): self {}
        /** @handler php::string_object::derive */
        public function substr(int $offset, ?int $length = null) {}
        /** @handler php::string_object::derive */
        public function repeat(int $times): static {}
        public function append(mixed $str): static {}
        public function replace(string $search, string $replace, &$count = null): static {}
        /** @handler php::string_object::read */
        public function startsWith(string $needle): bool {}
        /** @handler php::string_object::read */
        public function endsWith(string $needle): bool {}
        public function equals($str, bool $strict = false): bool {}
        /** @handler php::string_object::read */
        public function contains(string $subString): bool {}
        public function split(string $delimiter, int $limit = \PHP_INT_MAX): \Swoole\ArrayObject {}
        public function char(int $index): string {}
        /** @handler php::string_object::derive */
        public function chunkSplit(int $length = 76, string $separator = "\r\n"): static {}
        public function chunk(int $length = 1): \Swoole\ArrayObject {}
        public function toString(): string {}
        protected static function detectArrayType(array $value): \Swoole\ArrayObject {}
    }

    /**
     * A StringObject that counts characters, not bytes (ext/mbstring).
     * @userland
     */
    class MultibyteStringObject extends \Swoole\StringObject
    {
        /** @handler php::multibyte_string_object::read */
        public function length(): int {}
        /** @handler php::multibyte_string_object::read */
        public function indexOf(string $needle, int $offset = 0, ?string $encoding = null): int|false {}
        /** @handler php::multibyte_string_object::read */
        public function lastIndexOf(string $needle, int $offset = 0, ?string $encoding = null): int|false {}
        /** @handler php::multibyte_string_object::read */
        public function pos(string $needle, int $offset = 0, ?string $encoding = null): int|false {}
        /** @handler php::multibyte_string_object::read */
        public function rpos(string $needle, int $offset = 0, ?string $encoding = null): int|false {}
        /** @handler php::multibyte_string_object::read */
        public function ipos(string $needle, int $offset = 0, ?string $encoding = null): int|false {}
        public function substr(int $start, ?int $length = null, ?string $encoding = null): static {}
        public function chunk(int $length = 1): \Swoole\ArrayObject {}
    }
}

namespace
{
    /**
     * @handler php::string_object::make
     * @userland
     */
    function swoole_string(string $string = ''): \Swoole\StringObject {}

    /**
     * @handler php::string_object::make_multibyte
     * @userland
     */
    function swoole_mbstring(string $string = ''): \Swoole\MultibyteStringObject {}

    /**
     * @handler php::array_object::make
     * @userland
     */
    function swoole_array(array $array = []): \Swoole\ArrayObject {}

    /**
     * @handler php::array_object::make_list
     * @userland
     */
    function swoole_array_list(...$arrray): \Swoole\ArrayObject {}

    /**
     * @handler php::array_object::default_value
     * @userland
     */
    function swoole_array_default_value(array $array, $key, $default_value = null) {}

    /**
     * @handler php::string_object::make @shortname
     * @userland
     */
    function _string(string $string = ''): \Swoole\StringObject {}

    /**
     * @handler php::string_object::make_multibyte @shortname
     * @userland
     */
    function _mbstring(string $string = ''): \Swoole\MultibyteStringObject {}

    /**
     * @handler php::array_object::make @shortname
     * @userland
     */
    function _array(array $array = []): \Swoole\ArrayObject {}

    /**
     * A table by a description of its columns: "id:int, name:string:64, score:float" (or i, s, f).
     * @handler php::table_fields::make
     * @userland
     */
    function swoole_table(int $size, string $fields): \Swoole\Table {}
}
