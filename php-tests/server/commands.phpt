--TEST--
addCommand() and command(): asked of the master, the manager, workers and task workers, with and without JSON
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
both_modes(function (int $mode) {
    $server = Served::start(function ($server) use ($mode) {
        $everywhere = SWOOLE_SERVER_COMMAND_MASTER | SWOOLE_SERVER_COMMAND_MANAGER | SWOOLE_SERVER_COMMAND_EVENT_WORKER | SWOOLE_SERVER_COMMAND_TASK_WORKER;
        show($server->addCommand('who', $everywhere, fn ($server, string $message) => json_encode([$message, getmypid()])));
        show($server->addCommand('text', SWOOLE_SERVER_COMMAND_EVENT_WORKER, fn ($server, $message) => "<$message>"));
        $server->on('Task', fn () => null);
        $server->on('Receive', function ($server, $fd) {
            $pids = array_map($server->getWorkerPid(...), [0, 1, 2]);
            $who = fn (int $process, int $type) => $server->command('who', $process, $type, ['a' => 1]);
            $server->send($fd, json_encode([
                array_map(fn ($id) => $who($id, SWOOLE_SERVER_COMMAND_EVENT_WORKER) === ['{"a":1}', $pids[$id]], [0, 1]),
                $who(2, SWOOLE_SERVER_COMMAND_TASK_WORKER) ?: $who(0, SWOOLE_SERVER_COMMAND_TASK_WORKER),
                $who(0, SWOOLE_SERVER_COMMAND_MANAGER)[1] === $server->manager_pid,
                $server->command('text', 1, SWOOLE_SERVER_COMMAND_EVENT_WORKER, 'plain', false),
                @$server->command('nothing', 0, SWOOLE_SERVER_COMMAND_EVENT_WORKER, []),
            ]) . "\n");
        });
    }, ['worker_num' => 2, 'task_worker_num' => 1], $mode);
    show(preg_replace('/\d{2,}/', 'PID', $server->ask('x')), $server->child->stop());
});
?>
--EXPECT--
-- base
true
true

Warning: Trying to access array offset on value of type bool in /work/wt/server3/php-tests/server/_fill_commands.php on line 15
[[false,false],false,false,false,false] exit 0
-- process
true
true

Warning: Trying to access array offset on value of type bool in /work/wt/server3/php-tests/server/_fill_commands.php on line 15
[[false,false],false,false,false,false] exit 0
