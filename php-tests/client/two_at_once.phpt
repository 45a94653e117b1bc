--TEST--
A second reader is refused; close and cancel wake the first
--FILE--
<?php
require __DIR__ . '/../_lib/peer.inc';
use Swoole\Coroutine;
use Swoole\Coroutine\Client;
use function Swoole\Coroutine\{go, run};
run(function () {
    $server = listen(fn ($c) => $c->recv());
    $client = new Client(SWOOLE_SOCK_TCP);
    $client->connect('127.0.0.1', port_of($server), -1);
    $reader = go(fn () => show('first', $client->recv(-1), $client->errCode === SOCKET_ECANCELED));
    try {
        $client->recv();
    } catch (Swoole\Error $error) {
        show($error->getCode() === SWOOLE_ERROR_CO_HAS_BEEN_BOUND, (bool) preg_match('/^Socket#\d+ has already been bound to another coroutine#\d+, reading/', $error->getMessage()));
    }
    show('cancel', Coroutine::cancel($reader));
    go(fn () => show('second', $client->recv(-1), $client->errCode === SOCKET_ECANCELED));
    show('close', $client->close(), $client->errCode === SWOOLE_ERROR_CO_SOCKET_CLOSE_WAIT, $client->connected);
    show('again', $client->close(), $client->recv(), $client->errCode === SWOOLE_ERROR_CLIENT_NO_CONNECTION);
    $server->close();
});
?>
--EXPECT--
true true
first false true
cancel true
second false true
close false true false
again true false true
