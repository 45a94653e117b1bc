--TEST--
What was pushed before close() can still be popped
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine\Channel;
use function Swoole\Coroutine\run;
run(function () {
    $channel = new Channel(3);
    $channel->push(1);
    $channel->push(2);
    $channel->close();
    show($channel->pop(), $channel->pop(), $channel->pop(), $channel->errCode === SWOOLE_CHANNEL_CLOSED);
});
?>
--EXPECT--
1 2 false true
