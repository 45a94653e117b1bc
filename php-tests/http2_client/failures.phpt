--TEST--
HTTP/2: refused, GOAWAY, a reset stream, noise
--FILE--
<?php
require __DIR__ . '/../_lib/peer.inc';
use Swoole\Coroutine\Http2\Client;
use Swoole\Http2\Request;
use function Swoole\Coroutine\run;
thrown(fn () => new Client(''));
thrown(fn () => clone new Request());
run(function () {
    $client = new Client('127.0.0.1', free_port());
    show('refused', $client->connect(), $client->errCode, $client->close(), $client->errCode);
    $frame = fn (int $type, int $flags, int $stream, string $payload) => substr(pack('N', strlen($payload)), 1) . chr($type) . chr($flags) . pack('N', $stream) . $payload;
    foreach ([
        'goaway' => $frame(7, 0, 0, pack('NN', 1, 11) . 'calm down'),
        'reset' => $frame(3, 0, 1, pack('N', 7)),
        'noise' => "HTTP/1.1 400 Bad Request\r\n\r\n",
        'end' => '',
    ] as $what => $bytes) {
        $server = listen(function ($c) use ($bytes, $frame) {
            $c->recv();
            $c->sendAll($frame(4, 0, 0, '') . $bytes);
            Swoole\Coroutine::sleep(0.02);
            $c->close();
        });
        $client = new Client('127.0.0.1', port_of($server));
        $client->set(['timeout' => 1]);
        $client->connect();
        $client->send(new Request());
        $response = $client->recv();
        show($what, $response ? [$response->statusCode, $response->errCode] : false, $client->errCode, $client->errMsg, $client->serverLastStreamId, $client->connected);
        $server->close();
    }
});
?>
--EXPECTF--
Swoole\Coroutine\Http2\Client\Exception(505): host is empty
Error(0): Trying to clone an uncloneable object of class Swoole\Http2\Request
refused false 111 false 9
goaway false 11 calm down 1 false
reset [-3,7] 0  0 true
noise false %d %s 0 false
end false 104 Connection reset by peer 0 false
