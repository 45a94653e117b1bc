--TEST--
TLS: the handler runs once hands are shaken; a client without TLS ends only its own connection
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine\Server;
use Swoole\Coroutine\Socket;
use function Swoole\Coroutine\{go, run};
$key = openssl_pkey_new(['private_key_bits' => 2048]);
$cert = openssl_csr_sign(openssl_csr_new(['commonName' => 'test'], $key), null, $key, 2);
openssl_x509_export_to_file($cert, $certFile = temp_path('.crt'));
openssl_pkey_export_to_file($key, $keyFile = temp_path('.key'));
run(function () use ($certFile, $keyFile) {
    $server = new Server('127.0.0.1', 0, true);
    $server->set(['ssl_cert_file' => $certFile, 'ssl_key_file' => $keyFile]);
    $calls = 0;
    $server->handle(function ($connection) use (&$calls) {
        $calls++;
        $connection->send('got ' . $connection->recv());
    });
    go(fn () => show('ended', $server->start()));
    $plain = new Socket(AF_INET, SOCK_STREAM);
    $plain->connect('127.0.0.1', $server->port);
    $plain->send("this is no TLS record\r\n\r\n");
    while (($rest = $plain->recv(timeout: 2)) !== '' && $rest !== false);
    show($calls);
    $client = new Socket(AF_INET, SOCK_STREAM);
    $client->setProtocol(['open_ssl' => true]);
    show($client->connect('127.0.0.1', $server->port), $client->send('hello'), $client->recv(timeout: 2), $calls);
    show($server->shutdown());
});
?>
--EXPECT--
0
true 5 got hello 1
ended true
true
