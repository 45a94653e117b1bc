<?php
require __DIR__ . '/_lib.php';

use Swoole\Coroutine;
use Swoole\Coroutine\Channel;

Coroutine::set(['max_coroutine' => 300000]);
Coroutine\run(function () {
    bench('coroutine: create and finish', 1000000, function (int $n) {
        $body = function () {};
        while ($n-- > 0) {
            Coroutine::create($body);
        }
    });
    bench('coroutine: switch there and back', 1000000, function (int $n) {
        $id = Coroutine::create(function () use ($n) {
            while ($n-- > 0) {
                Coroutine::yield();
            }
        });
        while ($n-- > 0) {
            Coroutine::resume($id);
        }
    });
    bench('channel: push and pop, buffered', 1000000, function (int $n) {
        $channel = new Channel(100);
        for ($done = 0; $done < $n; $done += 100) {
            for ($i = 0; $i < 100; $i++) {
                $channel->push($i);
            }
            for ($i = 0; $i < 100; $i++) {
                $channel->pop();
            }
        }
    });
    bench('channel: hand over between two coroutines', 500000, function (int $n) {
        $channel = new Channel(1);
        $done = new Channel(1);
        Coroutine::create(function () use ($channel, $done, $n) {
            for ($i = 0; $i < $n; $i++) {
                $channel->pop();
            }
            $done->push(true);
        });
        for ($i = 0; $i < $n; $i++) {
            $channel->push($i);
        }
        $done->pop();
    });
    bench('coroutine: sleep 1 ms, 1000 at a time', 50000, function (int $n) {
        for ($done = 0; $done < $n; $done += 1000) {
            $ids = [];
            for ($i = 0; $i < 1000; $i++) {
                $ids[] = Coroutine::create(fn () => Coroutine::sleep(0.001));
            }
            Coroutine::join($ids);
        }
    });
    bench('coroutine: make, suspend and end, 100,000 alive', 100000, function (int $n) {
        $ids = [];
        for ($i = 0; $i < $n; $i++) {
            $ids[] = Coroutine::create(fn () => Coroutine::yield());
        }
        foreach ($ids as $id) {
            Coroutine::resume($id);
        }
    });
});
