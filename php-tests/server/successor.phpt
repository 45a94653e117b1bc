--TEST--
A worker that ends has its successor at once: what it has begun is finished, by it, while the next one serves
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
both_modes(function (int $mode) {
    $server = Served::start(function ($server) {
        $server->on('Receive', function ($server, $fd, $reactor, $data) {
            if (trim($data) === 'long') {
                $server->send($fd, 'begun ' . getmypid() . "\n");
                foreach (range(1, 3) as $n) {
                    Swoole\Coroutine::sleep(0.3);
                    $server->send($fd, "part $n of " . getmypid() . str_repeat('.', 50_000) . "\n");
                }
            } else {
                $server->send($fd, getmypid() . ' ' . $server->stats()['accept_count'] . "\n");
            }
        });
    }, ['worker_num' => 1, 'task_worker_num' => 0, 'max_request' => 1000, 'max_wait_time' => 5], $mode);
    $long = $server->connect();
    fwrite($long, "long\n");
    [, $first] = explode(' ', trim(fgets($long)));
    $server->child->signal(SIGUSR1);
    $second = '';
    $took = elapsed(function () use ($server, $first, &$second) {
        eventually(function () use ($server, $first, &$second) {
            $second = explode(' ', $server->ask('pid'))[0];
            return $second !== '' && $second !== $first;
        });
    });
    show('the successor serves', $second !== $first, $took < 800);
    foreach (range(1, 3) as $n) {
        $line = (string) fgets($long);
        show($line === "part $n of $first" . str_repeat('.', 50_000) . "\n");
    }
    show(eventually(fn () => !posix_kill((int) $first, 0)), $server->child->stop());
});
?>
--EXPECT--
-- base
the successor serves true true
true
true
true
true exit 0
-- process
the successor serves true true
true
true
true
true exit 0
