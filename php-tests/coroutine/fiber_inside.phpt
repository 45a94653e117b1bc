--TEST--
A Fiber inside a coroutine
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    for ($i = 0; $i < 2; $i++) {
        go(function () use ($i) {
            $fiber = new Fiber(function (string $start) {
                $got = Fiber::suspend("$start suspended");
                return "returned $got";
            });
            show($fiber->start("fiber $i"));
            Coroutine::sleep(0.001);
            $fiber->resume("value $i");
            show($fiber->getReturn());
        });
    }
});
?>
--EXPECT--
fiber 0 suspended
fiber 1 suspended
returned value 0
returned value 1
