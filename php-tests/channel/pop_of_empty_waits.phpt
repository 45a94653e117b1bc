--TEST--
pop() of an empty channel waits, and push() wakes it at once
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine\Channel;
use function Swoole\Coroutine\{go, run};
run(function () {
    $channel = new Channel(1);
    go(function () use ($channel) {
        show('popping');
        show('popped', $channel->pop());
    });
    show('pushing');
    $channel->push('value');
    show('pushed');
});
?>
--EXPECT--
popping
pushing
popped value
pushed
