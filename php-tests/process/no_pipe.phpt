--TEST--
Without a pipe read() and write() are refused
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Process;
$process = new Process(function () {}, false, 0);
$process->start();
show(@$process->write('x'), @$process->read());
Process::wait();
?>
--EXPECT--
false false
