--TEST--
50 http:// streams and 50 fsockopen()s of half a second each
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Runtime;
use function Swoole\Coroutine\{go, run};
require __DIR__ . '/slow_http.inc';
run(function () {
    $name = slow_http(100);
    [$host, $port] = explode(':', $name);
    $right = 0;
    $time = elapsed(function () use ($name, $host, $port, &$right) {
        $all = [];
        for ($i = 0; $i < 50; $i++) {
            $all[] = go(function () use ($name, $i, &$right) {
                $right += file_get_contents("http://$name/$i") === "got $i";
            });
            $all[] = go(function () use ($host, $port, $i, &$right) {
                $socket = fsockopen($host, (int) $port);
                fwrite($socket, "GET /f$i HTTP/1.0\r\n\r\n");
                $right += str_ends_with(stream_get_contents($socket), "\r\n\r\ngot f$i");
            });
        }
        Coroutine::join($all);
    });
    var_dump($right);
    took($time, 500, 450);
});
?>
--EXPECT--
int(100)
took about 500 ms
