--TEST--
push() gives up after its time-out, and its value is not delivered
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine\Channel;
use function Swoole\Coroutine\run;
run(function () {
    $channel = new Channel(1);
    $channel->push('kept');
    took(elapsed(fn () => show($channel->push('dropped', 0.02))), 20);
    show($channel->errCode === SWOOLE_CHANNEL_TIMEOUT, $channel->length());
    show($channel->pop(), $channel->pop(0.001));
});
?>
--EXPECT--
false
took about 20 ms
true 1
kept false
