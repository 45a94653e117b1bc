--TEST--
push() to a full channel waits for room, and pop() wakes it at once
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine\Channel;
use function Swoole\Coroutine\{go, run};
run(function () {
    $channel = new Channel(2);
    go(function () use ($channel) {
        for ($i = 0; $i < 4; $i++) {
            $channel->push($i);
            show("pushed $i");
        }
    });
    show('full', $channel->isFull());
    for ($i = 0; $i < 4; $i++) {
        show('popped', $channel->pop());
    }
});
?>
--EXPECT--
pushed 0
pushed 1
full true
pushed 2
popped 0
pushed 3
popped 1
popped 2
popped 3
