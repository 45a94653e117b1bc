--TEST--
Coroutine\Redis: deferred answers come in their order, and several connections work at once
--FILE--
<?php
require __DIR__ . '/client.inc';
use Swoole\Coroutine;
Coroutine\run(function () {
    $redis = client();
    show($redis->getDefer(), $redis->setDefer(), $redis->getDefer());
    for ($n = 0; $n < 3; $n++) {
        show($redis->incr(key_of('n')));
    }
    show($redis->recv(), $redis->recv(), $redis->recv());
    show('nothing left', $redis->recv(), $redis->errType === SWOOLE_REDIS_ERR_OTHER);

    // A long pipeline, whose answers are larger than any buffer on the way.
    $redis->set(key_of('big'), str_repeat('x', 100000));
    $redis->recv();
    for ($n = 0; $n < 200; $n++) {
        $redis->get(key_of('big'));
    }
    for ($n = $good = 0; $n < 200; $n++) {
        $good += strlen($redis->recv()) === 100000;
    }
    show($good);
    // What was not fetched does not answer the next question.
    $redis->get(key_of('big'));
    $redis->setDefer(false);
    show($redis->get(key_of('n')));

    took(elapsed(function () {
        $all = [];
        foreach ([0.1, 0.3, 0.2] as $n => $seconds) {
            $all[$n] = client();
            $all[$n]->setDefer();
            $all[$n]->blPop(key_of("none$n"), $seconds);
        }
        show(array_map(fn ($redis) => $redis->recv(), $all));
    }), 300, 500);
});
?>
--EXPECT--
false true true
true
true
true
1 2 3
nothing left false true
200
3
[null,null,null]
took about 300 ms
