--TEST--
A stream pipe joins messages
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Process;
$process = new Process(function (Process $child) {
    $child->write('one ');
    $child->write('two');
    $child->read();
}, false, SOCK_STREAM);
$process->start();
usleep(50000);
show($process->read(100));
$process->write('bye');
Process::wait();
?>
--EXPECT--
one two
