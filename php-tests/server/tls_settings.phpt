--TEST--
TLS of a server: a pass phrase, certificates by name (SNI), protocols, ciphers; what is wrong keeps the server from starting
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
function issue(string $name, ?string $phrase = null): array
{
    $key = openssl_pkey_new(['private_key_bits' => 2048]);
    $cert = openssl_csr_sign(openssl_csr_new(['commonName' => $name], $key), null, $key, 2, ['digest_alg' => 'sha256']);
    openssl_x509_export_to_file($cert, $certFile = temp_path('.crt'));
    openssl_pkey_export_to_file($key, $keyFile = temp_path('.key'), $phrase);
    return [$certFile, $keyFile];
}
[$main, $mainKey] = issue('main', 'open sesame');
[$other, $otherKey] = issue('other');
$talk = function (Served $server, array $more = []) {
    $context = stream_context_create(['ssl' => $more + ['verify_peer' => false, 'verify_peer_name' => false, 'capture_peer_cert' => true]]);
    $socket = @stream_socket_client("ssl://127.0.0.1:$server->port", $code, $text, 5, STREAM_CLIENT_CONNECT, $context);
    if (!$socket) {
        return 'refused';
    }
    stream_set_timeout($socket, 5);
    fwrite($socket, "x\n");
    $crypto = stream_get_meta_data($socket)['crypto'];
    return [openssl_x509_parse(stream_context_get_params($socket)['options']['ssl']['peer_certificate'])['subject']['CN'], $crypto['protocol'], trim((string) fgets($socket))];
};
$echo = fn ($server) => $server->on('Receive', fn ($server, $fd, $reactor, $data) => $server->send($fd, "got $data"));
both_modes(function (int $mode) use ($main, $mainKey, $other, $otherKey, $talk, $echo) {
    $own = ['ssl_cert_file' => $main, 'ssl_key_file' => $mainKey, 'ssl_passphrase' => 'open sesame'];
    $server = Served::start($echo, $own + ['ssl_sni_certs' => ['other.test' => ['ssl_cert_file' => $other, 'ssl_key_file' => $otherKey]]], $mode, SWOOLE_SOCK_TCP | SWOOLE_SSL);
    show($talk($server), $talk($server, ['peer_name' => 'other.test'])[0], $talk($server, ['peer_name' => 'unknown.test'])[0]);
    $server = Served::start($echo, $own + ['ssl_protocols' => SWOOLE_SSL_TLSv1_2, 'ssl_ciphers' => 'ECDHE-RSA-AES256-GCM-SHA384'], $mode, SWOOLE_SOCK_TCP | SWOOLE_SSL);
    show($talk($server)[1], $talk($server, ['crypto_method' => STREAM_CRYPTO_METHOD_TLSv1_3_CLIENT]), $talk($server, ['ciphers' => 'ECDHE-RSA-AES128-GCM-SHA256']), $talk($server, ['ciphers' => 'ECDHE-RSA-AES256-GCM-SHA384'])[2]);
});
foreach ([['ssl_passphrase' => 'wrong'], ['ssl_key_file' => '/no/such/file'], ['ssl_key_file' => $otherKey]] as $settings) {
    $run = run_php('$server = new Swoole\Server("127.0.0.1", ' . free_port() . ', SWOOLE_BASE, SWOOLE_SOCK_TCP | SWOOLE_SSL);'
        . '$server->set(' . var_export($settings + ['ssl_cert_file' => $main, 'ssl_key_file' => $mainKey, 'ssl_passphrase' => 'open sesame'], true) . ');'
        . '$server->on("Receive", fn () => null); $server->start(); echo "started";');
    show($run->exit, str_contains($run->output . $run->errors, 'started'));
}
?>
--EXPECT--
-- base
["main","TLSv1.3","got x"] other main
TLSv1.2 refused refused got x
-- process
["main","TLSv1.3","got x"] other main
TLSv1.2 refused refused got x
255 false
255 false
255 false
