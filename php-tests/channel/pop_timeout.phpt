--TEST--
pop() gives up after its time-out
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine\Channel;
use function Swoole\Coroutine\run;
run(function () {
    $channel = new Channel(1);
    took(elapsed(fn () => show($channel->pop(0.02))), 20);
    show($channel->errCode === SWOOLE_CHANNEL_TIMEOUT);
    $channel->push(1);
    show($channel->pop(0.02), $channel->errCode === SWOOLE_CHANNEL_OK);
});
?>
--EXPECT--
false
took about 20 ms
true
1 true
