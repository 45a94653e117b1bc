--TEST--
The blocking client: all of it, kept connections, select
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Client;
$port = free_port();
$server = Child::fork(function ($ready) use ($port) {
    $listen = stream_socket_server("tcp://127.0.0.1:$port");
    $ready();
    $all = [$listen];
    while (true) {
        $read = $all;
        $none = null;
        stream_select($read, $none, $none, null);
        foreach ($read as $stream) {
            if ($stream === $listen) {
                $all[] = stream_socket_accept($listen);
            } elseif (($data = fread($stream, 65536)) === '' || $data === false) {
                unset($all[array_search($stream, $all, true)]);
                fclose($stream);
            } elseif ($data !== "silence\n") {
                fwrite($stream, $data);
            }
        }
    }
});
$server->line();
$client = new Client(SWOOLE_SOCK_TCP);
show($client->connect('127.0.0.1', $port, 1), $client->isConnected(), $client->send('hello'), $client->recv(3), $client->recv());
show($client->getpeername(), $client->getsockname()['host']);
$client->send('peeked');
show($client->recv(65536, Client::MSG_PEEK), $client->recv());
$client->send("silence\n");
took(elapsed(fn () => show(@$client->recv(), $client->errCode === 11)), 1000);
show($client->recv(10, Client::MSG_DONTWAIT) ?? null, $client->errCode === 11);
show(@$client->connect('127.0.0.1', $port), $client->close(), $client->isConnected(), @$client->close());
show(@$client->connect('127.0.0.1', free_port()), $client->errCode);

$client = new Client(SWOOLE_SOCK_TCP);
$client->set(['open_length_check' => true, 'package_length_type' => 'N', 'package_body_offset' => 4]);
$client->connect('127.0.0.1', $port, 1);
$client->send(pack('N', 3) . 'one' . pack('N', 5) . 'three');
show(substr($client->recv(), 4), substr($client->recv(), 4));

for ($i = 0; $i < 3; $i++) {
    $kept = new Client(SWOOLE_SOCK_TCP | SWOOLE_KEEP);
    show($kept->connect('127.0.0.1', $port, 1), $kept->reuse, $kept->reuseCount, $kept->send("k$i"), $kept->recv());
    $sock = $kept->sock;
    $kept->close($i === 1);
}
$clients = [];
foreach (['a', 'b', 'c'] as $name) {
    $clients[$name] = new Client(SWOOLE_SOCK_TCP);
    $clients[$name]->connect('127.0.0.1', $port, 1);
}
$clients['b']->send('to b');
[$read, $write, $error] = [$clients, null, []];
show(swoole_client_select($read, $write, $error, 1), array_keys($read), $read['b']->recv());
$read = $clients;
took(elapsed(fn () => show(swoole_client_select($read, $write, $error, 0.05), $read)), 50);
show($server->stop());
?>
--EXPECTF--
true true 5 hel lo
{"port":%d,"host":"127.0.0.1"} 127.0.0.1
peeked peeked
false true
took about 1000 ms

Warning: Swoole\Client::recv(): recv() failed, Error: Resource temporarily unavailable[11] in %s on line %d
false true
false true false false
false 111
one three
true false 0 2 k0
true true 1 2 k1
true false 0 2 k2
1 ["b"] to b
0 []
took about 50 ms
signal 15
