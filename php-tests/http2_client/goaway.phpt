--TEST--
HTTP/2: a GOAWAY takes no answer with it that came before it, or that the server still owes
--FILE--
<?php
require __DIR__ . '/../_lib/peer.inc';

use Swoole\Coroutine\Http2\Client;
use Swoole\Coroutine\Http\Server;
use Swoole\Http2\Request;
use function Swoole\Coroutine\{go, run};

function frame(int $type, int $flags, int $stream, string $payload): string
{
    return substr(pack('N', strlen($payload)), 1) . chr($type) . chr($flags) . pack('N', $stream) . $payload;
}

/** ":status: 200" and a body. */
function whole(int $stream, string $body): string
{
    return frame(1, 4, $stream, "\x88") . frame(0, 1, $stream, $body);
}

function going(int $last, int $code, string $text = ''): string
{
    return frame(7, 0, 0, pack('NN', $last, $code) . $text);
}

/** A client with two requests under way, at a server that sends $pieces, a moment apart. */
function talk(string ...$pieces): void
{
    $server = listen(function ($c) use ($pieces) {
        $c->recv();
        $c->sendAll(frame(4, 0, 0, ''));
        foreach ($pieces as $piece) {
            Swoole\Coroutine::sleep(0.02);
            $c->sendAll($piece);
        }
        while ($c->recv()) {
        }
    });
    $client = new Client('127.0.0.1', port_of($server));
    $client->set(['timeout' => 2]);
    $client->connect();
    $client->send(new Request);
    $client->send(new Request);
    do {
        $response = $client->recv();
        $got[] = $response ? [$response->streamId, $response->statusCode, $response->data] : false;
    } while ($response);
    show($got, $client->errCode, $client->errMsg, $client->serverLastStreamId, $client->connected, $client->send(new Request), $client->errCode);
    $server->close();
}

run(function () {
    talk(whole(1, 'a') . whole(3, 'b') . going(3, 0, 'bye'));
    talk(going(3, 0, 'bye'), whole(1, 'a'), whole(3, 'b'));
    talk(going(0x7fffffff, 0), whole(3, 'b') . going(3, 0) . frame(1, 4, 1, "\x88"), frame(0, 1, 1, 'a'));
    talk(whole(1, 'a') . going(1, 0, 'no more'));
    talk(whole(1, 'a') . going(1, 11, 'calm'));
    talk(whole(1, 'a'), whole(3, 'b'), going(3, 0, 'idle'));

    // While one is owed, there are no new ones.
    $server = listen(function ($c) {
        $c->recv();
        $c->sendAll(frame(4, 0, 0, '') . frame(1, 4, 1, "\x88") . frame(0, 0, 1, 'part') . going(1, 0));
        Swoole\Coroutine::sleep(0.05);
        $c->sendAll(frame(0, 1, 1, ' end'));
        while ($c->recv()) {
        }
    });
    $client = new Client('127.0.0.1', port_of($server));
    $client->connect();
    $request = new Request;
    $request->usePipelineRead = true;
    $client->send($request);
    show($client->recv(2)->data, $client->connected, $client->recv(0.01), $client->errCode, $client->send(new Request), $client->errCode, $client->recv(2)->data, $client->connected);
    $server->close();

    // A handler that ends its server: the answer arrives, and each client may connect anew.
    for ($good = $round = 0; $round < 20; $round++) {
        $server = new Server('127.0.0.1', 0);
        $server->handle('/', function ($request, $response) use ($server) {
            $response->end(str_repeat('stop', 10_000));
            $server->shutdown();
        });
        go(fn () => $server->start());
        $client = new Client('127.0.0.1', $server->port);
        $client->set(['timeout' => 2]);
        $client->connect();
        $client->send(new Request);
        $response = $client->recv();
        $good += $response && strlen($response->data) === 40_000 && !$client->recv() && !$client->connected;
    }
    show('stopped', $good);
});
?>
--EXPECT--
[[1,200,"a"],[3,200,"b"],false] 0 bye 3 false false 5001
[[1,200,"a"],[3,200,"b"],false] 5001 Client no connection 3 false false 5001
[[3,200,"b"],[1,200,"a"],false] 5001 Client no connection 3 false false 5001
[[1,200,"a"],false] 0 no more 1 false false 5001
[[1,200,"a"],false] 11 calm 1 false false 5001
[[1,200,"a"],[3,200,"b"],false] 0 idle 3 false false 5001
part true false 110 false 5001  end false
stopped 20
