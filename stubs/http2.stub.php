<?php

namespace Swoole\Coroutine\Http2
{
    /**
     * @shortname Co\Http2\Client
     * @alias swoole_coroutine_http2_client
     * @not-serializable
     */
    class Client
    {
        public $errCode = 0;
        public $errMsg = '';
        public $sock = -1;
        public $type = 0;
        public $setting;
        public $socket;
        public $connected = false;
        public $host;
        public $port = 0;
        public $ssl = false;
        public $serverLastStreamId = 0;
        public function __construct(string $host, int $port = 80, bool $open_ssl = false) {}
        public function __destruct() {}
        public function set(array $settings): bool {}
        public function connect(): bool {}
        public function stats(string $key = ''): array|int {}
        public function isStreamExist(int $stream_id): bool {}
        /** Sends a request; its stream. */
        public function send(\Swoole\Http2\Request $request): int|false {}
        /** Goes on with the body of a request that was sent with $pipeline. */
        public function write(int $stream_id, mixed $data, bool $end_stream = false): bool {}
        /** The next response that is whole. */
        public function recv(float $timeout = 0): \Swoole\Http2\Response|false {}
        /** The next response, or what has come of one: then its $pipeline is true. */
        public function read(float $timeout = 0): \Swoole\Http2\Response|false {}
        public function goaway(int $error_code = \SWOOLE_HTTP2_ERROR_NO_ERROR, string $debug_data = ''): bool {}
        public function ping(): bool {}
        public function close(): bool {}
    }
}

namespace Swoole\Http2
{
    /**
     * @alias swoole_http2_request
     * @not-serializable
     */
    class Request
    {
        public $path = '/';
        public $method = 'GET';
        public $headers;
        public $cookies;
        public $data = '';
        public $pipeline = false;
        public $usePipelineRead = false;
    }

    /**
     * @alias swoole_http2_response
     * @not-serializable
     */
    class Response
    {
        public $streamId = 0;
        public $errCode = 0;
        public $statusCode = 0;
        public $pipeline = false;
        public $headers;
        public $set_cookie_headers;
        public $cookies;
        public $data;
    }
}
