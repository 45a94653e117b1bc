--TEST--
Who waits first is served first
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine\Channel;
use function Swoole\Coroutine\{go, run};
run(function () {
    $channel = new Channel(1);
    foreach (['a', 'b', 'c'] as $name) {
        go(fn () => show($name, $channel->pop()));
    }
    foreach ([1, 2, 3] as $value) {
        $channel->push($value);
    }
});
run(function () {
    $channel = new Channel(1);
    $channel->push(0);
    foreach (['a', 'b', 'c'] as $name) {
        go(fn () => $channel->push($name));
    }
    for ($i = 0; $i < 4; $i++) {
        show($channel->pop());
    }
});
?>
--EXPECT--
a 1
b 2
c 3
0
a
b
c
