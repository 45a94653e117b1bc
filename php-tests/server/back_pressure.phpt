--TEST--
A client that does not read: BufferFull and BufferEmpty, send() that fails, waits or gives up; memory is bounded
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
both_modes(function (int $mode) {
    $told = temp_path();
    foreach (['fails' => ['send_yield' => false], 'waits' => [], 'gives up' => ['send_timeout' => 0.3]] as $what => $settings) {
        file_put_contents($told, '');
        $tell = fn (string $text) => file_put_contents($told, "$text\n", FILE_APPEND);
        $server = Served::start(function ($server) use ($tell) {
            $server->on('BufferFull', fn () => $tell('full'));
            $server->on('BufferEmpty', fn () => $tell('empty'));
            $server->on('Receive', function ($server, $fd) use ($tell) {
                for ($sent = 0; $sent < 64 && $server->send($fd, str_repeat('x', 1 << 20)); $sent++);
                $tell($sent === 64 ? 'all' : 'error ' . $server->getLastError());
                preg_match('/^VmHWM:\s+(\d+)/m', file_get_contents('/proc/self/status'), $peak);
                $tell($peak[1] < 120_000 ? 'small' : "large $peak[1]");
            });
        }, $settings + ['socket_buffer_size' => 2 << 20, 'buffer_high_watermark' => 1 << 20, 'buffer_low_watermark' => 0], $mode);
        fwrite($socket = $server->connect(), 'x');
        $has = fn (string $text) => eventually(fn () => in_array($text, file($told, FILE_IGNORE_NEW_LINES)));
        show($what, $has('full'));
        if ($what !== 'waits') {
            show($has($what === 'fails' ? 'error ' . SWOOLE_ERROR_OUTPUT_BUFFER_OVERFLOW : 'error ' . SOCKET_ETIMEDOUT), $has('small'));
        }
        // Now it reads.
        for ($got = 0; $got < 64 << 20 && ($bytes = fread($socket, 1 << 18)); $got += strlen($bytes)) {
            if ($what !== 'waits' && $got > 1 << 20) {
                stream_set_timeout($socket, 0, 300_000);
            }
        }
        show($has('empty'), $what !== 'waits' || ($got === 64 << 20 && $has('all') && $has('small')), $server->child->stop());
    }
});
?>
--EXPECT--
-- base
fails true
true true
true true exit 0
waits true
true true exit 0
gives up true
true true
true true exit 0
-- process
fails true
true true
true true exit 0
waits true
true true exit 0
gives up true
true true
true true exit 0
