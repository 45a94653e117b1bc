--TEST--
A connection that turns to TLS midway: nothing of the handshake is taken for text, whoever asks for its end before
--EXTENSIONS--
openssl
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
$key = openssl_pkey_new(['private_key_bits' => 2048]);
$request = openssl_csr_new(['commonName' => 'localhost'], $key);
openssl_x509_export(openssl_csr_sign($request, null, $key, 1), $certificate);
openssl_pkey_export($key, $secret);
file_put_contents($pem = temp_path('.pem'), $certificate . $secret);
run(function () use ($pem) {
    $server = stream_socket_server('tcp://127.0.0.1:0', context: stream_context_create(['ssl' => ['local_cert' => $pem]]));
    go(function () use ($server) {
        $peer = stream_socket_accept($server);
        echo fgets($peer);
        fwrite($peer, "220 go ahead\r\n");
        var_dump(feof($peer));
        // By now the client has sent its first message.
        Coroutine::sleep(0.05);
        var_dump(feof($peer), stream_get_meta_data($peer)['unread_bytes']);
        var_dump(stream_socket_enable_crypto($peer, true, STREAM_CRYPTO_METHOD_TLS_SERVER));
        echo fgets($peer);
        fwrite($peer, "secret answer\n");
        fclose($peer);
    });
    $client = stream_socket_client('tcp://' . stream_socket_get_name($server, false),
        context: stream_context_create(['ssl' => ['verify_peer' => false, 'verify_peer_name' => false]]));
    fwrite($client, "STARTTLS\n");
    echo fgets($client);
    var_dump(stream_socket_enable_crypto($client, true, STREAM_CRYPTO_METHOD_TLS_CLIENT));
    fwrite($client, "secret question\n");
    echo fgets($client);
    var_dump(fgets($client), feof($client));
});
?>
--EXPECT--
STARTTLS
bool(false)
220 go ahead
bool(false)
int(0)
bool(true)
bool(true)
secret question
secret answer
bool(false)
bool(true)
