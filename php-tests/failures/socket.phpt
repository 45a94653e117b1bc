--TEST--
Coroutine\Socket and each way in which a connection fails
--FILE--
<?php
require __DIR__ . '/servers.inc';

use Swoole\Coroutine;
use Swoole\Coroutine\Socket;

$ports = failing('raw');
Coroutine\run(function () use ($ports) {
    $socket = fn (array $protocol = []) => tap(new Socket(AF_INET, SOCK_STREAM, 0), fn ($socket) => $protocol && $socket->setProtocol($protocol));
    $failed = fn (string $what, Socket $socket, mixed ...$results) => show($what, ...$results, ...[$socket->errCode, $socket->errMsg]);
    $failed('refused', $s = $socket(), $s->connect('127.0.0.1', $ports['refused'], 1));
    $failed('unreachable', $s = $socket(), $s->connect(NOWHERE, 9, 1));
    $failed('unknown', $s = $socket(), $s->connect('no-such-name.invalid', 9, 2));
    took(elapsed(fn () => $failed('connect time-out', $s = $socket(), $s->connect('127.0.0.1', $ports['full'], 0.1))), 100);
    $failed('not connected', $s = $socket(), $s->recv(10, 0.1), $s->send('x', 0.1));
    $tls = fn (array $settings) => $socket(['open_ssl' => true] + $settings);
    took(elapsed(fn () => $failed('handshake time-out', $s = tap($tls([]), fn ($s) => $s->setOption(SOL_SOCKET, SO_RCVTIMEO, ['sec' => 0, 'usec' => 100_000])), $s->connect('127.0.0.1', $ports['silent'], 0.1), $s->sslHandshake())), 100);

    $s = $socket(FRAMED);
    $s->connect('127.0.0.1', $ports['silent'], 1);
    foreach (['recv' => fn () => $s->recv(10, 0.05), 'recvAll' => fn () => $s->recvAll(10, 0.05), 'recvLine' => fn () => $s->recvLine(10, 0.05),
        'recvWithBuffer' => fn () => $s->recvWithBuffer(10, 0.05), 'recvPacket' => fn () => $s->recvPacket(0.05), 'readVector' => fn () => $s->readVector([5, 5], 0.05),
        'readVectorAll' => fn () => $s->readVectorAll([5, 5], 0.05)] as $what => $read) {
        took(elapsed(fn () => $failed("$what: time-out", $s, $read())), 50);
    }
    $big = str_repeat('x', 8 << 20);
    foreach (['sendAll' => fn () => $s->sendAll($big, 0.05), 'send' => fn () => $s->send($big, 0.05), 'writeVector' => fn () => $s->writeVector([$big, $big], 0.05),
        'writeVectorAll' => fn () => $s->writeVectorAll([$big, $big], 0.05)] as $what => $write) {
        $sent = $write();
        $failed("$what: time-out", $s, $sent === false || $sent < strlen($big));
    }
    $s->close();
    $failed('closed', $s, $s->recv(), $s->send('x'), $s->close());

    foreach (['reset', 'cut', 'half', 'oversize'] as $what) {
        $s = $socket(FRAMED);
        $s->connect('127.0.0.1', $ports[$what], 2);
        $sent = $s->send('go');
        $failed($what, $s, $sent, $s->recvPacket(2));
        if ($what === 'half') {
            show($s->send(' on'), $s->checkLiveness());
        } else {
            $failed('after it', $s, is_string($s->recv(10, 0.1)), $s->checkLiveness(), $s->close());
        }
    }
    foreach (['reset', 'cut'] as $what) {
        foreach (['recvAll' => fn ($s) => $s->recvAll(100, 1), 'recvLine' => fn ($s) => $s->recvLine(100, 1), 'recv' => fn ($s) => [$s->recv(100, 1), $s->recv(100, 1), $s->recv(100, 1)], 'readVectorAll' => fn ($s) => $s->readVectorAll([10, 90], 1)] as $how => $read) {
            $s = $socket();
            $s->connect('127.0.0.1', $ports[$what], 2);
            $s->send('go');
            $got = $read($s);
            $failed("$what in $how", $s, is_string($got) ? strlen($got) : $got);
        }
    }
    foreach (['name' => 'good.test', 'expired' => 'old.test'] as $what => $name) {
        $s = $tls(['ssl_verify_peer' => true, 'ssl_cafile' => $ports['certificates'][$what === 'expired'], 'ssl_host_name' => $name]);
        $failed($what, $s, $s->connect('127.0.0.1', $ports[$what], 2), $s->sslHandshake());
    }
    foreach (['cancel' => fn ($s, $waiter) => Coroutine::cancel($waiter), 'cancel()' => fn ($s, $waiter, $event) => $s->cancel($event), 'close' => fn ($s) => $s->close()] as $what => $end) {
        foreach (['recv' => fn ($s) => $s->recv(10, -1), 'send' => fn ($s) => is_int($s->sendAll($big, -1)) ? 'part' : false] as $how => $wait) {
            $s = $socket();
            $s->connect('127.0.0.1', $ports['silent'], 2);
            $waiter = go(fn () => $failed("$what of $how", $s, $wait($s)));
            show($end($s, $waiter, $how === 'recv' ? SWOOLE_EVENT_READ : SWOOLE_EVENT_WRITE), $s->isClosed());
            $failed('then', $s, $s->recv(10, 0.01), $s->isClosed(), $s->close());
        }
    }
    $s = $socket();
    $waiter = go(fn () => $failed('cancel of connect', $s, $s->connect('127.0.0.1', $ports['full'], 5)));
    show(Coroutine::cancel($waiter));
    $s = $socket();
    show($s->bind('127.0.0.1', $ports['refused']), $s->listen());
    $waiter = go(fn () => $failed('cancel of accept', $s, $s->accept(-1)));
    show(Coroutine::cancel($waiter));
    $waiter = go(fn () => $failed('close of accept', $s, $s->accept(-1)));
    show($s->close());
    $failed('then', $s, $s->accept(0.01));
    $failed('bind twice', $s = $socket(), $s->bind('127.0.0.1', $ports['silent']));

    $datagrams = new Socket(AF_INET, SOCK_DGRAM, 0);
    $datagrams->bind('127.0.0.1');
    $failed('datagram: too large', $datagrams, $datagrams->sendto('127.0.0.1', $ports['refused'], str_repeat('x', 70_000)));
    took(elapsed(fn () => $failed('datagram: time-out', $datagrams, $datagrams->recvfrom($peer, 0.05), $peer)), 50);
    $failed('datagram: no name', $datagrams, $datagrams->sendto('no-such-name.invalid', 9, 'x'));
    $waiter = go(fn () => $failed('datagram: cancel', $datagrams, $datagrams->recvfrom($peer, -1)));
    show(Coroutine::cancel($waiter));
});
?>
--EXPECT--
refused false 111 Connection refused
unreachable false 101 Network is unreachable
unknown false 711 DNS Lookup resolve failed
connect time-out false 110 Connection timed out
took about 100 ms
not connected false false 32 Broken pipe
handshake time-out false false 110 Connection timed out
took about 100 ms
recv: time-out false 110 Connection timed out
took about 50 ms
recvAll: time-out false 110 Connection timed out
took about 50 ms
recvLine: time-out false 110 Connection timed out
took about 50 ms
recvWithBuffer: time-out false 110 Connection timed out
took about 50 ms
recvPacket: time-out false 110 Connection timed out
took about 50 ms
readVector: time-out false 110 Connection timed out
took about 50 ms
readVectorAll: time-out [] 110 Connection timed out
took about 50 ms
sendAll: time-out true 110 Connection timed out
send: time-out true 0 
writeVector: time-out true 110 Connection timed out
writeVectorAll: time-out true 110 Connection timed out
closed false false false 9 Bad file descriptor
reset 2 false 104 Connection reset by peer
after it true false true 104 Connection reset by peer
cut 2  0 
after it true false true 104 Connection reset by peer
half 2  0 
3 false
oversize 2 false 1201 Package length too large
after it true true true 0 
reset in recvAll 8 104 Connection reset by peer
reset in recvLine 8 0 
reset in recv ["\u0000\u0000\u0000dpart",false,""] 0 
reset in readVectorAll ["\u0000\u0000\u0000dpart"] 104 Connection reset by peer
cut in recvAll 8 0 
cut in recvLine 8 0 
cut in recv ["\u0000\u0000\u0000dpart","",""] 0 
cut in readVectorAll ["\u0000\u0000\u0000dpart"] 0 
name false false 1014 SSL verify failed
expired false false 1014 SSL verify failed
cancel of recv false 125 Operation canceled
true false
then false false true 110 Connection timed out
cancel of send part 125 Operation canceled
true false
then false false true 110 Connection timed out
cancel() of recv false 125 Operation canceled
true false
then false false true 110 Connection timed out
cancel() of send part 125 Operation canceled
true false
then false false true 110 Connection timed out
close of recv false 125 Operation canceled
true false
then false false true 10019 Coroutine socket close wait
close of send part 125 Operation canceled
true false
then false false true 10019 Coroutine socket close wait
cancel of connect false 125 Operation canceled
true
true true
cancel of accept false 125 Operation canceled
true
close of accept false 125 Operation canceled
true
then false 10019 Coroutine socket close wait
bind twice false 98 Address already in use
datagram: too large false 90 Message too long
datagram: time-out false null 110 Connection timed out
took about 50 ms
datagram: no name false 711 DNS Lookup resolve failed
datagram: cancel false 125 Operation canceled
true
