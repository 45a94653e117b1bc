--TEST--
Two coroutines may read from one socket; each byte goes to one of them
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Runtime;
use function Swoole\Coroutine\{go, run};
run(function () {
    [$a, $b] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_DGRAM, 0);
    $got = [];
    for ($i = 0; $i < 3; $i++) {
        go(function () use ($a, &$got) {
            $got[] = stream_socket_recvfrom($a, 100);
        });
    }
    usleep(10_000);
    foreach (['one', 'two', 'three'] as $word) {
        fwrite($b, $word);
        usleep(30_000);
    }
    sort($got);
    echo implode(' ', $got), "\n";
});
?>
--EXPECT--
one three two
