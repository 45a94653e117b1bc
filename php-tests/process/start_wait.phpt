--TEST--
start() forks, wait() tells how the child ended
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Process;
$process = new Process(function (Process $child) {
    exit(3);
});
$pid = $process->start();
show(is_int($pid), $process->pid === $pid);
$status = Process::wait();
show($status['pid'] === $pid, $status['code'], $status['signal']);
show(@Process::wait(false));
?>
--EXPECT--
true true
true 3 0
false
