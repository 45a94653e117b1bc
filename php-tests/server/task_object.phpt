--TEST--
Server\Task: its flags are the bits of SWOOLE_TASK_*, and a task of the manager wants no answer
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
$child = Child::fork(function (callable $ready) {
    $server = new Swoole\Server('127.0.0.1', free_port(), SWOOLE_PROCESS);
    $server->set(['worker_num' => 1, 'task_worker_num' => 1, 'task_use_object' => true, 'log_level' => SWOOLE_LOG_NONE]);
    $server->on('Receive', fn () => null);
    $server->on('ManagerStart', fn ($server) => $server->task('manager'));
    $server->on('WorkerStart', function ($server, $id) {
        if ($id === 0) {
            $server->task('worker');
            $server->task('callback', -1, fn () => null);
            $server->taskCo(['coroutine'], 2);
        }
    });
    $server->on('Finish', fn () => null);
    $server->on('Task', function ($server, Swoole\Server\Task $task) use ($ready) {
        $names = ['NOREPLY' => SWOOLE_TASK_NOREPLY, 'CALLBACK' => SWOOLE_TASK_CALLBACK, 'COROUTINE' => SWOOLE_TASK_COROUTINE, 'NONBLOCK' => SWOOLE_TASK_NONBLOCK];
        $ready("$task->data $task->worker_id " . implode(' ', array_keys(array_filter($names, fn ($bit) => $task->flags & $bit))));
        $task->flags & SWOOLE_TASK_NOREPLY || $task->finish('done');
    });
    $server->start();
});
$lines = array_map(fn () => $child->line(), range(1, 4));
sort($lines);
echo implode("\n", $lines), "\n";
$child->stop();
?>
--EXPECT--
callback 0 CALLBACK NONBLOCK
coroutine 0 COROUTINE NONBLOCK
manager 0 NOREPLY NONBLOCK
worker 0 NONBLOCK
