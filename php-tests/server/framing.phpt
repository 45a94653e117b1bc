--TEST--
Packets by length and by end marker, whole whatever the reads were; what is too long closes its connection
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
both_modes(function (int $mode) {
    $length = Served::start(fn ($server) => $server->on('Receive', fn ($server, $fd, $reactor, $data) => $server->send($fd, strlen($data) . "\n")), [
        'open_length_check' => true,
        'package_length_type' => 'N',
        'package_body_offset' => 4,
        'package_max_length' => 300_000,
    ], $mode);
    $socket = $length->connect();
    $packet = fn (int $size) => pack('N', $size) . str_repeat('x', $size);
    fwrite($socket, $packet(10) . $packet(20) . substr($packet(30), 0, 7));
    show(trim(fgets($socket)), trim(fgets($socket)));
    usleep(20_000);
    fwrite($socket, substr($packet(30), 7));
    show(trim(fgets($socket)));
    fwrite($socket, $packet(250_000));
    show(trim(fgets($socket)));
    fwrite($socket, pack('N', 400_000) . 'x');
    show(fgets($socket), feof($socket));

    $lines = Served::start(fn ($server) => $server->on('Receive', fn ($server, $fd, $reactor, $data) => $server->send($fd, '<' . trim($data) . '>')), [
        'open_eof_split' => true,
        'package_eof' => "\r\n",
    ], $mode);
    $socket = $lines->connect();
    fwrite($socket, "a\r\nb\r\nc");
    usleep(20_000);
    fwrite($socket, "d\r\n");
    $got = '';
    eventually(function () use ($socket, &$got) {
        return strlen($got .= fread($socket, 100)) >= 10;
    });
    show($got);
});
?>
--EXPECT--
-- base
14 24
34
250004
false true
<a><b><cd>
-- process
14 24
34
250004
false true
<a><b><cd>
