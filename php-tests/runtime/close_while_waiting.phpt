--TEST--
close from another coroutine wakes the reader
--EXTENSIONS--
sockets
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Runtime;
use function Swoole\Coroutine\{go, run};
run(function () {
    socket_create_pair(AF_UNIX, SOCK_STREAM, 0, $pair);
    go(function () use ($pair) {
        $r = @socket_recv($pair[0], $data, 10, 0);
        var_dump($r, socket_strerror(socket_last_error($pair[0])));
    });
    usleep(10_000);
    socket_shutdown($pair[1]);
    usleep(10_000);
    [$a, $b] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
    go(function () use ($a) {
        var_dump(fread($a, 10));
    });
    usleep(10_000);
    fclose($b);
    usleep(10_000);
    socket_create_pair(AF_UNIX, SOCK_STREAM, 0, $other);
    go(function () use ($other) {
        var_dump(@socket_recv($other[0], $data, 10, 0));
    });
    usleep(10_000);
    took(elapsed(fn () => socket_close($other[0])), 0, 50);
});
?>
--EXPECT--
int(0)
string(7) "Success"
string(0) ""
bool(false)
took about 0 ms
