--TEST--
Fibers of several coroutines run interleaved
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
$order = [];
run(function () use (&$order) {
    foreach (['x', 'y'] as $name) {
        go(function () use ($name, &$order) {
            $fibers = [];
            for ($i = 0; $i < 3; $i++) {
                $fibers[] = $fiber = new Fiber(function () use ($name, $i, &$order) {
                    for ($n = 0; $n < 2; $n++) {
                        $order[] = "$name$i$n";
                        Fiber::suspend();
                    }
                });
                $fiber->start();
            }
            Coroutine::sleep(0.001);
            foreach ($fibers as $fiber) { $fiber->resume(); }
            foreach ($fibers as $fiber) { $fiber->resume(); show($fiber->isTerminated()); }
        });
    }
});
show(implode(' ', $order));
?>
--EXPECT--
true
true
true
true
true
true
x00 x10 x20 y00 y10 y20 x01 x11 x21 y01 y11 y21
