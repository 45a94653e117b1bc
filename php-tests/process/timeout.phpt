--TEST--
setTimeout() bounds read()
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Process;
$process = new Process(function (Process $child) { $child->read(); });
$process->start();
$process->setTimeout(0.05);
took(elapsed(fn () => show(@$process->read())), 50);
$process->write('bye');
Process::wait();
?>
--EXPECT--
false
took about 50 ms
