--TEST--
TLS against OpenSSL's own server: names, expired and self-signed certificates
--SKIPIF--
<?php exec('openssl version', $out, $code); if ($code) { echo 'skip no openssl'; } ?>
--FILE--
<?php
require __DIR__ . '/../_lib/peer.inc';
use Swoole\Coroutine\Client;
use function Swoole\Coroutine\run;
[$cert, $key] = certificate('good.test');
[$old, $old_key] = certificate('old.test', 0);
$port = tls_server($cert, $key);
$old_port = tls_server($old, $old_key);
run(function () use ($port, $old_port, $cert, $old) {
    $try = function (string $what, int $port, array $settings) {
        $client = new Client(SWOOLE_SOCK_TCP | SWOOLE_SSL);
        $client->set($settings);
        if (!$client->connect('127.0.0.1', $port, 3)) {
            show($what, 'failed', $client->errCode, $client->errMsg);
            return;
        }
        $client->send("abc\n");
        show($what, rtrim($client->recv()), str_starts_with($client->getPeerCert(), '-----BEGIN CERTIFICATE'), $client->verifyPeerCert(), $client->verifyPeerCert(true));
        $client->close();
    };
    $try('unverified', $port, []);
    $try('self-signed', $port, ['ssl_verify_peer' => true]);
    $try('self-signed, allowed', $port, ['ssl_verify_peer' => true, 'ssl_allow_self_signed' => true, 'ssl_host_name' => 'good.test']);
    $try('known', $port, ['ssl_verify_peer' => true, 'ssl_cafile' => $cert, 'ssl_host_name' => 'good.test']);
    $try('other name', $port, ['ssl_verify_peer' => true, 'ssl_cafile' => $cert, 'ssl_host_name' => 'bad.test']);
    $try('expired', $old_port, ['ssl_verify_peer' => true, 'ssl_cafile' => $old, 'ssl_host_name' => 'old.test']);

    $late = new Client(SWOOLE_SOCK_TCP);
    show($late->connect('127.0.0.1', $port, 3), $late->getPeerCert(), $late->enableSSL(), $late->enableSSL());
    $late->send("xyz\n");
    show(rtrim($late->recv()));

    $plain = listen(fn ($c) => $c->sendAll("this is no TLS\r\n"));
    $try('not TLS', port_of($plain), []);
    $plain->close();
});
?>
--EXPECT--
unverified cba true false true
self-signed failed 1014 SSL verify failed
self-signed, allowed cba true false true
known cba true true true
other name failed 1014 SSL verify failed
expired failed 1014 SSL verify failed
true false true false
zyx
not TLS failed 1018 SSL handshake failed
