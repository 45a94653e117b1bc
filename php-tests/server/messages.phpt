--TEST--
sendMessage between workers and task processes: any value, any size; connections of other workers
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
both_modes(function (int $mode) {
    $server = Served::start(function ($server) {
        $server->on('Task', fn () => null);
        $server->on('PipeMessage', function ($server, $from, $message) {
            // The connection belongs to another process: send() finds its way.
            $size = is_string($message['data']) ? strlen($message['data']) : json_encode($message['data']);
            $server->send($message['fd'], "worker $server->worker_id from $from: $size\n");
        });
        $server->on('Receive', function ($server, $fd, $reactor, $data) {
            [$to, $what] = explode(' ', trim($data));
            $data = ['large' => str_repeat('z', 500_000), 'array' => [1, null, 'x'], 'self' => 0][$what];
            $to = $what === 'self' ? $server->worker_id : ($to === 'task' ? 2 : 1 - $server->worker_id);
            if (!@$server->sendMessage(['fd' => $fd, 'data' => $data], $to)) {
                $server->send($fd, "refused\n");
            }
        });
    }, ['worker_num' => 2, 'task_worker_num' => 1], $mode);
    $anonymous = fn (string $line) => preg_replace('/\b[01]\b(?=:)|worker [01]/', 'N', $line);
    show($anonymous($server->ask('other array')));
    show($anonymous($server->ask('other large')));
    show($anonymous($server->ask('task array')));
    show($server->ask('other self'));
    show($server->child->stop());
});
?>
--EXPECT--
-- base
N from N: [1,null,"x"]
N from N: 500000
worker 2 from N: [1,null,"x"]
refused
exit 0
-- process
N from N: [1,null,"x"]
N from N: 500000
worker 2 from N: [1,null,"x"]
refused
exit 0
