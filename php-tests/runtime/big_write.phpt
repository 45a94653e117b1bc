--TEST--
A blocking write goes on to the last byte while others run
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Runtime;
use function Swoole\Coroutine\{go, run};
run(function () {
    [$a, $b] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
    $data = random_bytes(8 << 20);
    $ticks = 0;
    $ticker = go(function () use (&$ticks) {
        while (usleep(1000) === null && $ticks < 10) {
            $ticks++;
        }
    });
    go(function () use ($a, $data) {
        var_dump(fwrite($a, $data));
        fclose($a);
    });
    $got = '';
    while (!feof($b)) {
        if (strlen($got) < 1 << 20) {
            usleep(5000);
        }
        $got .= fread($b, 65536);
    }
    var_dump($got === $data);
    Coroutine::join([$ticker]);
    var_dump($ticks);
});
?>
--EXPECT--
int(8388608)
bool(true)
int(10)
