--TEST--
stream_select() waits for many streams in one coroutine
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Runtime;
use function Swoole\Coroutine\{go, run};
run(function () {
    $pairs = [];
    for ($i = 0; $i < 5; $i++) {
        $pairs[$i] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
    }
    $ends = array_column($pairs, 0);
    go(function () use ($pairs) {
        usleep(50_000);
        fwrite($pairs[3][1], 'x');
        usleep(50_000);
        fwrite($pairs[1][1], 'y');
    });
    foreach ([3, 1] as $expected) {
        $read = $ends;
        $write = $except = null;
        took(elapsed(function () use (&$read, &$write, &$except) {
            var_dump(stream_select($read, $write, $except, 1));
        }), 50, 100);
        var_dump(array_keys($read) === [$expected], fread($read[$expected], 10));
    }
    $read = $ends;
    took(elapsed(function () use (&$read) {
        $write = $except = null;
        var_dump(stream_select($read, $write, $except, 0, 100_000), $read);
    }), 100, 100);
    $read = null;
    $write = [$pairs[0][0]];
    var_dump(stream_select($read, $write, $except, 1), count($write));
});
?>
--EXPECT--
int(1)
took about 50 ms
bool(true)
string(1) "x"
int(1)
took about 50 ms
bool(true)
string(1) "y"
int(0)
array(0) {
}
took about 100 ms
int(1)
int(1)
