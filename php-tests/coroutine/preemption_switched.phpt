--TEST--
disableScheduler() and enableScheduler() inside the loop
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
Coroutine::set(['enable_preemptive_scheduler' => true]);
run(function () {
    $other = 0;
    go(function () use (&$other) {
        Coroutine::disableScheduler();
        for ($end = microtime(true) + 0.06; microtime(true) < $end;);
        show('undisturbed', $other);
        Coroutine::enableScheduler();
        for ($end = microtime(true) + 5; $other === 0 && microtime(true) < $end;);
        show('preempted', $other);
    });
    $other = 1;
});
?>
--EXPECT--
undisturbed 0
preempted 1
