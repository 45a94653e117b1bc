--TEST--
Sleepers wake by their time, equal ones by their turn
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    foreach ([150, 50, 100, 50] as $i => $ms) {
        go(function () use ($i, $ms) {
            Coroutine::sleep($ms / 1000);
            show($i);
        });
    }
});
?>
--EXPECT--
1
3
2
0
