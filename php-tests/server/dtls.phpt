--TEST--
DTLS: a datagram port with TLS has connections, in both modes; packets by length; OpenSSL's own client
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
use Swoole\Client;
use function Swoole\Coroutine\run;
$key = openssl_pkey_new(['private_key_bits' => 2048]);
$cert = openssl_csr_sign(openssl_csr_new(['commonName' => 'test'], $key), null, $key, 2);
openssl_x509_export_to_file($cert, $certFile = temp_path('.crt'));
openssl_pkey_export_to_file($key, $keyFile = temp_path('.key'));
$tls = ['ssl_cert_file' => $certFile, 'ssl_key_file' => $keyFile];
$length = ['open_length_check' => true, 'package_length_type' => 'N', 'package_body_offset' => 4, 'package_max_length' => 1 << 20];
// One for each mode: what the last clients of the first are told to have closed may come late.
$logs = [SWOOLE_BASE => temp_path(), SWOOLE_PROCESS => temp_path()];
array_map('touch', $logs);
$serve = fn (int $mode, array $settings) => Served::start(function ($server) use ($logs, $mode) {
    $events = $logs[$mode];
    $server->on('Connect', fn ($server, $fd) => file_put_contents($events, "connect $fd\n", FILE_APPEND));
    $server->on('Receive', fn ($server, $fd, $reactor, $data) => $server->send($fd, substr($data, 0, 4) === "\0\1\x86\xa0" ? $data : strrev($data)));
    $server->on('Close', fn ($server, $fd) => file_put_contents($events, "close $fd\n", FILE_APPEND));
}, $settings, $mode, SWOOLE_SOCK_UDP | SWOOLE_SSL);
// All of them before this process has a loop of its own.
$servers = [];
foreach ([SWOOLE_BASE, SWOOLE_PROCESS] as $mode) {
    $servers[$mode] = [$serve($mode, $tls), $serve($mode, $tls + $length)];
}
both_modes(function (int $mode) use ($servers, $logs, $length) {
    [$server, $framed] = $servers[$mode];
    $events = $logs[$mode];
    $two = [new Client(SWOOLE_SOCK_UDP | SWOOLE_SSL), new Client(SWOOLE_SOCK_UDP | SWOOLE_SSL)];
    foreach ($two as $n => $client) {
        show($client->connect('127.0.0.1', $server->port, 5), $client->send("hello $n"));
    }
    foreach ($two as $client) {
        show($client->recv());
    }
    show($two[0]->send(str_repeat('a', 16_000) . 'b'), $two[0]->recv() === 'b' . str_repeat('a', 16_000));
    run(function () use ($server) {
        $client = new Swoole\Coroutine\Client(SWOOLE_SOCK_UDP | SWOOLE_SSL);
        show($client->connect('127.0.0.1', $server->port, 5), $client->send('abc'), $client->recv(5));
        $client->close();
    });
    array_map(fn ($client) => $client->close(), $two);
    show(eventually(fn () => substr_count(file_get_contents($events), 'close') === 3), substr_count(file_get_contents($events), 'connect'));

    // What speaks no DTLS gets no answer, and harms nobody.
    $stranger = stream_socket_client("udp://127.0.0.1:$server->port");
    fwrite($stranger, 'no handshake');
    $pipes = [];
    $openssl = proc_open(['openssl', 's_client', '-dtls', '-quiet', '-connect', "127.0.0.1:$server->port"], [['pipe', 'r'], ['pipe', 'w'], ['file', '/dev/null', 'w']], $pipes);
    fwrite($pipes[0], "xyz\n");
    show(trim((string) fread($pipes[1], 100)));
    proc_terminate($openssl);
    proc_close($openssl);
    stream_set_timeout($stranger, 0, 100_000);
    show((string) fread($stranger, 100) === '');

    $client = new Client(SWOOLE_SOCK_UDP | SWOOLE_SSL);
    $client->set($length);
    show($client->connect('127.0.0.1', $framed->port, 5));
    $packet = pack('N', 100_000) . random_bytes(100_000);
    show($client->send($packet), $client->recv() === $packet);
});
?>
--EXPECT--
-- base
true 7
true 7
0 olleh
1 olleh
16001 true
true 3 cba
true 3
zyx
true
true
100004 true
-- process
true 7
true 7
0 olleh
1 olleh
16001 true
true 3 cba
true 3
zyx
true
true
100004 true
