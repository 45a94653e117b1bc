--TEST--
WebSocket\Server: handshake, messages, fragments, ping, close, and plain requests beside them
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$frame = fn (int $opcode, string $data, bool $fin = true) => chr(($fin ? 128 : 0) | $opcode) . chr(128 | strlen($data)) . "\1\2\3\4" . ($data ^ substr(str_repeat("\1\2\3\4", 40), 0, strlen($data)));
$server = TestServer::http(function ($server) {
    $server->on('open', fn ($server, $request) => $server->push($request->fd, "welcome {$request->get['name']}"));
    $server->on('message', function ($server, $frame) {
        if ($frame->data === 'end') {
            $server->disconnect($frame->fd, 4001, 'as you wish');
        } else {
            $server->push($frame->fd, "$frame->opcode:$frame->data", $frame->opcode);
        }
    });
    $server->on('request', fn ($request, $response) => $response->end('plain'));
}, ['websocket_subprotocol' => 'chat'], Swoole\WebSocket\Server::class);
$client = $server->client();
$client->send("GET /?name=me HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n" . $frame(1, 'early'));
$reply = $client->reply();
show($reply->status, $reply->header('Sec-WebSocket-Accept'), $reply->header('Sec-WebSocket-Protocol'));
$client->send($frame(1, 'a', false) . $frame(9, 'p') . $frame(0, 'b', false) . $frame(0, 'c') . $frame(2, "\xff"));
$client->send($frame(1, 'end'));
echo strtr(addcslashes($client->raw(0.4), "\0..\37\177..\377"), ['\\' => '%']), "\n";
show($client->closed());
show($server->get('/')->body);
$client = $server->client();
$client->send("GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 12\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
show($client->reply()->status, $client->closed());
?>
--EXPECT--
101 s3pPLMBiTxaQ9kYGzzhZRbK+xOo= chat
%201%nwelcome me%201%a1:early%212%001p%201%0051:abc%202%0032:%377%210%r%017%241as you wish
true
plain
426 true
