--TEST--
Short names: go, defer, co, chan
--INI--
swoole.use_shortname=On
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
co::set(['max_coroutine' => 100]);
Co\run(function () {
    $channel = new chan(1);
    go(function () use ($channel) {
        defer(fn () => show('deferred'));
        co::sleep(0.001);
        $channel->push('through');
    });
    show($channel->pop(), get_class($channel), co::getCid());
});
?>
--EXPECT--
through Swoole\Coroutine\Channel 1
deferred
