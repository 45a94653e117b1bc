--TEST--
References are shared by coroutines as by closures
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    $sum = 0;
    $list = [];
    for ($i = 1; $i <= 10; $i++) {
        go(function () use ($i, &$sum, &$list) {
            Coroutine::sleep(0.001);
            $sum += $i;
            $list[] = $i;
        });
    }
    Coroutine::sleep(0.02);
    show($sum, count($list));
});
?>
--EXPECT--
55 10
