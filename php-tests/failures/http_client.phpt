--TEST--
Coroutine\Http\Client and each way in which a connection fails
--FILE--
<?php
require __DIR__ . '/servers.inc';

use Swoole\Coroutine;
use Swoole\Coroutine\Http\Client;

$ports = failing('http');
Coroutine\run(function () use ($ports) {
    $client = fn (int $port, array $settings = [], bool $tls = false, string $host = '127.0.0.1') => tap(new Client($host, $port, $tls), fn ($client) => $client->set($settings + ['timeout' => 2]));
    $failed = fn (string $what, Client $client, mixed ...$results) => show($what, ...$results, ...[$client->errCode, $client->errMsg, $client->statusCode, $client->body, $client->connected]);
    $failed('refused', $c = $client($ports['refused']), $c->get('/'));
    $failed('unreachable', $c = $client(9, host: NOWHERE), $c->get('/'));
    $failed('unknown', $c = $client(9, host: 'no-such-name.invalid'), $c->get('/'));
    took(elapsed(fn () => $failed('connect time-out', $c = $client($ports['full'], ['connect_timeout' => 0.1]), $c->get('/'))), 100);
    took(elapsed(fn () => $failed('handshake time-out', $c = $client($ports['silent'], ['timeout' => 0.1], true), $c->get('/'))), 100);
    took(elapsed(fn () => $failed('read time-out', $c = $client($ports['silent'], ['timeout' => 0.1]), $c->get('/'))), 100);
    $big = str_repeat('x', 8 << 20);
    took(elapsed(fn () => $failed('write time-out', $c = $client($ports['silent'], ['write_timeout' => 0.1]), $c->post('/', $big))), 100);
    foreach (['reset', 'cut', 'half', 'oversize'] as $what) {
        $failed($what, $c = $client($ports[$what]), $c->get('/'));
        $failed('again', $c, $c->get('/'), $c->close());
    }
    // Nothing of a file that did not come whole may pass for it.
    $file = temp_path();
    $failed('cut download', $c = $client($ports['cut']), $c->download('/', $file));
    $failed('cut websocket', $c = $client($ports['cut']), $c->upgrade('/'), $c->push('x'), $c->recv(0.1));
    foreach (['name' => 'good.test', 'expired' => 'old.test'] as $what => $name) {
        $c = $client($ports[$what], ['ssl_verify_peer' => true, 'ssl_cafile' => $ports['certificates'][$what === 'expired'], 'ssl_host_name' => $name], true);
        $failed($what, $c, $c->get('/'));
    }
    foreach (['cancel' => fn ($c, $waiter) => Coroutine::cancel($waiter), 'close' => fn ($c) => $c->close()] as $what => $end) {
        foreach (['get' => fn ($c) => $c->get('/'), 'post' => fn ($c) => $c->post('/', $big)] as $how => $wait) {
            $c = $client($ports['silent'], ['timeout' => -1]);
            $waiter = go(fn () => $failed("$what of $how", $c, $wait($c)));
            show($end($c, $waiter), $c->connected);
            $failed('then', $c, $c->close());
        }
    }
    $c = $client($ports['full'], ['timeout' => 5]);
    $waiter = go(fn () => $failed('cancel of connect', $c, $c->get('/')));
    show(Coroutine::cancel($waiter));
    $c = $client($ports['silent'], ['timeout' => 5]);
    $c->setDefer();
    show('deferred', $c->get('/'));
    $waiter = go(fn () => $failed('cancel of recv', $c, $c->recv()));
    show(Coroutine::cancel($waiter));
});
?>
--EXPECT--
refused false 111 Connection refused -1  false
unreachable false 101 Network is unreachable -1  false
unknown false 711 DNS Lookup resolve failed -1  false
connect time-out false 110 Connection timed out -1  false
took about 100 ms
handshake time-out false 110 Connection timed out -1  false
took about 100 ms
read time-out false 110 Connection timed out -2  false
took about 100 ms
write time-out false 110 Connection timed out -4  false
took about 100 ms
reset false 104 Connection reset by peer -3  false
again false false 104 Connection reset by peer -3  false
cut false 104 Connection reset by peer -3  false
again false false 104 Connection reset by peer -3  false
half false 104 Connection reset by peer -3  false
again false false 104 Connection reset by peer -3  false
oversize false 7102 Http invalid protocol -3  false
again false false 7102 Http invalid protocol -3  false
cut download false 104 Connection reset by peer -3  false
cut websocket false false false 5001 Client no connection -3  false
name false 1014 SSL verify failed -1  false
expired false 1014 SSL verify failed -1  false
cancel of get false 125 Operation canceled -1  false
true false
then false 125 Operation canceled -1  false
cancel of post false 125 Operation canceled -1  false
true false
then false 125 Operation canceled -1  false
close of get false 125 Operation canceled -1  false
false false
then false 10019 Coroutine socket close wait -1  false
close of post false 125 Operation canceled -1  false
false false
then false 10019 Coroutine socket close wait -1  false
cancel of connect false 125 Operation canceled -1  false
true
deferred true
cancel of recv false 125 Operation canceled -3  false
true
