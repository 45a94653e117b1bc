--TEST--
Barrier: wait() returns when nobody holds the barrier any longer
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Coroutine\Barrier;
use function Swoole\Coroutine\{go, run};
run(function () {
    $barrier = Barrier::make();
    $count = 0;
    for ($i = 0; $i < 4; $i++) {
        go(function () use ($barrier, &$count, $i) {
            Coroutine::sleep(0.002 * $i + 0.001);
            $count++;
        });
    }
    Barrier::wait($barrier);
    show($count, $barrier);
});
?>
--EXPECT--
4 null
