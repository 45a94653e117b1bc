--TEST--
exportSocket() gives a coroutine socket
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\{Coroutine, Process};
use function Swoole\Coroutine\run;
$process = new Process(function (Process $child) {
    $socket = $child->exportSocket();
    $socket->send(strrev($socket->recv()));
}, false, 1, true);
$process->start();
run(function () use ($process) {
    $socket = $process->exportSocket();
    show(get_class($socket));
    $socket->send('stressed');
    show($socket->recv());
});
Process::wait();
?>
--EXPECT--
Swoole\Coroutine\Socket
desserts
