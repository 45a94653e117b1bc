--TEST--
The scheduler preempts a loop that never yields
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
Coroutine::set(['enable_preemptive_scheduler' => true]);
run(function () {
    $stop = false;
    $start = microtime(true);
    go(function () use (&$stop, $start) {
        $n = 0;
        while (!$stop && microtime(true) - $start < 5) {
            $n++;
        }
        show('loop ended', $stop);
    });
    Coroutine::sleep(0.001);
    $stop = true;
    show('set');
});
?>
--EXPECT--
set
loop ended true
