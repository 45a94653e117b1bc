--TEST--
The pipe keeps messages apart by default
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Process;
$process = new Process(function (Process $child) {
    $child->write('one');
    $child->write('two');
    $child->read();
});
$process->start();
usleep(30000);
show($process->read(), $process->read());
$process->write('bye');
Process::wait();
?>
--EXPECT--
one two
