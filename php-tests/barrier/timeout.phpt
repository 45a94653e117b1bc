--TEST--
Barrier::wait() returns after its time-out
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Coroutine\Barrier;
use function Swoole\Coroutine\{go, run};
run(function () {
    $barrier = Barrier::make();
    $done = false;
    $id = go(function () use ($barrier, &$done) { Coroutine::sleep(0.05); $done = true; });
    took(elapsed(function () use (&$barrier) { Barrier::wait($barrier, 0.005); }), 5, 40);
    show($done);
    Coroutine::join([$id]);
    show($done);
});
?>
--EXPECT--
took about 5 ms
false
true
