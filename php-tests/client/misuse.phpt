--TEST--
Clients and sockets before they are connected, with ports, options and descriptors that are none
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine\{Client, Socket};
use function Swoole\Coroutine\run;
set_error_handler(function ($level, $text) { show($text); });
$closed = free_port();
run(function () use ($closed) {
    $client = new Client(SWOOLE_SOCK_TCP);
    show($client->sendto('127.0.0.1', $closed, 'x'), $client->connect('127.0.0.1', 0), $client->connect('127.0.0.1', 65536));
    show($client->getsockname(), $client->errCode, $client->exportSocket(), $client->close());
    $socket = new Socket(AF_INET, SOCK_STREAM);
    show($socket->setProtocol([]), $socket->sendto('127.0.0.1', $closed, 'x'), $socket->errCode);
    thrown(fn () => $socket->setOption(SOL_SOCKET, SO_LINGER, 1));
    thrown(fn () => $socket->setOption(SOL_SOCKET, SO_RCVTIMEO, 1.5));
    thrown(fn () => $socket->setOption(SOL_SOCKET, SO_SNDTIMEO, null));
    show($socket->setOption(SOL_SOCKET, SO_LINGER, ['l_onoff' => 0, 'l_linger' => 0]));
});
$client = new Swoole\Client(SWOOLE_SOCK_TCP);
show($client->sendto('127.0.0.1', $closed, 'x'), $client->errCode);
$client = new Swoole\Client(SWOOLE_SOCK_TCP);
show($client->connect('127.0.0.1', 0), $client->errCode);
$read = ['no', null];
$none = [];
show(swoole_client_select($read, $none, $none, 0.01));
$async = new Swoole\Async\Client(SWOOLE_SOCK_TCP);
show($async->connect('127.0.0.1', $closed));
Swoole\Event::wait();
?>
--EXPECT--
Swoole\Coroutine\Client::sendto(): The port is invalid
Swoole\Coroutine\Client::connect(): The port is invalid
Swoole\Coroutine\Client::connect(): The port is invalid
false false false
false 5001 null false
false false 93
TypeError(0): Swoole\Coroutine\Socket::setOption(): Argument #3 ($opt_value) must be of type array when argument $option is SO_LINGER, int given
TypeError(0): Swoole\Coroutine\Socket::setOption(): Argument #3 ($opt_value) must be of type array when argument $option is SO_RCVTIMEO, float given
TypeError(0): Swoole\Coroutine\Socket::setOption(): Argument #3 ($opt_value) must be of type array when argument $option is SO_SNDTIMEO, null given
true
false 507
Swoole\Client::connect(): connect to server[127.0.0.1:0] failed. Error: Connection refused[111]
false 111
swoole_client_select(): invalid file descriptor passed
swoole_client_select(): invalid file descriptor passed
swoole_client_select(): no resource arrays were passed to select
false
Swoole\Async\Client::connect(): async client is not initialized
false
