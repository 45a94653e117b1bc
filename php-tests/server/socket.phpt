--TEST--
getSocket() gives the listening socket of the server and of its ports
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
$server = new Swoole\Server('127.0.0.1', $first = free_port());
$port = $server->listen('127.0.0.1', $second = free_port(), SWOOLE_SOCK_UDP);
$names = array_map(function ($socket) {
    socket_getsockname($socket, $host, $number);
    return [$socket::class, $number, socket_get_option($socket, SOL_SOCKET, SO_TYPE)];
}, [$server->getSocket(), $server->getSocket(1), $port->getSocket()]);
show($names === [['Socket', $first, SOCK_STREAM], ['Socket', $second, SOCK_DGRAM], ['Socket', $second, SOCK_DGRAM]]);
show($server->getSocket(2));
$socket = $server->getSocket();
show(socket_set_option($socket, SOL_SOCKET, SO_RCVBUF, 70_000), socket_get_option($server->getSocket(), SOL_SOCKET, SO_RCVBUF));
?>
--EXPECT--
true
false
true 140000
