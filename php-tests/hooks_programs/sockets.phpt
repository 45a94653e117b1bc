--TEST--
50 conversations by socket_*, half a second each: with Coroutine\Socket, and with ext/sockets' own objects
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
// Made outside of coroutines they are ext/sockets' own.
$own = array_map(fn () => socket_create(AF_INET, SOCK_STREAM, SOL_TCP), range(1, 50));
run(function () use ($own) {
    $listener = socket_create_listen(0, 256);
    socket_getsockname($listener, $host, $port);
    go(function () use ($listener) {
        for ($n = 0; $n < 100; $n++) {
            $peer = socket_accept($listener);
            go(function () use ($peer) {
                $asked = socket_read($peer, 100);
                Coroutine::sleep(0.5);
                socket_write($peer, "re: $asked");
                socket_close($peer);
            });
        }
    });
    $right = ['Socket' => 0, Coroutine\Socket::class => 0];
    $talk = function ($socket, int $i) use ($port, &$right) {
        socket_connect($socket, '127.0.0.1', $port);
        socket_write($socket, "number $i");
        $answer = socket_read($socket, 100);
        $right[$socket::class] += $answer === "re: number $i";
        socket_close($socket);
    };
    $time = elapsed(function () use ($talk, $own) {
        $all = [];
        for ($i = 0; $i < 50; $i++) {
            $all[] = go(fn () => $talk(socket_create(AF_INET, SOCK_STREAM, SOL_TCP), $i));
            $all[] = go(fn () => $talk($own[$i], $i));
        }
        Coroutine::join($all);
    });
    show($right);
    took($time, 500, 450);
});
?>
--EXPECT--
{"Socket":50,"Swoole\\Coroutine\\Socket":50}
took about 500 ms
