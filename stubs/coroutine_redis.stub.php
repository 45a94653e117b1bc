<?php

namespace Swoole\Coroutine
{
    /**
     * A Redis client. Each command waits in its coroutine for the answer; after setDefer() it returns once it is
     * sent, and recv() gives the answers in their order.
     *
     * A method that fails returns false; errType (SWOOLE_REDIS_ERR_*), errCode and errMsg say why.
     *
     * @shortname Co\Redis
     * @not-serializable
     */
    class Redis
    {
        public $host = '';
        public $port = 0;
        public $setting;
        /** The descriptor, -1 without a connection. */
        public $sock = -1;
        public $connected = false;
        public $errType = 0;
        public $errCode = 0;
        public $errMsg = '';
        /** @param ?array<string, mixed> $config as for setOptions() */
        public function __construct($config = null) {}
        public function __destruct() {}
        /** $host may be a path: `unix:/…`. With $serialize values are serialized on their way. */
        public function connect(string $host, int $port = 0, bool $serialize = false): bool {}
        public function getAuth(): string|false|null {}
        public function getDBNum(): int|false {}
        public function getOptions(): array {}
        /** connect_timeout, timeout (seconds), serialize, reconnect (attempts), compatibility_mode */
        public function setOptions(array $options): bool {}
        public function getDefer(): bool {}
        public function setDefer(bool $defer = true): bool {}
        /** The next answer, or the next message of a subscription. */
        public function recv(float $timeout = 0): mixed {}
        /** A command by its words. */
        public function request(array $params): mixed {}
        public function close(): bool {}
        public function subscribe(array $channels): bool {}
        public function pSubscribe(array $patterns): bool {}
        public function unsubscribe(array $channels): bool {}
        public function pUnSubscribe(array $patterns): bool {}

        // Strings
        /** @handler php::coroutine::redis::command */
        public function set($key, $value, $timeout = null, $opt = null) {}
        /** @handler php::coroutine::redis::command */
        public function setBit($key, $offset, $value) {}
        /** @handler php::coroutine::redis::command */
        public function setEx($key, $expire, $value) {}
        /** @handler php::coroutine::redis::command */
        public function psetEx($key, $expire, $value) {}
        /** @handler php::coroutine::redis::command */
        public function setNx($key, $value) {}
        /** @handler php::coroutine::redis::command */
        public function setRange($key, $offset, $value) {}
        /** @handler php::coroutine::redis::command */
        public function getSet($key, $value) {}
        /** @handler php::coroutine::redis::command */
        public function append($key, $value) {}
        /** @handler php::coroutine::redis::command */
        public function get($key) {}
        /** @handler php::coroutine::redis::command */
        public function mGet($keys) {}
        /** @handler php::coroutine::redis::command */
        public function mSet($pairs) {}
        /** @handler php::coroutine::redis::command */
        public function mSetNx($pairs) {}
        /** @handler php::coroutine::redis::command */
        public function getBit($key, $offset) {}
        /** @handler php::coroutine::redis::command */
        public function getRange($key, $start, $end) {}
        /** @handler php::coroutine::redis::command */
        public function strLen($key) {}
        /** @handler php::coroutine::redis::command */
        public function incr($key) {}
        /** @handler php::coroutine::redis::command */
        public function incrBy($key, $number) {}
        /** @handler php::coroutine::redis::command */
        public function incrByFloat($key, $number) {}
        /** @handler php::coroutine::redis::command */
        public function decr($key) {}
        /** @handler php::coroutine::redis::command */
        public function decrBy($key, $number) {}
        /** @handler php::coroutine::redis::command */
        public function bitCount($key) {}
        /** @handler php::coroutine::redis::command */
        public function bitOp($operation, $ret_key, $key, ...$other_keys) {}

        // Keys
        /** @handler php::coroutine::redis::command */
        public function del($key, ...$other_keys) {}
        /** @handler php::coroutine::redis::command */
        public function delete($key, ...$other_keys) {}
        /** @handler php::coroutine::redis::command */
        public function getKeys($pattern) {}
        /** @handler php::coroutine::redis::command */
        public function keys($pattern) {}
        /** @handler php::coroutine::redis::command */
        public function exists($key, ...$other_keys) {}
        /** @handler php::coroutine::redis::command */
        public function type($key) {}
        /** @handler php::coroutine::redis::command */
        public function persist($key) {}
        /** @handler php::coroutine::redis::command */
        public function ttl($key) {}
        /** @handler php::coroutine::redis::command */
        public function pttl($key) {}
        /** @handler php::coroutine::redis::command */
        public function expire($key, $seconds) {}
        /** @handler php::coroutine::redis::command */
        public function setTimeout($key, $seconds) {}
        /** @handler php::coroutine::redis::command */
        public function pexpire($key, $milliseconds) {}
        /** @handler php::coroutine::redis::command */
        public function expireAt($key, $timestamp) {}
        /** @handler php::coroutine::redis::command */
        public function pexpireAt($key, $timestamp) {}
        /** @handler php::coroutine::redis::command */
        public function move($key, $dbindex) {}
        /** @handler php::coroutine::redis::command */
        public function rename($key, $newkey) {}
        /** @handler php::coroutine::redis::command */
        public function renameKey($key, $newkey) {}
        /** @handler php::coroutine::redis::command */
        public function renameNx($key, $newkey) {}
        /** @handler php::coroutine::redis::command */
        public function randomKey() {}
        /** @handler php::coroutine::redis::command */
        public function dump($key) {}
        /** @handler php::coroutine::redis::command */
        public function restore($key, $ttl, $value) {}
        /** @handler php::coroutine::redis::command */
        public function debug($key) {}

        // Hashes
        /** @handler php::coroutine::redis::command */
        public function hSet($key, $field, $value) {}
        /** @handler php::coroutine::redis::command */
        public function hSetNx($key, $field, $value) {}
        /** @handler php::coroutine::redis::command */
        public function hMSet($key, $pairs) {}
        /** @handler php::coroutine::redis::command */
        public function hGet($key, $field) {}
        /** @handler php::coroutine::redis::command */
        public function hMGet($key, $fields) {}
        /** @handler php::coroutine::redis::command */
        public function hGetAll($key) {}
        /** @handler php::coroutine::redis::command */
        public function hDel($key, $field, ...$other_fields) {}
        /** @handler php::coroutine::redis::command */
        public function hExists($key, $field) {}
        /** @handler php::coroutine::redis::command */
        public function hLen($key) {}
        /** @handler php::coroutine::redis::command */
        public function hKeys($key) {}
        /** @handler php::coroutine::redis::command */
        public function hVals($key) {}
        /** @handler php::coroutine::redis::command */
        public function hIncrBy($key, $field, $number) {}
        /** @handler php::coroutine::redis::command */
        public function hIncrByFloat($key, $field, $number) {}

        // Lists
        /** @handler php::coroutine::redis::command */
        public function lPush($key, $value, ...$other_values) {}
        /** @handler php::coroutine::redis::command */
        public function rPush($key, $value, ...$other_values) {}
        /** @handler php::coroutine::redis::command */
        public function lPushx($key, $value) {}
        /** @handler php::coroutine::redis::command */
        public function rPushx($key, $value) {}
        /** @handler php::coroutine::redis::command */
        public function lPop($key) {}
        /** @handler php::coroutine::redis::command */
        public function rPop($key) {}
        /** @handler php::coroutine::redis::command */
        public function blPop($key, $timeout_or_key, ...$extra_args) {}
        /** @handler php::coroutine::redis::command */
        public function brPop($key, $timeout_or_key, ...$extra_args) {}
        /** @handler php::coroutine::redis::command */
        public function rpoplpush($source, $destination) {}
        /** @handler php::coroutine::redis::command */
        public function bRPopLPush($source, $destination, $timeout) {}
        /** @handler php::coroutine::redis::command */
        public function lSize($key) {}
        /** @handler php::coroutine::redis::command */
        public function lLen($key) {}
        /** @handler php::coroutine::redis::command */
        public function lIndex($key, $index) {}
        /** @handler php::coroutine::redis::command */
        public function lGet($key, $index) {}
        /** @handler php::coroutine::redis::command */
        public function lSet($key, $index, $value) {}
        /** @handler php::coroutine::redis::command */
        public function lInsert($key, $position, $pivot, $value) {}
        /** @handler php::coroutine::redis::command */
        public function lRange($key, $start, $end) {}
        /** @handler php::coroutine::redis::command */
        public function lGetRange($key, $start, $end) {}
        /** @handler php::coroutine::redis::command */
        public function lTrim($key, $start, $stop) {}
        /** @handler php::coroutine::redis::command */
        public function listTrim($key, $start, $stop) {}
        /** @handler php::coroutine::redis::command */
        public function lRem($key, $value, $count = 0) {}
        /** @handler php::coroutine::redis::command */
        public function lRemove($key, $value, $count = 0) {}

        // Sets
        /** @handler php::coroutine::redis::command */
        public function sAdd($key, $value, ...$other_values) {}
        /** @handler php::coroutine::redis::command */
        public function sRem($key, $value, ...$other_values) {}
        /** @handler php::coroutine::redis::command */
        public function sRemove($key, $value, ...$other_values) {}
        /** @handler php::coroutine::redis::command */
        public function sMove($source, $destination, $value) {}
        /** @handler php::coroutine::redis::command */
        public function sIsMember($key, $value) {}
        /** @handler php::coroutine::redis::command */
        public function sContains($key, $value) {}
        /** @handler php::coroutine::redis::command */
        public function scard($key) {}
        /** @handler php::coroutine::redis::command */
        public function sSize($key) {}
        /** @handler php::coroutine::redis::command */
        public function sMembers($key) {}
        /** @handler php::coroutine::redis::command */
        public function sGetMembers($key) {}
        /** @handler php::coroutine::redis::command */
        public function sPop($key, $count = null) {}
        /** @handler php::coroutine::redis::command */
        public function sRandMember($key, $count = null) {}
        /** @handler php::coroutine::redis::command */
        public function sDiff($key, ...$other_keys) {}
        /** @handler php::coroutine::redis::command */
        public function sInter($key, ...$other_keys) {}
        /** @handler php::coroutine::redis::command */
        public function sUnion($key, ...$other_keys) {}
        /** @handler php::coroutine::redis::command */
        public function sDiffStore($destination, $key, ...$other_keys) {}
        /** @handler php::coroutine::redis::command */
        public function sInterStore($destination, $key, ...$other_keys) {}
        /** @handler php::coroutine::redis::command */
        public function sUnionStore($destination, $key, ...$other_keys) {}

        // Sorted sets
        /** @handler php::coroutine::redis::command */
        public function zAdd($key, $score, $value, ...$extra_args) {}
        /** @handler php::coroutine::redis::command */
        public function zScore($key, $member) {}
        /** @handler php::coroutine::redis::command */
        public function zIncrBy($key, $number, $member) {}
        /** @handler php::coroutine::redis::command */
        public function zRank($key, $member) {}
        /** @handler php::coroutine::redis::command */
        public function zRevRank($key, $member) {}
        /** @handler php::coroutine::redis::command */
        public function zCard($key) {}
        /** @handler php::coroutine::redis::command */
        public function zSize($key) {}
        /** @handler php::coroutine::redis::command */
        public function zCount($key, $min, $max) {}
        /** @handler php::coroutine::redis::command */
        public function zRange($key, $start, $end, $withscores = false) {}
        /** @handler php::coroutine::redis::command */
        public function zRevRange($key, $start, $end, $withscores = false) {}
        /** @handler php::coroutine::redis::command */
        public function zRangeByScore($key, $min, $max, $options = []) {}
        /** @handler php::coroutine::redis::command */
        public function zRevRangeByScore($key, $max, $min, $options = []) {}
        /** @handler php::coroutine::redis::command */
        public function zRangeByLex($key, $min, $max, $offset = null, $count = null) {}
        /** @handler php::coroutine::redis::command */
        public function zRevRangeByLex($key, $max, $min, $offset = null, $count = null) {}
        /** @handler php::coroutine::redis::command */
        public function zRem($key, $member, ...$other_members) {}
        /** @handler php::coroutine::redis::command */
        public function zRemove($key, $member, ...$other_members) {}
        /** @handler php::coroutine::redis::command */
        public function zDelete($key, $member, ...$other_members) {}
        /** @handler php::coroutine::redis::command */
        public function zRemRangeByScore($key, $min, $max) {}
        /** @handler php::coroutine::redis::command */
        public function zDeleteRangeByScore($key, $min, $max) {}
        /** @handler php::coroutine::redis::command */
        public function zRemRangeByRank($key, $start, $end) {}
        /** @handler php::coroutine::redis::command */
        public function zDeleteRangeByRank($key, $start, $end) {}
        /** @handler php::coroutine::redis::command */
        public function zInter($key, $keys, $weights = null, $aggregate = null) {}
        /** @handler php::coroutine::redis::command */
        public function zInterStore($key, $keys, $weights = null, $aggregate = null) {}
        /** @handler php::coroutine::redis::command */
        public function zUnion($key, $keys, $weights = null, $aggregate = null) {}
        /** @handler php::coroutine::redis::command */
        public function zUnionStore($key, $keys, $weights = null, $aggregate = null) {}
        /** @handler php::coroutine::redis::command */
        public function zPopMin($key, $count = null) {}
        /** @handler php::coroutine::redis::command */
        public function zPopMax($key, $count = null) {}
        /** @handler php::coroutine::redis::command */
        public function bzPopMin($key, $timeout_or_key, ...$extra_args) {}
        /** @handler php::coroutine::redis::command */
        public function bzPopMax($key, $timeout_or_key, ...$extra_args) {}

        // Streams
        /** @handler php::coroutine::redis::command */
        public function xLen($key) {}
        /** @handler php::coroutine::redis::command */
        public function xAdd($key, $id, $pairs, $options = []) {}
        /** @handler php::coroutine::redis::command */
        public function xRead($streams, $options = []) {}
        /** @handler php::coroutine::redis::command */
        public function xDel($key, $ids) {}
        /** @handler php::coroutine::redis::command */
        public function xRange($key, $start, $end, $count = null) {}
        /** @handler php::coroutine::redis::command */
        public function xRevRange($key, $start, $end, $count = null) {}
        /** @handler php::coroutine::redis::command */
        public function xTrim($key, $options) {}
        /** @handler php::coroutine::redis::command */
        public function xGroupCreate($key, $group_name, $id, $mkstream = false) {}
        /** @handler php::coroutine::redis::command */
        public function xGroupSetId($key, $group_name, $id) {}
        /** @handler php::coroutine::redis::command */
        public function xGroupDestroy($key, $group_name) {}
        /** @handler php::coroutine::redis::command */
        public function xGroupCreateConsumer($key, $group_name, $consumer_name) {}
        /** @handler php::coroutine::redis::command */
        public function xGroupDelConsumer($key, $group_name, $consumer_name) {}
        /** @handler php::coroutine::redis::command */
        public function xReadGroup($group_name, $consumer_name, $streams, $options = []) {}
        /** @handler php::coroutine::redis::command */
        public function xPending($key, $group_name, $options = []) {}
        /** @handler php::coroutine::redis::command */
        public function xAck($key, $group_name, $id) {}
        /** @handler php::coroutine::redis::command */
        public function xClaim($key, $group_name, $consumer_name, $min_idle_time, $id, $options = []) {}
        /** @handler php::coroutine::redis::command */
        public function xAutoClaim($key, $group_name, $consumer_name, $min_idle_time, $start, $options = []) {}
        /** @handler php::coroutine::redis::command */
        public function xInfoConsumers($key, $group_name) {}
        /** @handler php::coroutine::redis::command */
        public function xInfoGroups($key) {}
        /** @handler php::coroutine::redis::command */
        public function xInfoStream($key) {}

        // HyperLogLog
        /** @handler php::coroutine::redis::command */
        public function pfadd($key, $elements) {}
        /** @handler php::coroutine::redis::command */
        public function pfcount($key, ...$other_keys) {}
        /** @handler php::coroutine::redis::command */
        public function pfmerge($dstkey, $keys) {}

        // Scripts, messages, transactions
        /** @handler php::coroutine::redis::command */
        public function eval($script, $args = [], $num_keys = 0) {}
        /** @handler php::coroutine::redis::command */
        public function evalSha($script, $args = [], $num_keys = 0) {}
        /** @handler php::coroutine::redis::command */
        public function script($cmd, ...$args) {}
        /** @handler php::coroutine::redis::command */
        public function publish($channel, $message) {}
        /** @handler php::coroutine::redis::command */
        public function watch($key, ...$other_keys) {}
        /** @handler php::coroutine::redis::command */
        public function unwatch() {}
        /** @handler php::coroutine::redis::command */
        public function multi() {}
        /** @handler php::coroutine::redis::command */
        public function exec() {}
        /** @handler php::coroutine::redis::command */
        public function discard() {}

        // The server
        /** @handler php::coroutine::redis::command */
        public function ping() {}
        /** @handler php::coroutine::redis::command */
        public function auth($password) {}
        /** @handler php::coroutine::redis::command */
        public function select($dbindex) {}
        /** @handler php::coroutine::redis::command */
        public function flushDB() {}
        /** @handler php::coroutine::redis::command */
        public function flushAll() {}
        /** @handler php::coroutine::redis::command */
        public function dbSize() {}
        /** @handler php::coroutine::redis::command */
        public function save() {}
        /** @handler php::coroutine::redis::command */
        public function bgSave() {}
        /** @handler php::coroutine::redis::command */
        public function bgrewriteaof() {}
        /** @handler php::coroutine::redis::command */
        public function lastSave() {}
        /** @handler php::coroutine::redis::command */
        public function time() {}
        /** @handler php::coroutine::redis::command */
        public function role() {}
    }
}

namespace
{
const SWOOLE_REDIS_MODE_MULTI = 0;
const SWOOLE_REDIS_MODE_PIPELINE = 1;
const SWOOLE_REDIS_TYPE_NOT_FOUND = 0;
const SWOOLE_REDIS_TYPE_STRING = 1;
const SWOOLE_REDIS_TYPE_SET = 2;
const SWOOLE_REDIS_TYPE_LIST = 3;
const SWOOLE_REDIS_TYPE_ZSET = 4;
const SWOOLE_REDIS_TYPE_HASH = 5;
const SWOOLE_REDIS_ERR_IO = 1;
const SWOOLE_REDIS_ERR_OTHER = 2;
const SWOOLE_REDIS_ERR_EOF = 3;
const SWOOLE_REDIS_ERR_PROTOCOL = 4;
const SWOOLE_REDIS_ERR_OOM = 5;
const SWOOLE_REDIS_ERR_CLOSED = 6;
const SWOOLE_REDIS_ERR_NOAUTH = 7;
const SWOOLE_REDIS_ERR_ALLOC = 8;
}
