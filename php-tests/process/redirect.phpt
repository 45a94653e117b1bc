--TEST--
redirect: what the child prints is read from its pipe
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Process;
$process = new Process(function () {
    echo 'printed by the child';
}, true);
$process->start();
show($process->read());
Process::wait();
?>
--EXPECT--
printed by the child
