--TEST--
What is declared without arguments may be a callback that is passed some
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
run(function () {
    $waiting = Coroutine::create(function () {
        show('suspended', Coroutine::suspend('a value'));
        show('yielded', Coroutine::yield(1, 2, 3));
    });
    Coroutine::resume($waiting);
    Coroutine::resume($waiting);
    $channel = new Coroutine\Channel(3);
    array_map($channel->push(...), [1, 2]);
    show(array_map($channel->length(...), [1, 2]));
    array_map([$channel, 'close'], [1]);
    show($channel->push(3), Coroutine::getCid('x') === Coroutine::getCid());
    // Where something is declared, too many are still too many.
    thrown(fn () => $channel->pop(1, 2));
});
?>
--EXPECT--
suspended true
yielded true
[2,2]
false true
ArgumentCountError(0): Swoole\Coroutine\Channel::pop() expects at most 1 argument, 2 given
