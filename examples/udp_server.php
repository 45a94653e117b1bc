<?php
/** A UDP server:  echo hello | nc -u -w1 127.0.0.1 9503 */
use Swoole\Server;

$server = new Server('127.0.0.1', 9503, SWOOLE_BASE, SWOOLE_SOCK_UDP);
$server->set(['worker_num' => 1]);
$server->on('Packet', function (Server $server, string $data, array $client) {
    $server->sendto($client['address'], $client['port'], strtoupper($data));
});
$server->start();
