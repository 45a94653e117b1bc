<?php
/** Work that blocks is given to task workers:  curl 'http://127.0.0.1:9505/?n=30' */
use Swoole\Http\{Request, Response, Server};
use Swoole\Server\Task;

function fibonacci(int $n): int
{
    return $n < 2 ? $n : fibonacci($n - 1) + fibonacci($n - 2);
}

$server = new Server('127.0.0.1', 9505);
$server->set(['worker_num' => 1, 'task_worker_num' => 2, 'task_enable_coroutine' => true]);

$server->on('Request', function (Request $request, Response $response) use ($server) {
    $n = min(32, (int) ($request->get['n'] ?? 20));
    // The coroutine waits for the task worker; the worker serves others meanwhile.
    [$result] = $server->taskCo([$n], 10);
    $response->end("fibonacci($n) = $result\n");
});
$server->on('Task', function (Server $server, Task $task) {
    $task->finish(fibonacci($task->data));
});
$server->on('Finish', function () {
});
$server->start();
