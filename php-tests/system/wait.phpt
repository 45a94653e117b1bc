--TEST--
wait() and waitPid() of children, without blocking the others
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\{Coroutine, Process};
use Swoole\Coroutine\System;
use function Swoole\Coroutine\{go, run};
$first = new Process(function () { usleep(60000); exit(5); });
$first->start();
$second = new Process(function () { usleep(20000); exit(6); });
$second->start();
run(function () use ($first, $second) {
    go(function () {
        Coroutine::sleep(0.001);
        show('meanwhile');
    });
    $status = System::waitPid($first->pid, 5);
    show($status['pid'] === $first->pid, $status['code'], $status['signal']);
    $status = System::wait(5);
    show($status['pid'] === $second->pid, $status['code']);
    show(@System::wait(0.01));
});
?>
--EXPECT--
meanwhile
true 5 0
true 6
false
