--TEST--
Task workers: task_max_request, task_enable_coroutine, SIGUSR2 replaces them alone; finish() waits for a busy worker, socket_send_timeout at most
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
both_modes(function (int $mode) {
    $pids = fn () => Served::start(function ($server) {
        $server->on('Task', fn () => getmypid());
        $server->on('Receive', fn ($server, $fd) => $server->send($fd, $server->taskwait('x', 3) . ' ' . getmypid() . "\n"));
    }, ['task_worker_num' => 1, 'task_max_request' => 5, 'task_max_request_grace' => 0], $mode);
    $server = $pids();
    $answers = array_map(fn () => explode(' ', $server->ask('x')), range(1, 15));
    show('tasks of each process', array_values(array_count_values(array_column($answers, 0))), count(array_unique(array_column($answers, 1))));
    [$task, $worker] = explode(' ', $server->ask('x'));
    $server->child->signal(SIGUSR2);
    show(eventually(function () use ($server, $task, $worker) {
        [$newTask, $newWorker] = explode(' ', $server->ask('x')) + ['', ''];
        return $newTask !== $task && $newWorker === $worker;
    }), $server->child->stop());

    // Tasks that wait do not hold up others.
    $server = Served::start(function ($server) {
        $server->on('Task', function ($server, Swoole\Server\Task $task) {
            Swoole\Coroutine::sleep($task->data);
            $task->finish("slept $task->data");
        });
        $server->on('Receive', function ($server, $fd) {
            $results = [];
            $time = elapsed(function () use ($server, &$results) {
                $results = $server->taskCo([0.4, 0.3, 0.2], 3);
            });
            $server->send($fd, json_encode([$results, $time < 700]) . "\n");
        });
    }, ['task_worker_num' => 1, 'task_enable_coroutine' => true], $mode);
    show($server->ask('x'), $server->child->stop());

    $server = Served::start(function ($server) {
        $server->on('Task', function ($server, $id, $from, $fd) {
            $time = elapsed(function () use ($server, &$sent) {
                for ($sent = 0; $sent < 400 && $server->finish(str_repeat('x', 8000)); $sent++);
            });
            $server->send($fd, json_encode([$sent > 0 && $sent < 400, $time > 250, $server->getLastError() === SWOOLE_ERROR_SERVER_SEND_TO_WOKER_TIMEOUT]) . "\n");
        });
        $server->on('Finish', fn () => null);
        $server->on('Receive', function ($server, $fd) {
            $server->task($fd);
            usleep(800_000);
        });
    }, ['task_worker_num' => 1, 'enable_coroutine' => false, 'socket_send_timeout' => 0.3, 'socket_buffer_size' => 128 * 1024], $mode);
    show($server->ask('x'), $server->logged('send result to worker timed out'), $server->child->stop());
});
?>
--EXPECT--
-- base
tasks of each process [5,5,5] 1
true exit 0
[["slept 0.4","slept 0.3","slept 0.2"],true] exit 0
[true,true,true] true exit 0
-- process
tasks of each process [5,5,5] 1
true exit 0
[["slept 0.4","slept 0.3","slept 0.2"],true] exit 0
[true,true,true] true exit 0
