--TEST--
A cancelled read fails, and the stream lives on
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
    $reader = go(function () use ($pair) {
        var_dump(@socket_recv($pair[0], $data, 10, 0), socket_last_error($pair[0]) === 125);
        var_dump(socket_recv($pair[0], $data, 10, 0), $data);
    });
    usleep(10_000);
    var_dump(Coroutine::cancel($reader));
    usleep(10_000);
    socket_write($pair[1], 'hello');
});
?>
--EXPECT--
bool(false)
bool(true)
bool(true)
int(5)
string(5) "hello"
