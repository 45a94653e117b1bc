--TEST--
permessage-deflate with context takeover, and a refused handshake of one's own
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::http(function ($server) {
    $server->on('message', fn ($server, $frame) => $server->push($frame->fd, json_encode([strlen($frame->data), $frame->flags])));
}, ['websocket_compression' => true], Swoole\WebSocket\Server::class);
$port = $server->port;
Swoole\Coroutine\run(function () use ($port) {
    $client = new Swoole\Coroutine\Http\Client('127.0.0.1', $port);
    $client->set(['websocket_compression' => true]);
    show($client->upgrade('/'), str_starts_with($client->headers['sec-websocket-extensions'], 'permessage-deflate'));
    foreach ([str_repeat('again ', 1000), str_repeat('again ', 1000), 'x'] as $text) {
        $client->push($text, SWOOLE_WEBSOCKET_OPCODE_TEXT, SWOOLE_WEBSOCKET_FLAG_FIN | SWOOLE_WEBSOCKET_FLAG_COMPRESS);
        show($client->recv()->data);
    }
});
$server = TestServer::http(function ($server) {
    $server->on('message', fn () => null);
    $server->on('handshake', function ($request, $response) {
        $response->status(403);
        $response->end('no');
    });
}, [], Swoole\WebSocket\Server::class);
$client = $server->client();
$client->send("GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
show($client->reply()->status, $client->closed());
?>
--EXPECT--
true true
[6000,39]
[6000,39]
[1,39]
403 true
