--TEST--
Refused, unknown, timed out, reset in mid-packet, half-closed
--FILE--
<?php
require __DIR__ . '/../_lib/peer.inc';
use Swoole\Coroutine\Client;
use function Swoole\Coroutine\run;
run(function () {
    $client = new Client(SWOOLE_SOCK_TCP);
    show('refused', $client->connect('127.0.0.1', free_port(), 1), $client->errCode === 111, $client->errMsg, $client->socket);
    show('unknown', $client->connect('no-such-name.invalid', 80, 2), in_array($client->errCode, [711, 712], true));
    show('no connection', $client->send('x'), $client->recv(), $client->errCode === SWOOLE_ERROR_CLIENT_NO_CONNECTION);

    $silent = listen(fn ($c) => $c->recv());
    $client->connect('127.0.0.1', port_of($silent), 0.1);
    took(elapsed(fn () => show('read', $client->recv(), $client->errCode === 110)), 100);
    took(elapsed(fn () => show('read, own time', $client->recv(0.05), $client->errCode === 110)), 50);
    $big = str_repeat('x', 1 << 20);
    $sent = 0;
    do { $sent = $client->send($big, 0.05); } while ($sent === strlen($big));
    show('write', $sent === false || $sent < strlen($big), $client->errCode === 110);
    $client->close();
    $silent->close();

    $resets = listen(function ($c) {
        $c->recv();
        $c->sendAll(pack('N', 100) . 'only a part');
        Swoole\Coroutine::sleep(0.02);
        $c->setOption(SOL_SOCKET, SO_LINGER, ['l_onoff' => 1, 'l_linger' => 0]);
        $c->close();
    });
    $client->set(['open_length_check' => true, 'package_length_type' => 'N', 'package_body_offset' => 4]);
    $client->connect('127.0.0.1', port_of($resets), 2);
    $client->send('go');
    show('reset', $client->recv(), $client->errCode === 104, $client->errMsg);
    $client->close();
    $resets->close();

    $half = listen(function ($c) {
        $c->shutdown(1);
        $c->sendAll('never');
        $got = $c->recv();
        show('the server got', $got);
        $c->close();
    });
    $client = new Client(SWOOLE_SOCK_TCP);
    $client->connect('127.0.0.1', port_of($half), 2);
    show('half-closed', $client->recv(), $client->send('still heard'));
    Swoole\Coroutine::sleep(0.02);
    $client->close();
    $half->close();
});
?>
--EXPECT--
refused false true Connection refused null
unknown false true
no connection false false true
read false true
took about 100 ms
read, own time false true
took about 50 ms
write true true
reset false true Connection reset by peer
half-closed  11
the server got still heard
