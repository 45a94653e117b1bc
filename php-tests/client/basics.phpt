--TEST--
Connect, send, recv, peek, names, close, connect again
--FILE--
<?php
require __DIR__ . '/../_lib/peer.inc';
use Swoole\Coroutine\Client;
use function Swoole\Coroutine\run;
run(function () {
    $server = listen(function ($c) {
        while (($data = $c->recv()) !== '' && $data !== false) {
            $c->sendAll(strrev($data));
        }
        $c->close();
    });
    $client = new Client(SWOOLE_SOCK_TCP);
    for ($round = 0; $round < 2; $round++) {
        show($client->connect('127.0.0.1', port_of($server), 2), $client->connected, $client->isConnected());
        show($client->connect('127.0.0.1', port_of($server)), $client->errCode === 106);
        show($client->send('hello'));
        while ($client->peek(3) === false) { Swoole\Coroutine::sleep(0.001); }
        show($client->peek(3), $client->recv(1));
        show($client->getpeername()['port'] === port_of($server), $client->getpeername()['host'], $client->getsockname()['address']);
        show($client->socket === $client->exportSocket(), $client->exportSocket()->fd === $client->fd);
        show($client->close(), $client->connected, $client->socket, $client->exportSocket());
        show($client->close(), $client->errCode === SWOOLE_ERROR_CLIENT_NO_CONNECTION, $client->errMsg);
    }
    $server->close();
});
?>
--EXPECT--
true true true
false true
5
oll olleh
true 127.0.0.1 127.0.0.1
true true
true false null null
false true Client no connection
true true true
false true
5
oll olleh
true 127.0.0.1 127.0.0.1
true true
true false null null
false true Client no connection
