--TEST--
Coroutine\Redis: a child of a fork leaves its parent's connection alone and makes its own
--FILE--
<?php
require __DIR__ . '/client.inc';
use function Swoole\Coroutine\run;
run(function () use (&$redis) {
    $redis = client();
    $redis->set(key_of('who'), 'parent');
});
$parent = key_of('who');
$child = Child::fork(function () use (&$redis, $parent) {
    // The inherited one goes without a word to the server.
    $redis = null;
    run(function () use ($parent) {
        $mine = client();
        show('child', $mine->get($parent), $mine->set($parent, 'child'));
    });
});
show($child->wait());
run(fn () => show('parent', $redis->get($parent), $redis->connected));
$redis = null;
?>
--EXPECT--
child parent true
exit 0
parent child true
