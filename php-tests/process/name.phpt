--TEST--
name() changes what ps shows
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Process;
$process = new Process(function (Process $child) {
    $child->name('swoole test child');
    $child->write('named');
    $child->read();
});
$pid = $process->start();
$process->read();
show(rtrim(str_replace("\0", ' ', file_get_contents("/proc/$pid/cmdline"))));
$process->write('bye');
Process::wait();
?>
--EXPECT--
swoole test child
