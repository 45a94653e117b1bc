--TEST--
getPriority, setPriority, setAffinity
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Process;
$process = new Process(function (Process $child) {
    $before = $child->getPriority(PRIO_PROCESS);
    show($child->setPriority(PRIO_PROCESS, $before + 1), $child->getPriority(PRIO_PROCESS) === $before + 1);
    show(Process::setAffinity([0]), Process::getAffinity());
});
$process->start();
Process::wait();
?>
--EXPECT--
true true
true [0]
