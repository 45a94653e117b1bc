<?php

namespace Swoole\WebSocket
{
    /**
     * What one WebSocket frame, or one whole message, carries.
     *
     * @alias swoole_websocket_frame
     */
    class Frame implements \Stringable
    {
        public $fd = 0;
        public $data = '';
        /** SWOOLE_WEBSOCKET_OPCODE_*. */
        public $opcode = 1;
        /** SWOOLE_WEBSOCKET_FLAG_*. */
        public $flags = 1;
        public $finish;
        /** The frame's bytes on the wire. */
        public function __toString(): string {}
        public static function pack(\Swoole\WebSocket\Frame|string $data, int $opcode = \WEBSOCKET_OPCODE_TEXT, int $flags = \SWOOLE_WEBSOCKET_FLAG_FIN): string {}
        public static function unpack(string $data): \Swoole\WebSocket\Frame {}
    }

    /** @alias swoole_websocket_closeframe */
    class CloseFrame extends \Swoole\WebSocket\Frame
    {
        public $opcode = 8;
        /** SWOOLE_WEBSOCKET_CLOSE_*. */
        public $code = 1000;
        public $reason = '';
    }

    /**
     * An HTTP server whose clients may turn their connections into WebSockets.
     * @alias swoole_websocket_server
     * @not-serializable
     */
    class Server extends \Swoole\Http\Server
    {
        /** Sends a message, compressed where that was agreed on; waits while the client is slow (setting send_yield). */
        public function push(int $fd, \Swoole\WebSocket\Frame|string $data, int $opcode = \WEBSOCKET_OPCODE_TEXT, int $flags = \SWOOLE_WEBSOCKET_FLAG_FIN): bool {}
        /** Sends a close frame and closes. */
        public function disconnect(int $fd, int $code = \SWOOLE_WEBSOCKET_CLOSE_NORMAL, string $reason = ''): bool {}
        public function ping(int $fd, string $data = ''): bool {}
        /** Whether the handshake of that connection is done. */
        public function isEstablished(int $fd): bool {}
        public static function pack(\Swoole\WebSocket\Frame|string $data, int $opcode = \WEBSOCKET_OPCODE_TEXT, int $flags = \SWOOLE_WEBSOCKET_FLAG_FIN): string {}
        public static function unpack(string $data): \Swoole\WebSocket\Frame {}
    }
}
