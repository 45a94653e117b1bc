--TEST--
Coroutine\Client and each way in which a connection fails
--FILE--
<?php
require __DIR__ . '/servers.inc';

use Swoole\Coroutine;
use Swoole\Coroutine\Client;

$ports = failing('raw');
Coroutine\run(function () use ($ports) {
    $client = fn (array $settings = [], int $type = SWOOLE_SOCK_TCP) => tap(new Client($type), fn ($client) => $client->set($settings));
    $failed = fn (string $what, Client $client, mixed ...$results) => show($what, ...$results, ...[$client->errCode, $client->errMsg, $client->connected]);
    $c = $client();
    $failed('refused', $c, $c->connect('127.0.0.1', $ports['refused'], 1));
    $failed('unreachable', $c = $client(), $c->connect(NOWHERE, 9, 1));
    $failed('unknown', $c = $client(), $c->connect('no-such-name.invalid', 9, 2));
    took(elapsed(fn () => $failed('connect time-out', $c = $client(), $c->connect('127.0.0.1', $ports['full'], 0.1))), 100);
    took(elapsed(fn () => $failed('handshake time-out', $c = $client(['ssl_host_name' => 'x'], SWOOLE_SOCK_TCP | SWOOLE_SSL), $c->connect('127.0.0.1', $ports['silent'], 0.1))), 100);

    $c = $client(FRAMED);
    $c->connect('127.0.0.1', $ports['silent'], 0.1);
    took(elapsed(fn () => $failed('read time-out', $c, $c->recv())), 100);
    $big = str_repeat('x', 8 << 20);
    $sent = $c->send($big, 0.1);
    $failed('write time-out', $c, $sent === false || $sent < strlen($big));
    $c->close();

    foreach (['reset', 'cut', 'half', 'oversize'] as $what) {
        $c = $client(FRAMED);
        $c->connect('127.0.0.1', $ports[$what], 2);
        $sent = $c->send('go');
        $failed($what, $c, $sent, $c->recv());
        if ($what === 'half') {
            show($c->send(' on'), $c->close());
        } else {
            $failed('after it', $c, $c->recv(0.1), $c->close());
        }
    }
    foreach (['name' => 'good.test', 'expired' => 'old.test'] as $what => $name) {
        $c = $client(['ssl_verify_peer' => true, 'ssl_cafile' => $ports['certificates'][$what === 'expired'], 'ssl_host_name' => $name], SWOOLE_SOCK_TCP | SWOOLE_SSL);
        $failed($what, $c, $c->connect('127.0.0.1', $ports[$what], 2));
    }
    foreach (['cancel' => fn ($c, $waiter) => Coroutine::cancel($waiter), 'close' => fn ($c) => $c->close()] as $what => $end) {
        foreach (['recv' => fn ($c) => $c->recv(-1), 'send' => fn ($c) => is_int($c->send($big, -1)) ? 'part' : false] as $how => $wait) {
            $c = $client();
            $c->connect('127.0.0.1', $ports['silent'], 2);
            $waiter = go(fn () => $failed("$what of $how", $c, $wait($c)));
            show($end($c, $waiter));
            $failed('then', $c, $c->recv(0.01), $c->connected);
        }
    }
    $c = $client();
    $waiter = go(fn () => $failed('cancel of connect', $c, $c->connect('127.0.0.1', $ports['full'], 5)));
    show(Coroutine::cancel($waiter));
});
?>
--EXPECT--
refused false 111 Connection refused false
unreachable false 101 Network is unreachable false
unknown false 711 DNS Lookup resolve failed false
connect time-out false 110 Connection timed out false
took about 100 ms
handshake time-out false 110 Connection timed out false
took about 100 ms
read time-out false 110 Connection timed out true
took about 100 ms
write time-out true 110 Connection timed out true
reset 2 false 104 Connection reset by peer true
after it  true 104 Connection reset by peer false
cut 2  0  true
after it  true 0  false
half 2  0  true
3 true
oversize 2 false 1201 Package length too large true
after it false true 1201 Package length too large false
name false 1014 SSL verify failed false
expired false 1014 SSL verify failed false
cancel of recv false 125 Operation canceled true
true
then false true 110 Connection timed out true
cancel of send part 125 Operation canceled true
true
then false true 110 Connection timed out true
close of recv false 125 Operation canceled false
false
then false false 10019 Coroutine socket close wait false
close of send part 125 Operation canceled false
false
then false false 10019 Coroutine socket close wait false
cancel of connect false 125 Operation canceled false
true
