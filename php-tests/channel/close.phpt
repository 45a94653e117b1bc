--TEST--
close() wakes all who wait
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Coroutine\Channel;
use function Swoole\Coroutine\{go, run};
run(function () {
    $channel = new Channel(1);
    for ($i = 0; $i < 3; $i++) {
        go(fn () => show('popper', $i, $channel->pop(), $channel->errCode === SWOOLE_CHANNEL_CLOSED));
    }
    show($channel->close());
    show('closed', $channel->close());
    show($channel->push(1), $channel->errCode === SWOOLE_CHANNEL_CLOSED, $channel->pop());
});
run(function () {
    $channel = new Channel(1);
    $channel->push(0);
    go(fn () => show('pusher', $channel->push(1), $channel->errCode === SWOOLE_CHANNEL_CLOSED));
    $channel->close();
});
?>
--EXPECT--
popper 0 false true
popper 1 false true
popper 2 false true
true
closed false
false true false
pusher false true
