--TEST--
Coroutine\Http2\Client and each way in which a connection fails
--FILE--
<?php
require __DIR__ . '/servers.inc';

use Swoole\Coroutine;
use Swoole\Coroutine\Http2\Client;
use Swoole\Http2\Request;

$ports = failing('http2');
Coroutine\run(function () use ($ports) {
    $client = fn (int $port, array $settings = [], bool $tls = false, string $host = '127.0.0.1') => tap(new Client($host, $port, $tls), fn ($client) => $client->set($settings + ['timeout' => 2]));
    $failed = fn (string $what, Client $client, mixed ...$results) => show($what, ...$results, ...[$client->errCode, $client->errMsg, $client->connected]);
    $failed('refused', $c = $client($ports['refused']), $c->connect());
    $failed('unreachable', $c = $client(9, host: NOWHERE), $c->connect());
    $failed('unknown', $c = $client(9, host: 'no-such-name.invalid'), $c->connect());
    took(elapsed(fn () => $failed('connect time-out', $c = $client($ports['full'], ['connect_timeout' => 0.1]), $c->connect())), 100);
    took(elapsed(fn () => $failed('handshake time-out', $c = $client($ports['silent'], ['timeout' => 0.1], true), $c->connect())), 100);

    $get = new Request;
    $post = tap(new Request, fn ($request) => [$request->method, $request->data] = ['POST', str_repeat('x', 8 << 20)]);
    $c = $client($ports['silent']);
    show($c->connect(), $c->send($get));
    took(elapsed(fn () => $failed('read time-out', $c, $c->recv(0.1))), 100);
    took(elapsed(fn () => $failed('read time-out', $c, $c->read(0.1))), 100);
    // More waits than a window of 64 KiB lets out: that is no time-out of a write.
    $failed('no window', $c, $c->send($post), $c->recv(0.05), $c->stats('active_stream_num'));
    $c->close();
    $failed('closed', $c, $c->send($get), $c->recv(0.1), $c->ping(), $c->goaway(), $c->write(1, 'x'), $c->close());

    foreach (['reset', 'cut', 'half', 'oversize'] as $what) {
        $c = $client($ports[$what]);
        show($c->connect(), $c->send($get));
        $failed($what, $c, $c->recv());
        $failed('after it', $c, $c->recv(0.1), $c->send($get), $c->close());
        show('again', $c->connect(), $c->send($get));
    }
    foreach (['name' => 'good.test', 'expired' => 'old.test'] as $what => $name) {
        $c = $client($ports[$what], ['ssl_verify_peer' => true, 'ssl_cafile' => $ports['certificates'][$what === 'expired'], 'ssl_host_name' => $name], true);
        $failed($what, $c, $c->connect());
    }
    foreach (['cancel' => fn ($c, $waiter) => Coroutine::cancel($waiter), 'close' => fn ($c) => $c->close()] as $what => $end) {
        $c = $client($ports['silent']);
        $c->connect();
        $c->send($get);
        $waiter = go(fn () => $failed("$what of recv", $c, $c->recv(-1)));
        show($end($c, $waiter), $c->connected);
        $failed('then', $c, $c->recv(0.01), $c->close());
    }
    $c = $client($ports['full'], ['timeout' => 5]);
    $waiter = go(fn () => $failed('cancel of connect', $c, $c->connect()));
    show(Coroutine::cancel($waiter));

    // goaway(): the server hears the code and the words.
    $server = listen(function ($connection) {
        for ($bytes = ''; !str_contains($bytes, 'enough') && $more = $connection->recv(); $bytes .= $more);
        $frame = strpos($bytes, "\0\0\x0e\7\0");
        show('server', unpack('Nlast/Ncode', substr($bytes, $frame + 9)), substr($bytes, $frame + 17));
    });
    $c = $client(port_of($server));
    show('goaway', $c->connect(), $c->goaway(11, 'enough'));
    $failed('end', $c, $c->recv(1));
    $server->close();
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
true 1
read time-out false 110 Connection timed out true
took about 100 ms
read time-out false 110 Connection timed out true
took about 100 ms
no window 3 false 2 110 Connection timed out true
closed false false false false false false 9 Bad file descriptor false
true 1
reset false 104 Connection reset by peer false
after it false false false 9 Bad file descriptor false
again true 1
true 1
cut false 104 Connection reset by peer false
after it false false false 9 Bad file descriptor false
again true 1
true 1
half false 104 Connection reset by peer false
after it false false false 9 Bad file descriptor false
again true 1
true 1
oversize false 6 HTTP/2 protocol error false
after it false false false 9 Bad file descriptor false
again true 1
name false 1014 SSL verify failed false
expired false 1014 SSL verify failed false
cancel of recv false 125 Operation canceled true
true true
then false true 110 Connection timed out false
close of recv false 125 Operation canceled false
false false
then false true 5001 Client no connection false
cancel of connect false 125 Operation canceled false
true
goaway true true
server {"last":0,"code":11} enough
end false 110 Connection timed out true
