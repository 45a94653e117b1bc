--TEST--
exec() becomes another program, its output in the pipe
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Process;
$process = new Process(function (Process $child) {
    $child->exec('/bin/echo', ['from', 'echo']);
}, true);
$process->start();
show(trim($process->read()));
show(Process::wait()['code']);
?>
--EXPECT--
from echo
0
