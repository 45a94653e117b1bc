--TEST--
Ten thousand suspended coroutines at once
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Coroutine\Channel;
use function Swoole\Coroutine\{go, run};
run(function () {
    $channel = new Channel(1);
    $count = 0;
    for ($i = 0; $i < 10000; $i++) {
        go(function () use ($channel, &$count) {
            $channel->pop();
            $count++;
        });
    }
    show(Coroutine::stats()['coroutine_num']);
    for ($i = 0; $i < 10000; $i++) {
        $channel->push($i);
    }
    Coroutine::sleep(0.001);
    show($count, Coroutine::stats()['coroutine_num']);
});
?>
--EXPECT--
10001
10000 1
