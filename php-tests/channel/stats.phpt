--TEST--
stats() counts waiters and values
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine\Channel;
use function Swoole\Coroutine\{go, run};
run(function () {
    $channel = new Channel(2);
    go(fn () => $channel->pop());
    go(fn () => $channel->pop());
    show($channel->stats());
    $channel->push(1);
    $channel->push(2);
    $channel->push(3);
    $channel->push(4);
    go(fn () => $channel->push(5));
    show($channel->stats());
    $channel->pop();
    show($channel->stats());
});
?>
--EXPECT--
{"consumer_num":2,"producer_num":0,"queue_num":0}
{"consumer_num":0,"producer_num":1,"queue_num":2}
{"consumer_num":0,"producer_num":0,"queue_num":2}
