--TEST--
close() of the parent's end wakes the child with an empty read
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Process;
$process = new Process(function (Process $child) {
    show($child->read() === '');
}, false, SOCK_STREAM);
$process->start();
usleep(20000);
show($process->close());
Process::wait();
?>
--EXPECT--
true
true
