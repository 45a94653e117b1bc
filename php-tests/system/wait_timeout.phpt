--TEST--
waitPid() gives up after its time-out
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Process;
use Swoole\Coroutine\System;
use function Swoole\Coroutine\run;
$process = new Process(function () { sleep(5); });
$process->start();
run(function () use ($process) {
    took(elapsed(fn () => show(System::waitPid($process->pid, 0.03))), 30);
    Process::kill($process->pid, SIGKILL);
    show(System::waitPid($process->pid, 2)['signal'] === SIGKILL);
});
?>
--EXPECT--
false
took about 30 ms
true
