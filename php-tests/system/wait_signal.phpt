--TEST--
waitSignal(): a signal wakes one coroutine
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\{Coroutine, Process};
use Swoole\Coroutine\System;
use function Swoole\Coroutine\{go, run};
run(function () {
    go(function () {
        Coroutine::sleep(0.01);
        Process::kill(getmypid(), SIGUSR2);
    });
    show(System::waitSignal(SIGUSR2, 2) !== false);
    took(elapsed(fn () => show(System::waitSignal(SIGUSR1, 0.02))), 20);
});
?>
--EXPECT--
true
false
took about 20 ms
