--TEST--
WebSocket: masks, fragments, control frames, deflate with context, limits, endings
--FILE--
<?php
require __DIR__ . '/../_lib/peer.inc';
use Swoole\Coroutine;
use Swoole\Coroutine\Http\Client;
use Swoole\Coroutine\Socket;
use Swoole\WebSocket\CloseFrame;
use Swoole\WebSocket\Frame;
use function Swoole\Coroutine\run;
// Mistakes of a server are logged too.
Swoole\Coroutine::set(["log_level" => SWOOLE_LOG_NONE]);
function frame(int $head, string $payload): string
{
    $length = strlen($payload);
    return chr($head) . ($length < 126 ? chr($length) : chr(126) . pack('n', $length)) . $payload;
}
/** One frame of a client: [head byte, payload], which must be masked. */
function unframe(Socket $c): array
{
    [$head, $length] = array_values(unpack('C2', $c->recvAll(2)));
    if (!($length & 128)) { return [$head, 'not masked']; }
    $length &= 127;
    if ($length === 126) { $length = unpack('n', $c->recvAll(2))[1]; }
    $key = $c->recvAll(4);
    return [$head, $length ? $c->recvAll($length) ^ str_pad('', $length, $key) : ''];
}
function ws(callable $talk, string $extensions = '', ?string $accept = null): Socket
{
    return listen(function ($c) use ($talk, $extensions, $accept) {
        $request = read_request($c);
        preg_match('/Sec-WebSocket-Key: (\S+)/i', $request, $key);
        $accept ??= base64_encode(sha1($key[1] . '258EAFA5-E914-47DA-95CA-C5AB0DC85B11', true));
        $c->sendAll("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: $accept\r\n$extensions\r\n");
        $talk($c, $request);
        $c->close();
    });
}
run(function () {
    $open = function (Socket $server, array $settings = []) {
        $client = new Client('127.0.0.1', port_of($server));
        $client->set($settings + ['timeout' => 2]);
        show('upgrade', $client->upgrade('/'), $client->statusCode);
        return $client;
    };
    $got = fn ($frame) => $frame instanceof Frame
        ? show($frame::class, $frame->opcode, $frame instanceof CloseFrame ? "$frame->code $frame->reason" : addcslashes($frame->data, "\0..\37"), $frame->flags, $frame->finish)
        : show($frame);

    $echo = ws(function ($c) {
        // The first two frames come with the answer's own packet, one of them in single bytes.
        $c->sendAll(frame(0x01, 'Hel') . frame(0x89, 'ping!') . frame(0x80, 'lo') . frame(0x82, "\0\1"));
        foreach (str_split(frame(0x81, 'slow')) as $byte) { $c->sendAll($byte); Coroutine::sleep(0.001); }
        for ($i = 0; $i < 5; $i++) { show('server got', ...unframe($c)); }
        $c->sendAll(frame(0x88, pack('n', 1001) . 'bye'));
        show('server got', bin2hex(unframe($c)[1]));
    });
    $client = $open($echo);
    $got($client->recv());
    $got($client->recv());
    $got($client->recv());
    show($client->push('text'), $client->push("bin", 2), $client->push(new Frame()), $client->ping('p'));
    $got($client->recv());
    $got($client->recv());
    show($client->connected, $client->push('x'), $client->errCode === SWOOLE_ERROR_CLIENT_NO_CONNECTION);

    $closing = ws(function ($c) { $c->sendAll(frame(0x88, pack('n', 4000) . 'own')); Coroutine::sleep(0.05); });
    $client = $open($closing, ['open_websocket_close_frame' => true]);
    $got($client->recv());
    $got($client->recv(0.01));
    show($client->errCode, $client->statusCode, $client->connected, $client->disconnect(4001, 'done'), $client->connected);

    $packed = ws(function ($c, $request) {
        show((bool) preg_match('/permessage-deflate/', $request));
        $deflate = deflate_init(ZLIB_ENCODING_RAW);
        $inflate = inflate_init(ZLIB_ENCODING_RAW);
        for ($i = 0; $i < 3; $i++) {
            [$head, $payload] = unframe($c);
            $text = inflate_add($inflate, $payload . "\0\0\xff\xff", ZLIB_SYNC_FLUSH);
            show($head === 0xc1, $text, $i === 0 || strlen($payload) < 12);
            $c->sendAll(frame(0xc1, substr(deflate_add($deflate, strrev($text), ZLIB_SYNC_FLUSH), 0, -4)));
        }
    }, "Sec-WebSocket-Extensions: permessage-deflate\r\n");
    $client = $open($packed, ['websocket_compression' => true]);
    for ($i = 0; $i < 3; $i++) {
        $client->push('the same text each time');
        $got($client->recv());
    }
    $got($client->recv());

    foreach (['too large' => frame(0x81, str_repeat('x', 2000)), 'reserved bits' => frame(0xf1, ''), 'lonely continuation' => frame(0x80, 'x')] as $what => $bytes) {
        $bad = ws(function ($c) use ($bytes) { $c->sendAll($bytes); show('close code', unpack('n', unframe($c)[1])[1]); });
        $client = $open($bad, ['package_max_length' => 1000]);
        show($what, $client->recv(), $client->errCode, $client->statusCode, $client->connected);
        $bad->close();
    }
    $liar = ws(fn () => null, accept: 'wrong');
    $client = new Client('127.0.0.1', port_of($liar));
    show('wrong accept', $client->upgrade('/'), $client->errCode === SWOOLE_ERROR_WEBSOCKET_HANDSHAKE_FAILED);
    $plain = serve(fn () => answer('no', '', '404 Not Found'));
    $client = new Client('127.0.0.1', port_of($plain));
    show('404', $client->upgrade('/'), $client->statusCode, @$client->push('x'), $client->errCode === SWOOLE_ERROR_WEBSOCKET_HANDSHAKE_FAILED);
    array_map(fn ($socket) => $socket->close(), [$echo, $closing, $packed, $liar, $plain]);
});
?>
--EXPECT--
upgrade true 101
Swoole\WebSocket\Frame 1 Hello 1 true
Swoole\WebSocket\Frame 2 \000\001 1 true
server got 138 ping!
Swoole\WebSocket\Frame 1 slow 1 true
true true true true
server got 129 text
server got 130 bin
server got 129 
server got 137 p
server got 03e9627965

false
false false true
upgrade true 101
Swoole\WebSocket\CloseFrame 8 4000 own 1 true
false
110 -3 true true false
true
upgrade true 101
true the same text each time true
Swoole\WebSocket\Frame 1 emit hcae txet emas eht 7 true
true the same text each time true
Swoole\WebSocket\Frame 1 emit hcae txet emas eht 7 true
true the same text each time true
Swoole\WebSocket\Frame 1 emit hcae txet emas eht 7 true

upgrade true 101
too large false 1201 -3 false
close code 1009
upgrade true 101
reserved bits false 508 -3 false
close code 1002
upgrade true 101
lonely continuation false 508 -3 false
close code 1002
wrong accept false true
404 true 404 false true
