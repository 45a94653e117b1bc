--TEST--
wait() sleeps until another process wakes it
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\{Atomic, Process};
$atomic = new Atomic;
$process = new Process(function () use ($atomic) {
    usleep(20000);
    $atomic->wakeup();
});
// From before the fork: the child may be the first to run.
took(elapsed(function () use ($atomic, $process) {
    $process->start();
    show($atomic->wait(2));
}), 20);
took(elapsed(fn () => show($atomic->wait(0.02))), 20);
Process::wait();
?>
--EXPECT--
true
took about 20 ms
false
took about 20 ms
