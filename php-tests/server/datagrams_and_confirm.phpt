--TEST--
Datagrams longer than a part of a ring stay whole; confirm() in onConnect; whole requests for onReceive
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
function serve(int $mode, int $type, array $settings, callable $configure): array
{
    $port = free_port();
    $child = Child::fork(function ($ready) use ($port, $mode, $type, $settings, $configure) {
        $server = new Swoole\Server('127.0.0.1', $port, $mode, $type);
        $server->set($settings + ['worker_num' => 1, 'log_level' => SWOOLE_LOG_ERROR]);
        $configure($server);
        $server->on('workerStart', fn () => $ready());
        $server->start();
    });
    $child->line();
    return [$port, $child];
}
$post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab";
foreach (['BASE' => SWOOLE_BASE, 'PROCESS' => SWOOLE_PROCESS] as $name => $mode) {
    show($name);
    [$port, $child] = serve($mode, SWOOLE_SOCK_UDP, [], fn ($server) => $server->on(
        'packet',
        fn ($server, $data, $from) => $server->sendto($from['address'], $from['port'], strlen($data) . ' ' . md5($data)),
    ));
    $client = stream_socket_client("udp://127.0.0.1:$port");
    stream_set_timeout($client, 5);
    foreach ([1, 32_752, 32_753, 60_000, 65_507] as $length) {
        $data = random_bytes($length);
        fwrite($client, $data);
        show($length, fread($client, 100) === "$length " . md5($data));
    }
    $child->stop();

    [$port, $child] = serve($mode, SWOOLE_SOCK_TCP, ['enable_delay_receive' => true], function ($server) {
        $server->on('connect', fn ($server, $fd) => $server->confirm($fd));
        $server->on('receive', fn ($server, $fd, $reactor, $data) => $server->send($fd, "got $data"));
    });
    $client = stream_socket_client("tcp://127.0.0.1:$port");
    stream_set_timeout($client, 5);
    fwrite($client, 'it');
    show(fread($client, 100));
    $child->stop();

    foreach (['open_http_protocol' => [$post, 'c'], 'open_redis_protocol' => ["*1\r\n\$4\r\nPI", "NG\r\n"]] as $protocol => [$first, $second]) {
        [$port, $child] = serve($mode, SWOOLE_SOCK_TCP, [$protocol => true], fn ($server) => $server->on(
            'receive',
            fn ($server, $fd, $reactor, $data) => $server->send($fd, json_encode(substr($data, -7)) . "\n"),
        ));
        $client = stream_socket_client("tcp://127.0.0.1:$port");
        stream_set_timeout($client, 5);
        fwrite($client, $first);
        usleep(50_000);
        fwrite($client, $second);
        show($protocol, trim(fgets($client)));
        $child->stop();
    }
}
?>
--EXPECT--
BASE
1 true
32752 true
32753 true
60000 true
65507 true
got it
open_http_protocol "\r\n\r\nabc"
open_redis_protocol "\nPING\r\n"
PROCESS
1 true
32752 true
32753 true
60000 true
65507 true
got it
open_http_protocol "\r\n\r\nabc"
open_redis_protocol "\nPING\r\n"
