--TEST--
WebSocket\Server and RFC 6455, case by case: framing, pings, reserved bits and opcodes, fragments, UTF-8, closing, limits
--FILE--
<?php
require __DIR__ . '/../_lib/websocket.inc';
$server = TestServer::http(function ($server) {
    $server->on('message', fn ($server, $frame) => $server->push($frame->fd, $frame->data, $frame->opcode));
}, ['package_max_length' => 20 << 20, 'socket_buffer_size' => 64 << 20, 'http_compression' => false, 'log_level' => SWOOLE_LOG_NONE], Swoole\WebSocket\Server::class);

$count = [];
/**
 * Sends $bytes (a callable sends for itself), and compares what comes. $wanted is a list of [opcode, payload]; a CLOSE
 * ends it, with its code in place of a payload ('' for none). Where none is wanted the client closes, as is answered.
 */
$case = function (string $id, string|callable $bytes, array $wanted, ?int $chop = null) use ($server, &$count) {
    $count[(int) $id] = ($count[(int) $id] ?? 0) + 1;
    $socket = new Peer($server->port);
    $closes = $wanted && end($wanted)[0] === CLOSE;
    match (true) {
        is_callable($bytes) => $bytes($socket),
        $chop !== null => $socket->chopped($bytes, $chop),
        default => $socket->send($bytes),
    };
    if (!$closes) {
        $socket->send(frame(CLOSE, pack('n', 1000)));
        $wanted[] = [CLOSE, 1000];
    }
    foreach ($wanted as [$opcode, $payload]) {
        $frame = $socket->frame();
        if ($frame && $frame[0] === CLOSE && $opcode === CLOSE) {
            $frame[1] = strlen($frame[1]) >= 2 ? unpack('n', $frame[1])[1] : '';
        }
        if (!$frame || $frame[0] !== $opcode || $frame[1] !== $payload || !$frame[2] || $frame[3] !== 0) {
            $short = fn ($value) => is_string($value) && strlen($value) > 40 ? strlen($value) . ' bytes' : bin2hex((string) $value);
            show("$id: wanted", $opcode, $short($payload), 'got', $frame[0] ?? null, $short($frame[1] ?? ''));
            return;
        }
    }
    if ($socket->frame() !== null) {
        show("$id: more after the close");
    }
};
$echo = fn (string $id, int $opcode, string $payload, ?int $chop = null) => $case($id, frame($opcode, $payload), [[$opcode, $payload]], $chop);
$broken = [[CLOSE, 1002]];
$badText = [[CLOSE, 1007]];

// 1: lengths
foreach ([1 => TEXT, 2 => BINARY] as $group => $opcode) {
    foreach ([0, 125, 126, 127, 128, 65535, 65536] as $n => $length) {
        $echo("1.$group." . $n + 1, $opcode, str_repeat($opcode === TEXT ? '*' : "\xfe", $length));
    }
    $echo("1.$group.8", $opcode, str_repeat('*', 65536), 997);
}

// 2: pings and pongs
$case('2.1', frame(PING), [[PONG, '']]);
$case('2.2', frame(PING, 'Hello, world!'), [[PONG, 'Hello, world!']]);
$case('2.3', frame(PING, "\x00\xff\xfe\xfd\xfc\xfb\x00\xff"), [[PONG, "\x00\xff\xfe\xfd\xfc\xfb\x00\xff"]]);
$full = str_repeat("\xfe", 125);
$case('2.4', frame(PING, $full), [[PONG, $full]]);
$case('2.5', frame(PING, "$full\xfe"), $broken);
$case('2.6', frame(PING, $full), [[PONG, $full]], 1);
$case('2.7', frame(PONG), []);
$case('2.8', frame(PONG, 'unasked'), []);
$case('2.9', frame(PONG, 'unasked') . frame(PING, 'ping'), [[PONG, 'ping']]);
$pings = $pongs = [];
for ($n = 0; $n < 10; $n++) {
    $pings[] = frame(PING, "payload-$n");
    $pongs[] = [PONG, "payload-$n"];
}
$case('2.10', implode('', $pings), $pongs);
$case('2.11', implode('', $pings), $pongs, 1);

// 3: reserved bits
$hello = 'Hello, world!';
$text = frame(TEXT, $hello);
$answered = [[TEXT, $hello], ...$broken];
$case('3.1', frame(TEXT, $hello, true, 1), $broken);
$case('3.2', $text . frame(TEXT, $hello, true, 2) . frame(PING), $answered);
$case('3.3', $text . frame(TEXT, $hello, true, 3) . frame(PING), $answered);
$case('3.4', $text . frame(TEXT, $hello, true, 4) . frame(PING), $answered, 1);
$case('3.5', frame(BINARY, str_repeat("\xff", 8), true, 5), $broken);
$case('3.6', frame(PING, $hello, true, 6), $broken);
$case('3.7', frame(CLOSE, '', true, 7), $broken);

// 4: reserved opcodes
foreach ([1 => 3, 2 => 11] as $group => $first) {
    $case("4.$group.1", frame($first), $broken);
    $case("4.$group.2", frame($first + 1, 'reserved opcode payload'), $broken);
    $case("4.$group.3", $text . frame($first + 2) . frame(PING), $answered);
    $case("4.$group.4", $text . frame($first + 3, $hello) . frame(PING), $answered);
    $case("4.$group.5", $text . frame($first + 4, $hello) . frame(PING), $answered, 1);
}

// 5: fragments
$first = frame(TEXT, 'fragment1', false);
$last = frame(CONTINUATION, 'fragment2');
$whole = [TEXT, 'fragment1fragment2'];
$case('5.1', frame(PING, 'fragment1', false) . $last, $broken);
$case('5.2', frame(PONG, 'fragment1', false) . $last, $broken);
$case('5.3', $first . $last, [$whole]);
$case('5.4', $first . $last, [$whole], 9);
$case('5.5', $first . $last, [$whole], 1);
foreach ([6 => null, 7 => 11, 8 => 1] as $n => $chop) {
    $case("5.$n", $first . frame(PING, 'ping') . $last, [[PONG, 'ping'], $whole], $chop);
}
$alone = frame(CONTINUATION, 'non-continuation payload');
$open = frame(CONTINUATION, 'non-continuation payload', false);
foreach ([$alone, $open] as $group => $stray) {
    foreach ([null, 11, 1] as $n => $chop) {
        $case('5.' . 9 + 3 * $group + $n, $stray . $text, $broken, $chop);
    }
}
$case('5.15', $first . $last . frame(CONTINUATION, 'fragment3', false) . frame(TEXT, 'fragment4'), [$whole, ...$broken]);
$case('5.16', str_repeat(frame(CONTINUATION, 'fragment1', false) . frame(TEXT, 'fragment2', false) . frame(CONTINUATION, 'fragment3'), 2), $broken);
$case('5.17', str_repeat(frame(CONTINUATION, 'fragment1') . frame(TEXT, 'fragment2', false) . frame(CONTINUATION, 'fragment3'), 2), $broken);
$case('5.18', $first . frame(TEXT, 'fragment2'), $broken);
$five = [
    frame(TEXT, 'fragment1', false), frame(CONTINUATION, 'fragment2', false), frame(PING, 'pongme 1'),
    frame(CONTINUATION, 'fragment3', false), frame(CONTINUATION, 'fragment4', false), frame(PING, 'pongme 2'), frame(CONTINUATION, 'fragment5'),
];
$fiveWanted = [[PONG, 'pongme 1'], [PONG, 'pongme 2'], [TEXT, 'fragment1fragment2fragment3fragment4fragment5']];
$case('5.19', implode('', $five), $fiveWanted);
$case('5.20', fn ($socket) => array_map(fn ($frame) => $socket->send($frame), $five), $fiveWanted);

// 6: UTF-8
$case('6.1.1', frame(TEXT), [[TEXT, '']]);
$case('6.1.2', frame(TEXT, '', false) . frame(CONTINUATION, '', false) . frame(CONTINUATION), [[TEXT, '']]);
$case('6.1.3', frame(TEXT, '', false) . frame(CONTINUATION, 'middle', false) . frame(CONTINUATION), [[TEXT, 'middle']]);
$good = "Hello-\u{b5}@\u{df}\u{f6}\u{e4}\u{fc}\u{e0}\u{e1}-UTF-8!!";
$case('6.2.1', frame(TEXT, $good), [[TEXT, $good]]);
$case('6.2.2', frame(TEXT, substr($good, 0, 10), false) . frame(CONTINUATION, substr($good, 10)), [[TEXT, $good]]);
$case('6.2.3', fragments(TEXT, $good, 1), [[TEXT, $good]]);
$kosme = 'κόσμε';
$case('6.2.4', fragments(TEXT, $kosme, 1), [[TEXT, $kosme]]);
$bad = "$kosme\xed\xa0\x80edited";
$case('6.3.1', frame(TEXT, $bad), $badText);
$case('6.3.2', fragments(TEXT, $bad, 1), $badText);
// Failed as soon as it cannot become right: the rest is never sent.
$surrogate = "$kosme\xf4\x90";
$case('6.4.1', frame(TEXT, $kosme, false) . frame(CONTINUATION, "\xf4\x90\x80\x80", false), $badText);
$case('6.4.2', frame(TEXT, "$kosme\xf4", false) . frame(CONTINUATION, "\x90", false), $badText);
$case('6.4.3', substr(frame(TEXT, "$kosme\xf4\x90\x80\x80edited"), 0, 6 + strlen($surrogate)), $badText);
$case('6.4.4', substr(frame(TEXT, "$kosme\xf4\x90\x80\x80edited"), 0, 6 + strlen($surrogate)), $badText, 1);
$tables = [
    5 => [true => ['Hello-µ@ßöäüàá-UTF-8!!', "\u{0}", 'a', "\u{10ffff}", "\u{fffe}"]],
    6 => [true => [], false => []],
    7 => [true => ["\x00", "\xc2\x80", "\xe0\xa0\x80", "\xf0\x90\x80\x80"]],
    8 => [false => ["\xf8\x88\x80\x80\x80", "\xfc\x84\x80\x80\x80\x80"]],
    9 => [true => ["\x7f", "\xdf\xbf", "\xef\xbf\xbf", "\xf4\x8f\xbf\xbf"]],
    10 => [false => ["\xf7\xbf\xbf\xbf", "\xfb\xbf\xbf\xbf\xbf", "\xfd\xbf\xbf\xbf\xbf\xbf"]],
    11 => [true => ["\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbd", "\xf4\x8f\xbf\xbf"], false => ["\xf4\x90\x80\x80"]],
    12 => [false => ["\x80", "\xbf", "\x80\xbf", "\x80\xbf\x80", "\x80\xbf\x80\xbf", "\x80\xbf\x80\xbf\x80", "\x80\xbf\x80\xbf\x80\xbf", implode(array_map(chr(...), range(0x80, 0xbf)))]],
    13 => [false => array_map(fn ($range) => implode(array_map(fn ($byte) => chr($byte) . ' ', $range)), [range(0xc0, 0xdf), range(0xe0, 0xef), range(0xf0, 0xf7), range(0xf8, 0xfb), [0xfc, 0xfd]])],
    14 => [false => $cut = ["\xc0", "\xe0\x80", "\xf0\x80\x80", "\xf8\x80\x80\x80", "\xfc\x80\x80\x80\x80", "\xdf", "\xef\xbf", "\xf7\xbf\xbf", "\xfb\xbf\xbf\xbf", "\xfd\xbf\xbf\xbf\xbf"]],
    15 => [false => [implode($cut)]],
    16 => [false => ["\xfe", "\xff", "\xfe\xfe\xff\xff"]],
    17 => [false => ["\xc0\xaf", "\xe0\x80\xaf", "\xf0\x80\x80\xaf", "\xf8\x80\x80\x80\xaf", "\xfc\x80\x80\x80\x80\xaf"]],
    18 => [false => ["\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", "\xf8\x87\xbf\xbf\xbf", "\xfc\x83\xbf\xbf\xbf\xbf"]],
    19 => [false => ["\xc0\x80", "\xe0\x80\x80", "\xf0\x80\x80\x80", "\xf8\x80\x80\x80\x80", "\xfc\x80\x80\x80\x80\x80"]],
    20 => [false => ["\xed\xa0\x80", "\xed\xad\xbf", "\xed\xae\x80", "\xed\xaf\xbf", "\xed\xb0\x80", "\xed\xbe\x80", "\xed\xbf\xbf"]],
    21 => [false => ["\xed\xa0\x80\xed\xb0\x80", "\xed\xa0\x80\xed\xbf\xbf", "\xed\xad\xbf\xed\xb0\x80", "\xed\xad\xbf\xed\xbf\xbf", "\xed\xae\x80\xed\xb0\x80", "\xed\xae\x80\xed\xbf\xbf", "\xed\xaf\xbf\xed\xb0\x80", "\xed\xaf\xbf\xed\xbf\xbf"]],
    22 => [true => array_merge(...array_map(fn ($plane) => [mb_chr_of($plane << 16 | 0xfffe), mb_chr_of($plane << 16 | 0xffff)], range(0, 16)))],
    23 => [true => ["\u{fff9}", "\u{fffa}", "\u{fffb}", "\u{fffc}", "\u{fffd}", "\u{fffe}", "\u{ffff}"]],
];
for ($length = 1; $length <= strlen($kosme); $length++) {
    $prefix = substr($kosme, 0, $length);
    $tables[6][preg_match('//u', $prefix)][] = $prefix;
}
foreach ($tables as $group => $kinds) {
    $n = 0;
    foreach ($kinds as $valid => $texts) {
        foreach ($texts as $bytes) {
            $n++;
            $case("6.$group.$n", frame(TEXT, $bytes), $valid ? [[TEXT, $bytes]] : $badText);
            $case("6.$group.$n, cut", fragments(TEXT, $bytes, 1), $valid ? [[TEXT, $bytes]] : $badText);
        }
    }
}
/** One code point, noncharacters too. */
function mb_chr_of(int $point): string
{
    return $point < 0x10000
        ? chr(0xe0 | $point >> 12) . chr(0x80 | $point >> 6 & 63) . chr(0x80 | $point & 63)
        : chr(0xf0 | $point >> 18) . chr(0x80 | $point >> 12 & 63) . chr(0x80 | $point >> 6 & 63) . chr(0x80 | $point & 63);
}

// 7: closing
$normal = frame(CLOSE, pack('n', 1000));
$closed = [[CLOSE, 1000]];
$case('7.1.1', $text . $normal, [[TEXT, $hello], ...$closed]);
$case('7.1.2', $normal . $normal, $closed);
$case('7.1.3', $normal . frame(PING, 'late'), $closed);
$case('7.1.4', $normal . $text, $closed);
$case('7.1.5', $first . $normal . $last, $closed);
$long = str_repeat('BAsd7&jh23', 26214);
$case('7.1.6', frame(TEXT, $long) . $normal . frame(PING), [[TEXT, $long], ...$closed]);
$case('7.3.1', frame(CLOSE), [[CLOSE, '']]);
$case('7.3.2', frame(CLOSE, 'a'), $broken);
$case('7.3.3', $normal, $closed);
$case('7.3.4', frame(CLOSE, pack('n', 1000) . 'Hello World!'), $closed);
$case('7.3.5', frame(CLOSE, pack('n', 1000) . str_repeat('*', 123)), $closed);
$case('7.3.6', frame(CLOSE, pack('n', 1000) . str_repeat('*', 124)), $broken);
$case('7.5.1', frame(CLOSE, pack('n', 1000) . "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited"), $badText);
foreach ([1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999] as $n => $code) {
    $case('7.7.' . $n + 1, frame(CLOSE, pack('n', $code)), [[CLOSE, $code]]);
}
foreach ([0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999] as $n => $code) {
    $case('7.9.' . $n + 1, frame(CLOSE, pack('n', $code)), $broken);
}
$case('7.13.1', frame(CLOSE, pack('n', 5000)), $broken);
$case('7.13.2', frame(CLOSE, pack('n', 65535)), $broken);

// 9: large messages, many frames, small pieces, many round trips
foreach ([1 => TEXT, 2 => BINARY] as $group => $opcode) {
    foreach ([64, 256, 1024, 4096, 8192, 16384] as $n => $kilobytes) {
        $echo("9.$group." . $n + 1, $opcode, str_repeat('*', $kilobytes << 10));
    }
    $four = str_repeat('*', 4 << 20);
    foreach ([64, 256, 1024, 4096, 16384, 65536, 262144, 1 << 20, 4 << 20] as $n => $size) {
        $case('9.' . $group + 2 . '.' . $n + 1, fragments($opcode, $four, $size), [[$opcode, $four]]);
    }
    foreach ([64, 128, 256, 512, 1024, 2048] as $n => $size) {
        $echo('9.' . $group + 4 . '.' . $n + 1, $opcode, str_repeat('*', 1 << 20), $size);
    }
    foreach ([0, 16, 64, 256, 1024, 4096] as $n => $size) {
        $case('9.' . $group + 6 . '.' . $n + 1, function ($socket) use ($opcode, $size) {
            $payload = str_repeat('*', $size);
            for ($trip = 0; $trip < 1000; $trip++) {
                $socket->send(frame($opcode, $payload));
                if ($socket->frame() !== [$opcode, $payload, true, 0]) {
                    show("lost at round trip $trip");
                    return;
                }
            }
        }, []);
    }
}

// 10: a message in frames of another size than its buffers
$case('10.1.1', fragments(TEXT, str_repeat('*', 65536), 1300), [[TEXT, str_repeat('*', 65536)]]);

foreach ($count as $section => $cases) {
    show("section $section:", $cases, 'cases');
}
?>
--EXPECT--
section 1: 16 cases
section 2: 11 cases
section 3: 7 cases
section 4: 10 cases
section 5: 20 cases
section 6: 275 cases
section 7: 37 cases
section 9: 54 cases
section 10: 1 cases
