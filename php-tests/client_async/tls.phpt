--TEST--
The asynchronous client speaks TLS, from the start and later
--FILE--
<?php
require __DIR__ . '/../_lib/peer.inc';
[$cert, $key] = certificate();
$port = tls_server($cert, $key);
foreach ([SWOOLE_SSL, 0] as $flag) {
    $client = new Swoole\Async\Client(SWOOLE_SOCK_TCP | $flag);
    $talk = function ($client) { show('ready'); $client->send("hello\n"); };
    $client->on('connect', fn ($client) => $flag ? $talk($client) : show($client->enableSSL($talk)));
    $client->on('receive', function ($client, $data) { show(rtrim($data)); $client->close(); });
    $client->on('error', fn ($client) => show('error', $client->errCode));
    $client->on('close', fn () => show('closed'));
    $client->connect('127.0.0.1', $port, 2);
    Swoole\Event::wait();
}
?>
--EXPECT--
ready
olleh
closed
true
ready
olleh
closed
