--TEST--
Ports of several kinds at once: UDP, unix stream and datagram, IPv6, each with events of its own
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
both_modes(function (int $mode) {
    $udp = free_port();
    $six = free_port();
    $stream = temp_path('.sock');
    $dgram = temp_path('.sock');
    $server = Served::start(function ($server) use ($udp, $six, $stream, $dgram) {
        $server->on('Receive', fn ($server, $fd, $reactor, $data) => $server->send($fd, "main $data"));
        $server->on('Packet', fn ($server, $data, $client) => $server->sendto($client['address'], $client['port'] ?? 0, "packet $data", $client['server_socket']));
        $server->listen('127.0.0.1', $udp, SWOOLE_SOCK_UDP);
        $server->listen('::1', $six, SWOOLE_SOCK_TCP6)->on('Receive', fn ($server, $fd, $reactor, $data) => $server->send($fd, $server->getClientInfo($fd)['remote_ip'] . " $data"));
        $unix = $server->listen($stream, 0, SWOOLE_SOCK_UNIX_STREAM);
        $unix->on('Receive', fn ($server, $fd, $reactor, $data) => $server->send($fd, 'unix ' . count($unix->connections) . " $data"));
        $server->listen($dgram, 0, SWOOLE_SOCK_UNIX_DGRAM);
    }, mode: $mode);
    $ask = function (string $address, string $text) {
        $socket = stream_socket_client($address, $code, $error, 5);
        stream_set_timeout($socket, 5);
        fwrite($socket, "$text\n");
        return trim((string) fread($socket, 1000));
    };
    show($server->ask('tcp'));
    show($ask("udp://127.0.0.1:$udp", 'udp'));
    show($ask("tcp://[::1]:$six", 'six'));
    show($ask("unix://$stream", 'stream'));
    $own = temp_path('.sock');
    $socket = socket_create(AF_UNIX, SOCK_DGRAM, 0);
    socket_bind($socket, $own);
    socket_set_option($socket, SOL_SOCKET, SO_RCVTIMEO, ['sec' => 5, 'usec' => 0]);
    socket_sendto($socket, 'dgram', 5, 0, $dgram);
    socket_recvfrom($socket, $data, 100, 0, $from);
    show($data);
    show($server->child->stop(), file_exists($stream), file_exists($dgram));
});
?>
--EXPECT--
-- base
main tcp
packet udp
::1 six
unix 1 stream
packet dgram
exit 0 false false
-- process
main tcp
packet udp
::1 six
unix 1 stream
packet dgram
exit 0 false false
