--TEST--
waitEvent(): readable, writable, time-out
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Coroutine\System;
use function Swoole\Coroutine\{go, run};
run(function () {
    [$a, $b] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
    go(function () use ($b) {
        Coroutine::sleep(0.01);
        fwrite($b, 'x');
    });
    show(System::waitEvent($a, SWOOLE_EVENT_READ, 2) === SWOOLE_EVENT_READ, fread($a, 1));
    show(System::waitEvent($a, SWOOLE_EVENT_READ | SWOOLE_EVENT_WRITE, 2) === SWOOLE_EVENT_WRITE);
    took(elapsed(fn () => show(System::waitEvent($a, SWOOLE_EVENT_READ, 0.02))), 20);
});
?>
--EXPECT--
true x
true
false
took about 20 ms
