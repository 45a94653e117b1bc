--TEST--
Replies larger than every buffer reach a slow client whole; sendfile and close wait for what is queued
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
both_modes(function (int $mode) {
    $file = temp_path();
    file_put_contents($file, random_bytes(700_000));
    $server = Served::start(function ($server) use ($file) {
        $server->on('Receive', function ($server, $fd, $reactor, $data) use ($file) {
            if (trim($data) === 'file') {
                $server->send($fd, 'head');
                $server->sendfile($fd, $file, 100, 600_000);
                $server->close($fd);
                return;
            }
            for ($n = 0; $n < 64; $n++) {
                if (!$server->send($fd, str_repeat(chr(65 + $n % 26), 256 * 1024))) {
                    $server->send($fd, 'failed');
                    break;
                }
            }
            $server->close($fd);
        });
    }, ['socket_buffer_size' => 1024 * 1024], $mode);
    $socket = $server->connect();
    fwrite($socket, "many\n");
    $hash = hash_init('crc32b');
    $size = 0;
    while (($piece = fread($socket, 100_000)) !== '' && $piece !== false) {
        $size += strlen($piece);
        hash_update($hash, $piece);
        usleep(200);
    }
    $expected = hash_init('crc32b');
    for ($n = 0; $n < 64; $n++) {
        hash_update($expected, str_repeat(chr(65 + $n % 26), 256 * 1024));
    }
    show($size === 64 * 256 * 1024, hash_final($hash) === hash_final($expected));
    $socket = $server->connect();
    fwrite($socket, "file\n");
    show(stream_get_contents($socket) === 'head' . substr(file_get_contents($file), 100, 600_000));
    show($server->child->stop());
});
?>
--EXPECT--
-- base
true true
true
exit 0
-- process
true true
true
exit 0
