--TEST--
WebSocket: a handshake refused by the program ends the connection; the flags tell whether a frame was masked; opcodes that are none
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
use Swoole\WebSocket\{Frame, Server};
const HANDSHAKE = "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
$refusing = TestServer::http(function ($server) {
    $server->on('handshake', function ($request, $response) {
        $response->status(403);
        $response->end('no');
    });
    $server->on('message', fn () => null);
}, [], Server::class);
$client = stream_socket_client("tcp://127.0.0.1:$refusing->port");
fwrite($client, HANDSHAKE);
$answer = stream_get_contents($client);
show(strtok($answer, "\r"), str_contains($answer, "\r\nConnection: close\r\n"), str_contains($answer, 'keep-alive'), substr($answer, -2));

$server = TestServer::http(function ($server) {
    $server->on('message', fn ($server, $frame) => $server->push($frame->fd, (string) ($frame->flags & SWOOLE_WEBSOCKET_FLAG_MASK)));
}, [], Server::class);
$client = stream_socket_client("tcp://127.0.0.1:$server->port");
fwrite($client, HANDSHAKE);
while (trim(fgets($client)) !== '');
fwrite($client, "\x81\x01x");
show(bin2hex(fread($client, 3)));
fwrite($client, "\x81\x81\0\0\0\0x");
show(bin2hex(fread($client, 4)));
set_error_handler(fn ($level, $text) => show($text));
show(Frame::pack('x', -1), Server::pack('x', 11));
?>
--EXPECT--
HTTP/1.1 403 Forbidden true false no
810130
81023332
Swoole\WebSocket\Frame::pack(): the maximum value of opcode is 10
Swoole\WebSocket\Server::pack(): the maximum value of opcode is 10
 
