--TEST--
Coroutine\Redis: a subscription until it is given up, by channels and by patterns
--FILE--
<?php
require __DIR__ . '/client.inc';
use Swoole\Coroutine;
Coroutine\run(function () {
    $publisher = client();
    $ready = new Coroutine\Channel(1);
    [$one, $other] = [key_of('one'), key_of('other')];
    $short = fn ($message) => str_replace(key_of(''), '', json_encode($message));
    go(function () use ($ready, $one, $other, $short) {
        $redis = client();
        show('subscribed', $redis->subscribe([$one, $other]), $redis->pSubscribe([key_of('p*')]));
        show('no defer', @$redis->setDefer(false));
        while ($message = $redis->recv(2)) {
            echo $short($message), "\n";
            if ($message[0] === 'psubscribe') {
                $ready->push(true);
            }
            if ($message[0] === 'pmessage') {
                show($redis->pUnSubscribe([key_of('p*')]), $redis->unsubscribe([$one, $other]));
            }
            if ($message[0] === 'unsubscribe' && $message[2] === 0) {
                break;
            }
        }
        // A time-out loses no subscription.
        $redis->subscribe([$one]);
        echo $short($redis->recv(2)), "\n";
        show($redis->recv(0.05), $redis->errCode === SOCKET_ETIMEDOUT, $redis->connected);
        $ready->push(true);
        echo $short($redis->recv(2)), "\n";
        $ready->push(true);
    });
    $ready->pop();
    $heard = [$publisher->publish($one, 'hello'), $publisher->publish(key_of('patterned'), 'there')];
    $ready->pop();
    $publisher->publish($one, 'late');
    $ready->pop();
    show('heard by', $heard);
});
?>
--EXPECT--
subscribed true true
no defer false
["subscribe","one",1]
["subscribe","other",2]
["psubscribe","p*",3]
["message","one","hello"]
["pmessage","p*","patterned","there"]
true true
["punsubscribe","p*",2]
["unsubscribe","one",1]
["unsubscribe","other",0]
["subscribe","one",1]
false true true
["message","one","late"]
heard by [1,1]
