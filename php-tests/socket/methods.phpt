--TEST--
Coroutine\Socket: lines, buffers, packets, vectors, peeking, files, options, liveness, who is bound, the pair
--FILE--
<?php
require __DIR__ . '/../_lib/peer.inc';

use Swoole\Coroutine;
use Swoole\Coroutine\Socket;

/** Two sockets that are connected. */
function pair(): array
{
    $listener = new Socket(AF_INET, SOCK_STREAM, IPPROTO_IP);
    $listener->bind('127.0.0.1');
    $listener->listen(8);
    $client = new Socket(AF_INET, SOCK_STREAM, 0);
    $client->connect('127.0.0.1', $listener->getsockname()['port']);
    return [$client, $listener->accept(), $listener];
}

Coroutine\run(function () {
    thrown(fn () => new Socket(99, SOCK_STREAM, 0));
    thrown(fn () => (new ReflectionClass(Socket::class))->newInstanceWithoutConstructor()->recv());
    thrown(fn () => clone new Socket(AF_INET, SOCK_STREAM, 0));
    [$a, $b, $listener] = pair();
    show($a->domain === AF_INET, $a->type === SOCK_STREAM, $a->protocol, $a->fd > 0, $a->getpeername() == $listener->getsockname(), $b->getpeername() == $a->getsockname());
    show('liveness', $a->checkLiveness(), $a->isClosed(), (new Socket(AF_INET, SOCK_STREAM, 0))->checkLiveness());

    $b->sendAll("one\ntwo\r\nthree");
    show('lines', [$a->recvLine(), $a->recvLine(100, 1), $a->recvLine(2), $a->recvLine(3, 1)]);
    $b->sendAll(str_repeat('x', 10) . "\n");
    show([$a->recvLine(4), $a->recvLine(100)]);
    $b->send('0123456789');
    show('buffer', $a->recvWithBuffer(3), $a->recv(2), $a->recvWithBuffer(100), $a->recvWithBuffer(1, 0.01), $a->errCode);
    $b->send('peeked');
    while ($a->peek(3) === false) {
        Coroutine::sleep(0.001);
    }
    show('peek', $a->peek(3), $a->peek(), $a->recv(), $a->peek(), $a->errCode);
    $b->send('part');
    go(fn () => [Coroutine::sleep(0.02), $b->send(' whole')]);
    show('all', $a->recvAll(10), $b->send('short'), $a->recvAll(10, 0.02), $a->errCode);

    show('vectors', $b->writeVector(['ab', 'cde', 'f']), $a->readVector([1, 2, 10]), $b->writeVectorAll(['12', '345']));
    go(fn () => [Coroutine::sleep(0.02), $b->send('67')]);
    show($a->readVectorAll([3, 4]), $a->readVector([4], 0.01), $a->errCode);
    thrown(fn () => $a->writeVector(['a', 5]));
    thrown(fn () => $a->writeVector(['a', '']));
    thrown(fn () => $a->readVector([1, 'x']));
    thrown(fn () => $a->readVectorAll([-1]));
    show($a->readVector(array_fill(0, 1025, 1)), $a->errCode, $a->errMsg);
    $half = str_repeat('x', 3 << 20);
    go(function () use ($b, $half) {
        show('big vectors', $b->writeVectorAll([$half, 'y', $half]) === 2 * strlen($half) + 1);
        $b->shutdown(STREAM_SHUT_WR);
    });
    [$first, $second, $third] = $a->readVectorAll([strlen($half), 1, strlen($half)]);
    show($first === $half, $second, $third === $half, $a->recv(), $a->recv());

    [$a, $b] = pair();
    $a->setProtocol(['open_eof_check' => true, 'package_eof' => ';']);
    $b->send('a;bb;c');
    show('packets', $a->recvPacket(), $a->recvPacket(), $a->recvPacket(0.01), $a->errCode, $b->send('c;'), $a->recvPacket());
    $a->setProtocol(['open_length_check' => true, 'package_length_type' => 'n', 'package_body_offset' => 2]);
    $b->send("\0\2hi\0\1");
    show(bin2hex($a->recvPacket()), $b->send('!'), bin2hex($a->recvPacket(1)));
    $a->setProtocol(['open_length_check' => true, 'package_length_func' => fn ($bytes) => strlen($bytes) < 2 ? 0 : 2 + (int) substr($bytes, 0, 2)]);
    $b->send('03abc00');
    show($a->recvPacket(), $a->recvPacket());

    [$a, $b] = pair();
    $file = temp_path();
    file_put_contents($file, 'the bytes of a file');
    show('file', $b->sendFile($file), $b->sendFile($file, 4), $b->sendFile($file, 4, 5), $a->recvAll(19 + 15 + 5));
    show(@$b->sendFile(''), $b->sendFile('/no/such'), $b->errCode, $b->sendFile($file, 100), $b->errCode);

    show('options', $a->setOption(SOL_SOCKET, SO_KEEPALIVE, 1), $a->getOption(SOL_SOCKET, SO_KEEPALIVE), $a->setOption(SOL_TCP, TCP_NODELAY, 1), $a->getOption(SOL_TCP, TCP_NODELAY) > 0);
    show($a->setOption(SOL_SOCKET, SO_LINGER, ['l_onoff' => 1, 'l_linger' => 3]), $a->getOption(SOL_SOCKET, SO_LINGER), $a->setOption(SOL_SOCKET, SO_RCVTIMEO, ['sec' => 0, 'usec' => 20_000]), $a->getOption(SOL_SOCKET, SO_RCVTIMEO));
    took(elapsed(fn () => show($a->recv(), $a->errCode)), 20);
    show(@$a->setOption(SOL_SOCKET, 9999, 1), $a->errCode > 0, $a->getOption(SOL_SOCKET, SO_TYPE) === SOCK_STREAM);

    show('bound', $a->getBoundCid(SWOOLE_EVENT_READ), $a->getBoundCid(SWOOLE_EVENT_WRITE));
    $reader = go(fn () => show('read', $a->recv(10, -1)));
    $full = str_repeat('x', 16 << 20);
    $writer = go(fn () => show('wrote', $a->sendAll($full, -1) === strlen($full)));
    show($a->getBoundCid(SWOOLE_EVENT_READ) === $reader, $a->getBoundCid(SWOOLE_EVENT_WRITE) === $writer);
    foreach ([fn () => $a->recv(), fn () => $a->send('x'), fn () => $a->recvLine(), fn () => $a->peek(), fn () => $a->readVector([1]), fn () => $a->writeVectorAll(['x']), fn () => $a->recvPacket()] as $second) {
        try {
            $second();
            show('not refused');
        } catch (Swoole\Error $error) {
            echo preg_replace('/#\d+/', '#', $error->getMessage()), "\n";
        }
    }
    $b->recvAll(strlen($full));
    $b->send('answer');
    Coroutine::sleep(0.01);
    show($a->getBoundCid(SWOOLE_EVENT_READ), $a->cancel(), $a->errCode);

    show('shutdown', $a->shutdown(STREAM_SHUT_RD), $a->shutdown(STREAM_SHUT_RD), $a->errCode, $a->recv(), $a->send('x') === 1, $a->shutdown(), $a->send('x'), $a->errCode);
    show('closed', $a->close(), $a->isClosed(), $a->close(), $a->errCode, $a->recv(), $a->getsockname(), $a->getBoundCid(SWOOLE_EVENT_READ));
    show('gone', $b->checkLiveness(), $b->recv(), $b->recv(), $b->checkLiveness(), $b->errCode);

    [$left, $right] = swoole_coroutine_socketpair(AF_UNIX, SOCK_STREAM, 0);
    show('pair', $left instanceof Socket, $left->send('to the right'), $right->recv(), $left->close(), $right->recv());
    show(@swoole_coroutine_socketpair(AF_INET, SOCK_STREAM, 0));

    [$cert, $key] = certificate('good.test');
    $server = new Socket(AF_INET, SOCK_STREAM, 0);
    $server->bind('127.0.0.1');
    $server->listen();
    show('tls', $server->setProtocol(['open_ssl' => true, 'ssl_cert_file' => $cert, 'ssl_key_file' => $key]));
    go(function () use ($server) {
        while ($connection = $server->accept()) {
            show('server', $connection->sslHandshake(), $connection->sslHandshake(), rtrim($line = $connection->recvLine()), $line && $connection->sendAll("world\n"), $connection->close());
        }
    });
    foreach (['good.test', 'bad.test', null] as $name) {
        $client = new Socket(AF_INET, SOCK_STREAM, 0);
        $client->setProtocol(['open_ssl' => true, 'ssl_verify_peer' => true, 'ssl_cafile' => $cert] + ($name ? ['ssl_host_name' => $name] : []));
        show($name, $client->connect('127.0.0.1', $server->getsockname()['port'], 2), $client->errCode);
        if (!$client->isClosed()) {
            show($client->send("hello\n"), rtrim($client->recvLine()), $client->recv());
        }
    }
    Coroutine::sleep(0.02);
    $server->close();
});
?>
--EXPECT--
Swoole\Coroutine\Socket\Exception(97): new Socket() failed. Error: Address family not supported by protocol [97]
Swoole\Error(509): must call constructor first
Error(0): Trying to clone an uncloneable object of class Swoole\Coroutine\Socket
true true 0 true true true
liveness true false false
lines ["one\n","two\r","\n","thr"]
["eexx","xxxxxxxx\n"]
buffer 012 34 56789 false 110
peek pee peeked peeked false 11
all part whole 5 short 110
vectors 6 ["a","bc","def"] 5
["123","4567"] false 110
Swoole\Coroutine\Socket\Exception(22): Item #[1] must be of type string, int given
Swoole\Coroutine\Socket\Exception(22): Item #[1] cannot be empty string
Swoole\Coroutine\Socket\Exception(22): Item #[1] must be of type int, string given
Swoole\Coroutine\Socket\Exception(22): Item #[0] must be greater than 0
false 22 The maximum of iov count is 1024
big vectors true
true y true  
packets a; bb; false 110 2 cc;
00026869 1 000121
03abc 00
file true true true the bytes of a filebytes of a filebytes
false false 2 false 22
options true 1 true true
true {"l_onoff":1,"l_linger":3} true {"sec":0,"usec":20000}
false 110
took about 20 ms
false true true
bound 0 0
true true
Socket# has already been bound to another coroutine#, reading of the same socket in coroutine# at the same time is not allowed
Socket# has already been bound to another coroutine#, writing of the same socket in coroutine# at the same time is not allowed
Socket# has already been bound to another coroutine#, reading of the same socket in coroutine# at the same time is not allowed
Socket# has already been bound to another coroutine#, reading of the same socket in coroutine# at the same time is not allowed
Socket# has already been bound to another coroutine#, reading of the same socket in coroutine# at the same time is not allowed
Socket# has already been bound to another coroutine#, writing of the same socket in coroutine# at the same time is not allowed
Socket# has already been bound to another coroutine#, reading of the same socket in coroutine# at the same time is not allowed
wrote true
read answer
0 false 10015
shutdown true false 107  true true false 32
closed true true false 9 false false 0
gone true x  false 104
pair true 12 to the right true 
false
tls true
good.test true 0
server true false hello true true
6 world 
bad.test false 1014
server true false  false true
null true 0
server true false hello true true
6 world 
