--TEST--
write() and read() over the pipe, both ways
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Process;
$process = new Process(function (Process $child) {
    $got = $child->read();
    $child->write(strtoupper($got));
    show($child->pid === getmypid());
});
$process->start();
$written = $process->write('to the child');
$answer = $process->read();
Process::wait();
show($written);
show($answer);
?>
--EXPECT--
true
12
TO THE CHILD
