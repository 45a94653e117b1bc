--TEST--
enable_delay_receive and confirm(), pause() and resume(), exists() and protect() on connections of another worker
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
both_modes(function (int $mode) {
    $server = Served::start(function ($server) {
        $server->on('Connect', fn ($server, $fd) => $fd === 1 ? Swoole\Timer::after(300, fn () => show('confirm', $server->confirm($fd))) : $server->confirm($fd));
        $server->on('Receive', function ($server, $fd, $reactor, $data) {
            if (trim($data) === 'pause') {
                show('pause', $server->pause($fd));
                Swoole\Timer::after(300, fn () => show('resume', $server->resume($fd)));
            }
            $server->send($fd, "got $data");
        });
    }, ['enable_delay_receive' => true, 'heartbeat_check_interval' => 0], $mode);
    $first = $server->connect();
    fwrite($first, "one\n");
    $line = '';
    took(elapsed(function () use ($first, &$line) {
        $line = fgets($first);
    }), 300);
    show(trim($line));
    $second = $server->connect();
    fwrite($second, "pause\n");
    show(trim(fgets($second)));
    fwrite($second, "two\n");
    took(elapsed(function () use ($second, &$line) {
        $line = fgets($second);
    }), 300);
    show(trim($line), $server->child->stop());
});
// With TLS the handshake is not delayed, but what the client says right behind it is.
require __DIR__ . '/../_lib/peer.inc';
[$cert, $key] = certificate();
both_modes(function (int $mode) use ($cert, $key) {
    $server = Served::start(function ($server) {
        $server->on('Connect', fn ($server, $fd) => Swoole\Timer::after(300, fn () => $server->confirm($fd)));
        $server->on('Receive', fn ($server, $fd, $reactor, $data) => $server->send($fd, "got $data"));
    }, ['enable_delay_receive' => true, 'ssl_cert_file' => $cert, 'ssl_key_file' => $key], $mode, SWOOLE_SOCK_TCP | SWOOLE_SSL);
    $options = stream_context_create(['ssl' => ['verify_peer' => false, 'verify_peer_name' => false]]);
    $socket = null;
    $handshake = elapsed(function () use ($server, $options, &$socket) {
        $socket = stream_socket_client("ssl://127.0.0.1:$server->port", $code, $text, 3, STREAM_CLIENT_CONNECT, $options);
    });
    stream_set_timeout($socket, 3);
    fwrite($socket, "one\n");
    $line = '';
    $answer = elapsed(function () use ($socket, &$line) {
        $line = fgets($socket);
    });
    took($handshake + $answer, 300);
    fwrite($socket, "two\n");
    show(trim($line), trim(fgets($socket)), $server->child->stop());
});
?>
--EXPECT--
-- base
confirm true
took about 300 ms
got one
pause true
got pause
resume true
took about 300 ms
got two exit 0
-- process
confirm true
took about 300 ms
got one
pause true
got pause
resume true
took about 300 ms
got two exit 0
-- base
took about 300 ms
got one got two exit 0
-- process
took about 300 ms
got one got two exit 0
