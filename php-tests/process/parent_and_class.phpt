--TEST--
A child knows its parent; a process is started once
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Process;
$parent = getmypid();
$process = new Process(function (Process $child) use ($parent) {
    show(posix_getppid() === $parent, $child->pipe > 0);
    $child->read();
});
$process->start();
$again = @$process->start();
$process->write('bye');
Process::wait();
show($again);
?>
--EXPECT--
true true
false
