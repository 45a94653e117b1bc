<?php

namespace Swoole\Coroutine\Http
{
    /**
     * A response as request() and its kin give it.
     * @userland
     */
    class ClientProxy
    {
        private array $headers;
        private array $cookies;
        private string $body;
        private int $statusCode;
        public function __construct(string $body, int $statusCode, ?array $headers, ?array $cookies) {}
        public function getBody(): string {}
        public function getStatusCode(): int {}
        public function getHeaders(): array {}
        public function getCookies(): array {}
    }

    /**
     * One request by the client that the library option http_client_driver names: "curl", "stream", or else
     * Coroutine\Http\Client. Throws Coroutine\Http\Client\Exception when there is no response.
     *
     * @handler php::coroutine::http::functions::request
     * @userland
     */
    function request(string $url, string $method, mixed $data = null, ?array $options = null, ?array $headers = null, ?array $cookies = null): \Swoole\Coroutine\Http\ClientProxy {}

    /**
     * @handler php::coroutine::http::functions::get
     * @userland
     */
    function get(string $url, ?array $options = null, ?array $headers = null, ?array $cookies = null): \Swoole\Coroutine\Http\ClientProxy {}

    /**
     * @handler php::coroutine::http::functions::post
     * @userland
     */
    function post(string $url, mixed $data, ?array $options = null, ?array $headers = null, ?array $cookies = null): \Swoole\Coroutine\Http\ClientProxy {}

    /**
     * @handler php::coroutine::http::functions::request_with_curl
     * @userland
     */
    function request_with_curl(string $url, string $method, mixed $data = null, ?array $options = null, ?array $headers = null, ?array $cookies = null): \Swoole\Coroutine\Http\ClientProxy {}

    /**
     * @handler php::coroutine::http::functions::request_with_http_client
     * @userland
     */
    function request_with_http_client(string $url, string $method, mixed $data = null, ?array $options = null, ?array $headers = null, ?array $cookies = null): \Swoole\Coroutine\Http\ClientProxy {}

    /**
     * @handler php::coroutine::http::functions::request_with_stream
     * @userland
     */
    function request_with_stream(string $url, string $method, mixed $data = null, ?array $options = null, ?array $headers = null, ?array $cookies = null): \Swoole\Coroutine\Http\ClientProxy {}
}
