--TEST--
An uncaught exception in a child is its status 255
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Process;
ini_set('display_errors', '0');
(new Process(function () { throw new RuntimeException('in the child'); }))->start();
$status = Process::wait();
show($status['code'], $status['signal']);
?>
--EXPECT--
255 0
