<?php
/** A TCP server that speaks lines:  nc 127.0.0.1 9502 */
use Swoole\Server;

$server = new Server('127.0.0.1', 9502, SWOOLE_BASE);
$server->set(['worker_num' => 1, 'open_eof_split' => true, 'package_eof' => "\n"]);

$server->on('Connect', function (Server $server, int $fd) {
    $server->send($fd, "welcome, $fd\n");
});
$server->on('Receive', function (Server $server, int $fd, int $reactor, string $line) {
    $line = rtrim($line, "\r\n");
    if ($line === 'quit') {
        $server->close($fd);
        return;
    }
    $server->send($fd, strrev($line) . "\n");
});
$server->on('Close', function (Server $server, int $fd) {
    echo "$fd left\n";
});
$server->start();
