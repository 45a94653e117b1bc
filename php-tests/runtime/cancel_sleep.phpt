--TEST--
A cancelled sleep says what was left
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Runtime;
use function Swoole\Coroutine\{go, run};
run(function () {
    $a = go(fn () => var_dump(sleep(3)));
    $b = go(fn () => var_dump(time_nanosleep(2, 500_000_000)['seconds']));
    usleep(20_000);
    Coroutine::cancel($a);
    Coroutine::cancel($b);
});
?>
--EXPECT--
int(3)
int(2)
