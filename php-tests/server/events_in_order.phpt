--TEST--
The events of a server's life, in which process and in which order; names in any case; getWorkerStatus(), getLastError(), sendwait()
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
both_modes(function (int $mode) {
    $seen = temp_path();
    touch($seen);
    $server = Served::start(function ($server) use ($seen, $mode) {
        $tell = function (string $event, ...$more) use ($seen, $server) {
            $who = match (getmypid()) {
                $server->master_pid => 'master',
                $server->manager_pid => 'manager',
                default => $server->taskworker ? 'task worker' : 'worker',
            };
            file_put_contents($seen, implode(' ', [$event, $who, ...$more]) . "\n", FILE_APPEND | LOCK_EX);
        };
        foreach (['START', 'managerstart', 'ManagerStop', 'beforeShutdown', 'ShutDown', 'BeforeReload', 'AfterReload'] as $event) {
            $server->on($event, fn () => $tell(strtolower($event)));
        }
        foreach (['workerSTART', 'WorkerStop', 'WorkerExit'] as $event) {
            $server->on($event, fn ($server, $id) => $tell(strtolower($event), $id));
        }
        $server->on('Task', function ($server, $id, $from, $data) {
            return $server->getWorkerStatus();
        });
        $server->on('Finish', fn () => null);
        $server->on('Receive', function ($server, $fd, $reactor, $data) use ($mode) {
            $sent = @$server->send(999, 'x');
            $code = $server->getLastError();
            $server->send($fd, json_encode([$sent, $code === SWOOLE_ERROR_SESSION_NOT_EXIST, $server->taskwait('x') === SWOOLE_WORKER_BUSY, $server->getWorkerStatus(7)]));
            if ($mode === SWOOLE_BASE) {
                $server->sendwait($fd, ' waited');
            }
            $server->send($fd, "\n");
        });
    }, ['task_worker_num' => 1], $mode);
    show($server->ask('x'));
    $server->child->signal(SIGUSR2);
    eventually(fn () => str_contains(file_get_contents($seen), 'afterreload'));
    show($server->child->stop());
    $lines = file($seen, FILE_IGNORE_NEW_LINES);
    $place = fn (string $line) => ($at = array_search($line, $lines)) === false ? null : $at;
    $sorted = $lines;
    sort($sorted);
    show($sorted);
    // In BASE mode they are one.
    $manager = $mode === SWOOLE_BASE ? 'master' : 'manager';
    show(
        $place("beforereload $manager") < $place('workerstop task worker 1'),
        $place('beforeshutdown master') < $place('workerstop worker 0'),
        $place('workerstop worker 0') < $place('shutdown master'),
        $place("managerstop $manager") < $place('shutdown master'),
        end($lines),
    );
});
?>
--EXPECT--
-- base
[false,true,true,false] waited
exit 0
["afterreload master","beforereload master","beforeshutdown master","managerstart master","managerstop master","shutdown master","start worker","workerstart task worker 1","workerstart task worker 1","workerstart worker 0","workerstop task worker 1","workerstop task worker 1","workerstop worker 0"]
true true true true shutdown master
-- process
[false,true,true,false]
exit 0
["afterreload manager","beforereload manager","beforeshutdown master","managerstart manager","managerstop manager","shutdown master","start master","workerstart task worker 1","workerstart task worker 1","workerstart worker 0","workerstop task worker 1","workerstop task worker 1","workerstop worker 0"]
true true true true shutdown master
