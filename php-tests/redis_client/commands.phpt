--TEST--
Coroutine\Redis: commands of every kind, and what they give
--FILE--
<?php
require __DIR__ . '/client.inc';
Swoole\Coroutine\run(function () {
    $redis = client();
    $key = fn ($name) => key_of($name);
    show('strings', $redis->set($key('s'), 'v'), $redis->get($key('s')), $redis->get($key('none')), $redis->append($key('s'), 'w'), $redis->strLen($key('s')));
    show('with a time', $redis->set($key('t'), '1', 10), $redis->ttl($key('t')), $redis->set($key('t'), '2', ['nx']), $redis->setEx($key('t'), 5, '3'), $redis->pttl($key('t')) > 4000);
    show('numbers', $redis->incr($key('n')), $redis->incrBy($key('n'), 4), $redis->decr($key('n')), $redis->incrByFloat($key('n'), 0.5));
    show('many', $redis->mSet([$key('a') => 1, $key('b') => 'two']), $redis->mGet([$key('a'), $key('b'), $key('none')]));
    show('binary', $redis->set($key('bin'), "a\0b\r\nc"), $redis->get($key('bin')) === "a\0b\r\nc");
    show('hash', $redis->hMSet($key('h'), ['x' => 1, 'y' => 2]), $redis->hGet($key('h'), 'y'), $redis->hIncrBy($key('h'), 'x', 9), $redis->hGetAll($key('h')), $redis->hMGet($key('h'), ['x', 'z']));
    show('list', $redis->rPush($key('l'), 'a', 'b', 'a'), $redis->lRem($key('l'), 'a', 1), $redis->lGetRange($key('l'), 0, -1), $redis->lInsert($key('l'), 'BEFORE', 'a', 'x'), $redis->lPop($key('l')));
    show('set', $redis->sAdd($key('set'), 1, 2, 3), $redis->sContains($key('set'), 2), $redis->sCard($key('set')), $redis->sRemove($key('set'), 1));
    show('sorted', $redis->zAdd($key('z'), 1, 'one', 2.5, 'two'), $redis->zRange($key('z'), 0, -1, true), $redis->zScore($key('z'), 'two'),
        $redis->zRangeByScore($key('z'), '-inf', '+inf', ['withscores' => true, 'limit' => [1, 1]]), $redis->zUnion($key('z2'), [$key('z')], [3]), $redis->zScore($key('z2'), 'one'));
    show('stream', strlen($redis->xAdd($key('x'), '*', ['f' => 'v'])) > 5, $redis->xLen($key('x')), $redis->xRead([$key('x') => '0'], ['count' => 1])[0][1][0][1],
        $redis->xGroupCreate($key('x'), 'g', '0'), count($redis->xReadGroup('g', 'me', [$key('x') => '>'])), $redis->xInfoGroups($key('x'))[0][1]);
    show('types', $redis->type($key('s')) === SWOOLE_REDIS_TYPE_STRING, $redis->type($key('h')) === SWOOLE_REDIS_TYPE_HASH, $redis->type($key('z')) === SWOOLE_REDIS_TYPE_ZSET, $redis->type($key('none')));
    show('script', $redis->eval('return {KEYS[1], ARGV[1], 7}', ['k', 'a'], 1), $redis->script('load', 'return 5') === sha1('return 5'), $redis->evalSha(sha1('return 5')));
    show('transaction', $redis->multi(), $redis->set($key('m'), 1), $redis->incr($key('m')), $redis->exec());
    show('any', $redis->request(['echo', 'hello']), $redis->ping(), $redis->time()[0] > 1e9);
    show('removed', $redis->del($key('a'), $key('b')), $redis->delete($key('s')), $redis->exists($key('s')));

    $redis->setOptions(['compatibility_mode' => true]);
    show('as phpredis', $redis->hGetAll($key('h')), $redis->hMGet($key('h'), ['x', 'z']), $redis->zRange($key('z'), 0, -1, true));
    $redis->setOptions(['serialize' => true]);
    show('serialized', $redis->set($key('o'), ['a' => [1, null]]), $redis->get($key('o')), $redis->lPush($key('lo'), true, 1.5), $redis->lRange($key('lo'), 0, -1), $redis->get($key('n')));
    show($redis->getOptions()['serialize'], $redis->select(3), $redis->getDBNum(), $redis->get($key('o')), $redis->close(), $redis->connected, $redis->sock);
});
?>
--EXPECT--
strings true v null 2 2
with a time true 10 null true true
numbers 1 5 4 4.5
many true ["1","two",null]
binary true true
hash true 2 10 ["x","10","y","2"] ["10",null]
list 3 1 ["b","a"] 3 b
set 3 1 3 1
sorted 2 ["one","1","two","2.5"] 2.5 ["two","2.5"] 2 3
stream true 1 ["f","v"] true 1 g
types true true true 0
script ["k","a",7] true 5
transaction true QUEUED QUEUED [true,2]
any hello PONG true
removed 2 1 0
as phpredis {"x":"10","y":"2"} {"x":"10","z":null} {"one":1.0,"two":2.5}
serialized true {"a":[1,null]} 2 [1.5,true] 4.5
true true 3 null true false -1
