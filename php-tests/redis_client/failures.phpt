--TEST--
Coroutine\Redis: refused, wrong, timed out, cut, closed by another, cancelled, bound; and connections made anew
--FILE--
<?php
require __DIR__ . '/client.inc';
use Swoole\Coroutine;
use Swoole\Coroutine\Redis;
Coroutine\run(function () {
    $why = fn (Redis $redis) => [$redis->errType, $redis->errCode, $redis->connected];
    $redis = new Redis;
    show('no connection', $redis->get('x'), $why($redis));
    show('refused', $redis->connect('127.0.0.1', free_port()), $why($redis), $redis->errMsg);
    show('bad port', $redis->connect('127.0.0.1', 70000), $redis->errMsg);
    show('unix', (new Redis)->connect('unix:' . getenv('TEST_REDIS_SOCKET')));

    $redis = client();
    $redis->set(key_of('s'), 'v');
    show('wrong type', $redis->lPush(key_of('s'), 'x'), $why($redis), strtok($redis->errMsg, ' '));
    show('goes on', $redis->get(key_of('s')), $why($redis), $redis->errMsg);
    show('wrong password', $redis->auth('no'), $redis->errType);

    $redis->setOptions(['timeout' => 0.1]);
    took(elapsed(fn () => show('timed out', $redis->blPop(key_of('none'), 5), $why($redis))), 100);
    show('anew', $redis->get(key_of('s')), $redis->connected);
    $redis->setOptions(['timeout' => -1]);

    $killer = client();
    $id = $redis->request(['client', 'id']);
    $killer->request(['client', 'kill', 'id', $id]);
    eventually(fn () => !str_contains($killer->request(['client', 'list']), "id=$id "));
    show('killed and anew', $redis->get(key_of('s')), $redis->request(['client', 'id']) !== $id);
    $fixed = client(['reconnect' => 0]);
    $killer->request(['client', 'kill', 'id', $fixed->request(['client', 'id'])]);
    show('killed for good', $fixed->get(key_of('s')), $why($fixed));

    go(function () use ($redis) {
        Coroutine::sleep(0.03);
        $redis->close();
    });
    show('closed under it', $redis->blPop(key_of('none'), 5), $why($redis));

    $redis = client();
    $me = Coroutine::getCid();
    go(function () use ($me) {
        Coroutine::sleep(0.03);
        Coroutine::cancel($me);
    });
    show('cancelled', $redis->blPop(key_of('none'), 5), $redis->errCode === SOCKET_ECANCELED);

    $redis = client();
    $done = new Coroutine\Channel(1);
    go(fn () => $done->push($redis->blPop(key_of('none'), 1)));
    try {
        $redis->get('x');
    } catch (Swoole\Error $error) {
        echo preg_replace('/#\d+/', '#N', $error->getMessage()), "\n";
    }
    show($done->pop(), $redis->get(key_of('s')));

    // A server that answers nonsense, and one that goes away in the middle of an answer.
    foreach (["HTTP/1.1 400 Bad Request\r\n\r\n", "$100\r\nonly a part", "*1000000000\r\n"] as $answer) {
        $server = new Coroutine\Socket(AF_INET, SOCK_STREAM, 0);
        $server->bind('127.0.0.1');
        $server->listen();
        go(function () use ($server, $answer) {
            $connection = $server->accept();
            $connection->recv();
            $connection->sendAll($answer);
        });
        $redis = new Redis(['reconnect' => 0]);
        $redis->connect('127.0.0.1', $server->getsockname()['port']);
        show('nonsense', $redis->get('x'), $why($redis), $redis->errMsg);
    }
});
?>
--EXPECT--
no connection false [6,107,false]
refused false [1,111,false] Connection refused
bad port false The port is invalid
unix true
wrong type false [2,22,true] WRONGTYPE
goes on v [0,0,true] 
wrong password false 2
timed out false [1,110,false]
took about 100 ms
anew v true
killed and anew v true
killed for good false [6,107,false]
closed under it false [1,104,false]
cancelled false true
Socket#N has already been bound to another coroutine#N, reading of the same socket in coroutine#N at the same time is not allowed
null v
nonsense false [4,71,false] Protocol error, got 'H' as reply type byte
nonsense false [3,104,false] Server closed the connection
nonsense false [4,71,false] Protocol error, a reply is too large
