<?php

namespace Swoole\Curl
{
    /**
     * A handle of ext/curl as an object with methods.
     * @userland
     */
    final class Handler implements \Stringable
    {
        private $client;
        private $closed = false;
        public function __construct(string $url = '') {}
        public function __toString(): string {}
        public function isAvailable(): bool {}
        public function setOpt(int $opt, $value): bool {}
        public function exec() {}
        public function getInfo() {}
        public function errno(): int {}
        public function error(): string {}
        public function reset() {}
        public function getContent() {}
        public function close(): void {}
    }
}

namespace
{
    /** @handler php::curl::functions::forward */
    function swoole_curl_close(\Swoole\Curl\Handler $obj): void {}

    /** @handler php::curl::functions::forward */
    function swoole_curl_errno(\Swoole\Curl\Handler $obj): int {}

    /** @handler php::curl::functions::forward */
    function swoole_curl_error(\Swoole\Curl\Handler $obj): string {}

    /** @handler php::curl::functions::forward */
    function swoole_curl_exec(\Swoole\Curl\Handler $obj) {}

    /** @handler php::curl::functions::getinfo */
    function swoole_curl_getinfo(\Swoole\Curl\Handler $obj, int $opt = 0) {}

    /** @handler php::curl::functions::init */
    function swoole_curl_init(string $url = ''): \Swoole\Curl\Handler {}

    /** @handler php::curl::functions::forward */
    function swoole_curl_multi_getcontent(\Swoole\Curl\Handler $obj) {}

    /** @handler php::curl::functions::forward */
    function swoole_curl_reset(\Swoole\Curl\Handler $obj) {}

    /** @handler php::curl::functions::setopt */
    function swoole_curl_setopt(\Swoole\Curl\Handler $obj, int $opt, $value): bool {}

    /** @handler php::curl::functions::setopt_array */
    function swoole_curl_setopt_array(\Swoole\Curl\Handler $obj, $array): bool {}

    /** @handler php::curl::native::forward */
    function swoole_native_curl_close(\CurlHandle $handle): void {}

    /** @handler php::curl::native::forward */
    function swoole_native_curl_copy_handle(\CurlHandle $handle): \CurlHandle|false {}

    /** @handler php::curl::native::forward */
    function swoole_native_curl_errno(\CurlHandle $handle): int {}

    /** @handler php::curl::native::forward */
    function swoole_native_curl_error(\CurlHandle $handle): string {}

    /** @handler php::curl::native::forward */
    function swoole_native_curl_escape(\CurlHandle $handle, string $string): string|false {}

    /** @handler php::curl::native::forward */
    function swoole_native_curl_exec(\CurlHandle $handle): string|bool {}

    /** @handler php::curl::native::forward */
    function swoole_native_curl_getinfo(\CurlHandle $handle, ?int $option = null): mixed {}

    /** @handler php::curl::native::forward */
    function swoole_native_curl_init(?string $url = null): \CurlHandle|false {}

    /** @handler php::curl::native::forward */
    function swoole_native_curl_multi_add_handle(\CurlMultiHandle $multi_handle, \CurlHandle $handle): int {}

    /** @handler php::curl::native::forward */
    function swoole_native_curl_multi_close(\CurlMultiHandle $multi_handle): void {}

    /** @handler php::curl::native::forward */
    function swoole_native_curl_multi_errno(\CurlMultiHandle $multi_handle): int {}

    /** @handler php::curl::native::forward */
    function swoole_native_curl_multi_exec(\CurlMultiHandle $multi_handle, &$still_running): int {}

    /** @handler php::curl::native::forward */
    function swoole_native_curl_multi_getcontent(\CurlHandle $handle): ?string {}

    /** @handler php::curl::native::forward */
    function swoole_native_curl_multi_info_read(\CurlMultiHandle $multi_handle, &$queued_messages = null): array|false {}

    /** @handler php::curl::native::forward */
    function swoole_native_curl_multi_init(): \CurlMultiHandle {}

    /** @handler php::curl::native::forward */
    function swoole_native_curl_multi_remove_handle(\CurlMultiHandle $multi_handle, \CurlHandle $handle): int {}

    /** @handler php::curl::native::forward */
    function swoole_native_curl_multi_select(\CurlMultiHandle $multi_handle, float $timeout = 1.0): int {}

    /** @handler php::curl::native::forward */
    function swoole_native_curl_multi_setopt(\CurlMultiHandle $multi_handle, int $option, mixed $value): bool {}

    /** @handler php::curl::native::forward */
    function swoole_native_curl_pause(\CurlHandle $handle, int $flags): int {}

    /** @handler php::curl::native::forward */
    function swoole_native_curl_reset(\CurlHandle $handle): void {}

    /** @handler php::curl::native::forward */
    function swoole_native_curl_setopt(\CurlHandle $handle, int $option, mixed $value): bool {}

    /** @handler php::curl::native::forward */
    function swoole_native_curl_setopt_array(\CurlHandle $handle, array $options): bool {}

    /** @handler php::curl::native::forward */
    function swoole_native_curl_unescape(\CurlHandle $handle, string $string): string|false {}

    /** @handler php::curl::native::forward */
    function swoole_native_curl_upkeep(\CurlHandle $handle): bool {}
}
