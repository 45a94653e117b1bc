--TEST--
A channel works in a deferred callback
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Coroutine\Channel;
use function Swoole\Coroutine\{go, run};
run(function () {
    $channel = new Channel(1);
    go(function () use ($channel) {
        Coroutine::defer(fn () => show('deferred', $channel->pop()));
    });
    $channel->push('late');
});
?>
--EXPECT--
deferred late
