--TEST--
stream_select() lets others run even when something is ready, and counts streams
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use function Swoole\Coroutine\{go, run};
run(function () {
    [$a, $b] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
    fwrite($b, 'x');
    go(function () use ($a) {
        $read = $write = [$a];
        $except = null;
        $ready = stream_select($read, $write, $except, 5);
        printf("second: %d ready, %d to read, %d to write\n", $ready, count($read), count($write));
    });
    echo "first\n";
});
?>
--EXPECT--
first
second: 1 ready, 1 to read, 1 to write
