<?php
/** Coroutines, a channel between them, a time-out, a group to wait for. No server. */
use Swoole\Coroutine;
use Swoole\Coroutine\{Channel, WaitGroup};
use function Swoole\Coroutine\{go, run};

run(function () {
    $queue = new Channel(2);
    $group = new WaitGroup;

    foreach (['anna', 'bert'] as $name) {
        $group->add();
        go(function () use ($name, $queue, $group) {
            while (($job = $queue->pop()) !== false) {
                Coroutine::sleep(0.05);
                echo "$name did job $job\n";
            }
            $group->done();
        });
    }
    for ($job = 1; $job <= 6; $job++) {
        $queue->push($job);
    }
    $queue->close();
    $group->wait();

    $empty = new Channel(1);
    var_dump($empty->pop(0.1), $empty->errCode === SWOOLE_CHANNEL_TIMEOUT);
});
