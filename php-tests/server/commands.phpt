--TEST--
addCommand() and command(): asked of the master, the manager, workers and task workers, with and without JSON
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
both_modes(function (int $mode) {
    touch($answers = temp_path());
    $server = Served::start(function ($server) use ($answers) {
        $everywhere = SWOOLE_SERVER_COMMAND_MASTER | SWOOLE_SERVER_COMMAND_MANAGER | SWOOLE_SERVER_COMMAND_EVENT_WORKER | SWOOLE_SERVER_COMMAND_TASK_WORKER;
        show($server->addCommand('who', $everywhere, fn ($server, string $message) => json_encode([$message, getmypid()])));
        show($server->addCommand('text', SWOOLE_SERVER_COMMAND_EVENT_WORKER, fn ($server, $message) => "<$message>"));
        $server->on('Task', fn () => null);
        $server->on('Receive', fn () => null);
        // In BASE mode that is worker 0.
        $server->on('Start', function ($server) use ($answers) {
            $who = fn (int $process, int $type) => $server->command('who', $process, $type, ['a' => 1]);
            file_put_contents($answers, json_encode([
                array_map(fn ($id) => $who($id, SWOOLE_SERVER_COMMAND_EVENT_WORKER) === ['{"a":1}', $server->getWorkerPid($id)], [0, 1]),
                $who(0, SWOOLE_SERVER_COMMAND_TASK_WORKER) === ['{"a":1}', $server->getWorkerPid(2)],
                $who(0, SWOOLE_SERVER_COMMAND_MANAGER) === ['{"a":1}', $server->manager_pid],
                $who(0, SWOOLE_SERVER_COMMAND_MASTER) === ['{"a":1}', getmypid()],
                $server->command('text', 1, SWOOLE_SERVER_COMMAND_EVENT_WORKER, 'plain', false),
                $server->command('text', 0, SWOOLE_SERVER_COMMAND_TASK_WORKER, 'plain', false), $server->getLastError(),
                $server->command('nothing', 0, SWOOLE_SERVER_COMMAND_EVENT_WORKER, []), $server->getLastError(),
                $server->command('who', 7, SWOOLE_SERVER_COMMAND_EVENT_WORKER, []), $server->getLastError(),
            ]));
        });
    }, ['worker_num' => 2, 'task_worker_num' => 1], $mode);
    eventually(fn () => filesize($answers) > 0 || clearstatcache());
    show(file_get_contents($answers), $server->child->stop());
});
?>
--EXPECT--
-- base
true
true
[[true,true],true,true,true,"<\"plain\">",false,507,false,9012,false,505] exit 0
-- process
true
true
[[true,true],true,true,true,"<\"plain\">",false,507,false,9012,false,505] exit 0
