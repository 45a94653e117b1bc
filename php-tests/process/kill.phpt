--TEST--
kill() sends a signal; 0 asks whether a process lives
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Process;
$process = new Process(function () { sleep(20); });
$pid = $process->start();
show(Process::kill($pid, 0), Process::kill($pid, SIGTERM));
$status = Process::wait();
show($status['signal'] === SIGTERM, $status['code'], @Process::kill($pid, 0));
?>
--EXPECT--
true true
true 0 false
