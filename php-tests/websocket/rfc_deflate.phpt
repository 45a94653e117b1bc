--TEST--
WebSocket\Server and RFC 7692: messages of all sizes and kinds, with and without context, small windows, several offers
--FILE--
<?php
require __DIR__ . '/../_lib/websocket.inc';
$server = TestServer::http(function ($server) {
    $server->on('message', fn ($server, $frame) => $server->push($frame->fd, $frame->data, $frame->opcode, SWOOLE_WEBSOCKET_FLAG_FIN | SWOOLE_WEBSOCKET_FLAG_COMPRESS));
}, ['websocket_compression' => true, 'package_max_length' => 4 << 20, 'socket_buffer_size' => 64 << 20, 'log_level' => SWOOLE_LOG_NONE], Swoole\WebSocket\Server::class);

/** The client's end of permessage-deflate, as the server's answer has settled it. */
final class Deflated
{
    private $out = null;
    private $in = null;
    private array $agreed = [];

    public function __construct(public readonly Peer $peer)
    {
        foreach (array_slice(explode(';', $peer->extensions), 1) as $parameter) {
            [$name, $value] = explode('=', trim($parameter)) + [1 => true];
            $this->agreed[$name] = $value;
        }
    }

    public function pack(string $message): string
    {
        if ($this->out === null || isset($this->agreed['client_no_context_takeover'])) {
            $this->out = deflate_init(ZLIB_ENCODING_RAW, ['window' => (int) ($this->agreed['client_max_window_bits'] ?? 15)]);
        }
        return substr(deflate_add($this->out, $message, ZLIB_SYNC_FLUSH), 0, -4);
    }

    public function unpack(string $bytes): string|false
    {
        if ($this->in === null || isset($this->agreed['server_no_context_takeover'])) {
            // A window of just that size: what was compressed with a larger one does not come out.
            $this->in = inflate_init(ZLIB_ENCODING_RAW, ['window' => (int) ($this->agreed['server_max_window_bits'] ?? 15)]);
        }
        return inflate_add($this->in, "$bytes\0\0\xff\xff", ZLIB_SYNC_FLUSH);
    }
}

$kinds = [
    1 => [TEXT, fn () => json_encode(array_map(fn ($n) => ['id' => $n, 'name' => "user $n", 'tags' => ['a', 'b', "t$n"], 'score' => $n * 1.5], range(1, 4000)))],
    2 => [TEXT, fn () => implode(' ', array_map(fn () => mb(random_int(0x3b1, 0x3c9)), range(1, 100000)))],
    3 => [TEXT, fn () => str_repeat("It was the best of times, it was the worst of times, it was the age of wisdom.\n", 4000)],
    4 => [BINARY, fn () => file_get_contents(PHP_BINARY, false, null, 65536, 300000)],
    5 => [BINARY, fn () => random_bytes(300000)],
];
function mb(int $point): string
{
    return chr(0xc0 | $point >> 6) . chr(0x80 | $point & 63);
}
// The size of a message, and of its frames (0: one frame).
$shapes = [[16, 0], [64, 0], [256, 0], [1024, 0], [4096, 0], [8192, 0], [16384, 0], [32768, 0], [65536, 0], [131072, 0],
    [8192, 256], [16384, 256], [32768, 256], [65536, 256], [131072, 256], [131072, 1024], [131072, 4096], [131072, 16384]];

/** Sends messages of one shape and compares what comes back; how many of them came compressed. */
$exchange = function (string $id, string $offer, int $opcode, string $source, int $size, int $frames, int $messages) use ($server): void {
    $peer = new Peer($server->port, $offer);
    $deflated = new Deflated($peer);
    for ($n = 0; $n < $messages; $n++) {
        $message = substr($source, $n * 997 % (strlen($source) - $size), $size);
        if ($opcode === TEXT) {
            // Not through the middle of a letter.
            $message = preg_replace('/^[\x80-\xbf]+|[\xc0-\xff][\x80-\xbf]*$/', '', $message);
        }
        $packed = $deflated->pack($message);
        $peer->send($frames ? fragments($opcode, $packed, $frames, 4) : frame($opcode, $packed, true, 4));
        $reply = $peer->frame();
        $came = $reply && $reply[3] === 4 ? $deflated->unpack($reply[1]) : $reply[1] ?? null;
        if (!$reply || $reply[0] !== $opcode || $came !== $message || $reply[3] !== 4) {
            show("$id: message $n of $size bytes:", $reply ? [$reply[0], strlen($reply[1]), $reply[3]] : null);
            return;
        }
    }
    $peer->send(frame(CLOSE, pack('n', 1000)));
    if (($peer->frame()[1] ?? '') !== pack('n', 1000)) {
        show("$id: not closed as it should");
    }
};

$cases = 0;
foreach ($kinds as $group => [$opcode, $make]) {
    $source = $make();
    foreach ($shapes as $n => [$size, $frames]) {
        $cases++;
        $exchange("12.$group." . $n + 1, 'permessage-deflate', $opcode, $source, $size, $frames, $size > 8192 ? 10 : 50);
    }
}
show('section 12:', $cases, 'cases');

$offers = [
    1 => 'permessage-deflate; client_no_context_takeover; client_max_window_bits',
    2 => 'permessage-deflate; server_no_context_takeover; client_max_window_bits',
    3 => 'permessage-deflate; server_max_window_bits=9; client_max_window_bits',
    4 => 'permessage-deflate; server_max_window_bits=15; client_max_window_bits',
    5 => 'permessage-deflate; server_max_window_bits=9; server_no_context_takeover; client_max_window_bits=10',
    6 => 'permessage-deflate; server_max_window_bits=15; server_no_context_takeover; client_max_window_bits',
    7 => 'permessage-deflate; server_no_context_takeover; server_max_window_bits=9; client_max_window_bits, permessage-deflate; server_no_context_takeover; client_max_window_bits, permessage-deflate; client_max_window_bits',
];
$source = $kinds[1][1]();
$cases = 0;
foreach ($offers as $group => $offer) {
    show((new Peer($server->port, $offer))->extensions);
    foreach ($shapes as $n => [$size, $frames]) {
        $cases++;
        $exchange("13.$group." . $n + 1, $offer, TEXT, $source, $size, $frames, $size > 8192 ? 5 : 25);
    }
}
show('section 13:', $cases, 'cases');

// What is no offer of this extension is not answered; what cannot be met neither.
foreach (['permessage-bzip2', 'permessage-deflate; server_max_window_bits=7', 'permessage-deflate; server_max_window_bits=16', 'permessage-deflate; unknown',
    'permessage-deflate; client_no_context_takeover=1', 'permessage-deflate; server_no_context_takeover; server_no_context_takeover',
    'x-other, permessage-deflate; unknown, permessage-deflate'] as $offer) {
    show('[' . (new Peer($server->port, $offer))->extensions . ']');
}
// RSV1 where nothing was agreed, on a control frame, on a continuation; bytes that are no deflate; one that grows too large.
$bomb = deflate_init(ZLIB_ENCODING_RAW);
$bomb = substr(deflate_add($bomb, str_repeat("\0", 5 << 20), ZLIB_SYNC_FLUSH), 0, -4);
foreach ([['', frame(TEXT, "\xca\0", true, 4)], ['permessage-deflate', frame(PING, '', true, 4)],
    ['permessage-deflate', frame(TEXT, "\xf2\x48", false, 4) . frame(CONTINUATION, "\xcd\xc9\xc9\x07\0", true, 4)],
    ['permessage-deflate', frame(TEXT, "\xff\xff\xff\xff", true, 4)], ['permessage-deflate', frame(BINARY, $bomb, true, 4)],
    ['permessage-deflate', frame(TEXT, (new Deflated(new Peer($server->port, 'permessage-deflate')))->pack("\xff"), true, 4)]] as [$offer, $bytes]) {
    $peer = new Peer($server->port, $offer);
    $peer->send($bytes);
    $frame = $peer->frame();
    show($frame[0], unpack('n', $frame[1])[1], $peer->frame());
}
?>
--EXPECT--
section 12: 90 cases
permessage-deflate; client_no_context_takeover
permessage-deflate; server_no_context_takeover
permessage-deflate; server_max_window_bits=9
permessage-deflate; server_max_window_bits=15
permessage-deflate; server_no_context_takeover; server_max_window_bits=9; client_max_window_bits=10
permessage-deflate; server_no_context_takeover; server_max_window_bits=15
permessage-deflate; server_no_context_takeover; server_max_window_bits=9
section 13: 126 cases
[]
[]
[]
[]
[]
[]
[permessage-deflate]
8 1002 null
8 1002 null
8 1002 null
8 1002 null
8 1009 null
8 1007 null
