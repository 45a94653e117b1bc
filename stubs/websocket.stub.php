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
}
