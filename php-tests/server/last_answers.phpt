--TEST--
A worker that ends still gets the results of tasks it waits for, and answers who has just come
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
both_modes(function (int $mode) {
    $started = new Swoole\Atomic();
    $server = Served::start(function ($server) use ($started) {
        $server->on('WorkerStart', fn ($server, $id) => $id === 0 && $started->add());
        $server->on('Task', function ($server, $id, $from, $data) {
            usleep(300_000);
            return $data;
        });
        $server->on('Receive', function ($server, $fd, $reactor, $data) {
            // The first task is begun before the worker is told to end, the second when its successor is there.
            $server->send($fd, json_encode([$server->taskwait('one', 3), Swoole\Coroutine::sleep(0.2), $server->taskCo(['two', 'three'], 3), $server->worker_pid === getmypid()]) . "\n");
        });
    }, ['worker_num' => 1, 'task_worker_num' => 2, 'max_wait_time' => 5], $mode);
    fwrite($waiting = $server->connect(), "x\n");
    usleep(100_000);
    $server->child->signal(SIGUSR1);
    show(trim(fgets($waiting)), eventually(fn () => $started->get() >= 2));
    if ($mode === SWOOLE_BASE) {
        // Accepted, and silent when the worker is told to end.
        $fresh = $server->connect();
        usleep(30_000);
        $server->child->signal(SIGUSR1);
        usleep(30_000);
        fwrite($fresh, "x\n");
        show(trim(fgets($fresh)));
    }
    show($server->child->stop());
});
?>
--EXPECT--
-- base
["one",true,["two","three"],true] true
["one",true,["two","three"],true]
exit 0
-- process
["one",true,["two","three"],true] true
exit 0
