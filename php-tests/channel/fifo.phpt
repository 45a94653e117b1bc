--TEST--
First in, first out, with values of every type
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine\Channel;
use function Swoole\Coroutine\run;
run(function () {
    $channel = new Channel(10);
    $object = new stdClass;
    foreach ([1, 'two', 3.5, true, null, [4], $object] as $value) {
        show($channel->push($value));
    }
    show($channel->length(), $channel->isEmpty(), $channel->isFull());
    for ($i = 0; $i < 6; $i++) {
        show($channel->pop());
    }
    show($channel->pop() === $object, $channel->isEmpty());
});
?>
--EXPECT--
true
true
true
true
true
true
true
7 false false
1
two
3.5
true
null
[4]
true true
