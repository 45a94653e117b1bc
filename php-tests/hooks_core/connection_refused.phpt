--TEST--
A refused connection fails at once, with its code
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use function Swoole\Coroutine\run;
run(function () {
    $port = free_port();
    took(elapsed(function () use ($port) {
        show(@stream_socket_client("tcp://127.0.0.1:$port", $code, $text, 2), $code, $text);
    }), 0, 200);
});
?>
--EXPECT--
false 111 Connection refused
took about 0 ms
