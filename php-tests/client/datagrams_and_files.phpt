--TEST--
UDP, unix sockets, sendfile, bind_address
--FILE--
<?php
require __DIR__ . '/../_lib/peer.inc';
use Swoole\Coroutine\Client;
use Swoole\Coroutine\Socket;
use function Swoole\Coroutine\{go, run};
run(function () {
    $udp = new Socket(AF_INET, SOCK_DGRAM);
    $udp->bind('127.0.0.1', 0);
    go(function () use ($udp) {
        for ($i = 0; $i < 2; $i++) {
            $data = $udp->recvfrom($peer);
            $udp->sendto($peer['address'], $peer['port'], strrev($data));
        }
    });
    $client = new Client(SWOOLE_SOCK_UDP);
    $client->connect('127.0.0.1', port_of($udp), 1);
    $client->send('abc');
    show($client->recv(), $client->sendfile(__FILE__), $client->errMsg);
    $client->close();
    $client = new Client(SWOOLE_SOCK_UDP);
    show($client->sendto('127.0.0.1', port_of($udp), 'xyz'), $client->recvfrom(100, $address, $port), $address, $port === port_of($udp));
    $udp->close();

    $path = temp_path('.sock');
    $unix = new Socket(AF_UNIX, SOCK_STREAM);
    $unix->bind($path);
    $unix->listen();
    go(function () use ($unix) { $c = $unix->accept(); $c->sendAll(md5($c->recvAll(strlen(file_get_contents(__FILE__)) * 100 + 10))); $c->close(); });
    $file = temp_path();
    file_put_contents($file, '0123456789' . str_repeat(file_get_contents(__FILE__), 100));
    $client = new Client(SWOOLE_SOCK_UNIX_STREAM);
    show($client->connect($path, 0, 2), $client->sendfile($file), $client->recv() === md5_file($file));
    show($client->sendfile('/no/such/file'), $client->errCode);
    $client->close();

    $server = listen(function ($c) { $c->sendAll((string) $c->getpeername()['port']); $c->close(); });
    $client = new Client(SWOOLE_SOCK_TCP);
    $own = free_port();
    $client->set(['bind_address' => '127.0.0.2', 'bind_port' => $own]);
    $client->connect('127.0.0.1', port_of($server), 1);
    show($client->recv() === (string) $own, $client->getsockname()['address']);
    $server->close();
});
?>
--EXPECT--
cba false dgram socket cannot use sendfile
true zyx 127.0.0.1 true
true true true
false 2
true 127.0.0.2
