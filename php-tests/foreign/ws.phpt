--TEST--
npm's ws as a client of WebSocket\Server and of Coroutine\Http\Server: deflate, fragments, pings, close codes, refusal
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';

use Swoole\Coroutine;
use Swoole\Coroutine\Http\Server as CoroutineServer;
use Swoole\WebSocket\Server;

const SETTINGS = ['websocket_compression' => true, 'websocket_subprotocol' => 'chat', 'package_max_length' => 8 << 20];

/** What the client saw of a server at $port; the two servers are to look the same. */
function seen(int $port, string $path = '/echo'): string
{
    // Where Debian's packages are, also for a node that is not Debian's.
    return shell_exec('NODE_PATH=/usr/share/nodejs node ' . __DIR__ . "/ws_client.js ws://127.0.0.1:$port$path 2>&1");
}

$server = TestServer::http(function (Server $server) {
    $server->on('message', function (Server $server, $frame) {
        match (true) {
            $frame->data === 'close me' => $server->disconnect($frame->fd, 4003, 'as you wish'),
            str_ends_with($frame->data, 'drop me') => $server->close($frame->fd, true),
            default => $server->push($frame->fd, $frame->data, $frame->opcode, SWOOLE_WEBSOCKET_FLAG_FIN | SWOOLE_WEBSOCKET_FLAG_COMPRESS),
        };
    });
}, SETTINGS, Server::class);
$first = seen($server->port);
echo $first, $server->stop(), "\n";

Coroutine\run(function () use ($first) {
    Swoole\Runtime::enableCoroutine();
    $server = new CoroutineServer('127.0.0.1', 0);
    $server->set(SETTINGS);
    $server->handle('/echo', function ($request, $socket) {
        $socket->header('Sec-WebSocket-Protocol', 'chat');
        $socket->upgrade();
        while ($frame = $socket->recv()) {
            switch (true) {
                case $frame->data === 'close me':
                    $socket->disconnect(4003, 'as you wish');
                    break;
                case str_ends_with($frame->data, 'drop me'):
                    return $socket->close();
                default:
                    $socket->push($frame->data, $frame->opcode, SWOOLE_WEBSOCKET_FLAG_FIN | SWOOLE_WEBSOCKET_FLAG_COMPRESS);
            }
        }
    });
    $server->handle('/none', function ($request, $response) {
        $response->status(403);
        $response->end();
    });
    go(fn () => $server->start());
    $second = seen($server->port);
    echo $second === $first ? "the coroutine server looks the same\n" : $second;
    echo seen($server->port, '/none');
    $server->shutdown();
});
?>
--EXPECT--
without chat plain
true true
true true
true true
true true
true true
in three fragments between
in order 200
closed 4002 done here
deflate chat permessage-deflate
true true
true true
true true
true true
true true
in three fragments between
in order 200
closed 4002 done here
no takeover chat permessage-deflate
true true
true true
true true
true true
true true
in three fragments between
in order 200
closed 4002 done here
small window chat permessage-deflate
true true
true true
true true
true true
true true
in three fragments between
in order 200
closed 4002 done here
twenty at once
close me 4003 as you wish
xxxxx drop me 1006 
exit 0
the coroutine server looks the same
failed: Unexpected server response: 403
