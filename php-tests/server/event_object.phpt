--TEST--
event_object: Finish gets a TaskResult, WorkerError a StatusInfo
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Server;
use Swoole\Server\{StatusInfo, TaskResult};
$once = temp_path();
$child = Child::fork(function (callable $ready) use ($once) {
    $server = new Server('127.0.0.1', free_port(), SWOOLE_PROCESS);
    $server->set(['worker_num' => 1, 'task_worker_num' => 1, 'event_object' => true, 'log_level' => SWOOLE_LOG_NONE]);
    $server->on('Receive', fn () => null);
    $server->on('Task', fn (Server $server, Server\Task $task) => $task->finish(strrev($task->data)));
    $server->on('Finish', function (Server $server, TaskResult $result) use ($ready) {
        $fresh = abs(microtime(true) - $result->dispatch_time) < 60;
        $ready("task $result->task_id of worker $result->task_worker_id: $result->data " . json_encode($fresh));
        posix_kill(getmypid(), SIGKILL);
    });
    $server->on('WorkerError', function (Server $server, StatusInfo $status) use ($ready) {
        $ready("worker $status->worker_id: $status->exit_code $status->signal " . json_encode($status->worker_pid > 0));
    });
    $server->on('WorkerStart', function (Server $server, int $id) use ($once) {
        if ($id === 0 && !is_file($once)) {
            touch($once);
            $server->task('abc');
        }
    });
    $server->start();
});
echo $child->line(), "\n", $child->line(), "\n";
echo $child->stop(), "\n";
?>
--EXPECT--
task 0 of worker 1: cba true
worker 0: 0 9 true
exit 0
