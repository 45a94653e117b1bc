--TEST--
stream_select() waits for several and suspends one coroutine only
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    [$a, $b] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
    [$c, $d] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
    go(function () use ($d) {
        Coroutine::sleep(0.01);
        fwrite($d, 'x');
    });
    $read = ['a' => $a, 'c' => $c];
    $write = $except = null;
    show(stream_select($read, $write, $except, 2), array_keys($read));
    $read = [$a];
    took(elapsed(fn () => show(stream_select($read, $write, $except, 0, 20000))), 20);
});
?>
--EXPECT--
1 ["c"]
0
took about 20 ms
