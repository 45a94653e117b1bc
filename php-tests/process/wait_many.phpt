--TEST--
wait() tells each child once
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Process;
$pids = [];
foreach ([3, 1, 2] as $n) {
    $process = new Process(function () use ($n) {
        usleep(40000 * $n);
        exit($n);
    });
    $pids[$process->start()] = $process;
}
$codes = [Process::wait()['code'], Process::wait()['code'], Process::wait()['code']];
sort($codes);
show($codes, @Process::wait());
?>
--EXPECT--
[1,2,3] false
