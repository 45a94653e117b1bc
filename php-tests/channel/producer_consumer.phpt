--TEST--
Producers and consumers of different speed lose and double nothing
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Coroutine\{Channel, WaitGroup};
use function Swoole\Coroutine\{go, run};
run(function () {
    $channel = new Channel(3);
    $producers = new WaitGroup;
    $seen = [];
    for ($p = 0; $p < 5; $p++) {
        $producers->add();
        go(function () use ($channel, $p, $producers) {
            for ($i = 0; $i < 200; $i++) {
                $channel->push($p * 200 + $i);
                if ($i % 50 === 0) {
                    Coroutine::sleep(0.001);
                }
            }
            $producers->done();
        });
    }
    $consumers = new WaitGroup(3);
    for ($c = 0; $c < 3; $c++) {
        go(function () use ($channel, &$seen, $consumers, $c) {
            while (($value = $channel->pop()) !== false) {
                $seen[] = $value;
                if ($value % 97 === $c) {
                    Coroutine::sleep(0.001);
                }
            }
            $consumers->done();
        });
    }
    $producers->wait();
    while (!$channel->isEmpty()) {
        Coroutine::sleep(0.001);
    }
    $channel->close();
    $consumers->wait();
    sort($seen);
    show($seen === range(0, 999));
});
?>
--EXPECT--
true
