--TEST--
Messages by a System V queue
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Process;
$process = new Process(function (Process $child) {
    $child->push('re: ' . $child->pop());
});
show($process->useQueue(ftok(__FILE__, 'q'), 2));
$process->start();
$process->push('question');
Process::wait();
show($process->statQueue()['queue_num'], $process->pop());
show($process->freeQueue());
?>
--EXPECT--
true
1 re: question
true
