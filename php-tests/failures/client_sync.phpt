--TEST--
The blocking client and each way in which a connection fails
--FILE--
<?php
require __DIR__ . '/servers.inc';

use Swoole\Client;

$ports = failing('raw');
$client = fn (array $settings = [], int $type = SWOOLE_SOCK_TCP) => tap(new Client($type), fn ($client) => $settings && $client->set($settings));
$failed = fn (string $what, Client $client, mixed ...$results) => show($what, ...$results, ...[$client->errCode, $client->isConnected()]);
$failed('refused', $c = $client(), @$c->connect('127.0.0.1', $ports['refused'], 1));
$failed('unreachable', $c = $client(), @$c->connect(NOWHERE, 9, 1));
$failed('unknown', $c = $client(), @$c->connect('no-such-name.invalid', 9, 2));
took(elapsed(fn () => $failed('connect time-out', $c = $client(), @$c->connect('127.0.0.1', $ports['full'], 0.1))), 100);
took(elapsed(fn () => $failed('handshake time-out', $c = $client([], SWOOLE_SOCK_TCP | SWOOLE_SSL), @$c->connect('127.0.0.1', $ports['silent'], 0.1))), 100);

foreach (['plain' => [], 'framed' => FRAMED] as $what => $settings) {
    $c = $client($settings);
    $c->connect('127.0.0.1', $ports['silent'], 0.1);
    took(elapsed(fn () => $failed("read time-out, $what", $c, @$c->recv())), 100);
}
$big = str_repeat('x', 8 << 20);
took(elapsed(function () use ($c, $failed, $big) {
    $sent = @$c->send($big);
    $failed('write time-out', $c, $sent === false || $sent < strlen($big));
}), 100);
$c->close();
$failed('closed', $c, @$c->send('x'), @$c->recv(), @$c->close(), @$c->getpeername());

foreach (['reset', 'cut', 'half', 'oversize'] as $what) {
    foreach (['framed' => FRAMED, 'plain' => []] as $how => $settings) {
        $c = $client($settings);
        $c->connect('127.0.0.1', $ports[$what], 2);
        $sent = $c->send('go');
        $got = [@$c->recv(), usleep(60_000), @$c->recv(100, $settings ? 0 : Client::MSG_DONTWAIT)];
        unset($got[1]);
        $failed("$what, $how", $c, $sent, array_map(fn ($bytes) => is_string($bytes) && strlen($bytes) > 100 ? 'many' : $bytes, $got));
        show(@$c->send(' on'), $c->close());
    }
}
foreach (['name' => 'good.test', 'expired' => 'old.test'] as $what => $name) {
    $c = $client(['ssl_verify_peer' => true, 'ssl_cafile' => $ports['certificates'][$what === 'expired'], 'ssl_host_name' => $name], SWOOLE_SOCK_TCP | SWOOLE_SSL);
    $failed($what, $c, @$c->connect('127.0.0.1', $ports[$what], 2));
}
$c = $client([], SWOOLE_SOCK_UDP);
$c->connect('127.0.0.1', $ports['refused'], 0.1);
$failed('datagram', $c, $c->send('x'), @$c->recv(), @$c->send(str_repeat('x', 70_000)));
?>
--EXPECT--
refused false 111 false
unreachable false 101 false
unknown false 711 false
connect time-out false 110 false
took about 100 ms
handshake time-out false 110 false
took about 100 ms
read time-out, plain false 11 true
took about 100 ms
read time-out, framed false 11 true
took about 100 ms
write time-out true 11 true
took about 100 ms
closed false false false false 5001 false
reset, framed 2 {"0":false,"2":""} 104 true
false true
reset, plain 2 {"0":"\u0000\u0000\u0000dpart","2":false} 104 true
false true
cut, framed 2 {"0":"","2":""} 0 true
3 true
cut, plain 2 {"0":"\u0000\u0000\u0000dpart","2":""} 0 true
3 true
half, framed 2 {"0":"","2":""} 0 true
3 true
half, plain 2 {"0":"","2":""} 0 true
3 true
oversize, framed 2 {"0":"","2":""} 0 true
3 true
oversize, plain 2 {"0":"many","2":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"} 0 true
3 true
name false 1014 false
expired false 1014 false
datagram 1 false false 90 true
