<?php

namespace Swoole\Coroutine
{
    /**
     * A socket whose operations suspend the coroutine. Time-outs are in seconds: 0 is the socket's own, below 0 for ever.
     * One coroutine may read while another writes.
     *
     * @shortname Co\Socket
     * @alias swoole_coroutine_socket
     * @not-serializable
     */
    class Socket
    {
        /** @readonly */
        public $fd = -1;
        /** @readonly */
        public $domain = 0;
        /** @readonly */
        public $type = 0;
        /** @readonly */
        public $protocol = 0;
        /** errno of the last operation, or one of SWOOLE_ERROR_*. */
        public $errCode = 0;
        public $errMsg = '';
        public $__ext_sockets_nonblock = false;
        public $__ext_sockets_timeout = 0;
        public function __construct(int $domain, int $type, int $protocol = \IPPROTO_IP) {}
        public function bind(string $address, int $port = 0): bool {}
        public function listen(int $backlog = 512): bool {}
        public function accept(float $timeout = 0): \Swoole\Coroutine\Socket|false {}
        public function connect(string $host, int $port = 0, float $timeout = 0): bool {}
        /** Whether the peer is still there, as far as the kernel knows. */
        public function checkLiveness(): bool {}
        /** The coroutine that is reading (SWOOLE_EVENT_READ) or writing; 0 when none. */
        public function getBoundCid(int $event): int {}
        /** @handler php::coroutine::socket::io::peek */
        public function peek(int $length = 65536): string|false {}
        /** At most $length bytes; '' when the peer has closed. @handler php::coroutine::socket::io::recv */
        public function recv(int $length = 65536, float $timeout = 0): string|false {}
        /** $length bytes, fewer only at the end or on an error. @handler php::coroutine::socket::io::recv_all */
        public function recvAll(int $length = 65536, float $timeout = 0): string|false {}
        /** Up to and with the next line end. @handler php::coroutine::socket::io::recv_line */
        public function recvLine(int $length = 65536, float $timeout = 0): string|false {}
        /** @handler php::coroutine::socket::io::recv_with_buffer */
        public function recvWithBuffer(int $length = 65536, float $timeout = 0): string|false {}
        /** One packet as setProtocol() cuts them. @handler php::coroutine::socket::io::recv_packet */
        public function recvPacket(float $timeout = 0): string|false {}
        /** Bytes written, perhaps fewer than given. @handler php::coroutine::socket::io::send */
        public function send(string $data, float $timeout = 0): int|false {}
        /** Reads into parts of the given lengths. @handler php::coroutine::socket::vector::read_vector */
        public function readVector(array $io_vector, float $timeout = 0): array|false {}
        /** @handler php::coroutine::socket::vector::read_vector_all */
        public function readVectorAll(array $io_vector, float $timeout = 0): array|false {}
        /** @handler php::coroutine::socket::vector::write_vector */
        public function writeVector(array $io_vector, float $timeout = 0): int|false {}
        /** @handler php::coroutine::socket::vector::write_vector_all */
        public function writeVectorAll(array $io_vector, float $timeout = 0): int|false {}
        /** @handler php::coroutine::socket::io::send_file */
        public function sendFile(string $file, int $offset = 0, int $length = 0): bool {}
        /** @handler php::coroutine::socket::io::send_all */
        public function sendAll(string $data, float $timeout = 0): int|false {}
        /** $peername becomes ['address' => …, 'port' => …]. @handler php::coroutine::socket::io::recvfrom */
        public function recvfrom(mixed &$peername, float $timeout = 0): string|false {}
        /** @handler php::coroutine::socket::io::sendto */
        public function sendto(string $addr, int $port, string $data): int|false {}
        /** @handler php::coroutine::socket::options::get_option */
        public function getOption(int $level, int $opt_name): mixed {}
        /** Framing and TLS: the settings open_length_check …, open_ssl, ssl_* of a server port. */
        public function setProtocol(array $settings): bool {}
        /** @handler php::coroutine::socket::options::set_option */
        public function setOption(int $level, int $opt_name, mixed $opt_value): bool {}
        public function sslHandshake(): bool {}
        public function shutdown(int $how = 2): bool {}
        /** Ends the wait of the coroutine that reads or writes. */
        public function cancel(int $event = \SWOOLE_EVENT_READ): bool {}
        public function close(): bool {}
        public function getpeername(): array|false {}
        public function getsockname(): array|false {}
        public function isClosed(): bool {}
        /** Takes over the fd of a stream. */
        public static function import($stream): \Swoole\Coroutine\Socket|false {}
    }
}

namespace
{
    /** @handler php::coroutine::socket::pair */
    function swoole_coroutine_socketpair(int $domain, int $type, int $protocol): array|false {}
}
