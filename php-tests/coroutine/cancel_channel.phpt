--TEST--
cancel() of a popper and of a pusher
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Coroutine\Channel;
use function Swoole\Coroutine\{go, run};
run(function () {
    $channel = new Channel(1);
    $popper = go(function () use ($channel) {
        var_dump($channel->pop());
        show($channel->errCode === SWOOLE_CHANNEL_CANCELED, Coroutine::isCanceled());
    });
    Coroutine::cancel($popper);
    $channel->push(1);
    $pusher = go(function () use ($channel) {
        var_dump($channel->push(2));
        show($channel->errCode === SWOOLE_CHANNEL_CANCELED);
    });
    Coroutine::cancel($pusher);
    show($channel->length(), $channel->pop());
});
?>
--EXPECT--
bool(false)
true true
bool(false)
true
1 1
