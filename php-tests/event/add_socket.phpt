--TEST--
Event::add with an ext/sockets Socket and with a number
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Event;
socket_create_pair(AF_UNIX, SOCK_STREAM, 0, $pair);
Event::add($pair[0], function ($socket) use ($pair) {
    show($socket === $pair[0], socket_read($socket, 100));
    Event::del($socket);
});
socket_write($pair[1], 'to the socket');
Event::wait();
?>
--EXPECT--
true to the socket
